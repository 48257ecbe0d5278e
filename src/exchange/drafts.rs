//! Four eyes: what one officer wrote waits, sealed under a key of its own, until another has
//! approved it. Drafts are no part of the ledger; who wrote one stands in the entry of its submission.

use super::{Exchange, ExchangeError};
use crate::crypto::entropy::Entropy;
use crate::crypto::object::ContentKey;
use crate::format::id::PacketId;
use crate::format::limits;
use crate::format::wire::{DraftSummary, SubmitFrame, kind::Code as Kind, submit_frame};
use crate::store::draft_files::{BYTES, DRAFTS, DraftFiles, DraftReader, DraftRecord, DraftWriter};
use crate::store::key_files::KeyFiles;
use prost::Message as _;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Drafts that are written at once at most.
const WRITTEN: usize = 4;

/// Of what kinds two people are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FourEyes {
    /// Of none.
    #[default]
    Never,
    /// Of all.
    Always,
    /// Of these.
    Kinds(Vec<Kind>),
}

/// The drafts of a gateway.
pub struct Drafts {
    files: DraftFiles,
    four_eyes: FourEyes,
    /// How many are being written.
    writing: Arc<()>,
    /// Those that are being approved or rejected.
    busy: Mutex<HashSet<PacketId>>,
}

/// A draft that nobody else may touch meanwhile.
pub struct Claim<'a> {
    drafts: &'a Drafts,
    /// The draft.
    pub id: PacketId,
    /// What it is.
    pub record: DraftRecord,
}

/// A draft that is being written.
pub struct Writing {
    writer: DraftWriter,
    record: DraftRecord,
    id: PacketId,
    entropy: Arc<dyn Entropy>,
    _turn: Arc<()>,
}

/// The frames of a draft.
pub struct Frames(DraftReader);

impl FourEyes {
    /// Whether a packet of this kind waits for another officer.
    pub fn wants(&self, kind: Kind) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Kinds(kinds) => kinds.contains(&kind),
        }
    }
}

impl Drafts {
    /// Opens the drafts of a data directory.
    pub fn open(data: &Path, keys: KeyFiles, four_eyes: FourEyes) -> Result<Self, ExchangeError> {
        let files = DraftFiles::open(data, keys)?;
        Ok(Self { files, four_eyes, writing: Arc::new(()), busy: Mutex::default() })
    }

    /// Whether a packet of this kind becomes a draft.
    pub fn wants(&self, kind: Kind) -> bool {
        self.four_eyes.wants(kind)
    }

    /// Begins a draft.
    pub fn begin(
        &self,
        exchange: &Exchange,
        id: PacketId,
        record: DraftRecord,
    ) -> Result<Writing, ExchangeError> {
        let turn = self.writing.clone();
        if Arc::strong_count(&turn) > WRITTEN + 1 {
            return Err(ExchangeError::Busy);
        }
        exchange.objects.check_room(0)?;
        let now = exchange.now();
        let (mut count, mut bytes) = (0, 0);
        for (other, found) in self.records()? {
            match found.expires < now {
                // Nobody can send it any more.
                true => drop(self.files.destroy(&other)?),
                false => (count, bytes) = (count + 1, bytes + found.length),
            }
        }
        if count >= DRAFTS || bytes >= BYTES {
            return Err(ExchangeError::Precluded(format!(
                "{count} drafts of {bytes} bytes wait: approve or reject some first"
            )));
        }
        if self.files.record(&id)?.is_some() {
            return Err(ExchangeError::Exists(format!("draft {id}")));
        }
        let key = ContentKey::fresh(&*exchange.entropy)?;
        let record = DraftRecord { created: now, ..record };
        let (writer, entropy) = (self.files.begin(id, key, BYTES - bytes)?, exchange.entropy.clone());
        Ok(Writing { writer, record, id, entropy, _turn: turn })
    }

    /// What waits, oldest first, as `caller` sees it.
    pub fn list(&self, caller: &str) -> Result<Vec<DraftSummary>, ExchangeError> {
        let told = |(id, record): (PacketId, DraftRecord)| DraftSummary {
            draft_id: id.bytes().to_vec(),
            recipient: record.recipient,
            kind: record.kind,
            urgency: record.urgency,
            created: record.created,
            expires: record.expires,
            own: record.drafter == caller,
            drafter: record.drafter,
            attachments: record.attachments,
            bytes: record.length,
        };
        Ok(self.records()?.into_iter().map(told).collect())
    }

    /// Takes a draft in hand; whoever else wants it meanwhile is turned away.
    pub fn claim(&self, id: PacketId) -> Result<Claim<'_>, ExchangeError> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let record = self.files.record(&id)?.ok_or_else(|| ExchangeError::Unknown(format!("draft {id}")))?;
        if !busy.insert(id) {
            return Err(ExchangeError::Precluded(format!("somebody else has draft {id} in hand")));
        }
        Ok(Claim { drafts: self, id, record })
    }

    /// The frames of a draft, to look at.
    pub fn read(&self, id: &PacketId) -> Result<Frames, ExchangeError> {
        let record = self.files.record(id)?.ok_or_else(|| ExchangeError::Unknown(format!("draft {id}")))?;
        Ok(Frames(self.files.read(id, &record)?))
    }

    fn records(&self) -> Result<Vec<(PacketId, DraftRecord)>, ExchangeError> {
        let mut found = Vec::new();
        for id in self.files.list()? {
            found.extend(self.files.record(&id)?.map(|record| (id, record)));
        }
        Ok(found)
    }
}

impl Claim<'_> {
    /// Its frames, for `approver`, who is another than wrote it.
    pub fn approved_by(&self, approver: &str) -> Result<Frames, ExchangeError> {
        if self.record.drafter == approver {
            return Err(ExchangeError::Precluded(format!(
                "draft {} is your own: another officer approves it",
                self.id
            )));
        }
        Ok(Frames(self.drafts.files.read(&self.id, &self.record)?))
    }

    /// Destroys it.
    pub fn destroy(self) -> Result<(), ExchangeError> {
        self.drafts.files.destroy(&self.id)?;
        Ok(())
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.drafts.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Writing {
    /// Adds a frame.
    pub fn push(&mut self, frame: &SubmitFrame) -> Result<(), ExchangeError> {
        let bytes = frame.encode_to_vec();
        let length =
            u32::try_from(bytes.len()).map_err(|_| ExchangeError::Invalid("a frame too long".into()))?;
        let fits = self.writer.write(&length.to_be_bytes())? && self.writer.write(&bytes)?;
        fits.then_some(()).ok_or_else(|| {
            ExchangeError::Precluded(format!(
                "all drafts together have {BYTES} bytes at most: that would be more"
            ))
        })
    }

    /// Ends the draft, which is durable after this; gives its id.
    pub fn finish(self) -> Result<PacketId, ExchangeError> {
        self.writer.finish(self.record, &*self.entropy)?;
        Ok(self.id)
    }
}

impl Frames {
    /// The next frame; none at the end.
    pub fn next_frame(&mut self) -> Result<Option<submit_frame::Frame>, ExchangeError> {
        let damaged = || ExchangeError::Invalid("the draft can't be read".into());
        let Some(length) = self.0.read(4)? else { return Ok(None) };
        let length: [u8; 4] = length.try_into().map_err(|_| damaged())?;
        let length = u32::from_be_bytes(length) as usize;
        if length > limits::LOCAL_MESSAGE {
            return Err(damaged());
        }
        let frame = self.0.read(length)?.ok_or_else(damaged)?;
        SubmitFrame::decode(frame.as_slice()).map(|frame| frame.frame).map_err(|_| damaged())
    }
}
