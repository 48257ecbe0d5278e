"""The life of pairings in an exported ledger: what each side said, in the order of its sequence."""

from crypto import Refused, sha256
from rogatory.v1 import pairing_pb2
from wire import NOTICE, open_envelope, open_notice, parse

Act = pairing_pb2.PairingAct
MOST = 4096


class Side:
    """What one side said of a pairing."""

    def __init__(self):
        self.digests: list[bytes] = []
        self.suspended = self.ended = False

    def says(self, act: int) -> None:
        may = {
            Act.suspend: not self.suspended and not self.ended,
            Act.resume: self.suspended or self.ended,
            Act.end: not self.ended,
            Act.terms: not self.ended,
            Act.root_confirmed: not self.ended,
        }
        if not may.get(act):
            raise Refused("says of the pairing what may not be said now")
        if act == Act.resume:
            self.suspended = self.ended = False
        self.suspended |= act == Act.suspend
        self.ended |= act == Act.end


class Pairings:
    """The sequences of both sides with each peer."""

    def __init__(self):
        self.sides: dict[str, tuple[Side, Side]] = {}  # ours, the peer's
        self.waiting: set[int] = set()  # notices of ours that are not confirmed yet
        self.confirmed: dict[str, int] = {}  # the newest statement of ours that each confirmed

    def begin(self, peer: str) -> None:
        """A pairing under a fingerprint of its own: nothing was said yet."""
        self.sides[peer] = Side(), Side()
        self.confirmed.pop(peer, None)

    def holds(self, peer: str, about: int) -> None:
        """The peer confirmed a statement of ours."""
        if about <= self.confirmed.get(peer, 0):
            raise Refused("confirms a statement that was confirmed before")
        self.confirmed[peer] = about

    def forked(self, peer: str, author, own, known: bytes, other: bytes) -> None:
        """A notice that the peer said, and one of the same number, or after another one, that it signed."""
        known = open_envelope(NOTICE, known).payload
        said, digest = parse(pairing_pb2.PairingNotice, known), sha256(known)
        if self.sides[peer][1].digests[said.seq : said.seq + 1] != [digest]:
            raise Refused("a notice that was not said")
        notice, others = open_notice(author, other)
        about = (notice.peer, notice.peer_fingerprint, notice.author_fingerprint)
        if about != (own.authority, own.fingerprint, said.author_fingerprint):
            raise Refused("about another pairing")
        same_number = notice.seq == said.seq and others != digest
        other_before = notice.seq == said.seq + 1 and notice.prev != digest
        if not (same_number or other_before):
            raise Refused("notices that do not contradict")

    def notice(self, index: int, leaf, envelope: bytes, author, other, ours: bool, place: int | None) -> None:
        notice, digest = open_notice(author, envelope, place)
        if (notice.peer, notice.peer_fingerprint) != (other.authority, other.fingerprint):
            raise Refused("about another pairing")
        if leaf.code != notice.act or ours and notice.made_at != leaf.at:
            raise Refused("another act, or another time, than its notice")
        # A peer may confirm one of before, where ours changed again meanwhile.
        if notice.root and notice.root not in ([other.root_id] if ours else other.root_ids()):
            raise Refused("confirms a root that is not its peer's")
        own, others = self.sides[leaf.peer][:: 1 if ours else -1]
        last = own.digests[-1] if own.digests else b""
        if (notice.seq, notice.prev) != (len(own.digests), last) or notice.seq >= MOST:
            raise Refused("not the next notice of its author")
        seen = others.digests[notice.seen_count - 1 : notice.seen_count] if notice.seen_count else [b""]
        if seen != [notice.seen_digest]:
            raise Refused("has seen what was not said")
        own.says(notice.act)
        own.digests.append(digest)
        if ours:
            self.waiting.add(index)
