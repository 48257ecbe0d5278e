"""Lies as in export_lies.py: about what peers sent, said and saw."""

from export_damage import STRANGER, Expect
from export_fixture import FORKED, KEYS_FORKED, NOT_EXTENDED, NOTICES_FORKED, OWN_LOG, ROLLED_BACK, Export, vkey
from export_lies import change_leaf, change_object, payload_of
from ledger import cosign, read_note
from rogatory.v1 import evidence_pb2, ledger_pb2, status_pb2
from wire import NOTICE, STATUS, open_envelope

Event, Cause, Kind = evidence_pb2.Event, evidence_pb2.Cause, ledger_pb2.Leaf


def change_receipt(e: Export, index: int, place: int, change) -> None:
    def changed(obj: bytes) -> bytes:
        receipt = ledger_pb2.AckEntry.FromString(obj)
        change(receipt)
        return receipt.SerializeToString(deterministic=True)

    change_object(e, index, place, changed)


# Receipts and peers' checkpoints


def a_receipt_of_something_else(e: Export):
    index, other = e.find("evidence_received", 20), e.find("evidence_received", 21)
    e.entries[index] = (e.entries[index][0], list(e.entries[index][1]))
    leaf, objects = e.entries[index]
    e.put(index, leaf, [objects[0], *e.entries[other][1][1:]])
    leaf.witnessed.CopyFrom(e.entries[other][0].witnessed)
    e.rewrite()
    return Expect("receipt of something else", index)


def a_receipt_whose_proof_was_changed(e: Export):
    index = e.find("evidence_received", 20)
    change_receipt(e, index, 1, lambda receipt: receipt.inclusion.__setitem__(0, bytes(32)))
    return Expect("inclusion", index)


def a_receipt_at_another_index(e: Export):
    index = e.find("evidence_received", 20)
    change_receipt(e, index, 1, lambda receipt: setattr(receipt, "index", receipt.index + 1))
    return Expect("inclusion", index)


def a_receipt_whose_leaf_was_changed(e: Export):
    index = e.find("status_received")
    change_receipt(e, index, 2, lambda receipt: setattr(receipt, "leaf", receipt.leaf + b"\x60\x01"))
    return Expect("inclusion", index)


def a_receipt_that_is_none(e: Export):
    index = e.find("evidence_received", 20)
    change_object(e, index, 1, lambda _: b"\xff\xff")
    return Expect("AckEntry", index)


def a_peers_checkpoint_that_it_did_not_sign(e: Export):
    index = e.find("evidence_received", 20)
    change_object(e, index, 2, lambda note: note.replace(b"\n\n", b"\nmore\n\n", 1))
    return Expect("Ed25519 signature", index)


def our_own_checkpoint_for_the_peers(e: Export):
    index = e.find("evidence_received", 20)
    change_object(e, index, 2, lambda _: e.note.note)
    return Expect("checkpoint of another log", index)


def another_tree_than_the_peer_signed(e: Export):
    index = e.find("evidence_received", 20)
    e.entries[index][0].witnessed.root = bytes(32)
    e.rewrite()
    return Expect("another tree than the checkpoint's", index)


def confirmed_by_the_receipt_of_something_else(e: Export):
    index, other = e.confirmation("evidence_issued"), e.find("evidence_issued", 2)
    about = e.entries[other][0]
    change_leaf(e, index, about=other + 1, id=about.id, case_id=about.case_id)
    return Expect("receipt of something else", index)


def a_confirmation_of_another_packet(e: Export):
    index = e.confirmation("evidence_issued")
    change_leaf(e, index, about=e.find("evidence_issued", 2) + 1)
    return Expect("another id than what it answers", index)


def confirmed_twice(e: Export):
    leaf, objects = e.entries[e.confirmation("evidence_issued")]
    fields = {name: getattr(leaf, name) for name in ("peer", "id", "case_id", "about")}
    index = e.append(Kind.confirmation, objects, **fields)
    e.rewrite()
    return Expect("waits for no confirmation", index)


def a_confirmation_of_another_statement(e: Export):
    index = e.confirmation("key_statement")
    change_leaf(e, index, about=e.entries[index][0].about - 1)
    return Expect("receipt of something else", index)


def a_confirmation_of_a_statement_of_the_peer(e: Export):
    index = e.confirmation("key_statement")
    change_leaf(e, index, about=e.find("key_statement", peer=e.entries[index][0].peer) + 1)
    return Expect("receipt of another kind", index)


def a_statement_confirmed_twice(e: Export):
    leaf, objects = e.entries[e.confirmation("key_statement")]
    index = e.append(Kind.confirmation, objects, peer=leaf.peer, about=leaf.about)
    e.rewrite()
    return Expect("confirmed before", index)


# Statuses. A peer that cosigned the log between two of them would give the lie away before the
# second does, so what it saw is left out.


def without_a_status(e: Export):
    first, second = e.find("status_received", 0), e.find("status_received", 1)
    e.remove(first, *e.seen_between(first, second))
    e.rewrite()
    return Expect("breaks the chain of statuses", e.find("status_received", 0))


def with_statuses_swapped(e: Export):
    first, second = e.find("status_received", 0), e.find("status_received", 1)
    (one, objects), (two, others) = e.entries[first], e.entries[second]
    # Times stand in the evidence too, so it is signed anew.
    two.at = one.at
    e.entries[first], e.entries[second] = (two, others), (one, objects)
    e.evidence(first, lambda evidence: setattr(evidence, "at", one.at))
    e.rewrite()
    return Expect("breaks the chain of statuses", first)


def a_status_about_an_unknown_case(e: Export):
    index = e.find("status_issued")
    leaf, objects = e.entries[index]
    status = payload_of(status_pb2.Status, STATUS, objects[0])
    status.case_id = status.status_id
    leaf.case_id = status.status_id
    e.put(index, leaf, [e.signer("evidence").sign(STATUS, status.SerializeToString(deterministic=True))])
    e.rewrite()
    return Expect("about an unknown case", index)


def a_status_that_may_not_be_said(e: Export):
    index = e.find("status_issued")
    leaf, objects = e.entries[index]
    status = payload_of(status_pb2.Status, STATUS, objects[0])
    # The word of the side that is asked.
    leaf.code = status.code = status_pb2.Status.executed
    e.put(index, leaf, [e.signer("evidence").sign(STATUS, status.SerializeToString(deterministic=True))])
    e.rewrite()
    return Expect("issued a status that may not be said", index)


def a_status_signed_by_a_stranger(e: Export):
    index = e.find("status_issued")
    leaf, objects = e.entries[index]
    payload = open_envelope(STATUS, objects[0]).payload
    e.put(index, leaf, [STRANGER.sign(STATUS, payload)])
    e.rewrite()
    return Expect("key", index)


def a_status_of_another_code(e: Export):
    index = e.find("status_received", 2)
    change_leaf(e, index, code=status_pb2.Status.refused)
    return Expect("status", index)


def a_status_refused_that_may_be_said(e: Export):
    index = e.find("status_received", 0)

    def change(evidence) -> None:
        evidence.event, evidence.cause = Event.relay_rejection, Cause.illegal_transition

    e.evidence(index, change)
    e.entries[index][0].cause = Cause.illegal_transition
    e.rewrite()
    return Expect("refused a status that may be said", index)


def a_status_accepted_without_a_registration(e: Export):
    index, second = e.find("status_received", 0), e.find("status_received", 1)

    def change(evidence) -> None:
        evidence.event, evidence.cause = Event.relay_rejection, Cause.object_invalid

    # The first is refused for another reason, so it does not count, and the second may not be said.
    e.evidence(index, change)
    e.entries[index][0].cause = Cause.object_invalid
    e.remove(*e.seen_between(index, second))
    e.rewrite()
    return Expect("accepted a status that may not be said", e.find("status_received", 1))


# Cosignatures


def a_cosignature_that_is_not_there(e: Export):
    index = e.find("cosignature_received")
    change_object(e, index, 0, lambda note: note[: note.index("— rogatory/XB".encode())])
    return Expect("no cosignature of the peer", index)


def a_cosigned_checkpoint_of_another_tree(e: Export):
    index = e.find("cosignature_received")
    change_object(e, index, 0, lambda _: e.checkpoint(index, bytes(32)))
    return Expect("checkpoint of another tree", index)


def a_cosigned_checkpoint_of_entries_to_come(e: Export):
    index = e.find("cosignature_received")
    change_object(e, index, 0, lambda _: e.checkpoint(index + 1, bytes(32)))
    return Expect("checkpoint of entries to come", index)


def cosigned_by_a_stranger(e: Export):
    index = e.find("cosigned")

    def change(note: bytes) -> bytes:
        witness = next(line.split(" ")[1] for line in note.decode().splitlines() if "/witness " in line)
        return cosign(note[: note.index(f"— {witness}".encode())], witness, STRANGER, 1_700_000_000)

    change_object(e, index, 0, change)
    return Expect("no cosignature of ours", index)


def history_rewritten_behind_a_cosignature(e: Export):
    index = e.find("evidence_issued", 9)
    sees = next(at for at in e.seen_between(index, len(e.entries)) if read_note(e.entries[at][1][0])[0].size > index)
    change_leaf(e, index, actor=b"somebody")
    return Expect("checkpoint of another tree", sees)


def cosigned_by_a_witness_under_another_key(e: Export):
    name = "witness.example"
    note = cosign(e.note.note, name, e.signer("cosign"), 1_700_000_000)
    index = e.append(Kind.cosignature_received, [note, vkey(name, 4, STRANGER).encode()])
    e.rewrite()
    return Expect("no cosignature of the witness", index)


# Alarms


def _alarm(e: Export, code: int, first: tuple[int, bytes], second: tuple[int, bytes], name: str = "XB") -> Expect:
    notes = [e.peers_checkpoint(name, *tree) for tree in (first, second)]
    index = e.append(Kind.alarm, notes, peer="XB", code=code)
    e.rewrite()
    return Expect("checkpoints that do not contradict", index)


def an_alarm_about_one_tree(e: Export):
    return _alarm(e, FORKED, (9, bytes(32)), (9, bytes(32)))


def an_alarm_about_two_sizes(e: Export):
    return _alarm(e, FORKED, (9, bytes(32)), (10, bytes([1] * 32)))


def an_alarm_about_an_extension_backwards(e: Export):
    return _alarm(e, NOT_EXTENDED, (10, bytes(32)), (9, bytes([1] * 32)))


def an_alarm_about_a_log_that_grew(e: Export):
    return _alarm(e, ROLLED_BACK, (9, bytes(32)), (10, bytes([1] * 32)))


def an_alarm_that_the_peer_did_not_sign(e: Export):
    expected = _alarm(e, FORKED, (9, bytes(32)), (9, bytes([1] * 32)), name="XA")
    return Expect("checkpoint of another log", expected.entry)


def _own_alarm(e: Export, why: str, *objects: bytes) -> Expect:
    index = e.append(Kind.alarm, objects, peer="XB", code=OWN_LOG)
    e.rewrite()
    return Expect(why, index)


def an_alarm_about_a_tree_that_the_log_was(e: Export):
    held = e.held("XB", e.note.size, e.note.root)
    return _own_alarm(e, "does not contradict", held, e.note.note, e.own_tree(e.note.size))


def an_alarm_about_a_tree_that_another_is_said_to_have_been(e: Export):
    held = e.held("XB", 9, e.root(9))
    return _own_alarm(e, "consistency", held, e.note.note, e.own_tree(9, bytes(32)))


def an_alarm_about_what_no_peer_holds(e: Export):
    return _own_alarm(e, "no cosignature of the peer", e.checkpoint(9, bytes(32)), e.note.note, e.own_tree(9))


def an_alarm_that_does_not_say_what_the_log_was(e: Export):
    return _own_alarm(e, "wrong number of objects", e.held("XB", 9, bytes(32)), e.note.note)


def an_alarm_against_a_checkpoint_of_another_tree(e: Export):
    ours = e.checkpoint(e.note.size, bytes([1] * 32))
    return _own_alarm(e, "checkpoint of another tree", e.held("XB", 1000, bytes(32)), ours)


def an_alarm_about_a_tree_that_came_later(e: Export):
    """Beyond the checkpoint beside it, and yet a tree of this log."""
    size = 20
    held = e.held("XB", e.note.size, e.note.root)
    return _own_alarm(e, "does not contradict", held, e.checkpoint(size, e.root(size)))


def _forked_keys(e: Export, *objects: bytes) -> Expect:
    index = e.append(Kind.alarm, objects, peer="XB", code=KEYS_FORKED)
    e.rewrite()
    return Expect("statements that do not contradict", index)


def an_alarm_about_keys_that_agree(e: Export):
    statements, _ = e.forked_keys("XB")
    return _forked_keys(e, *statements[-2:])


def an_alarm_about_a_fork_elsewhere(e: Export):
    statements, other = e.forked_keys("XB")
    return _forked_keys(e, statements[-2], other)


def _forked_notices(e: Export, why: str, known: bytes, other: bytes) -> Expect:
    index = e.append(Kind.alarm, [known, other], peer="XA", code=NOTICES_FORKED)
    e.rewrite()
    return Expect(why, index)


def an_alarm_about_notices_that_agree(e: Export):
    (first, _), (second, _) = e.other_notice("XA", 0), e.other_notice("XA", 1)
    return _forked_notices(e, "notices that do not contradict", first, second)


def an_alarm_about_a_notice_that_nobody_said(e: Export):
    known, other = e.other_notice("XA", 1, made_at=1_700_000_000_000)
    return _forked_notices(e, "not said", other, known)


def an_alarm_about_a_notice_that_nobody_signed(e: Export):
    known, other = e.other_notice("XA", 1, made_at=1_700_000_000_000)
    return _forked_notices(e, "key", known, STRANGER.sign(NOTICE, open_envelope(NOTICE, other).payload))


OF_XB = (
    confirmed_by_the_receipt_of_something_else,
    a_confirmation_of_another_packet,
    confirmed_twice,
    a_confirmation_of_another_statement,
    a_confirmation_of_a_statement_of_the_peer,
    a_statement_confirmed_twice,
    an_alarm_about_notices_that_agree,
    an_alarm_about_a_notice_that_nobody_said,
    an_alarm_about_a_notice_that_nobody_signed,
)
