//! Erasing, step by step: what is sealed meanwhile, what is refused, and the keys of boxes.

use crate::place::{BOOT, NOW, Place, accept_with, begin};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::object::ContentKey;
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::{FormatError, Millis};
use rogatory::ledger::records::Direction;
use rogatory::store::content::{StoredContent, key};
use rogatory::store::epochs::Epochs;
use rogatory::store::erasing::{Doomed, Eraser};
use rogatory::store::{Commit, Decision, Opened, Refused, inspect};

const DAY: Millis = 24 * 3600 * 1000;

fn eraser(opened: &Opened, now: Millis) -> Eraser<'_> {
    static ENTROPY: std::sync::LazyLock<SystemEntropy> = std::sync::LazyLock::new(SystemEntropy::default);
    let Opened { store, epochs, objects, .. } = opened;
    Eraser { store, epochs, objects, entropy: &*ENTROPY, now }
}

/// A content as a sender stores it, sealed now.
fn sealed(opened: &Opened) -> (PacketId, StoredContent) {
    let entropy = SystemEntropy::default();
    let id = PacketId::fresh(NOW, &entropy).unwrap();
    let epoch = opened.epochs.for_sealing(&Epochs::content(NOW), &entropy).unwrap();
    let outbox = opened.epochs.for_sealing(&Epochs::outbox(NOW), &entropy).unwrap();
    let content = StoredContent {
        wrap: epoch.key.wrap(id.bytes(), &ContentKey::from_bytes([9; 32]), &entropy).unwrap(),
        sealed_key_box: outbox.key.seal(id.bytes(), b"key box", &entropy).unwrap(),
        bucket: epoch.bucket,
        box_bucket: outbox.bucket,
        objects: Vec::new(),
    };
    (id, content)
}

fn committed(place: &Place, opened: &Opened) -> PacketId {
    let (id, content) = sealed(opened);
    accept_with(&opened.store, &place.identity, id, content).blocking_recv().unwrap().unwrap();
    id
}

fn name(id: &PacketId) -> Vec<u8> {
    key(Direction::Out, &AuthorityId::parse("XB").unwrap(), id)
}

/// Whether content key and key box can be had.
fn opens(opened: &Opened, id: &PacketId) -> (bool, bool) {
    let Some(content) = opened.store.snapshot().content(&name(id)).unwrap() else { return (false, false) };
    let wrap = opened.epochs.for_opening(&content.bucket).is_ok_and(|key| {
        key.unwrap(id.bytes(), &content.wrap).is_ok_and(|key| key.danger_bytes() == &[9; 32])
    });
    let key_box = opened.epochs.for_opening(content.box_bucket()).is_ok_and(|key| {
        key.open(id.bytes(), &content.sealed_key_box).is_ok_and(|key_box| key_box == b"key box")
    });
    (wrap, key_box)
}

fn erase(opened: &Opened, id: &PacketId) -> Result<(), Refused<&'static str>> {
    let doomed = [Doomed { key: name(id), files: Vec::new() }];
    eraser(opened, NOW).erase(&doomed, |_, _| Ok(Decision::nothing(()))).map(drop)
}

#[test]
fn what_was_sealed_under_a_bucket_that_ends_is_put_off() {
    let place = Place::new();
    place.with(BOOT, |opened| {
        begin(&opened.store, &place.identity);
        let (doomed, kept) = (committed(&place, opened), committed(&place, opened));
        let (late, content) = sealed(opened);
        erase(opened, &doomed).unwrap();
        let put_off = accept_with(&opened.store, &place.identity, late, content).blocking_recv().unwrap();
        assert!(matches!(put_off, Err(Refused::Busy)));
        let again = committed(&place, opened);
        for (id, there) in [(&doomed, false), (&kept, true), (&late, false), (&again, true)] {
            assert_eq!(opens(opened, id), (there, there));
        }
        assert!(opened.store.snapshot().is_erased(&name(&doomed)).unwrap());
        // Again, from the wraps that replaced the first.
        erase(opened, &again).unwrap();
        assert_eq!((opens(opened, &kept), opens(opened, &again)), ((true, true), (false, false)));
    });
    assert!(inspect::verify(&place.data(), inspect::Look::default(), &mut |_| {}).unwrap().store_compared);
}

#[test]
fn a_refused_erasure_destroys_nothing() {
    let place = Place::new();
    place.with(BOOT, |opened| {
        begin(&opened.store, &place.identity);
        let (spared, other) = (committed(&place, opened), committed(&place, opened));
        let doomed = [Doomed { key: name(&spared), files: Vec::new() }];
        let refused = eraser(opened, NOW).erase(&doomed, |_, _| Err::<Decision<()>, _>("held"));
        assert!(matches!(refused, Err(Refused::Decided("held"))));
        for id in [&spared, &other] {
            assert_eq!(opens(opened, id), (true, true));
        }
        // The next attempt starts from there.
        erase(opened, &spared).unwrap();
        assert_eq!((opens(opened, &spared), opens(opened, &other)), ((false, false), (true, true)));
    });
}

#[test]
fn keys_of_boxes_go_when_nothing_waits_for_them() {
    let place = Place::new();
    let boxes = |opened: &Opened| -> Vec<String> {
        opened.epochs.buckets().unwrap().into_iter().filter(|bucket| Epochs::is_outbox(bucket)).collect()
    };
    let (waits, of_today) = place.with(BOOT, |opened| {
        begin(&opened.store, &place.identity);
        let waits = committed(&place, opened);
        let entropy = SystemEntropy::default();
        opened.epochs.for_sealing(&Epochs::outbox(NOW - DAY), &entropy).unwrap();
        let of_today = boxes(opened).pop().unwrap();
        assert_eq!(boxes(opened).len(), 2);
        assert_eq!(eraser(opened, NOW).destroy_boxes(false).unwrap(), 1, "of yesterday, and nothing waits");
        assert_eq!(boxes(opened), std::slice::from_ref(&of_today));
        // The next day: something still waits with it.
        assert_eq!(eraser(opened, NOW + DAY).destroy_boxes(false).unwrap(), 0);
        assert_eq!(opens(opened, &waits), (true, true));
        (waits, of_today)
    });
    place.with(BOOT, |opened| {
        assert_eq!(eraser(opened, NOW).destroy_boxes(true).unwrap(), 0, "it waits over a restart");
        assert_eq!(opens(opened, &waits), (true, true));
        assert_ne!(
            opened.epochs.for_sealing(&Epochs::outbox(NOW), &SystemEntropy::default()).unwrap().bucket,
            of_today
        );
    });
}

#[test]
fn groups_without_entries_are_verified_wherever_they_lie() {
    // So many entries are verified at once; the next batch begins with the new wraps.
    let (place, log) = Place::filled(8, 255);
    assert_eq!(log.size, 2048);
    place.with(BOOT, |opened| {
        let (doomed, kept) = (sealed(opened), sealed(opened));
        let contents = vec![(name(&doomed.0), doomed.1), (name(&kept.0), kept.1)];
        let stored: Commit<(), FormatError> =
            opened.store.commit(|_, _| Ok(Decision { entries: Vec::new(), contents, value: () }));
        stored.blocking_recv().unwrap().unwrap();
        erase(opened, &doomed.0).unwrap();
        assert_eq!((opens(opened, &doomed.0).0, opens(opened, &kept.0).0), (false, true));
        committed(&place, opened);
    });
    let sound = || inspect::verify(&place.data(), inspect::Look::default(), &mut |_| {}).unwrap();
    assert!(sound().store_compared);
    place.forget_marker();
    place.with("boot 2", |opened| assert!(opened.recovery.rebuilt.is_some()));
    assert!(sound().store_compared);
}
