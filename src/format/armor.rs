//! Bytes as text, for an e-mail or a file that people carry: lines of base64 between two marks.

use super::FormatError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the text holds.
#[derive(Debug, Clone, Copy)]
pub struct Armor {
    /// As it stands in the marks.
    pub label: &'static str,
    /// The error where the marks are not there.
    pub missing: &'static str,
    /// Greatest length of the bytes.
    pub limit: usize,
}

impl Armor {
    /// Bytes as text, under a heading that says whose they are.
    pub fn wrap(&self, authority: &str, bytes: &[u8]) -> String {
        let body = STANDARD.encode(bytes);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
        let label = self.label;
        format!(
            "-----BEGIN ROGATORY {label}-----\nauthority: {authority}\n\n{}\n-----END ROGATORY {label}-----\n",
            lines.join("\n")
        )
    }

    /// Reads text back; what stands around it is passed over.
    pub fn unpack(&self, text: &str) -> Result<Vec<u8>, FormatError> {
        if text.len() > 2 * self.limit {
            return Err(FormatError::Malformed("the text is too long"));
        }
        let missing = FormatError::Malformed(self.missing);
        let begin = format!("-----BEGIN ROGATORY {}-----", self.label);
        let end = format!("-----END ROGATORY {}-----", self.label);
        let (_, rest) = text.split_once(&begin).ok_or(missing.clone())?;
        let (inside, _) = rest.split_once(&end).ok_or(missing)?;
        let inside = inside.replace('\r', "");
        let (_, body) =
            inside.split_once("\n\n").ok_or(FormatError::Malformed("no empty line after the heading"))?;
        let body: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(body).map_err(|_| FormatError::Malformed("base64 of the text"))?;
        match bytes.len() > self.limit {
            true => Err(FormatError::Malformed("the text is too long")),
            false => Ok(bytes),
        }
    }
}
