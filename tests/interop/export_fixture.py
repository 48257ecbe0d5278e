"""Two gateways that exchanged a little, their exports, and copies of these to be spoilt."""

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import crypto
from export_folder import Folder, Tree, bundles, tile_name
from gateway import Gateway
from ledger import cosign, note_key_id, prove_consistency, read_note, sign_checkpoint
from rogatory.v1 import evidence_pb2, keys_pb2, ledger_pb2, pairing_pb2
from wire import EVIDENCE, NOTICE, STATEMENT, Algorithm, Purpose, Signer, open_envelope, open_offer

BINARY = os.environ["ROGATORY_BINARY"]
# Enough for a full tile, a partial one behind it, and a level above.
PACKETS = 84
REQUEST = """
recipient = "XB"
kind = "technical_assistance"
expires = "30d"
[request]
schema = 1
sender_reference = "XA/1"
language = "en"
[[request.legal_basis]]
instrument = "uncac"
article = "60"
[request.authority]
name = "Office of tests"
[request.technical_assistance]
subtype = "training"
need = "A course."
priority = "low"
beneficiary = { name = "A court" }
"""


class Pair:
    """The gateways XA and XB, stopped, with an export each."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.gateways = {name: Gateway(BINARY, name, folder) for name in ("XA", "XB")}
        offers = {name: gateway.offer() for name, gateway in self.gateways.items()}
        xa, xb = self.gateways["XA"], self.gateways["XB"]
        xa.pair("XB", offers["XB"], xb.fingerprint)
        xb.pair("XA", offers["XA"], xa.fingerprint)
        self._exchange(xa, xb)
        for name, gateway in self.gateways.items():
            gateway.stop()
            gateway.run("ledger", "export", str(gateway.data), "--out", str(folder / "export" / name), config=False)

    def _exchange(self, xa: Gateway, xb: Gateway) -> None:
        request = self.folder / "request.toml"
        request.write_text(REQUEST)
        packets = [xa.run("send", str(request))["packet"] for _ in range(PACKETS - 1)]
        packets.append(xa.run("send", str(request), "--wait", "60")["packet"])
        xb.run("fetch", packets[-1], "--purpose", "execution", "--out", str(self.folder / "fetched"))
        for status in ("registered", "information_needed"):
            xb.run("answer", packets[-1], status, "--text", "A word.")
        self._until(xa, "status_received", 2)
        xa.run("answer", packets[-1], "information_given", "--text", "Here.")
        xb.run("answer", packets[-1], "executed")
        self._until(xa, "status_received", 3)
        self._until(xb, "status_received", 1)
        # A pairing that was suspended for a moment; both are confirmed when the commands end.
        for act in ("suspend", "resume"):
            xa.run("pair", act, "XB")
        # The root of XB changes, and XA's operator confirms it.
        keys, asked, signed = xb.data / "keys", str(self.folder / "asked"), str(self.folder / "signed")
        xb.run("keys", "request", "root", "--out", asked)
        roots = ("--root", str(keys / "root.key"), "--next-root", str(keys / "next-root.key"))
        third = ("--new-next-root", str(keys / "third-root.key"), "--yes", "--out", signed)
        xb.run("keys", "sign", asked, *roots, *third, config=False)
        xb.run("keys", "install", signed)
        root = xb.run("keys", "list")["root"]["id"]
        end = time.monotonic() + 60
        while xa.run("pair", "list")["peers"][0]["pairing"]["root"]["id"] != root:
            assert time.monotonic() < end, "XA has not learnt of XB's root"
            time.sleep(0.2)
        xa.run("pair", "confirm-root", "XB", "--root", root)
        # Openings of texts, beside that of a packet.
        xa.run("status", packets[-1], "--texts", "--purpose", "review")
        # Whether a cosignature is due is looked at every fifteen seconds.
        self._until(xa, "cosignature_received", 1)

    @staticmethod
    def _until(gateway: Gateway, kind: str, count: int, patience: float = 60) -> None:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            told = json.dumps(gateway.run("ledger", "log"))
            if told.count(f'"{kind}"') >= count:
                return
            time.sleep(0.2)
        raise AssertionError(f"{gateway.data}: no {count} entries of the kind {kind}")

    def copy(self, name: str, to: str) -> "Export":
        target = self.folder / "copies" / to
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(self.folder / "export" / name, target)
        return Export(target, self.gateways[name])


# Kinds of entries, and codes of alarms.
ERASED, HELD, RELEASED = 13, 14, 15
FORKED, NOT_EXTENDED, ROLLED_BACK, OWN_LOG, KEYS_FORKED, NOTICES_FORKED = 64, 65, 66, 67, 68, 69


class Export:
    """A copy of an export, with the means to spoil it, and to sign what was spoilt."""

    def __init__(self, path: Path, gateway: Gateway):
        self.path, self.data, self.fingerprint = path, gateway.data, gateway.fingerprint
        self.folder = Folder(path)
        self.note = read_note(self.folder.read("checkpoint"))[0]
        self.entries = []
        for number, first, width in bundles(self.note.size):
            objects = dict(self.folder.objects(number, width))
            for data in self.folder.leaves(number, first, width):
                leaf = ledger_pb2.Leaf.FromString(data)
                self.entries.append((leaf, [objects[bytes(digest)] for digest in leaf.objects]))
        self.leaves = [data for part in bundles(self.note.size) for data in self.folder.leaves(*part)]

    # Files

    def files(self, number: int) -> tuple[str, str, str]:
        """Tile, bundle and objects of this number."""
        name = tile_name(number, min(256, self.note.size - 256 * number))
        return f"tile/0/{name}", f"tile/entries/{name}", f"objects/{name}"

    def change(self, name: str, change) -> None:
        path = self.path / name
        path.write_bytes(change(path.read_bytes()))

    def flip(self, name: str, at: int) -> None:
        def flipped(data: bytes) -> bytes:
            place = at % len(data)
            return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

        self.change(name, flipped)

    def leaf_at(self, index: int) -> int:
        """Where the leaf begins in its bundle."""
        first = index - index % 256
        return sum(2 + len(leaf) for leaf in self.leaves[first:index]) + 2

    # Entries

    def confirmation(self, of: str) -> int:
        """The first confirmation of an entry of this kind."""
        number = ledger_pb2.Leaf.Kind.Value(of)
        kinds = [leaf.kind for leaf, _ in self.entries]
        confirmations = [i for i, kind in enumerate(kinds) if kind == ledger_pb2.Leaf.confirmation]
        return next(i for i in confirmations if kinds[self.entries[i][0].about - 1] == number)

    def find(self, kind: str, nth: int = 0, **fields) -> int:
        """The nth entry of this kind whose fields have these values."""
        number = ledger_pb2.Leaf.Kind.Value(kind)
        found = [
            index
            for index, (leaf, _) in enumerate(self.entries)
            if leaf.kind == number and all(getattr(leaf, name) == value for name, value in fields.items())
        ]
        return found[nth]

    def peers_checkpoint(self, name: str, size: int, root: bytes) -> bytes:
        """A checkpoint of a peer's log, signed by it."""
        peer = Path(self.data).with_name(name.lower())
        (path,) = (peer / "keys").glob("checkpoint-*.key")
        key = crypto.ed25519_key(path.read_bytes())
        note = (self.path / f"../../export/{name}/checkpoint").resolve().read_bytes()
        return sign_checkpoint(read_note(note)[0].origin, (size, root), Signer(b"", key))

    def held(self, name: str, size: int, root: bytes) -> bytes:
        """A checkpoint of this log, signed by it, with the cosignature of a peer."""
        (path,) = (Path(self.data).with_name(name.lower()) / "keys").glob("cosign-*.key")
        note = (self.path / f"../../export/{name}/checkpoint").resolve().read_bytes()
        witness = read_note(note)[0].origin.rpartition("/")[0] + "/witness"
        signer = Signer(b"", crypto.ed25519_key(path.read_bytes()))
        return cosign(self.checkpoint(size, root), witness, signer, int(time.time()))

    def forked_keys(self, name: str) -> tuple[list[bytes], bytes]:
        """A peer's statements, and another in the place of the last one, by its delegate."""
        offer = self.entries[self.find("pairing", peer=name)][1][0]
        chain, _ = open_offer(offer)
        last = keys_pb2.KeyStatement.FromString(open_envelope(STATEMENT, chain.statements[-1]).payload)
        other = keys_pb2.KeyStatement(
            suite=last.suite, authority=name, seq=last.seq, prev=last.prev, made_at=last.made_at
        )
        reason = keys_pb2.Revocation.superseded
        ended = next(key.id for key in chain.keys if key.purpose == Purpose.packet)
        other.revocations.items.add(key_id=ended, reason=reason, since=last.made_at)
        (path,) = (Path(self.data).with_name(name.lower()) / "keys").glob("delegate-*.key")
        signer = Signer(chain.keys[0].id, crypto.ed25519_key(path.read_bytes()))
        return chain.statements, signer.sign(STATEMENT, other.SerializeToString(deterministic=True))

    def other_notice(self, name: str, nth: int, **fields) -> tuple[bytes, bytes]:
        """The nth notice of a peer, and another in its place, by its delegate."""
        known = self.entries[self.find("pairing_notice", nth, peer=name)][1][0]
        other = pairing_pb2.PairingNotice.FromString(open_envelope(NOTICE, known).payload)
        for field, value in fields.items():
            setattr(other, field, value)
        chain, _ = open_offer(self.entries[self.find("pairing", peer=name)][1][0])
        (path,) = (Path(self.data).with_name(name.lower()) / "keys").glob("delegate-*.key")
        signer = Signer(chain.keys[0].id, crypto.ed25519_key(path.read_bytes()))
        return known, signer.sign(NOTICE, other.SerializeToString(deterministic=True))

    def root(self, size: int) -> bytes:
        return crypto.tree_root([crypto.leaf_hash(leaf) for leaf in self.leaves[:size]])

    def own_tree(self, size: int, root: bytes | None = None) -> bytes:
        """What the tree of this log was, or is said to have been, and the proof up to its checkpoint."""
        hashes = [crypto.leaf_hash(leaf) for leaf in self.leaves]
        proof = prove_consistency(hashes, size)
        tree = ledger_pb2.OwnTree(root=root or self.root(size), consistency=proof)
        return tree.SerializeToString(deterministic=True)

    def put(self, index: int, leaf, objects: list[bytes]) -> None:
        """Replaces an entry; the digests of its objects are made to fit."""
        del leaf.objects[:]
        leaf.objects.extend(crypto.sha256(obj) for obj in objects)
        self.entries[index] = (leaf, objects)

    def append(self, kind: int, objects: list[bytes] = (), **fields) -> int:
        """Adds an entry at the end; gives its index."""
        leaf = ledger_pb2.Leaf(version=1, kind=kind, at=self.entries[-1][0].at, **fields)
        self.entries.append((leaf, []))
        self.put(len(self.entries) - 1, leaf, list(objects))
        return len(self.entries) - 1

    def remove(self, *indices: int) -> None:
        """Takes entries out. What is about an entry behind them names its new place."""
        kept = [index for index in range(len(self.entries)) if index not in indices]
        places = {index + 1: place for place, index in enumerate(kept, 1)}
        self.entries = [self.entries[index] for index in kept]
        for leaf, _ in self.entries:
            leaf.about = places.get(leaf.about, leaf.about)

    def insert(self, index: int, kind: int, objects: list[bytes] = (), **fields) -> None:
        """Puts an entry at this place; what is about an entry behind it names its new place."""
        for leaf, _ in self.entries:
            leaf.about += leaf.about > index
        leaf = ledger_pb2.Leaf(version=1, kind=kind, at=self.entries[index][0].at, **fields)
        self.entries.insert(index, (leaf, []))
        self.put(index, leaf, list(objects))

    def seen_between(self, first: int, second: int) -> list[int]:
        """Where peers cosigned this log after one entry and before another."""
        kind = ledger_pb2.Leaf.cosignature_received
        return [index for index in range(first + 1, second) if self.entries[index][0].kind == kind]

    def packet(self, nth: int) -> dict:
        """What leaves about the nth packet say of it: peer, ids, its first entry."""
        index = self.find("evidence_issued", nth)
        leaf, _ = self.entries[index]
        return {"peer": leaf.peer, "id": leaf.id, "case_id": leaf.case_id, "about": index + 1}

    def signer(self, purpose: str) -> Signer:
        """A key of the authority, from its data directory."""
        (path,) = (self.data / "keys").glob(f"{purpose}-*.key")
        key = crypto.ed25519_key(path.read_bytes())
        public = key.public_key().public_bytes_raw()
        return Signer(crypto.key_id(getattr(Purpose, purpose), Algorithm.ed25519, public), key)

    def checkpoint(self, size: int, root: bytes, origin: str | None = None, signer: Signer | None = None) -> bytes:
        return sign_checkpoint(origin or self.note.origin, (size, root), signer or self.signer("checkpoint"))

    def rewrite(self) -> None:
        """Writes the entries as they are now, and signs their tree with the log's own key."""
        entries = [(leaf.SerializeToString(deterministic=True), objects) for leaf, objects in self.entries]
        tree = Tree()
        for leaf, _ in entries:
            tree.append(leaf)
        files = {"vkeys": self.folder.read("vkeys")}
        files |= {f"witnessed/{name}": note for name, note in self.folder.witnessed().items()}
        files |= {path: b"".join(hashes) for path, _, _, hashes in tree.tiles(tree.size)}
        for number, first, width in bundles(tree.size):
            part, name = entries[first : first + width], tile_name(number, width)
            files[f"tile/entries/{name}"] = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf, _ in part)
            distinct = {crypto.sha256(obj): obj for _, objects in part for obj in objects}
            files[f"objects/{name}"] = b"".join(
                digest + len(obj).to_bytes(4, "big") + obj for digest, obj in distinct.items()
            )
        files["checkpoint"] = self.checkpoint(tree.size, tree.root(tree.size))
        shutil.rmtree(self.path)
        for name, data in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(data)

    def evidence(self, index: int, change, signer: Signer | None = None, payload_type: str = EVIDENCE) -> None:
        """Changes the evidence of an entry, and signs it anew."""
        leaf, objects = self.entries[index]
        evidence = evidence_pb2.Evidence.FromString(open_envelope(EVIDENCE, objects[0]).payload)
        change(evidence)
        payload = evidence.SerializeToString(deterministic=True)
        self.put(index, leaf, [(signer or self.signer("evidence")).sign(payload_type, payload), *objects[1:]])


def run(*command: str) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def vkey(name: str, type_: int, signer: Signer) -> str:
    """A verifier key as C2SP signed-note writes it."""
    public = signer.key.public_key().public_bytes_raw()
    encoded = base64.b64encode(bytes([type_]) + public).decode()
    return f"{name}+{note_key_id(name, type_, public).hex()}+{encoded}"
