use super::super::State::{self, Fail, Ok as Good, Warn};
use super::*;
use crate::format::wire::alarm::Code;

fn states(checks: impl IntoIterator<Item = Check>) -> Vec<State> {
    let checks: Vec<_> = checks.into_iter().collect();
    for check in &checks {
        assert_eq!(check.state == Good, check.remedy.is_empty(), "a remedy where one is needed: {check:?}");
    }
    checks.iter().map(|check| check.state).collect()
}

#[test]
fn an_identity_is_ours_and_the_ledgers() {
    let chain = |name: &str, development| Ok((name.to_owned(), 8, development));
    let found = states([
        identity("XA", chain("XA", false), Some(true)),
        identity("XA", chain("XA", false), None),
        identity("XA", chain("XA", true), Some(true)),
        identity("XA", chain("XA", true), Some(false)),
        identity("XA", chain("XB", false), None),
        identity("XA", Err("cut".into()), None),
    ]);
    assert_eq!(found, [Good, Good, Warn, Fail, Fail, Fail]);
}

#[test]
fn keys_end() {
    let found = states([
        key(Purpose::Packet, Some(ENDS.0)),
        key(Purpose::Packet, Some(ENDS.0 - 1)),
        key(Purpose::Packet, Some(ENDS.1)),
        key(Purpose::Packet, Some(ENDS.1 - 1)),
        key(Purpose::Packet, None),
        key(Purpose::Delegate, Some(DELEGATE_ENDS.0)),
        key(Purpose::Delegate, Some(DELEGATE_ENDS.0 - 1)),
        key(Purpose::Delegate, Some(DELEGATE_ENDS.1 - 1)),
        key(Purpose::Delegate, None),
    ]);
    assert_eq!(found, [Good, Warn, Warn, Fail, Fail, Good, Warn, Fail, Fail]);
}

#[test]
fn key_files_belong_to_keys() {
    let one = |name: &str| vec![name.to_owned()];
    let sound = KeyFiles { sound: 7, ..KeyFiles::default() };
    let found = states([
        key_files(&sound),
        key_files(&KeyFiles { orphans: one("tls-00.key"), ..sound.clone() }),
        key_files(&KeyFiles { ended: one("tls-00.key"), ..sound.clone() }),
        key_files(&KeyFiles { wrong: one("packet-00.key"), orphans: one("a"), ..sound }),
        root(&[]),
        root(&one("root.key")),
    ]);
    assert_eq!(found, [Good, Warn, Warn, Fail, Good, Warn]);
}

#[test]
fn keys_lie_encrypted_as_a_whole_or_not_at_all() {
    let standing = |encrypted, plain, left| Ok(Standing { encrypted, plain, left });
    let found = states([
        at_rest(true, standing(9, 0, 0)),
        at_rest(false, standing(0, 9, 0)),
        at_rest(true, standing(8, 1, 0)),
        at_rest(true, standing(9, 0, 1)),
        at_rest(false, standing(1, 8, 0)),
        at_rest(false, Err("no".into())),
    ]);
    assert_eq!(found, [Good, Good, Warn, Warn, Warn, Warn]);
    let unseen = key_files(&KeyFiles { closed: 7, ..KeyFiles::default() });
    assert!(unseen.state == Warn && unseen.finding.contains("7 keys were not looked into"));
}

#[test]
fn others_may_not_read_keys() {
    let one = |name: &str| vec![name.to_owned()];
    let modes = Modes { socket: Some(0o140660), ..Modes::default() };
    let found = states([
        permissions(&modes),
        permissions(&Modes { socket: Some(0o140666), ..modes.clone() }),
        permissions(&Modes { folders: one("keys"), ..modes.clone() }),
        permissions(&Modes { unseen: one("keys"), ..modes.clone() }),
        permissions(&Modes { keys: one("tls.key"), folders: one("keys"), ..modes }),
    ]);
    assert_eq!(found, [Good, Warn, Fail, Fail, Fail]);
}

#[test]
fn a_disk_fills() {
    let found = states([
        disk("data", Ok((30 << 30, 1000 << 30))),
        disk("data", Ok((2 << 30, 10 << 30))),
        disk("data", Ok((19 << 30, 1000 << 30))),
        disk("data", Ok((NARROW - 1, 2 << 30))),
        disk("data", Ok((FULL - 1, 1 << 30))),
        disk("data", Err("gone".into())),
    ]);
    assert_eq!(found, [Good, Good, Warn, Warn, Fail, Fail]);
}

#[test]
fn a_mirror_lags() {
    let holds = |size, behind| mirror(Mirror::Holds { size, of: 9, behind });
    let found = states([
        mirror(Mirror::None),
        holds(9, None),
        holds(8, Some(MIRROR)),
        holds(8, Some(MIRROR + 1)),
        holds(10, None),
        mirror(Mirror::Bad("another log".into())),
    ]);
    assert_eq!(found, [Good, Good, Good, Warn, Fail, Fail]);
}

#[test]
fn the_ledger_is_looked_after() {
    let aside = ["store.aside-1".to_owned()];
    let found = states([
        journal(Ok(9)),
        journal(Err("damaged".into())),
        store(Index::Trusted, &[]),
        store(Index::InUse, &[]),
        store(Index::Trusted, &aside),
        store(Index::Rebuilt("damaged".into()), &[]),
        log_time(5000, 5000),
        log_time(5000 + AHEAD, 5000),
        log_time(5001 + AHEAD, 5000),
    ]);
    assert_eq!(found, [Good, Fail, Good, Good, Warn, Warn, Good, Good, Fail]);
}

#[test]
fn a_tail_grows_old() {
    let now = 100 * DAY;
    let old = |age| Tail { entries: 3, substance: 2, since: now - age };
    let found = states([
        tail(&Tail { entries: 1, substance: 0, since: 0 }, 1, now),
        tail(&old(HOUR), 1, now),
        tail(&old(HOUR + 1), 1, now),
        tail(&old(DAY), 1, now),
        tail(&old(DAY + 1), 1, now),
        tail(&old(DAY + 1), 0, now),
    ]);
    assert_eq!(found, [Good, Good, Warn, Warn, Fail, Warn]);
}

#[test]
fn an_alarm_is_heard_for_a_month() {
    let raised = |at| Alarms { count: 1, index: 4, at, peer: "XB".into(), code: Code::Forked.into() };
    let found =
        states([alarms(&Alarms::default(), FRESH), alarms(&raised(0), FRESH - 1), alarms(&raised(0), FRESH)]);
    assert_eq!(found, [Good, Fail, Warn]);
}
