//! Calls that no client of ours makes, over HTTP/2 that is as it should be.

use crate::stage::{Row, Stage, Told, Who, Who::Peer, Who::Stranger, elsewhere, row};
use crate::support::lines::Collection;
use crate::support::{PATIENCE, peer_client, settled};
use crate::wires::{client_config, identity, tls_at};
use h2::client::SendRequest;
use prost::bytes::Bytes;
use rogatory::format::packet::SignedHeader;
use rogatory::format::wire::{
    CollectUp, Deferral, DeliverFrame, HelloRequest, TellRequest, collect_down::Down, deliver_frame::Frame,
};
use rustls::ClientConfig;
use std::time::Duration;
use tonic::Code;

const PEER: &str = "/rogatory.peer.v1.Peer";

/// A call, as it is written.
pub struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    /// The body is said so many times.
    times: usize,
    /// Whether it then ends.
    ends: bool,
}

impl Call {
    fn to(path: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", "application/grpc"), ("te", "trailers")];
        Self { method: "POST", path: path.to_owned(), headers, body, times: 1, ends: true }
    }

    fn peer(call: &str, body: Vec<u8>) -> Self {
        Self::to(&format!("{PEER}/{call}"), body)
    }

    /// What it comes to.
    async fn made(self, stage: &Stage, who: Who) -> Told {
        self.made_at(&stage.bench.xb.listening, client_config(&identity(stage, who)), PATIENCE).await
    }

    /// A call of a peer that says this much and does not end.
    pub fn unended(call: &str, body: Vec<u8>) -> Self {
        Self { ends: false, ..Self::peer(call, body) }
    }

    /// The same at an address.
    pub async fn made_at(self, address: &str, config: ClientConfig, patience: Duration) -> Told {
        let tls = tls_at(address, config).await.unwrap();
        let (sender, connection) = h2::client::handshake(tls).await.unwrap();
        let driven = tokio::spawn(connection);
        let told = tokio::time::timeout(patience, self.over(sender)).await.expect("an answer");
        driven.abort();
        told.unwrap_or_else(|error| match error.reason() {
            Some(reason) if error.is_reset() => Told::Reset(reason),
            Some(reason) => Told::GoAway(reason, String::new()),
            None => Told::Closed,
        })
    }

    async fn over(self, sender: SendRequest<Bytes>) -> Result<Told, h2::Error> {
        let mut request =
            http::Request::builder().method(self.method).uri(format!("https://rogatory{}", self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let (answer, mut body) = sender.ready().await?.send_request(request.body(()).unwrap(), false)?;
        let (bytes, times, ends) = (Bytes::from(self.body), self.times, self.ends);
        // Who is answered may stop.
        let saying = tokio::spawn(async move {
            for number in 1..=times {
                body.reserve_capacity(bytes.len());
                while body.capacity() < bytes.len().min(16 << 10) {
                    match std::future::poll_fn(|cx| body.poll_capacity(cx)).await {
                        Some(Ok(_)) => {}
                        _ => return,
                    }
                }
                if body.send_data(bytes.clone(), ends && number == times).is_err() {
                    return;
                }
            }
            // Not reset as long as an answer is waited for.
            std::future::pending::<()>().await;
        });
        let answer = answer.await?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Ok(Told::Http(status));
        }
        let (head, mut rest) = answer.into_parts();
        let mut trailers = head.headers;
        if !trailers.contains_key("grpc-status") {
            while let Some(data) = rest.data().await {
                rest.flow_control().release_capacity(data?.len())?;
            }
            trailers = rest.trailers().await?.unwrap_or_default();
        }
        saying.abort();
        let status = tonic::Status::from_header_map(&trailers).expect("a status");
        Ok(Told::status(&status))
    }
}

/// A message as gRPC frames it.
pub fn message(flag: u8, length: usize, bytes: &[u8]) -> Vec<u8> {
    [&[flag], &(length as u32).to_be_bytes()[..], bytes].concat()
}

pub fn whole(of: &impl prost::Message) -> Vec<u8> {
    let bytes = of.encode_to_vec();
    message(0, bytes.len(), &bytes)
}

fn grpc(code: Code, words: &str) -> Told {
    Told::Grpc(code, words.into())
}

/// By whom, what, the call, and what it comes to.
type Odd = (&'static [Who], &'static str, fn() -> Call, fn() -> Told);

const BOTH: &[Who] = &[Peer, Stranger];
const ONLY_PEER: &[Who] = &[Peer];

/// Bytes that say of themselves that they are compressed: gzip of a gibibyte of zeros begins so.
const BOMB: [u8; 20] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xec, 0xc1, 1, 1, 0, 0, 0, 0x80, 0x90, 0xfe];

const ODD: [Odd; 14] = [
    (
        BOTH,
        "an unknown method",
        || Call::peer("Nothing", message(0, 0, &[])),
        || grpc(Code::Unimplemented, ""),
    ),
    (
        BOTH,
        "an unknown service",
        || Call::to("/rogatory.peer.v2.Peer/Hello", message(0, 0, &[])),
        || grpc(Code::Unimplemented, ""),
    ),
    (
        BOTH,
        "what only officers may call",
        || Call::to("/rogatory.v1.Officer/Packets", message(0, 0, &[])),
        || grpc(Code::Unimplemented, ""),
    ),
    (
        BOTH,
        "what only operators may call",
        || Call::to("/rogatory.v1.Operator/Peers", message(0, 0, &[])),
        || grpc(Code::Unimplemented, ""),
    ),
    (
        BOTH,
        "what describes the services",
        || Call::to("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", message(0, 0, &[])),
        || grpc(Code::Unimplemented, ""),
    ),
    (
        BOTH,
        "a path that climbs",
        || Call::to("/rogatory.peer.v1.Peer/../../etc/passwd", message(0, 0, &[])),
        || grpc(Code::Unimplemented, ""),
    ),
    (
        BOTH,
        "a gzip bomb, named",
        || {
            let mut call = Call::peer("Hello", message(1, BOMB.len(), &BOMB));
            call.headers.push(("grpc-encoding", "gzip"));
            call
        },
        || grpc(Code::Unimplemented, "Content is compressed with `gzip` which isn't supported"),
    ),
    (
        BOTH,
        "a gzip bomb, not named",
        || Call::peer("Hello", message(1, BOMB.len(), &BOMB)),
        || {
            grpc(
                Code::Internal,
                "protocol error: received message with compressed-flag but no grpc-encoding was specified",
            )
        },
    ),
    (
        BOTH,
        "a flag that nobody knows",
        || Call::peer("Hello", message(7, 0, &[])),
        || {
            grpc(
                Code::Internal,
                "protocol error: received message with invalid compression flag: 7 (valid flags are 0 and 1), while sending request",
            )
        },
    ),
    (
        BOTH,
        "four gibibytes announced",
        || Call::peer("Hello", message(0, u32::MAX as usize, &[0; 64])),
        || {
            grpc(
                Code::OutOfRange,
                "Error, decoded message length too large: found 4294967295 bytes, the limit is: 1048576 bytes",
            )
        },
    ),
    (
        BOTH,
        "a Hello without a name",
        || Call::peer("Hello", whole(&HelloRequest::default())),
        || grpc(Code::InvalidArgument, "malformed"),
    ),
    (
        ONLY_PEER,
        "nothing is told",
        || Call::peer("Tell", whole(&TellRequest::default())),
        || grpc(Code::InvalidArgument, "nothing is told"),
    ),
    (
        ONLY_PEER,
        "frames of nothing, without end",
        || Call { times: 100_000, ..Call::peer("Deliver", whole(&DeliverFrame::default()).repeat(100)) },
        || grpc(Code::InvalidArgument, "an empty frame"),
    ),
    (
        ONLY_PEER,
        "answers that nobody asked for, without end",
        || {
            // A collection that does not begin with its start.
            Call { times: 100_000, ..Call::peer("Collect", whole(&CollectUp::default()).repeat(100)) }
        },
        || grpc(Code::Ok, ""),
    ),
];

/// Bytes of another message in each call.
fn other_messages() -> Vec<Row> {
    let other = Deferral { suite: 1, issuer: "XA".into(), at: 5, retry_after: 9, ..Deferral::default() };
    let calls = ["Hello", "Deliver", "Tell", "Collect", "Consistency"];
    let rows = calls.into_iter().map(|call| {
        let body = whole(&other);
        row(Peer, format!("another message in {call}"), undecodable(call), 0, move |stage| {
            let body = body.clone();
            Box::pin(async move {
                match Call::peer(call, body).made(stage, Peer).await {
                    // What the decoder says is its own.
                    Told::Grpc(Code::Internal, words) if words.starts_with("failed to decode") => {
                        undecodable(call)
                    }
                    other => other,
                }
            })
        })
    });
    rows.collect()
}

fn undecodable(call: &str) -> Told {
    match call {
        // The stream is open by then, and ends.
        "Collect" => grpc(Code::Ok, ""),
        _ => grpc(Code::Internal, "failed to decode"),
    }
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (by, what, call, told) in ODD {
        for who in by.iter().copied() {
            rows.push(row(who, what, told(), 0, move |stage| {
                Box::pin(async move { call().made(stage, who).await })
            }));
        }
    }
    rows.extend(other_messages());
    for call in ["Deliver", "Tell", "Collect", "HeldCheckpoint", "Consistency"] {
        let told = grpc(Code::Unauthenticated, "this TLS key is not proved: say Hello");
        rows.push(
            row(Stranger, format!("{call}, without a key that proves anybody"), told, 0, move |stage| {
                Box::pin(async move { Call::peer(call, message(0, 0, &[])).made(stage, Stranger).await })
            })
            .logged("no paired authority's statements prove this TLS key"),
        );
    }
    rows.extend(collections());
    rows.extend([
        elsewhere(
            Stranger,
            "a Hello in the name of a peer",
            "handshake.rs",
            "each_reason_is_told_to_the_caller_and_stands_in_the_log",
        ),
        elsewhere(
            Peer,
            "a message of two mebibytes",
            "wire.rs",
            "oversized_and_malformed_messages_are_refused_and_the_line_goes_on",
        ),
        elsewhere(
            Peer,
            "statements that nobody may say",
            "attackers.rs",
            "statements_that_nobody_may_say_are_refused_and_honest_peers_go_on",
        ),
    ]);
    rows
}

fn collections() -> Vec<Row> {
    vec![
        row(
            Peer,
            "a Hello of 65 statements",
            grpc(Code::InvalidArgument, "against the protocol"),
            0,
            |stage| {
                Box::pin(async move {
                    let fingerprint = stage.bench.identity.chain().fingerprint().to_vec();
                    let shown = vec![vec![7; 100]; 65];
                    let hello = HelloRequest {
                        authority: "XA".into(),
                        fingerprint,
                        shown,
                        ..HelloRequest::default()
                    };
                    Call::peer("Hello", whole(&hello)).made(stage, Peer).await
                })
            },
        ),
        row(
            Peer,
            "collects, while something waits for another peer",
            Told::Words("only its own".into()),
            1,
            |stage| {
                Box::pin(async move {
                    // What waits for XC, and what waits for XA.
                    assert!(stage.xc.stop().await.success());
                    let (theirs, _) = stage.bench.xb.send("XC", "");
                    let (ours, _) = stage.bench.xb.send("XA", "");
                    let client = peer_client(&stage.bench.identity, &stage.bench.xb.listening);
                    let mut line = Collection::open(client).await;
                    let mut told = Told::Words("only its own".into());
                    // The line is served for some seconds after what is its own has come.
                    let mut until = tokio::time::Instant::now() + PATIENCE;
                    let mut came = false;
                    while let Ok(next) = tokio::time::timeout_at(until, line.next()).await {
                        match next {
                            Ok(Some(Down::Frame(DeliverFrame { frame: Some(Frame::Start(start)) }))) => {
                                let header = SignedHeader::danger_unverified(&start.header).unwrap().header;
                                match header.recipient.as_str() {
                                    "XA" if header.id.to_string() == ours => {
                                        came = true;
                                        until = tokio::time::Instant::now() + Duration::from_secs(2);
                                    }
                                    other => told = Told::Words(format!("a packet for {other}")),
                                }
                            }
                            Ok(Some(Down::Frame(_) | Down::End(_))) => {}
                            // What else is wanted gets no answer: another stream.
                            _ => {
                                let client = peer_client(&stage.bench.identity, &stage.bench.xb.listening);
                                line = Collection::open(client).await;
                            }
                        }
                    }
                    assert!(came, "nothing came");
                    stage.xc.serve().await;
                    settled(&stage.bench.xb, &theirs).await;
                    told
                })
            },
        ),
        row(
            Peer,
            "collects over seventeen streams",
            grpc(Code::ResourceExhausted, "enough streams are open"),
            0,
            |stage| {
                Box::pin(async move {
                    let client = || peer_client(&stage.bench.identity, &stage.bench.xb.listening);
                    let mut lines = Vec::new();
                    for _ in 0..16 {
                        lines.push(Collection::open(client()).await);
                    }
                    let mut one_more = Collection::open(client()).await;
                    match one_more.next().await {
                        Err(status) => Told::status(&status),
                        Ok(down) => Told::Words(format!("{down:?}")),
                    }
                })
            },
        ),
    ]
}
