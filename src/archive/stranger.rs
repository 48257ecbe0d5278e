//! What an export says to somebody who has never heard of it.

use crate::format::chain::Chain;
use crate::format::words;

/// The page that lies in every export.
pub fn readme(chain: &Chain) -> String {
    let authority = chain.authority();
    let fingerprint = hex::encode(chain.fingerprint());
    let words = words::to_words(&chain.fingerprint());
    let origin = chain.log_origin();
    format!(
        "# The ledger of {authority}

An append-only log of what this authority sent, received and decided, as its gateway recorded it.
It holds signed evidence and no content: no text of a request, no name of a person, no key that
opens anything.

    log          {origin}
    fingerprint  {fingerprint}
                 {words}

Nothing here needs to be believed. What has to be known is the authority's fingerprint, from the
authority itself or from one of its peers, and not from this page.

| file | what | form |
|---|---|---|
| `checkpoint` | number of entries and root of the tree, signed by the log | C2SP tlog-checkpoint |
| `tile/<level>/...` | hashes of the tree | C2SP tlog-tiles, height 8 |
| `tile/entries/...` | the leaves, 256 to a file, each behind its length in two bytes | C2SP tlog-tiles |
| `objects/...` | the evidence that the leaves of the same file name: SHA-256, length in four bytes, bytes | Protocol Buffers in DSSE envelopes, and notes |
| `vkeys` | verifier keys of this log, of its peers' logs and of those who cosign | C2SP signed-note |
| `witnessed/<authority>` | the newest checkpoint of this log that this peer cosigned | C2SP tlog-cosignature |

By hand, in this order:

1. The first entry's object is statement 0 in its envelope; SHA-256 of the envelope's payload is the
   fingerprint. It names the root key,
   which signs the statements that follow, and these name the log's checkpoint key.
2. `checkpoint` is signed by that key.
3. SHA-256 of a zero byte and a leaf is a hash of `tile/0`; SHA-256 of a byte 1 and two hashes is a
   hash above them (RFC 6962). The root is the one in `checkpoint`.
4. Each object has the SHA-256 that it is filed under, and the leaves name it by that.
5. Each object is signed by the authority that made it, with a key that its statements name. The
   statements of a peer stand in the entries of kind `pairing` and `key_statement`.
6. What a peer acknowledged comes with its receipt: a leaf of the peer's log, and the proof that it
   stands in a tree that the peer signed.

With the program: `rogatory ledger verify FOLDER --fingerprint {fingerprint}`
"
    )
}
