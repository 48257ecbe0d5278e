"""Messages: envelopes, statement chains, headers, evidence. Signed bytes are never re-encoded."""

import base64
import os
import time
from dataclasses import dataclass, field

from crypto import (
    Refused,
    key_id,
    pre_authentication_encoding,
    sha256,
    verify_ed25519,
    verify_ml_dsa,
    verify_p256,
    verify_p384,
    verify_rsa,
)
from rogatory.v1 import carry_pb2, envelope_pb2, evidence_pb2, keys_pb2, packet_pb2, pairing_pb2, status_pb2

SUITE = 1
CLOCK_LEAD = 5 * 60 * 1000
PACKET = "application/vnd.rogatory.packet.v1+protobuf"
EVIDENCE = "application/vnd.rogatory.evidence.v1+protobuf"
DEFERRAL = "application/vnd.rogatory.deferral.v1+protobuf"
STATUS = "application/vnd.rogatory.status.v1+protobuf"
STATEMENT = "application/vnd.rogatory.key-statement.v1+protobuf"
OFFER = "application/vnd.rogatory.pairing-offer.v1+protobuf"
GROUP = "application/vnd.rogatory.group.v1+protobuf"
NOTICE = "application/vnd.rogatory.pairing-notice.v1+protobuf"
CARRIED = "application/vnd.rogatory.carried.v1+protobuf"
POSSESSION = "application/vnd.rogatory.possession.v1"

Purpose, Algorithm = keys_pb2.Purpose, keys_pb2.Algorithm
SIGNED_BY = {PACKET: Purpose.packet} | dict.fromkeys((EVIDENCE, DEFERRAL, STATUS, CARRIED), Purpose.evidence)
# Signed by the root, or by a delegate that may state keys for evidence.
SPOKEN = (OFFER, NOTICE, GROUP)
Reason = keys_pb2.Revocation
REVOKING = (Reason.compromised, Reason.lost)
MESSAGE = {
    PACKET: packet_pb2.PacketHeader,
    EVIDENCE: evidence_pb2.Evidence,
    DEFERRAL: evidence_pb2.Deferral,
    STATUS: status_pb2.Status,
    OFFER: keys_pb2.PairingOffer,
    NOTICE: pairing_pb2.PairingNotice,
    GROUP: pairing_pb2.GroupList,
    CARRIED: carry_pb2.CarriedHeader,
}
# Algorithms that must sign, by suite: the second has payloads of these types only.
REQUIRED = {1: (Algorithm.ed25519,), 2: (Algorithm.ed25519, Algorithm.ml_dsa_65)}
IN_TWO = (Purpose.packet, Purpose.evidence)
BY_SUITE = (PACKET, EVIDENCE, DEFERRAL, STATUS, CARRIED)
VERIFY = {
    Algorithm.ed25519: verify_ed25519,
    Algorithm.ml_dsa_65: verify_ml_dsa,
    Algorithm.ecdsa_p256: verify_p256,
    Algorithm.ecdsa_p384: verify_p384,
    Algorithm.rsa: verify_rsa,
}
ALGORITHM_OF = {Purpose.content: Algorithm.x_wing}
TLS_POINTS = {65: Algorithm.ecdsa_p256, 97: Algorithm.ecdsa_p384}


def now() -> int:
    return time.time_ns() // 1_000_000


def uuid7() -> bytes:
    random = bytearray(os.urandom(10))
    random[0] = 0x70 | random[0] & 0x0F
    random[2] = 0x80 | random[2] & 0x3F
    return now().to_bytes(6, "big") + bytes(random)


def parse(message_type, data: bytes):
    try:
        return message_type.FromString(data)
    except Exception as error:
        raise Refused(message_type.DESCRIPTOR.name) from error


# Envelopes


@dataclass
class Signer:
    """A key under its key id, and those that sign beside it."""

    id: bytes
    key: object
    beside: tuple = ()

    def sign(self, payload_type: str, payload: bytes) -> bytes:
        message = pre_authentication_encoding(payload_type, payload)
        signed = envelope_pb2.Signed(payload_type=payload_type, payload=payload)
        for signer in (self, *(self.beside if payload_type in BY_SUITE else ())):
            signed.signatures.add(key_id=signer.id, signature=signer.key.sign(message))
        return signed.SerializeToString(deterministic=True)


def open_envelope(payload_type: str, envelope: bytes) -> envelope_pb2.Signed:
    """Reads an envelope; its payload is not to be believed yet."""
    signed = parse(envelope_pb2.Signed, envelope)
    if signed.payload_type != payload_type or not 1 <= len(signed.signatures) <= 4:
        raise Refused("envelope")
    return signed


# Key statements


@dataclass
class ProvenKey:
    id: bytes
    purpose: int
    algorithm: int
    public_key: bytes
    not_before: int
    not_after: int
    seq: int
    may_state: list[int]
    ends: list[tuple[int, int, int]] = field(default_factory=list)  # (reason, since, size of the author's log)

    def revoked_at(self, index: int | None) -> bool:
        """Of what was found at an index of its author's log, or (None) by itself."""
        sizes = [size for reason, _, size in self.ends if reason in REVOKING]
        return bool(sizes) and (index is None or index >= sizes[-1])

    @property
    def revoked(self) -> bool:
        return self.revoked_at(None)

    def stands(self, made: int, index: int | None) -> bool:
        """Whether it could sign what names this time and was found there: by position first, then by time."""
        if self.revoked_at(index):
            return False
        if any(made >= since for reason, since, _ in self.ends if reason not in REVOKING):
            return False
        return self.not_before <= made < self.not_after

    def usable(self, at: int) -> bool:
        return self.stands(at, None)


class Fork(Refused):
    """Two well signed statements that contradict each other."""

    def __init__(self, known: bytes):
        super().__init__("contradicting statements")
        self.known = known


@dataclass
class Chain:
    """An authority's statements, verified one by one."""

    authority: str
    root: keys_pb2.Root | keys_pb2.RootChange
    links: list = field(default_factory=list)  # (envelope, digest, signed by the root)
    keys: list[ProvenKey] = field(default_factory=list)
    former: list[bytes] = field(default_factory=list)  # public keys of roots that gave way

    @classmethod
    def open(cls, statements: list[bytes]) -> "Chain":
        first = open_envelope(STATEMENT, statements[0])
        statement = parse(keys_pb2.KeyStatement, first.payload)
        if statement.WhichOneof("body") != "root" or statement.seq or statement.prev or statement.suite != SUITE:
            raise Refused("statement 0")
        if SUITE not in statement.root.suites:
            raise Refused("suites of statement 0")
        chain = cls(statement.authority, statement.root)
        _verify_with(first, chain.root_id, statement.root.public_key)
        chain.links.append((statements[0], sha256(first.payload), True))
        for envelope in statements[1:]:
            chain.append(envelope)
        return chain

    @property
    def root_id(self) -> bytes:
        return key_id(0, Algorithm.ed25519, self.root.public_key)

    def root_ids(self) -> list[bytes]:
        """Of the root that stands, and of those before it."""
        return [key_id(0, Algorithm.ed25519, public) for public in (self.root.public_key, *self.former)]

    @property
    def fingerprint(self) -> bytes:
        return self.links[0][1]

    @property
    def head(self) -> bytes:
        return self.links[-1][1]

    @property
    def statements(self) -> list[bytes]:
        return [envelope for envelope, _, _ in self.links]

    @property
    def origin(self) -> str:
        return f"rogatory/{self.authority}/{self.fingerprint[:8].hex()}/1"

    @property
    def witness(self) -> str:
        return f"rogatory/{self.authority}/{self.fingerprint[:8].hex()}/witness"

    def append(self, envelope: bytes) -> int:
        """Appends a statement; gives the number of statements that it voided."""
        signed = open_envelope(STATEMENT, envelope)
        digest = sha256(signed.payload)
        if any(known == digest for _, known, _ in self.links):
            return 0
        statement = parse(keys_pb2.KeyStatement, signed.payload)
        if statement.suite != SUITE or statement.authority != self.authority:
            raise Refused("statement of something else")
        at = next((n for n, link in enumerate(self.links) if link[1] == statement.prev), None)
        if at is None or statement.seq != at + 1:
            raise Refused("statement out of place")
        later = self.links[at + 1 :]
        if later:
            # As if the voided had never been said, their revocations included.
            branch = Chain.open(self.statements[: at + 1])
            branch.append(envelope)
            by_root = branch.links[-1][2]
            if not by_root and later[0][2]:
                raise Refused("the root went on otherwise")
            known = next((link for link in later if link[2]), None) if by_root else later[0]
            if known:
                raise Fork(known[0])
            self.links, self.keys = branch.links, branch.keys
            self.root, self.former = branch.root, branch.former
            return len(later)
        before = parse(keys_pb2.KeyStatement, open_envelope(STATEMENT, self.links[-1][0]).payload)
        if statement.made_at < before.made_at:
            raise Refused("dated back")
        body, ends = statement.WhichOneof("body"), _ends(statement)
        if body not in ("key", "revocations", "root_change") or len(ends) > 64 or (body == "revocations" and not ends):
            raise Refused("statement of nothing")
        by_root = self._signed_by_root(signed, statement, ends)
        if body == "key":
            self._check_key(statement)
        elif body == "root_change":
            self._check_root(statement.root_change)
        if len({end.key_id for end in ends}) != len(ends):
            raise Refused("ends a key twice")
        for end in ends:
            self._check_end(statement, end)
        for end in ends:
            self.key(end.key_id).ends.append((end.reason, end.since, end.log_size))
        if body == "key":
            self.keys.append(_proven(statement))
        elif body == "root_change":
            self.former.append(self.root.public_key)
            self.root = statement.root_change
        self.links.append((envelope, digest, by_root))
        return 0

    def key(self, id_: bytes) -> ProvenKey | None:
        return next((key for key in self.keys if key.id == id_), None)

    def _check_end(self, statement, end) -> None:
        key, revoking = self.key(end.key_id), end.reason in REVOKING
        if key is None or key.revoked or (key.ends and not revoking):
            raise Refused("no key that could end")
        at_use = end.reason in (Reason.superseded, Reason.ceased) and end.since >= statement.made_at
        if at_use and end.log_size:
            raise Refused("log_size")
        if not at_use and not (revoking and end.since <= statement.made_at):
            raise Refused("reason")

    def _signed_by_root(self, signed, statement, ends) -> bool:
        ids = [signature.key_id for signature in signed.signatures]
        if statement.WhichOneof("body") == "root_change":
            # The one that was announced signs too; it alone would be a recovery, which nobody takes yet.
            new = statement.root_change.public_key
            if sha256(new) != self.root.next_root_digest or self.root_id not in ids:
                raise Refused("root change")
            _verify_with(signed, key_id(0, Algorithm.ed25519, new), new)
        if self.root_id in ids:
            _verify_with(signed, self.root_id, self.root.public_key)
            return True
        delegate = next((key for id_ in ids if (key := self.key(id_))), None)
        if delegate is None or delegate.purpose != Purpose.delegate or not delegate.usable(statement.made_at):
            raise Refused("neither root nor delegate")
        ended = [self.key(end.key_id) for end in ends]
        purposes = [key.purpose for key in ended if key]
        if statement.WhichOneof("body") == "key":
            purposes.append(statement.key.purpose)
            if statement.key.not_after > delegate.not_after:
                raise Refused("outlives the delegate")
        if None in ended or not set(purposes) <= set(delegate.may_state):
            raise Refused("beyond the delegate's bounds")
        _verify_with(signed, delegate.id, delegate.public_key)
        return False

    def _public_keys(self) -> list[bytes]:
        return [self.root.public_key, *self.former, *(key.public_key for key in self.keys)]

    def _check_root(self, change) -> None:
        if change.public_key in self._public_keys() or len(change.next_root_digest) != 32 or SUITE not in change.suites:
            raise Refused("root change")

    def _check_key(self, statement) -> None:
        key = statement.key
        wanted = ALGORITHM_OF.get(key.purpose, Algorithm.ed25519)
        if key.purpose == Purpose.tls:
            wanted = TLS_POINTS.get(len(key.public_key), Algorithm.rsa)
        # Beside it for suite 2, or of a suite that is not known here: such a key is used for nothing.
        later = 0 < key.algorithm < 256 and key.algorithm not in Algorithm.Code.values()
        beside = key.purpose in IN_TWO and (key.algorithm == Algorithm.ml_dsa_65 or later)
        if key.purpose == 0 or not (key.algorithm == wanted or beside):
            raise Refused("algorithm")
        if key.not_after <= key.not_before or key.public_key in self._public_keys():
            raise Refused("key")
        proof = possession(self.authority, key.purpose, statement.prev, key.public_key)
        if key.algorithm in VERIFY:
            VERIFY[key.algorithm](key.public_key, proof, key.possession)
        elif key.algorithm == Algorithm.x_wing and len(key.public_key) != 1216:
            raise Refused("X-Wing key")

    def current(self, purpose: int, at: int, algorithm: int | None = None) -> ProvenKey:
        beside = Algorithm.ml_dsa_65
        found = (key for key in reversed(self.keys) if key.purpose == purpose and key.usable(at))
        return next(key for key in found if (key.algorithm == algorithm if algorithm else key.algorithm != beside))

    def verify(self, payload_type: str, envelope: bytes, logged: bool = False, index: int | None = None) -> tuple[bytes, list[ProvenKey]]:
        """The payload of an envelope that this authority signed, and the keys: one for each
        algorithm of the suite that the payload names, and none besides; no key at all: the root."""
        signed = open_envelope(payload_type, envelope)
        suite = parse(MESSAGE[payload_type], signed.payload).suite
        if suite not in REQUIRED or (suite != SUITE and payload_type not in BY_SUITE):
            raise Refused("suite")
        if payload_type in SPOKEN and [s.key_id for s in signed.signatures] == [self.root_id]:
            _verify_with(signed, self.root_id, self.root.public_key)
            return signed.payload, []
        message = pre_authentication_encoding(signed.payload_type, signed.payload)
        keys = []
        for signature in signed.signatures:
            key = self.key(signature.key_id)
            if key is None or key.revoked_at(index):
                raise Refused("key")
            speaks = key.purpose == Purpose.delegate and Purpose.evidence in key.may_state
            speaks |= logged and key.purpose == Purpose.evidence
            if not (speaks if payload_type in SPOKEN else key.purpose == SIGNED_BY[payload_type]):
                raise Refused("key of another purpose")
            if key.algorithm not in REQUIRED[suite]:
                raise Refused("a key that its suite does not ask for")
            VERIFY[key.algorithm](key.public_key, message, signature.signature)
            keys.append(key)
        if sorted(key.algorithm for key in keys) != sorted(REQUIRED[suite]):
            raise Refused("signature missing")
        return signed.payload, keys


def _verify_with(signed, id_: bytes, public_key: bytes) -> None:
    signature = next((s for s in signed.signatures if s.key_id == id_), None)
    if signature is None:
        raise Refused("signature missing")
    verify_ed25519(public_key, pre_authentication_encoding(signed.payload_type, signed.payload), signature.signature)


def _proven(statement) -> ProvenKey:
    key = statement.key
    id_ = key_id(key.purpose, key.algorithm, key.public_key)
    may = [purpose for purpose in key.may_state if purpose != Purpose.delegate]
    return ProvenKey(
        id_, key.purpose, key.algorithm, key.public_key, key.not_before, key.not_after, statement.seq, may
    )


def _ends(statement) -> list:
    """The ends of keys that a statement says; `revokes` says: compromised from now on."""
    since = statement.made_at
    revoked = [Reason(key_id=id_, reason=Reason.compromised, since=since) for id_ in statement.key.revokes]
    return [*revoked, *statement.key.ends, *statement.revocations.items, *statement.root_change.ends]


def possession(authority: str, purpose: int, prev: bytes, public_key: bytes) -> bytes:
    name = authority.encode()
    return pre_authentication_encoding(POSSESSION, bytes([len(name)]) + name + bytes([purpose]) + prev + public_key)


# Payloads


def open_at(chain: Chain, payload_type: str, envelope: bytes, message_type, time_field: str, index=None, seen=0, logged: bool = False):
    """A signed message whose keys were valid at the time that it names, or (headers) by the time that it was seen."""
    payload, keys = chain.verify(payload_type, envelope, logged, index)
    message = parse(message_type, payload)
    made = getattr(message, time_field)
    if not all(key.stands(max(made, min(key.not_before, seen)), index) for key in keys):
        raise Refused("outside the key's time")
    return message, sha256(payload)


def open_header(chain: Chain, envelope: bytes, seen: int):
    """A header that came at `seen`: a newer key may vouch for it, where an older one was revoked."""
    header, digest = open_at(chain, PACKET, envelope, packet_pb2.PacketHeader, "created", seen=seen + CLOCK_LEAD)
    if header.sender != chain.authority or bool(header.case_seq) != bool(header.case_prev) or not header.objects:
        raise Refused("header")
    return header, digest


def open_status(chain: Chain, envelope: bytes, index: int | None = None):
    return open_at(chain, STATUS, envelope, status_pb2.Status, "created", index)


def open_evidence(chain: Chain, envelope: bytes, index: int | None = None):
    evidence, _ = open_at(chain, EVIDENCE, envelope, evidence_pb2.Evidence, "at", index)
    if evidence.issuer != chain.authority:
        raise Refused("issuer")
    return evidence


def open_deferral(chain: Chain, envelope: bytes):
    deferral, _ = open_at(chain, DEFERRAL, envelope, evidence_pb2.Deferral, "at")
    if deferral.issuer != chain.authority:
        raise Refused("issuer")
    return deferral


def open_notice(chain: Chain, envelope: bytes, index: int | None = None):
    notice, digest = open_at(chain, NOTICE, envelope, pairing_pb2.PairingNotice, "made_at", index)
    if (notice.author, notice.author_fingerprint) != (chain.authority, chain.fingerprint):
        raise Refused("author")
    said = notice.HasField("limits") or notice.HasField("terms") or notice.addresses
    if said and notice.act != pairing_pb2.PairingAct.terms or bool(notice.seq) != bool(notice.prev):
        raise Refused("notice")
    if len(notice.root) != (32 if notice.act == pairing_pb2.PairingAct.root_confirmed else 0):
        raise Refused("notice about a root")
    return notice, digest


def subject(header, digest: bytes):
    return evidence_pb2.Subject(
        type=evidence_pb2.Subject.packet,
        sender=header.sender,
        recipient=header.recipient,
        id=header.packet_id,
        digest=digest,
        case_id=header.case_id,
    )


def status_subject(status, digest: bytes):
    return evidence_pb2.Subject(
        type=evidence_pb2.Subject.status,
        sender=status.author,
        recipient=status.peer,
        id=status.status_id,
        digest=digest,
        case_id=status.case_id,
    )


# Offers


BEGIN = "-----BEGIN ROGATORY PAIRING OFFER-----"
END = "-----END ROGATORY PAIRING OFFER-----"


def offer_text(authority: str, envelope: bytes) -> str:
    body = base64.b64encode(envelope).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([BEGIN, f"authority: {authority}", "", *lines, END, ""])


def read_offer(text: str) -> tuple[Chain, object]:
    """The chain and the offer, all signatures verified."""
    inside = text.split(BEGIN, 1)[1].split(END, 1)[0].replace("\r", "")
    return open_offer(base64.b64decode("".join(inside.split("\n\n", 1)[1].split())))


def open_offer(envelope: bytes, logged: bool = False) -> tuple[Chain, object]:
    """As `read_offer`, from the envelope itself; in ledgers, the evidence key may have signed."""
    offer = parse(keys_pb2.PairingOffer, open_envelope(OFFER, envelope).payload)
    chain = Chain.open(list(offer.statements))
    opened, _ = open_at(chain, OFFER, envelope, keys_pb2.PairingOffer, "made_at", logged=logged)
    if opened.authority != chain.authority:
        raise Refused("offer")
    return chain, opened


def open_group(envelope: bytes):
    """A list of a group: every offer in it, and the signature of the convener."""
    group = parse(pairing_pb2.GroupList, open_envelope(GROUP, envelope).payload)
    names = [member.authority for member in group.members]
    if not 2 <= len(names) <= 16 or names != sorted(set(names)) or group.convener not in names:
        raise Refused("members of a group")
    chains = {}
    for member in group.members:
        chain, _ = open_offer(member.offer)
        if (chain.authority, chain.fingerprint) != (member.authority, member.fingerprint):
            raise Refused("member of a group")
        chains[chain.authority] = chain
    return open_at(chains[group.convener], GROUP, envelope, pairing_pb2.GroupList, "made_at")
