//! `rogatory keys revoke`: a key that others may have, and what it was used for.

use super::{purpose, short};
use crate::cli::error::CliError;
use crate::cli::send::moment;
use crate::cli::{Context, output, passphrase};
use clap::{Args, ValueEnum};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::revocation::{Revoking, by_root};
use rogatory::format::Millis;
use rogatory::format::wire::{
    GatewayRequest, KeyUse, KeyUsesRequest, RevokeReply, RevokeRequest, revocation,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::local_client::LocalClient;
use rogatory::gateway::token::key_folder;
use rogatory::request::file::enum_name;
use rogatory::store::Clock as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Revoke a key of ours: state another one, end this one at all peers, list what it was used for
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory keys list\n  \
rogatory keys revoke 271e0355 --reason compromised --since 2026-11-20\n  \
rogatory keys revoke 271e0355 --list-only --csv > used.csv\n\n\
What our ledger holds when the key is revoked stands; packets that wait are signed anew. A delegate's key is \
revoked by the root: --root FILE names its private key. Exit code 4: done, and a peer does not know of it \
yet; it learns by itself. Renew the key back-up afterwards: rogatory backup keys")]
pub struct Revoke {
    /// How the key's id begins, as `keys list` shows it
    #[arg(value_name = "ID")]
    key: String,
    /// Why
    #[arg(long, value_enum, required_unless_present = "list_only")]
    reason: Option<Reason>,
    /// Since when: RFC 3339, or a date; the list begins there. Without it: revoked since now, and all of the list
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// State no other key in its place
    #[arg(long)]
    no_successor: bool,
    /// Change nothing: only list what the key was used for
    #[arg(long, conflicts_with_all = ["reason", "root", "no_successor"])]
    list_only: bool,
    /// The private key of the root, for a delegate's key
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// A private file with the passphrase of the root's key, where it is not that of the other keys
    #[arg(long, value_name = "FILE", requires = "root")]
    passphrase_file: Option<PathBuf>,
    /// The list as CSV (RFC 4180) on standard output, and the rest on standard error
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// Why a key ends.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// Somebody else may have it
    Compromised,
    /// Nobody knows who has it
    Lost,
    /// Nothing takes its place
    Ceased,
    /// Another key takes its place
    Superseded,
}

impl Reason {
    fn wire(self) -> revocation::Reason {
        match self {
            Self::Compromised => revocation::Reason::Compromised,
            Self::Lost => revocation::Reason::Lost,
            Self::Ceased => revocation::Reason::Ceased,
            Self::Superseded => revocation::Reason::Superseded,
        }
    }
}

impl Revoke {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let since = self.since.as_deref().map(|text| {
            moment(text).ok_or_else(|| {
                CliError::input(format!("{text:?} is neither a time (RFC 3339) nor a date"))
                    .hint("for example: --since 2026-11-22T10:00:00Z, --since 2026-11-22")
            })
        });
        let since = since.transpose()?;
        let gateway = context.gateway().await?;
        let revoked = match self.reason {
            None => None,
            Some(reason) => Some((reason, self.revoke(reason, since, context, &gateway).await?)),
        };
        let (purpose, id, uses) = uses(&self.key, since.unwrap_or(0), &gateway).await?;
        let told = revoked.as_ref().map(|(reason, reply)| (*reason, reply));
        if context.json {
            println!("{}", shown_json(purpose, &id, told, &uses));
        } else {
            self.show(purpose, &id, told, &uses)?;
        }
        match told.map(|(_, reply)| reply.untold.join(", ")).filter(|untold| !untold.is_empty()) {
            None => Ok(()),
            Some(untold) => Err(CliError::open(format!("{untold} does not know of it yet"))
                .hint("nothing, if the line is up: it learns by itself. To look: rogatory keys list --all")
                .told()),
        }
    }

    async fn revoke(
        &self,
        reason: Reason,
        since: Option<Millis>,
        context: &Context,
        gateway: &LocalClient,
    ) -> Result<RevokeReply, CliError> {
        let of_root = match &self.root {
            None => Vec::new(),
            Some(file) => self.by_root(file, reason, since, context, gateway).await?,
        };
        let request = RevokeRequest {
            key: self.key.clone(),
            reason: reason.wire().into(),
            since: since.unwrap_or(0),
            no_successor: self.no_successor,
            of_root,
        };
        Ok(gateway.operator().revoke(request).await?.into_inner())
    }

    /// The statements of the root, signed here: its private key does not go to the gateway.
    async fn by_root(
        &self,
        file: &Path,
        reason: Reason,
        since: Option<Millis>,
        context: &Context,
        gateway: &LocalClient,
    ) -> Result<Vec<Vec<u8>>, CliError> {
        let asked = KeyUsesRequest { key: self.key.clone(), since: u64::MAX, from: 0 };
        let found = gateway.operator().key_uses(asked).await?.into_inner();
        let config = context.config()?;
        let (seed, _) = passphrase::root(file, self.passphrase_file.as_deref(), Some(&config))?;
        let key = found.key_id.try_into().map_err(|_| CliError::failed("the gateway named no key"))?;
        let wanted = Revoking { key, reason: reason.wire(), since, successor: !self.no_successor };
        let folder = key_folder(&config.data, context.open_keys(&config)?, config.token.as_ref())?;
        let log_size = gateway.operator().gateway(GatewayRequest {}).await?.into_inner().log_size;
        by_root(&folder, &seed, &wanted, log_size, SystemClock.now(), &SystemEntropy::default()).map_err(
            |error| CliError::input(error.to_string()).hint("name the root's private key: --root root.key"),
        )
    }

    fn show(
        &self,
        of: i32,
        id: &[u8],
        revoked: Option<(Reason, &RevokeReply)>,
        uses: &[KeyUse],
    ) -> Result<(), CliError> {
        let mut said = String::new();
        if let Some((reason, reply)) = revoked {
            said += &format!(
                "{} {}: revoked as {}, since {}\n",
                purpose(of),
                short(id),
                reason.wire().as_str_name(),
                output::time(reply.since)
            );
            if !reply.successor.is_empty() {
                said += &format!("{} takes its place\n", short(&reply.successor));
            }
            if !reply.told.is_empty() {
                said += &format!("{} know of it\n", reply.told.join(", "));
            }
            said += "renew the key back-up: rogatory backup keys\n";
        }
        if self.csv {
            eprint!("{said}");
            return csv(uses).map_err(|error| CliError::failed(format!("the list: {error}")));
        }
        print!("{said}");
        let titles = ["entry", "at", "what", "peer", "id", "logged", "settled"];
        let mut rows = vec![titles.map(str::to_owned).to_vec()];
        rows.extend(uses.iter().map(|one| row(one).to_vec()));
        match uses.is_empty() {
            true => println!("it was used for nothing that the ledger shows"),
            false => print!("{}", output::table(&rows)),
        }
        Ok(())
    }
}

/// All uses of the key since a time, and which key that is.
async fn uses(
    key: &str,
    since: Millis,
    gateway: &LocalClient,
) -> Result<(i32, Vec<u8>, Vec<KeyUse>), CliError> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let request = KeyUsesRequest { key: key.to_owned(), since, from };
        let reply = gateway.operator().key_uses(request).await?.into_inner();
        all.extend(reply.uses);
        from = reply.next;
        if from == 0 {
            return Ok((reply.purpose, reply.key_id, all));
        }
    }
}

fn row(one: &KeyUse) -> [String; 7] {
    [
        one.index.to_string(),
        output::time(one.at),
        what(one),
        one.peer.clone(),
        output::id(&one.id),
        if one.before { "before" } else { "after" }.into(),
        if one.settled { "yes" } else { "no" }.into(),
    ]
}

fn what(one: &KeyUse) -> String {
    enum_name("KeyUse.What", one.what)
}

fn csv(uses: &[KeyUse]) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
    writer.write_record(["entry", "at", "what", "peer", "id", "logged", "settled"])?;
    for one in uses {
        writer.write_record(row(one))?;
    }
    Ok(writer.flush()?)
}

fn shown_json(of: i32, id: &[u8], revoked: Option<(Reason, &RevokeReply)>, uses: &[KeyUse]) -> Value {
    let uses: Vec<Value> = uses
        .iter()
        .map(|one| {
            json!({
                "entry": one.index, "at": output::time(one.at), "what": what(one), "peer": one.peer,
                "id": output::id(&one.id), "before": one.before, "settled": one.settled,
            })
        })
        .collect();
    let mut shown = json!({ "purpose": purpose(of), "id": hex::encode(id), "uses": uses });
    if let Some((reason, reply)) = revoked {
        shown["reason"] = reason.wire().as_str_name().into();
        shown["since"] = output::time(reply.since).into();
        shown["log_size"] = reply.log_size.into();
        shown["successor"] = (!reply.successor.is_empty()).then(|| hex::encode(&reply.successor)).into();
        shown["told"] = reply.told.clone().into();
        shown["untold"] = reply.untold.clone().into();
    }
    shown
}
