//! `rogatory pair suspend`, `resume`, `end`, `terms`, `confirm-root`.

use crate::cli::Context;
use crate::cli::error::{self, CliError};
use rogatory::format::wire::{NotifyRequest, Pairing, PeersRequest, pairing_act::Code as Act};
use rogatory::gateway::local_client::LocalClient;
use std::io::{BufRead as _, IsTerminal as _};
use std::time::{Duration, Instant};

/// How often to ask whether the peer has confirmed.
const AGAIN: Duration = Duration::from_millis(100);

/// What is said to which peer.
#[derive(clap::Args)]
pub struct Say {
    /// The peer
    peer: String,
    /// Seconds to wait for its confirmation; what was said holds here at once
    #[arg(long, default_value_t = 30)]
    wait: u64,
}

impl Say {
    /// Ends the pairing, if that is meant.
    pub async fn end(self, context: &Context, yes: bool) -> Result<(), CliError> {
        if !yes {
            let peer = &self.peer;
            let question = format!("End the pairing with {peer}? What waits for it ends. Type its name: ");
            if !std::io::stdin().is_terminal() {
                return Err(CliError::input(format!(
                    "nobody was asked whether to end the pairing with {peer}"
                ))
                .hint(format!("rogatory pair end {peer} --yes")));
            }
            eprint!("{question}");
            let mut answer = String::new();
            let read = std::io::stdin().lock().read_line(&mut answer);
            read.map_err(|error| CliError::failed(format!("the answer: {error}")))?;
            if answer.trim() != peer {
                return Err(CliError::failed("nothing was changed"));
            }
        }
        self.run(context, Act::End).await
    }

    /// Confirms the root of the peer that was compared.
    pub async fn confirm_root(self, context: &Context, compared: &str) -> Result<(), CliError> {
        let compared = error::compared(compared)?;
        let stands = pairing(&context.gateway().await?, &self.peer).await?.root;
        if !stands.is_empty() && stands != compared {
            let peer = &self.peer;
            return Err(CliError::failed(format!(
                "the roots differ: that of {peer} here begins with {}, yours with {}",
                &hex::encode(stands)[..8],
                &hex::encode(compared)[..8]
            ))
            .hint(format!(
                "do not confirm: read both out again; if they still differ, somebody else speaks for {peer}: \
                 rogatory pair suspend {peer}"
            )));
        }
        self.say(context, Act::RootConfirmed, compared.to_vec()).await
    }

    /// Says it, and waits until the peer has logged it.
    pub async fn run(self, context: &Context, act: Act) -> Result<(), CliError> {
        self.say(context, act, Vec::new()).await
    }

    async fn say(self, context: &Context, act: Act, root: Vec<u8>) -> Result<(), CliError> {
        let gateway = context.gateway().await?;
        let request = NotifyRequest { peer: self.peer.clone(), act: act.into(), root };
        let said = gateway.operator().notify(request).await?.into_inner();
        let until = Instant::now() + Duration::from_secs(self.wait);
        let confirmed = loop {
            let pairing = pairing(&gateway, &self.peer).await?;
            // Under a new pairing nobody waits for what was said of the old one.
            if pairing.confirmed >= said.said || pairing.said < said.said {
                break true;
            }
            if Instant::now() >= until {
                break false;
            }
            tokio::time::sleep(AGAIN).await;
        };
        let word = act.as_str_name();
        if context.json {
            println!(
                "{}",
                serde_json::json!({
                    "peer": self.peer, "said": word, "index": said.index, "confirmed": confirmed,
                })
            );
        } else {
            println!("{word} said to {} (entry {})", self.peer, said.index);
        }
        match confirmed {
            true => Ok(()),
            false => {
                Err(CliError::open(format!("{} has not confirmed it yet; it goes on being told", self.peer))
                    .hint("rogatory pair list")
                    .told())
            }
        }
    }
}

async fn pairing(gateway: &LocalClient, name: &str) -> Result<Pairing, CliError> {
    let peers = gateway.operator().peers(PeersRequest {}).await?.into_inner().peers;
    let peer = peers.into_iter().find(|peer| peer.authority == name);
    Ok(peer.and_then(|peer| peer.pairing).unwrap_or_default())
}
