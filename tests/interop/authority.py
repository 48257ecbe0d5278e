"""An authority of our own: keys, statements, offer, certificate, packets."""

import datetime
import os
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import crypto
from crypto import Refused, sha256
from ledger import Log
from rogatory.v1 import keys_pb2, ledger_pb2, packet_pb2, request_pb2, status_pb2
from wire import (
    OFFER,
    PACKET,
    STATEMENT,
    STATUS,
    SUITE,
    Algorithm,
    Chain,
    Purpose,
    Signer,
    offer_text,
    open_envelope,
    possession,
    now,
    uuid7,
)

DAY = 24 * 3600 * 1000
LIMITS = keys_pb2.Limits(packet_bytes=64 << 20, objects=32)
INLINE = 128 * 1024


@dataclass
class Packet:
    """A packet ready to be sent."""

    header: packet_pb2.PacketHeader
    digest: bytes
    envelope: bytes
    key_box: bytes
    ciphertexts: list[bytes]


class Authority:
    """A fresh identity, made as docs/PROTOCOL.md says."""

    def __init__(self, name: str, suites: str = "1"):
        self.name, self.suite = name, SUITE
        # What is stated at the founding has the time of statement 0: whoever pairs knows all of it.
        self.founding: int | None = now()
        root, next_root = (crypto.ed25519_key(os.urandom(32)) for _ in range(2))
        public = root.public_key().public_bytes_raw()
        root = Signer(crypto.key_id(0, Algorithm.ed25519, public), root)
        statement = keys_pb2.KeyStatement(suite=SUITE, authority=name, made_at=self.founding)
        statement.root.public_key = public
        statement.root.next_root_digest = sha256(next_root.public_key().public_bytes_raw())
        statement.root.suites.append(SUITE)
        self.chain = Chain.open([root.sign(STATEMENT, statement.SerializeToString(deterministic=True))])

        delegated = (Purpose.packet, Purpose.evidence, Purpose.checkpoint, Purpose.cosign)
        delegate = self.state(Purpose.delegate, root, [*delegated, Purpose.content, Purpose.tls])
        self.delegate = delegate
        self.packet, self.evidence, self.checkpoint, self.cosign = (
            self.state(purpose, delegate) for purpose in delegated
        )
        self.content_seed = os.urandom(32)
        self._state(Purpose.content, Algorithm.x_wing, crypto.xwing_public_key(self.content_seed), None, delegate)
        self.new_tls_key()
        if suites != "1":
            self._take_up_suite_2()
        self.founding = None
        self.log = Log(self.chain, self.checkpoint)

    def _take_up_suite_2(self) -> None:
        """ML-DSA keys beside those for packets and evidence."""
        for purpose, signer in ((Purpose.packet, self.packet), (Purpose.evidence, self.evidence)):
            key = crypto.ml_dsa_key(os.urandom(32))
            public = key.public_key().public_bytes_raw()
            id_ = self._state(purpose, Algorithm.ml_dsa_65, public, key.sign, self.delegate)
            signer.beside = (Signer(id_, key),)
        self.suite = 2

    def new_tls_key(self) -> None:
        self.tls_key = ec.generate_private_key(ec.SECP256R1())
        self._state(
            Purpose.tls,
            Algorithm.ecdsa_p256,
            crypto.spki_point(self.tls_key),
            lambda message: self.tls_key.sign(message, ec.ECDSA(hashes.SHA256())),
            self.delegate,
        )

    def state(self, purpose: int, by: Signer, may_state=()) -> Signer:
        key = crypto.ed25519_key(os.urandom(32))
        public = key.public_key().public_bytes_raw()
        return Signer(self._state(purpose, Algorithm.ed25519, public, key.sign, by, may_state), key)

    def _state(self, purpose, algorithm, public, prove, by, may_state=()) -> bytes:
        statement = keys_pb2.KeyStatement(
            suite=SUITE,
            authority=self.name,
            seq=len(self.chain.links),
            prev=self.chain.head,
            made_at=self.founding or now(),
        )
        key = statement.key
        key.purpose, key.algorithm, key.public_key = purpose, algorithm, public
        key.not_before, key.not_after = now() - 60_000, self.chain_end()
        key.may_state.extend(may_state)
        if prove:
            key.possession = prove(possession(self.name, purpose, self.chain.head, public))
        self.chain.append(by.sign(STATEMENT, statement.SerializeToString(deterministic=True)))
        return self.chain.keys[-1].id

    def chain_end(self) -> int:
        return self.chain.keys[0].not_after if self.chain.keys else now() + 30 * DAY

    def offer(self, addresses: list[str]) -> str:
        offer = keys_pb2.PairingOffer(
            suite=SUITE,
            authority=self.name,
            statements=self.chain.statements,
            addresses=addresses,
            limits=LIMITS,
            made_at=now(),
        )
        return offer_text(self.name, self.delegate.sign(OFFER, offer.SerializeToString(deterministic=True)))

    def certificate(self) -> tuple[bytes, bytes]:
        """Private key and self-signed certificate, both PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.tls_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("rogatory")]), critical=False)
            .sign(self.tls_key, hashes.SHA256())
        )
        key = self.tls_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key, certificate.public_bytes(serialization.Encoding.PEM)

    # Packets

    def make_packet(self, to: Chain, body, attachments=(), **fields) -> Packet:
        """Seals and signs a packet; `fields` are of the header."""
        header = packet_pb2.PacketHeader(
            suite=self.suite,
            sender=self.name,
            recipient=to.authority,
            packet_id=uuid7(),
            case_id=uuid7(),
            kind=packet_pb2.Kind.mutual_legal_assistance,
            created=now(),
            expires=now() + DAY,
            schema=1,
        )
        for field, value in fields.items():
            setattr(header, field, value)
        content_key = os.urandom(32)
        ciphertexts = []
        for number, plaintext in enumerate([body.SerializeToString(deterministic=True), *attachments]):
            key = crypto.object_key(content_key, header.packet_id, number)
            ciphertext, sealed = crypto.seal_object(key, plaintext)
            ciphertexts.append(ciphertext)
            header.objects.add(**vars(sealed))
        key_box = self.box(header, to, header.packet_id, content_key)
        return self.sign_packet(header, key_box, ciphertexts)

    def sign_packet(self, header, key_box: bytes, ciphertexts: list[bytes]) -> Packet:
        payload = header.SerializeToString(deterministic=True)
        return Packet(header, sha256(payload), self.packet.sign(PACKET, payload), key_box, ciphertexts)

    def box(self, named, to: Chain, id_: bytes, content_key: bytes) -> bytes:
        key = to.current(Purpose.content, now())
        info = crypto.box_info(named.suite, (self.name, self.chain.fingerprint), (to.authority, to.fingerprint))
        enc, salt, wrapped = crypto.wrap_content_key(key.public_key, info, id_, content_key)
        key_box = packet_pb2.KeyBox(enc=enc, salt=salt, wrapped_key=wrapped).SerializeToString(deterministic=True)
        named.key_box_digest, named.content_key_id = sha256(key_box), key.id
        return key_box

    def content_key(self, sender: Chain, named, id_: bytes, key_box: bytes) -> bytes:
        """Opens the box that a header or a status names."""
        if sha256(key_box) != named.key_box_digest:
            raise Refused("key box")
        box = packet_pb2.KeyBox.FromString(key_box)
        info = crypto.box_info(named.suite, (sender.authority, sender.fingerprint), (self.name, self.chain.fingerprint))
        return crypto.unwrap_content_key(self.content_seed, info, id_, box.enc, box.salt, box.wrapped_key)

    # Statuses

    def make_status(self, to: Chain, text=None, **fields) -> tuple[bytes, bytes, list[bytes]]:
        """Envelope, key box and ciphertext of a status; `fields` are of the message."""
        status = status_pb2.Status(
            suite=self.suite, author=self.name, peer=to.authority, status_id=uuid7(), created=now(), **fields
        )
        key_box, ciphertexts = b"", []
        if text is not None:
            content_key = os.urandom(32)
            key = crypto.object_key(content_key, status.status_id, 0)
            ciphertext, sealed = crypto.seal_object(key, text.SerializeToString(deterministic=True))
            status.objects.add(**vars(sealed))
            key_box, ciphertexts = self.box(status, to, status.status_id, content_key), [ciphertext]
        return self.evidence.sign(STATUS, status.SerializeToString(deterministic=True)), key_box, ciphertexts


def issued(envelope: bytes):
    """Our leaf about a status of ours."""
    status = status_pb2.Status.FromString(open_envelope(STATUS, envelope).payload)
    return ledger_pb2.Leaf(
        kind=ledger_pb2.Leaf.status_issued,
        peer=status.peer,
        id=status.status_id,
        case_id=status.case_id,
        code=status.code,
    )


def request(attachments=()) -> request_pb2.Request:
    """The body of a request with these attachments (name, bytes)."""
    body = request_pb2.Request(schema=1, sender_reference="1405/MK/2268", language="en")
    body.legal_basis.add(instrument=request_pb2.LegalBasis.untoc, article="18")
    body.authority.name = "Office of International Judicial Cooperation"
    matter = body.mutual_legal_assistance.matter
    matter.proceeding.subject_matter, matter.proceeding.nature = "A test", request_pb2.Proceeding.trial
    matter.proceeding.conducted_by.name, matter.proceeding.conducted_by.function = "A court", "Tries cases"
    matter.facts.summary, matter.purpose = "A test.", "To test"
    code = request_pb2.Assistance.information_or_items
    body.mutual_legal_assistance.assistance.add(code=code, description="A word")
    for name, data in attachments:
        body.attachments.add(name=name, media_type="application/octet-stream", size=len(data), sha256=sha256(data))
    return body
