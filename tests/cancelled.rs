//! Callers that go away in the middle of what they asked for: it is done to its end all the same.

mod support;

use rogatory::exchange::Exchange;
use rogatory::exchange::revocation::Revoking;
use rogatory::exchange::rotation::Rotation;
use rogatory::format::wire::{purpose::Code as Purpose, revocation::Reason};
use rogatory::ledger::records;
use std::time::Duration;
use support::logs::{Pair, found, name};

/// Begins, and goes away at the first thing that has to be waited for.
async fn leave<T>(work: impl Future<Output = T>) {
    let left = tokio::time::timeout(Duration::ZERO, work).await;
    assert!(left.is_err(), "there was nothing to wait for");
}

fn logged(exchange: &Exchange) -> u64 {
    exchange.store.snapshot().scan(&records::statement_prefix(None), None, usize::MAX).unwrap().len() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_is_finished_though_nobody_waits_for_it() {
    let mut pair = Pair::new().await;
    let rotation = Rotation { purposes: vec![Purpose::Packet, Purpose::Tls], ..Rotation::default() };
    let first = pair.xa.identity.chain().count();
    for _ in 0..3 {
        leave(pair.xa.rotate(&rotation)).await;
    }
    pair.xa.rotate(&rotation).await.unwrap();
    // Whoever waits for its turn is not kept waiting by those who left, and each was served.
    assert_eq!(pair.xa.identity.chain().count(), first + 4 * 2);

    let key = pair.xa.identity.chain().current(Purpose::Evidence, pair.xa.now()).unwrap().id;
    let wanted = || Revoking { key, reason: Reason::Compromised, since: None, successor: true };
    leave(pair.xa.revoke(wanted())).await;
    let again = pair.xa.revoke(wanted()).await;
    assert!(again.unwrap_err().to_string().contains("is ended already"));
    assert_eq!(logged(&pair.xa), pair.xa.identity.chain().count());

    let dir = tempfile::tempdir().unwrap();
    let xc = found(dir.path(), "XC", &pair.clock).await;
    let (offer, fingerprint) = (xc.offer(Vec::new()).unwrap(), xc.identity.chain().fingerprint());
    leave(pair.xa.pair(offer.clone(), &fingerprint, false)).await;
    pair.xa.pair(offer, &fingerprint, false).await.unwrap();
    let statements = records::statement_prefix(Some(&name("XC")));
    let held = pair.xa.store.snapshot().scan(&statements, None, usize::MAX).unwrap();
    assert_eq!(held.len() as u64, xc.identity.chain().count(), "each is logged once");
    xc.store.close().unwrap();

    // The next start finds one chain, and so does an auditor.
    let head = pair.xa.identity.chain().head();
    pair.restart_xa();
    pair.xa.reconcile_statements().await.unwrap();
    assert_eq!(pair.xa.identity.chain().head(), head);
    pair.close();
}
