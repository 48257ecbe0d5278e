//! `rogatory pair`: offers, fingerprints, peers.

use super::error::CliError;
use super::{Context, output};
use clap::Subcommand;
use rogatory::format::offer::Offer;
use rogatory::format::wire::{GatewayRequest, OfferRequest, PairRequest, PeersRequest, alarm::Code};
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
    /// List the authorities that we are paired with
    #[command(after_help = "Example:\n  rogatory pair list --json")]
    List,
}

impl Pair {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::Offer { out } => offer(context, out).await,
            Self::Show { offer } => show(context, &read(&offer)?),
            Self::Confirm { offer, fingerprint } => confirm(context, &read(&offer)?, &fingerprint).await,
            Self::List => list(context).await,
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
    println!("made         {}", output::time(offer.made_at));
    if offer.chain.development() {
        println!("\nThis identity is for development: its private keys are published.");
    }
    println!("\nCompare the fingerprint with the other side by telephone, then: rogatory pair confirm");
    Ok(())
}

async fn confirm(context: &Context, offer: &Offer, compared: &str) -> Result<(), CliError> {
    let compared = words::parse(compared)?;
    if compared != offer.chain.fingerprint() {
        return Err(CliError::failed(format!(
            "the fingerprints differ: the offer's begins with {}, yours with {}",
            &hex::encode(offer.chain.fingerprint())[..8],
            &hex::encode(compared)[..8]
        ))
        .hint("do not pair: read both out again, and have the offer sent by another way"));
    }
    let request = PairRequest { offer: offer.envelope.clone(), fingerprint: compared.to_vec() };
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

async fn list(context: &Context) -> Result<(), CliError> {
    let mut operator = context.gateway().await?.operator();
    let peers = operator.peers(PeersRequest {}).await?.into_inner().peers;
    let gateway = operator.gateway(GatewayRequest {}).await?.into_inner();
    let (tail, alarms) = (gateway.tail.unwrap_or_default(), gateway.alarms.unwrap_or_default());
    if context.json {
        let peers: Vec<_> = peers
            .iter()
            .map(|peer| {
                let witnessed = peer.witnessed.as_ref();
                serde_json::json!({
                    "authority": peer.authority, "fingerprint": hex::encode(&peer.fingerprint),
                    "addresses": peer.addresses, "statements": peer.statements, "waiting": peer.waiting,
                    "verified_size": witnessed.map(|w| w.size), "development": peer.development,
                    "suite": peer.suite, "holds": peer.holds, "cosigned": output::cosigned_json(peer.cosigned.as_ref()),
                    "alarms": output::alarms_json(&peer.alarms.clone().unwrap_or_default()),
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({
                "peers": peers, "witnesses": output::witnesses_json(&gateway.witnesses), "log_size": gateway.log_size, "alarms": output::alarms_json(&alarms),
                "tail": { "entries": tail.entries, "substance": tail.substance,
                          "since": (tail.since > 0).then(|| output::time(tail.since)) },
            })
        );
        return Ok(());
    }
    let heading = ["authority", "fingerprint", "addresses", "waiting", "log verified", "holds of ours"];
    let (mut rows, mut alarmed) = (vec![heading.map(str::to_owned).to_vec()], Vec::new());
    for peer in peers {
        alarmed.extend(peer.alarms.filter(|alarms| alarms.count > 0));
        let cosigned = match peer.cosigned {
            Some(cosigned) => format!("cosigned {} at {}", cosigned.size, output::time(cosigned.at)),
            None => "never cosigned".into(),
        };
        rows.push(vec![
            peer.authority,
            hex::encode(&peer.fingerprint)[..16].to_owned(),
            if peer.addresses.is_empty() { "collects".into() } else { peer.addresses.join(" ") },
            peer.waiting.to_string(),
            peer.witnessed.map_or_else(String::new, |w| format!("{} entries", w.size)),
            format!("{} entries, {cosigned}", peer.holds),
        ]);
    }
    print!("{}", output::table(&rows));
    for witness in &gateway.witnesses {
        let cosigned = witness.cosigned.unwrap_or_default();
        println!("witness {} cosigned {} at {}", witness.name, cosigned.size, output::time(cosigned.at));
    }
    match tail.substance {
        0 => println!("\nour log: {} entries; all that matters is cosigned", gateway.log_size),
        count => println!(
            "\nour log: {} entries; nobody has cosigned the last {}: {count} of substance, since {}",
            gateway.log_size,
            tail.entries,
            output::time(tail.since)
        ),
    }
    if alarms.count > 0 {
        println!("\nALARM: {} in all; docs/OPERATIONS.md, \"Alarms\", says what to do", alarms.count);
    }
    for alarms in alarmed {
        // Nothing against whoever brought it.
        let ours = if alarms.code() == Code::OwnLogContradicted { " (of OUR log)" } else { "" };
        println!(
            "  {}: {}; the newest is entry {} of {}: {}{ours}",
            alarms.peer,
            alarms.count,
            alarms.index,
            output::time(alarms.at),
            output::alarm(alarms.code),
        );
    }
    Ok(())
}
