//! What ties a paper to its packet: one line of text, printed and as a QR code.

use crate::crypto::hash::Digest;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::packet::SignedHeader;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt;
use std::str::FromStr;

/// What such a text begins with: name and version.
const NAME: &str = "ROGATORY1";
/// A scanned text is never longer, bytes.
const LONGEST: usize = 512;
/// Clear modules around a QR code (ISO/IEC 18004).
const QUIET: usize = 4;

/// The packet that a paper shows: `ROGATORY1:<sender>:<recipient>:<packet id>:<digest, hex>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Who signed the packet.
    pub sender: AuthorityId,
    /// Whom it is for.
    pub recipient: AuthorityId,
    /// Its id.
    pub packet: PacketId,
    /// SHA-256 of its signed header.
    pub digest: Digest,
}

/// A text that ties nothing to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// Not the text of a letter.
    #[error("it does not begin with {NAME}:")]
    NotOurs,
    /// Too long, or not of five parts.
    #[error("it is not of five parts: {NAME}:sender:recipient:packet:digest")]
    Parts,
    /// A part can't be read.
    #[error("its {0} can't be read")]
    Part(&'static str),
}

impl Paper {
    /// The paper of a packet.
    pub fn of(header: &SignedHeader) -> Self {
        Self {
            sender: header.header.sender.clone(),
            recipient: header.header.recipient.clone(),
            packet: header.header.id,
            digest: header.digest,
        }
    }

    /// What another paper says differently, by name; nothing: it is of the same packet.
    pub fn differs(&self, other: &Self) -> Vec<&'static str> {
        let parts = [
            ("sender", self.sender != other.sender),
            ("recipient", self.recipient != other.recipient),
            ("packet id", self.packet != other.packet),
            ("digest of the signed header", self.digest != other.digest),
        ];
        parts.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    /// The text as a QR code: an SVG image of black squares.
    pub fn svg(&self) -> String {
        let text = self.to_string();
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .expect("two authority ids, an id and a digest fit into a QR code");
        let width = code.width();
        let mut path = String::new();
        for (at, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                path.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
            }
        }
        let side = width + 2 * QUIET;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
        )
    }
}

impl fmt::Display for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sender, recipient, packet, digest } = self;
        write!(f, "{NAME}:{sender}:{recipient}:{packet}:{}", hex::encode(digest))
    }
}

impl FromStr for Paper {
    type Err = PaperError;

    /// White space around it, and breaks within it that a scanner or a hand put there, are no part of it.
    fn from_str(text: &str) -> Result<Self, PaperError> {
        if text.len() > LONGEST {
            return Err(PaperError::Parts);
        }
        let text: String = text.split_whitespace().collect();
        let parts: Vec<&str> = text.split(':').collect();
        if parts[0] != NAME {
            return Err(PaperError::NotOurs);
        }
        let [_, sender, recipient, packet, digest] = parts[..] else { return Err(PaperError::Parts) };
        let digest = hex::decode(digest).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            sender: AuthorityId::parse(sender).map_err(|_| PaperError::Part("sender"))?,
            recipient: AuthorityId::parse(recipient).map_err(|_| PaperError::Part("recipient"))?,
            packet: packet.parse().map_err(|_| PaperError::Part("packet id"))?,
            digest: digest.ok_or(PaperError::Part("digest"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Paper {
        Paper {
            sender: AuthorityId::parse("XA").expect("valid"),
            recipient: AuthorityId::parse("XB").expect("valid"),
            packet: "0191f3a0-1111-7222-8333-444455556666".parse().expect("valid"),
            digest: [0xab; 32],
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let text = paper().to_string();
        assert_eq!(text, format!("ROGATORY1:XA:XB:0191f3a0-1111-7222-8333-444455556666:{}", "ab".repeat(32)));
        assert_eq!(text.parse(), Ok(paper()));
        assert_eq!(format!(" {}\n{}\r\n", &text[..60], &text[60..]).parse(), Ok(paper()));
        for (wrong, error) in [
            (String::new(), PaperError::NotOurs),
            (text.replace('1', "2"), PaperError::NotOurs),
            (text.replace(":XB", ""), PaperError::Parts),
            (format!("{text}:x"), PaperError::Parts),
            ("ROGATORY1".to_owned(), PaperError::Parts),
            (text.clone() + &" ".repeat(LONGEST), PaperError::Parts),
            (text.replace("XA", "x y!"), PaperError::Part("sender")),
            (text.replace("XB", ""), PaperError::Part("recipient")),
            (text.replace("0191f3a0", "zzzz"), PaperError::Part("packet id")),
            (text[..text.len() - 2].to_owned(), PaperError::Part("digest")),
        ] {
            assert_eq!(wrong.parse::<Paper>(), Err(error), "{wrong}");
        }
    }

    #[test]
    fn what_differs_is_named() {
        let other = Paper { digest: [1; 32], recipient: AuthorityId::parse("XC").expect("valid"), ..paper() };
        assert_eq!(paper().differs(&paper()), Vec::<&str>::new());
        assert_eq!(paper().differs(&other), ["recipient", "digest of the signed header"]);
    }

    #[test]
    fn the_longest_names_fit_into_the_square() {
        let longest =
            (1..=LONGEST).rev().find_map(|n| AuthorityId::parse(&"X".repeat(n)).ok()).expect("some");
        let paper = Paper { sender: longest.clone(), recipient: longest, ..paper() };
        assert!(paper.svg().contains("<path d=\"M"));
        assert!(paper.to_string().len() <= LONGEST);
    }
}
