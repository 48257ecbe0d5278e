//! The pairing offer: what an authority hands to another, and how it looks as text.

use super::chain::Chain;
use super::envelope::{PayloadType, SigningKey, Unverified, sign, suite};
use super::wire;
use super::{FormatError, Millis, SUITE, decode, limits};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;

const BEGIN: &str = "-----BEGIN ROGATORY PAIRING OFFER-----";
const END: &str = "-----END ROGATORY PAIRING OFFER-----";

/// A verified offer. It proves itself: everything hangs on the fingerprint of its chain,
/// which two officers compare.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The whole chain of statements.
    pub chain: Chain,
    /// "host:port" that may be dialled; none: the offerer dials.
    pub addresses: Vec<String>,
    /// What the offerer takes.
    pub limits: wire::Limits,
    /// When it was made.
    pub made_at: Millis,
    /// The serialized envelope.
    pub envelope: Vec<u8>,
}

impl Offer {
    /// Signs an offer with the evidence key of the chain.
    pub fn sign(
        chain: &Chain,
        addresses: Vec<String>,
        limits: wire::Limits,
        key: &SigningKey,
        now: Millis,
    ) -> Result<Self, FormatError> {
        let payload = wire::PairingOffer {
            suite: SUITE,
            authority: chain.authority().to_string(),
            statements: chain.envelopes().map(<[u8]>::to_vec).collect(),
            addresses,
            limits: Some(limits),
            made_at: now,
        };
        Self::open(&sign(PayloadType::PairingOffer, payload.encode_to_vec(), key)?)
    }

    /// Opens an offer.
    pub fn open(envelope: &[u8]) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::PairingOffer, envelope)?;
        let wire: wire::PairingOffer = decode(unverified.danger_unverified_payload(), "pairing offer")?;
        suite(wire.suite)?;
        let chain = Chain::open_all(&wire.statements)?;
        let verified = unverified.verify(&chain)?;
        verified.signed_within(wire.made_at, &chain)?;
        let addresses_good = wire.addresses.len() <= limits::ADDRESSES
            && wire.addresses.iter().all(|address| address.len() <= 255 && address.contains(':'));
        if wire.authority != chain.authority().as_str() || !addresses_good {
            return Err(FormatError::Malformed("pairing offer"));
        }
        Ok(Self {
            chain,
            addresses: wire.addresses,
            limits: wire.limits.unwrap_or_default(),
            made_at: wire.made_at,
            envelope: envelope.to_vec(),
        })
    }

    /// The offer as text for an e-mail or a file.
    pub fn to_text(&self) -> String {
        let body = STANDARD.encode(&self.envelope);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
        format!("{BEGIN}\nauthority: {}\n\n{}\n{END}\n", self.chain.authority(), lines.join("\n"))
    }

    /// Reads the text form; what stands around it is passed over.
    pub fn from_text(text: &str) -> Result<Self, FormatError> {
        if text.len() > 2 * limits::OFFER {
            return Err(FormatError::Malformed("offer too long"));
        }
        let (_, rest) =
            text.split_once(BEGIN).ok_or(FormatError::Malformed("no BEGIN ROGATORY PAIRING OFFER line"))?;
        let (inside, _) =
            rest.split_once(END).ok_or(FormatError::Malformed("no END ROGATORY PAIRING OFFER line"))?;
        let inside = inside.replace('\r', "");
        let (_, body) =
            inside.split_once("\n\n").ok_or(FormatError::Malformed("no empty line after the heading"))?;
        let body: String = body.split_whitespace().collect();
        let envelope = STANDARD.decode(body).map_err(|_| FormatError::Malformed("base64 of the offer"))?;
        Self::open(&envelope)
    }
}
