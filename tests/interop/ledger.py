"""The ledger: proofs, checkpoints, acknowledgements; and a small log of one's own."""

import base64
from dataclasses import dataclass

from crypto import Refused, leaf_hash, node_hash, sha256, tree_root, verify_ed25519
from rogatory.v1 import ledger_pb2
from wire import Chain, Purpose, Signer, parse

ED25519, COSIGNATURE_V1 = 1, 4
LONGEST_NOTE = 8192


# Proofs (RFC 9162 §2.1.3.2 and §2.1.4.2, which RFC 6962 leaves to the reader)


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: list[bytes]) -> None:
    if index >= size:
        raise Refused("inclusion")
    place, last, found = index, size - 1, leaf_hash(leaf)
    for sibling in proof:
        if last == 0:
            raise Refused("inclusion")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last or found != root:
        raise Refused("inclusion")


def verify_consistency(old: tuple[int, bytes], new: tuple[int, bytes], proof: list[bytes]) -> None:
    """Trees are (size, root). Every tree extends the empty one, by an empty proof."""
    size, root = old
    if size == 0 or size == new[0]:
        if proof or (size and root != new[1]):
            raise Refused("consistency")
        return
    if size > new[0] or not proof:
        raise Refused("consistency")
    path = list(proof) if size & (size - 1) else [root, *proof]
    place, last = size - 1, new[0] - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for node in path[1:]:
        if last == 0:
            raise Refused("consistency")
        if place & 1 or place == last:
            first, second = node_hash(node, first), node_hash(node, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, node)
        place, last = place >> 1, last >> 1
    if last or (first, second) != (root, new[1]):
        raise Refused("consistency")


def prove_inclusion(hashes: list[bytes], index: int) -> list[bytes]:
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return prove_inclusion(hashes[:split], index) + [tree_root(hashes[split:])]
    return prove_inclusion(hashes[split:], index - split) + [tree_root(hashes[:split])]


def prove_consistency(hashes: list[bytes], size: int, whole: bool = True) -> list[bytes]:
    if size in (0, len(hashes)):
        return [] if whole or not size else [tree_root(hashes)]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if size <= split:
        return prove_consistency(hashes[:split], size, whole) + [tree_root(hashes[split:])]
    return prove_consistency(hashes[split:], size - split, False) + [tree_root(hashes[:split])]


# Checkpoints (C2SP tlog-checkpoint, signed-note, tlog-cosignature)


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    note: bytes

    @property
    def tree(self) -> tuple[int, bytes]:
        return self.size, self.root


def note_key_id(name: str, algorithm: int, public_key: bytes) -> bytes:
    return sha256(name.encode(), b"\n", bytes([algorithm]), public_key)[:4]


def read_note(note: bytes) -> tuple[Checkpoint, bytes, list[tuple[str, bytes]]]:
    """What a note says, its text, and its signature lines. Nothing is verified."""
    text, empty, lines = note.rpartition(b"\n\n")
    text += b"\n"
    try:
        origin, size, root = text.decode().split("\n")[:3]
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), note)
        if len(note) > LONGEST_NOTE or not empty or not lines.endswith(b"\n"):
            raise Refused("note")
        if str(found.size) != size or found.size < 0 or len(found.root) != 32:
            raise Refused("checkpoint")
        signatures = []
        for line in lines.decode().removesuffix("\n").split("\n"):
            dash, name, encoded = line.split(" ")
            if dash != "—":
                raise Refused("signature line")
            signatures.append((name, base64.b64decode(encoded, validate=True)))
        return found, text, signatures
    except ValueError as error:
        raise Refused("checkpoint") from error


def open_checkpoint(note: bytes, chain: Chain, at: int | None = None, held=False, past=False) -> Checkpoint:
    """A checkpoint as an entry holds it; with `at`, as its log gives it at that time (milliseconds).

    `held`: all entries are here, so that a tree which stood before its key was revoked may be compared.
    `past`: whatever became of the key since."""
    checkpoint, text, signatures = read_note(note)
    if checkpoint.origin != chain.origin:
        raise Refused("checkpoint of another log")
    for key in chain.keys:
        revoked = key.revoked_at(max(checkpoint.size - 1, 0) if held else None) and not past
        if key.purpose != Purpose.checkpoint or revoked or not (at is None or key.usable(at)):
            continue
        id_ = note_key_id(checkpoint.origin, ED25519, key.public_key)
        for name, signature in signatures:
            if name == checkpoint.origin and signature[:4] == id_:
                verify_ed25519(key.public_key, text, signature[4:])
                return checkpoint
    raise Refused("checkpoint not signed by its log")


def sign_checkpoint(origin: str, tree: tuple[int, bytes], signer: Signer) -> bytes:
    text = f"{origin}\n{tree[0]}\n{base64.b64encode(tree[1]).decode()}\n".encode()
    public = signer.key.public_key().public_bytes_raw()
    return text + b"\n" + _line(origin, note_key_id(origin, ED25519, public) + signer.key.sign(text))


def _line(name: str, signature: bytes) -> bytes:
    return f"— {name} {base64.b64encode(signature).decode()}\n".encode()


def cosign(note: bytes, witness: str, signer: Signer, seconds: int) -> bytes:
    _, text, _ = read_note(note)
    signature = signer.key.sign(b"cosignature/v1\ntime %d\n" % seconds + text)
    id_ = note_key_id(witness, COSIGNATURE_V1, signer.key.public_key().public_bytes_raw())
    return note + _line(witness, id_ + seconds.to_bytes(8, "big") + signature)


def cosigned_at(note: bytes, chain: Chain) -> int | None:
    """When (in seconds) a cosigning key of the chain cosigned the note."""
    _, text, signatures = read_note(note)
    for key in (key for key in chain.keys if key.purpose == Purpose.cosign and not key.revoked):
        id_ = note_key_id(chain.witness, COSIGNATURE_V1, key.public_key)
        for name, signature in signatures:
            if name == chain.witness and signature[:4] == id_:
                seconds = verify_cosignature(key.public_key, text, signature)
                # A second in which the key began will do.
                if key.usable(max(1000 * seconds, min(key.not_before, 1000 * seconds + 999))):
                    return seconds
    return None


def verify_cosignature(public_key: bytes, text: bytes, signature: bytes) -> int:
    """When it was made, in seconds. `signature` is key id, time and signature."""
    seconds = int.from_bytes(signature[4:12], "big")
    verify_ed25519(public_key, b"cosignature/v1\ntime %d\n" % seconds + text, signature[12:])
    return seconds


# Acknowledgements


def verify_acknowledgement(ack, chain: Chain, known: tuple[int, bytes]) -> tuple[list, Checkpoint]:
    """Leaves with their objects and indices, proved in a tree that extends `known`, and its checkpoint."""
    checkpoint = open_checkpoint(ack.checkpoint, chain)
    if ack.from_size != known[0]:
        raise Refused("from_size")
    verify_consistency(known, checkpoint.tree, list(ack.consistency))
    return verify_entries(ack, checkpoint), checkpoint


def verify_entries(ack, checkpoint: Checkpoint) -> list:
    """Leaves with their objects and indices, proved in the tree of this checkpoint."""
    entries = []
    for entry in ack.entries:
        verify_inclusion(entry.leaf, entry.index, checkpoint.size, checkpoint.root, list(entry.inclusion))
        leaf = parse(ledger_pb2.Leaf, entry.leaf)
        if [sha256(obj) for obj in entry.objects] != list(leaf.objects)[: len(entry.objects)] or not entry.objects:
            raise Refused("objects")
        entries.append((leaf, list(entry.objects), entry.index))
    return entries


class Log:
    """A log in memory: enough for a peer that lives as long as a test."""

    def __init__(self, chain: Chain, signer: Signer):
        self.chain, self.signer, self.entries = chain, signer, []
        for statement in chain.statements:
            self.add(ledger_pb2.Leaf(kind=ledger_pb2.Leaf.key_statement), [statement], 0)

    @property
    def tree(self) -> tuple[int, bytes]:
        return len(self.entries), tree_root(self.hashes)

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(leaf) for leaf, _ in self.entries]

    def add(self, leaf, objects: list[bytes], at: int) -> int:
        leaf.version, leaf.at = 1, at
        leaf.objects.extend(sha256(obj) for obj in objects)
        self.entries.append((leaf.SerializeToString(deterministic=True), objects))
        return len(self.entries) - 1

    def checkpoint(self) -> bytes:
        return sign_checkpoint(self.chain.origin, self.tree, self.signer)

    def acknowledge(self, indices: list[int], known: int):
        hashes = self.hashes
        known = known if known <= len(hashes) else 0
        ack = ledger_pb2.Acknowledgement(checkpoint=self.checkpoint(), from_size=known)
        ack.consistency.extend(prove_consistency(hashes, known))
        for index in indices:
            leaf, objects = self.entries[index]
            ack.entries.add(objects=objects[:1], leaf=leaf, index=index, inclusion=prove_inclusion(hashes, index))
        return ack
