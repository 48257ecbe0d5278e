"""Files for a courier: read, written, and what they carry asked and answered."""

import os
from dataclasses import dataclass
from typing import Callable

import crypto
import ledger
import wire
from authority import Authority, Packet, issued
from crypto import Refused
from peer import Event, Inbox, Link, as_sealed, frames
from rogatory.v1 import carry_pb2, peer_pb2
from wire import Chain, now

FIRST_LINE = b"rogatory-carried-v1\n"
PART = (1 << 20) + (64 << 10)
FRAME = PART + (4 << 10)
SHOWN = 64

Frame, Item = carry_pb2.CarriedFrame, carry_pb2.CarriedItem


# Files


def spans(data: bytes) -> list[tuple[int, int]]:
    """Where each frame begins and ends; its length stands before it."""
    if not data.startswith(FIRST_LINE):
        raise Refused("first line")
    found, at = [], len(FIRST_LINE)
    while at < len(data):
        length, at = _varint(data, at)
        if length > FRAME or at + length > len(data):
            raise Refused("length of a frame")
        found.append((at, at + length))
        at += length
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 28, 7):
        if at == len(data):
            raise Refused("cut short")
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Refused("length of a frame")


def joined(frames: list) -> bytes:
    """A file of these frames, each behind its length."""
    return FIRST_LINE + b"".join(_framed(frame.SerializeToString(deterministic=True)) for frame in frames)


def _framed(frame: bytes) -> bytes:
    length, left = b"", len(frame)
    while left > 0x7F:
        length, left = length + bytes([left & 0x7F | 0x80]), left >> 7
    return length + bytes([left]) + frame


def frames_of(data: bytes) -> list:
    return [wire.parse(Frame, data[begin:end]) for begin, end in spans(data)]


def read_file(us: Authority, chain: Chain, data: bytes) -> list:
    """The items of a whole file that the peer made for us. What it shows of its keys is learnt."""
    found = frames_of(data)
    kinds = [frame.WhichOneof("frame") for frame in found]
    shown = kinds.count("statements")
    if not shown or kinds != ["statements"] * shown + ["begin"] + ["part"] * (len(kinds) - shown - 1):
        raise Refused("order of frames")
    for frame in found[:shown]:
        _learn(chain, frame.statements)
    id_, content_key = _open_begin(us, chain, found[shown].begin)
    parts = [frame.part for frame in found[shown + 1 :]]
    items = [_open_part(content_key, id_, number, part) for number, part in enumerate(parts)]
    if [item.WhichOneof("item") for item in items].count("done") != 1 or not items[-1].HasField("done"):
        raise Refused("not whole")
    return items


def _learn(chain: Chain, said) -> None:
    if (said.authority, said.fingerprint) != (chain.authority, chain.fingerprint) or len(said.shown) > SHOWN:
        raise Refused("statements of somebody else")
    for envelope in said.shown:
        chain.append(envelope)


def _open_begin(us: Authority, chain: Chain, begin) -> tuple[bytes, bytes]:
    """Id and content key."""
    header, _ = wire.open_at(chain, wire.CARRIED, begin.header, carry_pb2.CarriedHeader, "created")
    if (header.sender, header.recipient) != (chain.authority, us.name):
        raise Refused("for somebody else")
    return header.carried_id, us.content_key(chain, header, header.carried_id, begin.key_box)


def _open_part(content_key: bytes, id_: bytes, number: int, part):
    if len(part.ciphertext) > PART:
        raise Refused("part too long")
    key = crypto.object_key(content_key, id_, number)
    return wire.parse(Item, crypto.open_object(key, as_sealed(part.sealed), part.ciphertext))


def write_file(us: Authority, to: Chain, items: list) -> bytes:
    """A file with these items and the end behind them. It shows all of our statements."""
    header = carry_pb2.CarriedHeader(
        suite=us.suite, sender=us.name, recipient=to.authority, carried_id=wire.uuid7(), created=now()
    )
    content_key = os.urandom(32)
    key_box = us.box(header, to, header.carried_id, content_key)
    signed = us.evidence.sign(wire.CARRIED, header.SerializeToString(deterministic=True))
    written = [Frame(statements=shown) for shown in _statements(us)]
    written.append(Frame(begin=carry_pb2.CarriedBegin(header=signed, key_box=key_box)))
    written += sealed_parts(content_key, header.carried_id, [*items, Item(done=carry_pb2.CarriedDone())])
    return joined(written)


def sealed_parts(content_key: bytes, id_: bytes, items: list) -> list:
    frames = []
    for number, item in enumerate(items):
        key = crypto.object_key(content_key, id_, number)
        ciphertext, sealed = crypto.seal_object(key, item.SerializeToString(deterministic=True))
        frames.append(Frame(part=carry_pb2.CarriedPart(sealed=vars(sealed), ciphertext=ciphertext)))
    return frames


def _statements(us: Authority) -> list:
    chain = us.chain
    parts = [chain.statements[at : at + SHOWN] for at in range(0, len(chain.statements), SHOWN)]
    named = {"authority": us.name, "fingerprint": chain.fingerprint}
    return [carry_pb2.CarriedStatements(shown=part, **named) for part in parts]


# What they carry


@dataclass
class Asked:
    """Something that waits for an answer of this kind: how it is written, and how the entries of
    its answer are judged, which gives what was said."""

    answer: str
    items: Callable[[], list]
    judged: Callable[[list], list]


class Courier:
    """Exchanges with a peer by files alone."""

    def __init__(self, us: Authority, link: Link):
        self.us, self.link, self.inbox = us, link, Inbox(us, link)
        # By the entry in our log: what waits, and what was said about what waited.
        self.asked: dict[int, Asked] = {}
        self.settled: dict[int, list] = {}
        self.deferred: list = []
        self.answers: list = []
        self.cosigned = 0

    # Asking

    def send(self, packet: Packet) -> int:
        """Submits a packet; gives the entry of the submission."""
        subject = wire.subject(packet.header, packet.digest)
        number = self.inbox.evidence(Event.submission_acceptance, subject, [packet.envelope])

        def items() -> list:
            written = [Item(number=number, frame=frame) for frame in frames(packet, self.link.known[0])]
            return [*written, Item(number=number, end=peer_pb2.DeliverEnd())]

        self.asked[number] = Asked("delivered", items, lambda entries: self._about(subject, entries))
        return number

    def tell_status(self, text=None, **fields) -> int:
        envelope, key_box, ciphertexts = self.us.make_status(self.link.chain, text, **fields)
        number = self.us.log.add(issued(envelope), [envelope], now())
        status, digest = wire.open_status(self.us.chain, envelope)
        subject, chunks = wire.status_subject(status, digest), [peer_pb2.Chunk(data=data) for data in ciphertexts]

        def told() -> dict:
            ack = self.us.log.acknowledge([number], self.link.named)
            return {"status": peer_pb2.ToldStatus(acknowledgement=ack, key_box=key_box, chunks=chunks)}

        return self._tell(number, told, lambda entries: self._about(subject, entries))

    def hand_over(self, packet_id: bytes) -> int:
        """States that an officer fetched a packet of the peer's."""
        header, digest = self.inbox.headers[packet_id]
        number = self.inbox.evidence(Event.content_handover, wire.subject(header, digest), [])
        (envelope,) = self.us.log.entries[number][1]

        def told() -> dict:
            return {"evidence": self.us.log.acknowledge([number], self.link.named)}

        return self._tell(number, told, lambda entries: _logged(envelope, entries))

    def have_confirmed(self) -> int:
        """Asks whether our newest statement is logged."""
        envelope = self.us.chain.statements[-1]
        number = next(n for n, (_, objects) in enumerate(self.us.log.entries) if objects[0] == envelope)
        digest = crypto.sha256(envelope)
        return self._tell(number, lambda: {"statement": digest}, lambda entries: _logged(envelope, entries))

    def _tell(self, number: int, told, judged) -> int:
        def items() -> list:
            request = peer_pb2.TellRequest(known_size=self.link.known[0], **told())
            return [Item(number=number, tell=request)]

        self.asked[number] = Asked("told", items, judged)
        return number

    def _about(self, subject, entries: list) -> list:
        """The evidence that an answer holds."""
        said = [wire.open_evidence(self.link.chain, objects[0], index) for _, objects, index in entries]
        if not said or any(evidence.subject != subject for evidence in said):
            raise Refused("evidence about something else")
        return said

    def out(self) -> bytes:
        """A file with the answers to the peer's last one, and all that waits."""
        items = list(self.answers)
        for number in sorted(self.asked):
            items += self.asked[number].items()
        return write_file(self.us, self.link.chain, [*items, *self._witness()])

    def _witness(self) -> list:
        """A question that links the trees that we saw, and a cosignature of the newest."""
        known, items = self.link.known[0], []
        sizes = sorted({known, *self.link.unlinked} - {0})
        if sizes:
            items.append(Item(consistency=peer_pb2.ConsistencyRequest(from_sizes=sizes)))
        if known > self.cosigned:
            note = ledger.cosign(self.link.note, self.us.chain.witness, self.us.cosign, now() // 1000)
            items.append(Item(tell=peer_pb2.TellRequest(known_size=known, cosigned_checkpoint=note)))
            self.cosigned = known
        return items

    # Answering

    def take(self, data: bytes) -> None:
        """Takes a file of the peer's, if it is whole."""
        items = read_file(self.us, self.link.chain, data)
        self.answers, received = [], []
        for item in items:
            what = item.WhichOneof("item")
            if what == "frame":
                received.append(item)
            elif what == "end":
                self._packet(item.number, received)
                received = []
            elif what == "tell":
                self._told(item.number, item.tell)
            elif what == "consistency":
                sizes = item.consistency.from_sizes
                links = carry_pb2.CarriedLinks(from_sizes=sizes, reply=self.inbox.consistency(sizes))
                self.answers.append(Item(number=item.number, links=links))
            elif what == "links":
                self._links(item.links)
            elif what in ("delivered", "told"):
                self._answered(item.number, what, getattr(item, what))

    def _packet(self, number: int, received: list) -> None:
        if {item.number for item in received} != {number}:
            raise Refused("frames of two packets")
        reply = self.inbox.packet([item.frame for item in received])
        self.answers.append(Item(number=number, delivered=reply))

    def _told(self, number: int, request) -> None:
        reply = self.inbox.told(request)
        # To a cosignature there is nothing to say.
        if reply.WhichOneof("reply"):
            self.answers.append(Item(number=number, told=reply))

    def _answered(self, number: int, kind: str, reply) -> None:
        if number in self.settled:
            return
        asked = self.asked.get(number)
        if asked is None or asked.answer != kind:
            raise Refused("an answer to nothing that was asked")
        self.link.heard(reply)
        if reply.WhichOneof("reply") == "deferral":
            self.deferred.append(wire.open_deferral(self.link.chain, reply.deferral))
            return
        self.settled[number] = asked.judged(self.link.seen(reply.acknowledgement))
        del self.asked[number]

    def _links(self, links) -> None:
        """Trees that are proved to be beginnings of the newest one are linked by that."""
        newest = ledger.open_checkpoint(links.reply.checkpoint, self.link.chain)
        if len(links.from_sizes) != len(links.reply.proofs):
            raise Refused("not one proof for each tree")
        trees = dict([*self.link.unlinked.items(), self.link.known])
        proofs = {size: list(proof.hashes) for size, proof in zip(links.from_sizes, links.reply.proofs)}
        if self.link.known[0] and self.link.known[0] not in proofs:
            return  # of what we knew before: it is asked again
        for size in proofs.keys() & trees.keys():
            ledger.verify_consistency((size, trees[size]), newest.tree, proofs[size])
            self.link.unlinked.pop(size, None)
        if newest.size > self.link.known[0]:
            self.link.known, self.link.note = newest.tree, newest.note


def _logged(envelope: bytes, entries: list) -> list:
    """The leaf that says that this is in the peer's log."""
    ((leaf, objects, _),) = entries
    if objects[0] != envelope:
        raise Refused("an entry about something else")
    return [leaf]
