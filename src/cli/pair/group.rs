//! `rogatory pair group`: three who plan an operation together, from one signed list.

use super::read;
use crate::cli::error::{self, CliError};
use crate::cli::{Context, output};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use rogatory::format::group::Group as List;
use rogatory::format::limits;
use rogatory::format::wire::{JoinGroupRequest, MakeGroupRequest};
use rogatory::format::words;
use std::path::{Path, PathBuf};

/// Pair with several authorities at once, from one signed list
#[derive(Subcommand)]
#[command(
    after_help = "Example:\n  rogatory pair group make --out ops.group xb.offer xc.offer   # one side, who has compared their fingerprints\n  \
rogatory pair group show ops.group                          # every side: read its digest to the convener\n  \
rogatory pair group join ops.group --digest \"abandon ability …\"   # every side, the convener too"
)]
pub enum Group {
    /// Make a list of us and others, and sign it
    Make {
        /// Offers of the others
        #[arg(required = true)]
        offers: Vec<PathBuf>,
        /// A fingerprint that was compared: 64 hex digits or 24 words; needed for whom we are not paired with
        #[arg(long = "compared")]
        compared: Vec<String>,
        /// The file
        #[arg(long)]
        out: PathBuf,
    },
    /// Show who is in a list, and its digest
    Show {
        /// The list
        list: PathBuf,
    },
    /// Pair with everybody in a list, having compared its digest with the convener
    Join {
        /// The list
        list: PathBuf,
        /// What the convener read out: 64 hex digits or 24 words
        #[arg(long)]
        digest: String,
    },
}

impl Group {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::Make { offers, compared, out } => make(context, &offers, &compared, &out).await,
            Self::Show { list } => {
                show(context, &open(&list)?);
                Ok(())
            }
            Self::Join { list, digest } => join(context, &open(&list)?, &digest).await,
        }
    }
}

async fn make(
    context: &Context,
    offers: &[PathBuf],
    compared: &[String],
    out: &Path,
) -> Result<(), CliError> {
    let offers = offers.iter().map(|path| Ok(read(path)?.envelope)).collect::<Result<_, CliError>>()?;
    let compared =
        compared.iter().map(|text| Ok(error::compared(text)?.to_vec())).collect::<Result<_, CliError>>()?;
    let request = MakeGroupRequest { offers, compared };
    let reply = context.gateway().await?.operator().make_group(request).await?.into_inner();
    let list = List::open(&reply.list)?;
    let text = STANDARD.encode(&list.envelope);
    std::fs::write(out, text).map_err(|error| CliError::file(out, &error))?;
    show(context, &list);
    Ok(())
}

fn open(path: &Path) -> Result<List, CliError> {
    let length = std::fs::metadata(path).map_err(|error| CliError::file(path, &error))?.len();
    let bad = |why: String| {
        CliError::input(format!("{}: {why}", path.display())).hint("have the convener send the list again")
    };
    if length > 2 * limits::GROUP as u64 {
        return Err(bad("too long for the list of a group".into()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, &error))?;
    let envelope = STANDARD.decode(text.trim()).map_err(|_| bad("no list of a group".into()))?;
    List::open(&envelope).map_err(|error| bad(error.to_string()))
}

fn show(context: &Context, list: &List) {
    if context.json {
        let members = list.members.iter().map(|member| {
            let chain = &member.chain;
            serde_json::json!({
                "authority": chain.authority().as_str(), "fingerprint": hex::encode(chain.fingerprint()),
                "addresses": member.addresses, "development": chain.development(),
            })
        });
        println!(
            "{}",
            serde_json::json!({
                "convener": list.convener.as_str(), "group": list.id.to_string(),
                "made_at": output::time(list.made_at), "digest": hex::encode(list.digest),
                "words": words::to_words(&list.digest), "members": members.collect::<Vec<_>>(),
            })
        );
        return;
    }
    println!("group      {}", list.id);
    println!("convener   {}", list.convener);
    println!("made       {}", output::time(list.made_at));
    println!("digest     {}", words::to_hex(&list.digest));
    println!("in words   {}\n", words::to_words(&list.digest));
    let mut rows = vec![["authority", "fingerprint", "addresses"].map(str::to_owned).to_vec()];
    for member in &list.members {
        rows.push(vec![
            member.chain.authority().to_string(),
            hex::encode(member.chain.fingerprint())[..16].to_owned(),
            if member.addresses.is_empty() { "collects".into() } else { member.addresses.join(" ") },
        ]);
    }
    print!("{}", output::table(&rows));
}

async fn join(context: &Context, list: &List, digest: &str) -> Result<(), CliError> {
    let compared = error::compared(digest)?;
    if compared != list.digest {
        return Err(CliError::failed(format!(
            "the digests differ: the list's begins with {}, yours with {}",
            &hex::encode(list.digest)[..8],
            &hex::encode(compared)[..8]
        ))
        .hint("do not join: read both out again, and have the list sent by another way"));
    }
    let request = JoinGroupRequest { list: list.envelope.clone(), digest: compared.to_vec() };
    let joined = context.gateway().await?.operator().join_group(request).await?.into_inner();
    if context.json {
        println!("{}", serde_json::json!({ "paired": joined.paired, "known": joined.known }));
        return Ok(());
    }
    let names = |names: &[String]| if names.is_empty() { "nobody".into() } else { names.join(", ") };
    println!("paired with {}; paired before: {}", names(&joined.paired), names(&joined.known));
    Ok(())
}
