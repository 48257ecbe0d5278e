//! `X25519MLKEM768` for rustls: the exchange of `crypto::hybrid`, adapted.

use crate::crypto::entropy::Entropy;
use crate::crypto::hybrid::{self, Offer};
use rustls::crypto::{ActiveKeyExchange, CompletedKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};
use std::fmt;
use std::sync::{Arc, OnceLock};

struct Hybrid(Arc<dyn Entropy>);

/// The group. rustls wants it for the whole life of the process.
pub(super) fn hybrid(entropy: Arc<dyn Entropy>) -> &'static dyn SupportedKxGroup {
    static GROUP: OnceLock<Hybrid> = OnceLock::new();
    GROUP.get_or_init(|| Hybrid(entropy))
}

impl fmt::Debug for Hybrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("X25519MLKEM768")
    }
}

fn invalid_share<E>(_: E) -> Error {
    PeerMisbehaved::InvalidKeyShare.into()
}

impl SupportedKxGroup for Hybrid {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let offer = Offer::new(&*self.0).map_err(|_| Error::FailedToGetRandomBytes)?;
        Ok(Box::new(Active(offer)))
    }

    fn start_and_complete(&self, client_share: &[u8]) -> Result<CompletedKeyExchange, Error> {
        let (pub_key, secret) = hybrid::respond(client_share, &*self.0).map_err(invalid_share)?;
        Ok(CompletedKeyExchange {
            group: self.name(),
            pub_key,
            secret: SharedSecret::from(secret.as_slice()),
        })
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_3
    }
}

struct Active(Offer);

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, share: &[u8]) -> Result<SharedSecret, Error> {
        self.0.complete(share).map(|secret| SharedSecret::from(secret.as_slice())).map_err(invalid_share)
    }

    fn pub_key(&self) -> &[u8] {
        &self.0.share
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }
}
