//! Answers that wait for a courier: those to what a peer's last file asked, as a line would have
//! carried them at once. A cache: what is lost is asked again, and answered as before.

use crate::exchange::ExchangeError;
use crate::format::id::AuthorityId;
use crate::format::wire::CarriedItem;
use crate::format::{FormatError, limits};
use crate::store::StoreError;
use crate::store::files::{folder_of, private_folder, sync_folder};
use prost::Message as _;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Where they wait.
pub struct Spool {
    folder: PathBuf,
}

/// Answers that are being written.
pub struct Writing {
    file: BufWriter<File>,
    from: PathBuf,
    to: PathBuf,
}

/// Answers, one after the other.
pub struct Reading(Option<BufReader<File>>, PathBuf);

impl Spool {
    /// In the data directory.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("carried") }
    }

    /// Begins the answers to a file of this peer's; they take the place of those to the one before
    /// when they are ended.
    pub fn write(&self, peer: &AuthorityId) -> Result<Writing, ExchangeError> {
        private_folder(&self.folder)?;
        let to = self.folder.join(peer.as_str());
        let from = to.with_extension("new");
        let file = File::create(&from).map_err(StoreError::io("cannot make", &from))?;
        Ok(Writing { file: BufWriter::new(file), from, to })
    }

    /// The answers to the last file of this peer's.
    pub fn read(&self, peer: &AuthorityId) -> Result<Reading, ExchangeError> {
        let path = self.folder.join(peer.as_str());
        match File::open(&path) {
            Ok(file) => Ok(Reading(Some(BufReader::new(file)), path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Reading(None, path)),
            Err(error) => Err(StoreError::io("cannot open", &path)(error).into()),
        }
    }
}

impl Writing {
    /// Adds an answer.
    pub fn add(&mut self, answer: &CarriedItem) -> Result<(), ExchangeError> {
        let bytes = answer.encode_to_vec();
        let length = u32::try_from(bytes.len()).map_err(|_| FormatError::Malformed("answer"))?;
        let written = self.file.write_all(&length.to_be_bytes()).and_then(|()| self.file.write_all(&bytes));
        Ok(written.map_err(StoreError::io("cannot write", &self.from))?)
    }

    /// Puts them in their place.
    pub fn end(mut self) -> Result<(), ExchangeError> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(StoreError::io("cannot write", &self.from))?;
        std::fs::rename(&self.from, &self.to).map_err(StoreError::io("cannot rename", &self.from))?;
        Ok(sync_folder(folder_of(&self.to))?)
    }
}

impl Reading {
    /// The next one.
    pub fn answer(&mut self) -> Result<Option<CarriedItem>, ExchangeError> {
        let Self(Some(file), path) = self else { return Ok(None) };
        let mut length = [0; 4];
        match file.read_exact(&mut length) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read.map_err(StoreError::io("cannot read", path))?,
        }
        let length = u32::from_be_bytes(length) as usize;
        if length > limits::CARRIED_PART {
            return Err(FormatError::Malformed("an answer that waits for a courier").into());
        }
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes).map_err(StoreError::io("cannot read", path))?;
        let item = CarriedItem::decode(bytes.as_slice());
        Ok(Some(item.map_err(|_| FormatError::Malformed("an answer that waits for a courier"))?))
    }
}
