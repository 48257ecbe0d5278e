//! Appending to the journal.

use super::{
    BODY, FRAME, Group, GroupEnd, HEADING, Journal, Location, Record, SEGMENT, checksum, encode, new_segment,
    segment_path,
};
use crate::store::StoreError;
use std::io::Write as _;

impl Journal {
    /// Appends a group and syncs it. After an error nothing more may be appended: what the
    /// disk holds is unknown until the next start.
    pub fn append(&mut self, records: Vec<Record>, end: GroupEnd) -> Result<Group, StoreError> {
        let group = self.write(records, end)?;
        // A crash before this line loses the group, and nobody was told of it.
        self.sync()?;
        Ok(group)
    }

    /// Makes durable what was written.
    pub fn sync(&self) -> Result<(), StoreError> {
        let path = segment_path(&self.folder, self.segment);
        self.file.sync_data().map_err(StoreError::io("cannot sync", &path))
    }

    /// Adds a group without syncing it: for whoever lays out a whole journal anew.
    pub fn write(&mut self, records: Vec<Record>, end: GroupEnd) -> Result<Group, StoreError> {
        let (body, places) = encode(&records, &end);
        let length = u32::try_from(body.len())
            .ok()
            .filter(|length| *length <= BODY)
            .ok_or_else(|| StoreError::file(&self.folder, "takes no group of this length"))?;
        if self.length + (FRAME as u64) + u64::from(length) > SEGMENT && self.length > HEADING {
            self.sync()?;
            self.file = new_segment(&self.folder, self.segment + 1)?;
            self.segment += 1;
            self.length = HEADING;
        }
        let number = self.next_group;
        let mut frame = Vec::with_capacity(FRAME + body.len());
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&checksum(number, &body).to_be_bytes());
        frame.extend_from_slice(&number.to_be_bytes());
        frame.extend_from_slice(&body);
        let path = || segment_path(&self.folder, self.segment);
        self.file.write_all(&frame).map_err(|e| StoreError::io("cannot append to", &path())(e))?;

        let start = self.length + FRAME as u64;
        let records = records
            .into_iter()
            .zip(places)
            .map(|(record, (at, length))| {
                (record, Location { segment: self.segment, offset: start + at as u64, length })
            })
            .collect();
        self.length += frame.len() as u64;
        self.next_group += 1;
        Ok(Group { number, records, end, next: (self.segment, self.length) })
    }
}
