//! `rogatory verify-bundle`: a proof bundle, verified with two fingerprints and nothing else.

pub mod html;
mod json;
mod page;
mod text;
mod words;

use super::Context;
use super::error::{self, CliError};
use super::names::safe_name;
use super::prove::{write_new, write_tlog_proofs};
use clap::Args;
use page::Page;
use prost::Message as _;
use rogatory::crypto::hash::Digest;
use rogatory::format::id::AuthorityId;
use rogatory::format::wire::Request;
use rogatory::format::{limits, words as fingerprint_words};
use rogatory::ledger::bundle::{self, BundleError, Disclosed, Proof};
use rogatory::request::file::request_json;
use rogatory::request::letter::paper::{Paper, PaperError};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Verify a proof bundle, offline, and print a page that says what it proves
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory verify-bundle proof.bundle \
--fingerprint XA=\"3f1c9a…\" --fingerprint XB=\"abandon ability …\" --html proof.html\n\n\
The fingerprints are what the two authorities publish or read out: they must not come from whoever \
brought the bundle.\nNo configuration, gateway, data directory or network is used.\n\n\
Exit codes: 0 proved, 1 not proved, 2 unreadable.")]
pub struct VerifyBundle {
    /// The bundle
    file: PathBuf,
    /// Fingerprint of an authority, NAME=64 hex digits or 24 words; once for each of the two
    #[arg(long, value_name = "NAME=FINGERPRINT")]
    fingerprint: Vec<String>,
    /// Also write the page as HTML for printing, with nothing in it that is loaded or run
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Text of the square on a letter: whether that paper is of this packet
    #[arg(long, value_name = "TEXT", value_parser = paper)]
    paper: Option<Paper>,
    /// Write the disclosed objects into this folder
    #[arg(long, value_name = "DIR")]
    extract: Option<PathBuf>,
    /// Write each entry's proof as a C2SP .tlog-proof, with the log's verifier keys
    #[arg(long, value_name = "DIR")]
    tlog_proofs: Option<PathBuf>,
}

/// Whether the fingerprints of a bundle were compared with what the reader knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// Both, and both agree.
    Compared,
    /// Not both: it is not shown who signed.
    Unknown,
}

impl VerifyBundle {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let known = self.fingerprint.iter().map(|text| fingerprint(text)).collect::<Result<Vec<_>, _>>()?;
        let bytes = read(&self.file)?;
        let proof = tokio::task::block_in_place(|| bundle::open(&bytes))
            .map_err(|error| refused(&self.file, error))?;
        drop(bytes);
        let identity = compare(&proof, known)?;
        if let Some(paper) = &self.paper {
            same(&proof, paper)?;
        }
        let body = body(&proof)?;
        let page = Page::of(&proof, identity, body.as_ref(), self.paper.is_some());
        if let Some(path) = &self.html {
            write_new(path, html::write(&page).as_bytes())?;
        }
        // Files from a bundle of nobody knows whom are not laid on anybody's disk.
        if identity == Identity::Compared {
            if let Some(dir) = &self.extract {
                extract(dir, &proof, body.as_ref())?;
            }
            if let Some(dir) = &self.tlog_proofs {
                write_tlog_proofs(dir, &proof)?;
            }
        }
        match context.json {
            true => {
                let mut told = json::write(&page, &proof, identity);
                if self.paper.is_some() {
                    told["paper"] = true.into();
                }
                println!("{told}");
            }
            false => print!("{}", text::write(&page)),
        }
        match identity {
            Identity::Compared => Ok(()),
            Identity::Unknown => {
                let skipped = match self.extract.is_some() || self.tlog_proofs.is_some() {
                    true => "; nothing was extracted",
                    false => "",
                };
                Err(CliError::failed(format!(
                    "not proved: nobody said whose fingerprints these are{skipped}"
                ))
                .hint(format!(
                    "get them from the authorities themselves: --fingerprint {}=… --fingerprint {}=…",
                    proof.maker.authority(),
                    proof.peer.authority()
                ))
                .told())
            }
        }
    }
}

fn paper(text: &str) -> Result<Paper, PaperError> {
    text.parse()
}

/// Refuses a paper of another packet.
fn same(proof: &Proof, paper: &Paper) -> Result<(), CliError> {
    let differs = paper.differs(&Paper::of(&proof.header));
    if differs.is_empty() {
        return Ok(());
    }
    Err(CliError::failed(format!("NOT PROVED: the paper is of another packet: {}", differs.join(", "))).hint(
        format!("the bundle is of {}; ask for the bundle of packet {}", proof.header.header.id, paper.packet),
    ))
}

/// `NAME=FINGERPRINT`.
fn fingerprint(text: &str) -> Result<(AuthorityId, Digest), CliError> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        CliError::input(format!("--fingerprint {text:?} names no authority"))
            .hint("--fingerprint XA=…: 64 hex digits or 24 words")
    })?;
    Ok((AuthorityId::parse(name.trim())?, error::compared(value)?))
}

/// Reads a file, bounded.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error: std::io::Error| CliError::file(path, &error);
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(limits::BUNDLE as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn refused(path: &Path, error: BundleError) -> CliError {
    match error {
        BundleError::Unreadable(why) => CliError::input(format!("{}: {why}", path.display())),
        error => CliError::failed(format!("{}: NOT PROVED: {error}", path.display()))
            .hint("nothing in this file may be relied on; ask whoever brought it for another"),
    }
}

/// Compares what the reader knows with the two chains.
fn compare(proof: &Proof, known: Vec<(AuthorityId, Digest)>) -> Result<Identity, CliError> {
    let mut compared = BTreeMap::new();
    for (name, fingerprint) in known {
        let chain = [&proof.maker, &proof.peer].into_iter().find(|chain| *chain.authority() == name);
        let chain = chain.ok_or_else(|| {
            CliError::failed(format!(
                "NOT PROVED: the bundle is about {} and {}, not about {name}",
                proof.maker.authority(),
                proof.peer.authority()
            ))
        })?;
        if chain.fingerprint() != fingerprint {
            return Err(CliError::failed(format!(
                "NOT PROVED: whoever signed as {name} has the fingerprint {}, not the one that was given",
                fingerprint_words::to_hex(&chain.fingerprint())
            ))
            .hint("compare the fingerprint with the authority itself; if it is right, the bundle is false"));
        }
        compared.insert(name, ());
    }
    Ok(if compared.len() == 2 { Identity::Compared } else { Identity::Unknown })
}

/// The body, where it is disclosed.
fn body(proof: &Proof) -> Result<Option<Request>, CliError> {
    let Some(object) = proof.disclosed.iter().find(|object| object.number == 0) else { return Ok(None) };
    if object.size > limits::BODY {
        return Err(CliError::failed("NOT PROVED: the body is longer than a body may be"));
    }
    let mut bytes = Vec::new();
    plaintext(object, |chunk| {
        bytes.extend_from_slice(chunk);
        Ok(())
    })?;
    // A recipient may have signed that it could not read the body: then there is none to show.
    Ok(Request::decode(bytes.as_slice()).ok())
}

fn plaintext(object: &Disclosed, sink: impl FnMut(&[u8]) -> Result<(), CliError>) -> Result<(), CliError> {
    object.plaintext(sink)
}

impl From<BundleError> for CliError {
    fn from(error: BundleError) -> Self {
        Self::failed(format!("NOT PROVED: {error}"))
    }
}

/// Writes the disclosed objects under names of their own: the body as it was sealed and as
/// JSON, attachments by name where the body says it.
fn extract(dir: &Path, proof: &Proof, body: Option<&Request>) -> Result<(), CliError> {
    std::fs::create_dir_all(dir).map_err(|error| CliError::file(dir, &error))?;
    for object in &proof.disclosed {
        let number = object.number as usize;
        let name = match (number, body) {
            (0, _) => "body.binpb".to_owned(),
            (_, Some(body)) => {
                let name = body.attachments.get(number - 1).map(|a| a.name.as_str()).unwrap_or_default();
                format!("{number}-{}", safe_name(name, number))
            }
            (_, None) => format!("attachment-{number}"),
        };
        let path = dir.join(name);
        let failed = |error: std::io::Error| CliError::file(&path, &error);
        write_new(&path, &[])?;
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).map_err(failed)?;
        plaintext(object, |chunk| file.write_all(chunk).map_err(failed))?;
        file.sync_all().map_err(failed)?;
    }
    if let Some(body) = body {
        let json = request_json(&body.encode_to_vec());
        let json = json.map_err(|error| CliError::failed(format!("the body as JSON: {error}")))?;
        write_new(&dir.join("request.json"), &json)?;
    }
    Ok(())
}
