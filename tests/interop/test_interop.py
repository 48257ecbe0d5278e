"""Two peers of different making: ours in Python, and a running gateway."""

import os
import socket
import ssl
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path

import grpc
from cryptography import x509

import crypto
import ledger
import wire
from authority import Authority, issued, request
from gateway import Gateway
from peer import Cause, Client, Event, Inbox, Link, Purpose, certificate_of, serve
from rogatory.v1 import ledger_pb2, packet_pb2, pairing_pb2, peer_pb2, request_pb2, status_pb2
from verify_export import verify

Act = pairing_pb2.PairingAct
BINARY = os.environ["ROGATORY_BINARY"]
SMALL, LARGE = b"A scan of page 1.\n" * 3, os.urandom(5 * crypto.CHUNK + 1234)


def name(id_: bytes) -> str:
    return str(uuid.UUID(bytes=id_))


def until(what, message: str, patience: float = 20):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(message)


class Exchange(unittest.TestCase):
    SUITES = "1"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="rogatory-interop-")
        folder = Path(cls.folder.name)
        cls.addClassCleanup(cls.folder.cleanup)
        cls.gateway = Gateway(BINARY, "XB", folder, suites=cls.SUITES)
        cls.addClassCleanup(cls.gateway.stop)
        cls.addClassCleanup(cls.audit)
        cls.xa = Authority("XA", cls.SUITES)
        chain, _ = wire.read_offer(cls.gateway.offer())
        assert chain.fingerprint == cls.gateway.fingerprint
        cls.link = Link(chain)
        cls.certificate = cls.dial(cls.xa, folder)
        server, cls.service, address = serve(cls.xa, cls.link, cls.certificate)
        cls.addClassCleanup(lambda: server.stop(1).wait())
        cls.gateway.pair("XA", cls.xa.offer([address]), cls.xa.chain.fingerprint)
        cls.client = Client(cls.xa, cls.link, cls.gateway.address, cls.certificate)
        cls.addClassCleanup(cls.client.channel.close)

    @classmethod
    def audit(cls) -> None:
        """Whatever the tests did, the ledger is sound in a stranger's eyes."""
        out = Path(cls.folder.name) / "export"
        cls.gateway.run("ledger", "export", str(cls.gateway.data), "--out", str(out), config=False)
        report = verify(out, cls.gateway.fingerprint, {"XA": cls.xa.chain.fingerprint})
        assert not report["unknown_kinds"], report

    @classmethod
    def dial(cls, us: Authority, folder: Path) -> bytes:
        key, own = us.certificate()
        (folder / "tls.key").write_bytes(key)
        (folder / "tls.pem").write_bytes(own)
        return certificate_of(cls.gateway.address, str(folder / "tls.key"), str(folder / "tls.pem"))

    def packet(self, attachments=(), **fields):
        body = request([(f"scan-{n}.bin", data) for n, data in enumerate(attachments)])
        return self.xa.make_packet(self.link.chain, body, attachments, **fields)

    def events(self, reply) -> list:
        """Verifies a reply down to the evidence."""
        self.assertEqual(reply.WhichOneof("reply"), "acknowledgement")
        entries = self.link.take(reply.acknowledgement)
        evidence = [wire.open_evidence(self.link.chain, objects[0], index) for _, objects, index in entries]
        for (leaf, _, _), said in zip(entries, evidence):
            self.assertEqual(leaf.at, said.at)
            if leaf.kind == ledger_pb2.Leaf.evidence_issued:
                self.assertEqual((leaf.code, leaf.cause), (said.event, said.cause))
            self.assertEqual(leaf.actor, b"", "no actor in evidence for a peer")
        return evidence

    def deferral(self, reply):
        self.assertEqual(reply.WhichOneof("reply"), "deferral")
        return wire.open_deferral(self.link.chain, reply.deferral)

    def accepted(self, reply, packet) -> None:
        said = self.events(reply)
        self.assertEqual([s.event for s in said], [Event.relay_acceptance, Event.content_consignment])
        for evidence in said:
            self.assertEqual(evidence.subject, wire.subject(packet.header, packet.digest))


class Deliveries(Exchange):
    def test_the_certificate_is_of_its_profile(self):
        certificate = x509.load_pem_x509_certificate(self.certificate)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        self.assertEqual(names.get_values_for_type(x509.DNSName), ["rogatory"])
        certificate.verify_directly_issued_by(certificate)
        self.assertEqual(certificate.public_key().curve.name, "secp256r1")

    def test_the_handshake_takes_nothing_less(self):
        def shake(change) -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            folder = Path(self.folder.name)
            change(context, str(folder / "tls.pem"), str(folder / "tls.key"))
            host, port = self.gateway.address.rsplit(":", 1)
            with socket.create_connection((host, int(port)), 10) as raw:
                with context.wrap_socket(raw, server_hostname="rogatory") as tls:
                    tls.settimeout(10)
                    if not tls.recv(1):
                        raise ConnectionError("closed")

        def old_version(context, *files):
            context.load_cert_chain(*files)
            context.maximum_version = ssl.TLSVersion.TLSv1_2

        for what, change in (("TLS 1.2", old_version), ("no certificate", lambda *_: None)):
            with self.subTest(what), self.assertRaises((ssl.SSLError, ConnectionError)):
                shake(change)

    def test_hello_proves_the_key(self):
        reply = self.client.hello(1 << 32)
        self.assertTrue(reply.proved)
        self.assertEqual(reply.fingerprint, self.link.chain.fingerprint)
        self.assertEqual(reply.known_of_you, len(self.xa.chain.links))

    def test_new_keys_are_learned_from_a_hello(self):
        xd = Authority("XD")
        self.gateway.pair("XD", xd.offer([]), xd.chain.fingerprint)
        held = len(xd.chain.links)
        xd.packet = xd.state(Purpose.packet, xd.delegate)
        packet = xd.make_packet(self.link.chain, request())
        self.assertEqual(self.deferral(self.client.deliver(packet)).cause, Cause.key_unknown)
        xd.new_tls_key()
        client = Client(xd, Link(self.link.chain), self.gateway.address, self.certificate)
        with self.assertRaises(grpc.RpcError):
            client.deliver(packet)
        reply = client.hello(1 << 32)
        self.assertEqual((reply.known_of_you, reply.proved), (held, False))
        self.assertTrue(client.hello(held).proved)
        entries = client.link.take(client.deliver(packet).acknowledgement)
        self.assertEqual(len(entries), 2)
        client.channel.close()

    def test_a_packet_counts_as_its_signers_whoever_brings_it(self):
        xe = Authority("XE")
        self.gateway.pair("XE", xe.offer([]), xe.chain.fingerprint)
        packet = xe.make_packet(self.link.chain, request())
        self.accepted(self.client.deliver(packet), packet)

    def test_a_long_body_goes_in_frames_of_its_own(self):
        body = request()
        body.sender_reference = "x" * 900_000
        packet = self.xa.make_packet(self.link.chain, body)
        self.accepted(self.client.deliver(packet), packet)

    def test_a_stranger_gets_nothing_but_hello(self):
        stranger = Client(Authority("XZ"), self.link, self.gateway.address, self.certificate)
        with self.assertRaises(grpc.RpcError) as raised:
            stranger.deliver(self.packet())
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        stranger.channel.close()

    def test_a_packet_is_accepted_fetched_and_handed_over(self):
        packet = self.packet([SMALL, LARGE])
        self.accepted(self.client.deliver(packet), packet)
        out = Path(self.folder.name) / "fetched"
        self.gateway.run("fetch", name(packet.header.packet_id), "--purpose", "execution", "--out", str(out))
        self.assertEqual((out / "scan-0.bin").read_bytes(), SMALL)
        self.assertEqual((out / "scan-1.bin").read_bytes(), LARGE)
        handover = until(lambda: self.service.inbox.handovers, "no handover was told")[0]
        self.assertEqual(handover.event, Event.content_handover)
        self.assertEqual(handover.subject, wire.subject(packet.header, packet.digest))

    def test_the_same_again_gets_the_same_evidence(self):
        packet = self.packet([SMALL])
        first = self.client.deliver(packet)
        self.accepted(first, packet)
        grown = self.packet()
        self.accepted(self.client.deliver(grown), grown)
        again = self.client.deliver(packet)
        self.assertGreater(again.acknowledgement.from_size, 0)
        self.accepted(again, packet)
        said = [[entry.objects[0] for entry in reply.acknowledgement.entries] for reply in (first, again)]
        self.assertEqual(*said)

    def test_another_packet_under_a_bound_id_is_a_conflict(self):
        packet = self.packet()
        self.accepted(self.client.deliver(packet), packet)
        other = self.packet(packet_id=packet.header.packet_id)
        (said,) = self.events(self.client.deliver(other))
        self.assertEqual((said.event, said.cause), (Event.relay_rejection, Cause.id_conflict))
        self.assertEqual(said.subject.digest, other.digest)
        self.accepted(self.client.deliver(packet), packet)

    def test_refusals(self):
        def with_header(packet, change):
            change(packet.header)
            return self.xa.sign_packet(packet.header, packet.key_box, packet.ciphertexts)

        def damaged(packet):
            packet.ciphertexts[1] = bytes([packet.ciphertexts[1][0] ^ 1]) + packet.ciphertexts[1][1:]
            return packet

        past = wire.now() - 1000
        rows = [
            (self.packet(created=past, expires=past + 500), Cause.expired),
            (with_header(self.packet(), lambda h: setattr(h, "content_key_id", bytes(32))), Cause.content_key_gone),
            (with_header(self.packet(), lambda h: setattr(h, "key_box_digest", bytes(32))), Cause.key_box_invalid),
            (with_header(self.packet(), lambda h: setattr(h, "suite", 3)), Cause.suite_unsupported),
            (with_header(self.packet(), lambda h: setattr(h, "suite", 2)), Cause.signature_missing),
            (with_header(self.packet(), lambda h: setattr(h, "recipient", "XC")), Cause.wrong_recipient),
            (damaged(self.packet([SMALL])), Cause.object_invalid),
        ]
        for packet, cause in rows:
            with self.subTest(Cause.Code.Name(cause)):
                (said,) = self.events(self.client.deliver(packet))
                self.assertEqual((said.event, said.cause), (Event.relay_rejection, cause))
                self.assertEqual(said.subject.digest, packet.digest)

    def test_what_is_wrong_inside_is_a_finding(self):
        body = request([("scan.bin", b"something else")])
        packet = self.xa.make_packet(self.link.chain, body, [SMALL])
        _, consigned = self.events(self.client.deliver(packet))
        self.assertEqual(consigned.event, Event.content_consignment_failure)
        findings = [(finding.cause, finding.object, list(finding.field)) for finding in consigned.findings]
        self.assertEqual(findings, [(Cause.body_inconsistent, 2, [11])])

    def test_what_a_request_lacks_is_told_by_article(self):
        body = request()
        body.mutual_legal_assistance.matter.purpose = " "
        body.mutual_legal_assistance.assistance.add(code=request_pb2.Assistance.asset_recovery, description="All")
        _, consigned = self.events(self.client.deliver(self.xa.make_packet(self.link.chain, body)))
        self.assertEqual(consigned.event, Event.content_consignment_failure)
        findings = [(f.cause, f.object, list(f.field), f.rule, f.instrument, f.article, f.item) for f in consigned.findings]
        deficient = Cause.content_deficient
        self.assertEqual(
            sorted(findings),
            [
                (deficient, 1, [101, 1, 6], "purpose", "untoc", "18(15)(f)", 0),
                (deficient, 1, [101, 2, 1], "no_asset_recovery", "untoc", "18(3)", 2),
            ],
        )

    def test_deferrals(self):
        first = self.packet()
        case = first.header.case_id
        second = self.packet(case_id=case, case_seq=1, case_prev=first.digest)
        early = self.deferral(self.client.deliver(second))
        self.assertEqual((early.cause, early.wanted_seq), (Cause.predecessor_missing, 0))
        self.accepted(self.client.deliver(first), first)
        self.accepted(self.client.deliver(second), second)
        ahead = wire.now() + 3_600_000
        late = self.packet(created=ahead, expires=ahead + 1000)
        self.assertEqual(self.deferral(self.client.deliver(late)).cause, Cause.clock_ahead)
        part = self.packet([SMALL])
        part.ciphertexts.pop()
        self.assertEqual(self.deferral(self.client.deliver(part)).cause, Cause.objects_incomplete)

    def test_checkpoints_are_held_compared_and_cosigned(self):
        packet = self.packet()
        self.accepted(self.client.deliver(packet), packet)
        first = self.link.known
        packet = self.packet()
        self.accepted(self.client.deliver(packet), packet)
        proof = self.client.stub.Consistency(
            peer_pb2.ConsistencyRequest(from_size=first[0], to_size=self.link.known[0])
        )
        ledger.verify_consistency(first, self.link.known, list(proof.proof))
        for sizes in ((2, 1), (1, 1 << 40)):
            with self.subTest(sizes), self.assertRaises(grpc.RpcError) as raised:
                self.client.stub.Consistency(peer_pb2.ConsistencyRequest(from_size=sizes[0], to_size=sizes[1]))
            self.assertEqual(raised.exception.code(), grpc.StatusCode.OUT_OF_RANGE)
        many = self.client.stub.Consistency(peer_pb2.ConsistencyRequest(from_sizes=[1, first[0], 1 << 40]))
        newest = ledger.open_checkpoint(many.checkpoint, self.link.chain)
        ledger.verify_consistency(first, newest.tree, list(many.proofs[1].hashes))
        self.assertEqual((len(many.proofs), list(many.proofs[2].hashes)), (3, []))
        reply = self.client.deliver(packet)
        cosigned = ledger.cosign(
            reply.acknowledgement.checkpoint, self.xa.chain.witness, self.xa.cosign, wire.now() // 1000
        )
        self.assertIsNone(self.client.tell(cosigned_checkpoint=cosigned).WhichOneof("reply"))


class Notices(Exchange):
    """The life of a pairing, told both ways. The sequence of XA goes on from test to test."""

    def notice(self, act, seq, prev, signer=None, root=b""):
        chain = self.link.chain
        notice = pairing_pb2.PairingNotice(
            suite=1,
            author="XA",
            peer=chain.authority,
            author_fingerprint=self.xa.chain.fingerprint,
            peer_fingerprint=chain.fingerprint,
            seq=seq,
            prev=prev,
            made_at=wire.now(),
            act=act,
            root=root,
        )
        payload = notice.SerializeToString(deterministic=True)
        envelope = (signer or self.xa.delegate).sign(wire.NOTICE, payload)
        leaf = ledger_pb2.Leaf(kind=ledger_pb2.Leaf.pairing_notice, peer=chain.authority, code=act)
        return self.xa.log.add(leaf, [envelope], wire.now()), envelope, crypto.sha256(payload)

    def told(self, index):
        return self.client.tell(notice=self.xa.log.acknowledge([index], self.link.named))

    def logged(self, act, seq, prev, root=b"") -> bytes:
        """Says it; the gateway has logged it, and the same again at the same place."""
        index, envelope, digest = self.notice(act, seq, prev, root=root)
        entries = [self.told(index).acknowledgement.entries[0] for _ in range(2)]
        leaf = ledger_pb2.Leaf.FromString(entries[0].leaf)
        self.assertEqual((leaf.kind, leaf.code), (ledger_pb2.Leaf.pairing_notice, act))
        self.assertEqual(leaf.objects[0], crypto.sha256(envelope))
        self.assertEqual(entries[0].index, entries[1].index)
        return digest

    def test_what_the_gateway_says_is_logged_here(self):
        for act in ("suspend", "terms", "resume"):
            self.gateway.run("pair", act, "XA")
        self.assertEqual([notice.act for notice in self.service.inbox.notices], [Act.suspend, Act.terms, Act.resume])
        self.assertTrue(self.service.inbox.notices[1].HasField("limits"))

    def test_what_is_said_here_holds_there(self):
        suspended = self.logged(Act.suspend, 0, b"")
        packet = self.packet()
        deferral = wire.open_deferral(self.link.chain, self.client.deliver(packet).deferral)
        self.assertEqual(deferral.cause, Cause.pairing_suspended)
        root = self.link.chain.root_id
        for act, seq, prev, signer, named in (
            (Act.suspend, 1, suspended, None, b""),  # said already
            (Act.resume, 1, bytes(32), None, b""),
            (Act.resume, 0, b"", None, b""),
            (Act.resume, 1, suspended, self.xa.evidence, b""),
            (Act.resume, 1, suspended, None, root),
            (Act.root_confirmed, 1, suspended, None, b""),
            (Act.root_confirmed, 1, suspended, None, bytes(32)),  # no root of the gateway's
        ):
            with self.subTest(act=act, seq=seq), self.assertRaises(grpc.RpcError) as raised:
                self.told(self.notice(act, seq, prev, signer, named)[0])
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        gap = wire.open_deferral(self.link.chain, self.told(self.notice(Act.resume, 2, suspended)[0]).deferral)
        self.assertEqual((gap.cause, gap.wanted_seq), (Cause.status_gap, 1))
        ended = self.logged(Act.end, 1, suspended)
        said = self.events(self.client.deliver(packet))
        self.assertEqual([evidence.cause for evidence in said], [Cause.pairing_ended])
        resumed = self.logged(Act.resume, 2, ended)
        self.logged(Act.root_confirmed, 3, resumed, root)
        self.accepted(self.client.deliver(packet), packet)


class Statements(Exchange):
    """Each side proves that it has logged what the other stated about its keys."""

    def confirmed(self):
        keys = self.gateway.run("keys", "list")["keys"]
        return all(key["confirmed_by"] == ["XA"] for key in keys)

    def test_the_gateway_has_its_statements_confirmed(self):
        until(self.confirmed, "the first statements are not confirmed")
        self.gateway.run("keys", "rotate", "packet")
        until(self.confirmed, "the new statement is not confirmed")
        leaves = [ledger_pb2.Leaf.FromString(leaf) for leaf, _ in self.xa.log.entries]
        kinds = [leaf.kind for leaf in leaves if leaf.peer == "XB"]
        self.assertEqual(kinds.count(ledger_pb2.Leaf.key_statement), 2, "the newest at each time, and no other")

    def test_the_gateway_confirms_ours(self):
        for envelope in (self.xa.chain.statements[-1], self.xa.chain.statements[0]):
            reply = self.client.tell(statement=crypto.sha256(envelope))
            ((leaf, objects, _),) = self.link.take(reply.acknowledgement)
            self.assertEqual((leaf.kind, leaf.peer), (ledger_pb2.Leaf.key_statement, "XA"))
            self.assertEqual((list(leaf.objects), objects), ([crypto.sha256(envelope)], [envelope]))
        unknown = self.deferral(self.client.tell(statement=bytes(32)))
        self.assertEqual((unknown.cause, unknown.subject.digest), (Cause.key_unknown, bytes(32)))
        with self.assertRaises(grpc.RpcError) as raised:
            self.client.tell(statement=b"short")
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)


class FromTheGateway(Exchange):
    def test_statuses_go_both_ways(self):
        packet = self.packet()
        self.accepted(self.client.deliver(packet), packet)
        id_ = name(packet.header.packet_id)
        self.gateway.run("answer", id_, "registered", "--reference", "XB-7", "--text", "Under way.")
        told = until(lambda: list(self.service.inbox.statuses.values()), "no status was told")
        status, text = told[0]
        self.assertEqual((status.code, status.seq), (status_pb2.Status.registered, 0))
        self.assertEqual((text.national_reference, text.text), ("XB-7", "Under way."))

        reply = self.tell(
            packet,
            text=status_pb2.StatusText(text="No longer needed.", language="en"),
            code=status_pb2.Status.withdrawn,
            seen_count=1,
            seen_digest=crypto.sha256(wire.open_envelope(wire.STATUS, self.signed_status(status)).payload),
        )
        (said,) = self.events(reply)
        self.assertEqual((said.event, said.cause), (Event.relay_acceptance, Cause.none))
        held = self.client.stub.HeldCheckpoint(peer_pb2.HeldCheckpointRequest()).checkpoint
        checkpoint = ledger.open_checkpoint(held, self.xa.chain)
        self.assertEqual(checkpoint.root, crypto.tree_root(self.xa.log.hashes[: checkpoint.size]))
        seen = self.gateway.run("status", id_)
        self.assertEqual(seen["state"], "withdrawn")

    def test_statuses_out_of_place(self):
        packet = self.packet()
        early = self.deferral(self.tell(packet, code=status_pb2.Status.withdrawn))
        self.assertEqual((early.cause, early.wanted_seq), (Cause.status_gap, 0), "the case is not known yet")
        self.accepted(self.client.deliver(packet), packet)
        ahead = self.tell(packet, code=status_pb2.Status.withdrawn, seq=3, prev=bytes(32))
        self.assertEqual(self.deferral(ahead).cause, Cause.status_gap)
        gone = self.issue(packet, code=status_pb2.Status.executed)
        first = self.show(*gone)
        (said,) = self.events(first)
        self.assertEqual((said.event, said.cause), (Event.relay_rejection, Cause.illegal_transition))
        self.assertEqual(self.leaf(first).kind, ledger_pb2.Leaf.status_received, "it has its place in the chain")
        self.assertEqual(evidence_of(self.show(*gone)), evidence_of(first))
        taken = self.tell(packet, code=status_pb2.Status.withdrawn)
        (said,) = self.events(taken)
        self.assertEqual((said.event, said.cause), (Event.relay_rejection, Cause.chain_conflict))
        self.assertEqual(self.leaf(taken).kind, ledger_pb2.Leaf.evidence_issued, "it has none")
        after = self.tell(packet, code=status_pb2.Status.consultation, seq=1, prev=said_by(self.xa, gone))
        (said,) = self.events(after)
        self.assertEqual((said.event, said.cause), (Event.relay_acceptance, Cause.none))
        seen = self.gateway.run("status", name(packet.header.packet_id))
        self.assertEqual(seen["state"], "consultation", "what was refused counts for nothing")

    def test_a_status_is_known_again_without_its_text(self):
        packet = self.packet()
        self.accepted(self.client.deliver(packet), packet)
        text = status_pb2.StatusText(text="No longer needed.", language="en")
        index, key_box, ciphertexts = self.issue(packet, text, code=status_pb2.Status.withdrawn)
        first = self.show(index, key_box, ciphertexts)
        (said,) = self.events(first)
        self.assertEqual(said.event, Event.relay_acceptance)
        self.assertEqual(evidence_of(self.show(index, b"", [])), evidence_of(first))

    def test_a_status_that_is_not_of_its_form(self):
        packet = self.packet()
        self.accepted(self.client.deliver(packet), packet)
        text = status_pb2.StatusText(text="x" * 40_000, language="en")
        told = self.issue(packet, text, code=status_pb2.Status.withdrawn)
        first = self.show(*told)
        (said,) = self.events(first)
        self.assertEqual((said.event, said.cause), (Event.relay_rejection, Cause.too_large))
        self.assertEqual(said.subject.digest, said_by(self.xa, told))
        self.assertEqual(self.leaf(first).kind, ledger_pb2.Leaf.status_received, "it has its place in the chain")
        self.assertEqual(evidence_of(self.show(*told)), evidence_of(first))
        for change in ({"kind": ledger_pb2.Leaf.evidence_issued}, {"id": wire.uuid7()}):
            with self.subTest(change), self.assertRaises(grpc.RpcError) as raised:
                self.show(*self.issue(packet, leaf=change, code=status_pb2.Status.withdrawn))
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)

    def test_a_peer_says_what_it_knows_of_our_log(self):
        xf = Authority("XF")
        self.gateway.pair("XF", xf.offer([]), xf.chain.fingerprint)
        client = Client(xf, Link(self.link.chain), self.gateway.address, self.certificate)
        packet = xf.make_packet(self.link.chain, request())
        self.assertEqual(client.deliver(packet).known_of_yours, 0)
        prev = b""
        for seq, code in enumerate((status_pb2.Status.withdrawn, status_pb2.Status.closed)):
            known = client.link.named
            told = self.issue(packet, us=xf, code=code, seq=seq, prev=prev)
            reply = self.show(*told, client=client)
            client.link.take(reply.acknowledgement)
            self.assertEqual(reply.known_of_yours, len(xf.log.entries), "linked, from the first contact on")
            self.assertGreater(client.link.named, known)
            held = client.stub.HeldCheckpoint(peer_pb2.HeldCheckpointRequest()).checkpoint
            self.assertEqual(ledger.open_checkpoint(held, xf.chain).tree, xf.log.tree)
            prev = said_by(xf, told)
        client.channel.close()

    def tell(self, packet, text=None, **fields):
        """Issues a status about the packet, and tells it."""
        return self.show(*self.issue(packet, text, **fields))

    def issue(self, packet, text=None, us=None, leaf=(), **fields) -> tuple:
        """A status about the packet: its place in our log, its key box and ciphertext."""
        us = us or self.xa
        about = {"case_id": packet.header.case_id, "packet_id": packet.header.packet_id}
        envelope, key_box, ciphertexts = us.make_status(self.link.chain, text, **about, **fields)
        entry = issued(envelope)
        for field, value in dict(leaf).items():
            setattr(entry, field, value)
        return us.log.add(entry, [envelope], wire.now()), key_box, ciphertexts

    def show(self, index, key_box, ciphertexts, client=None):
        """Tells a status with the proof of our log, from what the peer has verified of it."""
        client = client or self.client
        told = peer_pb2.ToldStatus(
            acknowledgement=client.us.log.acknowledge([index], client.link.named),
            key_box=key_box,
            chunks=[peer_pb2.Chunk(data=data) for data in ciphertexts],
        )
        return client.tell(status=told)

    def leaf(self, reply):
        return ledger_pb2.Leaf.FromString(reply.acknowledgement.entries[0].leaf)

    def signed_status(self, status) -> bytes:
        """The envelope of a status as it stands in our log."""
        for leaf, objects in self.xa.log.entries:
            if len(objects) == 3 and status.status_id in leaf:
                return objects[1]
        raise AssertionError("the status is not in the log")

    def test_the_gateway_sends_a_packet(self):
        (Path(self.folder.name) / "plan.bin").write_bytes(LARGE)
        path = Path(self.folder.name) / "request.toml"
        path.write_text(REQUEST)
        sent = self.gateway.run("send", str(path), "--wait", "30")
        header, (body, attachments) = until(lambda: self.service.inbox.packets, "nothing came").popitem()[1]
        self.assertEqual(header.kind, packet_pb2.Kind.technical_assistance)
        self.assertEqual(attachments, [LARGE])
        self.assertEqual(body.sender_reference, "XB/1")
        self.assertTrue(sent)
        self.long_body_comes_in_frames_of_its_own(path)
        # It looks every fifteen seconds whether a cosignature is due.
        checkpoint = until(lambda: self.service.inbox.cosigned, "nothing was cosigned", patience=45)[0]
        self.assertEqual(checkpoint.root, crypto.tree_root(self.xa.log.hashes[: checkpoint.size]))

    def long_body_comes_in_frames_of_its_own(self, path):
        path.write_text(REQUEST.replace("XB/1", "x" * 600_000))
        self.gateway.run("send", str(path), "--wait", "30")
        _, (body, _) = until(lambda: self.service.inbox.packets, "nothing came").popitem()[1]
        self.assertEqual(len(body.sender_reference), 600_000)


class InSuiteTwo(FromTheGateway):
    """The same with an ML-DSA signature beside each of Ed25519."""

    SUITES = "1,2"

    def test_all_is_signed_twice_and_nothing_less_is_taken(self):
        packet = self.packet([SMALL])
        reply = self.client.deliver(packet)
        self.accepted(reply, packet)
        for envelope in (packet.envelope, evidence_of(reply)):
            signed = wire.envelope_pb2.Signed.FromString(envelope)
            self.assertEqual([len(one.signature) for one in signed.signatures], [64, 3309])
            for place in (0, 1):
                stripped = wire.envelope_pb2.Signed.FromString(envelope)
                del stripped.signatures[place]
                chain = self.xa.chain if envelope == packet.envelope else self.link.chain
                with self.assertRaisesRegex(crypto.Refused, "signature missing"):
                    chain.verify(signed.payload_type, stripped.SerializeToString())
        held = crypto.mldsa
        try:
            crypto.mldsa, before = None, crypto.not_verified["ml_dsa_65"]
            self.xa.chain.verify(wire.PACKET, packet.envelope)
            self.assertEqual(crypto.not_verified["ml_dsa_65"], before + 1, "what is not verified is told")
        finally:
            crypto.mldsa, crypto.not_verified["ml_dsa_65"] = held, before

        def signed(packet, suite, *places):
            packet.header.suite = suite
            packet = self.xa.sign_packet(packet.header, packet.key_box, packet.ciphertexts)
            envelope = wire.envelope_pb2.Signed.FromString(packet.envelope)
            kept = [envelope.signatures[place] for place in places]
            del envelope.signatures[:]
            envelope.signatures.extend(kept)
            packet.envelope = envelope.SerializeToString(deterministic=True)
            return packet

        for suite, places, cause in (
            (1, [0], Cause.suite_unsupported),
            (2, [0], Cause.signature_missing),
            (2, [1], Cause.signature_missing),
            (2, [0, 0], Cause.signature_missing),
            (2, [0, 1, 0], Cause.malformed),
            (3, [0, 1], Cause.suite_unsupported),
        ):
            with self.subTest(suite=suite, places=places):
                packet = signed(self.packet(), suite, *places)
                (said,) = self.events(self.client.deliver(packet))
                self.assertEqual((said.event, said.cause), (Event.relay_rejection, cause))
        packet = signed(self.packet(), 2, 1, 0)
        self.accepted(self.client.deliver(packet), packet)


class Collecting(Exchange):
    """A peer that nobody can dial collects over its own connection."""

    def test_the_reverse_line(self):
        xc = Authority("XC")
        link = Link(self.link.chain)
        self.gateway.pair("XC", xc.offer([]), xc.chain.fingerprint)
        client = Client(xc, link, self.gateway.address, self.certificate)
        inbox = Inbox(xc, link)
        line = threading.Thread(target=collect_quietly, args=(inbox, client.stub), daemon=True)
        line.start()
        path = Path(self.folder.name) / "to-xc.toml"
        (Path(self.folder.name) / "plan.bin").write_bytes(LARGE)
        path.write_text(REQUEST.replace('"XA"', '"XC"'))
        self.gateway.run("send", str(path), "--wait", "30")
        (header, (_, attachments)), = inbox.packets.values()
        self.assertEqual((header.recipient, attachments), ("XC", [LARGE]))
        self.gateway.run("answer", name(header.packet_id), "closed")
        until(lambda: inbox.statuses, "no status was told")
        # It looks every fifteen seconds whether there is something to prove.
        until(lambda: inbox.asked and inbox.cosigned, "nothing was asked or cosigned", patience=45)
        client.channel.close()
        line.join(10)


class Audit(Exchange):
    def test_the_gateways_ledger_is_sound_afterwards(self):
        for _ in range(3):
            packet = self.packet([SMALL])
            self.accepted(self.client.deliver(packet), packet)
        self.gateway.stop()
        self.assertTrue(self.gateway.verify())


def collect_quietly(inbox: Inbox, stub) -> None:
    try:
        inbox.collect(stub)
    except grpc.RpcError:
        pass  # the channel was closed


def evidence_of(reply) -> bytes:
    return reply.acknowledgement.entries[0].objects[0]


def said_by(us: Authority, told: tuple) -> bytes:
    """Digest of a status that was issued."""
    _, (envelope,) = us.log.entries[told[0]]
    return crypto.sha256(wire.open_envelope(wire.STATUS, envelope).payload)


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

# The base class holds no test of its own.
del Exchange


if __name__ == "__main__":
    unittest.main()
