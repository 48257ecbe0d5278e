"""Exports of two gateways, checked with Go's sumdb packages and with verify_export.py; then spoilt."""

import inspect
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

import export_damage
import export_lies
import export_lies_of_peers
from export_damage import STRANGER, Expect
from export_fixture import (
    BINARY,
    ERASED,
    FORKED,
    HELD,
    KEYS_FORKED,
    NOT_EXTENDED,
    NOTICES_FORKED,
    OWN_LOG,
    RELEASED,
    ROLLED_BACK,
    Export,
    Pair,
    run,
    vkey,
)
from export_folder import Wrong
from gateway import Gateway
from ledger import cosign
from rogatory.v1 import ledger_pb2
from rogatory.v1.pairing_pb2 import PairingAct
from verify_export import verify

# The Go program, or nothing where there is no Go here.
GO = os.environ.get("ROGATORY_EXPORT_GO")
HERE = Path(__file__).parent


def setUpModule():
    global folder, pair
    folder = tempfile.TemporaryDirectory(prefix="rogatory-export-")
    unittest.addModuleCleanup(folder.cleanup)
    pair = Pair(Path(folder.name))


class Case(unittest.TestCase):
    maxDiff = None

    def with_python(self, export: Export, *more: str) -> tuple[int, dict]:
        """The verifier as a command: its exit code and report."""
        command = [sys.executable, str(HERE / "verify_export.py"), str(export.path)]
        code, told = run(*command, "--fingerprint", export.fingerprint.hex(), "--json", *more)
        return code, json.loads(told.splitlines()[0])

    def with_go(self, export: Export) -> tuple[int, str]:
        """The Go program, with the log's own keys from before anything was spoilt."""
        trusted = (Path(folder.name) / "export" / export.data.name.upper() / "vkeys").read_text().splitlines()
        own = [line for line in trusted if line.startswith(export.note.origin + "+")]
        return run(GO, str(export.path), *own)

    def refused(self, export: Export, expected: Expect) -> None:
        with self.assertRaises(Wrong) as caught:
            verify(export.path, export.fingerprint, {})
        self.assertIn(expected.why, str(caught.exception))
        self.assertEqual(caught.exception.entry, expected.entry, str(caught.exception))
        if GO:
            code, told = self.with_go(export)
            self.assertEqual(code, 0 if expected.go is None else 1, told)
            self.assertIn(expected.go or "", told)


class Sound(Case):
    def test_both_exports_are_sound(self):
        for name, peer in (("XA", "XB"), ("XB", "XA")):
            export = pair.copy(name, "sound")
            with self.subTest(name):
                code, report = self.with_python(
                    export, "--peer", f"{peer}={pair.gateways[peer].fingerprint.hex()}", "--strict"
                )
                self.assertEqual(code, 0, report)
                self.assertEqual((report["size"], report["root"]), (export.note.size, export.note.root.hex()))
                self.assertGreater(report["peers"][peer]["cosigned_size"], 100)
                self.assertEqual(report["unknown_kinds"], {})
                told = pair.gateways[name].verify()
                self.assertEqual((told["size"], told["root"]), (report["size"], report["root"]))
                self.assertEqual(told["kinds"], report["kinds"])
                if GO:
                    code, text = self.with_go(export)
                    self.assertEqual(code, 0, text)
                    self.assertIn(f"entries {export.note.size}, ", text)

    def test_both_sides_say_the_same_about_each_other(self):
        gateways = pair.gateways.items()
        reports = {name: verify(pair.copy(name, "same").path, of.fingerprint, {}) for name, of in gateways}
        for name, peer in (("XA", "XB"), ("XB", "XA")):
            self.assertEqual(reports[name]["peers"][peer]["fingerprint"], reports[peer]["fingerprint"])

    def test_another_fingerprint_is_refused(self):
        export = pair.copy("XA", "fingerprint")
        with self.assertRaises(Wrong) as caught:
            verify(export.path, bytes(32), {})
        self.assertEqual(caught.exception.entry, 0)
        with self.assertRaises(Wrong) as caught:
            verify(export.path, export.fingerprint, {"XB": bytes(32)})
        self.assertEqual(caught.exception.entry, export.find("pairing"))
        with self.assertRaises(Wrong):
            verify(export.path, export.fingerprint, {"XC": bytes(32)})

    def test_the_command_says_what_is_wrong(self):
        export = pair.copy("XA", "command")
        expected = export_damage.a_byte_of_an_entry(export)
        code, report = self.with_python(export)
        self.assertEqual((code, report["sound"], report["entry"]), (1, False, expected.entry))
        code, _ = run(sys.executable, str(HERE / "verify_export.py"), str(export.path))
        self.assertEqual(code, 2, "a fingerprint has to be named")

    def test_older_partial_files_are_passed_over(self):
        export = pair.copy("XA", "older")
        for name in export.files(1):
            (export.path / name).with_name("3").write_bytes(b"left over")
        code, _ = self.with_python(export)
        self.assertEqual(code, 0)
        if GO:
            self.assertEqual(self.with_go(export)[0], 0)

    def test_a_third_partys_cosignature_is_told(self):
        export = pair.copy("XA", "third")
        name = "witness.example"
        export.change("vkeys", lambda data: data + vkey(name, 4, STRANGER).encode() + b"\n")
        export.change("checkpoint", lambda data: cosign(data, name, STRANGER, 1_700_000_000))
        self.assertEqual(verify(export.path, export.fingerprint, {})["witnesses"], [name])
        if GO:
            self.assertEqual(self.with_go(export)[0], 0)

    def test_what_is_written_again_is_the_same(self):
        for name in pair.gateways:
            export = pair.copy(name, "again")
            before = files(export)
            export.rewrite()
            self.assertEqual(files(export), before)

    def test_holds_and_erasures(self):
        export = pair.copy("XA", "erased")
        one, other = export.packet(3), export.packet(4)
        case = {"peer": other["peer"], "case_id": other["case_id"]}
        for kind, fields in (
            (HELD, one),
            (HELD, case),
            (RELEASED, one),
            (ERASED, one | {"code": 1}),
            (RELEASED, case),
            (ERASED, other | {"code": 2, "actor": b"a person"}),
        ):
            export.append(kind, **fields)
        export.rewrite()
        report = verify(export.path, export.fingerprint, {})
        self.assertEqual([report["kinds"][kind] for kind in ("erased", "held", "released")], [2, 2, 2])
        self.assertEqual(report["unknown_kinds"], {})

    def test_alarms(self):
        export = pair.copy("XA", "alarms")
        for code, first, second in (
            (FORKED, (9, bytes(32)), (9, bytes([1] * 32))),
            (NOT_EXTENDED, (9, bytes(32)), (10, bytes([1] * 32))),
            (ROLLED_BACK, (10, bytes(32)), (9, bytes([1] * 32))),
        ):
            notes = [export.peers_checkpoint("XB", *tree) for tree in (first, second)]
            export.append(ledger_pb2.Leaf.alarm, notes, peer="XB", code=code)
        # About this log itself: behind its newest checkpoint, beside it, and beyond it.
        size = export.note.size
        for held, more in ((9, [export.own_tree(9)]), (size, [export.own_tree(size)]), (size + 1000, [])):
            objects = [export.held("XB", held, bytes([held % 256] * 32)), export.note.note, *more]
            export.append(ledger_pb2.Leaf.alarm, objects, peer="XB", code=OWN_LOG)
        statements, other = export.forked_keys("XB")
        export.append(ledger_pb2.Leaf.alarm, [statements[-1], other], peer="XB", code=KEYS_FORKED)
        export.rewrite()
        self.assertEqual(verify(export.path, export.fingerprint, {})["alarms"], 7)
        code, told = run(BINARY, "ledger", "verify", str(export.path))
        self.assertEqual(code, 0, told)

    def test_alarms_about_notices(self):
        export = pair.copy("XB", "notices")
        # In the place of the second, and after another first.
        for nth, fields in ((1, {"act": PairingAct.end}), (0, {"act": PairingAct.end})):
            objects = export.other_notice("XA", nth, **fields)
            export.append(ledger_pb2.Leaf.alarm, objects, peer="XA", code=NOTICES_FORKED)
        first, _ = export.other_notice("XA", 0)
        _, second = export.other_notice("XA", 1, prev=bytes(32))
        export.append(ledger_pb2.Leaf.alarm, [first, second], peer="XA", code=NOTICES_FORKED)
        export.rewrite()
        self.assertEqual(verify(export.path, export.fingerprint, {})["alarms"], 3)
        code, told = run(BINARY, "ledger", "verify", str(export.path))
        self.assertEqual(code, 0, told)

    def test_a_witness_that_is_no_peer(self):
        export = pair.copy("XA", "witness")
        name, seconds = "witness.example", 1_700_000_000
        size = len(export.entries)
        note = cosign(export.checkpoint(size, export.note.root), name, STRANGER, seconds)
        export.append(ledger_pb2.Leaf.cosignature_received, [note, vkey(name, 4, STRANGER).encode()])
        export.rewrite()
        report = verify(export.path, export.fingerprint, {})
        self.assertEqual((report["witnesses"], report["not_witnessed"]), ([name], 1))

    def test_kinds_that_are_not_known_are_said(self):
        export = pair.copy("XA", "unknown")
        export.append(99)
        export.rewrite()
        code, report = self.with_python(export)
        self.assertEqual((code, report["unknown_kinds"]), (0, {"99": 1}))
        code, _ = self.with_python(export, "--strict")
        self.assertEqual(code, 1)


class PairedAnew(unittest.TestCase):
    def test_a_name_with_another_fingerprint_begins_anew(self):
        with tempfile.TemporaryDirectory(prefix="rogatory-anew-") as name:
            folder = Path(name)
            (folder / "anew").mkdir()
            made = [Gateway(BINARY, who, where) for who, where in (("XA", folder), ("XB", folder))]
            xa, xb = made
            try:
                xa.pair("XB", xb.offer(), xb.fingerprint)
                xb.pair("XA", xa.offer(), xa.fingerprint)
                xa.run("pair", "suspend", "XB")
                xb.stop()
                made.append(Gateway(BINARY, "XB", folder / "anew"))
                anew = made[-1]
                anew.pair("XA", xa.offer(), xa.fingerprint)
                offer = folder / "anew.offer"
                offer.write_text(anew.offer())
                xa.run("pair", "repair", str(offer), "--fingerprint", anew.fingerprint.hex())
                xa.run("pair", "suspend", "XB")
            finally:
                for gateway in made:
                    gateway.stop()
            out = folder / "export"
            xa.run("ledger", "export", str(xa.data), "--out", str(out), config=False)
            report = verify(out, xa.fingerprint, {"XB": anew.fingerprint})
            self.assertEqual(report["peers"]["XB"]["fingerprint"], anew.fingerprint.hex())
            self.assertEqual(report["kinds"]["pairing"], 2)
            # Of both notices, and of as many statements as there was time for.
            self.assertIn(report["kinds"]["confirmation"], (2, 3, 4))
            with self.assertRaises(Wrong) as caught:
                verify(out, xa.fingerprint, {"XB": xb.fingerprint})
            self.assertIn("fingerprint", str(caught.exception))


class Spoilt(Case):
    """The files are changed without any key."""


class Lies(Case):
    """The authority itself changed its log and signed it anew: only what the entries say gives it away."""


class SeenMeanwhile(Case):
    """A lie about statuses is found as it should be, wherever a peer cosigned the log."""

    def cosigned_behind(self, kind: str, nth: int, name: str) -> Export:
        """A copy whose tree was cosigned right after this entry, and which is sound."""
        export = pair.copy("XA", name)
        index = export.find(kind, nth) + 1
        held = export.held("XB", index, export.root(index))
        export.insert(index, ledger_pb2.Leaf.cosignature_received, [held], peer="XB")
        # Those behind it are of trees that are no more.
        export.remove(*export.seen_between(index, len(export.entries)))
        (export.path / "witnessed" / "XB").unlink()
        export.rewrite()
        verify(export.path, export.fingerprint, {})
        return export

    def test_statuses(self):
        for way in (
            export_lies_of_peers.without_a_status,
            export_lies_of_peers.with_statuses_swapped,
            export_lies_of_peers.a_status_refused_that_may_be_said,
            export_lies_of_peers.a_status_accepted_without_a_registration,
        ):
            for nth in (0, 1):
                with self.subTest(way.__name__, nth=nth):
                    export = self.cosigned_behind("status_received", nth, "meanwhile")
                    self.refused(export, way(export))


def files(export: Export) -> dict:
    paths = (path for path in export.path.rglob("*") if path.is_file() and path.name != "README.md")
    return {str(path.relative_to(export.path)): path.read_bytes() for path in paths}


def _spoil(way, name: str):
    def test(self):
        export = pair.copy(name, way.__name__)
        expected = way(export)
        self.refused(export, expected)

    return test


def _ways(module) -> list:
    functions = (found for found in vars(module).values() if inspect.isfunction(found))
    return [
        found
        for found in functions
        if found.__module__ == module.__name__ and list(inspect.signature(found).parameters) == ["e"]
    ]


for way in _ways(export_damage):
    setattr(Spoilt, f"test_{way.__name__}", _spoil(way, "XA"))
for module in (export_lies, export_lies_of_peers):
    for way in _ways(module):
        setattr(Lies, f"test_{way.__name__}", _spoil(way, "XB" if way in module.OF_XB else "XA"))


if __name__ == "__main__":
    unittest.main()
