//! What officers may call: submit, read, answer.

use super::roles::{Role, Roles};
use crate::exchange::Exchange;
use crate::exchange::actors::{Actor, Actors};
use crate::exchange::statuses::{Decided, codes};
use crate::exchange::submit::{Draft, Submission};
use crate::format::evidence::Evidence;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::{
    AnswerReply, AnswerRequest, Attachment, CaseItem, CaseReply, CaseRequest, FetchData, FetchEnd,
    FetchFrame, FetchRequest, FetchStart, Outcome, PacketName, PacketSummary, PacketsReply, PacketsRequest,
    Request as Body, ShowReply, SubmitFrame, SubmitReply, SubmitStart, WatchEvent, WatchRequest, fetch_frame,
    leaf::Kind as LeafKind, submit_frame,
};
use crate::format::{FormatError, limits};
use crate::gateway::dispatch::Events;
use crate::gateway::rpc::local::officer_server;
use crate::gateway::status::for_local;
use crate::ledger::entry::Entry;
use crate::ledger::records::{self, CaseRecord, Direction, PacketRecord};
use crate::request::case::state;
use prost::Message as _;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument as _;

/// The service.
pub struct OfficerFace {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Who may.
    pub roles: Roles,
    /// Pseudonyms.
    pub actors: Arc<Actors>,
    /// What is committed.
    pub events: Events,
    /// Ends the streams.
    pub stop: CancellationToken,
}

impl OfficerFace {
    fn officer<T>(&self, request: &Request<T>) -> Result<Actor, Status> {
        let name = self.roles.demand(Role::Officer, request)?;
        self.actors.of(&name, &*self.exchange.entropy).map_err(|error| for_local(&error))
    }

    async fn submission(
        &self,
        start: SubmitStart,
        actor: Actor,
        stream: &mut Streaming<SubmitFrame>,
    ) -> Result<Submission, Status> {
        let bad = |error: FormatError| Status::invalid_argument(error.to_string());
        let draft = Draft {
            id: PacketId::from_optional(&start.packet_id).map_err(bad)?,
            recipient: AuthorityId::parse(&start.recipient).map_err(bad)?,
            kind: start.kind(),
            urgency: start.urgency(),
            expires: start.expires,
            case_id: CaseId::from_optional(&start.case_id).map_err(bad)?,
            in_reply_to: PacketId::from_optional(&start.in_reply_to).map_err(bad)?,
            replaces: PacketId::from_optional(&start.replaces).map_err(bad)?,
            request: Body::decode(start.request.as_slice())
                .map_err(|_| Status::invalid_argument("the request can't be read"))?,
            actor,
        };
        let fail = |error| for_local(&error);
        let mut submission = self.exchange.begin_submission(draft).map_err(fail)?;
        for (number, attachment) in (0_u32..).zip(start.attachments) {
            let described = Attachment {
                name: attachment.name,
                media_type: attachment.media_type,
                language: attachment.language,
                translation_of: attachment.translation_of,
                ..Attachment::default()
            };
            if !attachment.follows {
                submission.attach(&self.exchange, described, &attachment.content).map_err(fail)?;
                continue;
            }
            submission.begin_attachment(&self.exchange, described).map_err(fail)?;
            loop {
                let Some(SubmitFrame { frame: Some(submit_frame::Frame::Data(data)) }) =
                    stream.message().await?
                else {
                    return Err(Status::invalid_argument("the data of an attachment ended early"));
                };
                if data.attachment != number {
                    return Err(Status::invalid_argument("data of another attachment"));
                }
                // Encrypts and writes a file: not on a thread that others wait for.
                tokio::task::block_in_place(|| {
                    submission.attachment_data(&data.data)?;
                    if data.last { submission.end_attachment() } else { Ok(()) }
                })
                .map_err(fail)?;
                if data.last {
                    break;
                }
            }
        }
        Ok(submission)
    }
}

type Frames = ReceiverStream<Result<FetchFrame, Status>>;

#[tonic::async_trait]
impl officer_server::Officer for OfficerFace {
    async fn submit(
        &self,
        request: Request<Streaming<SubmitFrame>>,
    ) -> Result<Response<SubmitReply>, Status> {
        let actor = self.officer(&request)?;
        let mut stream = request.into_inner();
        let Some(SubmitFrame { frame: Some(submit_frame::Frame::Start(start)) }) = stream.message().await?
        else {
            return Err(Status::invalid_argument("a submission begins with its start"));
        };
        if start.attachments.len() >= limits::OBJECTS {
            return Err(Status::invalid_argument(format!("{} attachments at most", limits::OBJECTS - 1)));
        }
        let submission = self.submission(start, actor, &mut stream).await?;
        let committed = submission.commit(&self.exchange).await.map_err(|error| for_local(&error))?;
        let header = &committed.value.header.header;
        tracing::info!(packet = %header.id, peer = %header.recipient, bytes = header.bytes(), "submitted");
        let acknowledgement = self
            .exchange
            .acknowledgement(&[committed.first], &committed.checkpoint, 0)
            .map_err(|error| for_local(&error))?;
        Ok(Response::new(SubmitReply {
            packet_id: header.id.bytes().to_vec(),
            case_id: header.case_id.bytes().to_vec(),
            acknowledgement: Some(acknowledgement),
        }))
    }

    async fn packets(&self, request: Request<PacketsRequest>) -> Result<Response<PacketsReply>, Status> {
        self.officer(&request)?;
        let PacketsRequest { r#box, peer, limit } = request.into_inner();
        let direction = if r#box == 0 { Direction::In } else { Direction::Out };
        let snapshot = self.exchange.store.snapshot();
        let found = snapshot
            .scan_back(&records::boxed_prefix(direction), limit.clamp(1, 1000) as usize)
            .map_err(|error| for_local(&error.into()))?;
        let mut packets = Vec::new();
        for (_, key) in found {
            let record: Option<PacketRecord> =
                records::read(snapshot, &key).map_err(|error| for_local(&error.into()))?;
            packets.extend(
                record.filter(|r| peer.is_empty() || r.peer == peer).map(|r| summary(&self.exchange, &r)),
            );
        }
        Ok(Response::new(PacketsReply { packets }))
    }

    async fn show(&self, request: Request<PacketName>) -> Result<Response<ShowReply>, Status> {
        self.officer(&request)?;
        let (id, peer) = packet_name(&request.into_inner())?;
        let fail = |error| for_local(&error);
        let (_, record) = self.exchange.find(&id, peer.as_ref()).map_err(fail)?;
        let header =
            self.exchange.store.snapshot().entry(record.index).map_err(|error| for_local(&error.into()))?;
        let header = header.object(1).map_err(|error| for_local(&error.into()))?.to_vec();
        let indices: Vec<u64> = record.outcomes.iter().map(|outcome| outcome.index).collect();
        let checkpoint = self.exchange.store.checkpoint();
        let acknowledgement = self.exchange.acknowledgement(&indices, &checkpoint, 0).map_err(fail)?;
        let summary = Some(summary(&self.exchange, &record));
        Ok(Response::new(ShowReply { summary, header, acknowledgement: Some(acknowledgement) }))
    }

    type FetchStream = Frames;

    async fn fetch(&self, request: Request<FetchRequest>) -> Result<Response<Frames>, Status> {
        let actor = self.officer(&request)?;
        let request = request.into_inner();
        let (id, peer) = packet_name(&request.packet.unwrap_or_default())?;
        let opened = self.exchange.open_packet(&id, peer.as_ref(), actor, request.purpose_code).await;
        let opened = opened.map_err(|error| for_local(&error))?;
        let (sender, receiver) = mpsc::channel(8);
        let exchange = self.exchange.clone();
        let span = tracing::info_span!("fetch", packet = %id);
        tokio::spawn(
            async move {
                if let Err(error) = hand_over(&exchange, opened, &sender).await {
                    let _ = sender.send(Err(error)).await;
                }
            }
            .instrument(span),
        );
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn answer(&self, request: Request<AnswerRequest>) -> Result<Response<AnswerReply>, Status> {
        let actor = self.officer(&request)?;
        let answer = request.into_inner();
        let (id, peer) = packet_name(&answer.packet.clone().unwrap_or_default())?;
        let fail = |error| for_local(&error);
        let bad = |error: FormatError| Status::invalid_argument(error.to_string());
        let (_, record) = self.exchange.find(&id, peer.as_ref()).map_err(fail)?;
        let case_id = CaseId::from_bytes(&record.case_id).map_err(bad)?;
        let decided = Decided {
            peer: AuthorityId::parse(&record.peer).map_err(bad)?,
            case_id,
            packet_id: id,
            code: answer.code(),
            ground: answer.ground(),
            reply_id: PacketId::from_optional(&answer.reply_id).map_err(bad)?,
            review_at: answer.review_at,
            text: answer.text,
            actor,
        };
        let committed = self.exchange.issue_status(decided).await.map_err(fail)?;
        let acknowledgement =
            self.exchange.acknowledgement(&[committed.first], &committed.checkpoint, 0).map_err(fail)?;
        Ok(Response::new(AnswerReply {
            status_id: committed.value.id.bytes().to_vec(),
            case_id: case_id.bytes().to_vec(),
            seq: committed.value.seq,
            acknowledgement: Some(acknowledgement),
        }))
    }

    async fn case(&self, request: Request<CaseRequest>) -> Result<Response<CaseReply>, Status> {
        self.officer(&request)?;
        let request = request.into_inner();
        let bad = |error: FormatError| Status::invalid_argument(error.to_string());
        let fail = |error| for_local(&error);
        let (case_id, peer) = match PacketId::from_optional(&request.packet_id).map_err(bad)? {
            Some(id) => {
                let (_, record) = self.exchange.find(&id, None).map_err(fail)?;
                let peer = AuthorityId::parse(&record.peer).map_err(bad)?;
                (CaseId::from_bytes(&record.case_id).map_err(bad)?, Some(peer))
            }
            None => (CaseId::from_bytes(&request.case_id).map_err(bad)?, None),
        };
        self.case_reply(case_id, peer).map(Response::new)
    }

    type WatchStream = ReceiverStream<Result<WatchEvent, Status>>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        self.officer(&request)?;
        let mut events = self.events.subscribe();
        let (sender, receiver) = mpsc::channel(1024);
        let stop = self.stop.clone();
        tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    () = stop.cancelled() => return,
                    () = sender.closed() => return,
                    event = events.recv() => event,
                };
                let item = match event {
                    Ok(event) => Ok(event),
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(missed)) => Err(Status::data_loss(
                        format!("{missed} events were missed: watch again, and look at the boxes"),
                    )),
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                };
                let lost = item.is_err();
                if sender.send(item).await.is_err() || lost {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

impl OfficerFace {
    fn case_reply(&self, case_id: CaseId, peer: Option<AuthorityId>) -> Result<CaseReply, Status> {
        let snapshot = self.exchange.store.snapshot();
        let fail = |error: crate::store::StoreError| for_local(&error.into());
        let found = snapshot.scan(&records::case_prefix(&case_id), None, 16).map_err(fail)?;
        let (peer, record) = found
            .iter()
            .filter_map(|(key, value)| Some((records::peer_of_case_key(key)?, value)))
            .find(|(candidate, _)| peer.as_ref().is_none_or(|peer| peer == candidate))
            .ok_or_else(|| Status::not_found(format!("case {case_id} is not known here")))?;
        let case = CaseRecord::decode(record.as_slice()).map_err(|_| Status::internal("a case's record"))?;
        let chain = |direction, count| {
            codes(snapshot, direction, &peer, &case_id, count).map_err(|error| for_local(&error))
        };
        let ours = chain(Direction::Out, case.our_statuses.count)?;
        let theirs = chain(Direction::In, case.their_statuses.count)?;
        let state = if case.opened_by_us { state(&ours, &theirs) } else { state(&theirs, &ours) };
        let prefix = records::timeline_prefix(&case_id, &peer);
        let mut items = Vec::new();
        for (key, _) in snapshot.scan(&prefix, None, 10_000).map_err(fail)? {
            let index = records::index_of(&key).unwrap_or_default();
            items.push(
                self.case_item(snapshot.entry(index).map_err(fail)?).map_err(|error| for_local(&error))?,
            );
        }
        let state = crate::request::file::enum_name("Status.Code", state as i32);
        let state = if state == "unspecified" { "open".to_owned() } else { state };
        Ok(CaseReply { case_id: case_id.bytes().to_vec(), peer: peer.to_string(), state, items })
    }

    fn case_item(&self, entry: Entry) -> Result<CaseItem, crate::exchange::ExchangeError> {
        let us = self.exchange.identity.authority().as_str();
        let Leaf { kind, at, ref peer, ref id, code, cause, .. } = entry.leaf;
        let peer = peer.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut item = CaseItem {
            index: entry.index,
            at,
            kind: kind.into(),
            author: us.to_owned(),
            id: id.map(|id| id.bytes().to_vec()).unwrap_or_default(),
            cause: cause as i32,
            ..CaseItem::default()
        };
        match kind {
            LeafKind::EvidenceIssued | LeafKind::EvidenceReceived => {
                item.event = code as i32;
                item.author = Evidence::danger_unverified(entry.object(0)?)?.issuer.to_string();
                if let Some(header) =
                    entry.objects.get(1).and_then(|o| SignedHeader::danger_unverified(o).ok())
                {
                    item.packet_kind = header.header.kind.into();
                }
            }
            LeafKind::StatusIssued | LeafKind::StatusReceived => {
                let ours = kind == LeafKind::StatusIssued;
                let signed = SignedStatus::danger_unverified(entry.object(usize::from(!ours))?)?;
                let status = signed.carried.value;
                item.author = status.author.to_string();
                item.status = status.code.into();
                item.ground = status.ground.into();
                item.status_seq = status.seq;
                let direction = if ours { Direction::Out } else { Direction::In };
                item.text = self.exchange.status_text(direction, &status)?;
            }
            LeafKind::Confirmation => item.author = peer,
            _ => {}
        }
        Ok(item)
    }
}

/// Sends a packet's content to an officer, and records the handover when all of it held.
async fn hand_over(
    exchange: &Exchange,
    opened: crate::exchange::fetch::OpenedPacket,
    sender: &mpsc::Sender<Result<FetchFrame, Status>>,
) -> Result<(), Status> {
    let gone = |_| Status::cancelled("the caller is gone");
    let frame = |frame| Ok(FetchFrame { frame: Some(frame) });
    let sizes = opened.request.attachments.iter().map(|attachment| attachment.size).collect();
    let start = FetchStart {
        summary: Some(summary(exchange, &opened.record)),
        request: Some(opened.request.clone()),
        sizes,
    };
    sender.send(frame(fetch_frame::Frame::Start(start))).await.map_err(gone)?;
    let fail = |error| for_local(&error);
    for number in 1..opened.header.header.objects.len() {
        let mut plaintext = exchange.attachment(&opened, number).map_err(fail)?;
        while let Some(data) = tokio::task::block_in_place(|| plaintext.next_chunk()).map_err(fail)? {
            let data = FetchData { attachment: number as u32, data };
            sender.send(frame(fetch_frame::Frame::Data(data))).await.map_err(gone)?;
        }
        plaintext.finish().map_err(fail)?;
    }
    let acknowledgement = match exchange.handed_over(&opened).await.map_err(fail)? {
        None => None,
        Some(committed) => {
            Some(exchange.acknowledgement(&[committed.first], &committed.checkpoint, 0).map_err(fail)?)
        }
    };
    sender.send(frame(fetch_frame::Frame::End(FetchEnd { acknowledgement }))).await.map_err(gone)
}

fn packet_name(name: &PacketName) -> Result<(PacketId, Option<AuthorityId>), Status> {
    let bad = |error: FormatError| Status::invalid_argument(error.to_string());
    let id = PacketId::from_bytes(&name.packet_id).map_err(bad)?;
    let peer = match name.peer.is_empty() {
        true => None,
        false => Some(AuthorityId::parse(&name.peer).map_err(bad)?),
    };
    Ok((id, peer))
}

fn summary(exchange: &Exchange, record: &PacketRecord) -> PacketSummary {
    let us = exchange.identity.authority().as_str();
    PacketSummary {
        r#box: record.direction as i32,
        peer: record.peer.clone(),
        packet_id: record.id.clone(),
        case_id: record.case_id.clone(),
        case_seq: record.case_seq,
        digest: record.digest.clone(),
        kind: record.kind,
        urgency: record.urgency,
        created: record.created,
        expires: record.expires,
        objects: record.objects,
        bytes: record.bytes,
        outcomes: record
            .outcomes
            .iter()
            .map(|outcome| Outcome {
                event: outcome.event,
                issuer: if outcome.by_peer { record.peer.clone() } else { us.to_owned() },
                at: outcome.at,
                cause: outcome.cause,
                index: outcome.index,
            })
            .collect(),
        index: record.index,
    }
}
