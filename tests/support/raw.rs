//! A peer that is none: what it makes and says is the test's own, over a real connection.

use super::{Authority, pair_with, peer_client};
use prost::Message as _;
use rogatory::crypto::entropy::{SystemEntropy, fresh};
use rogatory::crypto::hash::{Digest, sha256};
use rogatory::crypto::key_box::SealContext;
use rogatory::crypto::object::{ContentKey, seal_all};
use rogatory::exchange::directory::parties;
use rogatory::exchange::identity::Identity;
use rogatory::format::chain::Chain;
use rogatory::format::chain::standing::Place;
use rogatory::format::evidence::{Deferral, Evidence, Subject};
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::packet::{Header, SCHEMA, SignedHeader, encode_key_box};
use rogatory::format::suite::Suite;
use rogatory::format::wire::{
    self, Chunk, DeliverFrame, Request, Start, cause::Code as Cause, deliver_frame, deliver_reply,
    event::Code as Event, kind::Code as Kind, purpose::Code as Purpose, urgency::Code as Urgency,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::rpc::peer::peer_client::PeerClient;
use rogatory::store::Clock as _;
use tonic::transport::Channel;

/// A packet as a peer would make it, every part open to mischief.
#[derive(Clone)]
pub struct Packet {
    pub header: Header,
    pub key_box: Vec<u8>,
    pub ciphertext: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub enum Said {
    /// Evidence: each with its envelope.
    Evidence(Vec<(Evidence, Vec<u8>)>),
    Deferral(Cause),
}

pub struct Bench {
    pub xa: Authority,
    pub xb: Authority,
    pub identity: Identity,
    pub chain: Chain,
    pub client: PeerClient<Channel>,
    pub dir: tempfile::TempDir,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with_suites("1").await
    }

    /// Both take part in these suites.
    pub async fn with_suites(suites: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (mut xa, xb) = pair_with(dir.path(), &["--suites", suites]).await;
        let chain = xb.offer().await.chain;
        let identity = xa.identity();
        // The test speaks for XA from here on.
        xa.stop().await;
        let client = peer_client(&identity, &xb.listening);
        Self { xa, xb, identity, chain, client, dir }
    }

    pub fn packet(&self) -> Packet {
        self.packet_in(Suite::One)
    }

    /// A sound packet whose key box is made for this suite.
    pub fn packet_in(&self, boxed: Suite) -> Packet {
        let file = rogatory::request::file::read(&super::request_file("XB", "")).unwrap();
        self.packet_of(boxed, &Request { schema: SCHEMA, ..file.request.unwrap() })
    }

    /// A packet with this body.
    pub fn packet_of(&self, boxed: Suite, body: &Request) -> Packet {
        let id = PacketId::fresh(SystemClock.now(), &SystemEntropy::default()).unwrap();
        self.packet_under(id, boxed, body)
    }

    /// The same under this id.
    pub fn packet_under(&self, id: PacketId, boxed: Suite, body: &Request) -> Packet {
        let (header, key_box, mut objects) = self.sealed_under(id, boxed, body, &[]);
        Packet { header, key_box, ciphertext: objects.remove(0) }
    }

    /// Header, key box and ciphertexts of a packet with this body and these attachments, whatever
    /// the body says of them.
    pub fn sealed(
        &self,
        boxed: Suite,
        body: &Request,
        attachments: &[&[u8]],
    ) -> (Header, Vec<u8>, Vec<Vec<u8>>) {
        let id = PacketId::fresh(SystemClock.now(), &SystemEntropy::default()).unwrap();
        self.sealed_under(id, boxed, body, attachments)
    }

    fn sealed_under(
        &self,
        id: PacketId,
        boxed: Suite,
        body: &Request,
        attachments: &[&[u8]],
    ) -> (Header, Vec<u8>, Vec<Vec<u8>>) {
        let entropy = SystemEntropy::default();
        let now = SystemClock.now();
        let key = ContentKey::from_bytes(fresh(&entropy).unwrap());
        let body = body.encode_to_vec();
        let plain = std::iter::once(body.as_slice()).chain(attachments.iter().copied());
        let (ciphertexts, objects) = (0..)
            .zip(plain)
            .map(|(n, plain)| seal_all(&key.object_key(id.bytes(), n), plain).unwrap())
            .unzip();
        let theirs = self.chain.current(Purpose::Content, now).unwrap();
        let parties = parties(boxed, &self.identity.chain(), &self.chain);
        let context = SealContext::new(&theirs.public_key, &parties, &entropy).unwrap();
        let key_box = encode_key_box(&context.wrap(id.bytes(), &key, &entropy).unwrap());
        let header = Header {
            objects,
            key_box_digest: sha256(&key_box),
            content_key_id: theirs.id,
            ..header(id, CaseId::fresh(now, &entropy).unwrap(), now)
        };
        (header, key_box, ciphertexts)
    }

    pub fn sign(&self, packet: &Packet) -> SignedHeader {
        packet.header.clone().sign(&self.identity.packet()).unwrap()
    }

    pub async fn deliver(&self, packet: &Packet) -> Said {
        let header = self.sign(packet).envelope;
        self.deliver_raw(header, packet).await.unwrap()
    }

    /// What comes back for this header with the rest of a packet.
    pub async fn reply(
        &self,
        header: Vec<u8>,
        packet: &Packet,
    ) -> Result<deliver_reply::Reply, tonic::Status> {
        let chunk = Chunk { object: 0, index: 0, data: packet.ciphertext.clone() };
        let start = Start { header, key_box: packet.key_box.clone(), known_size: 0, chunks: vec![chunk] };
        self.reply_to(tokio_stream::once(deliver_frame::Frame::Start(start))).await
    }

    /// What comes back for these frames.
    pub async fn reply_to<S>(&self, frames: S) -> Result<deliver_reply::Reply, tonic::Status>
    where
        S: tokio_stream::Stream<Item = deliver_frame::Frame> + Send + 'static,
    {
        let frames = tokio_stream::StreamExt::map(frames, |frame| DeliverFrame { frame: Some(frame) });
        let reply = self.client.clone().deliver(frames).await?.into_inner();
        Ok(reply.reply.unwrap())
    }

    pub async fn deliver_raw(&self, header: Vec<u8>, packet: &Packet) -> Result<Said, tonic::Status> {
        Ok(self.said(self.reply(header, packet).await?))
    }

    /// An answer, its signatures verified.
    pub fn said(&self, reply: deliver_reply::Reply) -> Said {
        let xb = AuthorityId::parse("XB").unwrap();
        match reply {
            deliver_reply::Reply::Deferral(envelope) => {
                Said::Deferral(Deferral::open(&envelope, &xb, &self.chain).unwrap().cause)
            }
            deliver_reply::Reply::Acknowledgement(ack) => Said::Evidence(
                ack.entries
                    .into_iter()
                    .map(|entry| {
                        let envelope = entry.objects[0].clone();
                        (Evidence::open(&envelope, &xb, &self.chain, Place::Loose).unwrap().value, envelope)
                    })
                    .collect(),
            ),
        }
    }

    /// The one piece of evidence that came back.
    pub async fn refused(&self, packet: &Packet) -> Evidence {
        one(self.deliver(packet).await)
    }

    pub async fn size(&self) -> u64 {
        let request = wire::GatewayRequest {};
        self.xb.client().operator().gateway(request).await.unwrap().into_inner().log_size
    }
}

/// A header from XA to XB, without objects and key box.
pub fn header(id: PacketId, case_id: CaseId, now: u64) -> Header {
    Header {
        sender: AuthorityId::parse("XA").unwrap(),
        recipient: AuthorityId::parse("XB").unwrap(),
        id,
        case_id,
        case_seq: 0,
        case_prev: None,
        kind: Kind::MutualLegalAssistance,
        urgency: Urgency::Routine,
        created: now,
        expires: now + 3_600_000,
        schema: SCHEMA,
        in_reply_to: None,
        replaces: None,
        objects: Vec::new(),
        key_box_digest: [0; 32],
        content_key_id: [0; 32],
    }
}

pub fn one(said: Said) -> Evidence {
    match said {
        Said::Evidence(mut all) if all.len() == 1 => all.remove(0).0,
        other => panic!("not one piece of evidence: {other:?}"),
    }
}

pub fn unattributed(digest: Digest, cause: Cause, evidence: &Evidence) {
    assert_eq!((evidence.event, evidence.cause), (Event::RelayRejection, cause));
    assert_eq!(evidence.subject, Subject::Unattributed(digest));
}
