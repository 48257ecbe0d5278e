//! The configuration file: unknown keys are refused, with the line.

use super::GatewayError;
use super::retention::Retention;
use super::third_party::client::Submitter;
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::format::pairing::Taken;
use crate::format::wire::{Limits, Terms, kind::Code as Kind};
use crate::request::file::enum_value;
use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
    /// Logging.
    #[serde(default)]
    pub log: Log,
}

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
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeerFace {
    /// Where peers connect; left out: nobody is let in, and we send and collect by our own
    /// connections.
    pub listen: Option<SocketAddr>,
    /// "host:port" that offers name; by default what we listen on.
    pub advertise: Vec<String>,
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
    let raw = String::deserialize(deserializer)?;
    AuthorityId::parse(&raw).map_err(|_| {
        serde::de::Error::custom("an authority id is 2 to 32 of A-Z, 0-9 and '-', beginning with a letter")
    })
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
        config.ledger.mirror = config.ledger.mirror.map(|mirror| folder.join(mirror));
        for address in &config.peer.advertise {
            if !address.contains(':') || address.len() > 255 {
                return Err(wrong(format!("peer.advertise: {address:?} is no host:port")));
            }
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
        if !(1..=86_400).contains(&config.witness.interval) {
            return Err(wrong("witness.interval: from 1 to 86400 seconds".into()));
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

    /// Folder of the private keys.
    pub fn keys(&self) -> PathBuf {
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
