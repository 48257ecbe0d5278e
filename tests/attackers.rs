//! Attackers, each over a real connection to a gateway that works: what they are told, what its log
//! says, that the ledger holds nothing of them (or the one alarm), and that honest peers go on.
//! Certificates that prove nobody are in tests/handshake.rs, packets and evidence in tests/wire.rs.

mod support;

use prost::Message as _;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::Digest;
use rogatory::crypto::sign::{Ed25519Key, Signer as _};
use rogatory::format::SUITE;
use rogatory::format::chain::Chain;
use rogatory::format::envelope::{PayloadType, SigningKey, sign};
use rogatory::format::statement::{NewKey, key_id, root_commitment, root_id};
use rogatory::format::wire::{
    self, KeyStatement, PairRequest, PairingOffer, Revocation, Revocations, Signed, alarm, algorithm,
    collect_down, collect_up, key_statement::Body, purpose::Code as Purpose, revocation::Reason,
};
use rogatory::gateway::{SystemClock, tls};
use rogatory::store::Clock as _;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, ServerConfig, ServerConnection};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::intruder::{entries_about, hello};
use support::keys::statements_of;
use support::lines::Collection;
use support::statements::{root, signing, write};
use support::{Authority, PATIENCE, delivered, end, exchange, pair, paired, peer_client, until};
use tonic::Code;

const HOUR: u64 = 3_600_000;
const BEYOND: &str = "is beyond its delegate's bounds";
const NEITHER: &str = "is signed by neither root nor delegate";
const FORK: &str = "contradicts one that is known";

/// Somebody who shows statements of XB over XB's own connection.
struct Attack {
    what: String,
    shown: Vec<Vec<u8>>,
    /// What the log says; empty: there is nothing to refuse.
    says: &'static str,
}

fn attack(what: impl Into<String>, shown: Vec<Vec<u8>>, says: &'static str) -> Attack {
    Attack { what: what.into(), shown, says }
}

/// A statement whose every part is the attacker's choice.
fn forged(chain: &Chain, seq: u64, prev: Digest, made_at: u64, body: Body, by: &[&SigningKey]) -> Vec<u8> {
    let authority = chain.authority().to_string();
    let said = KeyStatement { suite: SUITE, authority, seq, prev: prev.to_vec(), made_at, body: Some(body) };
    let envelopes = by.iter().map(|key| sign(PayloadType::KeyStatement, said.encode_to_vec(), key).unwrap());
    let mut signed = envelopes.map(|envelope| Signed::decode(envelope.as_slice()).unwrap());
    let mut first = signed.next().unwrap();
    first.signatures.extend(signed.flat_map(|more| more.signatures));
    first.encode_to_vec()
}

/// A key that somebody has, and the id under which XB's delegate of that key is known.
fn delegate(seed: u8) -> SigningKey {
    let key = Ed25519Key::from_seed(&[seed; 32]).unwrap();
    let id = key_id(Purpose::Delegate, algorithm::Code::Ed25519, key.public_key());
    SigningKey { id, signer: Arc::new(key) }
}

fn new_key<'a>(purpose: Purpose, key: &'a Ed25519Key, valid: (u64, u64)) -> NewKey<'a> {
    let may_state = match purpose {
        Purpose::Delegate => vec![Purpose::Packet],
        _ => Vec::new(),
    };
    let public_key = key.public_key().to_vec();
    NewKey { purpose, public_key, valid, may_state, revokes: Vec::new(), signer: Some(key) }
}

fn ended(key_id: Digest, reason: Reason, since: u64) -> Revocation {
    Revocation { key_id: key_id.to_vec(), reason: reason.into(), since, log_size: 0 }
}

/// The first statements of a chain.
fn cut(chain: &Chain, count: u64) -> Chain {
    Chain::open_all(&chain.envelopes().take(count as usize).collect::<Vec<_>>()).unwrap()
}

/// XB's keys after an eventful life: what the attackers got hold of.
struct Spoils {
    chain: Chain,
    /// The chain with what was said under the stolen delegate.
    with_voided: Chain,
    /// The statement that was made void.
    voided: Vec<u8>,
    now: u64,
    old_root: SigningKey,
    root: SigningKey,
    /// XB's own delegate, who is still in office.
    by: SigningKey,
    /// Position of the change of the root, and of what the new root said after it.
    changed_at: u64,
}

const RETIRED: u8 = 2;
const EXPIRED: u8 = 3;
const NARROW: u8 = 4;
const STOLEN: u8 = 5;

fn spoils(keys: &Path, identity: &rogatory::exchange::identity::Identity) -> Spoils {
    let now = SystemClock.now();
    let (old_root, root) = (root(keys, "root.key"), root(keys, "next-root.key"));
    let (_, by) = identity.delegate().unwrap();
    let mut chain = Chain::clone(&identity.chain());
    let seed = |seed: u8| Ed25519Key::from_seed(&[seed; 32]).unwrap();
    for (number, valid) in [
        (RETIRED, (now - HOUR, now + HOUR)),
        (EXPIRED, (now - 2 * HOUR, now - HOUR)),
        (NARROW, (now - HOUR, now + HOUR)),
        (STOLEN, (now - HOUR, now + HOUR)),
    ] {
        chain.state(new_key(Purpose::Delegate, &seed(number), valid), &old_root, now).unwrap();
    }
    chain.revoke(vec![ended(delegate(RETIRED).id, Reason::Superseded, now)], &old_root, now).unwrap();
    let mut with_voided = chain.clone();
    let packet = seed(40);
    let new = new_key(Purpose::Packet, &packet, (now - HOUR, now + HOUR / 2));
    let voided = with_voided.state(new, &delegate(STOLEN), now).unwrap();
    chain.revoke(vec![ended(delegate(STOLEN).id, Reason::Compromised, now)], &old_root, now).unwrap();
    let changed_at = chain.count();
    let after = root_commitment(seed(30).public_key());
    chain.change_root(&old_root, &root, after, Vec::new(), now).unwrap();
    let newest = seed(6);
    chain.state(new_key(Purpose::Delegate, &newest, (now - HOUR, now + HOUR)), &root, now).unwrap();
    let packet = identity.packet().id;
    chain.revoke(vec![ended(packet, Reason::Superseded, now + 20 * HOUR)], &by, now).unwrap();
    Spoils { chain, with_voided, voided, now, old_root, root, by, changed_at }
}

impl Spoils {
    /// A new statement behind the last one.
    fn next(&self, body: Body, by: &[&SigningKey]) -> Vec<Vec<u8>> {
        self.next_at(self.now, body, by)
    }

    fn next_at(&self, made_at: u64, body: Body, by: &[&SigningKey]) -> Vec<Vec<u8>> {
        vec![forged(&self.chain, self.chain.count(), self.chain.head(), made_at, body, by)]
    }

    /// States a key of this purpose, with proof that whoever states it has it.
    fn key(&self, purpose: Purpose, until: u64) -> Body {
        let key = Ed25519Key::from_seed(&[50; 32]).unwrap();
        Body::Key(self.chain.prepare(new_key(purpose, &key, (self.now - HOUR, until)), vec![]).unwrap())
    }

    fn ends(&self, key: Digest) -> Body {
        Body::Revocations(Revocations { items: vec![ended(key, Reason::Compromised, self.now)] })
    }

    fn new_root(&self, public_key: &[u8]) -> Body {
        let (public_key, next_root_digest) = (public_key.to_vec(), vec![7; 32]);
        Body::RootChange(wire::RootChange {
            public_key,
            next_root_digest,
            suites: vec![SUITE],
            ends: Vec::new(),
        })
    }

    fn attacks(&self, keys: &Path, stranger: &Chain) -> Vec<Attack> {
        let (chain, now, soon) = (&self.chain, self.now, self.now + HOUR / 2);
        let packet = || self.key(Purpose::Packet, soon);
        let last = chain.envelopes().last().unwrap().to_vec();
        let mut resigned = Signed::decode(last.as_slice()).unwrap();
        resigned.signatures[0].signature[7] ^= 1;
        let mut longer = chain.clone();
        let mut more = |seed| {
            let key = Ed25519Key::from_seed(&[seed; 32]).unwrap();
            longer.state(new_key(Purpose::Packet, &key, (now - HOUR, soon)), &self.by, now).unwrap()
        };
        let (skipped, ahead) = (more(60), more(61));
        let fork = |at: u64, by: &SigningKey| {
            let key = Ed25519Key::from_seed(&[62; 32]).unwrap();
            let purpose = if by.id == self.by.id { Purpose::Packet } else { Purpose::Delegate };
            vec![cut(chain, at).state(new_key(purpose, &key, (now - HOUR, soon)), by, now).unwrap()]
        };
        let announced = delegate(30);
        let announced = SigningKey { id: root_id(announced.signer.public_key()), ..announced };
        let forged_seq = forged(chain, chain.count() + 1, chain.head(), now, packet(), &[&self.by]);
        let mut rows = vec![
            attack("replayed", vec![last], ""),
            attack("replayed from the beginning", chain.envelopes().map(<[u8]>::to_vec).collect(), ""),
            attack("replayed, signed otherwise", vec![resigned.encode_to_vec()], ""),
            attack("out of order", vec![ahead.clone(), skipped], "has an unknown predecessor"),
            attack("with a gap", vec![ahead], "has an unknown predecessor"),
            attack("numbered wrongly", vec![forged_seq], "has the wrong number"),
            attack("forked by a delegate", fork(chain.count() - 1, &self.by), FORK),
            attack("forked by the root", fork(self.changed_at + 1, &self.root), FORK),
            attack("forked by the old root", fork(self.changed_at, &self.old_root), FORK),
            attack("by a retired delegate", self.next(packet(), &[&delegate(RETIRED)]), BEYOND),
            attack("by a voided delegate", self.next(packet(), &[&delegate(STOLEN)]), BEYOND),
            attack("made void", vec![self.voided.clone()], "is void: the root went on otherwise"),
            attack("by the old root", self.next(packet(), &[&self.old_root]), NEITHER),
            attack("by a delegate whose time is over", self.next(packet(), &[&delegate(EXPIRED)]), BEYOND),
            attack(
                "dated back into its time",
                self.next_at(now - 3 * HOUR / 2, packet(), &[&delegate(EXPIRED)]),
                "is dated before the one that it follows",
            ),
            attack(
                "beyond may_state",
                self.next(self.key(Purpose::Evidence, soon), &[&delegate(NARROW)]),
                BEYOND,
            ),
            attack(
                "beyond not_after",
                self.next(self.key(Purpose::Packet, now + 2 * HOUR), &[&delegate(NARROW)]),
                BEYOND,
            ),
            attack(
                "a delegate's delegate",
                self.next(self.key(Purpose::Delegate, soon), &[&self.by]),
                BEYOND,
            ),
            attack(
                "a delegate ends a delegate",
                self.next(self.ends(delegate(NARROW).id), &[&self.by]),
                BEYOND,
            ),
            attack(
                "a delegate makes a root",
                self.next(self.new_root(announced.signer.public_key()), &[&self.by, &announced]),
                "changes the root without the root that stands",
            ),
            attack(
                "a root that nobody announced",
                self.next(self.new_root(delegate(31).signer.public_key()), &[&self.root]),
                "makes a root of another key",
            ),
            attack(
                "under a delegate's name",
                self.next(packet(), &[&SigningKey { id: self.by.id, ..delegate(99) }]),
                "a signature does not verify",
            ),
            attack(
                "of another authority",
                vec![stranger.envelopes().last().unwrap().to_vec()],
                "is of another authority",
            ),
        ];
        for key in chain.keys().iter().filter(|key| key.seq < 8) {
            let says = match key.purpose {
                Purpose::Delegate | Purpose::Content => continue,
                // A signature of another algorithm than statements have.
                Purpose::Tls => "a signature does not verify",
                _ => NEITHER,
            };
            let (name, by) = (key.purpose.as_str_name(), signing(keys, key));
            rows.push(attack(format!("by the {name} key"), self.next(packet(), &[&by]), says));
            let ends = self.next(self.ends(self.by.id), &[&by]);
            rows.push(attack(format!("the {name} key ends a delegate"), ends, says));
        }
        rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_nobody_may_say_are_refused_and_honest_peers_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let mut xc = Authority::found(dir.path(), "XC", "127.0.0.1:0");
    xc.serve().await;
    xa.confirm(&xc.offer().await).await;
    xc.confirm(&xa.offer().await).await;
    assert!(xb.stop().await.success());
    let (identity, keys) = (xb.identity(), xb.data.join("keys"));
    let spoils = spoils(&keys, &identity);
    let chain = &spoils.chain;
    // XA has learnt of all that was said, of what was made void too.
    let mut client = peer_client(&identity, &xa.listening);
    for of in [&spoils.with_voided, chain] {
        let shown = of.envelopes().map(<[u8]>::to_vec).collect();
        let answer = client.hello(hello(of, shown)).await.unwrap().into_inner();
        assert_eq!((answer.proved, answer.known_of_you), (true, of.count()));
    }

    let (mut entries, mut alarms) = (entries_about(&xa, "XB"), 0);
    let attacks = spoils.attacks(&keys, &xc.identity().chain());
    assert_eq!(attacks.len(), 23 + 2 * 5);
    for Attack { what, shown, says } in attacks {
        // Shown twice: an alarm is raised once.
        for round in 0..2 {
            let read = xa.log().len();
            // Where a Hello was refused, the connection ends two seconds after it.
            // Until then it counts among those of its key, of which there may be so many.
            let patience = Instant::now() + PATIENCE;
            let answer = loop {
                let mut client = peer_client(&identity, &xa.listening);
                match client.hello(hello(chain, shown.clone())).await {
                    Err(status) if status.code() == Code::Cancelled && Instant::now() < patience => {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    answer => break answer,
                }
            };
            if says.is_empty() {
                let answer = answer.unwrap().into_inner();
                assert_eq!((answer.proved, answer.known_of_you), (true, chain.count()), "{what}");
            } else {
                let refused = answer.unwrap_err();
                let told = (refused.code(), refused.message());
                assert_eq!(told, (Code::InvalidArgument, "against the protocol"), "{what}");
                let words = ["a peer's statement is refused", "peer=XB", says];
                let said =
                    || xa.log()[read..].lines().any(|line| words.iter().all(|word| line.contains(word)));
                until(&format!("{what}: {words:?}"), || async { said() }).await;
            }
            if says == FORK && round == 0 {
                (entries, alarms) = (entries + 1, alarms + 1);
                let said = || xa.log()[read..].contains("ALARM: key statements of this peer contradict");
                until(&format!("{what}: an alarm"), || async { said() }).await;
            }
            assert_eq!(entries_about(&xa, "XB"), entries, "{what}");
        }
        let listed = xa.json(&["pair", "list"]);
        let listed =
            listed["peers"].as_array().unwrap().iter().find(|peer| peer["authority"] == "XB").unwrap();
        assert_eq!(listed["statements"], chain.count(), "{what}");
        delivered(&xc, &xa).await;
    }
    assert_eq!(alarms, 3);
    let name = alarm::Code::KeysForked.as_str_name();
    let rows = xa.json(&["ledger", "ask", "entries", "--code", name])["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), alarms);
    assert_eq!(xa.json(&["pair", "list"])["alarms"]["code"], name);

    // An offer under any key but the delegate's; offers come as files.
    for purpose in [Purpose::Packet, Purpose::Evidence, Purpose::Checkpoint, Purpose::Cosign, Purpose::Tls] {
        let key = chain.keys().iter().find(|key| key.purpose == purpose).unwrap();
        let offer = PairingOffer {
            suite: SUITE,
            authority: "XB".into(),
            statements: chain.envelopes().map(<[u8]>::to_vec).collect(),
            addresses: vec!["127.0.0.1:1".into()],
            limits: None,
            made_at: spoils.now,
            terms: None,
        };
        let offer = sign(PayloadType::PairingOffer, offer.encode_to_vec(), &signing(&keys, key)).unwrap();
        let request = PairRequest { offer, fingerprint: chain.fingerprint().to_vec(), again: false };
        let refused = xa.client().operator().pair(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{purpose:?}");
        assert!(refused.message().contains("a key of another purpose"), "{purpose:?}: {}", refused.message());
        assert_eq!(entries_about(&xa, "XB"), entries, "{purpose:?}");
    }

    // XB itself comes back, and nothing that was said in its name stands in the way.
    write(&keys, chain);
    xb.serve().await;
    exchange(&xa, &xb).await;
    end([xa, xb, xc]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_shown_over_the_reverse_line_is_refused_and_leaves_one_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "none");
    paired(&mut xa, &mut xb).await;
    exchange(&xa, &xb).await;
    assert!(xb.stop().await.success());
    let (identity, now) = (xb.identity(), SystemClock.now());
    let (chain, (_, by)) = (Chain::clone(&identity.chain()), identity.delegate().unwrap());
    let key = Ed25519Key::from_seed(&[63; 32]).unwrap();
    let new = new_key(Purpose::Packet, &key, (now - HOUR, now + HOUR));
    let fork = cut(&chain, chain.count() - 1).state(new, &by, now).unwrap();

    let (entries, read) = (entries_about(&xa, "XB"), xa.log().len());
    let reply = wire::HelloReply {
        authority: "XB".into(),
        fingerprint: chain.fingerprint().to_vec(),
        statements: chain.count(),
        head: chain.head().to_vec(),
        shown: vec![fork],
        proved: true,
        ..wire::HelloReply::default()
    };
    // Whoever has XB's keys collects, and answers XA's Hello.
    let open = || Collection::open(peer_client(&identity, &xa.listening));
    for round in 1..=2 {
        let mut line = open().await;
        // There is something to tell.
        xa.json(&["keys", "rotate", "packet"]);
        while !matches!(line.next().await, Ok(Some(collect_down::Down::Hello(_)))) {
            // What else XA wants gets no answer.
            line = open().await;
        }
        let up = Some(collect_up::Up::Hello(reply.clone()));
        line.up.send(wire::CollectUp { up }).await.unwrap();
        let words = ["a peer's statement is refused", "peer=XB", FORK];
        let said = || {
            let log = xa.log();
            let lines = log[read..].lines().filter(|line| words.iter().all(|word| line.contains(word)));
            lines.count() == round
        };
        until(&format!("{words:?}"), || async { said() }).await;
        assert_eq!(entries_about(&xa, "XB"), entries + 1, "one alarm, however often it is shown");
    }
    assert_eq!(xa.json(&["pair", "list"])["alarms"]["code"], alarm::Code::KeysForked.as_str_name());
    assert_eq!(statements_of(&xa, "XB").await, chain.count());
    xb.serve().await;
    exchange(&xa, &xb).await;
    end([xa, xb]).await;
}

/// A ClientHello of TLS 1.2, byte by byte (RFC 5246, section 7.4.1.2).
fn hello_of_tls_1_2() -> Vec<u8> {
    let extensions: [&[u8]; 3] = [
        &[0, 10, 0, 4, 0, 2, 0, 29],         // supported_groups: x25519
        &[0, 13, 0, 6, 0, 4, 4, 3, 8, 7],    // signature_algorithms: ECDSA P-256, Ed25519
        &[0, 16, 0, 5, 0, 3, 2, b'h', b'2'], // application_layer_protocol_negotiation: h2
    ];
    let extensions = extensions.concat();
    let mut body = vec![3, 3];
    body.extend([9; 32]);
    body.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut message = vec![1, 0];
    message.extend((body.len() as u16).to_be_bytes());
    message.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend((message.len() as u16).to_be_bytes());
    record.extend(message);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_is_refused_with_its_alert() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let before = entries_about(&xa, "XB");
    let read = xa.log().len();
    let mut stream = TcpStream::connect(&xa.listening).unwrap();
    stream.write_all(&hello_of_tls_1_2()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    // An alert record (21) of two bytes: fatal (2), protocol_version (70); and the end.
    assert_eq!((answer[0], &answer[3..]), (21, &[0, 2, 2, 70][..]), "{answer:?}");
    until("a line of the log", || async { xa.log()[read..].contains("TLS handshake failed") }).await;
    assert_eq!(entries_about(&xa, "XB"), before);
    delivered(&xb, &xa).await;
}

/// What one handshake came to: full or resumed, tickets that came, early data: offered, taken.
type Came = (Option<HandshakeKind>, u32, bool, bool);

/// A connection on which something of the server was read.
fn connect(config: &Arc<ClientConfig>, address: &str) -> Came {
    let name = ServerName::try_from(tls::SERVER_NAME).unwrap();
    let mut session = ClientConnection::new(config.clone(), name).unwrap();
    let offered =
        session.early_data().map(|mut early| early.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap());
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // What the server says first comes after its tickets.
    let mut first = [0; 1];
    while session.reader().read(&mut first).is_err() {
        session.complete_io(&mut stream).unwrap();
    }
    let taken = offered.is_some() && session.is_early_data_accepted();
    (session.handshake_kind(), session.tls13_tickets_received(), offered.is_some(), taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_and_early_data_get_a_full_handshake_and_no_ticket() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let (before, read) = (entries_about(&xa, "XB"), xa.log().len());
    let of = |authority: &Authority| {
        tls::Credentials::new(&authority.identity(), Arc::new(SystemEntropy::default())).unwrap()
    };
    // A server with XA's key and certificate that gives tickets and takes early data.
    let mut giving = ServerConfig::clone(&of(&xa).server);
    giving.send_tls13_tickets = 4;
    giving.session_storage = rustls::server::ServerSessionMemoryCache::new(16);
    giving.max_early_data_size = 1024;
    let giving = Arc::new(giving);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let generous = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut session = ServerConnection::new(giving.clone()).unwrap();
            while session.is_handshaking() {
                session.complete_io(&mut stream).unwrap();
            }
            session.writer().write_all(b"settings").unwrap();
            session.complete_io(&mut stream).unwrap();
            // Until the other side is done.
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    // As gateways dial, and one that keeps tickets and sends early data.
    let ours = of(&xb).client;
    let mut keeping = ClientConfig::clone(&ours);
    keeping.resumption = Resumption::in_memory_sessions(16);
    keeping.enable_early_data = true;
    let keeping = Arc::new(keeping);
    let came = tokio::task::block_in_place(|| {
        let at = |config, [one, other]: [&str; 2]| [connect(config, one), connect(config, other)];
        let [generous, xa] = [&generous, &xa.listening].map(|address| [address.as_str(); 2]);
        [at(&keeping, generous), at(&keeping, xa), at(&ours, generous)].concat()
    });
    server.join().unwrap();
    assert_eq!(came[0], (Some(HandshakeKind::Full), 4, false, false));
    assert_eq!(
        (came[1].0, came[1].2, came[1].3),
        (Some(HandshakeKind::Resumed), true, true),
        "tickets are good"
    );
    for came in &came[2..4] {
        assert_eq!(*came, (Some(HandshakeKind::Full), 0, true, false), "{came:?}");
    }
    for came in &came[4..] {
        assert_eq!(*came, (Some(HandshakeKind::Full), 4, false, false), "our own resumes nothing: {came:?}");
    }
    // Nothing failed, so that nothing is said.
    assert!(!xa.log()[read..].contains("TLS handshake failed"));
    assert_eq!(entries_about(&xa, "XB"), before);
    delivered(&xb, &xa).await;
}
