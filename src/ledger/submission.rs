//! What is posted to a witness: the body of `add-checkpoint` (C2SP tlog-witness).

use super::LedgerError;
use crate::crypto::hash::Digest;
use crate::format::limits;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A checkpoint, with the proof that it extends the one that the witness cosigned last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Size of the tree that the witness cosigned last; 0: none.
    pub old: u64,
    /// RFC 6962 consistency proof from there.
    pub proof: Vec<Digest>,
    /// The signed note.
    pub note: Vec<u8>,
}

impl Submission {
    /// As it is posted: `old` line, a hash a line in base64, an empty line, the note.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.note].concat()
    }

    /// Reads a body.
    pub fn decode(body: &[u8]) -> Result<Self, LedgerError> {
        let wrong = LedgerError::Checkpoint("submission is malformed");
        let end = body.windows(2).position(|pair| pair == b"\n\n");
        let Some(end) = end.filter(|_| body.len() <= limits::SUBMISSION) else { return Err(wrong) };
        let Ok(head) = std::str::from_utf8(&body[..end]) else { return Err(wrong) };
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let Some(old) = old else { return Err(wrong) };
        let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let Some(proof) = lines.map(hash).collect::<Option<Vec<Digest>>>() else { return Err(wrong) };
        match proof.len() <= limits::SUBMISSION_PROOF && (old > 0 || proof.is_empty()) {
            true => Ok(Self { old, proof, note: body[end + 2..].to_vec() }),
            false => Err(wrong),
        }
    }
}

/// A number without sign and leading zeros.
pub fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| plain)?;
    (text == "0" || !text.starts_with('0')).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_it_was_written_and_nothing_else_is() {
        for proof in [Vec::new(), vec![[1; 32], [2; 32]]] {
            let sent = Submission { old: 7, proof, note: b"log\n9\nroot\n\nsigned\n".to_vec() };
            assert_eq!(Submission::decode(&sent.encode()), Ok(sent));
        }
        let hash = STANDARD.encode([1; 32]);
        let many = format!("old 1\n{}\nnote", format!("{hash}\n").repeat(64));
        let bad = [
            "",
            "old 1\n",
            "old\n\nnote",
            "old 01\n\nnote",
            "old -1\n\nnote",
            "old +1\n\nnote",
            "1\n\nnote",
            "old 1\nAAAA\n\nnote",
            "old 1\n!\n\nnote",
            &format!("old 0\n{hash}\n\nnote"),
            &many,
        ];
        for body in bad {
            assert!(Submission::decode(body.as_bytes()).is_err(), "{body:?}");
        }
    }
}
