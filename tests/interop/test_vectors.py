"""The vectors of tests/vectors, verified by code that shares nothing with their maker."""

import json
import unittest
from pathlib import Path

import crypto
import ledger
import wire
from crypto import Refused, Sealed, sha256
from export_pairings import Side
from rogatory.v1 import evidence_pb2, ledger_pb2, packet_pb2, status_pb2

FOLDER = Path(__file__).resolve().parent.parent / "vectors"


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def raw(text):
    return bytes.fromhex(text)


def chain(name):
    return wire.Chain.open([raw(statement) for statement in load("statements")[name]["chain"]["statements"]])


def sealed(obj):
    return Sealed(obj.ciphertext_length, obj.chunk_root, obj.commitment, obj.plaintext_digest)


def plaintext(length):
    return bytes((31 * i + 7) % 251 for i in range(length))


class Statements(unittest.TestCase):
    def agrees(self, chain_, told):
        self.assertEqual(chain_.head.hex(), told["head"])
        self.assertEqual([key.id.hex() for key in chain_.keys], [key["key_id"] for key in told["keys"]])
        for key, expected in zip(chain_.keys, told["keys"]):
            for name in ("purpose", "algorithm", "not_before", "not_after", "seq", "revoked"):
                self.assertEqual(getattr(key, name), expected[name])
            self.assertEqual(key.ends[-1][1] if key.ends else None, expected["ended_since"])

    def test_chains(self):
        told = load("statements")
        for name in ("XA", "XB"):
            opened = chain(name)
            self.agrees(opened, told[name]["chain"])
            self.assertEqual(opened.fingerprint.hex(), told[name]["fingerprint"])
            self.assertEqual(opened.origin, told[name]["log_origin"])
            self.assertEqual(opened.root_id.hex(), told[name]["root_key_id"])
            seed = raw(told[name]["secrets"]["content"])
            self.assertIn(crypto.xwing_public_key(seed), [key.public_key for key in opened.keys])

    def test_rotation_and_voiding(self):
        told = load("statements")
        kinds = (("rotated", 0), ("voided", 6), ("replaced", 0), ("ended", 0), ("tls-p384", 0), ("tls-rsa", 0))
        for what, voids in (*kinds, ("root_change", 0)):
            onto = told[told[what].get("onto", "XA")]["chain"]
            opened = wire.Chain.open([raw(statement) for statement in onto["statements"]])
            self.assertEqual(opened.append(raw(told[what]["appended"])), voids)
            self.agrees(opened, told[what]["chain"])
            for row in told[what].get("standing", []):
                key = opened.key(raw(row["key_id"]))
                self.assertEqual(key.stands(row["made"], row["index"]), row["stands"], row)
        change = told["root_change"]
        self.assertEqual(opened.root_id.hex(), change["root_key_id"])
        self.assertEqual(opened.root.next_root_digest.hex(), change["next_root_digest"])

    def test_refusals(self):
        for row in load("statements")["refused"]:
            opened = wire.Chain.open([raw(statement) for statement in row["chain"]])
            with self.assertRaises(Refused, msg=row["why"]):
                opened.append(raw(row["statement"]))

    def test_offer(self):
        told = load("offer")
        opened, offer = wire.read_offer(told["text"])
        self.assertEqual(opened.head, chain("XA").head)
        self.assertEqual(list(offer.addresses), told["addresses"])
        self.assertEqual(wire.offer_text("XA", raw(told["envelope"])), told["text"])
        with self.assertRaises(Refused):
            wire.open_offer(raw(told["former_envelope"]))
        self.assertEqual(wire.open_offer(raw(told["former_envelope"]), logged=True)[0].head, opened.head)


class Notices(unittest.TestCase):
    def test_a_sequence(self):
        told, prev = load("notices"), b""
        side = Side()
        for seq, row in enumerate(told["notices"]):
            notice, digest = wire.open_notice(chain("XA"), raw(row["envelope"]))
            self.assertEqual((notice.seq, notice.prev, notice.act), (seq, prev, row["act"]))
            self.assertEqual(notice.peer_fingerprint, chain("XB").fingerprint)
            self.assertEqual(digest.hex(), row["digest"])
            side.says(notice.act)
            state = "Ended" if side.ended else "Suspended" if side.suspended else "Active"
            self.assertEqual(state, row["state"])
            prev = digest
        with self.assertRaises(Refused):
            side.says(3)
        with self.assertRaises(Refused):
            wire.open_notice(chain("XA"), raw(told["refused"]))


class Groups(unittest.TestCase):
    def test_a_list(self):
        told = load("group")
        group, digest = wire.open_group(raw(told["envelope"]))
        self.assertEqual((group.convener, group.group_id.hex()), (told["convener"], told["group_id"]))
        self.assertEqual([member.authority for member in group.members], told["members"])
        self.assertEqual(digest.hex(), told["digest"])


class Signing(unittest.TestCase):
    def test_envelopes(self):
        told = load("envelope")
        for row in told["encodings"]:
            encoded = crypto.pre_authentication_encoding(row["payload_type"], raw(row["payload"]))
            self.assertEqual(encoded.hex(), row["pre_authentication_encoding"])
        seeds = {}
        for seed in load("statements")["XA"]["secrets"].values():
            if len(seed) == 64:
                key = crypto.ed25519_key(raw(seed))
                seeds[key.public_key().public_bytes_raw().hex()] = key
        for row in told["envelopes"]:
            signer = wire.Signer(raw(row["key_id"]), seeds[row["public_key"]])
            self.assertEqual(signer.sign(row["payload_type"], raw(row["payload"])).hex(), row["envelope"])

    def test_packets(self):
        told, prev = load("packet"), b""
        content_key = raw(load("key_box")["content_key"])
        lengths = [[100, 70_000], [1]]
        for row, plain in zip(told["packets"], lengths):
            header, digest = wire.open_header(chain("XA"), raw(row["envelope"]), load("statements")["now"])
            self.assertEqual(digest.hex(), row["packet_digest"])
            self.assertEqual(header.case_prev, prev)
            self.assertEqual(header.key_box_digest, sha256(raw(row["key_box"])))
            for number, length in enumerate(plain):
                key = crypto.object_key(content_key, header.packet_id, number)
                _, made = crypto.seal_object(key, plaintext(length))
                self.assertEqual(made, sealed(header.objects[number]))
            prev = digest
        with self.assertRaises(Refused):
            wire.open_header(chain("XB"), raw(told["packets"][0]["envelope"]), load("statements")["now"])

    def test_suite_2(self):
        told = load("suite2")
        xa, xb = (wire.Chain.open([raw(one) for one in told[name]["statements"]]) for name in ("XA", "XB"))
        for name, chain_ in (("XA", xa), ("XB", xb)):
            seeds = told[name]["ml_dsa_65_seeds"]
            for key, seed in zip(chain_.keys[-2:], (seeds["packet"], seeds["evidence"])):
                self.assertEqual(crypto.ml_dsa_key(raw(seed)).public_key().public_bytes_raw(), key.public_key)
        for row in ("packet", "packet_in_the_other_order"):
            header, digest = wire.open_header(xa, raw(told[row]), load("statements")["now"])
            self.assertEqual((header.suite, digest.hex()), (2, told["packet_digest"]))
        self.assertEqual(wire.open_evidence(xb, raw(told["evidence"])).subject, wire.subject(header, digest))
        for row in told["refused"]:
            with self.subTest(row["what"]), self.assertRaises(Refused):
                wire.open_header(xa, raw(row["envelope"]), load("statements")["now"])

    def test_statuses(self):
        told = load("status")
        text = told["text"]
        status, digest = wire.open_status(chain("XB"), raw(told["statuses"][0]["envelope"]))
        box = packet_pb2.KeyBox.FromString(raw(text["key_box"]))
        info = crypto.box_info(1, ("XB", chain("XB").fingerprint), ("XA", chain("XA").fingerprint))
        seed = raw(load("statements")["XA"]["secrets"]["content"])
        content_key = crypto.unwrap_content_key(seed, info, status.status_id, box.enc, box.salt, box.wrapped_key)
        self.assertEqual(content_key.hex(), text["content_key"])
        key = crypto.object_key(content_key, status.status_id, 0)
        plain = crypto.open_object(key, sealed(status.objects[0]), raw(text["ciphertext"]))
        self.assertEqual(status_pb2.StatusText.FromString(plain).national_reference, "XB-2023/17")
        second, _ = wire.open_status(chain("XB"), raw(told["statuses"][1]["envelope"]))
        self.assertEqual((second.seq, second.prev, second.code), (1, digest, status_pb2.Status.refused))

    def test_evidence(self):
        told = load("evidence")
        for row in told["evidence"]:
            evidence = wire.open_evidence(chain("XB"), raw(row["envelope"]))
            self.assertEqual((evidence.event, evidence.cause, evidence.at), (row["event"], row["cause"], told["at"]))
            self.assertEqual(sha256(raw(row["envelope"])).hex(), row["object_digest"])
        for row in told["deferrals"]:
            deferral = wire.open_deferral(chain("XB"), raw(row["envelope"]))
            self.assertEqual((deferral.cause, deferral.wanted_seq), (row["cause"], row["wanted_seq"]))


class Sealing(unittest.TestCase):
    def test_objects(self):
        told = load("objects")
        for row in told["objects"]:
            key = crypto.object_key(raw(told["content_key"]), raw(told["packet_id"]), row["object"])
            self.assertEqual(key.hex(), row["object_key"])
            plain = plaintext(row["plaintext_length"])
            cipher, made = crypto.seal_object(key, plain)
            self.assertEqual(sha256(cipher).hex(), row["ciphertext_sha256"])
            for name in ("commitment", "plaintext_digest", "chunk_root"):
                self.assertEqual(getattr(made, name).hex(), row[name])
            self.assertEqual(crypto.open_object(key, made, cipher), plain)
            with self.assertRaises(Refused):
                crypto.open_object(key, made, bytes([cipher[0] ^ 1]) + cipher[1:])

    def test_key_boxes(self):
        told = load("key_box")
        parties = [(told[side], raw(told[f"{side}_fingerprint"])) for side in ("sender", "recipient")]
        info = crypto.box_info(1, *parties)
        self.assertEqual(info.hex(), told["info"])
        seed = raw(told["recipient_seed"])
        self.assertEqual(crypto.xwing_public_key(seed).hex(), told["recipient_public_key"])
        for row in told["boxes"]:
            box = packet_pb2.KeyBox.FromString(raw(row["key_box"]))
            opened = crypto.unwrap_content_key(seed, info, raw(row["packet_id"]), box.enc, box.salt, box.wrapped_key)
            self.assertEqual(opened.hex(), told["content_key"])
        enc, salt, wrapped = crypto.wrap_content_key(raw(told["recipient_public_key"]), info, bytes(16), bytes(32))
        self.assertEqual(crypto.unwrap_content_key(seed, info, bytes(16), enc, salt, wrapped), bytes(32))


class Logs(unittest.TestCase):
    def test_leaves(self):
        for row in load("leaves")["leaves"]:
            leaf = ledger_pb2.Leaf.FromString(raw(row["leaf"]))
            self.assertEqual((leaf.version, leaf.kind), (1, row["kind"]))
            self.assertEqual(crypto.leaf_hash(raw(row["leaf"])).hex(), row["leaf_hash"])

    def test_proofs(self):
        told = load("proofs")
        leaves = [f"leaf {i}".encode() for i in range(13)]
        hashes = [crypto.leaf_hash(leaf) for leaf in leaves]
        roots = {row["size"]: raw(row["root"]) for row in told["roots"]}
        for size, root in roots.items():
            self.assertEqual(crypto.tree_root(hashes[:size]), root)
        for row in told["inclusion"]:
            proof, index, size = [raw(node) for node in row["proof"]], row["index"], row["size"]
            self.assertEqual(ledger.prove_inclusion(hashes[:size], index), proof)
            ledger.verify_inclusion(leaves[index], index, size, roots[size], proof)
            with self.assertRaises(Refused):
                ledger.verify_inclusion(b"other", index, size, roots[size], proof)
        for row in told["consistency"]:
            proof, old, new = [raw(node) for node in row["proof"]], row["from"], row["to"]
            self.assertEqual(ledger.prove_consistency(hashes[:new], old), proof)
            ledger.verify_consistency((old, roots[old]), (new, roots[new]), proof)
            with self.assertRaises(Refused):
                ledger.verify_consistency((old, bytes(32)), (new, roots[new]), proof)

    def test_checkpoints(self):
        told = load("checkpoint")
        secrets = {name: load("statements")[name]["secrets"] for name in ("XA", "XB")}
        signer = wire.Signer(b"", crypto.ed25519_key(raw(secrets["XA"]["checkpoint"])))
        note = ledger.sign_checkpoint(told["origin"], (told["size"], raw(told["root"])), signer)
        self.assertEqual(note.decode(), told["note"])
        witness = wire.Signer(b"", crypto.ed25519_key(raw(secrets["XB"]["cosign"])))
        cosigned = ledger.cosign(note, told["witness"], witness, told["cosigned_at"] // 1000)
        self.assertEqual(cosigned.decode(), told["cosigned_note"])
        self.assertEqual(ledger.open_checkpoint(cosigned, chain("XA")).tree, (told["size"], raw(told["root"])))
        self.assertEqual(ledger.cosigned_at(cosigned, chain("XB")), told["cosigned_at"] // 1000)
        with self.assertRaises(Refused):
            ledger.open_checkpoint(note.replace(b"\n13\n", b"\n14\n"), chain("XA"))

    def test_acknowledgement(self):
        told = load("acknowledgement")
        ack = ledger_pb2.Acknowledgement.FromString(raw(told["acknowledgement"]))
        known = (told["known_size"], raw(told["known_root"]))
        entries, _ = ledger.verify_acknowledgement(ack, chain("XB"), known)
        events = [wire.open_evidence(chain("XB"), objects[0], index).event for _, objects, index in entries]
        self.assertEqual(events, [evidence_pb2.Event.relay_acceptance, evidence_pb2.Event.content_consignment])
        with self.assertRaises(Refused):
            ledger.verify_acknowledgement(ack, chain("XB"), (known[0], bytes(32)))


if __name__ == "__main__":
    unittest.main()
