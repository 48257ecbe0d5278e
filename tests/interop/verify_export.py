"""Verifies an exported ledger: all that a stranger can know from it and a fingerprint.

    verify_export.py FOLDER --fingerprint HEX [--peer XB=HEX]... [--json] [--strict]

Written from docs/PROTOCOL.md; it needs Python 3.10, the packages cryptography and protobuf, and
the classes that protoc makes from proto/. Nothing in the folder is believed: the fingerprint
proves the keys, and they prove the rest. Without --peer the peers' fingerprints are those
that the ledger's owner confirmed; they are printed, to be compared.

Exit codes: 0 sound; 1 not, and the first bad entry is named; 2 bad usage.
"""

import argparse
import json
import sys
from pathlib import Path

from crypto import Refused, not_verified, sha256, verify_ed25519
from export_entries import Verifier, require
from export_folder import Folder, Wrong, bundles
from ledger import (
    COSIGNATURE_V1,
    ED25519,
    Checkpoint,
    cosigned_at,
    open_checkpoint,
    read_note,
    verify_cosignature,
)
from rogatory.v1 import ledger_pb2
from wire import parse


def third_parties(note: bytes, keys: dict) -> set[str]:
    """Names of the witnesses outside the ledger that cosigned a note."""
    _, text, signatures = read_note(note)
    found = set()
    for name, signature in signatures:
        type_, key = keys.get((name, signature[:4]), (None, b""))
        if type_ == COSIGNATURE_V1:
            verify_cosignature(key, text, signature)
        elif type_ == ED25519:
            verify_ed25519(key, text, signature[4:])
        else:
            continue
        found.add(name)
    return found


def verify(path: Path, fingerprint: bytes, peers: dict[str, bytes]) -> dict:
    """Verifies all of an export; gives a report, or raises `Wrong`."""
    folder = Folder(path)
    try:
        checkpoint, _, _ = read_note(folder.read("checkpoint"))
    except Refused as error:
        raise Wrong(f"checkpoint: {error}") from error
    try:
        tree = folder.tree(checkpoint.size)
        if tree.root(tree.size) != checkpoint.root:
            raise Wrong(f"the root over {tree.size} entries is not the checkpoint's")
        verifier = Verifier(fingerprint, peers, tree)
        for number, first, width in bundles(tree.size):
            _bundle(verifier, folder, number, first, width)
        if not verifier.own:
            raise Wrong("there is no statement 0")
        return _finish(verifier, folder, checkpoint)
    except Refused as error:
        raise Wrong(str(error)) from error


def _bundle(verifier: Verifier, folder: Folder, number: int, first: int, width: int) -> None:
    filed = folder.objects(number, width)
    found, order = dict(filed), {}
    for index, data in enumerate(folder.leaves(number, first, width), first):
        try:
            digests = [bytes(digest) for digest in parse(ledger_pb2.Leaf, data).objects]
            for digest in digests:
                require(sha256(found.get(digest, b"")) == digest, f"its object {digest.hex()} is not there, or another")
            order |= dict.fromkeys(digests)
            verifier.entry(index, data, [found[digest] for digest in digests])
        except Refused as error:
            raise Wrong(str(error), index) from error
    if [digest for digest, _ in filed] != list(order):
        raise Wrong(f"objects of the entries from {first}: not each once, in the order of the entries")


def _finish(verifier: Verifier, folder: Folder, checkpoint: Checkpoint) -> dict:
    try:
        open_checkpoint(checkpoint.note, verifier.own, held=True)
        verifier.counts["signatures"] += 1
        strangers = verifier.verifier_keys(folder.vkeys())
        witnesses = third_parties(checkpoint.note, strangers)
    except Refused as error:
        raise Wrong(f"checkpoint: {error}") from error
    for name, note in folder.witnessed().items():
        try:
            require(name in verifier.peers, "of an authority not paired")
            if note not in verifier.cosignatures:
                verifier.witnessed(verifier.peers[name], note, verifier.tree.size, held=True)
            require(cosigned_at(note, verifier.peers[name]) is not None, "no cosignature of the peer")
            witnesses |= third_parties(note, strangers)
        except Refused as error:
            raise Wrong(f"witnessed/{name}: {error}") from error
    for name, wanted in verifier.expected.items():
        if name not in verifier.peers:
            raise Wrong(f"{name} is not paired in this ledger")
        if (found := verifier.peers[name].fingerprint) != wanted:
            raise Wrong(f"pairing: fingerprint {found.hex()}", verifier.paired[name])
    seen = max((size for size, _ in verifier.cosigned.values()), default=0)
    return {
        "sound": True,
        "authority": verifier.own.authority,
        "fingerprint": verifier.own.fingerprint.hex(),
        "log": verifier.own.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "statements": len(verifier.own.links),
        "peers": {
            name: {
                "fingerprint": chain.fingerprint.hex(),
                "statements": len(chain.links),
                "cosigned_size": verifier.cosigned.get(name, (0, 0))[0],
                "cosigned_at": verifier.cosigned.get(name, (0, 0))[1],
            }
            for name, chain in sorted(verifier.peers.items())
        },
        "witnesses": sorted(witnesses | verifier.outsiders),
        "not_witnessed": checkpoint.size - seen,
        "kinds": dict(sorted(verifier.kinds.items())),
        "unknown_kinds": dict(verifier.unknown),
        "signatures": verifier.counts["signatures"],
        "not_verified": sum(not_verified.values()),
        "receipts": verifier.counts["receipts"],
        "objects": verifier.counts["objects"],
        "alarms": verifier.kinds["alarm"],
    }


def _print(report: dict) -> None:
    print(f"{report['log']}: {report['size']} entries, root {report['root']}")
    print(f"fingerprint {report['fingerprint']}, {report['statements']} statements")
    for name, peer in report["peers"].items():
        print(f"peer {name}: fingerprint {peer['fingerprint']}, cosigned {peer['cosigned_size']} entries")
    for name in report["witnesses"]:
        print(f"witness {name}")
    print(", ".join(f"{name} {count}" for name, count in report["kinds"].items()))
    print("signatures {signatures}, receipts {receipts}, objects {objects}".format(**report))
    print(f"the last {report['not_witnessed']} entries were seen by no peer yet")
    if report["alarms"]:
        print(f"ALARMS: {report['alarms']}: somebody contradicted himself; read those entries")
    for name, count in report["unknown_kinds"].items():
        print(f"note: {count} entries of the kind {name}, which this verifier does not know")
    if report["not_verified"]:
        print(f"note: {report['not_verified']} ML-DSA signatures are there and were NOT verified: the package")
        print("cryptography here has no ML-DSA. The Ed25519 signatures beside them were.")
    print("sound")


def _hex32(text: str) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != 32:
        raise argparse.ArgumentTypeError("a fingerprint is 64 hex digits")
    return value


def _named(text: str) -> tuple[str, bytes]:
    name, _, value = text.partition("=")
    return name, _hex32(value)


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies an exported ledger.")
    parser.add_argument("folder", type=Path, help="what `rogatory ledger export` wrote")
    parser.add_argument("--fingerprint", type=_hex32, required=True, help="of the authority, in hex")
    parser.add_argument("--peer", type=_named, action="append", default=[], metavar="XB=HEX", help="of a peer")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument("--strict", action="store_true", help="fail on kinds of entries that are not known here")
    given = parser.parse_args()
    try:
        report = verify(given.folder, given.fingerprint, dict(given.peer))
    except Wrong as error:
        if given.json:
            print(json.dumps({"sound": False, "entry": error.entry, "why": str(error)}))
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(report)) if given.json else _print(report)
    return int(given.strict and bool(report["unknown_kinds"]))


if __name__ == "__main__":
    sys.exit(main())
