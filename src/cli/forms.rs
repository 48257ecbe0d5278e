//! `rogatory new`, `schema` and `convert`: request files to fill in, and for other programs.

use super::Context;
use super::error::CliError;
use super::prove::write_new;
use clap::{Args, ValueEnum};
use rogatory::format::limits;
use rogatory::format::wire::kind::Code;
use rogatory::format::wire::legal_basis::Instrument;
use rogatory::request::file::{FileError, Form, Written};
use rogatory::request::language::Language;
use rogatory::request::schema;
use rogatory::request::template::template;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Print the JSON Schema of request files of a kind, for case systems
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory schema                         # the kinds there are\n  \
rogatory schema confiscation > confiscation.schema.json\n\n\
JSON Schema, draft 2020-12. Descriptions name the articles. TOML files say the same things under the same keys.")]
pub struct Schema {
    /// Kind of packet; left out: the kinds are listed
    kind: Option<String>,
}

impl Schema {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let names: Vec<&str> = schema::kinds().iter().map(Code::as_str_name).collect();
        let Some(name) = self.kind else {
            match context.json {
                true => println!("{}", serde_json::json!({ "kinds": names })),
                false => names.iter().for_each(|name| println!("{name}")),
            }
            return Ok(());
        };
        let kind = kind_named(&name)?;
        let text = serde_json::to_string_pretty(&schema::of_kind(kind));
        println!("{}", text.map_err(|error| CliError::failed(error.to_string()))?);
        Ok(())
    }
}

fn kind_named(name: &str) -> Result<Code, CliError> {
    let kinds = schema::kinds();
    kinds.iter().copied().find(|kind| kind.as_str_name() == name).ok_or_else(|| {
        let names: Vec<&str> = kinds.iter().map(Code::as_str_name).collect();
        CliError::input(format!("{name:?} is no kind of packet"))
            .hint(format!("one of: {}", names.join(", ")))
    })
}

/// How a request file is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For writing by hand
    Toml,
    /// For exchange with case systems
    Json,
    /// The serialized message RequestFile of the protos
    Proto,
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Toml => Self::Toml,
            Format::Json => Self::Json,
            Format::Proto => Self::Protobuf,
        }
    }
}

/// Write a request file in another form: TOML, JSON or protobuf; nothing is lost
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory convert request.toml --to json\n  \
rogatory convert request.json --to proto --out request.binpb\n  rogatory convert request.binpb --to toml\n\n\
What a later schema added and this program does not know goes along, under the key \"@unknown\".\n\
Comments of a TOML file are no part of the request, and stay behind.")]
pub struct Convert {
    /// The request file; a name that ends in .binpb or .pb is read as protobuf
    file: PathBuf,
    /// The form that is wanted
    #[arg(long, value_enum)]
    to: Format,
    /// Where to write it; left out: standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Convert {
    pub fn run(self) -> Result<(), CliError> {
        let written = open(&self.file)?;
        let bytes = written.write(self.to.into()).map_err(|error| bad(&self.file, &error))?;
        match &self.out {
            Some(path) => write_new(path, &bytes),
            None => std::io::stdout()
                .write_all(&bytes)
                .map_err(|error| CliError::failed(format!("standard output: {error}"))),
        }
    }
}

/// Reads a request file of whatever form.
pub fn open(path: &Path) -> Result<Written, CliError> {
    let file = std::fs::File::open(path).map_err(|error| CliError::file(path, &error))?;
    let mut bytes = Vec::new();
    // One byte more than there may be tells that there are more.
    file.take(limits::REQUEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::file(path, &error))?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let read = match ending {
        "binpb" | "pb" => Written::from_protobuf(&bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => Written::read(&text),
            Err(_) => Err(FileError::Form("it is no text in UTF-8".into())),
        },
    };
    read.map_err(|error| bad(path, &error))
}

/// What is wrong with a request file.
pub fn bad(path: &Path, error: &FileError) -> CliError {
    CliError::input(format!("{}: {error}", path.display()))
        .hint("docs/REQUESTS.md has every key; `rogatory schema KIND` has them for programs")
}

/// Write the draft of a packet, to be filled in: every key, its article, and what it means
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory new mutual_legal_assistance --basis uncac --out request.toml\n  \
rogatory new extradition --basis untoc --language fa --out request.toml\n  \
rogatory new refusal --basis 1988 > refusal.toml\n\n\
Then: fill it in, `rogatory check FILE`, `rogatory send FILE`. `rogatory schema` lists the kinds.\n\
Lines that begin with \"#!\" are choices that have to be made: take the mark away and choose."
)]
pub struct New {
    /// Kind of packet; mla stands for mutual_legal_assistance
    kind: String,
    /// Legal basis: untoc, uncac, 1988, bilateral, regional, reciprocity or domestic_law
    #[arg(long, value_name = "INSTRUMENT")]
    basis: String,
    /// Language of labels and comments, and of the request: en, fr, ru, ar or fa
    #[arg(long, default_value = "en", value_name = "TAG", value_parser = Language::of_tag)]
    language: Language,
    /// Where to write it; must not be there yet; left out: standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl New {
    pub fn run(self) -> Result<(), CliError> {
        let kind = kind_named(if self.kind == "mla" { "mutual_legal_assistance" } else { &self.kind })?;
        let name = if self.basis == "1988" { "convention_1988" } else { &self.basis };
        let instrument = Instrument::from_str_name(name).filter(|found| *found != Instrument::Unspecified);
        let instrument = instrument.ok_or_else(|| {
            CliError::input(format!("{:?} is no legal basis", self.basis))
                .hint("one of: untoc, uncac, 1988, bilateral, regional, reciprocity, domestic_law")
        })?;
        let text = template(kind, instrument, self.language);
        match &self.out {
            Some(path) => {
                write_new(path, text.as_bytes())?;
                println!("{}: fill it in, then: rogatory check {}", path.display(), path.display());
                Ok(())
            }
            None => std::io::stdout()
                .write_all(text.as_bytes())
                .map_err(|error| CliError::failed(format!("standard output: {error}"))),
        }
    }
}
