//! Packets that their author made wrong, sends wrongly, or sends again.

use crate::stage::{Row, Stage, Told, Who::Peer, against_the_protocol, elsewhere, row};
use crate::support::logs::{self, MINUTE, Pair, name};
use crate::support::raw::{Packet, Said};
use crate::support::until;
use prost::Message as _;
use rogatory::crypto::hash::sha256;
use rogatory::crypto::object::SEALED_CHUNK;
use rogatory::exchange::Answer;
use rogatory::exchange::accept::Admission;
use rogatory::format::envelope::{PayloadType, sign};
use rogatory::format::packet::Header;
use rogatory::format::suite::Suite;
use rogatory::format::wire::{
    Attachment, Chunk, PacketHeader, Request, Signed, Start, cause::Code as Cause, deliver_frame::Frame,
};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::time::Duration;
use tonic::Code;

/// A change of the signed bytes, and what comes of it.
type Change = (&'static str, fn(&mut PacketHeader), Cause);

/// Every field that a header must have, each left out in turn.
const MISSING: [Change; 16] = [
    ("suite", |h| h.suite = 0, Cause::SuiteUnsupported),
    ("sender", |h| h.sender.clear(), Cause::Malformed),
    ("recipient", |h| h.recipient.clear(), Cause::Malformed),
    ("packet_id", |h| h.packet_id.clear(), Cause::Malformed),
    ("case_id", |h| h.case_id.clear(), Cause::Malformed),
    ("kind", |h| h.kind = 0, Cause::Malformed),
    ("created", |h| h.created = 0, Cause::Malformed),
    ("expires", |h| h.expires = 0, Cause::Malformed),
    ("schema", |h| h.schema = 0, Cause::Malformed),
    ("objects", |h| h.objects.clear(), Cause::Malformed),
    ("key_box_digest", |h| h.key_box_digest.clear(), Cause::Malformed),
    ("content_key_id", |h| h.content_key_id.clear(), Cause::Malformed),
    ("objects.ciphertext_length", |h| h.objects[0].ciphertext_length = 0, Cause::Malformed),
    ("objects.chunk_root", |h| h.objects[0].chunk_root.clear(), Cause::Malformed),
    ("objects.commitment", |h| h.objects[0].commitment.clear(), Cause::Malformed),
    ("objects.plaintext_digest", |h| h.objects[0].plaintext_digest.clear(), Cause::Malformed),
];

/// Fields that are there, and are not as they may be.
const WRONG: [Change; 16] = [
    ("a predecessor at the beginning of a case", |h| h.case_prev = vec![1; 32], Cause::Malformed),
    ("no predecessor later in a case", |h| h.case_seq = 1, Cause::Malformed),
    ("a name of 300 letters", |h| h.sender = "X".repeat(300), Cause::Malformed),
    ("a name with a line break", |h| h.recipient = "XB\nXC".into(), Cause::Malformed),
    ("sender and recipient the same", |h| h.recipient = "XA".into(), Cause::Malformed),
    ("an id of 17 bytes", |h| h.packet_id.push(0), Cause::Malformed),
    ("an id that is no UUIDv7", |h| h.packet_id = vec![0xff; 16], Cause::Malformed),
    ("a kind that nobody knows", |h| h.kind = 4711, Cause::Malformed),
    ("an urgency that nobody knows", |h| h.urgency = -1, Cause::Malformed),
    ("it expires before it is made", |h| h.expires = h.created - 1, Cause::Malformed),
    ("it lives for a century", |h| h.expires = h.created + 100 * 366 * 86_400_000, Cause::Malformed),
    ("258 objects", |h| h.objects = vec![h.objects[0].clone(); 258], Cause::Malformed),
    (
        "lengths whose sum overflows",
        |h| {
            h.objects = vec![h.objects[0].clone(); 3];
            h.objects[1].ciphertext_length = u64::MAX / 2 + 1;
            h.objects[2].ciphertext_length = u64::MAX / 2 + 1;
        },
        Cause::Malformed,
    ),
    ("suite 3", |h| h.suite = 3, Cause::SuiteUnsupported),
    ("suite 2, with one signature", |h| h.suite = 2, Cause::SignatureMissing),
    ("suite 4294967295", |h| h.suite = u32::MAX, Cause::SuiteUnsupported),
];

/// A field that is added, and what comes of it.
type Added = (&'static str, fn(&mut PacketHeader), Told);

/// Fields that stand twice: of a field that is one, the last counts; objects add up.
const TWICE: [Added; 4] = [
    ("another recipient", |h| h.recipient = "XC".into(), Told::Refused(Cause::WrongRecipient)),
    // XC's statements prove no such key: perhaps they are on their way.
    ("another sender", |h| h.sender = "XC".into(), Told::Deferred(Cause::KeyUnknown)),
    ("another suite", |h| h.suite = 7, Told::Refused(Cause::SuiteUnsupported)),
    ("the same suite", |h| h.suite = 1, Told::Accepted),
];

/// The header of a packet with its fields changed, signed by its author.
fn bent(stage: &Stage, packet: &Packet, change: impl FnOnce(&mut PacketHeader)) -> Vec<u8> {
    let mut header = PacketHeader::decode(payload(stage, packet).as_slice()).unwrap();
    change(&mut header);
    signed(stage, header.encode_to_vec())
}

fn payload(stage: &Stage, packet: &Packet) -> Vec<u8> {
    Signed::decode(stage.bench.sign(packet).envelope.as_slice()).unwrap().payload
}

fn signed(stage: &Stage, payload: Vec<u8>) -> Vec<u8> {
    sign(PayloadType::Packet, payload, &stage.bench.identity.packet()).unwrap()
}

async fn told(stage: &Stage, header: Vec<u8>, packet: &Packet) -> Told {
    Told::answer(stage.bench.deliver_raw(header, packet).await)
}

/// A packet with an attachment of several chunks.
pub struct Large {
    pub header: Header,
    pub key_box: Vec<u8>,
    pub objects: Vec<Vec<u8>>,
}

impl Large {
    pub fn new(stage: &Stage) -> Self {
        Self::with(stage, &[("large.bin", &[0x5a; 3 * SEALED_CHUNK])])
    }

    /// With attachments of these names.
    pub fn with(stage: &Stage, attachments: &[(&str, &[u8])]) -> Self {
        let file = rogatory::request::file::read(&crate::support::request_file("XB", "")).unwrap();
        let described = attachments.iter().map(|(name, bytes)| Attachment {
            name: (*name).to_owned(),
            media_type: "application/octet-stream".into(),
            size: bytes.len() as u64,
            sha256: sha256(bytes).to_vec(),
            ..Attachment::default()
        });
        let body = Request { schema: 1, attachments: described.collect(), ..file.request.unwrap() };
        let plain: Vec<_> = attachments.iter().map(|(_, bytes)| *bytes).collect();
        let (header, key_box, objects) = stage.bench.sealed(Suite::One, &body, &plain);
        Self { header, key_box, objects }
    }

    pub fn start(&self, stage: &Stage) -> Frame {
        let header = self.header.clone().sign(&stage.bench.identity.packet()).unwrap().envelope;
        Frame::Start(Start { header, key_box: self.key_box.clone(), ..Start::default() })
    }

    /// All chunks, in order.
    pub fn chunks(&self) -> Vec<Chunk> {
        let of = |(object, whole): (u32, &Vec<u8>)| {
            let pieces = whole.chunks(SEALED_CHUNK).map(<[u8]>::to_vec);
            (0..).zip(pieces).map(move |(index, data)| Chunk { object, index, data }).collect::<Vec<_>>()
        };
        (0..).zip(&self.objects).flat_map(of).collect()
    }

    pub async fn deliver(&self, stage: &Stage, chunks: Vec<Chunk>) -> Told {
        let frames = std::iter::once(self.start(stage)).chain(chunks.into_iter().map(Frame::Chunk));
        frames_told(stage, frames.collect()).await
    }
}

async fn frames_told(stage: &Stage, frames: Vec<Frame>) -> Told {
    let reply = stage.bench.reply_to(tokio_stream::iter(frames)).await;
    Told::answer(reply.map(|reply| stage.bench.said(reply)))
}

/// The bytes that were said.
fn bytes(said: &Said) -> Vec<&[u8]> {
    let Said::Evidence(all) = said else { return Vec::new() };
    all.iter().map(|(_, envelope)| envelope.as_slice()).collect()
}

/// What a packet gets that was answered before, after something happened.
fn again(first: &Said, second: &Said) -> Told {
    match bytes(first) == bytes(second) {
        true => Told::AsBefore,
        false => Told::said(second),
    }
}

/// Changes to the frames of a delivery, after which it is against the protocol.
type Order = (&'static str, fn(&mut Vec<Chunk>));

const ORDER: [Order; 7] = [
    ("chunks in another order", |chunks| chunks.swap(2, 3)),
    ("a chunk twice", |chunks| chunks.insert(2, chunks[2].clone())),
    ("a chunk left out", |chunks| drop(chunks.remove(2))),
    ("objects in another order", |chunks| chunks.rotate_left(1)),
    ("a chunk more than there are", |chunks| {
        let last = chunks.last().unwrap().clone();
        chunks.push(Chunk { index: last.index + 1, ..last });
    }),
    ("an object more than there are", |chunks| {
        chunks.push(Chunk { object: 2, index: 0, data: vec![0; 100] });
    }),
    ("a chunk without bytes", |chunks| chunks.insert(1, Chunk { object: 1, ..Chunk::default() })),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (field, change, cause) in MISSING {
        rows.push(row(Peer, format!("no {field}"), Told::Refused(cause), 1, move |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                told(stage, bent(stage, &packet, change), &packet).await
            })
        }));
    }
    for (what, change, cause) in WRONG {
        rows.push(row(Peer, what, Told::Refused(cause), 1, move |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                told(stage, bent(stage, &packet, change), &packet).await
            })
        }));
    }
    for (what, change, is_told) in TWICE {
        let entries = match is_told {
            Told::Deferred(_) => 0,
            Told::Accepted => 2,
            _ => 1,
        };
        rows.push(row(Peer, format!("a field twice, then {what}"), is_told, entries, move |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let mut more = PacketHeader::default();
                change(&mut more);
                let header = [payload(stage, &packet), more.encode_to_vec()].concat();
                told(stage, signed(stage, header), &packet).await
            })
        }));
    }
    rows.extend(envelopes());
    rows.extend(replays());
    for (what, change) in ORDER {
        rows.push(row(Peer, what, against_the_protocol(), 0, move |stage| {
            Box::pin(async move {
                let large = Large::new(stage);
                let mut chunks = large.chunks();
                change(&mut chunks);
                large.deliver(stage, chunks).await
            })
        }));
    }
    rows.extend(objects());
    rows.extend([
        elsewhere(
            Peer,
            "a signature bad, missing or of another key",
            "wire.rs",
            "a_signature_bad_missing_or_of_another_key_binds_nothing",
        ),
        elsewhere(Peer, "for somebody else", "wire.rs", "a_packet_for_somebody_else_is_refused"),
        elsewhere(
            Peer,
            "of somebody who is not paired",
            "wire.rs",
            "a_packet_of_somebody_not_paired_is_refused",
        ),
        elsewhere(
            Peer,
            "the id of another packet of its own",
            "wire.rs",
            "a_reused_id_with_another_digest_is_a_signed_conflict_and_changes_nothing",
        ),
        elsewhere(
            Peer,
            "from the future, or without its predecessor",
            "wire.rs",
            "what_may_be_mended_by_waiting_is_deferred_and_binds_nothing",
        ),
        elsewhere(
            Peer,
            "expired, with another key box, root or chunk",
            "wire.rs",
            "bad_packets_of_the_right_author_are_refused_for_good",
        ),
        elsewhere(
            Peer,
            "a body that contradicts its header",
            "wire.rs",
            "content_that_contradicts_its_header_is_accepted_and_found_wanting",
        ),
    ]);
    rows
}

/// What is wrong around the signed bytes.
fn envelopes() -> Vec<Row> {
    vec![
        row(Peer, "of version 2 of the payload", Told::Refused(Cause::Malformed), 1, |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let mut envelope = Signed::decode(stage.bench.sign(&packet).envelope.as_slice()).unwrap();
                envelope.payload_type = envelope.payload_type.replace(".v1+", ".v2+");
                told(stage, envelope.encode_to_vec(), &packet).await
            })
        }),
        row(Peer, "signed as a status", Told::Refused(Cause::Malformed), 1, |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let header =
                    sign(PayloadType::Status, payload(stage, &packet), &stage.bench.identity.evidence());
                told(stage, header.unwrap(), &packet).await
            })
        }),
        row(Peer, "signed twice with one key", Told::Refused(Cause::Malformed), 1, |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let mut envelope = Signed::decode(stage.bench.sign(&packet).envelope.as_slice()).unwrap();
                envelope.signatures.push(envelope.signatures[0].clone());
                told(stage, envelope.encode_to_vec(), &packet).await
            })
        }),
        row(Peer, "a header of 70 KiB", Told::Refused(Cause::Malformed), 1, |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let mut header = payload(stage, &packet);
                // A field that nobody knows, of many bytes.
                prost::encoding::bytes::encode(999, &vec![7_u8; 70 << 10], &mut header);
                told(stage, signed(stage, header), &packet).await
            })
        }),
        row(Peer, "a key box of 3 KiB", Told::Rejected(Cause::KeyBoxInvalid), 1, |stage| {
            Box::pin(async move {
                let mut packet = stage.bench.packet();
                prost::encoding::bytes::encode(999, &vec![7_u8; 3 << 10], &mut packet.key_box);
                packet.header.key_box_digest = sha256(&packet.key_box);
                Told::said(&stage.bench.deliver(&packet).await)
            })
        }),
        row(Peer, "a key box cut off", Told::Rejected(Cause::KeyBoxInvalid), 1, |stage| {
            Box::pin(async move {
                let mut packet = stage.bench.packet();
                packet.key_box.truncate(packet.key_box.len() - 1);
                packet.header.key_box_digest = sha256(&packet.key_box);
                Told::said(&stage.bench.deliver(&packet).await)
            })
        }),
        row(Peer, "the key box of another packet", Told::Rejected(Cause::KeyBoxInvalid), 1, |stage| {
            Box::pin(async move {
                let (mut packet, other) = (stage.bench.packet(), stage.bench.packet());
                packet.key_box = other.key_box;
                packet.header.key_box_digest = other.header.key_box_digest;
                Told::said(&stage.bench.deliver(&packet).await)
            })
        }),
        row(Peer, "of a schema of tomorrow", Told::Wanting(Cause::BodyInconsistent), 2, |stage| {
            Box::pin(async move {
                let file = rogatory::request::file::read(&crate::support::request_file("XB", "")).unwrap();
                let body = Request { schema: 2, ..file.request.unwrap() };
                let mut packet = stage.bench.packet_of(Suite::One, &body);
                packet.header.schema = 2;
                Told::said(&stage.bench.deliver(&packet).await)
            })
        }),
    ]
}

/// Packets that come again, late, or under a name that somebody else uses.
fn replays() -> Vec<Row> {
    vec![
        row(Peer, "again after a restart", Told::AsBefore, 2, |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let first = stage.bench.deliver(&packet).await;
                assert!(stage.bench.xb.stop().await.success());
                stage.bench.xb.serve().await;
                let header = stage.bench.sign(&packet).envelope;
                // The connection of before is gone, which the first calls may still find out.
                until("it answers again", || async {
                    stage.bench.deliver_raw(header.clone(), &packet).await.is_ok()
                })
                .await;
                again(&first, &stage.bench.deliver(&packet).await)
            })
        }),
        row(Peer, "again after it was killed", Told::AsBefore, 2, |stage| {
            Box::pin(async move {
                let packet = stage.bench.packet();
                let first = stage.bench.deliver(&packet).await;
                stage.bench.xb.kill();
                stage.bench.xb.serve().await;
                let header = stage.bench.sign(&packet).envelope;
                until("it answers again", || async {
                    stage.bench.deliver_raw(header.clone(), &packet).await.is_ok()
                })
                .await;
                again(&first, &stage.bench.deliver(&packet).await)
            })
        }),
        row(Peer, "again after it expired", Told::AsBefore, 2, |stage| {
            Box::pin(async move {
                let mut packet = stage.bench.packet();
                packet.header.expires = SystemClock.now() + 1500;
                let first = stage.bench.deliver(&packet).await;
                until("it expires", || async { SystemClock.now() > packet.header.expires }).await;
                again(&first, &stage.bench.deliver(&packet).await)
            })
        }),
        row(Peer, "made a day ago, and first seen now", Told::Accepted, 2, |stage| {
            Box::pin(async move {
                let mut packet = stage.bench.packet();
                packet.header.created -= 24 * 3_600_000;
                Told::said(&stage.bench.deliver(&packet).await)
            })
        }),
        row(
            Peer,
            "again after ten minutes and after a day, by a clock that is moved",
            Told::AsBefore,
            0,
            |_| Box::pin(after_a_day()),
        ),
        row(Peer, "expired on the way", Told::Rejected(Cause::Expired), 1, |stage| {
            Box::pin(async move {
                let mut large = Large::new(stage);
                large.header.expires = SystemClock.now() + 1500;
                let (sender, frames) = tokio::sync::mpsc::channel(1);
                let (start, chunks, expires) = (large.start(stage), large.chunks(), large.header.expires);
                let sending = async move {
                    sender.send(start).await.unwrap();
                    while SystemClock.now() <= expires {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    for chunk in chunks {
                        sender.send(Frame::Chunk(chunk)).await.unwrap();
                    }
                };
                let frames = tokio_stream::wrappers::ReceiverStream::new(frames);
                let ((), reply) = tokio::join!(sending, stage.bench.reply_to(frames));
                Told::answer(reply.map(|reply| stage.bench.said(reply)))
            })
        }),
        row(Peer, "the id of an honest peer's packet, and its case", Told::Accepted, 2, |stage| {
            Box::pin(async move {
                let (sent, case) = stage.xc.send("XB", "");
                crate::support::settled(&stage.xc, &sent).await;
                let id = sent.parse().unwrap();
                let file = rogatory::request::file::read(&crate::support::request_file("XB", "")).unwrap();
                let body = Request { schema: 1, ..file.request.unwrap() };
                let mut packet = stage.bench.packet_under(id, Suite::One, &body);
                packet.header.case_id = case.parse().unwrap();
                let said = Told::said(&stage.bench.deliver(&packet).await);
                // Each is there, under its peer's name.
                let show = |peer: &'static str| stage.bench.xb.json(&["show", &sent, "--peer", peer]);
                assert_ne!(show("XA")["digest"], show("XC")["digest"]);
                said
            })
        }),
    ]
}

/// What is wrong with the sealed objects.
fn objects() -> Vec<Row> {
    vec![
        row(Peer, "an object withheld, and then all of it", Told::Accepted, 2, |stage| {
            Box::pin(async move {
                let large = Large::new(stage);
                let mut chunks = large.chunks();
                chunks.truncate(2);
                let first = large.deliver(stage, chunks).await;
                assert_eq!(first, Told::Deferred(Cause::ObjectsIncomplete));
                large.deliver(stage, large.chunks()).await
            })
        }),
        row(Peer, "objects swapped in the header", Told::Rejected(Cause::ObjectInvalid), 1, |stage| {
            Box::pin(async move {
                let mut large = Large::with(stage, &[("one", &[1; 500]), ("two", &[2; 500])]);
                large.header.objects.swap(1, 2);
                large.deliver(stage, large.chunks()).await
            })
        }),
        row(Peer, "objects swapped in header and frames", Told::Rejected(Cause::ObjectInvalid), 1, |stage| {
            Box::pin(async move {
                let mut large = Large::with(stage, &[("one", &[1; 500]), ("two", &[2; 500])]);
                large.header.objects.swap(1, 2);
                large.objects.swap(1, 2);
                large.deliver(stage, large.chunks()).await
            })
        }),
        row(Peer, "cut off in its last chunk", Told::Rejected(Cause::ObjectInvalid), 1, |stage| {
            Box::pin(async move {
                let large = Large::new(stage);
                let mut chunks = large.chunks();
                chunks.last_mut().unwrap().data.pop();
                large.deliver(stage, chunks).await
            })
        }),
        row(Peer, "cut off in another chunk", Told::Rejected(Cause::ObjectInvalid), 1, |stage| {
            Box::pin(async move {
                let large = Large::new(stage);
                let mut chunks = large.chunks();
                chunks[1].data.pop();
                large.deliver(stage, chunks).await
            })
        }),
        row(Peer, "five gibibytes announced", Told::Rejected(Cause::TooLarge), 1, |stage| {
            Box::pin(async move {
                let mut large = Large::new(stage);
                large.header.objects[1].ciphertext_length = 5 << 30;
                large.deliver(stage, large.chunks()).await
            })
        }),
        row(Peer, "a body of two mebibytes announced", Told::Rejected(Cause::ObjectInvalid), 1, |stage| {
            Box::pin(async move {
                let mut large = Large::new(stage);
                large.header.objects[0].ciphertext_length = 2 << 20;
                large.deliver(stage, large.chunks()).await
            })
        }),
        row(
            Peer,
            "a second beginning",
            Told::Grpc(Code::InvalidArgument, "a second Start".into()),
            0,
            |stage| {
                Box::pin(async move {
                    let large = Large::new(stage);
                    frames_told(stage, vec![large.start(stage), large.start(stage)]).await
                })
            },
        ),
        row(
            Peer,
            "chunks without a beginning",
            Told::Grpc(Code::InvalidArgument, "a delivery begins with Start".into()),
            0,
            |stage| {
                Box::pin(async move {
                    let chunks = Large::new(stage).chunks().into_iter().map(Frame::Chunk).collect();
                    frames_told(stage, chunks).await
                })
            },
        ),
    ]
}

/// The same packet by a clock that is moved: the evidence is the same, though it expired.
async fn after_a_day() -> Told {
    let pair = Pair::new().await;
    let draft = logs::draft(&pair.xa, &name("XB"));
    let outgoing = pair.xa.begin_submission(draft).unwrap().commit(&pair.xa).await.unwrap().committed.value;
    let via = pair.xb.directory.peer(&name("XA")).unwrap();
    let admit = async || pair.xb.admit(&via, &outgoing.header.envelope, &outgoing.key_box).await.unwrap();
    let Admission::Wanted(mut receiving) = admit().await else { panic!("it is not wanted") };
    receiving.chunk(&pair.xb, 0, 0, &mut outgoing.objects[0].inline.clone()).unwrap();
    let Answer::Committed(first, _) = pair.xb.accept(*receiving).await.unwrap() else { panic!("put off") };
    for later in [10 * MINUTE, 24 * 60 * MINUTE] {
        pair.pass(later);
        match admit().await {
            Admission::Answered(Answer::Committed(same, _)) if same == first => {}
            _ => return Told::Words(format!("another answer after {later} ms")),
        }
    }
    drop((via, outgoing));
    pair.close();
    Told::AsBefore
}
