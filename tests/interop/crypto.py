"""Signatures, sealed objects and key boxes, as docs/PROTOCOL.md describes them."""

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

try:
    from cryptography.hazmat.primitives.asymmetric import mlkem
except ImportError:
    # An older release of the package: enough for whoever opens no key box, as verify_export.py.
    mlkem = None

try:
    from cryptography.hazmat.primitives.asymmetric import mldsa
except ImportError:
    mldsa = None
# Signatures that are there and were not verified, for want of their algorithm: to be told.
not_verified = {"ml_dsa_65": 0}

CHUNK = 65_536
TAG = 16
SEALED_CHUNK = CHUNK + TAG
ENC = 1120


class Refused(Exception):
    """Bytes from outside are not what they should be."""


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


# Signatures


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def ed25519_key(seed: bytes) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def verify_ed25519(public_key: bytes, message: bytes, signature: bytes) -> None:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("Ed25519 signature") from error


def verify_p256(public_key: bytes, message: bytes, signature: bytes) -> None:
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise Refused("ECDSA signature") from error


def ml_dsa_key(seed: bytes):
    return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)


def verify_ml_dsa(public_key: bytes, message: bytes, signature: bytes) -> None:
    if mldsa is None:
        if (len(public_key), len(signature)) != (1952, 3309):
            raise Refused("ML-DSA signature")
        not_verified["ml_dsa_65"] += 1
        return
    try:
        mldsa.MLDSA65PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("ML-DSA signature") from error


def verify_p384(public_key: bytes, message: bytes, signature: bytes) -> None:
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), public_key)
        key.verify(signature, message, ec.ECDSA(hashes.SHA384()))
    except (InvalidSignature, ValueError) as error:
        raise Refused("ECDSA signature") from error


def verify_rsa(public_key: bytes, message: bytes, signature: bytes) -> None:
    """The key is PKCS#1; RSASSA-PSS with SHA-256 and a salt of 32 bytes."""
    try:
        key = serialization.load_der_public_key(public_key)
        pkcs1 = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        if pkcs1 != public_key or not 2048 <= key.key_size <= 8192:
            raise Refused("RSA key")
        key.verify(signature, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    except (InvalidSignature, ValueError) as error:
        raise Refused("RSA signature") from error


def key_id(purpose: int, algorithm: int, public_key: bytes) -> bytes:
    return sha256(b"rogatory/v1 key", bytes([purpose, algorithm]), public_key)


# Merkle trees (RFC 6962)


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0", leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1", left, right)


def tree_root(leaf_hashes: list[bytes]) -> bytes:
    if not leaf_hashes:
        return sha256()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1 << (len(leaf_hashes) - 1).bit_length() - 1
    return node_hash(tree_root(leaf_hashes[:split]), tree_root(leaf_hashes[split:]))


# HKDF-SHA-256 (RFC 5869)


def hkdf_extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")


def hkdf_expand(prk: bytes, info: bytes, length: int = 32) -> bytes:
    out, block, n = b"", b"", 0
    while len(out) < length:
        n += 1
        block = hmac.digest(prk, block + info + bytes([n]), "sha256")
        out += block
    return out[:length]


# Objects


@dataclass(frozen=True)
class Sealed:
    """What a signed header says of an object."""

    ciphertext_length: int
    chunk_root: bytes
    commitment: bytes
    plaintext_digest: bytes


def object_key(content_key: bytes, packet_id: bytes, number: int) -> bytes:
    return hkdf_expand(hkdf_extract(packet_id, content_key), b"rogatory/v1 object" + number.to_bytes(4, "big"))


def commitment(key: bytes) -> bytes:
    return hkdf_expand(key, b"rogatory/v1 object commitment")


def _nonce(index: int, last: bool) -> bytes:
    return bytes(7) + index.to_bytes(4, "big") + bytes([last])


def _plaintext_digest(key: bytes, plaintext: bytes) -> bytes:
    return hmac.digest(hkdf_expand(key, b"rogatory/v1 object digest"), plaintext, "sha256")


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)] or [b""]


def chunk_root(ciphertext: bytes) -> bytes:
    return tree_root([leaf_hash(chunk) for chunk in chunks(ciphertext, SEALED_CHUNK)])


def seal_object(key: bytes, plaintext: bytes) -> tuple[bytes, Sealed]:
    aead = AESGCM(hkdf_expand(key, b"rogatory/v1 object aead"))
    plain = chunks(plaintext, CHUNK)
    ciphertext = b"".join(
        aead.encrypt(_nonce(index, index + 1 == len(plain)), chunk, None) for index, chunk in enumerate(plain)
    )
    return ciphertext, Sealed(
        len(ciphertext), chunk_root(ciphertext), commitment(key), _plaintext_digest(key, plaintext)
    )


def open_object(key: bytes, expected: Sealed, ciphertext: bytes) -> bytes:
    if commitment(key) != expected.commitment:
        raise Refused("commitment")
    if len(ciphertext) != expected.ciphertext_length or chunk_root(ciphertext) != expected.chunk_root:
        raise Refused("ciphertext")
    aead = AESGCM(hkdf_expand(key, b"rogatory/v1 object aead"))
    sealed = chunks(ciphertext, SEALED_CHUNK)
    try:
        plaintext = b"".join(
            aead.decrypt(_nonce(index, index + 1 == len(sealed)), chunk, None)
            for index, chunk in enumerate(sealed)
        )
    except InvalidTag as error:
        raise Refused("chunk") from error
    if _plaintext_digest(key, plaintext) != expected.plaintext_digest:
        raise Refused("plaintext digest")
    return plaintext


# Key boxes: HPKE (RFC 9180) over X-Wing, base mode, export only


def _xwing_expand(seed: bytes):
    """The ML-KEM-768 and the X25519 private key."""
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def _xwing_combine(post_quantum: bytes, classical: bytes, ciphertext: bytes, public: bytes) -> bytes:
    return hashlib.sha3_256(post_quantum + classical + ciphertext + public + rb"\.//^" + b"\\").digest()


def xwing_public_key(seed: bytes) -> bytes:
    post_quantum, classical = _xwing_expand(seed)
    return post_quantum.public_key().public_bytes_raw() + classical.public_key().public_bytes_raw()


def xwing_encapsulate(public_key: bytes) -> tuple[bytes, bytes]:
    """Gives enc and the shared secret."""
    post_quantum = mlkem.MLKEM768PublicKey.from_public_bytes(public_key[:1184])
    secret, ciphertext = post_quantum.encapsulate()
    ephemeral = x25519.X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    classical = ephemeral.exchange(x25519.X25519PublicKey.from_public_bytes(public_key[1184:]))
    return ciphertext + share, _xwing_combine(secret, classical, share, public_key[1184:])


def xwing_decapsulate(seed: bytes, enc: bytes) -> bytes:
    post_quantum, classical = _xwing_expand(seed)
    secret = post_quantum.decapsulate(enc[:1088])
    shared = classical.exchange(x25519.X25519PublicKey.from_public_bytes(enc[1088:]))
    return _xwing_combine(secret, shared, enc[1088:], classical.public_key().public_bytes_raw())


_SUITE_ID = b"HPKE" + bytes.fromhex("647a00010002")


def _labeled_extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hkdf_extract(salt, b"HPKE-v1" + _SUITE_ID + label + secret)


def _labeled_expand(prk: bytes, label: bytes, info: bytes, length: int = 32) -> bytes:
    return hkdf_expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + _SUITE_ID + label + info, length)


def exporter_secret(shared_secret: bytes, info: bytes) -> bytes:
    """RFC 9180 §5.1, mode_base."""
    context = b"\0" + _labeled_extract(b"", b"psk_id_hash", b"") + _labeled_extract(b"", b"info_hash", info)
    return _labeled_expand(_labeled_extract(shared_secret, b"secret", b""), b"exp", context)


def box_info(suite: int, sender: tuple[str, bytes], recipient: tuple[str, bytes]) -> bytes:
    """The parties are (authority id, fingerprint)."""
    parts = suite.to_bytes(4, "big")
    for name, fingerprint in (sender, recipient):
        parts += bytes([len(name)]) + name.encode() + fingerprint
    return b"rogatory/v1 key box" + sha256(parts)


def _wrapping_key(exporter: bytes, packet_id: bytes, salt: bytes) -> AESGCM:
    context = b"rogatory/v1 content key" + packet_id + salt
    return AESGCM(_labeled_expand(exporter, b"sec", context))


def wrap_content_key(
    public_key: bytes, info: bytes, packet_id: bytes, content_key: bytes
) -> tuple[bytes, bytes, bytes]:
    """Gives enc, salt and the wrapped key."""
    enc, shared = xwing_encapsulate(public_key)
    salt = os.urandom(32)
    wrapping = _wrapping_key(exporter_secret(shared, info), packet_id, salt)
    return enc, salt, wrapping.encrypt(bytes(12), content_key, None)


def unwrap_content_key(seed: bytes, info: bytes, packet_id: bytes, enc: bytes, salt: bytes, wrapped: bytes) -> bytes:
    if len(enc) != ENC:
        raise Refused("enc")
    wrapping = _wrapping_key(exporter_secret(xwing_decapsulate(seed, enc), info), packet_id, salt)
    try:
        return wrapping.decrypt(bytes(12), wrapped, None)
    except InvalidTag as error:
        raise Refused("key box") from error


def spki_point(certificate) -> bytes:
    """The uncompressed point of a certificate's P-256 key."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
