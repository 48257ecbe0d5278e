"""Cases as a ledger tells them: order of packets, of evidence, and of statuses (docs/PROTOCOL.md)."""

from dataclasses import dataclass, field

from crypto import Refused, sha256
from rogatory.v1 import evidence_pb2, status_pb2

Event, Cause = evidence_pb2.Event, evidence_pb2.Cause
Code = status_pb2.Status
# One outcome of each of these a packet, for ever.
FINAL = (
    Event.relay_acceptance,
    Event.relay_rejection,
    Event.content_consignment,
    Event.content_consignment_failure,
)
REQUESTING = (Code.information_given, Code.consultation, Code.withdrawn, Code.closed)
REQUESTED = (
    Code.registered,
    Code.returned,
    Code.information_needed,
    Code.accepted,
    Code.consultation,
    Code.postponed,
    Code.refused,
    Code.partly_executed,
    Code.executed,
)


@dataclass
class Case:
    """A case with one peer: heads are (count, last digest) by direction, True: ours."""

    opened_by_us: bool
    packets: dict = field(default_factory=lambda: {True: (0, b""), False: (0, b"")})
    statuses: dict = field(default_factory=lambda: {True: (0, b""), False: (0, b"")})
    accepted: list = field(default_factory=list)  # codes of theirs that count
    said: dict = field(default_factory=dict)  # codes of ours that count, by entry
    waiting: set = field(default_factory=set)  # entries of statuses of ours without an answer
    held: bool = False


@dataclass
class Packet:
    """A packet, by what its first entry says."""

    index: int
    case_id: bytes
    digest: bytes
    kind: int
    outcomes: list = field(default_factory=list)  # event, digest of the evidence
    held: bool = False
    erased: bool = False


class Cases:
    def __init__(self):
        self.cases: dict[tuple, Case] = {}
        self.packets: dict[tuple, Packet] = {}

    def packet(self, ours: bool, index: int, peer: str, header, evidence, envelope: bytes) -> int:
        """Evidence of ours about a packet; `header` where it is the first. Gives the packet's kind."""
        about = evidence.subject
        key = (ours, peer, about.id)
        if (header is None) != (key in self.packets):
            raise Refused("the header is missing, or stands in an entry that is not the first about the packet")
        if header is not None:
            case = self.cases.setdefault((peer, header.case_id), Case(ours))
            count, head = case.packets[ours]
            if (header.case_seq, header.case_prev) != (count, head):
                raise Refused("breaks the order of packets")
            case.packets[ours] = (count + 1, about.digest)
            self.packets[key] = Packet(index, header.case_id, about.digest, header.kind)
        self._outcome(key, about.digest, evidence.event, envelope)
        return self.packets[key].kind

    def answered(self, peer: str, about, evidence, envelope: bytes) -> None:
        """Evidence of a peer about a packet of ours."""
        self._outcome((True, peer, about.id), about.digest, evidence.event, envelope)

    def _outcome(self, key: tuple, digest: bytes, event: int, envelope: bytes) -> None:
        packet = self.packets[key]
        outcomes = packet.outcomes
        if packet.digest != digest:
            raise Refused("the id is bound to another packet")
        outcomes.append((event, sha256(envelope)))
        events = [event for event, _ in outcomes]
        first = [Event.submission_acceptance] if key[0] else [Event.relay_acceptance, Event.relay_rejection]
        if events[0] not in first:
            raise Refused("does not begin with its acceptance or rejection")
        for final in FINAL:
            if len({digest for event, digest in outcomes if event == final}) > 1:
                raise Refused(f"two different outcomes {Event.Code.Name(final)}")
        if Event.relay_acceptance in events and Event.relay_rejection in events:
            raise Refused("both accepted and rejected")
        consigned = (Event.content_consignment, Event.content_consignment_failure)
        if all(event in events for event in consigned):
            raise Refused("consigned in two ways")
        if event in consigned and Event.relay_acceptance not in events:
            raise Refused("consigned before it is accepted")
        handed_over = (Event.content_handover, Event.content_handover_failure)
        if event in handed_over and not any(event in events for event in consigned):
            raise Refused("handed over before it is consigned")

    def was_accepted(self, peer: str, id_: bytes) -> bool:
        packet = self.packets.get((True, peer, id_))
        return packet is not None and any(event == Event.relay_acceptance for event, _ in packet.outcomes)

    def digest(self, peer: str, id_: bytes) -> bytes:
        return self.packets[True, peer, id_].digest

    # Erasures and holds

    def _named(self, peer: str, id_: bytes, case_id: bytes, index: int) -> Packet:
        for ours in (True, False):
            packet = self.packets.get((ours, peer, id_))
            if packet and (packet.index, packet.case_id) == (index, case_id):
                return packet
        raise Refused("about an unknown packet")

    def erased(self, peer: str, id_: bytes, case_id: bytes, index: int) -> None:
        """The content of a packet was destroyed."""
        packet = self._named(peer, id_, case_id, index)
        case = self.cases[peer, case_id]
        ended = (Event.submission_rejection, Event.relay_rejection, *FINAL[2:])
        if packet.erased:
            raise Refused("erased already")
        if packet.held or case.held:
            raise Refused("under a legal hold")
        if not any(event in ended for event, _ in packet.outcomes) or case.waiting:
            raise Refused("something of it still waits")
        packet.erased = True

    def hold(self, peer: str, id_: bytes, case_id: bytes, index: int, held: bool) -> None:
        """A legal hold upon a packet, or (without id) upon a case, begins or ends."""
        what = self._named(peer, id_, case_id, index) if id_ else self.cases.get((peer, case_id))
        if what is None:
            raise Refused("about an unknown case")
        if what.held == held:
            raise Refused("holds what is held" if held else "releases what is not held")
        what.held = held

    # Statuses

    def status_answered(self, peer: str, case_id: bytes, index: int, event: int) -> None:
        case = self.cases[peer, case_id]
        # The first answer counts: what was refused was not said.
        if index in case.waiting and event == Event.relay_rejection:
            del case.said[index]
        case.waiting.discard(index)

    def status(self, ours: bool, peer: str, status, digest: bytes, index: int) -> None:
        """A status takes its place in the author's sequence, refused or not."""
        case = self.cases.get((peer, status.case_id))
        if case is None:
            raise Refused("about an unknown case")
        if status.code not in REQUESTING + REQUESTED or (status.ground and status.code != Code.refused):
            raise Refused("code or ground of the status")
        count, head = case.statuses[ours]
        if (status.seq, status.prev) != (count, head):
            raise Refused("breaks the chain of statuses")
        case.statuses[ours] = (count + 1, digest)
        if ours:
            if not may_say(case.opened_by_us, list(case.said.values()), status.code):
                raise Refused("issued a status that may not be said")
            case.said[index] = status.code
            case.waiting.add(index)

    def judged(self, peer: str, status, evidence) -> None:
        """Whether our answer to a peer's status is the one that the rules give."""
        case = self.cases[peer, status.case_id]
        may = may_say(not case.opened_by_us, case.accepted, status.code)
        if evidence.event == Event.relay_acceptance:
            if not may:
                raise Refused("accepted a status that may not be said")
            case.accepted.append(status.code)
        elif may and evidence.cause == Cause.illegal_transition:
            raise Refused("refused a status that may be said")


def may_say(requesting: bool, said: list[int], code: int) -> bool:
    """PROTOCOL.md, "Who may say what"; `said` is the author's own sequence without what was refused."""
    if requesting:
        ended = Code.closed in said or (Code.withdrawn in said and code != Code.closed)
        return code in REQUESTING and not ended
    if code not in REQUESTED or any(end in said for end in (Code.returned, Code.refused, Code.executed)):
        return False
    if not said:
        return code in (Code.registered, Code.returned)
    return code not in (Code.registered,)
