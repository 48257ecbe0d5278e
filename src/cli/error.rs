//! Errors for people: what happened, and what to do about it.

use rogatory::archive::ArchiveError;
use rogatory::crypto::hash::Digest;
use rogatory::crypto::token::TokenError;
use rogatory::exchange::ExchangeError;
use rogatory::exchange::key_token::remedy;
use rogatory::format::FormatError;
use rogatory::format::words;
use rogatory::gateway::GatewayError;
use rogatory::gateway::status::REMEDY;
use rogatory::store::StoreError;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use tonic::Code;

/// What a command says when it fails.
#[derive(Debug)]
pub struct CliError {
    what: String,
    hint: Option<String>,
    code: u8,
    told: bool,
}

impl CliError {
    /// Exit code 1.
    pub fn failed(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, code: 1, told: false }
    }

    /// Exit code 2.
    pub fn input(what: impl Into<String>) -> Self {
        Self { code: 2, ..Self::failed(what) }
    }

    /// Exit code 4: done here, and something is still open.
    pub fn open(what: impl Into<String>) -> Self {
        Self { code: 4, ..Self::failed(what) }
    }

    /// Exit code 3.
    pub fn not_running(what: impl Into<String>) -> Self {
        Self { code: 3, ..Self::failed(what) }
    }

    /// What to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What to do about it, where nothing better is known.
    pub fn or_hint(self, hint: &str) -> Self {
        match self.hint {
            Some(_) => self,
            None => self.hint(hint),
        }
    }

    /// What failed.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Programs have read of it already, in the one object that the command printed.
    pub fn told(mut self) -> Self {
        self.told = true;
        self
    }

    /// A file that can't be used.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::input(format!("{}: {error}", path.display()))
    }

    /// Says it, and gives the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        // Whoever read our output may be gone: the exit code still says that it failed.
        if json && !self.told {
            let object = serde_json::json!({ "error": self.what, "try": self.hint, "exit": self.code });
            let _ = writeln!(std::io::stdout(), "{object}");
        }
        let hint = self.hint.as_ref().map(|hint| format!("  try: {hint}\n")).unwrap_or_default();
        let _ = write!(std::io::stderr(), "error: {}\n{hint}", self.what);
        ExitCode::from(self.code)
    }
}

impl From<tonic::Status> for CliError {
    fn from(status: tonic::Status) -> Self {
        let message = status.message().to_owned();
        let error = match status.code() {
            Code::Unavailable | Code::Cancelled | Code::Unknown => {
                Self::not_running(format!("the gateway is gone: {message}"))
            }
            Code::InvalidArgument => Self::input(message),
            _ => Self::failed(message),
        };
        if let Some(remedy) = status.metadata().get(REMEDY).and_then(|text| text.to_str().ok()) {
            return error.hint(remedy);
        }
        let what = error.what.clone();
        if what.ends_with("under another fingerprint") {
            return error.hint(
                "do not pair unless its people confirm, by telephone, that they lost everything; then: rogatory pair repair OFFER --fingerprint …",
            );
        }
        if what.starts_with("not paired") {
            return error.hint(
                "rogatory pair list; then exchange offers: rogatory pair offer, rogatory pair confirm",
            );
        }
        match status.code() {
            Code::PermissionDenied => {
                error.hint("have the operator add your user id, and restart the gateway")
            }
            Code::NotFound => error.hint("rogatory inbox; rogatory outbox"),
            Code::ResourceExhausted => error.hint("again in a moment"),
            _ => error,
        }
    }
}

impl From<GatewayError> for CliError {
    fn from(error: GatewayError) -> Self {
        let what = error.to_string();
        match error {
            GatewayError::Config { .. } => Self::input(what),
            GatewayError::Listen { .. } => Self::failed(what)
                .hint("another process has it: stop that, or change [peer] listen in the configuration"),
            GatewayError::DevelopmentKeys(_) => Self::failed(what)
                .hint("make an identity of your own: rogatory init --authority NAME --dir DIR"),
            GatewayError::Open { remedy, .. } => Self::input(what).hint(remedy),
            GatewayError::Exchange(error) => error.into(),
            GatewayError::Tls(_) => Self::failed(what),
        }
    }
}

impl From<ExchangeError> for CliError {
    fn from(error: ExchangeError) -> Self {
        if let Some(token) = error.token() {
            let said = match token {
                TokenError::Module { .. }
                | TokenError::Ambiguous(_)
                | TokenError::PinRefused(_)
                | TokenError::PinKnownBad => Self::input(error.to_string()),
                _ => Self::failed(error.to_string()),
            };
            return said.hint(remedy(token));
        }
        match error {
            ExchangeError::NoToken(_) => Self::input(error.to_string())
                .hint("name the token in the section [token], which config/example.toml explains"),
            ExchangeError::Store(error) => error.into(),
            ExchangeError::Statements(..) => Self::input(error.to_string()).hint(
                "a file of statements is as it was written, or damaged: put it back, from a key back-up if need be",
            ),
            ExchangeError::Exists(what) => Self::failed(format!("{what} is there already"))
                .hint("nothing was changed: choose another folder with --dir"),
            other => Self::failed(other.to_string()),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let what = error.to_string();
        match error {
            StoreError::Locked(_) => {
                Self::failed(what).hint("stop the gateway that works there, or choose another --config")
            }
            StoreError::Behind { .. } => Self::failed(what).hint(
                "put back the newest journal, or: rogatory restore --from BACKUP --mirror EXPORT … into a \
                     new folder; what was signed or peers hold of this log is newer than what is here",
            ),
            StoreError::Damaged(_) => Self::failed(what)
                .hint("rogatory ledger verify says what is wrong; restore the journal from a back-up"),
            StoreError::Export(_) => {
                Self::failed(what).hint("take another copy of it, or export into an empty folder")
            }
            StoreError::File { .. } => Self::failed(what)
                .hint("is it the right folder? If so, put the file back from a back-up: rogatory restore"),
            StoreError::NoRoom { .. } => Self::failed(what).hint("make room on that disk"),
            StoreError::ReadOnly(_) => {
                Self::failed(what).hint("mount it for writing; dmesg says why it is not")
            }
            StoreError::Ledger(_) => Self::failed(what)
                .hint("rogatory ledger verify says what is wrong; restore the journal from a back-up"),
            StoreError::KeyFile { .. } => Self::input(what).hint(
                "the file must be as it was written, and for its owner alone: put it back, from a key back-up if need be",
            ),
            StoreError::NoPassphrase(_) => Self::input(what).hint(
                "name a private file with it: [keys] passphrase_file in the configuration, or ROGATORY_PASSPHRASE_FILE",
            ),
            StoreError::WrongPassphrase(_) => Self::input(what).hint(
                "nothing was changed. Look at what gives it: ROGATORY_PASSPHRASE_FILE, ROGATORY_PASSPHRASE, \
                 [keys] passphrase_file, or the credential rogatory-passphrase, the first of these; of a back-up key: \
                 ROGATORY_BACKUP_PASSPHRASE_FILE",
            ),
            StoreError::Io { .. } => {
                Self::input(what).hint("look at that file and its disk: rogatory doctor, dmesg")
            }
            _ => Self::failed(what),
        }
    }
}

impl From<ArchiveError> for CliError {
    fn from(error: ArchiveError) -> Self {
        let what = error.to_string();
        match error {
            ArchiveError::Store(StoreError::Behind { .. }) => Self::failed(what)
                .hint("this data directory is older than what it signed: restore with --mirror before backing it up"),
            ArchiveError::Store(StoreError::Io { .. }) => {
                Self::input(what).hint("look at the path, and whether this user may read and write there")
            }
            ArchiveError::Store(StoreError::KeyFile { .. }) => {
                Self::input(what).hint("name a private file made by rogatory backup key")
            }
            ArchiveError::Store(error) => error.into(),
            ArchiveError::WrongKey(_) => {
                Self::input(what).hint("name the key that made this back-up: --key FILE")
            }
            ArchiveError::Damaged { .. } => {
                Self::failed(what).hint("take another copy of this back-up; rogatory backup verify checks it")
            }
            ArchiveError::Missing { .. } => {
                Self::failed(what).hint("put its pack and manifest back from another copy of this back-up")
            }
            ArchiveError::NoBackup(_) => Self::input(what).hint("name the folder that rogatory backup wrote to"),
            ArchiveError::NotEmpty(_) => Self::input(what).hint("choose a new folder with --dir"),
            ArchiveError::Busy(_) => Self::failed(what).hint("again when it has ended"),
            ArchiveError::OtherAuthority { .. } => {
                Self::input(what).hint("keep back-ups, key back-ups and data directories of one authority together")
            }
            ArchiveError::Diverged(_) => Self::failed(what).hint(
                "keep that back-up as it is: it holds what this data directory lacks; back this one up to a new folder",
            ),
            ArchiveError::Mirror(_) => Self::failed(what)
                .hint("take another export of this log; without one, leave out --mirror"),
            _ => Self::failed(what),
        }
    }
}

impl From<FormatError> for CliError {
    fn from(error: FormatError) -> Self {
        Self::input(error.to_string())
    }
}

/// A digest that people compared, in hex or in words.
pub fn compared(text: &str) -> Result<Digest, CliError> {
    words::parse(text).map_err(|_| {
        CliError::input(format!("{text:?} is neither 64 hex digits nor 24 words with a right check sum"))
            .hint("all of it, in quotation marks, as the other side reads it out")
    })
}
