//! TLS and HTTP/2, by whoever has a peer's TLS key and by a stranger alike.

use crate::stage::{Row, Stage, Told, Who, Who::Peer, Who::Stranger, elsewhere, row};
use crate::wires::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
    Wire, begin, call, client_config, field, frame, identity, indexed, tls,
};
use h2::Reason;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Frames of one kind that are sent at once.
const MANY: usize = 10_000;
/// Streams that may be open on a connection.
const STREAMS: u32 = 128;

/// What is written on a connection after the preface, and what it comes to.
type Attack = (&'static str, fn() -> Vec<u8>, fn() -> Told);

fn go_away(reason: Reason, words: &str) -> Told {
    Told::GoAway(reason, words.into())
}

const ATTACKS: [Attack; 18] = [
    (
        "rapid reset (CVE-2023-44487)",
        || {
            let one = |n: u32| [begin(2 * n + 1), frame(RST_STREAM, 0, 2 * n + 1, &[0, 0, 0, 8])].concat();
            (0..2000).flat_map(one).collect()
        },
        || go_away(Reason::ENHANCE_YOUR_CALM, "too_many_resets"),
    ),
    (
        "CONTINUATION without end",
        || {
            let mut flood = frame(HEADERS, END_STREAM, 1, &call("/"));
            (0..1000).for_each(|_| flood.extend(frame(CONTINUATION, 0, 1, &field("x", b"y"))));
            flood
        },
        || go_away(Reason::ENHANCE_YOUR_CALM, "too_many_continuations"),
    ),
    (
        "empty CONTINUATION without end",
        || {
            let mut flood = frame(HEADERS, END_STREAM, 1, &call("/"));
            (0..1000).for_each(|_| flood.extend(frame(CONTINUATION, 0, 1, &[])));
            flood
        },
        || go_away(Reason::ENHANCE_YOUR_CALM, "too_many_continuations"),
    ),
    (
        "a CONTINUATION of another stream",
        || [frame(HEADERS, 0, 1, &call("/")), frame(CONTINUATION, END_HEADERS, 3, &[])].concat(),
        || go_away(Reason::PROTOCOL_ERROR, ""),
    ),
    (
        "a header block that is never said to end, and a PING in it",
        || [frame(HEADERS, 0, 1, &call("/")), frame(PING, 0, 0, &[0; 8])].concat(),
        || go_away(Reason::PROTOCOL_ERROR, ""),
    ),
    (
        "a header of 12 KiB",
        || frame(HEADERS, END_HEADERS, 1, &[call("/"), field("x", &[b'y'; 12 << 10])].concat()),
        || Told::Reset(Reason::PROTOCOL_ERROR),
    ),
    (
        "a header of 64 KiB",
        || {
            let block = [call("/"), field("x", &[b'y'; 64 << 10])].concat();
            let mut pieces = block.chunks(16 << 10);
            let mut frames = frame(HEADERS, 0, 1, pieces.next().unwrap());
            pieces.for_each(|piece| frames.extend(frame(CONTINUATION, 0, 1, piece)));
            frames
        },
        || go_away(Reason::ENHANCE_YOUR_CALM, "header_list_way_too_large"),
    ),
    (
        "an HPACK bomb: a field of 4 KiB, named 5,000 times",
        || {
            let block = [call("/"), indexed("x", &[b'y'; 4000]), vec![0x80 | 62; 5000]].concat();
            frame(HEADERS, END_HEADERS, 1, &block)
        },
        || go_away(Reason::ENHANCE_YOUR_CALM, "header_list_way_too_large"),
    ),
    (
        "an index that no table has",
        || frame(HEADERS, END_HEADERS, 1, &[0xff, 0xff, 0xff, 0x7f]),
        || go_away(Reason::PROTOCOL_ERROR, ""),
    ),
    (
        "WINDOW_UPDATE of nothing, for the connection",
        || frame(WINDOW_UPDATE, 0, 0, &[0; 4]),
        || go_away(Reason::PROTOCOL_ERROR, ""),
    ),
    (
        "WINDOW_UPDATE of nothing, for a stream",
        || [begin(1), frame(WINDOW_UPDATE, 0, 1, &[0; 4])].concat(),
        || go_away(Reason::PROTOCOL_ERROR, ""),
    ),
    (
        "WINDOW_UPDATE beyond 2^31 for the connection",
        || frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]).repeat(2),
        || go_away(Reason::FLOW_CONTROL_ERROR, ""),
    ),
    (
        "WINDOW_UPDATE beyond 2^31 for a stream",
        || [begin(1), frame(WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xff]).repeat(2)].concat(),
        || Told::Reset(Reason::FLOW_CONTROL_ERROR),
    ),
    ("a frame of a mebibyte", || frame(DATA, 0, 1, &[0; 1 << 20]), || go_away(Reason::FRAME_SIZE_ERROR, "")),
    ("SETTINGS of five bytes", || frame(SETTINGS, 0, 0, &[0; 5]), || go_away(Reason::PROTOCOL_ERROR, "")),
    ("a stream that only a server may open", || begin(2), || go_away(Reason::PROTOCOL_ERROR, "")),
    (
        "empty DATA without end",
        || [begin(1), frame(DATA, 0, 1, &[]).repeat(50_000)].concat(),
        || go_away(Reason::ENHANCE_YOUR_CALM, "too_many_data_frames"),
    ),
    (
        "more streams than may be open",
        || (0..=STREAMS).flat_map(|n| begin(2 * n + 1)).collect(),
        || Told::Reset(Reason::REFUSED_STREAM),
    ),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for who in [Peer, Stranger] {
        for (what, bytes, told) in ATTACKS {
            rows.push(row(who, what, told(), 0, move |stage| {
                Box::pin(async move {
                    let mut wire = Wire::open(stage, who).await;
                    wire.say(&bytes()).await;
                    wire.fate().await
                })
            }));
        }
        rows.extend(answered(who));
        rows.extend(other_protocols(who));
    }
    rows.extend(certificates());
    rows
}

type Answering = fn(&mut Stage, Who) -> Pin<Box<dyn Future<Output = Told> + '_>>;

/// What is answered, as much as it is, and costs whoever asks more than whoever answers.
fn answered(who: Who) -> Vec<Row> {
    let rows: [(&str, Told, Answering); 2] = [
        ("ten thousand SETTINGS", Told::Answered(MANY), |stage, who| {
            Box::pin(async move {
                let mut wire = Wire::open(stage, who).await;
                // The first is that of the preface.
                wire.say(&frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]).repeat(MANY - 1)).await;
                wire.answered(MANY, |came| came.kind == SETTINGS && came.flags == ACK).await
            })
        }),
        ("ten thousand PINGs", Told::Answered(MANY), |stage, who| {
            Box::pin(async move {
                let mut wire = Wire::open(stage, who).await;
                wire.say(&frame(PING, 0, 0, b"12345678").repeat(MANY)).await;
                wire.answered(MANY, |came| came.kind == PING && came.flags == ACK).await
            })
        }),
    ];
    rows.into_iter()
        .map(|(what, told, does)| row(who, what, told, 0, move |stage| does(stage, who)))
        .chain(unread(who))
        .collect()
}

/// Somebody who asks without end and does not read the answers. A peer is not read from until it
/// does; whoever proves nobody is cut.
fn unread(who: Who) -> [Row; 2] {
    type Asked = (&'static str, fn() -> Vec<u8>);
    let asking: [Asked; 2] = [
        ("PINGs without end, and no answer is read", || frame(PING, 0, 0, b"12345678").repeat(1000)),
        ("SETTINGS without end, and no answer is read", || frame(SETTINGS, 0, 0, &[]).repeat(1000)),
    ];
    asking.map(|(what, asked)| {
        let (told, log) = match who {
            Peer => (Told::Stalled, ""),
            _ => (Told::Closed, "it says much, and proves nobody"),
        };
        row(who, what, told, 0, move |stage| {
            Box::pin(async move {
                let mut wire = Wire::open(stage, who).await;
                if who == Peer {
                    wire.prove().await;
                }
                wire.press(&asked(), 64 << 20).await
            })
        })
        .logged(log)
    })
}

/// What is no HTTP/2.
fn other_protocols(who: Who) -> Vec<Row> {
    vec![
        row(who, "HTTP/1.1", Told::Closed, 0, move |stage| {
            Box::pin(async move {
                let mut wire = Wire::silent(stage, who).await;
                wire.say(b"GET / HTTP/1.1\r\nhost: rogatory\r\n\r\n").await;
                wire.fate().await
            })
        }),
        row(who, "a preface that is none", Told::Closed, 0, move |stage| {
            Box::pin(async move {
                let mut wire = Wire::silent(stage, who).await;
                wire.say(&[0; 4096]).await;
                wire.fate().await
            })
        }),
        // no_application_protocol
        row(who, "only HTTP/1.1 is offered in ALPN", Told::Alert(120), 0, move |stage| {
            Box::pin(async move {
                let mut config = client_config(&identity(stage, who));
                config.alpn_protocols = vec![b"http/1.1".to_vec()];
                alert(tls(stage, config).await.expect_err("it is refused"))
            })
        })
        .logged("TLS handshake failed"),
    ]
}

fn certificates() -> Vec<Row> {
    vec![
        // certificate_required: told after the client has ended its part of the handshake.
        row(Stranger, "no certificate", Told::Alert(116), 0, |stage| {
            Box::pin(async move {
                let mut config = client_config(&stage.stranger.identity());
                config.client_auth_cert_resolver = Arc::new(NoCertificate);
                let mut tls = tls(stage, config).await.unwrap();
                drop(tls.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await);
                alert(tls.read(&mut [0; 64]).await.expect_err("it is refused"))
            })
        })
        .logged("TLS handshake failed"),
        // decode_error or unexpected_message: no record of TLS.
        row(Stranger, "HTTP without TLS", Told::Closed, 0, |stage| {
            Box::pin(async move {
                let mut tcp = tokio::net::TcpStream::connect(&stage.bench.xb.listening).await.unwrap();
                tcp.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
                let mut said = Vec::new();
                tcp.read_to_end(&mut said).await.ok();
                Told::Closed
            })
        })
        .logged("TLS handshake failed"),
        elsewhere(
            Stranger,
            "a certificate that proves nobody",
            "handshake.rs",
            "each_reason_is_told_to_the_caller_and_stands_in_the_log",
        ),
        elsewhere(
            Stranger,
            "a certificate of another's key",
            "handshake.rs",
            "a_handshake_that_fails_names_the_certificate",
        ),
        elsewhere(Stranger, "TLS 1.2", "attackers.rs", "tls_1_2_is_refused_with_its_alert"),
        elsewhere(
            Stranger,
            "a ticket, and early data",
            "attackers.rs",
            "a_ticket_and_early_data_get_a_full_handshake_and_no_ticket",
        ),
        elsewhere(Stranger, "counted, in one entry", "wire.rs", "strangers_are_counted_in_one_entry"),
    ]
}

/// Somebody who has none.
#[derive(Debug)]
struct NoCertificate;

impl rustls::client::ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// The alert that the gateway sent.
fn alert(error: std::io::Error) -> Told {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => Told::Alert((*alert).into()),
        _ => Told::Words(error.to_string()),
    }
}
