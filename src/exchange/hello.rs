//! Hello: each side shows the other the statements that it lacks. The only thing that is
//! served before a TLS key is proved.

use super::acknowledge::misbehaved;
use super::directory::Peer;
use super::{Exchange, ExchangeError, durable};
use crate::format::chain::{Appended, Chain};
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::format::wire::{HelloReply, HelloRequest, leaf::Kind as LeafKind};
use crate::store::{Decision, NewEntry};
use std::sync::Arc;

impl Exchange {
    /// Answers a Hello; `tls_key` is what the connection presented.
    pub async fn hello(&self, request: HelloRequest, tls_key: &[u8]) -> Result<HelloReply, ExchangeError> {
        let authority = AuthorityId::parse(&request.authority)?;
        let peer = self.directory.peer(&authority)?;
        if request.fingerprint != peer.chain.fingerprint() {
            return Err(ExchangeError::NotPaired(authority));
        }
        let peer = self.learn(&peer, &request.shown).await?;
        let chain = self.identity.chain();
        Ok(HelloReply {
            authority: chain.authority().to_string(),
            fingerprint: chain.fingerprint().to_vec(),
            statements: chain.count(),
            head: chain.head().to_vec(),
            known_of_you: peer.chain.count(),
            shown: shown_from(&chain, request.known_of_you),
            limits: Some(self.limits),
            proved: peer.proves_tls(tls_key, self.now()),
        })
    }

    /// Our Hello to a peer that holds `held` of our statements.
    pub fn hello_request(&self, peer: &Peer, held: u64) -> HelloRequest {
        let chain = self.identity.chain();
        HelloRequest {
            authority: chain.authority().to_string(),
            fingerprint: chain.fingerprint().to_vec(),
            statements: chain.count(),
            head: chain.head().to_vec(),
            known_of_you: peer.chain.count(),
            shown: shown_from(&chain, held),
            limits: Some(self.limits),
        }
    }

    /// Takes statements that a peer showed; each new one is an entry before it is believed.
    pub async fn learn(&self, peer: &Arc<Peer>, shown: &[Vec<u8>]) -> Result<Arc<Peer>, ExchangeError> {
        if shown.len() > limits::SHOWN {
            return Err(misbehaved(peer, "too many statements at once"));
        }
        let mut chain = peer.chain.clone();
        let mut entries = Vec::new();
        for envelope in shown {
            let appended = chain.append(envelope).map_err(|error| misbehaved(peer, &error.to_string()))?;
            if appended != Appended::Known {
                let leaf = Leaf { peer: Some(peer.authority().clone()), ..Leaf::new(LeafKind::KeyStatement) };
                entries.push(NewEntry { leaf, objects: vec![envelope.clone()] });
            }
        }
        if entries.is_empty() {
            return Ok(peer.clone());
        }
        durable(self.store.commit(move |_, _| {
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        self.directory.put(Peer {
            chain,
            addresses: peer.addresses.clone(),
            limits: peer.limits,
            logs: peer.logs.clone(),
        });
        self.directory.peer(peer.authority())
    }
}

/// A chain's statements as bytes for a message, from number `from`.
fn shown_from(chain: &Chain, from: u64) -> Vec<Vec<u8>> {
    chain
        .envelopes()
        .skip(usize::try_from(from).unwrap_or(usize::MAX))
        .take(limits::SHOWN)
        .map(<[u8]>::to_vec)
        .collect()
}
