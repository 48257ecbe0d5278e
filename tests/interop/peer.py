"""Both sides of the peer face: a client, and a server that takes what a gateway sends."""

import queue
import socket
import ssl
import threading
from concurrent import futures

import grpc
from cryptography import x509

import crypto
import ledger
import wire
from authority import INLINE, Authority, Packet
from crypto import Refused, Sealed
from rogatory.peer.v1 import service_pb2_grpc
from rogatory.v1 import evidence_pb2, ledger_pb2, packet_pb2, peer_pb2, request_pb2, status_pb2
from wire import Chain, Purpose, now

OPTIONS = [
    ("grpc.ssl_target_name_override", "rogatory"),
    ("grpc.max_receive_message_length", 1 << 20),
    ("grpc.max_send_message_length", 1 << 20),
]
Event, Cause = evidence_pb2.Event, evidence_pb2.Cause


class Link:
    """What we know of a peer: its statements, its log as far as we verified it, trees that wait
    to be linked to that (`unlinked`, by size), and how much of ours it has verified (`named`)."""

    def __init__(self, chain: Chain):
        self.chain, self.known, self.note = chain, (0, crypto.sha256()), b""
        self.unlinked: dict[int, bytes] = {}
        self.named, self.lock = 0, threading.Lock()

    def take(self, ack) -> list:
        """Verifies an acknowledgement of a call that named what we know."""
        entries, checkpoint = ledger.verify_acknowledgement(ack, self.chain, self.known)
        if checkpoint.size > self.known[0]:
            self.known, self.note = checkpoint.tree, checkpoint.note
        return entries

    def seen(self, ack) -> list:
        """The same of one that may go from another size. It proves no place then, behind which
        something under a revoked key could stand, and its tree waits to be linked."""
        if ack.from_size == self.known[0]:
            return self.take(ack)
        checkpoint = ledger.open_checkpoint(ack.checkpoint, self.chain)
        entries = ledger.verify_entries(ack, checkpoint)
        if self.unlinked.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise Refused("two trees of one size")
        return [(leaf, objects, None) for leaf, objects, _ in entries]

    def heard(self, reply):
        """Takes note of how much of our log the answerer has verified."""
        self.named = max(self.named, reply.known_of_yours)
        return reply


def certificate_of(address: str, key_file: str, certificate_file: str) -> bytes:
    """The certificate that answers at an address, as PEM; the caller checks its key."""
    host, port = address.rsplit(":", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(certificate_file, key_file)
    context.set_alpn_protocols(["h2"])
    with socket.create_connection((host, int(port)), 10) as raw:
        with context.wrap_socket(raw, server_hostname="rogatory") as tls:
            if tls.selected_alpn_protocol() != "h2":
                raise Refused("ALPN")
            return ssl.DER_cert_to_PEM_cert(tls.getpeercert(binary_form=True)).encode()


def proved(certificate: bytes, chain: Chain) -> bool:
    point = crypto.spki_point(x509.load_pem_x509_certificate(certificate))
    keys = [key for key in chain.keys if key.purpose == Purpose.tls and key.usable(now())]
    return point in [key.public_key for key in keys]


class Client:
    """Calls a gateway."""

    def __init__(self, us: Authority, link: Link, address: str, certificate: bytes):
        if not proved(certificate, link.chain):
            raise Refused("TLS key of the gateway")
        key, own = us.certificate()
        credentials = grpc.ssl_channel_credentials(certificate, key, own)
        self.us, self.link = us, link
        self.channel = grpc.secure_channel(address, credentials, OPTIONS)
        self.stub = service_pb2_grpc.PeerStub(self.channel)

    def hello(self, held: int):
        """Shows what we stated since the gateway held so many statements of ours."""
        chain = self.us.chain
        return self.stub.Hello(
            peer_pb2.HelloRequest(
                authority=self.us.name,
                fingerprint=chain.fingerprint,
                statements=len(chain.links),
                head=chain.head,
                known_of_you=len(self.link.chain.links),
                shown=chain.statements[held:][:64],
            ),
            timeout=30,
        )

    def deliver(self, packet: Packet):
        return self.link.heard(self.stub.Deliver(iter(frames(packet, self.link.known[0])), timeout=60))

    def tell(self, **item):
        request = peer_pb2.TellRequest(known_size=self.link.known[0], **item)
        return self.link.heard(self.stub.Tell(request, timeout=60))


def frames(packet: Packet, known: int):
    """One Start, then the chunks that it does not hold."""
    start = peer_pb2.Start(header=packet.envelope, key_box=packet.key_box, known_size=known)
    number, inline = 0, 0
    while number < len(packet.ciphertexts) and inline + len(packet.ciphertexts[number]) <= INLINE:
        start.chunks.add(object=number, index=0, data=packet.ciphertexts[number])
        inline += len(packet.ciphertexts[number])
        number += 1
    yield peer_pb2.DeliverFrame(start=start)
    for number in range(number, len(packet.ciphertexts)):
        for at, data in enumerate(crypto.chunks(packet.ciphertexts[number], 4 * crypto.SEALED_CHUNK)):
            yield peer_pb2.DeliverFrame(chunk=peer_pb2.Chunk(object=number, index=4 * at, data=data))


def in_order(received: list) -> list:
    """The chunks of a packet's frames, bounded and without a gap or a repeat."""
    first = list(received[0].start.chunks)
    if sum(len(chunk.data) for chunk in first) > INLINE:
        raise Refused("Start")
    chunks = first + [frame.chunk for frame in received[1:]]
    number, length = 0, 0
    for chunk in chunks:
        if chunk.object == number + 1 and length:
            number, length = chunk.object, 0
        follows = chunk.object == number and (chunk.index * crypto.SEALED_CHUNK == length)
        if not follows or not 0 < len(chunk.data) <= 4 * crypto.SEALED_CHUNK:
            raise Refused("chunk")
        length += len(chunk.data)
    return chunks


class Inbox:
    """Decides about what a peer sends: accepts what verifies, and acknowledges it from the log."""

    def __init__(self, us: Authority, link: Link):
        self.us, self.link = us, link
        self.packets, self.statuses, self.handovers, self.cosigned, self.notices = {}, {}, [], [], []
        self.headers: dict[bytes, tuple] = {}  # of packets, by id, each with its digest
        self.answers, self.asked = {}, []

    def packet(self, received: list) -> peer_pb2.DeliverReply:
        start = received[0].start
        self.link.named = max(self.link.named, start.known_size)
        header, digest = wire.open_header(self.link.chain, start.header, wire.now())
        with self.link.lock:
            if header.packet_id not in self.packets:
                content = self._open(header, start, in_order(received))
                self.packets[header.packet_id] = header, content
                self.headers[header.packet_id] = header, digest
                subject = wire.subject(header, digest)
                first = self.evidence(Event.relay_acceptance, subject, [start.header])
                second = self.evidence(Event.content_consignment, subject, [])
                self.answers[digest] = [first, second]
            ack = self.us.log.acknowledge(self.answers[digest], start.known_size)
        return peer_pb2.DeliverReply(acknowledgement=ack, known_of_yours=self.link.known[0])

    def _open(self, header, start, chunks) -> tuple:
        """The body and the attachments."""
        if header.recipient != self.us.name or header.expires <= now():
            raise Refused("header")
        content_key = self.us.content_key(self.link.chain, header, header.packet_id, start.key_box)
        plaintexts = []
        for number, obj in enumerate(header.objects):
            data = b"".join(chunk.data for chunk in chunks if chunk.object == number)
            key = crypto.object_key(content_key, header.packet_id, number)
            plaintexts.append(crypto.open_object(key, as_sealed(obj), data))
        return request_pb2.Request.FromString(plaintexts[0]), plaintexts[1:]

    def evidence(self, event, subject, more, kind=ledger_pb2.Leaf.evidence_issued) -> int:
        """States something about a packet or status; gives its place in our log."""
        at = now()
        evidence = evidence_pb2.Evidence(suite=self.us.suite, event=event, issuer=self.us.name, subject=subject, at=at)
        envelope = self.us.evidence.sign(wire.EVIDENCE, evidence.SerializeToString(deterministic=True))
        peer = self.link.chain.authority
        leaf = ledger_pb2.Leaf(kind=kind, peer=peer, id=subject.id, case_id=subject.case_id, code=event)
        return self.us.log.add(leaf, [envelope, *more], at)

    def told(self, request: peer_pb2.TellRequest) -> peer_pb2.TellReply:
        self.link.named = max(self.link.named, request.known_size)
        item = request.WhichOneof("item")
        with self.link.lock:
            if item == "cosigned_checkpoint":
                checkpoint = ledger.open_checkpoint(request.cosigned_checkpoint, self.us.chain)
                if ledger.cosigned_at(checkpoint.note, self.link.chain) is None:
                    raise Refused("cosignature")
                self.cosigned.append(checkpoint)
                return peer_pb2.TellReply(known_of_yours=self.link.known[0])
            take = {
                "status": self._status,
                "evidence": self._handover,
                "notice": self._notice,
                "statement": self._statement,
            }[item]
            index = take(getattr(request, item))
            ack = self.us.log.acknowledge([index], request.known_size)
        return peer_pb2.TellReply(acknowledgement=ack, known_of_yours=self.link.known[0])

    def _proven(self, ack) -> tuple:
        """The one entry that a peer tells; linked to what we know where it can be."""
        (leaf, objects, index), *more = self.link.seen(ack)
        if more:
            raise Refused("told")
        return leaf, objects[0], index

    def _status(self, told) -> int:
        leaf, envelope, index = self._proven(told.acknowledgement)
        status, digest = wire.open_status(self.link.chain, envelope, index)
        if (leaf.kind, leaf.id) != (ledger_pb2.Leaf.status_issued, status.status_id):
            raise Refused("a leaf that is not its status's")
        if digest not in self.answers:
            text = None
            if status.objects:
                content_key = self.us.content_key(self.link.chain, status, status.status_id, told.key_box)
                key = crypto.object_key(content_key, status.status_id, 0)
                plain = crypto.open_object(key, as_sealed(status.objects[0]), told.chunks[0].data)
                text = status_pb2.StatusText.FromString(plain)
            subject = wire.status_subject(status, digest)
            note = told.acknowledgement.checkpoint
            kind = ledger_pb2.Leaf.status_received
            self.answers[digest] = self.evidence(Event.relay_acceptance, subject, [envelope, note], kind)
            # Last, for who waits for it looks it up in the log.
            self.statuses[status.status_id] = status, text
        return self.answers[digest]

    def _notice(self, ack) -> int:
        _, envelope, _ = self._proven(ack)
        notice, digest = wire.open_notice(self.link.chain, envelope)
        if digest not in self.answers:
            self.notices.append(notice)
            leaf = ledger_pb2.Leaf(kind=ledger_pb2.Leaf.pairing_notice, peer=notice.author, code=notice.act)
            self.answers[digest] = self.us.log.add(leaf, [envelope, ack.checkpoint], now())
        return self.answers[digest]

    def _statement(self, wanted: bytes) -> int:
        """Proves that we have logged a statement of the peer's. It is logged when it is first asked about."""
        held = {crypto.sha256(envelope): envelope for envelope in self.link.chain.statements}
        if wanted not in held:
            raise Refused("a statement that was not shown")
        if wanted not in self.answers:
            leaf = ledger_pb2.Leaf(kind=ledger_pb2.Leaf.key_statement, peer=self.link.chain.authority)
            self.answers[wanted] = self.us.log.add(leaf, [held[wanted]], now())
        return self.answers[wanted]

    def _handover(self, ack) -> int:
        _, envelope, index = self._proven(ack)
        evidence = wire.open_evidence(self.link.chain, envelope, index)
        key = crypto.sha256(envelope)
        if key not in self.answers:
            self.handovers.append(evidence)
            leaf = ledger_pb2.Leaf(
                kind=ledger_pb2.Leaf.evidence_received,
                peer=evidence.issuer,
                id=evidence.subject.id,
                case_id=evidence.subject.case_id,
                code=evidence.event,
            )
            self.answers[key] = self.us.log.add(leaf, [envelope, ack.checkpoint], now())
        return self.answers[key]

    def consistency(self, from_sizes) -> peer_pb2.ConsistencyReply:
        """Our newest tree extends each of these."""
        with self.link.lock:
            self.asked.append(list(from_sizes))
            hashes, note = self.us.log.hashes, self.us.log.checkpoint()
        within = [0 < size < len(hashes) for size in from_sizes]
        proofs = [ledger.prove_consistency(hashes, size) if ok else [] for size, ok in zip(from_sizes, within)]
        proofs = [peer_pb2.ConsistencyProof(hashes=proof) for proof in proofs]
        return peer_pb2.ConsistencyReply(checkpoint=note, proofs=proofs)

    def hello(self, request, is_proved: bool | None = None, certificate: bytes = b""):
        """Takes the statements that are shown, and shows those that are lacking."""
        for statement in request.shown:
            self.link.chain.append(statement)
        chain = self.us.chain
        return peer_pb2.HelloReply(
            authority=self.us.name,
            fingerprint=chain.fingerprint,
            statements=len(chain.links),
            head=chain.head,
            known_of_you=len(self.link.chain.links),
            shown=chain.statements[request.known_of_you :][:64],
            proved=proved(certificate, self.link.chain) if is_proved is None else is_proved,
        )

    def collect(self, stub) -> None:
        """The reverse line: takes what waits for us over our own connection, until it ends."""
        up: queue.SimpleQueue = queue.SimpleQueue()
        up.put(peer_pb2.CollectUp(start=peer_pb2.CollectStart()))
        received = []
        for down in stub.Collect(iter(up.get, None)):
            what = down.WhichOneof("down")
            if what == "frame":
                received.append(down.frame)
            elif what == "end":
                up.put(peer_pb2.CollectUp(delivered=self.packet(received)))
                received = []
            elif what == "tell":
                up.put(peer_pb2.CollectUp(told=self.told(down.tell)))
            elif what == "consistency":
                proofs = self.consistency(down.consistency.from_sizes)
                up.put(peer_pb2.CollectUp(consistency=proofs))
            elif what == "hello":
                # We proved the gateway's key when we dialled it.
                up.put(peer_pb2.CollectUp(hello=self.hello(down.hello, True)))


def as_sealed(obj: packet_pb2.Object) -> Sealed:
    return Sealed(obj.ciphertext_length, obj.chunk_root, obj.commitment, obj.plaintext_digest)


class Service(service_pb2_grpc.PeerServicer):
    """The peer face of our authority, for one peer."""

    def __init__(self, us: Authority, link: Link):
        self.us, self.link, self.inbox = us, link, Inbox(us, link)

    def _caller(self, context) -> None:
        """The pin is checked on every call."""
        certificate = context.auth_context().get("x509_pem_cert", [b""])[0]
        if not certificate or not proved(certificate, self.link.chain):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "this TLS key is not proved: say Hello")

    def Hello(self, request, context):
        if request.authority != self.link.chain.authority or request.fingerprint != self.link.chain.fingerprint:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "not paired")
        return self.inbox.hello(request, certificate=context.auth_context()["x509_pem_cert"][0])

    def Deliver(self, request_iterator, context):
        self._caller(context)
        return self.inbox.packet(list(request_iterator))

    def Tell(self, request, context):
        self._caller(context)
        return self.inbox.told(request)

    def HeldCheckpoint(self, request, context):
        self._caller(context)
        held = self.link.note if self.link.known[0] else b""
        return peer_pb2.HeldCheckpointReply(checkpoint=held)

    def Consistency(self, request, context):
        self._caller(context)
        if request.from_sizes:
            return self.inbox.consistency(request.from_sizes)
        if not request.from_size <= request.to_size <= len(self.us.log.entries):
            context.abort(grpc.StatusCode.OUT_OF_RANGE, "not that many entries")
        hashes = self.us.log.hashes[: request.to_size]
        return peer_pb2.ConsistencyReply(proof=ledger.prove_consistency(hashes, request.from_size))


def serve(us: Authority, link: Link, caller_certificate: bytes) -> tuple:
    """Serves on a free port of loopback. gRPC's TLS needs the caller's certificate beforehand."""
    key, own = us.certificate()
    credentials = grpc.ssl_server_credentials([(key, own)], caller_certificate, require_client_auth=True)
    server = grpc.server(futures.ThreadPoolExecutor(8), options=OPTIONS[1:])
    service = Service(us, link)
    service_pb2_grpc.add_PeerServicer_to_server(service, server)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    return server, service, f"127.0.0.1:{port}"
