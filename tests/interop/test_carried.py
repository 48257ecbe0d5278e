"""What a courier carries between a running gateway and our peer, who have no line."""

import os
import tempfile
import unittest
import uuid
from pathlib import Path

import carried
import crypto
import wire
from authority import Authority, request
from carried import Courier, Frame, Item, frames_of, joined, read_file, sealed_parts, spans
from crypto import Refused
from gateway import Gateway
from peer import Event, Link, Purpose
from rogatory.v1 import carry_pb2, ledger_pb2, packet_pb2, peer_pb2, status_pb2
from verify_export import verify

BINARY = os.environ["ROGATORY_BINARY"]
SMALL, LARGE = b"A scan of page 1.\n" * 3, os.urandom(9 * crypto.CHUNK + 1234)
# Exit codes: not taken, and taken in part.
REFUSED, IN_PART = (1, 2), 4
REQUEST = """
recipient = "XA"
kind = "technical_assistance"
expires = "30d"
[request]
schema = 1
sender_reference = "XB/1"
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
[[attachments]]
path = "plan.bin"
name = "plan.bin"
media_type = "application/octet-stream"
"""


def setUpModule():
    global folder
    made = tempfile.TemporaryDirectory(prefix="rogatory-carried-")
    unittest.addModuleCleanup(made.cleanup)
    folder = Path(made.name)


class Apart(unittest.TestCase):
    """A gateway that lets nobody in, and a peer without an address."""

    SUITES = "1"

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.gateway = Gateway(BINARY, "XB", self.folder, listen="none", suites=self.SUITES)
        self.addCleanup(self.gateway.stop)
        self.offer = self.gateway.offer()
        self.xa = self.peer("XA")
        self.courier, self.link = self.apart(self.xa)
        self.files = 0

    def peer(self, name: str) -> Authority:
        peer = Authority(name, self.SUITES)
        self.gateway.pair(name, peer.offer([]), peer.chain.fingerprint)
        return peer

    def apart(self, us: Authority) -> tuple[Courier, Link]:
        """Our side, which knows of the gateway what it stated at its founding."""
        chain, _ = wire.read_offer(self.offer)
        link = Link(chain)
        return Courier(us, link), link

    def sound(self) -> None:
        """Whatever was carried, the ledger is sound in a stranger's eyes."""
        out = self.folder / "export"
        self.gateway.run("ledger", "export", str(self.gateway.data), "--out", str(out), config=False)
        verify(out, self.gateway.fingerprint, {"XA": self.xa.chain.fingerprint})

    def carry_out(self, to: str = "XA") -> tuple[bytes, dict]:
        """A file of the gateway's, and what it says of it."""
        self.files += 1
        path = self.folder / f"{self.files}.carried"
        said = self.gateway.run("carry", "out", to, "--out", str(path))
        return path.read_bytes(), said

    def carry_in(self, data: bytes) -> tuple:
        """The exit code, what is said of the file, and the errors."""
        path = self.folder / "in.carried"
        path.write_bytes(data)
        return self.gateway.outcome("carry", "in", str(path))

    def taken(self, data: bytes) -> dict:
        code, said, errors = self.carry_in(data)
        self.assertEqual(code, 0, f"{said} {errors}")
        self.assertEqual((said["complete"], said["left"]), (True, []))
        return said

    def refused(self, data: bytes, taken: int = 0) -> str:
        """The gateway says no, and has taken so many packets of it; gives why."""
        before = self.came()
        code, said, errors = self.carry_in(data)
        if code == IN_PART:
            self.assertEqual((said["packets"], said["told"], said["complete"]), (taken, 0, False))
        else:
            self.assertIn(code, REFUSED, f"{said} {errors}")
            self.assertEqual(taken, 0)
        self.assertEqual(self.came() - before, taken)
        return f"{said} {errors}"

    def unread(self, data: bytes, us: Authority | None = None, why: str = "") -> None:
        courier, _ = self.apart(us or self.xa)
        with self.assertRaisesRegex(Refused, why):
            courier.take(data)
        self.assertEqual((courier.inbox.packets, courier.inbox.answers, courier.answers), ({}, {}, []))

    def submit(self) -> str:
        """The gateway sends a packet that does not fit into one frame; gives its id."""
        (self.folder / "plan.bin").write_bytes(LARGE)
        path = self.folder / "request.toml"
        path.write_text(REQUEST)
        return self.gateway.run("send", str(path))["packet"]

    def packet(self, attachments=(), **fields):
        body = request([(f"scan-{n}.bin", data) for n, data in enumerate(attachments)])
        return self.xa.make_packet(self.link.chain, body, attachments, **fields)

    def came(self) -> int:
        """How many packets are in the gateway's inbox."""
        return len(self.gateway.run("inbox")["packets"])


class ThereAndBack(Apart):
    def test_a_file_of_the_gateways_is_read_whole(self):
        id_ = uuid.UUID(self.submit()).bytes
        data, said = self.carry_out()
        self.assertEqual((said["packets"], said["answers"]), (1, 0))
        for hidden in (b"A course.", id_, b"vnd.rogatory.packet"):
            self.assertNotIn(hidden, data)
        items = read_file(self.xa, self.link.chain, data)
        kinds = [item.WhichOneof("item") for item in items]
        self.assertGreater(kinds.count("frame"), 2, "a start, and chunks that do not fit into it")
        self.assertEqual(kinds[-1], "done")
        (number,) = {item.number for item in items if item.WhichOneof("item") in ("frame", "end")}
        self.courier.take(data)
        header, (body, attachments) = self.courier.inbox.packets[id_]
        self.assertEqual(header.kind, packet_pb2.Kind.technical_assistance)
        self.assertEqual((body.sender_reference, attachments), ("XB/1", [LARGE]))
        self.assertEqual(self.courier.answers[0].number, number)
        # Until the answer is back the next file has it again, and the answer is the same.
        first = self.courier.answers[0].delivered.acknowledgement.entries
        self.courier.take(self.carry_out()[0])
        self.assertEqual(len(self.courier.inbox.packets), 1)
        again = self.courier.answers[0].delivered.acknowledgement.entries
        self.assertEqual([entry.leaf for entry in again], [entry.leaf for entry in first])

    def test_what_is_carried_settles_both_sides(self):
        theirs = uuid.UUID(self.submit()).bytes
        self.courier.take(self.carry_out()[0])
        ours = self.packet([SMALL, LARGE])
        number = self.courier.send(ours)
        self.courier.hand_over(theirs)
        confirmed = self.courier.have_confirmed()
        said = self.taken(self.courier.out())
        self.assertEqual((said["peer"], said["packets"]), ("XA", 1))
        self.assertGreaterEqual(said["answers"], 1)
        self.assertEqual(
            self.outcomes(theirs),
            ["SubmissionAcceptance", "RelayAcceptance", "ContentConsignment", "ContentHandover"],
        )
        self.assertEqual(self.carry_out()[1]["packets"], 0, "it is settled")
        self.fetched(ours)
        self.gateway.run("answer", self.name(ours), "registered", "--reference", "XB-7", "--text", "Under way.")

        self.courier.take(self.carry_out()[0])
        events = [evidence.event for evidence in self.courier.settled[number]]
        self.assertEqual(events, [Event.relay_acceptance, Event.content_consignment])
        self.assertEqual(self.courier.settled[confirmed][0].kind, ledger_pb2.Leaf.key_statement)
        self.assertEqual(self.courier.asked, {})
        self.assertEqual([said.event for said in self.courier.inbox.handovers], [Event.content_handover])
        (status, text), = self.courier.inbox.statuses.values()
        self.assertEqual((status.code, text.text), (status_pb2.Status.registered, "Under way."))

        about = {"case_id": ours.header.case_id, "packet_id": ours.header.packet_id}
        text = status_pb2.StatusText(text="No longer needed.", language="en")
        told = self.courier.tell_status(text, code=status_pb2.Status.withdrawn, **about)
        self.taken(self.courier.out())
        self.assertEqual(self.gateway.run("status", self.name(ours))["state"], "withdrawn")
        self.courier.take(self.carry_out()[0])
        self.assertEqual([said.event for said in self.courier.settled[told]], [Event.relay_acceptance])

    def test_logs_are_linked_and_cosigned(self):
        self.submit()
        for _ in range(2):
            self.courier.send(self.packet())
            self.courier.send(self.packet())
            self.courier.take(self.carry_out()[0])
            self.taken(self.courier.out())
        before = self.courier.link.known
        self.courier.take(self.carry_out()[0])
        self.assertTrue(self.link.unlinked, "two answers go from one size")
        self.taken(self.courier.out())
        self.courier.take(self.carry_out()[0])
        self.assertEqual(self.link.unlinked, {})
        self.assertGreater(self.link.known[0], before[0])
        checkpoint = self.courier.inbox.cosigned[-1]
        self.assertEqual(checkpoint.root, crypto.tree_root(self.xa.log.hashes[: checkpoint.size]))
        kinds = [entry["kind"] for entry in self.gateway.run("ledger", "log")["entries"]]
        self.assertIn("cosignature_received", kinds)
        held = self.gateway.run("pair", "list")["peers"][0]
        self.assertTrue(held["cosigned"])

    def test_new_keys_are_learned_from_a_file(self):
        beside = self.xa.packet.beside
        self.xa.packet = self.xa.state(Purpose.packet, self.xa.delegate)
        self.xa.packet.beside = beside
        stated = ledger_pb2.Leaf(kind=ledger_pb2.Leaf.key_statement)
        self.xa.log.add(stated, [self.xa.chain.statements[-1]], wire.now())
        self.courier.have_confirmed()
        number = self.courier.send(self.packet())
        self.taken(self.courier.out())
        held = len(self.link.chain.links)
        self.gateway.run("keys", "rotate", "packet")
        self.courier.take(self.carry_out()[0])
        self.assertEqual(len(self.courier.settled[number]), 2)
        self.assertEqual(len(self.link.chain.links), held + self.xa.suite)
        self.taken(self.courier.out())
        keys = self.gateway.run("keys", "list")["keys"]
        self.assertTrue(all(key["confirmed_by"] == ["XA"] for key in keys), keys)

    def tearDown(self):
        self.sound()

    def outcomes(self, id_: bytes) -> list[str]:
        (packet,) = [p for p in self.gateway.run("outbox")["packets"] if uuid.UUID(p["packet"]).bytes == id_]
        return [outcome["event"] for outcome in packet["outcomes"]]

    def fetched(self, packet) -> None:
        out = self.folder / "fetched"
        self.gateway.run("fetch", self.name(packet), "--purpose", "execution", "--out", str(out))
        self.assertEqual((out / "scan-0.bin").read_bytes(), SMALL)
        self.assertEqual((out / "scan-1.bin").read_bytes(), LARGE)

    def name(self, packet) -> str:
        return str(uuid.UUID(bytes=packet.header.packet_id))


class Damaged(Apart):
    """What is not whole, not as it was made, or for somebody else."""

    def ours(self) -> bytes:
        """A file with a packet in more than one frame, and a statement that the gateway lacks."""
        self.xa.state(Purpose.evidence, self.xa.delegate)
        courier, _ = self.apart(self.xa)
        courier.send(self.packet([SMALL, LARGE]))
        return courier.out()

    def theirs(self) -> bytes:
        self.submit()
        self.gateway.run("keys", "rotate", "packet")
        data, said = self.carry_out()
        self.assertEqual(said["packets"], 1)
        return data

    def test_files_that_are_cut_short(self):
        ours, theirs = self.ours(), self.theirs()
        for data, refused in ((ours, self.refused), (theirs, self.unread)):
            *frames, _ = spans(data)
            self.assertGreater(len(frames), 5)
            for begin, end in frames:
                for cut in (begin - 1, begin, (begin + end) // 2, end - 1):
                    with self.subTest(cut=cut, of=len(data)):
                        refused(data[:cut])
        # All but the end of the file: the packet is whole.
        self.refused(ours[: spans(ours)[-2][1]], taken=1)
        self.unread(theirs[: spans(theirs)[-2][1]], why="not whole")
        self.taken(ours)
        self.assertEqual(self.came(), 1)

    def test_a_byte_of_each_frame(self):
        ours, theirs = self.ours(), self.theirs()
        for data, refused in ((ours, self.refused), (theirs, self.unread)):
            for number, (begin, end) in enumerate(spans(data)[:-1]):
                for at in self.places(data, number, begin, end):
                    with self.subTest(frame=number, at=at - begin, of=end - begin):
                        refused(flipped(data, at))
        (begin, end) = spans(ours)[-1]
        self.unread(flipped(theirs, (sum(spans(theirs)[-1])) // 2))
        self.refused(flipped(ours, (begin + end) // 2), taken=1)
        self.taken(ours)
        self.assertEqual(self.came(), 1)

    def places(self, data: bytes, number: int, begin: int, end: int) -> list[int]:
        """Of statements: the fingerprint, and the signature of the newest. What is known already
        may be shown in whatever way. Of the others: some from the first byte to the last."""
        if number == 0:
            fingerprint = Frame.FromString(data[begin:end]).statements.fingerprint
            return [data.index(fingerprint, begin), end - 1]
        return sorted({begin + (end - begin - 1) * tenth // 10 for tenth in range(11)})

    def test_the_first_line(self):
        ours, theirs = self.ours(), self.theirs()
        for at in range(len(carried.FIRST_LINE)):
            self.unread(flipped(theirs, at))
        self.assertIn("no file that rogatory carry out wrote", self.refused(flipped(ours, 18)))
        self.refused(b"")
        self.unread(b"")

    def test_files_for_somebody_else(self):
        xc = self.peer("XC")
        theirs = self.theirs()
        self.unread(theirs, us=xc, why="for somebody else")
        to_xc, _ = self.carry_out("XC")
        self.unread(to_xc, why="for somebody else")
        self.assertIn("not paired with XB", self.refused(theirs))
        other = Courier(self.xa, Link(xc.chain))
        other.send(self.xa.make_packet(xc.chain, request()))
        self.assertIn("this is for XC", self.refused(other.out()))
        stranger, _ = self.apart(Authority("XZ"))
        stranger.send(stranger.us.make_packet(self.link.chain, request()))
        self.assertIn("not paired with XZ", self.refused(stranger.out()))

    def test_a_beginning_of_somebody_else(self):
        """Signed by another peer, under its own name and under ours."""
        xc = self.peer("XC")
        ours = frames_of(self.ours())
        begin = next(n for n, frame in enumerate(ours) if frame.HasField("begin"))
        courier, _ = self.apart(xc)
        courier.send(xc.make_packet(self.link.chain, request()))
        self.refused(joined([*ours[:begin], *[f for f in frames_of(courier.out()) if not f.HasField("statements")]]))
        xc.name = "XA"
        forged = [f for f in frames_of(courier.out()) if not f.HasField("statements")]
        self.refused(joined([*ours[:begin], *forged]))
        # By a key of ours that is for something else.
        evidence, self.xa.evidence = self.xa.evidence, self.xa.packet
        self.assertIn("a key of another purpose", self.refused(self.ours()))
        self.xa.evidence = evidence

    def test_a_box_that_the_header_does_not_name(self):
        """Anybody can seal to a public key, in anybody's name."""
        ours, theirs = self.ours(), self.theirs()
        self.assertIn("key box", self.refused(boxed_anew(ours, self.xa.chain, self.link.chain)))
        self.unread(boxed_anew(theirs, self.link.chain, self.xa.chain), why="key box")

    def test_parts_elsewhere(self):
        ours, theirs = self.ours(), self.theirs()
        other = self.ours()
        for data, more, refused in ((ours, other, self.refused), (theirs, ours, self.unread)):
            frames, strange = frames_of(data), frames_of(more)
            first = next(n for n, frame in enumerate(frames) if frame.HasField("part"))
            head, parts = frames[:first], frames[first:]
            for name, changed in (
                ("exchanged", [*head, parts[1], parts[0], *parts[2:]]),
                ("left out", [*head, *parts[1:]]),
                ("twice", [*head, parts[0], *parts]),
                ("of another file", [*head, *strange[first:]]),
                ("before the beginning", [*frames[: first - 1], parts[0], frames[first - 1], *parts[1:]]),
                ("no beginning", [*frames[: first - 1], *parts]),
                ("no statements", frames[1:]),
                ("a second beginning", [*frames[:first], frames[first - 1], *parts]),
            ):
                with self.subTest(name):
                    refused(joined(changed))

    def test_a_packet_that_lacks_some_of_its_items(self):
        """Sealed and signed as they should be: the sender itself left them out."""
        courier, _ = self.apart(self.xa)
        number = courier.send(self.packet([SMALL, LARGE]))
        items = courier.asked[number].items()
        self.assertGreater(len(items), 3)
        for name, left, why in (
            ("its end", items[:-1], "the end of a packet is missing"),
            ("a chunk", [*items[:-2], items[-1]], "put off, OBJECTS_INCOMPLETE"),
        ):
            with self.subTest(name):
                code, said, _ = self.carry_in(carried.write_file(self.xa, self.link.chain, left))
                self.assertEqual((code, said["packets"], said["complete"]), (IN_PART, 0, True))
                self.assertIn(why.lower(), str(said["left"]).lower())
                self.assertEqual(self.came(), 0)
        self.taken(courier.out())

    def test_an_answer_to_nothing(self):
        reply = peer_pb2.DeliverReply(acknowledgement=ledger_pb2.Acknowledgement())
        for number in (0, 1_000_000, 2**64 - 1):
            item = Item(number=number, delivered=reply)
            code, said, _ = self.carry_in(carried.write_file(self.xa, self.link.chain, [item]))
            self.assertEqual((code, said["answers"]), (IN_PART, 0))
            self.assertIn("an answer to nothing that it was asked", str(said["left"]))
        log = (self.gateway.data / "gateway.log").read_text()
        self.assertNotIn("cannot read the ledger", log)

    def test_what_came_before_a_fault_counts(self):
        courier, _ = self.apart(self.xa)
        packets = [self.packet([SMALL]), self.packet([SMALL])]
        for packet in packets:
            courier.send(packet)
        data = courier.out()
        end_of_first = 2 + 2  # statements, begin; its frame and its end
        (begin, end) = spans(data)[end_of_first]
        self.refused(flipped(data, (begin + end) // 2), taken=1)
        self.taken(data)
        self.assertEqual(self.came(), 2)
        self.taken(data)
        self.assertEqual(self.came(), 2)
        courier.take(self.carry_out()[0])
        self.assertEqual(courier.asked, {})

    def test_a_frame_beyond_its_bounds(self):
        ours = self.ours()
        large = Frame(part=carry_pb2.CarriedPart(ciphertext=bytes(carried.FRAME)))
        self.assertIn("too long", self.refused(joined([*frames_of(ours)[:2], large])))
        for length in (b"\xff\xff\xff\xff\x0f", b"\xff\xff\xff\x7f"):
            self.assertIn("too long", self.refused(ours[: spans(ours)[1][1]] + length))
            self.unread(carried.FIRST_LINE + length, why="length of a frame")
        theirs = self.theirs()
        self.unread(joined([*frames_of(theirs)[:2], large]), why="length of a frame")


class ThereAndBackInSuiteTwo(ThereAndBack):
    SUITES = "1,2"

    def test_the_beginning_is_signed_twice(self):
        data, _ = self.carry_out()
        begin = next(frame.begin for frame in frames_of(data) if frame.HasField("begin"))
        signed = wire.envelope_pb2.Signed.FromString(begin.header)
        self.assertEqual([len(one.signature) for one in signed.signatures], [64, 3309])

    def test_nothing_lower_is_taken(self):
        self.courier.send(self.packet())
        whole, beside = self.courier.out(), self.xa.evidence.beside
        self.xa.evidence.beside = ()
        self.assertIn("signature", self.refused(self.courier.out()))
        self.xa.suite = 1
        self.assertIn("suite 1", self.refused(self.courier.out()))
        self.xa.suite, self.xa.evidence.beside = 2, beside
        self.taken(whole)


def boxed_anew(data: bytes, sender: wire.Chain, recipient: wire.Chain) -> bytes:
    """The beginning of a file, with a box and parts of another content key."""
    first, begin = frames_of(data)[:2]
    header = carry_pb2.CarriedHeader.FromString(wire.open_envelope(wire.CARRIED, begin.begin.header).payload)
    parties = ((chain.authority, chain.fingerprint) for chain in (sender, recipient))
    content_key, info = os.urandom(32), crypto.box_info(header.suite, *parties)
    public = recipient.current(Purpose.content, wire.now()).public_key
    enc, salt, wrapped = crypto.wrap_content_key(public, info, header.carried_id, content_key)
    box = packet_pb2.KeyBox(enc=enc, salt=salt, wrapped_key=wrapped)
    begin.begin.key_box = box.SerializeToString(deterministic=True)
    done = Item(done=carry_pb2.CarriedDone())
    return joined([first, begin, *sealed_parts(content_key, header.carried_id, [done])])


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


if __name__ == "__main__":
    unittest.main()
