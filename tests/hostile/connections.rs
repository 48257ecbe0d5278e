//! Connections that take places and time: many of them, and those that linger.

use crate::grpc::{Call, message, whole};
use crate::packets::Large;
use crate::stage::{Row, Stage, Told, Who, Who::Peer, Who::Stranger, elsewhere, row};
use crate::support::intruder::Presented;
use crate::support::{PATIENCE, peer_client, settled};
use crate::wires::{END_HEADERS, HEADERS, Wire, call, client_config, frame, identity, tls_at};
use rogatory::format::wire::{DeliverFrame, HeldCheckpointRequest};
use rustls::ClientConfig;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::Code;

/// What lingers is over by then: a minute, and a look every ten seconds.
const LONG: Duration = Duration::from_secs(100);
/// Something that happens at once.
const AT_ONCE: Duration = Duration::from_secs(5);

type Task = Pin<Box<dyn Future<Output = Told> + Send>>;
/// By whom, what, how it goes on at this address with these credentials (and with this beginning of
/// a delivery), what it comes to, and what the log says.
type Lingering = (Who, &'static str, fn(String, ClientConfig, Vec<u8>) -> Task, fn() -> Told, &'static str);

const LINGERING: [Lingering; 9] = [
    (
        Stranger,
        "a handshake that never begins",
        |address, _, _| {
            Box::pin(async move {
                let mut tcp = TcpStream::connect(address).await.unwrap();
                closed(tcp.read_to_end(&mut Vec::new()).await.ok().is_some())
            })
        },
        || Told::Closed,
        "TLS handshake took too long",
    ),
    (
        Stranger,
        "a handshake of a byte a second",
        |address, _, _| {
            Box::pin(async move {
                let mut tcp = TcpStream::connect(address).await.unwrap();
                // A handshake record of 500 bytes: a ClientHello that comes bit by bit.
                let mut record = vec![22, 3, 1, 1, 0xf4, 1, 0, 1, 0xf0, 3, 3];
                record.resize(505, 9);
                for byte in record {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if tcp.write_all(&[byte]).await.is_err() {
                        return Told::Closed;
                    }
                }
                Told::Words("all of it was read".into())
            })
        },
        || Told::Closed,
        "TLS handshake took too long",
    ),
    (
        Stranger,
        "a connection that says nothing",
        |address, config, _| {
            Box::pin(async move { closed(Wire::at(&address, config).await.ends_within(LONG).await) })
        },
        || Told::Closed,
        "it proved nobody",
    ),
    (
        Stranger,
        "a connection that lives, and asks for nothing",
        |address, config, _| {
            Box::pin(async move {
                let tls = tls_at(&address, config).await.unwrap();
                let (_sender, connection) = h2::client::handshake(tls).await.unwrap();
                closed(tokio::time::timeout(LONG, connection).await.is_ok())
            })
        },
        || Told::Closed,
        "it proved nobody",
    ),
    (
        Peer,
        "headers that never end",
        |address, config, _| {
            Box::pin(async move {
                let mut wire = Wire::at(&address, config).await;
                wire.begin().await;
                wire.prove().await;
                wire.say(&frame(HEADERS, 0, 3, &call("/rogatory.peer.v1.Peer/Hello"))).await;
                closed(wire.ends_within(LONG).await)
            })
        },
        || Told::Closed,
        "",
    ),
    (
        Peer,
        "a peer that answers no PING",
        |address, config, _| {
            Box::pin(async move {
                let mut wire = Wire::at(&address, config).await;
                wire.begin().await;
                wire.prove().await;
                closed(wire.ends_within(LONG).await)
            })
        },
        || Told::Closed,
        "",
    ),
    (
        Peer,
        "a message that never ends",
        |address, config, _| {
            Box::pin(async move {
                // Of a hundred bytes three come.
                Call::unended("Tell", message(0, 100, &[1, 2, 3])).made_at(&address, config, LONG).await
            })
        },
        || Told::Grpc(Code::DeadlineExceeded, "no message in time".into()),
        "",
    ),
    (
        Peer,
        "a delivery that never begins",
        |address, config, _| {
            Box::pin(
                async move { Call::unended("Deliver", Vec::new()).made_at(&address, config, LONG).await },
            )
        },
        || Told::Grpc(Code::DeadlineExceeded, "no frame in time".into()),
        "",
    ),
    (
        Peer,
        "a chunk that is withheld",
        |address, config, start| {
            Box::pin(async move { Call::unended("Deliver", start).made_at(&address, config, LONG).await })
        },
        || Told::Grpc(Code::DeadlineExceeded, "no frame in time".into()),
        "",
    ),
];

fn closed(is: bool) -> Told {
    if is { Told::Closed } else { Told::Words("it goes on".into()) }
}

/// All that linger begin with the first of them.
fn begin(stage: &mut Stage) {
    for (who, what, goes_on, _, _) in LINGERING {
        let config = client_config(&identity(stage, who));
        let start = whole(&DeliverFrame { frame: Some(Large::new(stage).start(stage)) });
        let task = goes_on(stage.bench.xb.listening.clone(), config, start);
        stage.waiting.insert(what, tokio::spawn(task));
    }
}

pub fn rows() -> Vec<Row> {
    let mut rows = many();
    for (who, what, _, told, log) in LINGERING {
        rows.push(row(who, what, told(), 0, move |stage| {
            Box::pin(async move {
                if stage.waiting.is_empty() {
                    begin(stage);
                }
                let told = stage.waiting.remove(what).unwrap().await.unwrap();
                match stage.said().contains(log) {
                    true => told,
                    false => Told::Words(format!("{told:?}, and the log says nothing of {log:?}")),
                }
            })
        }));
    }
    rows.push(elsewhere(
        Stranger,
        "a connection after a Hello that proved nothing",
        "wire.rs",
        "a_certificate_that_no_paired_chain_proves_gets_nothing_but_hello",
    ));
    rows
}

/// How many of these the gateway ends at once, and whether those are the first.
async fn oldest_ended(wires: &mut [Wire]) -> Told {
    let mut ended = Vec::new();
    for wire in wires {
        // The first shows how long it takes.
        let patience = if ended.iter().all(|ended| *ended) { AT_ONCE } else { Duration::from_millis(20) };
        ended.push(wire.ends_within(patience).await);
    }
    let count = ended.iter().filter(|ended| **ended).count();
    match ended[..count].iter().all(|ended| *ended) {
        true => Told::Answered(count),
        false => Told::Words(format!("{ended:?}")),
    }
}

/// Whether the paired attacker's own key still gets an answer over a new connection.
async fn answered(stage: &Stage) {
    let mut client = peer_client(&stage.bench.identity, &stage.bench.xb.listening);
    client.held_checkpoint(HeldCheckpointRequest {}).await.unwrap();
}

fn many() -> Vec<Row> {
    vec![
        row(
            Stranger,
            "a hundred handshakes that never begin",
            Told::Words("the oldest give way".into()),
            0,
            |stage| {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for _ in 0..100 {
                        all.push(TcpStream::connect(&stage.bench.xb.listening).await.unwrap());
                    }
                    // Honest peers find a place among them.
                    let sent = stage.xc.send("XB", "").0;
                    settled(&stage.xc, &sent).await;
                    answered(stage).await;
                    let mut ended = Vec::new();
                    for tcp in &mut all {
                        let read =
                            tokio::time::timeout(Duration::from_millis(20), tcp.read(&mut [0; 8])).await;
                        ended.push(read.is_ok());
                    }
                    // Connections that were made meanwhile took places too.
                    let gave_way = stage.said().matches("gives way to newer ones").count();
                    match ended[..36].iter().all(|ended| *ended) && gave_way >= 36 {
                        true => Told::Words("the oldest give way".into()),
                        false => Told::Words(format!("{ended:?}")),
                    }
                })
            },
        )
        .logged("TLS handshake gives way to newer ones"),
        // The one that XA makes then takes a place too.
        row(Stranger, "ninety connections of three keys", Told::Answered(27), 0, |stage| {
            Box::pin(async move {
                let keys = [Presented::p256(), Presented::p256(), Presented::p256()];
                let mut all = Vec::new();
                for key in keys.iter().cycle().take(90) {
                    let config = key.client_config(&stage.stranger.identity());
                    all.push(Wire::at(&stage.bench.xb.listening, config).await);
                    // In the order in which they are made.
                    all.last_mut().unwrap().begin().await;
                    all.last_mut().unwrap().next().await;
                }
                answered(stage).await;
                oldest_ended(&mut all).await
            })
        })
        .logged("a connection that proved nobody gives way"),
        row(
            Peer,
            "eight hundred calls that do not end, over eight connections",
            Told::Answered(672),
            0,
            |stage| {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for _ in 0..8 {
                        let mut wire = Wire::open(stage, Peer).await;
                        let tell = |n: u32| {
                            frame(HEADERS, END_HEADERS, 2 * n + 1, &call("/rogatory.peer.v1.Peer/Tell"))
                        };
                        wire.say(&(0..100).flat_map(tell).collect::<Vec<_>>()).await;
                        all.push(wire);
                    }
                    // Those that have a place wait; the rest is told to come again.
                    let (mut answered, patience) = (0, Instant::now() + PATIENCE);
                    while answered < 672 && Instant::now() < patience {
                        for wire in &mut all {
                            answered += wire.answers(Duration::from_millis(50)).await;
                        }
                    }
                    for wire in &mut all {
                        answered += wire.answers(Duration::from_millis(200)).await;
                    }
                    drop(all);
                    // An honest peer has its own.
                    let sent = stage.xc.send("XB", "").0;
                    settled(&stage.xc, &sent).await;
                    Told::Answered(answered)
                })
            },
        ),
        row(Peer, "forty connections of one key", Told::Words("the newest are closed".into()), 0, |stage| {
            Box::pin(async move {
                let mut all = Vec::new();
                for _ in 0..40 {
                    let mut wire = Wire::silent(stage, Peer).await;
                    wire.begin().await;
                    all.push(wire);
                }
                let sent = stage.xc.send("XB", "").0;
                settled(&stage.xc, &sent).await;
                let mut ended = Vec::new();
                for wire in &mut all {
                    ended.push(wire.ends_within(Duration::from_millis(50)).await);
                }
                // The bench itself has connections of this key.
                match !ended[..20].iter().any(|ended| *ended) && ended[32..].iter().all(|ended| *ended) {
                    true => Told::Words("the newest are closed".into()),
                    false => Told::Words(format!("{ended:?}")),
                }
            })
        })
        .logged("too many connections with this TLS key"),
    ]
}
