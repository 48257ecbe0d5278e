//! Hello to a peer that we dial, over connections of its own: what lets calls go on after
//! keys changed on either side, however long ago.

use super::dial::{Connection, DialError, Dialer, endpoint};
use super::lines::LAST_WORDS;
use crate::exchange::hello::{Greeted, Greeting};
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::format::wire::{HelloRequest, unproved};
use crate::gateway::rpc::peer::peer_client::PeerClient;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tonic::transport::{Channel, Uri};
use tonic::{Code, Status};

/// A round of Hello takes this long at most.
const ROUND: Duration = Duration::from_secs(30);
/// All rounds together.
const HELLO: Duration = Duration::from_secs(300);

/// Who says Hello to whom: one at a time to each peer, and whoever waited meanwhile has the
/// same answer.
#[derive(Default)]
pub struct Greetings {
    turns: Mutex<HashMap<AuthorityId, Turn>>,
}

type Turn = Arc<tokio::sync::Mutex<Option<(Instant, Result<Greeted, String>)>>>;

impl Greetings {
    /// Says Hello in the way of `hello`, unless one began since `since`.
    pub async fn once<F>(&self, peer: &AuthorityId, since: Instant, hello: F) -> Result<Greeted, String>
    where
        F: Future<Output = Result<Greeted, String>>,
    {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.entry(peer.clone()).or_default().clone()
        };
        let mut last = turn.lock().await;
        if let Some((begun, outcome)) = last.as_ref().filter(|(begun, _)| *begun >= since) {
            tracing::trace!(%peer, ?begun, "somebody said Hello meanwhile");
            return outcome.clone();
        }
        let begun = Instant::now();
        let outcome = tokio::time::timeout(HELLO, hello).await;
        let outcome = outcome.unwrap_or_else(|_| Err("Hello took too long".into()));
        *last = Some((begun, outcome.clone()));
        outcome
    }
}

impl Dialer {
    /// Says Hello to a peer at the first of its addresses that answers, unless somebody did
    /// since `since`.
    pub async fn greet(&self, authority: &AuthorityId, since: Instant) -> Result<Greeted, DialError> {
        let hello = async {
            let greeted = self.greet_any(authority).await;
            let refused = greeted.as_ref().ok().filter(|greeted| !greeted.proved);
            if let Some(why) = refused.map(|greeted| greeted.unproved.unwrap_or_default().as_str_name()) {
                let certificate = self.presented_by_us();
                tracing::warn!(peer = %authority, certificate, why, "the peer finds that our certificate does not prove us");
            }
            greeted.map_err(|error| error.to_string())
        };
        self.greetings.once(authority, since, hello).await.map_err(DialError::Hello)
    }

    /// Tells whoever answers at the other end of a connection why its certificate does not prove
    /// the peer.
    pub(super) async fn tell_unproved(
        &self,
        authority: &AuthorityId,
        stream: Connection,
        why: unproved::Code,
    ) -> Result<(), DialError> {
        let mut client = over(stream).await?;
        let hello = HelloRequest { unproved: why.into(), ..Greeting::to(authority).next(&self.exchange)? };
        let told = tokio::time::timeout(LAST_WORDS, client.hello(hello)).await;
        let told = told.map_err(|_| said("no answer in time"))?;
        told.map(drop).map_err(|status| said(status.message()))
    }

    /// Makes a call. Where the peer does not know our TLS key, it is told of it first, and then
    /// called once more.
    pub async fn known<T, F>(&self, authority: &AuthorityId, call: impl Fn() -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<T, Status>>,
    {
        let since = Instant::now();
        let status = match call().await {
            Err(status) if status.code() == Code::Unauthenticated => status,
            answer => return answer,
        };
        match self.greet(authority, since).await {
            Ok(greeted) if greeted.proved => call().await,
            Ok(_) => Err(status),
            Err(error) => {
                let certificate = self.presented_by_us();
                tracing::warn!(peer = %authority, certificate, %error, "the peer does not know our TLS key, and takes no Hello");
                Err(status)
            }
        }
    }

    async fn greet_any(&self, authority: &AuthorityId) -> Result<Greeted, DialError> {
        let mut last = DialError::NoAddress(authority.clone());
        for address in &self.exchange.directory.peer(authority)?.addresses {
            match self.greet_at(authority, address).await {
                Ok(greeted) => return Ok(greeted),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn greet_at(&self, authority: &AuthorityId, address: &str) -> Result<Greeted, DialError> {
        let mut greeting = Greeting::to(authority);
        loop {
            let before = greeting.rounds();
            match self.rounds(&mut greeting, address).await {
                Ok(()) => return Ok(greeting.outcome()),
                // The peer ends a connection that proved nothing after two seconds. What it took
                // by then it has, and the next connection goes on from there.
                Err(DialError::Hello(why)) if greeting.rounds() > before => {
                    tracing::debug!(peer = %authority, why, rounds = greeting.rounds(), "Hello goes on");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// As many rounds as one connection bears.
    async fn rounds(&self, greeting: &mut Greeting, address: &str) -> Result<(), DialError> {
        let mut client = over(self.dial(address).await?).await?;
        loop {
            let call = client.hello(greeting.next(&self.exchange)?);
            let reply = tokio::time::timeout(ROUND, call).await.map_err(|_| said("no answer in time"))?;
            let reply = reply.map_err(|status| said(status.message()))?.into_inner();
            if !greeting.take(&self.exchange, reply).await? {
                return Ok(());
            }
        }
    }
}

/// A client over this one connection.
async fn over(stream: Connection) -> Result<PeerClient<Channel>, DialError> {
    let mut once = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_: Uri| {
        let stream = once.take().ok_or_else(|| std::io::Error::other("one connection, one Hello"));
        async move { stream }
    });
    let channel =
        endpoint().connect_with_connector(connector).await.map_err(|error| said(&error.to_string()))?;
    Ok(PeerClient::new(channel)
        .max_decoding_message_size(limits::MESSAGE)
        .max_encoding_message_size(limits::MESSAGE))
}

fn said(why: &str) -> DialError {
    DialError::Hello(format!("Hello: {why}"))
}
