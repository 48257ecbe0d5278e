//! `rogatory keys request`, `sign`, `install`: what only the root may say, where it is kept
//! elsewhere.

use super::super::error::CliError;
use super::super::{Context, output};
use super::{purpose, short};
use crate::cli::passphrase;
use crate::cli::send::moment;
use clap::Args;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::passphrase::Passphrase;
use rogatory::crypto::sign::{Ed25519Key, Signer as _, new_seed};
use rogatory::format::envelope::SigningKey;
use rogatory::format::offline::{Answered, Asked};
use rogatory::format::statement::{root_commitment, root_id};
use rogatory::format::wire::{
    AskRootRequest, InstallRequest, Revocation, Revocations, ask_root_request::What, revocation::Reason,
    statement_request,
};
use rogatory::format::words;
use rogatory::request::file::{enum_name, enum_value};
use rogatory::store::passphrase::write_root;
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Write what the root has to sign: a new delegate, the end of keys, the next root
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory keys request delegate --out delegate.request\n  \
rogatory keys request revoke 9c0d11aa --reason compromised --out revoke.request\n  \
rogatory keys request root --out root.request\n\n\
Carry the file to where the root is kept, sign it there (rogatory keys sign), bring the answer back and \
install it: rogatory keys install. The statement is put where the chain ends now: state nothing meanwhile.")]
pub struct Request {
    /// delegate, root, or revoke
    #[arg(value_parser = ["delegate", "root", "revoke"])]
    what: String,
    /// Keys that end, by their id or how it begins
    #[arg(value_name = "KEY", required_if_eq("what", "revoke"))]
    keys: Vec<String>,
    /// Why they end: superseded, ceased, compromised, lost
    #[arg(long, required_if_eq("what", "revoke"))]
    reason: Option<String>,
    /// Since when: RFC 3339 or a date; now, if left out
    #[arg(long, value_parser = since)]
    since: Option<u64>,
    /// Make this statement of ours and all later ones void: a delegate in other hands has spoken
    #[arg(long, value_name = "NUMBER")]
    void_from: Option<u64>,
    /// The file; standard output if it is left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Sign a request with the root: on a machine of its own, without configuration or network
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory keys sign delegate.request --root root.key --out delegate.signed\n  \
rogatory keys sign root.request --root root.key --next-root next-root.key --new-next-root third-root.key \
--out root.signed"
)]
pub struct Sign {
    /// What rogatory keys request wrote
    request: PathBuf,
    /// The root's private key
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// The next root's private key, where the root changes
    #[arg(long, value_name = "FILE", requires = "new_next_root")]
    next_root: Option<PathBuf>,
    /// Where the root after the next is written: it is made here
    #[arg(long, value_name = "FILE", requires = "next_root")]
    new_next_root: Option<PathBuf>,
    /// A private file with the passphrase of the root's keys; the next one is put under it too
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Sign without asking
    #[arg(long)]
    yes: bool,
    /// The file; standard output if it is left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Take what the root signed: it goes into the ledger and to all peers
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory keys install delegate.signed")]
pub struct Install {
    /// What rogatory keys sign wrote
    signed: PathBuf,
    /// Statements that came later may become void
    #[arg(long)]
    void: bool,
}

/// A time from which on a key is not to be trusted.
pub(super) fn since(text: &str) -> Result<u64, String> {
    moment(text).ok_or_else(|| {
        format!("{text:?} is neither a time (RFC 3339) nor a date: 2026-11-22T10:00:00Z, 2026-11-22")
    })
}

impl Request {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let gateway = context.gateway().await?;
        let what = match self.what.as_str() {
            "delegate" => What::Delegate(true),
            "root" => What::RootChange(true),
            _ => {
                let listed = super::keys_of(&gateway).await?;
                let (reason, since) = (self.reason()?, self.since.unwrap_or(listed.now));
                let mut items = Vec::new();
                for key in &self.keys {
                    let key_id = super::named_key(&listed, key)?.key_id.clone();
                    items.push(Revocation { key_id, reason: reason.into(), since, log_size: 0 });
                }
                What::Revocations(Revocations { items })
            }
        };
        let request = AskRootRequest { what: Some(what), from: self.void_from.unwrap_or(0) };
        let reply = gateway.operator().ask_root(request).await?.into_inner();
        write(context, self.out.as_deref(), &reply.request, json!({ "request": reply.request }))?;
        if !context.json {
            eprintln!("sign it where the root is kept: rogatory keys sign FILE --root root.key");
        }
        Ok(())
    }

    fn reason(&self) -> Result<Reason, CliError> {
        let name = self.reason.as_deref().unwrap_or_default();
        enum_value("Revocation.Reason", name)
            .and_then(|code| Reason::try_from(code).ok())
            .filter(|reason| *reason != Reason::Unspecified)
            .ok_or_else(|| {
                CliError::input(format!("{name:?} is no reason for a key to end"))
                    .hint("superseded, ceased, compromised, lost")
            })
    }
}

impl Sign {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let asked = Asked::from_text(&read(&self.request)?).map_err(|error| {
            CliError::input(format!("{}: {error}", self.request.display()))
                .hint("make it anew: rogatory keys request")
        })?;
        for line in told(&asked) {
            eprintln!("{line}");
        }
        if !self.yes {
            confirm()?;
        }
        let given = self.passphrase_file.as_deref();
        let (root, passphrase) = root_key(&self.root, given)?;
        if root.id != asked.chain.root() {
            return Err(CliError::input(format!("{} is not the root that stands", self.root.display()))
                .hint("after a change, the root is what was next-root.key before"));
        }
        let answered = match (&self.next_root, &self.new_next_root) {
            (Some(next), Some(after)) => {
                let (next, _) = root_key(next, given)?;
                let seed = new_seed(&SystemEntropy::default()).map_err(failed)?;
                let commitment =
                    root_commitment(Ed25519Key::from_seed(&seed[..]).map_err(failed)?.public_key());
                let answered = signed(asked, &root, Some((&next, commitment)))?;
                write_root(after, passphrase.as_ref(), &seed[..], &SystemEntropy::default())?;
                answered
            }
            _ => signed(asked, &root, None)?,
        };
        write(context, self.out.as_deref(), &answered.to_text(), json!({ "signed": answered.to_text() }))?;
        if !context.json {
            eprintln!("take it back to the gateway: rogatory keys install FILE");
        }
        Ok(())
    }
}

impl Install {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let answered = Answered::from_text(&read(&self.signed)?).map_err(|error| {
            CliError::input(format!("{}: {error}", self.signed.display()))
                .hint("what is wanted is the file that rogatory keys sign wrote")
        })?;
        let request = InstallRequest { signed: Some(answered.to_wire()), void: self.void };
        let reply = context.gateway().await?.operator().install(request).await?.into_inner();
        if context.json {
            println!("{}", json!({ "statement": reply.seq, "voided": reply.voided, "known": reply.known }));
            return Ok(());
        }
        match (reply.known, reply.voided) {
            (true, _) => println!("this statement was installed already"),
            (false, 0) => println!("statement {} is installed, and on its way to the peers", reply.seq),
            (false, voided) => {
                println!("statement {} is installed; {voided} statements are void", reply.seq)
            }
        }
        Ok(())
    }
}

/// What is about to be signed, in words.
fn told(asked: &Asked) -> Vec<String> {
    let mut lines = vec![
        format!("authority    {}", asked.chain.authority()),
        format!("fingerprint  {}", words::to_hex(&asked.chain.fingerprint())),
        format!("follows      statement {}", asked.chain.count() - 1),
        format!("dated        {}", output::time(asked.made_at)),
    ];
    match &asked.what {
        statement_request::What::Delegate(key) => {
            let purposes: Vec<_> = key.may_state.iter().map(|code| purpose(*code)).collect();
            lines.push(format!("says         a new delegate: {}", hex::encode(&key.public_key)));
            lines.push(format!(
                "             from {} until {}, for keys of {}",
                output::time(key.not_before),
                output::time(key.not_after),
                purposes.join(", ")
            ));
        }
        statement_request::What::Revocations(ends) => {
            for end in &ends.items {
                let of = asked.chain.keys().iter().find(|key| key.id[..] == end.key_id[..]);
                let of = of.map_or("?", |key| key.purpose.as_str_name());
                let reason = enum_name("Revocation.Reason", end.reason);
                let since = output::time(end.since);
                lines.push(format!(
                    "says         the key {} ({of}) ends: {reason}, since {since}",
                    short(&end.key_id)
                ));
            }
        }
        statement_request::What::RootChange(_) => {
            lines.push("says         the root that was announced takes over".to_owned());
        }
    }
    lines
}

fn signed(
    asked: Asked,
    root: &SigningKey,
    next: Option<(&SigningKey, rogatory::crypto::hash::Digest)>,
) -> Result<Answered, CliError> {
    asked.sign(root, next).map_err(|error| CliError::failed(format!("it can't be signed: {error}")))
}

fn failed(error: rogatory::crypto::CryptoError) -> CliError {
    CliError::failed(error.to_string())
}

fn confirm() -> Result<(), CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::input("nobody is there to say yes").hint("--yes signs without asking"));
    }
    eprint!("Sign this? Type yes: ");
    let mut line = String::new();
    let read = std::io::stderr().flush().and_then(|()| std::io::stdin().lock().read_line(&mut line));
    read.map_err(|error| CliError::failed(error.to_string()))?;
    match line.trim() {
        "yes" => Ok(()),
        _ => Err(CliError::failed("nothing was signed")),
    }
}

/// The root's key in a file, and the passphrase that it was under.
fn root_key(path: &Path, given: Option<&Path>) -> Result<(SigningKey, Option<Passphrase>), CliError> {
    let (seed, passphrase) = passphrase::root(path, given, None)?;
    let key = Ed25519Key::from_seed(&seed).map_err(|error| {
        CliError::input(format!("{}: {error}", path.display())).hint("32 bytes: root.key")
    })?;
    Ok((SigningKey { id: root_id(key.public_key()), signer: Arc::new(key) }, passphrase))
}

/// Reads a file that people carried; more than the longest is not read.
fn read(path: &Path) -> Result<String, CliError> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| CliError::file(path, &error))?;
    let mut text = String::new();
    file.take(16 * 1024 * 1024).read_to_string(&mut text).map_err(|error| CliError::file(path, &error))?;
    Ok(text)
}

fn write(
    context: &Context,
    out: Option<&Path>,
    text: &str,
    object: serde_json::Value,
) -> Result<(), CliError> {
    if let Some(path) = out {
        std::fs::write(path, text).map_err(|error| CliError::file(path, &error))?;
    } else if !context.json {
        print!("{text}");
    }
    if context.json {
        println!("{object}");
    }
    Ok(())
}
