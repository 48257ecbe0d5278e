//! TLS keys and connections while gateways work: what stands no more is cut, what is too old
//! is renewed, and no call is dropped for it.

mod support;

use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::Exchange;
use rogatory::exchange::rotation::Rotation;
use rogatory::format::wire::{
    CollectUp, HeldCheckpointRequest, HelloRequest, collect_down, collect_up, purpose::Code as Purpose,
    revocation::Reason,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::rpc::peer::peer_client::PeerClient;
use rogatory::gateway::tls::{Dialer, Held, Lines, LiveCredentials, Trunk};
use rogatory::store::Clock as _;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::keys::in_use;
use support::lines::{Collection, connect, presented, watched};
use support::logs::{Hand, Pair, found, name};
use support::statements::end_of_tls;
use support::{Authority, delivered, end, pair, paired, settled, until};
use tokio::io::AsyncReadExt as _;
use tonic::transport::Channel;
use tonic::{Code, Status};

async fn call(client: &PeerClient<Channel>) -> Result<(), Status> {
    client.clone().held_checkpoint(HeldCheckpointRequest {}).await.map(drop)
}

/// Shows a statement of `of` to a gateway, over a connection of somebody else's.
async fn show(to: &Authority, of: &Authority, by: &Authority, statement: Vec<u8>) {
    let hello = HelloRequest {
        authority: of.name.clone(),
        fingerprint: of.identity().chain().fingerprint().to_vec(),
        shown: vec![statement],
        ..HelloRequest::default()
    };
    let (mut client, _) = watched(&by.identity(), &to.listening);
    client.hello(hello).await.unwrap();
}

async fn over(ended: &Arc<AtomicBool>) {
    until("the connection is cut", || async { ended.load(Ordering::Relaxed) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_or_ends_cuts_what_is_idle_and_what_is_open() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let mut xc = Authority::found(dir.path(), "XC", "none");
    let mut xd = Authority::found(dir.path(), "XD", "none");
    for other in [&mut xc, &mut xd] {
        other.serve().await;
        xa.confirm(&other.offer().await).await;
        other.stop().await;
    }
    xb.stop().await;
    let (beside, beside_ended) = watched(&xd.identity(), &xa.listening);
    call(&beside).await.unwrap();
    // Revoked at once; superseded in a while.
    for (other, reason, ahead) in [(&xb, Reason::Compromised, 0), (&xc, Reason::Superseded, 2000)] {
        let (idle, idle_ended) = watched(&other.identity(), &xa.listening);
        let (busy, busy_ended) = watched(&other.identity(), &xa.listening);
        call(&idle).await.unwrap();
        let mut open = Collection::open(busy.clone()).await;
        let since = SystemClock.now() + ahead;
        let statement = end_of_tls(&other.data.join("keys"), reason, since);
        show(&xa, other, &xd, statement).await;
        over(&idle_ended).await;
        over(&busy_ended).await;
        assert!(SystemClock.now() >= since, "a key is good until its end");
        // What was open is cut, too: behind what was said over it before.
        while matches!(open.next().await, Ok(Some(_))) {}
        let (again, _) = watched(&other.identity(), &xa.listening);
        assert_eq!(call(&again).await.unwrap_err().code(), Code::Unauthenticated);
    }
    assert!(!beside_ended.load(Ordering::Relaxed));
    call(&beside).await.unwrap();
    assert!(xa.log().contains("the peer's TLS key stands no more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_cut_at_the_end_of_either_key_and_not_before() {
    let pair = Pair::new().await;
    let now = pair.xa.now();
    let [ours, theirs] =
        [&pair.xa, &pair.xb].map(|one| one.identity.chain().current(Purpose::Tls, now).unwrap().clone());
    let lines = Lines::new(Duration::from_secs(3600));
    let held = |theirs: &[u8], ours| {
        let line = lines.accepted(theirs.into(), ours).unwrap();
        let (near, far) = tokio::io::duplex(64);
        (Held::new(near, line.clone()), line, far)
    };
    let (mut proved, line, _far) = held(&theirs.public_key, ours.id);
    line.prove();
    let (mut stranger, _, _far) = held(&[4; 65], ours.id);
    let (mut lost, line, _far) = held(&[5; 65], ours.id);
    line.prove();
    let (mut old, _, _far) = held(&theirs.public_key, [7; 32]);
    assert_eq!(lines.recheck(&pair.xa), Some(theirs.not_after.min(ours.not_after)));
    let mut byte = [0];
    for cut in [&mut lost, &mut old] {
        assert_eq!(cut.read(&mut byte).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionAborted);
    }
    for open in [&mut proved, &mut stranger] {
        let read = tokio::time::timeout(Duration::from_millis(20), open.read(&mut byte)).await;
        assert!(read.is_err(), "it is open, and nothing comes");
    }
    // A reader that waits is woken.
    let reading = tokio::spawn(async move { proved.read(&mut [0]).await.map_err(|error| error.kind()) });
    pair.pass(theirs.not_after.min(ours.not_after) - now);
    assert_eq!(lines.recheck(&pair.xa), None);
    assert_eq!(reading.await.unwrap(), Err(std::io::ErrorKind::ConnectionAborted));
    assert_eq!(stranger.read(&mut byte).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionAborted);
}

/// XA in this process, without a gateway that watches; XB as a process.
struct Dialling {
    xa: Arc<Exchange>,
    xb: Authority,
    credentials: Arc<LiveCredentials>,
    dialer: Dialer,
    trunk: Trunk,
    _dir: tempfile::TempDir,
}

impl Dialling {
    async fn new(age: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Hand(Arc::new(AtomicU64::new(SystemClock.now())));
        let xa = found(&dir.path().join("xa"), "XA", &clock).await;
        let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
        xb.serve().await;
        let offer = xb.offer().await;
        let fingerprint = offer.chain.fingerprint();
        xa.pair(offer, &fingerprint, false).await.unwrap();
        xb.confirm(&xa.offer(Vec::new()).unwrap()).await;
        let entropy = Arc::new(SystemEntropy::default());
        let credentials = Arc::new(LiveCredentials::new(&xa.identity, None, entropy).unwrap());
        let dialer = Dialer::new(xa.clone(), credentials.clone(), Arc::new(Lines::new(age)));
        let trunk = Trunk::new(&dialer, &name("XB"));
        Self { xa, xb, credentials, dialer, trunk, _dir: dir }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pin_of_a_server_is_looked_up_before_each_call() {
    let bench = Dialling::new(Duration::from_secs(3600)).await;
    call(&bench.trunk.client()).await.unwrap();
    let mut open = Collection::open(bench.trunk.client()).await;
    assert_eq!(bench.trunk.numbered().0, 0, "one connection for all calls");
    let statement = end_of_tls(&bench.xb.data.join("keys"), Reason::Compromised, SystemClock.now());
    bench.xa.learn(&name("XB"), vec![statement]).await.unwrap();
    // Nobody looks through the lines here: the next call finds it.
    assert!(call(&bench.trunk.client()).await.is_err(), "XB presents a key that was revoked");
    assert_eq!(bench.trunk.numbered().0, 1);
    assert!(!matches!(open.next_for(&bench.xa).await, Ok(Some(_))), "the connection of before is cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_and_age_take_another_connection_and_what_is_open_ends_by_itself() {
    let bench = Dialling::new(Duration::from_secs(3600)).await;
    let mut open = Collection::open(bench.trunk.client()).await;
    let rotation = Rotation { purposes: vec![Purpose::Tls], ..Rotation::default() };
    bench.xa.rotate(&rotation).await.unwrap();
    bench.dialer.greet(&name("XB"), Instant::now()).await.unwrap();
    assert!(bench.xa.choose_keys().unwrap() && bench.credentials.take_up(&bench.xa.identity).unwrap());
    call(&bench.trunk.client()).await.unwrap();
    assert_eq!(bench.trunk.numbered().0, 1, "our key is another one");
    bench.xb.send("XA", "");
    assert!(
        matches!(open.next_for(&bench.xa).await, Ok(Some(collect_down::Down::Frame(_)))),
        "it is still served"
    );

    let bench = Dialling::new(Duration::ZERO).await;
    let mut open = Collection::open(bench.trunk.client()).await;
    for number in 1..=3 {
        let (given, client) = bench.trunk.numbered();
        assert_eq!(given, number, "each connection is too old at once");
        call(&client).await.unwrap();
    }
    // Whoever wants nothing more says so, and answers what crossed that.
    bench.xb.send("XA", "");
    while !matches!(open.next_for(&bench.xa).await.unwrap(), Some(collect_down::Down::End(_))) {}
    open.up.send(CollectUp { up: Some(collect_up::Up::Done(Default::default())) }).await.unwrap();
    let answer = collect_up::Up::Delivered(Default::default());
    open.up.send(CollectUp { up: Some(answer) }).await.unwrap();
    assert!(matches!(open.next_for(&bench.xa).await, Ok(None)), "the stream ends as it should");
}

fn set(authority: &Authority, section: &str, line: &str) {
    let text = std::fs::read_to_string(authority.config()).unwrap();
    assert!(text.contains(section), "{text}");
    std::fs::write(authority.config(), text.replacen(section, &format!("{section}\n{line}"), 1)).unwrap();
}

/// The TLS key that is used, as statements carry it.
fn tls_key(authority: &Authority) -> Vec<u8> {
    let id = in_use(authority, "tls");
    let chain = authority.identity().chain();
    chain.keys().iter().find(|key| hex::encode(key.id) == id).unwrap().public_key.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_connections_change_under_traffic_over_both_lines_and_no_call_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "none");
    for one in [&mut xa, &mut xb] {
        set(one, "[peer]", "connection_age = \"2s\"");
    }
    paired(&mut xa, &mut xb).await;
    delivered(&xa, &xb).await;
    let sent = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let send = || {
        sent.0.borrow_mut().push(xa.send("XB", "").0);
        sent.1.borrow_mut().push(xb.send("XA", "").0);
    };
    let logged = (xa.log().len(), xb.log().len());
    let stranger = rogatory::gateway::tls::Credentials::new(
        &Authority::found(dir.path(), "XS", "none").identity(),
        Arc::new(SystemEntropy::default()),
    )
    .unwrap();
    for _ in 0..2 {
        for one in [&xa, &xb] {
            let before = tls_key(one);
            one.json(&["keys", "rotate", "tls"]);
            until("the new key is in use", || async {
                send();
                tls_key(one) != before
            })
            .await;
        }
        until("XA serves with its new key", || async {
            presented(&connect(&stranger, &xa.listening).await.unwrap()) == tls_key(&xa)
        })
        .await;
        let key = hex::encode(rogatory::crypto::hash::sha256(&tls_key(&xb)));
        // Twice: the second time, because the connection is too old.
        until("XB connects with its new key", || async {
            send();
            xa.log().matches(&key).count() > 1
        })
        .await;
    }
    for (of, sent) in [(&xa, sent.0.take()), (&xb, sent.1.take())] {
        for packet in sent {
            settled(of, &packet).await;
        }
    }
    for log in [&xa.log()[logged.0..], &xb.log()[logged.1..]] {
        for dropped in ["is not reached", "was lost", "error=", "is cut"] {
            let line = log.lines().find(|line| line.contains(dropped));
            assert_eq!(line, None, "a call was dropped");
        }
    }
    end([xa, xb]).await;
}
