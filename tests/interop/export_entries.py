"""The entries of an exported ledger, one after the other: what each kind of them must hold."""

import copy
import re
from collections import Counter

from crypto import Refused, leaf_hash, sha256
from export_cases import Cases
from export_folder import Tree, Wrong, read_vkey
from export_pairings import Pairings
from ledger import (
    COSIGNATURE_V1,
    ED25519,
    Checkpoint,
    cosigned_at,
    note_key_id,
    open_checkpoint,
    read_note,
    verify_consistency,
    verify_cosignature,
    verify_inclusion,
)
from rogatory.v1 import evidence_pb2, keys_pb2, ledger_pb2
from wire import (
    EVIDENCE,
    REVOKING,
    STATEMENT,
    STATUS,
    Chain,
    Fork,
    open_envelope,
    open_evidence,
    open_group,
    open_header,
    open_offer,
    open_status,
    parse,
    status_subject,
    subject,
)

Kind, Event, Subject = ledger_pb2.Leaf, evidence_pb2.Event, evidence_pb2.Subject
Purpose = keys_pb2.Purpose
LONGEST_LEAF = 4096
AUTHORITY = re.compile(r"[A-Z][A-Z0-9-]{1,31}\Z")
OURS_AS_SENDER = (Event.submission_acceptance, Event.submission_rejection, Event.relay_failure)
ERASED, HELD, RELEASED, RESIGNED = 13, 14, 15, 18
LATER = {ERASED: "erased", HELD: "held", RELEASED: "released", RESIGNED: "resigned"}
NAMES = {number: name for name, number in Kind.Kind.items()} | LATER
# What an alarm says two checkpoints to be: of a peer, or of the log itself.
FORKED, NOT_EXTENDED, ROLLED_BACK, OWN_LOG = 64, 65, 66, 67
KEYS_FORKED, NOTICES_FORKED = 68, 69
# How many objects an entry of this kind holds.
OBJECTS = {
    Kind.key_statement: {1},
    Kind.pairing: {1, 2},
    Kind.evidence_issued: {1, 2, 4},
    Kind.evidence_received: {3},
    Kind.status_issued: {1},
    Kind.status_received: {4},
    Kind.confirmation: {2},
    Kind.opening: {0},
    Kind.cosigned: {1},
    Kind.cosignature_received: {1, 2},
    Kind.alarm: {2, 3},
    Kind.strangers: {0},
    ERASED: {0},
    HELD: {0},
    RELEASED: {0},
    Kind.pairing_notice: {1, 3},
    RESIGNED: {1},
}
# Leaves about these may name the person who did it; and evidence that is for no peer.
WITH_ACTOR = (Kind.status_issued, Kind.opening, Kind.evidence_issued, Kind.pairing_notice, ERASED, HELD, RELEASED)


def require(holds, why: str) -> None:
    if not holds:
        raise Refused(why)


class Verifier:
    """Takes the entries in their order; raises at the first that does not hold."""

    def __init__(self, fingerprint: bytes, peers: dict[str, bytes], tree: Tree):
        self.fingerprint, self.expected, self.tree = fingerprint, peers, tree
        self.own: Chain | None = None
        self.peers: dict[str, Chain] = {}
        self.paired: dict[str, int] = {}  # where each got the fingerprint that it has
        self.cases = Cases()
        self.pairings = Pairings()
        self.handovers: set[int] = set()  # entries of ours that wait for a confirmation
        self.leaves: list[tuple] = []  # kind, peer, first object's digest, ids, what it is about
        self.last_at = 0
        self.signed: dict[bytes, int] = {}  # by key: the last entry that holds evidence or a status of ours under it
        self.notes: dict[bytes, tuple[str, Checkpoint]] = {}
        self.trees: dict[tuple[str, int], bytes] = {}  # of peers, by size
        self.peer_leaves: dict[tuple[str, int], bytes] = {}
        self.cosigned: dict[str, tuple[int, int]] = {}  # by name: size of our log, when
        self.cosignatures: set[bytes] = set()
        self.outsiders: set[str] = set()  # witnesses that are no peers
        self.kinds, self.unknown, self.counts = Counter(), Counter(), Counter()

    def entry(self, index: int, leaf_bytes: bytes, objects: list[bytes]) -> None:
        leaf = self._leaf(leaf_bytes)
        known = leaf.kind in OBJECTS
        name = NAMES.get(leaf.kind, str(leaf.kind))
        try:
            if known:
                require(len(objects) in OBJECTS[leaf.kind], "wrong number of objects")
                require(not leaf.actor or leaf.kind in WITH_ACTOR, "names a person")
                written = leaf.kind == Kind.evidence_issued and leaf.code == Event.submission_acceptance
                require(not leaf.drafter or written and leaf.actor, "names who wrote what nobody submitted")
                require(not leaf.drafter or leaf.drafter != leaf.actor, "written and approved by one person")
                require(self.own or leaf.kind == Kind.key_statement and not leaf.peer, "comes before statement 0")
                about = getattr(self, f"_{name}")(index, leaf, objects)
            else:
                require(leaf.kind, "has no kind")
                about = None
                self.unknown[name] += 1
        except Refused as error:
            raise Wrong(f"{name}: {error}", index) from error
        payload = {Kind.evidence_issued: EVIDENCE, Kind.status_received: EVIDENCE, Kind.status_issued: STATUS}
        if leaf.kind in payload:
            for signature in open_envelope(payload[leaf.kind], objects[0]).signatures:
                self.signed[signature.key_id] = index
        self.kinds[name] += 1
        self.counts["objects"] += len(objects)
        first = bytes(leaf.objects[0]) if leaf.objects else b""
        self.leaves.append((leaf.kind, leaf.peer, first, (leaf.id, leaf.case_id), about))

    def _leaf(self, data: bytes):
        require(len(data) <= LONGEST_LEAF, "leaf too long")
        leaf = parse(ledger_pb2.Leaf, data)
        require(leaf.version == 1, "version of the leaf")
        require(leaf.at >= self.last_at, "is older than the entry before it")
        require(len(leaf.actor) in (0, 8), "actor")
        require(len(leaf.drafter) in (0, 8), "drafter")
        require(not leaf.peer or AUTHORITY.match(leaf.peer), "name of the peer")
        for id_ in (leaf.id, leaf.case_id):
            require(not id_ or len(id_) == 16 and id_[6] >> 4 == 7 and id_[8] >> 6 == 2, "id")
        require(all(len(digest) == 32 for digest in leaf.objects), "digest of an object")
        require(not leaf.HasField("witnessed") or len(leaf.witnessed.root) == 32, "root witnessed")
        self.last_at = leaf.at
        return leaf

    # What each kind of entry must hold

    def _key_statement(self, index, leaf, objects):
        self.counts["signatures"] += 1
        digest = sha256(open_envelope(STATEMENT, objects[0]).payload)
        chain = self._peer(leaf) if leaf.peer else self.own
        if chain:
            known = [envelope for envelope, known, _ in chain.links if known == digest]
            require(known in ([], objects), "other signatures than the statement has that is known")
            ends = {key.id: len(key.ends) for key in chain.keys}
            chain.append(objects[0])
            said = [(key.id, *end) for key in chain.keys for end in key.ends[ends.get(key.id, 0) :]]
            for id_, reason, _, size in said if not leaf.peer else ():
                require(size <= index, "revokes a key as of a size that the log had not reached")
                late = reason in REVOKING and size and self.signed.get(id_, -1) >= size
                require(not late, f"revokes a key as of {size} entries, and a later one is signed with it")
        else:
            require(digest == self.fingerprint, f"statement 0 has the fingerprint {digest.hex()}")
            self.own = Chain.open(objects)

    def _pairing(self, index, leaf, objects):
        chain, _ = open_offer(objects[0], logged=True)
        self.counts["signatures"] += 1 + len(chain.links)
        require(leaf.peer == chain.authority != self.own.authority, "another peer than the offer's")
        for listed in objects[1:]:
            group, _ = open_group(listed)
            self.counts["signatures"] += 1
            require(objects[0] in [member.offer for member in group.members], "an offer that is not in its list")
        known = self.peers.get(chain.authority)
        if known is None or known.fingerprint != chain.fingerprint:
            # Another takes its place, and nothing is known of it or its log.
            self.paired[chain.authority] = index
            self.peers[chain.authority] = known = chain
            self.pairings.begin(chain.authority)
            self.cosigned.pop(chain.authority, None)
            for seen in (self.trees, self.peer_leaves):
                for key in [key for key in seen if key[0] == chain.authority]:
                    del seen[key]
        for statement in chain.statements:
            known.append(statement)

    def _evidence_issued(self, index, leaf, objects):
        evidence = self._evidence(self.own, leaf, objects[0])
        require(evidence.at == leaf.at, "another time than its evidence")
        about = evidence.subject
        if about.type == Subject.unattributed:
            require(evidence.event == Event.relay_rejection and len(objects) == 1, "unattributed")
            return None
        outgoing = evidence.event in OURS_AS_SENDER
        require(outgoing or not leaf.actor, "evidence for a peer names a person")
        parties = (self.own.authority, leaf.peer)
        require((about.sender, about.recipient) == (parties if outgoing else parties[::-1]), "parties")
        if about.type == Subject.status:
            # A status without a place in its sequence; the others are in `status_received`.
            require(len(objects) == 4 and evidence.event == Event.relay_rejection, "refusal of a status")
            theirs, place = self._receipt(leaf, objects, 2)
            status, digest = self._status(self._peer(leaf), objects[1], place)
            self._is_of(theirs, leaf, 1)
            require(about == status_subject(status, digest), "about another status")
            return None
        header = digest = None
        if len(objects) > 1:
            header, digest = open_header(self.own if outgoing else self._peer(leaf), objects[1], leaf.at)
            self.counts["signatures"] += 1
            require(len(objects) == 2 and about == subject(header, digest), "another header than its evidence names")
        kind = self.cases.packet(outgoing, index, leaf.peer, header, evidence, objects[0])
        require(leaf.statistics.kind in (0, kind), "counted as another kind than the packet's")
        if evidence.event == Event.content_handover:
            self.handovers.add(index)
        return about if outgoing else None

    def _evidence_received(self, index, leaf, objects):
        theirs, place = self._receipt(leaf, objects, 1)
        evidence = self._evidence(self._peer(leaf), leaf, objects[0], place=place)
        require(evidence.event not in OURS_AS_SENDER, "event that is not the peer's to state")
        about, seq = self._answered(index, leaf, (Kind.evidence_issued, Kind.status_issued))
        require((leaf.id, leaf.case_id) == (about.id, about.case_id), "another id than what it answers")
        if evidence.subject.type == Subject.unattributed:
            same = evidence.subject.digest == about.digest and evidence.event == Event.relay_rejection
        else:
            same = evidence.subject == about
        require(same, "evidence about something else")
        self._is_of(theirs, leaf, 0)
        require(theirs.kind in (Kind.evidence_issued, Kind.status_received), "receipt of another kind")
        require(theirs.at == evidence.at, "receipt of another time")
        if about.type == Subject.packet:
            self.cases.answered(leaf.peer, about, evidence, objects[0])
        else:
            require(leaf.object == seq, "another status")
            self.cases.status_answered(leaf.peer, about.case_id, leaf.about - 1, evidence.event)

    def _status_issued(self, index, leaf, objects):
        status, digest = self._status(self.own, objects[0])
        require((status.author, status.peer) == (self.own.authority, leaf.peer), "parties")
        require((leaf.id, leaf.case_id, leaf.code) == (status.status_id, status.case_id, status.code), "status")
        self.cases.status(True, leaf.peer, status, digest, index)
        return status_subject(status, digest), status.seq

    def _status_received(self, index, leaf, objects):
        evidence = self._evidence(self.own, leaf, objects[0], code=False)
        theirs, place = self._receipt(leaf, objects, 2)
        status, digest = self._status(self._peer(leaf), objects[1], place)
        self._is_of(theirs, leaf, 1)
        require((status.author, status.peer) == (leaf.peer, self.own.authority), "parties")
        require((leaf.id, leaf.case_id, leaf.code) == (status.status_id, status.case_id, status.code), "status")
        require(evidence.at == leaf.at, "another time than its evidence")
        require(evidence.subject == status_subject(status, digest), "evidence about another status")
        require(evidence.event in (Event.relay_acceptance, Event.relay_rejection), "event")
        require(theirs.kind == Kind.status_issued, "receipt of another kind")
        self.cases.status(False, leaf.peer, status, digest, index)
        self.cases.judged(leaf.peer, status, evidence)

    def _confirmation(self, index, leaf, objects):
        require(0 < leaf.about <= index, "answers no entry before it")
        said, peer, first, ids, _ = self.leaves[leaf.about - 1]
        of_statement = said == Kind.key_statement and not peer
        if not of_statement:
            self._answered(index, leaf, None)
        require((leaf.id, leaf.case_id) == ids, "another id than what it answers")
        theirs, _ = self._receipt(leaf, objects, 0)
        waiting, kind = self.handovers, Kind.evidence_received
        if of_statement:
            kind = Kind.key_statement
        elif not leaf.id:
            waiting, kind = self.pairings.waiting, Kind.pairing_notice
        require(theirs.kind == kind, "receipt of another kind")
        require(first and list(theirs.objects[:1]) == [first], "receipt of something else")
        if of_statement:
            # Who holds a statement holds those before it.
            self.pairings.holds(leaf.peer, leaf.about)
            return
        require(leaf.about - 1 in waiting, "confirms what waits for no confirmation")
        waiting.discard(leaf.about - 1)

    def _pairing_notice(self, index, leaf, objects):
        peer, ours = self._peer(leaf), len(objects) == 1
        require(bool(leaf.actor) == ours, "names a person in the word of a peer, or nobody in ours")
        author, other = (self.own, peer) if ours else (peer, self.own)
        place = None
        if not ours:
            theirs, place = self._receipt(leaf, objects, 1)
            self._is_of(theirs, leaf, 0)
            require(theirs.kind == Kind.pairing_notice, "receipt of another kind")
        self.pairings.notice(index, leaf, objects[0], author, other, ours, place)
        self.counts["signatures"] += 1

    def _resigned(self, index, leaf, objects):
        """A packet of ours that waited under a key that was revoked."""
        about, _ = self._answered(index, leaf, (Kind.evidence_issued,))
        header, digest = open_header(self.own, objects[0], leaf.at)
        self.counts["signatures"] += 1
        require(about == subject(header, digest), "signs anew what was not sent")
        require((leaf.id, leaf.case_id) == (about.id, about.case_id), "another id than its packet")

    def _opening(self, index, leaf, _):
        require(leaf.actor and leaf.id, "nobody opened anything")
        require(0 < leaf.about <= index, "opens no packet or status before it")
        _, peer, _, ids, _ = self.leaves[leaf.about - 1]
        require((leaf.peer, leaf.id, leaf.case_id) == (peer, *ids), "opens another packet or status")

    def _cosigned(self, _, leaf, objects):
        open_checkpoint(objects[0], self._peer(leaf))
        require(cosigned_at(objects[0], self.own) is not None, "no cosignature of ours")
        self.counts["signatures"] += 2

    def _cosignature_received(self, index, leaf, objects):
        if leaf.peer:
            require(len(objects) == 1, "wrong number of objects")
            self.witnessed(self._peer(leaf), objects[0], index)
            self.cosignatures.add(objects[0])
            return
        # A witness outside the ledger, known by the verifier key in the second object.
        try:
            name, type_, key = read_vkey(objects[1].decode())
        except (ValueError, IndexError) as error:
            raise Refused("verifier key") from error
        require(type_ == COSIGNATURE_V1, "type of the verifier key")
        checkpoint = self._own_checkpoint(objects[0], index)
        _, text, signatures = read_note(objects[0])
        id_ = note_key_id(name, type_, key)
        signature = next((line for by, line in signatures if by == name and line[:4] == id_), None)
        require(signature, "no cosignature of the witness")
        self._cosigned_by(name, checkpoint.size, verify_cosignature(key, text, signature))
        self.outsiders.add(name)

    def _alarm(self, index, leaf, objects):
        chain = self._peer(leaf)
        if leaf.code == Event.relay_rejection:
            require(len(objects) == 3, "wrong number of objects")
            theirs, place = self._receipt(leaf, objects, 1)
            evidence = self._evidence(chain, leaf, objects[0], named=False, place=place)
            self._is_of(theirs, leaf, 0)
            require(self.cases.was_accepted(leaf.peer, leaf.id), "a rejection that contradicts nothing")
            require(evidence.subject.digest == self.cases.digest(leaf.peer, leaf.id), "evidence about something else")
        elif leaf.code in (FORKED, NOT_EXTENDED, ROLLED_BACK):
            require(len(objects) == 2, "wrong number of objects")
            (one, first), (two, second) = (open_checkpoint(note, chain, past=True).tree for note in objects)
            self.counts["signatures"] += 2
            said = {FORKED: one == two, NOT_EXTENDED: one < two, ROLLED_BACK: one > two}[leaf.code]
            require(said and (leaf.code == ROLLED_BACK or first != second), "checkpoints that do not contradict")
        elif leaf.code == OWN_LOG:
            self._own_alarm(index, chain, objects)
        elif leaf.code == KEYS_FORKED:
            self._forked_keys(chain, objects)
        elif leaf.code == NOTICES_FORKED:
            require(len(objects) == 2, "wrong number of objects")
            self.pairings.forked(leaf.peer, chain, self.own, *objects)
            self.counts["signatures"] += 1
        else:
            self.unknown[f"alarm {leaf.code}"] += 1

    def _own_alarm(self, index, peer: Chain, objects: list[bytes]) -> None:
        """A checkpoint of this log that the peer cosigned, and that is of another tree."""
        held = open_checkpoint(objects[0], self.own, past=True)
        ours = self._own_checkpoint(objects[1], index, past=True)
        require(cosigned_at(objects[0], peer) is not None, "no cosignature of the peer")
        self.counts["signatures"] += 3
        require(len(objects) == (2 if held.size > ours.size else 3), "wrong number of objects")
        if len(objects) == 3:
            tree = parse(ledger_pb2.OwnTree, objects[2])
            require(len(tree.root) == 32 and len(tree.consistency) <= 64, "tree of its own")
            verify_consistency((held.size, tree.root), ours.tree, list(tree.consistency))
            require(held.size and tree.root != held.root, "checkpoint that does not contradict")
        if held.size <= self.tree.size:
            require(self.tree.root(held.size) != held.root, "checkpoint that does not contradict")

    def _forked_keys(self, peer: Chain, objects: list[bytes]) -> None:
        """A statement that stands, and one that contradicts that very one."""
        require(len(objects) == 2, "wrong number of objects")
        self.counts["signatures"] += 1
        known = None
        try:
            copy.deepcopy(peer).append(objects[1])
        except Fork as fork:
            known = fork.known
        require(known == objects[0], "statements that do not contradict")

    def _erased(self, _, leaf, __):
        self._peer(leaf)
        require(leaf.code, "gives no reason")
        self.cases.erased(leaf.peer, leaf.id, leaf.case_id, leaf.about - 1)

    def _held(self, _, leaf, __):
        self._hold(leaf, True)

    def _released(self, _, leaf, __):
        self._hold(leaf, False)

    def _hold(self, leaf, held: bool) -> None:
        self._peer(leaf)
        self.cases.hold(leaf.peer, leaf.id, leaf.case_id, leaf.about - 1, held)

    def _strangers(self, _, leaf, __):
        counts = leaf.turned_away
        require(counts.handshakes or counts.unproved or counts.no_room, "counts nothing")

    # What they have in common

    def _peer(self, leaf) -> Chain:
        require(leaf.peer in self.peers, "about an authority not paired")
        return self.peers[leaf.peer]

    def _evidence(self, chain: Chain, leaf, envelope: bytes, code=True, named=True, place=None):
        """Evidence; `code`: the leaf's is its event, `named`: the leaf's ids are its subject's."""
        evidence = open_evidence(chain, envelope, place)
        self.counts["signatures"] += 1
        require(not code or leaf.code == evidence.event, "another event than its evidence")
        require(leaf.cause == evidence.cause, "another cause than its evidence")
        if evidence.subject.type != Subject.unattributed and named:
            named = (evidence.subject.id, evidence.subject.case_id)
            require((leaf.id, leaf.case_id) == named, "another id than its evidence")
        return evidence

    def _status(self, chain: Chain, envelope: bytes, place: int | None = None):
        self.counts["signatures"] += 1
        return open_status(chain, envelope, place)

    def _answered(self, index: int, leaf, kinds):
        """What the entry of ours that this one answers is about."""
        require(0 < leaf.about <= index, "answers no entry before it")
        kind, peer, _, _, about = self.leaves[leaf.about - 1]
        require(peer == leaf.peer and (kinds is None or kind in kinds and about), "answers an entry of another kind")
        return about if isinstance(about, tuple) else (about, 0)

    @staticmethod
    def _is_of(theirs, leaf, of: int) -> None:
        require(theirs.objects[:1] == leaf.objects[of : of + 1], "receipt of something else")

    def _receipt(self, leaf, objects: list[bytes], place: int):
        """The peer's leaf in the receipt at `place`, proved in the checkpoint behind it; and, of what the peer
        stated, where its log holds it, if that tree is linked to those before."""
        note = self._note(leaf.peer, self._peer(leaf), objects[place + 1])
        receipt = parse(ledger_pb2.AckEntry, objects[place])
        require(not receipt.objects and len(receipt.inclusion) <= 64, "receipt")
        verify_inclusion(receipt.leaf, receipt.index, note.size, note.root, list(receipt.inclusion))
        theirs = parse(ledger_pb2.Leaf, receipt.leaf)
        require(theirs.version == 1 and theirs.peer == self.own.authority, "receipt about another authority")
        if leaf.HasField("witnessed"):
            # Linked to all that was seen of the peer's log: so it has one history.
            digest = leaf_hash(receipt.leaf)
            same = self.peer_leaves.setdefault((leaf.peer, receipt.index), digest)
            require(same == digest, f"the peer showed two leaves at {receipt.index}")
            require((leaf.witnessed.size, leaf.witnessed.root) == note.tree, "another tree than the checkpoint's")
            root = self.trees.setdefault((leaf.peer, note.size), note.root)
            require(root == note.root, f"the peer showed two trees of {note.size} entries")
        self.counts["receipts"] += 1
        stated = (Kind.evidence_issued, Kind.status_issued, Kind.status_received, Kind.pairing_notice)
        stated = theirs.kind in stated
        return theirs, receipt.index if stated and leaf.HasField("witnessed") else None

    def _note(self, peer: str, chain: Chain, note: bytes) -> Checkpoint:
        digest = sha256(note)
        if digest not in self.notes:
            self.counts["signatures"] += 1
            self.notes[digest] = (peer, open_checkpoint(note, chain))
        signer, checkpoint = self.notes[digest]
        require(signer == peer, "checkpoint of another log")
        return checkpoint

    def witnessed(self, peer: Chain, note: bytes, size: int, held=False) -> None:
        """A checkpoint of this log's first entries, `size` at most, that the peer cosigned."""
        checkpoint = self._own_checkpoint(note, size, held)
        at = cosigned_at(note, peer)
        require(at is not None, "no cosignature of the peer")
        self._cosigned_by(peer.authority, checkpoint.size, at)

    def _own_checkpoint(self, note: bytes, size: int, held=False, past=False) -> Checkpoint:
        checkpoint = open_checkpoint(note, self.own, held=held, past=past)
        require(checkpoint.size <= size, "checkpoint of entries to come")
        require(checkpoint.root == self.tree.root(checkpoint.size), "checkpoint of another tree")
        return checkpoint

    def _cosigned_by(self, name: str, size: int, at: int) -> None:
        self.counts["signatures"] += 2
        self.cosigned[name] = max(self.cosigned.get(name, (0, 0)), (size, at))

    def verifier_keys(self, vkeys: list[tuple[str, int, bytes]]) -> dict[tuple[str, bytes], tuple[int, bytes]]:
        """Those of third parties. All others are those of the chains, and ours are all there."""
        strangers, listed = {}, set(vkeys)
        names = {}
        for chain in (self.own, *self.peers.values()):
            names[chain.origin] = (chain, Purpose.checkpoint, ED25519)
            names[chain.witness] = (chain, Purpose.cosign, COSIGNATURE_V1)
        for name, type_, key in vkeys:
            if name not in names:
                strangers[name, note_key_id(name, type_, key)] = (type_, key)
                continue
            chain, purpose, algorithm = names[name]
            proved = any((k.purpose, k.public_key) == (purpose, key) for k in chain.keys)
            require(proved and type_ == algorithm, f"vkeys: no statement proves the key of {name}")
        for key in self.own.keys:
            missing = key.purpose == Purpose.checkpoint and (self.own.origin, ED25519, key.public_key) not in listed
            require(not missing or key.revoked, "vkeys: lacks a checkpoint key of the log")
        return strangers
