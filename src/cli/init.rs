//! `rogatory init`: an identity, its keys, a ledger that begins with them, a configuration.

use super::error::CliError;
use super::passphrase::ask;
use super::{Context, output};
use clap::Args;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::ExchangeError;
use rogatory::exchange::identity::Identity;
use rogatory::exchange::key_folder::read_chain;
use rogatory::format::id::AuthorityId;
use rogatory::format::suite::Suite;
use rogatory::format::words;
use rogatory::gateway::SystemClock;
use rogatory::gateway::passphrase;
use rogatory::gateway::token::{TokenConfig, TokenSection, key_folder};
use rogatory::store::files::sync_folder;
use rogatory::store::key_files::{self, KeyFiles};
use rogatory::store::passphrase::change;
use rogatory::store::{Clock as _, Decision, Options, boot_id};
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How it is called.
pub const EXAMPLE: &str = "rogatory init --authority XA --dir xa";

/// Make a new authority: identity, keys, ledger and configuration
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory init --authority XA --dir xa --listen 192.0.2.1:7400\n\n\
Refuses to overwrite. Keep root.key and next-root.key offline once a delegate is at work.")]
pub struct Init {
    /// Name of the authority: 2 to 32 of A-Z, 0-9 and '-'
    #[arg(long)]
    authority: String,
    /// Folder that will hold everything
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Where peers connect; "none": nobody is let in, the gateway sends and collects by its own connections
    #[arg(long, default_value = "127.0.0.1:7400")]
    listen: String,
    /// Mark the identity as one for development: it serves on loopback only
    #[arg(long)]
    development: bool,
    /// Suites to take part in: 1, or 1,2 for ML-DSA signatures beside those of Ed25519, with peers that
    /// have them too
    #[arg(
        long,
        value_name = "NUMBERS",
        default_value = "1",
        value_delimiter = ',',
        conflicts_with = "identity"
    )]
    suites: Vec<u32>,
    /// Take the identity from this folder of keys (a copy is made) instead of making one
    #[arg(long, value_name = "DIR")]
    identity: Option<PathBuf>,
    /// Encrypt private keys with the passphrase in this file, which nobody else may read
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    token: TokenArgs,
}

/// Keys in a PKCS#11 token: the section [token] of the configuration
#[derive(Args, Default)]
#[command(next_help_heading = "Keys in a token")]
struct TokenArgs {
    /// Make signing and TLS keys in a token of this PKCS#11 module, a shared library
    #[arg(long, value_name = "FILE", requires = "token_pin_file")]
    token_module: Option<PathBuf>,
    /// Label of the token
    #[arg(long, value_name = "LABEL", requires = "token_module", conflicts_with = "token_slot")]
    token_label: Option<String>,
    /// Number of the token's slot, instead of a label
    #[arg(long, value_name = "N", requires = "token_module")]
    token_slot: Option<u64>,
    /// A file with the token's PIN, which nobody else may read
    #[arg(long, value_name = "FILE", requires = "token_module")]
    token_pin_file: Option<PathBuf>,
    /// Only the keys of these purposes: packet, evidence, checkpoint, cosign, delegate, tls
    #[arg(long, value_name = "PURPOSES", requires = "token_module", value_delimiter = ',')]
    token_purposes: Option<Vec<String>>,
}

impl TokenArgs {
    /// The section of the configuration, with paths that hold from everywhere.
    fn section(self) -> Result<Option<TokenSection>, CliError> {
        let (Some(module), Some(pin_file)) = (self.token_module, self.token_pin_file) else {
            return Ok(None);
        };
        Ok(Some(TokenSection {
            module: absolute(&module)?,
            label: self.token_label,
            slot: self.token_slot,
            pin_file: absolute(&pin_file)?,
            purposes: self.token_purposes,
        }))
    }
}

/// What was made.
pub struct Made {
    /// The configuration.
    pub config: PathBuf,
    /// SHA-256 of statement 0.
    pub fingerprint: [u8; 32],
}

impl Init {
    /// As the commands that need authorities call it.
    pub fn at(authority: &str, dir: &Path, listen: &str) -> Self {
        Self {
            authority: authority.to_owned(),
            dir: dir.to_owned(),
            listen: listen.to_owned(),
            development: false,
            suites: vec![1],
            identity: None,
            passphrase_file: None,
            token: TokenArgs::default(),
        }
    }

    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let authority = self.authority.clone();
        let made = self.make()?;
        if context.json {
            println!(
                "{}",
                serde_json::json!({
                    "authority": authority, "config": made.config, "fingerprint": hex::encode(made.fingerprint),
                    "words": words::to_words(&made.fingerprint),
                })
            );
            return Ok(());
        }
        println!("{authority} is founded. Its fingerprint, for the telephone:\n");
        println!("  {}\n", words::to_hex(&made.fingerprint));
        for line in words::to_words(&made.fingerprint).split(' ').collect::<Vec<_>>().chunks(8) {
            println!("  {}", line.join(" "));
        }
        println!("\nNext: rogatory serve --config {}", made.config.display());
        Ok(())
    }

    /// Makes everything.
    pub fn make(self) -> Result<Made, CliError> {
        let authority = AuthorityId::parse(&self.authority).map_err(|_| {
            CliError::input(format!("{:?} is no authority id", self.authority))
                .hint("2 to 32 of A-Z, 0-9 and '-', beginning with a letter")
        })?;
        let listen = match self.listen.as_str() {
            "none" => None,
            address => Some(address.parse::<SocketAddr>().map_err(|_| {
                CliError::input(format!("--listen {address}: no address and port"))
                    .hint("such as 127.0.0.1:7400, or none")
            })?),
        };
        let section = self.token.section()?;
        let token = section.clone().map(TokenConfig::try_from).transpose();
        let token = token.map_err(|why| {
            CliError::input(format!("token: {why}"))
                .hint("rogatory init --help; config/example.toml, [token]")
        })?;
        let (config, keys) = (self.dir.join("rogatory.toml"), self.dir.join("keys"));
        if config.exists() {
            return Err(ExchangeError::Exists(format!("a configuration {}", config.display())).into());
        }
        let (clock, entropy) = (SystemClock, SystemEntropy::default());
        let passphrase_file = self.passphrase_file.as_deref().map(absolute).transpose()?;
        let passphrase = || passphrase_file.as_deref().map(passphrase::read).transpose();
        let identity = match &self.identity {
            None => {
                let suites = suites(&self.suites)?;
                if keys.join("statements").exists() {
                    return Err(ExchangeError::Exists(format!("an identity in {}", keys.display())).into());
                }
                let files = match passphrase()? {
                    Some(given) => KeyFiles::found(&keys, given, &entropy)?,
                    None => keys.as_path().into(),
                };
                let folder = key_folder(&self.dir, files, token.as_ref())?;
                Identity::found_in(&suites, folder, &authority, self.development, clock.now(), &entropy)?
            }
            Some(from) => {
                let owner = read_chain(from)?.authority().clone();
                if owner != authority {
                    return Err(CliError::input(format!("the identity is {owner}'s, not {authority}'s")));
                }
                copy_keys(from, &keys)?;
                let given = || -> Result<_, CliError> {
                    match passphrase::given(None)? {
                        Some(given) => Ok(Some(given)),
                        None => ask(from),
                    }
                };
                if let Some(new) = passphrase()? {
                    change(&self.dir, given, Some(&new), &entropy)?;
                }
                let files = KeyFiles::open(&keys, || match passphrase()? {
                    Some(new) => Ok(Some(new)),
                    None => given(),
                })?;
                Identity::load_from(key_folder(&self.dir, files, token.as_ref())?, clock.now())?
            }
        };
        let fingerprint = identity.chain().fingerprint();
        begin_ledger(&self.dir, identity)?;
        // Written last: without it nothing is served.
        let text = text(&authority, listen, passphrase_file, section)?;
        let written = File::create_new(&config)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(|error| CliError::file(&config, &error))?;
        sync_folder(&self.dir)?;
        Ok(Made { config, fingerprint })
    }
}

fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path).map_err(|error| CliError::file(path, &error))
}

/// The suites of these numbers; the first is always among them.
fn suites(numbers: &[u32]) -> Result<Vec<Suite>, CliError> {
    let suites = numbers.iter().map(|number| Suite::numbered(*number)).collect::<Result<Vec<_>, _>>();
    match suites {
        Ok(suites) if suites.contains(&Suite::One) => Ok(suites),
        _ => {
            Err(CliError::input(format!("--suites {numbers:?}: no suites that this gateway can begin with"))
                .hint("1, or 1,2"))
        }
    }
}

/// The first entries: our statements.
fn begin_ledger(data: &Path, identity: Identity) -> Result<(), CliError> {
    let entries = identity.first_entries();
    let options = Options {
        data: data.to_owned(),
        keys: identity.folder().files().clone(),
        boot_id: boot_id(),
        clock: Arc::new(SystemClock),
        signer: Arc::new(identity),
        observer: Box::new(|_| {}),
    };
    let opened = options.open()?;
    let empty = opened.store.checkpoint().size == 0;
    let commit = opened.store.commit(move |_, _| {
        let entries = if empty { entries } else { Vec::new() };
        Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
    });
    let done = tokio::task::block_in_place(|| commit.blocking_recv());
    match done {
        Ok(Ok(_)) => Ok(opened.store.close()?),
        Ok(Err(refused)) => Err(ExchangeError::from(refused).into()),
        Err(_) => Err(CliError::failed("the ledger could not be begun")),
    }
}

fn copy_keys(from: &Path, to: &Path) -> Result<(), CliError> {
    if to.join("statements").exists() {
        return Err(ExchangeError::Exists(format!("an identity in {}", to.display())).into());
    }
    for file in std::fs::read_dir(from).map_err(|error| CliError::file(from, &error))?.flatten() {
        let path = file.path();
        if path.is_file() {
            let bytes = std::fs::read(&path).map_err(|error| CliError::file(&path, &error))?;
            let bytes = Zeroizing::new(bytes);
            key_files::write_private(&to.join(file.file_name()), &bytes)?;
        }
    }
    Ok(())
}

fn text(
    authority: &AuthorityId,
    listen: Option<SocketAddr>,
    passphrase_file: Option<PathBuf>,
    token: Option<TokenSection>,
) -> Result<String, CliError> {
    let keys = match &passphrase_file {
        Some(path) => format!("\n[keys]\npassphrase_file = {:?}\n", path.display().to_string()),
        None => String::new(),
    };
    let token = token.map(|section| toml::to_string(&section).map(|text| format!("\n[token]\n{text}")));
    let token = token.transpose().map_err(|error| CliError::input(format!("token: {error}")))?;
    let uid = rustix::process::getuid().as_raw();
    let listen = match listen {
        Some(address) => format!("listen = \"{address}\""),
        None => {
            "# listen is left out: nobody is let in, the gateway sends and collects by its own connections"
                .into()
        }
    };
    Ok(format!(
        "# Configuration of a Rogatory gateway, made {}. Paths are relative to this file.\n\
         # config/example.toml explains every key.\n\
         authority = \"{authority}\"\n\
         data = \".\"\n\n\
         [peer]\n{listen}\n\n\
         [local]\nsocket = \"rogatory.sock\"\n\
         officers = [{uid}]\noperators = [{uid}]\nauditors = [{uid}]\n{keys}{}",
        output::time(SystemClock.now()),
        token.unwrap_or_default(),
    ))
}
