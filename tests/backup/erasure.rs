//! What was erased stays so: a restore leaves out the content that tombstones name, whether
//! they stand in the back-up or in the mirror only.

use super::mirror::{entries, write_mirror};
use super::{Authority, Elsewhere, pair, send_large};
use prost::Message as _;
use rogatory::archive::restore::{Restored, Sources, restore};
use rogatory::crypto::hash::RootBuilder;
use rogatory::format::id::PacketId;
use rogatory::format::leaf::VERSION;
use rogatory::format::wire;
use rogatory::store::checkpoint_file::CheckpointFile;
use rogatory::store::journal::{GroupEnd, Journal, Next, Record, Scan, StoredEntry};
use rogatory::store::{CheckpointSigner as _, objects};
use std::path::Path;

/// The kind of leaf that records an erasure.
const ERASED: i32 = 13;

fn tombstone(authority: &Authority, packet: &str) -> StoredEntry {
    let last = wire::Leaf::decode(entries(&authority.data).last().unwrap().leaf.as_slice()).unwrap();
    let leaf = wire::Leaf {
        version: VERSION,
        kind: ERASED,
        at: last.at,
        peer: "XB".into(),
        id: packet.parse::<PacketId>().unwrap().bytes().to_vec(),
        ..wire::Leaf::default()
    };
    StoredEntry { leaf: leaf.encode_to_vec(), objects: Vec::new() }
}

fn root(entries: &[StoredEntry]) -> [u8; 32] {
    let mut roots = RootBuilder::default();
    entries.iter().for_each(|entry| roots.push(&entry.leaf));
    roots.root()
}

fn restored(elsewhere: &Elsewhere, to: &Path, mirror: Option<&Path>) -> Restored {
    let key = elsewhere.key();
    let (from, keys) = (elsewhere.dir.join("main"), elsewhere.dir.join("keys"));
    restore(&Sources { from: &from, keys: &keys, key: &key, mirror }, to, &mut |_, _| {}).unwrap()
}

/// Packets whose content is in a data directory, and the number of its object files.
fn contents(data: &Path) -> (Vec<PacketId>, usize) {
    let (mut scan, mut ids) = (Scan::begin(&data.join("journal")).unwrap(), Vec::new());
    while let Next::Group(group) = scan.next_group().unwrap() {
        ids.extend(group.records.iter().filter_map(|(record, _)| match record {
            Record::Content(key, _) => Some(PacketId::from_bytes(&key[1..17]).unwrap()),
            _ => None,
        }));
    }
    (ids, objects::stored(data).unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn tombstones_in_the_mirror_or_in_a_later_increment_are_applied_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    let (gone, kept) = (send_large(&xa, "XB", 1), send_large(&xa, "XB", 2));
    // The text of a status goes with the packet that it is about.
    for packet in [&gone, &kept] {
        xb.json(&["answer", packet, "registered", "--text", "It is here."]);
    }
    xa.quiet().await;
    xb.quiet().await;
    xa.stop().await;
    elsewhere.back_up(&xa);
    elsewhere.back_up_keys(&xa);
    let id = |packet: &String| packet.parse::<PacketId>().unwrap();

    // As a control: without a tombstone all of it comes back.
    let all = dir.path().join("all");
    let first = restored(&elsewhere, &all, None);
    let (there, files) = contents(&all);
    assert_eq!((there.len(), &there[..2], files), (4, &[id(&gone), id(&kept)][..], 2));
    let left = vec![there[1], there[3]];
    assert!(first.erased.is_empty() && first.lacking.is_empty());

    // The mirror knows of an erasure that came after the back-up.
    let mut longer = entries(&xa.data);
    let before = longer.len() as u64;
    longer.push(tombstone(&xa, &gone));
    let checkpoint = xa.identity().sign(before + 1, root(&longer)).unwrap();
    let mirror = dir.path().join("mirror");
    write_mirror(&mirror, &longer, &checkpoint.note);
    let to = dir.path().join("from-mirror");
    let report = restored(&elsewhere, &to, Some(&mirror));
    assert_eq!((report.from_backup, report.from_mirror, report.signed), (before, 1, before + 1));
    assert_eq!(report.erased.iter().map(|erased| erased.id).collect::<Vec<_>>(), [id(&gone)]);
    assert_eq!(contents(&to), (left.clone(), 1));
    assert_eq!((entries(&to), report.objects), (longer.clone(), 1), "no entry is ever left out");

    // The gateway erased it, and the next increment holds the tombstone.
    let mut scan = Scan::begin(&xa.data.join("journal")).unwrap();
    while let Next::Group(_) = scan.next_group().unwrap() {}
    let mut journal = Journal::resume(&xa.data.join("journal"), scan.position(), scan.number()).unwrap();
    let at = wire::Leaf::decode(longer.last().unwrap().leaf.as_slice()).unwrap().at;
    let end = GroupEnd { size: before + 1, root: checkpoint.root.to_vec(), at };
    journal.append(vec![Record::Entry(longer.last().unwrap().clone())], end).unwrap();
    CheckpointFile::open(&xa.data.join("checkpoint")).unwrap().write(&checkpoint.note).unwrap();
    let objects = objects::stored(&xa.data).unwrap();
    objects.iter().for_each(|(_, path)| std::fs::remove_file(path).unwrap());
    let made = elsewhere.back_up(&xa);
    assert_eq!(
        (&made["increment"]["entries"], &made["lacking"]),
        (&(before + 1).into(), &Vec::<u8>::new().into())
    );
    let to = dir.path().join("from-increment");
    let report = restored(&elsewhere, &to, None);
    assert_eq!((report.erased.len(), report.lacking.len()), (1, 0));
    assert_eq!(contents(&to), (left.clone(), 1), "what only the machine lost comes back");
    // Its groups lie at other places now, since content was left out, and its back-up goes on.
    let moved = Authority::at("XA", &to);
    assert_eq!(elsewhere.back_up(&moved)["increment"], serde_json::Value::Null);
    std::fs::write(to.join("actors"), "0000000000000000 uid 7\n").unwrap();
    let made = elsewhere.back_up(&moved);
    assert_eq!((&made["increment"]["number"], &made["increment"]["groups"]), (&3.into(), &0.into()));
    let again = dir.path().join("again");
    assert_eq!(restored(&elsewhere, &again, None).from_backup, before + 1);
    assert_eq!(contents(&again), (left.clone(), 1));
}
