//! Single proofs in the text form of C2SP *tlog-proof*, for tools that are not ours.

use super::{Proof, Proved};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An entry of the maker's log as a `.tlog-proof`. The record that it is about is the leaf,
/// which stands in the line `extra`.
pub fn write(proof: &Proof, proved: &Proved) -> Vec<u8> {
    let mut text = format!(
        "c2sp.org/tlog-proof@v1\nextra {}\nindex {}\n",
        STANDARD.encode(&proved.entry.leaf_bytes),
        proved.entry.index
    );
    for hash in &proved.inclusion {
        text.push_str(&STANDARD.encode(hash));
        text.push('\n');
    }
    text.push('\n');
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&proof.checkpoint.note);
    bytes
}
