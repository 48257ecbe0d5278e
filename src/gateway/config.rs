//! The configuration file: unknown keys are refused, with the line.

use super::GatewayError;
use super::deadlines::{CountryConfig, DeadlinesConfig};
use super::officers::OfficersConfig;
use super::retention::Retention;
use super::third_party::client::Submitter;
use super::tls::{Source, TlsConfig};
use super::token::TokenConfig;
use crate::exchange::lifetimes::KeyPolicy;
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::format::pairing::Taken;
use crate::format::wire::{Limits, Terms, kind::Code as Kind};
use crate::request::file::enum_value;
use crate::request::register::Register;
use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Least and greatest age of connections that can be asked for.
const AGES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(86_400));

/// A whole configuration. Paths are relative to the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Our name; must be the identity's.
    #[serde(deserialize_with = "authority")]
    pub authority: AuthorityId,
    /// The data directory.
    #[serde(default = "here")]
    pub data: PathBuf,
    /// File with the register of treaties.
    pub treaties: Option<PathBuf>,
    /// The same, read; none where there is none.
    #[serde(skip)]
    pub register: Option<Register>,
    /// The peer face.
    #[serde(default)]
    pub peer: PeerFace,
    /// The local face.
    #[serde(default)]
    pub local: LocalFace,
    /// What we take.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The same as offers say it.
    #[serde(skip)]
    pub taken: Taken,
    /// The ledger: its mirror, and who else witnesses it.
    #[serde(default)]
    pub ledger: LedgerConfig,
    /// Whose logs we witness.
    #[serde(default)]
    pub witness: WitnessConfig,
    /// How long content is kept.
    #[serde(default)]
    pub retention: Retention,
    /// TLS keys and authorities of a PKI.
    #[serde(default)]
    pub tls: TlsConfig,
    /// A token in which keys of ours lie.
    pub token: Option<TokenConfig>,
    /// What was agreed with others beside the treaties.
    #[serde(default)]
    pub agreed: Agreed,
    /// How officers work together.
    #[serde(default)]
    pub officers: OfficersConfig,
    /// How long things may take in cases.
    #[serde(default)]
    pub deadlines: DeadlinesConfig,
    /// Calendars of countries.
    #[serde(default)]
    pub country: Vec<CountryConfig>,
    /// Logging.
    #[serde(default)]
    pub log: Log,
    /// When our keys are renewed, and under what they lie.
    #[serde(default)]
    pub keys: KeysConfig,
}

/// What was agreed with others beside the treaties.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agreed {
    /// With whom electronic form is agreed: the 1988 Convention, article 7(9), asks for writing.
    #[serde(deserialize_with = "authorities")]
    pub electronic_form: Vec<AuthorityId>,
}

/// When our keys are renewed, and under what they lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysConfig {
    /// Without anybody asking.
    pub automatic: bool,
    /// Days before the newest key of a purpose ends.
    pub renew_before: u32,
    /// Days that the key before stands on.
    pub overlap: u32,
    /// A private file with the passphrase under which private keys lie.
    pub passphrase_file: Option<PathBuf>,
}

impl Default for KeysConfig {
    fn default() -> Self {
        let policy = KeyPolicy::default();
        let days = |millis: u64| (millis / DAY) as u32;
        Self {
            automatic: policy.automatic,
            renew_before: days(policy.renew_before),
            overlap: days(policy.overlap),
            passphrase_file: None,
        }
    }
}

impl KeysConfig {
    /// What is decided by.
    pub fn policy(&self) -> KeyPolicy {
        let millis = |days: u32| u64::from(days) * DAY;
        KeyPolicy {
            automatic: self.automatic,
            renew_before: millis(self.renew_before),
            overlap: millis(self.overlap),
            tls: true,
        }
    }
}

/// A day, milliseconds.
const DAY: u64 = 24 * 3600 * 1000;

/// Our ledger.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerConfig {
    /// A folder that the gateway keeps an export in, once a minute; none if left out.
    pub mirror: Option<PathBuf>,
    /// Third-party witnesses (C2SP tlog-witness) that our checkpoints are submitted to.
    pub witness: Vec<ThirdPartyConfig>,
}

/// A third-party witness.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyConfig {
    /// Submission prefix: `add-checkpoint` is appended.
    pub url: String,
    /// Its verifier key, `name+hash+base64`.
    pub vkey: String,
}

/// Witnessing the logs of our peers.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessConfig {
    /// Where `add-checkpoint` is served over HTTP; left out: nowhere.
    pub listen: Option<SocketAddr>,
    /// Between two cosignatures of one log at least, and between two submissions of ours, seconds.
    pub interval: u32,
}

impl Default for WitnessConfig {
    fn default() -> Self {
        Self { listen: None, interval: (crate::exchange::witness::INTERVAL / 1000) as u32 }
    }
}

/// The peer face.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeerFace {
    /// Where peers connect; left out: nobody is let in, and we send and collect by our own
    /// connections.
    pub listen: Option<SocketAddr>,
    /// "host:port" that offers name; by default what we listen on.
    pub advertise: Vec<String>,
    /// A connection as old as this takes no new call, on either side.
    pub connection_age: Span,
}

impl Default for PeerFace {
    fn default() -> Self {
        Self { listen: None, advertise: Vec::new(), connection_age: Span(Duration::from_secs(3600)) }
    }
}

/// A time span as people write it: "30s", "10m", "1h", "3d".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Self::parse(&raw)
            .ok_or_else(|| serde::de::Error::custom("a time span is a number with s, m, h or d, such as 30s"))
    }
}

impl Span {
    fn parse(raw: &str) -> Option<Self> {
        let (number, unit) = raw.split_at_checked(raw.len().checked_sub(1)?)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        // Some thousand years at most: what is added to it stays a time.
        let number = number.parse::<u32>().ok().filter(|number| *number <= 1_000_000)?;
        Some(Self(Duration::from_secs(u64::from(number) * unit)))
    }
}

/// The local face.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalFace {
    /// The Unix socket.
    pub socket: PathBuf,
    /// User ids that draft, send, read and answer.
    pub officers: Vec<u32>,
    /// User ids that pair and configure, and see no content.
    pub operators: Vec<u32>,
    /// User ids that read the ledger, and see no content.
    pub auditors: Vec<u32>,
}

impl Default for LocalFace {
    fn default() -> Self {
        Self {
            socket: PathBuf::from("rogatory.sock"),
            officers: Vec::new(),
            operators: Vec::new(),
            auditors: Vec::new(),
        }
    }
}

/// What we take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Ciphertext of a packet, bytes.
    pub packet_bytes: u64,
    /// Objects of a packet.
    pub objects: u32,
    /// Kinds of requests; none: all.
    pub kinds: Vec<String>,
    /// Language tags; none: all.
    pub languages: Vec<String>,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let (kinds, languages) = (Vec::new(), Vec::new());
        Self { packet_bytes: limits::PACKET, objects: limits::OBJECTS as u32, kinds, languages }
    }
}

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json` lines, on standard error.
    pub format: LogFormat,
    /// A filter such as `info` or `rogatory=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

fn here() -> PathBuf {
    PathBuf::from(".")
}

fn authority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AuthorityId, D::Error> {
    authority_id(&String::deserialize(deserializer)?)
}

fn authorities<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AuthorityId>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|raw| authority_id(raw)).collect()
}

fn authority_id<E: serde::de::Error>(raw: &str) -> Result<AuthorityId, E> {
    AuthorityId::parse(raw)
        .map_err(|_| E::custom("an authority id is 2 to 32 of A-Z, 0-9 and '-', beginning with a letter"))
}

fn register(path: &Path) -> Result<Register, String> {
    let named = |why: String| format!("{}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    Register::read(&text).map_err(|error| named(error.to_string()))
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, GatewayError> {
        let wrong = |why: String| GatewayError::Config { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.data = folder.join(&config.data);
        config.local.socket = folder.join(&config.local.socket);
        if let Some(TokenConfig(token)) = &mut config.token {
            token.pin_file = folder.join(&token.pin_file);
        }
        config.keys.passphrase_file = config.keys.passphrase_file.map(|file| folder.join(file));
        config.ledger.mirror = config.ledger.mirror.map(|mirror| folder.join(mirror));
        config.register = match config.treaties.as_ref().map(|path| folder.join(path)) {
            Some(path) => Some(register(&path).map_err(|why| wrong(format!("treaties: {why}")))?),
            None => None,
        };
        config.tls.settle(folder).map_err(wrong)?;
        for address in &config.peer.advertise {
            if !address.contains(':') || address.len() > 255 {
                return Err(wrong(format!("peer.advertise: {address:?} is no host:port")));
            }
        }
        let age = config.peer.connection_age.0;
        if !(AGES.0..=AGES.1).contains(&age) {
            return Err(wrong("peer.connection_age: from 1s to 1d".into()));
        }
        if config.peer.advertise.len() > limits::ADDRESSES {
            return Err(wrong(format!("peer.advertise: {} addresses at most", limits::ADDRESSES)));
        }
        let objects = config.limits.objects as usize;
        if objects == 0 || objects > limits::OBJECTS || config.limits.packet_bytes < limits::BODY {
            return Err(wrong(format!(
                "limits: objects from 1 to {}, packet_bytes at least {}",
                limits::OBJECTS,
                limits::BODY
            )));
        }
        config.taken = config.limits.taken().map_err(wrong)?;
        config.deadlines.settle(&config.country).map_err(wrong)?;
        if !(1..=86_400).contains(&config.witness.interval) {
            return Err(wrong("witness.interval: from 1 to 86400 seconds".into()));
        }
        if !(7..=365).contains(&config.keys.renew_before) || !(2..=395).contains(&config.keys.overlap) {
            return Err(wrong("keys: renew_before from 7 to 365 days, overlap from 2 to 395".into()));
        }
        for witness in &config.ledger.witness {
            Submitter::check(witness)
                .map_err(|why| wrong(format!("ledger.witness: {}: {why}", witness.url)))?;
        }
        Ok(config)
    }

    /// Between two cosignatures of one log, milliseconds.
    pub fn witness_interval(&self) -> u64 {
        u64::from(self.witness.interval) * 1000
    }

    /// When our keys are renewed.
    pub fn key_policy(&self) -> KeyPolicy {
        KeyPolicy { tls: self.tls.source == Source::Own, ..self.keys.policy() }
    }

    /// Folder of the private keys.
    pub fn key_folder(&self) -> PathBuf {
        self.data.join("keys")
    }
}

impl LimitsConfig {
    /// As offers say it.
    fn taken(&self) -> Result<Taken, String> {
        let request = |name: &String| match enum_value("Kind.Code", name) {
            Some(kind) if (1..Kind::Execution as i32).contains(&kind) => Ok(kind),
            Some(kind) if kind > 0 => {
                Err(format!("limits.kinds: {name} is an answer: those are always taken"))
            }
            _ => Err(format!("limits.kinds: {name:?} is no kind of request")),
        };
        let kinds = self.kinds.iter().map(request).collect::<Result<_, _>>()?;
        let terms = Terms { kinds, languages: self.languages.clone(), suites: Vec::new() };
        let limits = Limits { packet_bytes: self.packet_bytes, objects: self.objects };
        Taken::read(Some(limits), Some(terms)).map_err(|error| format!("limits: {error}"))
    }
}
