//! Hello: each side shows the other the statements that it lacks. The only thing that is
//! served before a TLS key is proved.

use super::acknowledge::misbehaved;
use super::directory::Peer;
use super::pinning::Unproved;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::sha256;
use crate::format::FormatError;
use crate::format::chain::{Appended, Chain};
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::format::wire::{HelloReply, HelloRequest, leaf::Kind as LeafKind, unproved};
use crate::store::{Decision, NewEntry};
use std::sync::Arc;

/// A Hello of ours, in as many rounds as it takes; over which line, is the caller's matter.
#[derive(Debug)]
pub struct Greeting {
    peer: AuthorityId,
    /// How many of our statements the peer holds, once it said so.
    held: Option<u64>,
    rounds: usize,
    outcome: Greeted,
}

/// What a Hello came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Greeted {
    /// A statement is known on one of the sides that was not before.
    pub news: bool,
    /// Each side holds as many statements of the other as there are.
    pub complete: bool,
    /// The peer finds our TLS key proved.
    pub proved: bool,
    /// Where it does not: why, if it says so.
    pub unproved: Option<unproved::Code>,
}

impl Greeting {
    /// To this peer; nothing was said yet.
    pub fn to(peer: &AuthorityId) -> Self {
        Self { peer: peer.clone(), held: None, rounds: 0, outcome: Greeted::default() }
    }

    /// What to say next.
    pub fn next(&self, exchange: &Exchange) -> Result<HelloRequest, ExchangeError> {
        let peer = exchange.directory.peer(&self.peer)?;
        // What the peer holds is not known before it answers: nothing is shown then.
        Ok(exchange.hello_request(&peer, self.held.unwrap_or(u64::MAX)))
    }

    /// Takes the answer. True: there is more to say.
    pub async fn take(&mut self, exchange: &Arc<Exchange>, reply: HelloReply) -> Result<bool, ExchangeError> {
        let before = exchange.directory.peer(&self.peer)?.chain.head();
        let ours = exchange.identity.chain();
        let now_held = held(&ours, reply.known_of_you, &reply.locator)?;
        exchange.identity.heard(&self.peer, now_held);
        let peer = exchange.learn(&self.peer, reply.shown).await?;
        let learnt = peer.chain.head() != before;
        let taken = self.held.is_some_and(|held| now_held > held);
        let first = self.held.replace(now_held).is_none();
        self.rounds += 1;
        self.outcome = Greeted {
            news: self.outcome.news || learnt || taken,
            complete: now_held >= ours.count() && reply.head == peer.chain.head(),
            proved: reply.proved,
            unproved: said(reply.unproved).filter(|_| !reply.proved),
        };
        // A round in which neither side got anything would only be repeated.
        Ok(!self.outcome.complete && (first || learnt || taken) && self.rounds < limits::ROUNDS)
    }

    /// Rounds so far.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// What it came to so far.
    pub fn outcome(&self) -> Greeted {
        self.outcome
    }
}

impl Exchange {
    /// Answers a Hello. `tls_key` is what the caller's connection presented; none, where it came
    /// over a connection of ours, whose other end was proved when we made it.
    pub async fn hello(
        self: &Arc<Self>,
        request: HelloRequest,
        tls_key: Option<&[u8]>,
    ) -> Result<HelloReply, ExchangeError> {
        let authority = AuthorityId::parse(&request.authority)?;
        let peer = self.directory.peer(&authority)?;
        if request.fingerprint != peer.chain.fingerprint() {
            return Err(ExchangeError::NotPaired(authority));
        }
        let peer = self.learn(&authority, request.shown).await?;
        let chain = self.identity.chain();
        let found = tls_key.map(|key| self.directory.pinned(&peer, key, self.now()));
        let unproved = found.and_then(Result::err);
        Ok(HelloReply {
            authority: chain.authority().to_string(),
            fingerprint: chain.fingerprint().to_vec(),
            statements: chain.count(),
            head: chain.head().to_vec(),
            known_of_you: peer.chain.count(),
            locator: named(&peer.chain),
            shown: shown_from(&chain, held(&chain, request.known_of_you, &request.locator)?),
            proved: unproved.is_none(),
            unproved: unproved.as_ref().map(Unproved::code).unwrap_or_default().into(),
        })
    }

    /// Our Hello to a peer that holds `held` of our statements.
    fn hello_request(&self, peer: &Peer, held: u64) -> HelloRequest {
        let chain = self.identity.chain();
        HelloRequest {
            authority: chain.authority().to_string(),
            fingerprint: chain.fingerprint().to_vec(),
            statements: chain.count(),
            head: chain.head().to_vec(),
            known_of_you: peer.chain.count(),
            locator: named(&peer.chain),
            shown: shown_from(&chain, held),
            unproved: 0,
        }
    }

    /// Takes statements that a peer showed; each new one is an entry before it is believed.
    ///
    /// A peer's statements are taken in turn, so that two Hellos at once log each of them once.
    pub async fn learn(
        self: &Arc<Self>,
        authority: &AuthorityId,
        shown: Vec<Vec<u8>>,
    ) -> Result<Arc<Peer>, ExchangeError> {
        if shown.is_empty() {
            return self.directory.peer(authority);
        }
        let authority = authority.clone();
        self.to_its_end(|exchange| async move {
            let turn = exchange.directory.turn(&authority);
            let _turn = turn.lock().await;
            let peer = exchange.directory.peer(&authority)?;
            exchange.take_statements(&peer, &shown).await
        })
        .await
    }

    async fn take_statements(&self, peer: &Arc<Peer>, shown: &[Vec<u8>]) -> Result<Arc<Peer>, ExchangeError> {
        if shown.len() > limits::SHOWN {
            return Err(misbehaved(peer, "too many statements at once"));
        }
        let mut chain = peer.chain.clone();
        let mut entries = Vec::new();
        for envelope in shown {
            match chain.append(envelope) {
                Ok(Appended::Known) => {}
                Ok(_) => {
                    let leaf =
                        Leaf { peer: Some(peer.authority().clone()), ..Leaf::new(LeafKind::KeyStatement) };
                    entries.push(NewEntry { leaf, objects: vec![envelope.clone()] });
                }
                Err(error) => {
                    let (held, shown) = (hex::encode(chain.head()), hex::encode(sha256(envelope)));
                    tracing::error!(peer = %peer.authority(), %error, held, shown, "a peer's statement is refused");
                    if let FormatError::Fork { known, .. } = error {
                        // What came before it is taken: the alarm is about what is known.
                        let peer = self.take_over(peer, chain, entries).await?;
                        self.raise_fork(&peer, &known, envelope).await?;
                    }
                    return Err(misbehaved(peer, &error.to_string()));
                }
            }
        }
        self.take_over(peer, chain, entries).await
    }

    /// Commits statements that a peer's chain was extended by.
    async fn take_over(
        &self,
        peer: &Arc<Peer>,
        chain: Chain,
        entries: Vec<NewEntry>,
    ) -> Result<Arc<Peer>, ExchangeError> {
        if entries.is_empty() {
            return Ok(peer.clone());
        }
        tracing::info!(peer = %peer.authority(), new = entries.len(), now = chain.count(), "statements learnt");
        let (logged, stated) = (self.directory.logged.clone(), chain.clone());
        if chain.root() != peer.chain.root() {
            let (root, before) = (hex::encode(chain.root()), hex::encode(peer.chain.root()));
            tracing::warn!(peer = %peer.authority(), root, before, "the peer's root handed over to the one that was announced: compare it with the peer, rogatory pair confirm-root");
        }
        durable(self.store.commit(move |_, _| {
            logged.put(&stated);
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        self.directory.put(Peer { chain, ..Peer::clone(peer) });
        self.directory.peer(peer.authority())
    }
}

/// The reason that a peer gives; none, where it gives none that is known here.
pub fn said(code: i32) -> Option<unproved::Code> {
    unproved::Code::try_from(code).ok().filter(|code| *code != unproved::Code::Unspecified)
}

/// How many statements of our present chain a peer holds. A count alone says nothing of a branch
/// that our root made void since: the locator does.
pub fn held(ours: &Chain, known: u64, locator: &[Vec<u8>]) -> Result<u64, ExchangeError> {
    match locator.len() {
        0 => Ok(known),
        1..=limits::LOCATOR => Ok(ours.held_by(locator)),
        _ => Err(FormatError::Malformed("locator").into()),
    }
}

fn named(chain: &Chain) -> Vec<Vec<u8>> {
    chain.locator().iter().map(|digest| digest.to_vec()).collect()
}

/// A chain's statements as bytes for a message, from number `from`.
pub(super) fn shown_from(chain: &Chain, from: u64) -> Vec<Vec<u8>> {
    let mut room = limits::MESSAGE - limits::ENVELOPE;
    chain
        .envelopes()
        .skip(usize::try_from(from).unwrap_or(usize::MAX))
        .take(limits::SHOWN)
        .map_while(|envelope| {
            room = room.checked_sub(envelope.len())?;
            Some(envelope.to_vec())
        })
        .collect()
}
