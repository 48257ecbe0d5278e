//! The journal under every cut and every flipped bit: what a scan gives is what was
//! appended, from the beginning and in order, or it says where that ends.

use proptest::prelude::*;
use prost::Message as _;
use rogatory::store::StoreError;
use rogatory::store::content::{Retired, StoredContent, StoredObject, StoredWrap};
use rogatory::store::journal::{
    BODY, Group, GroupEnd, Journal, Next, Record, Scan, StoredEntry, read_at, segment_path,
};
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes before the first group.
const HEADING: u64 = 32;

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn record() -> impl Strategy<Value = Record> {
    let entry = (bytes(80), prop::collection::vec(bytes(60), 0..3))
        .prop_map(|(leaf, objects)| Record::Entry(StoredEntry { leaf, objects }));
    let objects = prop::collection::vec((bytes(60), any::<bool>()), 0..3).prop_map(|objects| {
        objects.into_iter().map(|(inline, in_file)| StoredObject { inline, in_file }).collect()
    });
    let content = (bytes(30), "[a-z0-9-]{0,20}", bytes(40), bytes(40), objects).prop_map(
        |(key, bucket, wrap, sealed_key_box, objects)| {
            let box_bucket = bucket.clone();
            Record::Content(key, StoredContent { bucket, wrap, sealed_key_box, objects, box_bucket })
        },
    );
    let wrap = (bytes(30), "[a-z0-9-]{0,20}", bytes(40)).prop_map(|(key, bucket, wrap)| {
        Record::Wrap(key, StoredWrap { bucket, wrap, ..StoredWrap::default() })
    });
    let retired = (bytes(30), prop::collection::vec(bytes(33), 0..3))
        .prop_map(|(bucket, files)| Record::Retired(bucket, Retired { files }));
    prop_oneof![entry, content, wrap, retired]
}

type Written = (Vec<Record>, GroupEnd);

fn group() -> impl Strategy<Value = Written> {
    let end =
        (any::<u64>(), bytes(33), any::<u64>()).prop_map(|(size, root, at)| GroupEnd { size, root, at });
    (prop::collection::vec(record(), 0..5), end)
}

fn groups(most: usize) -> impl Strategy<Value = Vec<Written>> {
    prop::collection::vec(group(), 1..most)
}

/// Writes groups, and gives them as the journal said that it wrote them.
fn write(folder: &Path, groups: &[Written]) -> Vec<Group> {
    let mut journal = Journal::create(folder).unwrap();
    groups.iter().map(|(records, end)| journal.append(records.clone(), end.clone()).unwrap()).collect()
}

/// Everything that a scan finds, and how it ends.
fn scan(folder: &Path) -> Result<(Vec<Group>, Next), StoreError> {
    let mut scan = Scan::begin(folder)?;
    let mut found = Vec::new();
    loop {
        match scan.next_group()? {
            Next::Group(group) => found.push(*group),
            end => {
                assert_eq!(scan.number(), found.len() as u64 + 1);
                return Ok((found, end));
            }
        }
    }
}

fn same(a: &Group, b: &Group) -> bool {
    a.number == b.number && a.records == b.records && a.end == b.end && a.next == b.next
}

fn is_prefix(found: &[Group], written: &[Group]) -> bool {
    found.len() <= written.len() && found.iter().zip(written).all(|(a, b)| same(a, b))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_was_appended_is_found(groups in groups(8)) {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &groups);
        let (found, end) = scan(folder.path()).unwrap();
        prop_assert!(matches!(end, Next::End));
        prop_assert!(found.len() == written.len() && is_prefix(&found, &written));
        for (number, (group, (records, end))) in (1..).zip(found.iter().zip(&groups)) {
            prop_assert_eq!((group.number, &group.end), (number, end));
            for ((found, location), record) in group.records.iter().zip(records) {
                prop_assert_eq!(found, record);
                let bytes = read_at(folder.path(), *location).unwrap();
                match record {
                    Record::Entry(entry) => prop_assert_eq!(bytes, entry.encode_to_vec()),
                    Record::Content(_, content) => prop_assert_eq!(bytes, content.encode_to_vec()),
                    Record::Wrap(_, wrap) => prop_assert_eq!(bytes, wrap.encode_to_vec()),
                    Record::Retired(_, retired) => prop_assert_eq!(bytes, retired.encode_to_vec()),
                }
            }
        }
        // A scan from between two groups finds the rest.
        for (at, group) in written.iter().enumerate() {
            let mut rest = Scan::from(folder.path(), group.next, group.number + 1).unwrap();
            match (rest.next_group().unwrap(), written.get(at + 1)) {
                (Next::Group(found), Some(next)) => prop_assert!(same(&found, next)),
                (Next::End, None) => {}
                (other, _) => prop_assert!(false, "after group {}: {:?}", at + 1, other),
            }
        }
    }

    #[test]
    fn cut_anywhere_in_the_last_group_the_others_stand(groups in groups(4)) {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &groups);
        let others = &written[..written.len() - 1];
        let start = others.last().map_or(HEADING, |group| group.next.1);
        let end = written[written.len() - 1].next.1;
        let path = segment_path(folder.path(), 1);
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for length in (start..end).rev() {
            file.set_len(length).unwrap();
            let (found, ends) = scan(folder.path()).unwrap();
            prop_assert!(found.len() == others.len() && is_prefix(&found, others), "cut at {}", length);
            prop_assert_eq!(matches!(ends, Next::End), length == start);
            prop_assert_eq!(matches!(ends, Next::InvalidTail), length != start);
        }
    }

    #[test]
    fn after_a_cut_it_goes_on(groups in groups(4), more in group(), part in 0.0..1.0) {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &groups);
        let others = &written[..written.len() - 1];
        let start = others.last().map_or(HEADING, |group| group.next.1);
        let end = written[written.len() - 1].next.1;
        let length = start + ((end - start) as f64 * part) as u64;
        OpenOptions::new().write(true).open(segment_path(folder.path(), 1)).unwrap().set_len(length).unwrap();
        let mut journal = Journal::resume(folder.path(), (1, start), written.len() as u64).unwrap();
        let new = journal.append(more.0, more.1).unwrap();
        let (found, ends) = scan(folder.path()).unwrap();
        prop_assert!(matches!(ends, Next::End) && found.len() == written.len());
        prop_assert!(is_prefix(&found[..others.len()], others) && same(&found[others.len()], &new));
    }

    #[test]
    fn a_flipped_bit_is_seen_wherever_it_is(groups in groups(6), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), &groups);
        let path = segment_path(folder.path(), 1);
        let at = at.index(written[written.len() - 1].next.1 as usize) as u64;
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ (1 << bit)], at).unwrap();
        let hit = written.iter().position(|group| at < group.next.1).unwrap();
        match scan(folder.path()) {
            Err(StoreError::Damaged(_)) => prop_assert!(at < HEADING),
            Err(other) => prop_assert!(false, "byte {}: {}", at, other),
            Ok((found, ends)) => {
                prop_assert!(at >= HEADING && found.len() == hit && is_prefix(&found, &written));
                let last = hit == written.len() - 1;
                prop_assert!(matches!(ends, Next::InvalidTail) == last && matches!(ends, Next::Damage(_)) != last);
            }
        }
    }

    #[test]
    fn any_bytes_at_all_are_survived(bytes in bytes(4000)) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &[]);
        let path = segment_path(folder.path(), 1);
        let heading = std::fs::read(&path).unwrap();
        std::fs::write(&path, [heading, bytes].concat()).unwrap();
        let (found, _) = scan(folder.path()).unwrap();
        prop_assert!(found.is_empty());
    }
}

#[test]
fn a_group_that_is_too_long_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(folder.path()).unwrap();
    let record =
        |length: usize| vec![Record::Entry(StoredEntry { leaf: vec![1; length], objects: Vec::new() })];
    assert!(journal.append(record(BODY as usize), GroupEnd::default()).is_err());
    let written = journal.append(record(10), GroupEnd::default()).unwrap();
    let (found, _) = scan(folder.path()).unwrap();
    assert!(found.len() == 1 && same(&found[0], &written));
}

#[test]
fn a_group_never_spans_two_segments() {
    let folder = tempfile::tempdir().unwrap();
    let large = |byte: u8| {
        (
            vec![Record::Entry(StoredEntry { leaf: vec![byte; 60 << 20], objects: Vec::new() })],
            GroupEnd::default(),
        )
    };
    let groups: Vec<Written> = (1..=5).map(large).collect();
    let written = write(folder.path(), &groups);
    let segments: Vec<u64> = written.iter().map(|group| group.next.0).collect();
    assert_eq!(segments, [1, 1, 1, 1, 2]);
    let (found, end) = scan(folder.path()).unwrap();
    assert!(found.len() == 5 && is_prefix(&found, &written) && matches!(end, Next::End));
    // Damage before a following segment is no torn tail.
    let file = OpenOptions::new().write(true).open(segment_path(folder.path(), 1)).unwrap();
    file.write_all_at(&[0xff], written[3].next.1 - 5).unwrap();
    let (found, end) = scan(folder.path()).unwrap();
    assert!(found.len() == 3 && matches!(end, Next::Damage(_)));
}
