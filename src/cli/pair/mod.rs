//! `rogatory pair`: offers, fingerprints, peers.

mod group;
mod life;
mod list;

use super::error::{self, CliError};
use super::{Context, output};
use clap::Subcommand;
use group::Group;
use life::Say;
use rogatory::format::offer::Offer;
use rogatory::format::wire::{OfferRequest, PairRequest, pairing_act::Code as Act};
use rogatory::format::words;
use std::path::{Path, PathBuf};

/// Pair with another authority: exchange offers, compare fingerprints, confirm
#[derive(Subcommand)]
#[command(
    after_help = "Example, on both sides:\n  rogatory pair offer --out xa.offer     # send it to the other side, by any way\n  \
rogatory pair show xb.offer            # read its fingerprint to each other over the telephone\n  \
rogatory pair confirm xb.offer --fingerprint \"abandon ability …\"\n  rogatory pair list"
)]
pub enum Pair {
    /// Write our offer
    #[command(after_help = "Example:\n  rogatory pair offer --out xa.offer")]
    Offer {
        /// The file; standard output if it is left out
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Show what an offer says, and its fingerprint
    #[command(after_help = "Example:\n  rogatory pair show xb.offer")]
    Show {
        /// The other side's offer
        offer: PathBuf,
    },
    /// Pair, having compared the fingerprint with the other side
    #[command(after_help = "Example:\n  rogatory pair confirm xb.offer --fingerprint \"3f1c 9a…\"")]
    Confirm {
        /// The other side's offer
        offer: PathBuf,
        /// What the other side read out: 64 hex digits or 24 words
        #[arg(long)]
        fingerprint: String,
    },
    /// Pair anew with an authority that lost everything and has another fingerprint now
    #[command(after_help = "Example:\n  rogatory pair repair xb.offer --fingerprint \"3f1c 9a…\"\n\n\
What was signed before goes on verifying. What waits for it, and cases with it, end: it has nothing of them.")]
    Repair {
        /// The other side's new offer
        offer: PathBuf,
        /// What the other side read out: 64 hex digits or 24 words
        #[arg(long)]
        fingerprint: String,
    },
    #[command(subcommand)]
    Group(Group),
    /// List the authorities that we are paired with
    #[command(after_help = "Example:\n  rogatory pair list --json")]
    List,
    /// Take no new packets for now, in either direction; what waits stays
    #[command(after_help = "Example:\n  rogatory pair suspend XB")]
    Suspend(Say),
    /// Take back what we said with suspend or end
    #[command(after_help = "Example:\n  rogatory pair resume XB")]
    Resume(Say),
    /// Take no packets any more: what waits ends
    #[command(after_help = "Example:\n  rogatory pair end XB --yes")]
    End {
        #[command(flatten)]
        say: Say,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Tell a peer what we take, and our addresses, as the configuration says them now
    #[command(after_help = "Example:\n  rogatory pair terms XB")]
    Terms(Say),
    /// Confirm a peer's new root, having compared it with the other side; tells the peer
    #[command(
        after_help = "Example:\n  rogatory pair list                                  # \"root changed, not confirmed\"\n  \
rogatory pair confirm-root XB --root \"04b0 61c0…\"\n\n\
The other side reads it out from its rogatory keys list, over the telephone. Nothing waits for this: a root \
that both roots signed is taken at once."
    )]
    ConfirmRoot {
        #[command(flatten)]
        say: Say,
        /// What the other side read out: 64 hex digits or 24 words
        #[arg(long)]
        root: String,
    },
}

impl Pair {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::Offer { out } => offer(context, out).await,
            Self::Show { offer } => show(context, &read(&offer)?),
            Self::Confirm { offer, fingerprint } => {
                confirm(context, &read(&offer)?, &fingerprint, false).await
            }
            Self::Repair { offer, fingerprint } => confirm(context, &read(&offer)?, &fingerprint, true).await,
            Self::Group(group) => group.run(context).await,
            Self::List => list::list(context).await,
            Self::Suspend(say) => say.run(context, Act::Suspend).await,
            Self::Resume(say) => say.run(context, Act::Resume).await,
            Self::End { say, yes } => say.end(context, yes).await,
            Self::Terms(say) => say.run(context, Act::Terms).await,
            Self::ConfirmRoot { say, root } => say.confirm_root(context, &root).await,
        }
    }
}

fn read(path: &Path) -> Result<Offer, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, &error))?;
    Offer::from_text(&text).map_err(|error| {
        CliError::input(format!("{}: {error}", path.display()))
            .hint("ask the other side for a new one: rogatory pair offer --out FILE")
    })
}

async fn offer(context: &Context, out: Option<PathBuf>) -> Result<(), CliError> {
    let reply = context.gateway().await?.operator().offer(OfferRequest {}).await?.into_inner();
    let offer = Offer::open(&reply.offer)?;
    let fingerprint = offer.chain.fingerprint();
    let text = offer.to_text();
    match &out {
        None if !context.json => print!("{text}"),
        None => {}
        Some(path) => std::fs::write(path, &text).map_err(|error| CliError::file(path, &error))?,
    }
    if context.json {
        let file = out.map(|path| path.display().to_string());
        println!(
            "{}",
            serde_json::json!({
                "authority": offer.chain.authority().as_str(), "fingerprint": hex::encode(fingerprint),
                "words": words::to_words(&fingerprint), "file": file, "offer": text,
            })
        );
    } else if out.is_some() {
        println!("{}", words::to_hex(&fingerprint));
        println!("{}", words::to_words(&fingerprint));
    }
    Ok(())
}

fn show(context: &Context, offer: &Offer) -> Result<(), CliError> {
    let fingerprint = offer.chain.fingerprint();
    if context.json {
        println!(
            "{}",
            serde_json::json!({
                "authority": offer.chain.authority().as_str(), "fingerprint": hex::encode(fingerprint),
                "words": words::to_words(&fingerprint), "addresses": offer.addresses,
                "statements": offer.chain.count(), "made_at": output::time(offer.made_at),
                "development": offer.chain.development(),
            })
        );
        return Ok(());
    }
    println!("authority    {}", offer.chain.authority());
    println!("fingerprint  {}", words::to_hex(&fingerprint));
    println!("in words     {}", words::to_words(&fingerprint));
    let addresses = if offer.addresses.is_empty() {
        "none: it connects to us".to_owned()
    } else {
        offer.addresses.join(", ")
    };
    println!("addresses    {addresses}");
    println!("statements   {}", offer.chain.count());
    let taken = &offer.taken;
    let (bytes, objects) = (output::bytes(taken.limits.packet_bytes), taken.limits.objects);
    println!("takes        {bytes} in {objects} objects{}", list::terms_line(&taken.terms));
    println!("made         {}", output::time(offer.made_at));
    if offer.chain.development() {
        println!("\nThis identity is for development: its private keys are published.");
    }
    println!("\nCompare the fingerprint with the other side by telephone, then: rogatory pair confirm");
    Ok(())
}

async fn confirm(context: &Context, offer: &Offer, compared: &str, again: bool) -> Result<(), CliError> {
    let compared = error::compared(compared)?;
    if compared != offer.chain.fingerprint() {
        return Err(CliError::failed(format!(
            "the fingerprints differ: the offer's begins with {}, yours with {}",
            &hex::encode(offer.chain.fingerprint())[..8],
            &hex::encode(compared)[..8]
        ))
        .hint("do not pair: read both out again, and have the offer sent by another way"));
    }
    let request = PairRequest { offer: offer.envelope.clone(), fingerprint: compared.to_vec(), again };
    let reply = context.gateway().await?.operator().pair(request).await?.into_inner();
    match context.json {
        true => println!("{}", serde_json::json!({ "authority": reply.authority, "index": reply.index })),
        false => println!(
            "paired with {} (entry {}); the other side has to confirm ours too",
            reply.authority, reply.index
        ),
    }
    Ok(())
}
