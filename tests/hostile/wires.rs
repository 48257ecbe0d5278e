//! HTTP/2 frames by hand (RFC 9113) over real TLS.

use crate::stage::{Stage, Told, Who};
use crate::support::PATIENCE;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::identity::Identity;
use rogatory::gateway::tls::Credentials;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame, whatever is in it.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header field as it is, without index and Huffman code (RFC 7541, section 6.2.2).
pub fn field(name: &str, value: &[u8]) -> Vec<u8> {
    let mut field = vec![0];
    for part in [name.as_bytes(), value] {
        integer(&mut field, part.len());
        field.extend(part);
    }
    field
}

/// The same, put into the dynamic table.
pub fn indexed(name: &str, value: &[u8]) -> Vec<u8> {
    let mut field = field(name, value);
    field[0] = 0x40;
    field
}

fn integer(to: &mut Vec<u8>, mut number: usize) {
    if number < 127 {
        return to.push(number as u8);
    }
    to.push(127);
    number -= 127;
    while number >= 128 {
        to.push((number % 128) as u8 | 128);
        number /= 128;
    }
    to.push(number as u8);
}

/// The header block of a call.
pub fn call(path: &str) -> Vec<u8> {
    let fields: [(&str, &str); 6] = [
        (":method", "POST"),
        (":scheme", "https"),
        (":path", path),
        (":authority", "rogatory"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    fields.iter().flat_map(|(name, value)| field(name, value.as_bytes())).collect()
}

/// The beginning of a Hello: a stranger may say it.
pub fn begin(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &call("/rogatory.peer.v1.Peer/Hello"))
}

/// A connection on which anything may be written.
pub struct Wire {
    tls: TlsStream<TcpStream>,
}

/// A frame that came.
#[derive(Debug)]
pub struct Came {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

pub fn client_config(identity: &Identity) -> ClientConfig {
    let credentials = Credentials::new(identity, Arc::new(SystemEntropy::default())).unwrap();
    ClientConfig::clone(&credentials.client)
}

pub fn identity(stage: &Stage, who: Who) -> Identity {
    match who {
        Who::Stranger => stage.stranger.identity(),
        _ => stage.xa_identity(),
    }
}

/// A TLS connection to the gateway under attack; an error is what the handshake came to.
pub async fn tls(stage: &Stage, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    tls_at(&stage.bench.xb.listening, config).await
}

/// The same at an address.
pub async fn tls_at(address: &str, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("rogatory").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

impl Wire {
    /// With the preface said, and nothing else.
    pub async fn open(stage: &Stage, who: Who) -> Self {
        let mut wire = Self::silent(stage, who).await;
        wire.begin().await;
        wire
    }

    /// Says the preface.
    pub async fn begin(&mut self) {
        self.say(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
    }

    /// With nothing said after the handshake.
    pub async fn silent(stage: &Stage, who: Who) -> Self {
        Self::at(&stage.bench.xb.listening, client_config(&identity(stage, who))).await
    }

    /// The same at an address.
    pub async fn at(address: &str, config: ClientConfig) -> Self {
        Self { tls: tls_at(address, config).await.unwrap() }
    }

    /// Makes a call that only a peer may make, and waits for its end.
    pub async fn prove(&mut self) {
        let path = call("/rogatory.peer.v1.Peer/HeldCheckpoint");
        // An empty message: not compressed, of no bytes.
        self.say(&[frame(HEADERS, END_HEADERS, 1, &path), frame(DATA, END_STREAM, 1, &[0; 5])].concat())
            .await;
        let ends = |came: &Came| came.stream == 1 && came.kind == HEADERS && came.flags & END_STREAM != 0;
        assert_eq!(self.answered(1, ends).await, Told::Answered(1));
    }

    /// Writes, unless the other side has gone.
    pub async fn say(&mut self, bytes: &[u8]) {
        let written = async {
            self.tls.write_all(bytes).await?;
            self.tls.flush().await
        };
        // Whoever is gone says why in what can still be read.
        drop(tokio::time::timeout(PATIENCE, written).await.expect("what is written is read"));
    }

    /// Writes again and again, reading nothing, until nobody reads for five seconds; at most so
    /// many bytes.
    pub async fn press(&mut self, bytes: &[u8], most: usize) -> Told {
        let mut written = 0;
        while written < most {
            match tokio::time::timeout(Duration::from_secs(5), self.tls.write_all(bytes)).await {
                Err(_) => return Told::Stalled,
                Ok(Err(_)) => return self.fate().await,
                Ok(Ok(())) => written += bytes.len(),
            }
        }
        Told::Words(format!("{written} bytes were taken"))
    }

    /// The next frame; none at the end of the connection.
    pub async fn next(&mut self) -> Option<Came> {
        let read = async {
            let mut head = [0; 9];
            self.tls.read_exact(&mut head).await?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let mut payload = vec![0; length];
            self.tls.read_exact(&mut payload).await?;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
            Ok::<_, std::io::Error>(Came { kind: head[3], flags: head[4], stream, payload })
        };
        tokio::time::timeout(PATIENCE, read).await.expect("a frame, or the end").ok()
    }

    /// What ends a stream or the connection, if it is no answer.
    pub async fn fate(&mut self) -> Told {
        while let Some(came) = self.next().await {
            let reason = |at: usize| {
                h2::Reason::from(u32::from_be_bytes(came.payload[at..at + 4].try_into().unwrap()))
            };
            match came.kind {
                GOAWAY => {
                    return Told::GoAway(reason(4), String::from_utf8_lossy(&came.payload[8..]).into_owned());
                }
                RST_STREAM => return Told::Reset(reason(0)),
                _ => {}
            }
        }
        Told::Closed
    }

    /// How many frames like this come, of so many that are wanted; then whether the connection
    /// goes on.
    pub async fn answered(&mut self, wanted: usize, like: impl Fn(&Came) -> bool) -> Told {
        let mut count = 0;
        while count < wanted {
            match self.next().await {
                Some(came) if like(&came) => count += 1,
                Some(came) if matches!(came.kind, GOAWAY | RST_STREAM) => {
                    return Told::Words(format!("{came:?} after {count}"));
                }
                Some(_) => {}
                None => return Told::Words(format!("the end after {count}")),
            }
        }
        Told::Answered(count)
    }

    /// How many calls are answered, until nothing comes for this time.
    pub async fn answers(&mut self, quiet: Duration) -> usize {
        let mut count = 0;
        while let Ok(Some(came)) = tokio::time::timeout(quiet, self.next()).await {
            count += usize::from(came.kind == HEADERS && came.flags & END_STREAM != 0);
        }
        count
    }

    /// Whether the gateway has ended it, or does within this time.
    pub async fn ends_within(&mut self, time: Duration) -> bool {
        let ended = async {
            let mut bytes = [0; 4096];
            while !matches!(self.tls.read(&mut bytes).await, Ok(0) | Err(_)) {}
        };
        tokio::time::timeout(time, ended).await.is_ok()
    }
}
