"""Ways to spoil the files of an export without any key, and what must be said about each.

Each function of one argument is a way: it spoils a copy of XA's export, which has a full tile
and a partial one.
"""

from dataclasses import dataclass

import crypto
from export_fixture import Export, vkey
from ledger import cosign
from wire import Signer

STRANGER = Signer(b"", crypto.ed25519_key(bytes(32)))


@dataclass
class Expect:
    """What the Python verifier says, the entry that it names, and what the Go program says.

    `go` is None where the fault is in what the Go program does not read: it finds the tree right.
    """

    why: str
    entry: int | None = None
    go: str | None = None


def _entry(index: int, why: str = "its hash is not the one in its tile") -> Expect:
    return Expect(why, index, f"entry {index}:")


# Tiles


def a_byte_of_a_tile(e: Export):
    e.flip(e.files(0)[0], 32 * 5 + 7)
    return _entry(5)


def the_first_byte_of_a_tile(e: Export):
    e.flip(e.files(0)[0], 0)
    return _entry(0)


def the_last_byte_of_a_full_tile(e: Export):
    e.flip(e.files(0)[0], -1)
    return _entry(255)


def a_byte_of_a_partial_tile(e: Export):
    e.flip(e.files(1)[0], -1)
    return _entry(e.note.size - 1)


def a_byte_of_the_level_above(e: Export):
    e.flip("tile/1/000.p/1", 3)
    return Expect("tile/1/000.p/1: hash 0", None, "tile/1/000.p/1: hash 0")


def a_tile_too_short(e: Export):
    e.change(e.files(0)[0], lambda data: data[:-32])
    return Expect("bytes, not 256 hashes", None, "bytes, not 256 hashes")


def a_tile_too_long(e: Export):
    e.change(e.files(1)[0], lambda data: data + bytes(32))
    return Expect("bytes, not", None, "bytes, not")


def a_tile_that_is_not_there(e: Export):
    (e.path / e.files(0)[0]).unlink()
    return Expect("tile/0/000: No such file", None, "tile/0/000: no such file")


def a_level_that_is_not_there(e: Export):
    (e.path / "tile/1/000.p/1").unlink()
    return Expect("tile/1/000.p/1: No such file", None, "tile/1/000.p/1: no such file")


def a_partial_tile_under_another_width(e: Export):
    tile = e.path / e.files(1)[0]
    tile.rename(tile.with_name(str(e.note.size - 256 + 1)))
    return Expect("No such file", None, "no such file")


def hashes_of_another_log_in_a_tile(e: Export):
    other = (e.path / "../../export/XB/tile/0").resolve()
    (foreign,) = other.glob("000.p/*")
    e.change(e.files(0)[0], lambda data: foreign.read_bytes()[:64] + data[64:])
    return _entry(0)


def the_tile_of_another_bundle(e: Export):
    tile, _, _ = e.files(0)
    partial = (e.path / e.files(1)[0]).read_bytes()
    e.change(tile, lambda data: partial + data[len(partial) :])
    return _entry(0)


# Bundles


def _bundle(e: Export, number: int, leaves: list[bytes]) -> None:
    e.change(e.files(number)[1], lambda _: b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves))


def a_byte_of_an_entry(e: Export):
    e.flip(e.files(0)[1], e.leaf_at(17) + 9)
    return _entry(17)


def a_byte_of_the_last_entry(e: Export):
    e.flip(e.files(1)[1], -1)
    return _entry(e.note.size - 1)


def a_length_of_an_entry(e: Export):
    e.flip(e.files(0)[1], e.leaf_at(30) - 1)
    return _entry(30)


def a_length_beyond_the_end(e: Export):
    at = e.leaf_at(e.note.size - 1) - 2
    e.change(e.files(1)[1], lambda data: data[:at] + b"\xff\xff" + data[at + 2 :])
    return _entry(e.note.size - 1, "ends within it")


def entries_swapped(e: Export):
    leaves = e.leaves[:256]
    leaves[40], leaves[41] = leaves[41], leaves[40]
    _bundle(e, 0, leaves)
    return _entry(40)


def an_entry_dropped(e: Export):
    _bundle(e, 0, e.leaves[:99] + e.leaves[100:256])
    return _entry(99)


def an_entry_inserted(e: Export):
    _bundle(e, 0, e.leaves[:60] + e.leaves[59:256])
    return _entry(60)


def an_entry_added_at_the_end(e: Export):
    _bundle(e, 1, e.leaves[256:] + e.leaves[-1:])
    return Expect("bytes after its last entry", None, "bytes after its last entry")


def the_last_entry_cut_off(e: Export):
    _bundle(e, 1, e.leaves[256:-1])
    return _entry(e.note.size - 1, "ends within it")


def a_bundle_cut_within_an_entry(e: Export):
    at = e.leaf_at(200) + 5
    e.change(e.files(0)[1], lambda data: data[:at])
    return _entry(200, "ends within it")


def a_bundle_that_is_not_there(e: Export):
    (e.path / e.files(1)[1]).unlink()
    return Expect("tile/entries/001.p", None, "no such file")


def entries_swapped_in_bundle_and_tile(e: Export):
    tile, _, _ = e.files(1)
    leaves = e.leaves[256:]
    leaves[3], leaves[4] = leaves[4], leaves[3]
    _bundle(e, 1, leaves)
    e.change(tile, lambda data: data[:96] + data[128:160] + data[96:128] + data[160:])
    return Expect("is not the checkpoint's", None, "the checkpoint signs")


def an_entry_changed_in_bundle_and_tile(e: Export):
    tile, bundle, _ = e.files(0)
    e.flip(bundle, e.leaf_at(50) + 9)
    changed = list(e.folder.leaves(0, 0, 256))[50]
    e.change(tile, lambda data: data[: 50 * 32] + crypto.leaf_hash(changed) + data[51 * 32 :])
    return Expect("tile/1/000.p/1: hash 0", None, "tile/1/000.p/1: hash 0")


# Objects


def _objects(e: Export, number: int, objects: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(digest + len(obj).to_bytes(4, "big") + obj for digest, obj in objects)
    e.change(e.files(number)[2], lambda _: data)


def _filed(e: Export, number: int) -> list[tuple[bytes, bytes]]:
    return e.folder.objects(number, min(256, e.note.size - 256 * number))


def _first_with(e: Export, digest: bytes) -> int:
    return next(index for index, (leaf, _) in enumerate(e.entries) if digest in leaf.objects)


def a_byte_of_an_object(e: Export):
    objects = _filed(e, 0)
    digest, obj = objects[70]
    objects[70] = (digest, obj[:-1] + bytes([obj[-1] ^ 1]))
    _objects(e, 0, objects)
    return Expect("is not there, or another", _first_with(e, digest), "object 70 is not the one of its name")


def the_name_of_an_object(e: Export):
    objects = _filed(e, 0)
    digest, obj = objects[90]
    objects[90] = (bytes([digest[0] ^ 1]) + digest[1:], obj)
    _objects(e, 0, objects)
    return Expect("is not there, or another", _first_with(e, digest), "object 90 is not the one of its name")


def an_object_dropped(e: Export):
    objects = _filed(e, 0)
    digest, _ = objects.pop(33)
    _objects(e, 0, objects)
    return Expect("is not there, or another", _first_with(e, digest))


def an_object_that_nobody_names(e: Export):
    _objects(e, 0, [*_filed(e, 0), (crypto.sha256(b"new"), b"new")])
    return Expect("objects of the entries from 0")


def an_object_twice(e: Export):
    objects = _filed(e, 1)
    _objects(e, 1, [*objects, objects[0]])
    return Expect("objects of the entries from 256")


def objects_in_another_order(e: Export):
    objects = _filed(e, 0)
    objects[10], objects[11] = objects[11], objects[10]
    _objects(e, 0, objects)
    return Expect("objects of the entries from 0")


def objects_cut_short(e: Export):
    e.change(e.files(1)[2], lambda data: data[:-1])
    return Expect("ends within object", None, "ends within object")


def objects_that_are_not_there(e: Export):
    (e.path / e.files(0)[2]).unlink()
    return Expect("objects/000: No such file", None, "objects/000: no such file")


# The checkpoint


def _note(e: Export, change) -> None:
    e.change("checkpoint", change)


def a_root_of_nothing(e: Export):
    _note(e, lambda _: e.checkpoint(e.note.size, bytes(32), signer=STRANGER))
    return Expect("is not the checkpoint's", None, "checkpoint:")


def a_byte_of_the_root(e: Export):
    text = e.note.note.split(b"\n")[2]
    other = (b"B" if text[:1] != b"B" else b"C") + text[1:]
    _note(e, lambda data: data.replace(text, other))
    return Expect("is not the checkpoint's", None, "checkpoint:")


def a_size_that_was_not_signed(e: Export):
    tree = e.folder.tree(e.note.size)
    size = str(e.note.size).encode()
    _note(e, lambda data: data.replace(b"\n" + size + b"\n", b"\n256\n"))
    assert tree.root(256) != e.note.root
    return Expect("is not the checkpoint's", None, "checkpoint:")


def a_size_beyond_the_entries(e: Export):
    size = e.note.size
    _note(e, lambda data: data.replace(b"\n%d\n" % size, b"\n%d\n" % (size + 1)))
    return Expect("No such file", None, "checkpoint:")


def a_size_with_a_zero_before_it(e: Export):
    _note(e, lambda data: data.replace(b"\n%d\n" % e.note.size, b"\n0%d\n" % e.note.size))
    return Expect("checkpoint", None, "checkpoint:")


def a_byte_of_the_signature(e: Export):
    def change(data: bytes) -> bytes:
        at = data.rindex(b" ") + 20
        return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]

    _note(e, change)
    return Expect("checkpoint: Ed25519 signature", None, "checkpoint:")


def no_signature(e: Export):
    _note(e, lambda data: data[: data.index(b"\n\n") + 2])
    return Expect("checkpoint", None, "checkpoint:")


def no_newline_at_the_end(e: Export):
    _note(e, lambda data: data[:-1])
    return Expect("note", None, "checkpoint:")


def an_empty_checkpoint(e: Export):
    _note(e, lambda _: b"")
    return Expect("checkpoint", None, "checkpoint:")


def a_checkpoint_that_is_not_there(e: Export):
    (e.path / "checkpoint").unlink()
    return Expect("checkpoint: No such file", None, "checkpoint:")


def a_line_added_to_what_was_signed(e: Export):
    _note(e, lambda data: data.replace(b"\n\n", b"\nmore\n\n", 1))
    return Expect("checkpoint: Ed25519 signature", None, "checkpoint:")


def signed_by_a_key_that_no_statement_proves(e: Export):
    _note(e, lambda _: e.checkpoint(*e.note.tree, signer=STRANGER))
    return Expect("checkpoint not signed by its log", None, "checkpoint:")


def signed_by_a_key_of_another_purpose(e: Export):
    _note(e, lambda _: e.checkpoint(*e.note.tree, signer=e.signer("cosign")))
    return Expect("checkpoint not signed by its log", None, "checkpoint:")


def signed_under_another_origin(e: Export):
    _note(e, lambda _: e.checkpoint(*e.note.tree, origin=e.note.origin[:-1] + "2"))
    return Expect("checkpoint of another log", None, "checkpoint:")


def the_checkpoint_of_another_log(e: Export):
    other = (e.path / "../../export/XB/checkpoint").resolve().read_bytes()
    _note(e, lambda _: other)
    return Expect("No such file", None, "checkpoint:")


def an_older_checkpoint(e: Export):
    size = e.note.size - 1
    _note(e, lambda _: e.checkpoint(size, e.folder.tree(e.note.size).root(size)))
    return Expect(f"001.p/{size - 256}: No such file", None, "no such file")


def a_checkpoint_of_another_tree(e: Export):
    # What a gateway would sign that shows one tree to its peers and another one here.
    _note(e, lambda _: e.checkpoint(e.note.size, e.folder.tree(e.note.size).root(256)))
    return Expect("is not the checkpoint's", None, "the checkpoint signs")


# Verifier keys, and what peers cosigned


def no_verifier_keys(e: Export):
    (e.path / "vkeys").unlink()
    return Expect("vkeys: No such file")


def a_byte_of_a_verifier_key(e: Export):
    e.flip("vkeys", -10)
    return Expect("vkeys: no verifier key")


def verifier_keys_without_the_logs_own(e: Export):
    e.change("vkeys", lambda data: data.split(b"\n", 1)[1])
    return Expect("lacks a checkpoint key of the log")


def a_verifier_key_of_a_peer_that_nothing_proves(e: Export):
    lines = (e.path / "vkeys").read_text().splitlines()
    at = next(at for at, line in enumerate(lines) if "/witness+" in line and line.startswith("rogatory/XB/"))
    lines[at] = vkey(lines[at].split("+")[0], 4, STRANGER)
    e.change("vkeys", lambda _: "".join(line + "\n" for line in lines).encode())
    return Expect("no statement proves the key")


def a_cosignature_that_does_not_verify(e: Export):
    def change(data: bytes) -> bytes:
        at = data.rindex(b" ") + 40
        return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]

    e.change("witnessed/XB", change)
    return Expect("witnessed/XB: Ed25519 signature")


def a_witnessed_checkpoint_without_its_cosignature(e: Export):
    e.change("witnessed/XB", lambda _: e.note.note)
    return Expect("witnessed/XB: no cosignature")


def a_witnessed_checkpoint_of_another_tree(e: Export):
    e.change("witnessed/XB", lambda _: e.checkpoint(200, bytes(32)))
    return Expect("witnessed/XB: checkpoint of another tree")


def a_witnessed_checkpoint_of_entries_to_come(e: Export):
    e.change("witnessed/XB", lambda _: e.checkpoint(e.note.size + 1, bytes(32)))
    return Expect("witnessed/XB: checkpoint of entries to come")


def witnessed_by_nobody_known(e: Export):
    (e.path / "witnessed/XC").write_bytes(e.folder.read("witnessed/XB"))
    return Expect("witnessed/XC: of an authority not paired")


def a_third_partys_cosignature_that_does_not_verify(e: Export):
    name = "witness.example"
    e.change("vkeys", lambda data: data + vkey(name, 4, STRANGER).encode() + b"\n")
    wrong = cosign(e.checkpoint(1, bytes(32)), name, STRANGER, 1)
    e.change("checkpoint", lambda data: data + wrong.splitlines(keepends=True)[-1])
    return Expect("checkpoint: Ed25519 signature")
