//! The documents of sample case 1, and whatever files the user names instead.

use crate::cli::error::CliError;
use rogatory::crypto::hash::{Digest, sha256};
use rogatory::format::wire::AttachmentFile;
use rogatory::request::file::Written;
use std::path::{Path, PathBuf};

const FILES: [(&str, &str); 4] = [
    ("letter.fa.txt", include_str!("case1/letter.fa.txt")),
    ("letter.en.txt", include_str!("case1/letter.en.txt")),
    ("bank-table.csv", include_str!("case1/bank-table.csv")),
    ("reply.en.txt", include_str!("case1/reply.en.txt")),
];
const REQUEST: &str = include_str!("case1/request.toml");
const REPLY: &str = include_str!("case1/reply.toml");
const ORDER: &str = include_str!("case1/order-page.en.txt");
/// Size of the court order's scan, bytes.
const SCAN: usize = 2_400_000;

/// The case as files.
pub struct Case {
    /// Where they lie.
    pub folder: PathBuf,
    attached: Vec<PathBuf>,
}

/// Writes the sample case's documents; `attach` replaces its attachments.
pub fn write(folder: &Path, attach: &[PathBuf]) -> Result<Case, CliError> {
    let mut attached = Vec::with_capacity(attach.len());
    for path in attach {
        let found = path.canonicalize().map_err(|error| CliError::file(path, &error))?;
        if !found.is_file() {
            return Err(CliError::input(format!("{} is no file", path.display())));
        }
        attached.push(found);
    }
    std::fs::create_dir_all(folder).map_err(|error| CliError::file(folder, &error))?;
    let scan = scan();
    let files = FILES
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .chain([("court-order.txt", scan.as_bytes())]);
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| CliError::file(&path, &error))?;
    }
    Ok(Case { folder: folder.to_owned(), attached })
}

impl Case {
    /// The request file.
    pub fn request(&self) -> Result<Written, CliError> {
        let mut written =
            Written::read(REQUEST).map_err(|error| CliError::failed(format!("sample case 1: {error}")))?;
        if !self.attached.is_empty() {
            written.file.attachments = self
                .attached
                .iter()
                .map(|path| AttachmentFile { path: path.display().to_string(), ..AttachmentFile::default() })
                .collect();
        }
        Ok(written)
    }

    /// The reply's file.
    pub fn reply(&self) -> Result<Written, CliError> {
        Written::read(REPLY).map_err(|error| CliError::failed(format!("sample case 1, reply: {error}")))
    }

    /// Whether what was fetched is, byte for byte, what was attached.
    pub fn check(&self, fetched: &[PathBuf]) -> Result<(), CliError> {
        let digest = |path: &PathBuf| -> Result<Digest, CliError> {
            std::fs::read(path).map(|bytes| sha256(&bytes)).map_err(|error| CliError::file(path, &error))
        };
        let attached: Vec<PathBuf> =
            self.request()?.file.attachments.iter().map(|file| self.folder.join(&file.path)).collect();
        // The first file that is fetched is the body.
        let arrived = fetched.get(1..).unwrap_or_default();
        if attached.len() != arrived.len() {
            return Err(CliError::failed("not every attachment arrived"));
        }
        for (sent, came) in attached.iter().zip(arrived) {
            if digest(sent)? != digest(came)? {
                return Err(CliError::failed(format!("{} is not what was sent", came.display())));
            }
        }
        Ok(())
    }
}

/// The court order with its "scan": as bulky as such things are.
fn scan() -> String {
    let mut text = String::with_capacity(SCAN + ORDER.len());
    text.push_str(ORDER);
    let mut line: u64 = 0;
    while text.len() < SCAN {
        // A fixed pattern, so that every demo sends the same bytes.
        let shade = line.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left((line % 61) as u32);
        text.push_str(&format!("scan line {line:05}  {shade:016x}{:016x}\n", !shade));
        line += 1;
    }
    text.truncate(SCAN);
    text
}
