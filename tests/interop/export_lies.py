"""Lies that an authority signs: its log is changed, and its tree signed anew with its own key.

Tiles, bundles and checkpoint agree in each of them, so the Go program finds nothing. Each
function of one argument changes a copy of an export and says which entry gives it away, and by
what.
"""

import crypto
from export_damage import STRANGER, Expect
from export_fixture import ERASED, HELD, RELEASED, Export
from rogatory.v1 import evidence_pb2, keys_pb2, ledger_pb2, packet_pb2, pairing_pb2
from wire import DEFERRAL, NOTICE, PACKET, STATEMENT, open_envelope

Event, Cause, Kind = evidence_pb2.Event, evidence_pb2.Cause, ledger_pb2.Leaf


def change_leaf(e: Export, index: int, **fields) -> None:
    leaf, _ = e.entries[index]
    for name, value in fields.items():
        setattr(leaf, name, value)
    e.rewrite()


def change_object(e: Export, index: int, place: int, change) -> None:
    leaf, objects = e.entries[index]
    e.put(index, leaf, [change(obj) if at == place else obj for at, obj in enumerate(objects)])
    e.rewrite()


def payload_of(message_type, payload_type: str, envelope: bytes):
    return message_type.FromString(open_envelope(payload_type, envelope).payload)


# Leaves


def older_than_the_entry_before(e: Export):
    index = e.find("evidence_received", 20)
    change_leaf(e, index, at=e.entries[index - 1][0].at - 1)
    return Expect("older than the entry before", index)


def of_another_version(e: Export):
    change_leaf(e, 44, version=2)
    return Expect("version of the leaf", 44)


def of_no_kind(e: Export):
    index = e.find("cosigned")
    change_leaf(e, index, kind=0)
    return Expect("has no kind", index)


def with_a_person_in_evidence_for_the_peer(e: Export):
    index = e.find("evidence_issued", 1)
    change_leaf(e, index, actor=b"a person")
    return Expect("names a person", index)


def with_a_person_in_what_a_peer_stated(e: Export):
    index = e.find("status_received")
    change_leaf(e, index, actor=b"a person")
    return Expect("names a person", index)


def with_a_draft_approved_by_who_wrote_it(e: Export):
    index = e.find("evidence_issued", 0)
    change_leaf(e, index, drafter=e.entries[index][0].actor)
    return Expect("written and approved by one person", index)


def with_a_draft_of_a_status(e: Export):
    index = e.find("status_issued")
    change_leaf(e, index, drafter=b"somebody")
    return Expect("who wrote what nobody submitted", index)


def with_a_drafter_of_too_few_bytes(e: Export):
    index = e.find("evidence_issued", 0)
    change_leaf(e, index, drafter=b"short")
    return Expect("drafter", index)


def with_an_id_that_is_none(e: Export):
    index = e.find("status_issued")
    change_leaf(e, index, id=bytes(16))
    return Expect("id", index)


def with_an_object_too_many(e: Export):
    index = e.find("status_issued")
    leaf, objects = e.entries[index]
    e.put(index, leaf, [*objects, b"more"])
    e.rewrite()
    return Expect("wrong number of objects", index)


def with_strangers_that_nobody_counted(e: Export):
    index = e.append(Kind.strangers)
    e.rewrite()
    return Expect("counts nothing", index)


def with_an_opening_by_nobody(e: Export):
    index = e.find("opening")
    change_leaf(e, index, actor=b"")
    return Expect("nobody opened", index)


def with_an_opening_of_something_else(e: Export):
    index = e.find("opening")
    change_leaf(e, index, about=e.find("evidence_issued", 2) + 1)
    return Expect("opens another packet", index)


def counted_as_another_kind(e: Export):
    index = e.find("evidence_issued", 3, code=Event.content_consignment)
    e.entries[index][0].statistics.kind = packet_pb2.Kind.extradition
    e.rewrite()
    return Expect("counted as another kind", index)


# Statements and pairings


def without_a_statement(e: Export):
    index = e.find("key_statement", 3, peer="")
    del e.entries[index]
    e.rewrite()
    return Expect("statement out of place", index)


def with_statements_swapped(e: Export):
    first, second = (e.find("key_statement", nth, peer="") for nth in (2, 3))
    e.entries[first], e.entries[second] = e.entries[second], e.entries[first]
    e.rewrite()
    return Expect("statement out of place", first)


def with_a_statement_zero_of_its_own(e: Export):
    leaf, objects = e.entries[0]
    statement = payload_of(keys_pb2.KeyStatement, STATEMENT, objects[0])
    statement.made_at += 1
    e.put(0, leaf, [STRANGER.sign(STATEMENT, statement.SerializeToString(deterministic=True))])
    e.rewrite()
    return Expect("statement 0 has the fingerprint", 0)


def with_a_key_of_a_strangers(e: Export):
    index = e.find("key_statement", 4, peer="")
    leaf, objects = e.entries[index]
    statement = payload_of(keys_pb2.KeyStatement, STATEMENT, objects[0])
    e.put(index, leaf, [STRANGER.sign(STATEMENT, statement.SerializeToString(deterministic=True))])
    e.rewrite()
    return Expect("neither root nor delegate", index)


def with_a_key_without_possession(e: Export):
    index = e.find("key_statement", 4, peer="")
    leaf, objects = e.entries[index]
    signed = open_envelope(STATEMENT, objects[0])
    statement = keys_pb2.KeyStatement.FromString(signed.payload)
    statement.key.possession = bytes(64)
    delegate = e.signer("delegate")
    assert delegate.id == signed.signatures[0].key_id
    e.put(index, leaf, [delegate.sign(STATEMENT, statement.SerializeToString(deterministic=True))])
    e.rewrite()
    return Expect("Ed25519 signature", index)


def with_a_statement_again_under_another_signature(e: Export):
    index = e.find("key_statement", 2, peer="XB")
    leaf, objects = e.entries[index]
    e.put(index, leaf, [STRANGER.sign(STATEMENT, open_envelope(STATEMENT, objects[0]).payload)])
    e.rewrite()
    return Expect("other signatures than the statement has", index)


def without_the_pairing(e: Export):
    index = e.find("pairing")
    del e.entries[index]
    e.rewrite()
    return Expect("not paired", e.find("key_statement", 0, peer="XB"))


def paired_under_another_name(e: Export):
    index = e.find("pairing")
    change_leaf(e, index, peer="XC")
    return Expect("another peer than the offer's", index)


def _changed_notice(e: Export, number: int, **fields) -> int:
    """A notice that says something else, well signed."""
    index = e.find("pairing_notice", number)
    leaf, objects = e.entries[index]
    notice = payload_of(pairing_pb2.PairingNotice, NOTICE, objects[0])
    for name, value in fields.items():
        setattr(notice, name, value)
    e.put(index, leaf, [e.signer("delegate").sign(NOTICE, notice.SerializeToString(deterministic=True))])
    e.rewrite()
    return index


def with_a_notice_out_of_order(e: Export):
    return Expect("not the next notice", _changed_notice(e, 1, prev=bytes(32)))


def with_another_root_confirmed(e: Export):
    return Expect("not its peer's", _changed_notice(e, 2, root=bytes(32)))


def with_a_notice_under_the_evidence_key(e: Export):
    index = e.find("pairing_notice")
    leaf, objects = e.entries[index]
    e.put(index, leaf, [e.signer("evidence").sign(NOTICE, open_envelope(NOTICE, objects[0]).payload)])
    e.rewrite()
    return Expect("another purpose", index)


def with_a_notice_of_nobody(e: Export):
    index = e.find("pairing_notice")
    change_leaf(e, index, actor=b"")
    return Expect("nobody", index)


# Evidence


def evidence_signed_by_a_stranger(e: Export):
    index = e.find("evidence_issued", 7)
    e.evidence(index, lambda _: None, STRANGER)
    e.rewrite()
    return Expect("key", index)


def evidence_signed_with_a_key_of_another_purpose(e: Export):
    index = e.find("evidence_issued", 7)
    e.evidence(index, lambda _: None, e.signer("packet"))
    e.rewrite()
    return Expect("key", index)


def a_deferral_for_evidence(e: Export):
    index = e.find("evidence_issued", 7)
    e.evidence(index, lambda _: None, payload_type=DEFERRAL)
    e.rewrite()
    return Expect("envelope", index)


def evidence_whose_signature_was_changed(e: Export):
    index = e.find("evidence_received", 7)
    change_object(e, index, 0, lambda envelope: envelope[:-1] + bytes([envelope[-1] ^ 1]))
    return Expect("Ed25519 signature", index)


def evidence_of_another_time(e: Export):
    index = e.find("evidence_issued", 7)
    e.evidence(index, lambda evidence: setattr(evidence, "at", evidence.at + 1))
    e.rewrite()
    return Expect("another time than its evidence", index)


def evidence_about_another_packet(e: Export):
    index = e.find("evidence_issued", 7)
    e.evidence(index, lambda evidence: setattr(evidence.subject, "digest", bytes(32)))
    e.rewrite()
    return Expect("another header than its evidence names", index)


def evidence_with_the_parties_exchanged(e: Export):
    index = e.find("evidence_issued", 7)
    e.evidence(index, lambda evidence: setattr(evidence, "event", Event.relay_acceptance))
    e.entries[index][0].code = Event.relay_acceptance
    e.entries[index][0].actor = b""
    e.rewrite()
    return Expect("parties", index)


def a_code_that_its_evidence_does_not_say(e: Export):
    index = e.find("evidence_received", 9)
    change_leaf(e, index, code=Event.relay_rejection)
    return Expect("another event than its evidence", index)


def a_cause_that_its_evidence_does_not_say(e: Export):
    index = e.find("evidence_received", 9)
    change_leaf(e, index, cause=Cause.expired)
    return Expect("another cause than its evidence", index)


def another_case_than_its_evidence(e: Export):
    index, other = e.find("evidence_issued", 9), e.find("evidence_issued", 10)
    change_leaf(e, index, case_id=e.entries[other][0].case_id)
    return Expect("another id than its evidence", index)


def a_packet_without_its_header(e: Export):
    index = e.find("evidence_issued", 5)
    leaf, objects = e.entries[index]
    e.put(index, leaf, objects[:1])
    e.rewrite()
    return Expect("the header is missing", index)


def a_packet_with_the_header_of_another(e: Export):
    index, other = e.find("evidence_issued", 5), e.find("evidence_issued", 6)
    header = e.entries[other][1][1]
    change_object(e, index, 1, lambda _: header)
    return Expect("another header than its evidence names", index)


def a_packet_out_of_order(e: Export):
    index = e.find("evidence_issued", 5)
    leaf, objects = e.entries[index]
    header = payload_of(packet_pb2.PacketHeader, PACKET, objects[1])
    header.case_seq, header.case_prev = 1, bytes(32)
    payload = header.SerializeToString(deterministic=True)
    e.put(index, leaf, [objects[0], e.signer("packet").sign(PACKET, payload)])
    e.evidence(index, lambda evidence: setattr(evidence.subject, "digest", crypto.sha256(payload)))
    e.rewrite()
    return Expect("breaks the order of packets", index)


def consigned_before_it_is_accepted(e: Export):
    first = e.find("evidence_received", 0)
    (one, objects), (two, others) = e.entries[first], e.entries[first + 1]
    one.at, two.at = two.at, one.at
    e.entries[first], e.entries[first + 1] = (two, others), (one, objects)
    e.rewrite()
    return Expect("consigned before it is accepted", first)


def accepted_and_then_rejected(e: Export):
    index = e.find("evidence_issued", 4, code=Event.relay_acceptance)
    e.evidence(index + 1, lambda evidence: setattr(evidence, "event", Event.relay_rejection))
    e.entries[index + 1][0].code = Event.relay_rejection
    e.rewrite()
    return Expect("both accepted and rejected", index + 1)


def accepted_twice(e: Export):
    index = e.find("evidence_issued", 4, code=Event.relay_acceptance)
    again = Event.relay_acceptance
    e.entries[index + 1][0].at += 1
    for leaf, _ in e.entries[index + 2 :]:
        leaf.at += 1
    e.evidence(index + 1, lambda said: (setattr(said, "event", again), setattr(said, "at", said.at + 1)))
    e.entries[index + 1][0].code = again
    e.rewrite()
    return Expect("two different outcomes relay_acceptance", index + 1)


def begun_with_a_consignment(e: Export):
    index = e.find("evidence_issued", 4, code=Event.relay_acceptance)
    e.evidence(index, lambda evidence: setattr(evidence, "event", Event.content_consignment))
    e.entries[index][0].code = Event.content_consignment
    e.rewrite()
    return Expect("does not begin with its acceptance", index)


def handed_over_before_it_is_consigned(e: Export):
    index = e.find("evidence_issued", 4, code=Event.content_consignment)
    e.evidence(index, lambda evidence: setattr(evidence, "event", Event.content_handover))
    e.entries[index][0].code = Event.content_handover
    e.rewrite()
    return Expect("handed over before it is consigned", index)


def an_answer_to_nothing(e: Export):
    index = e.find("evidence_received", 9)
    change_leaf(e, index, about=0)
    return Expect("answers no entry before it", index)


def an_answer_to_another_packet(e: Export):
    index = e.find("evidence_received", 9)
    other = e.find("evidence_issued", 60)
    assert other > index
    earlier = e.find("evidence_issued", 0)
    change_leaf(e, index, about=earlier + 1)
    return Expect("another id than what it answers", index)


def an_answer_to_what_comes_later(e: Export):
    index = e.find("evidence_received", 9)
    change_leaf(e, index, about=index + 2)
    return Expect("answers no entry before it", index)


# Erasures and holds


def _last(e: Export, why: str, *entries: tuple[int, dict]) -> Expect:
    """Appends these entries; the last of them is the lie."""
    for kind, fields in entries:
        index = e.append(kind, **fields)
    e.rewrite()
    return Expect(why, index)


def erased_twice(e: Export):
    packet = e.packet(3) | {"code": 1}
    return _last(e, "erased already", (ERASED, packet), (ERASED, packet))


def erased_for_no_reason(e: Export):
    return _last(e, "gives no reason", (ERASED, e.packet(3)))


def erased_while_it_was_held(e: Export):
    packet = e.packet(3)
    return _last(e, "under a legal hold", (HELD, packet), (ERASED, packet | {"code": 1}))


def erased_while_its_case_was_held(e: Export):
    packet = e.packet(3)
    case = {"peer": packet["peer"], "case_id": packet["case_id"]}
    return _last(e, "under a legal hold", (HELD, case), (ERASED, packet | {"code": 1}))


def erased_before_it_had_an_outcome(e: Export):
    del e.entries[e.find("cosignature_received") :]
    del e.entries[e.find("evidence_issued", -1) + 1 :]
    return _last(e, "still waits", (ERASED, e.packet(-1) | {"code": 1}))


def erased_while_a_status_waits(e: Export):
    del e.entries[e.find("status_issued") + 1 :]
    return _last(e, "still waits", (ERASED, e.packet(-1) | {"code": 1}))


def a_packet_erased_that_never_was(e: Export):
    return _last(e, "about an unknown packet", (ERASED, e.packet(3) | {"code": 1, "about": 3}))


def held_twice(e: Export):
    return _last(e, "holds what is held", (HELD, e.packet(3)), (HELD, e.packet(3)))


def released_without_a_hold(e: Export):
    return _last(e, "releases what is not held", (RELEASED, e.packet(3)))


# They are about entries that only the recipient's ledger has; all others spoil XA's.
OF_XB = (
    with_a_person_in_evidence_for_the_peer,
    with_an_opening_by_nobody,
    with_an_opening_of_something_else,
    counted_as_another_kind,
    accepted_and_then_rejected,
    accepted_twice,
    begun_with_a_consignment,
    handed_over_before_it_is_consigned,
)
