//! What officers may call: submit, read, answer.

use super::carried::Carrying;
use super::cases::Cases;
use super::prove::{Frames as ProveFrames, Prover};
use super::roles::{Role, Roles};
use super::summary::{packet_name, summary};
use crate::exchange::Exchange;
use crate::exchange::actors::{Actor, Actors};
use crate::exchange::statuses::Decided;
use crate::exchange::submit::{Draft, Submission};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::{
    AnswerReply, AnswerRequest, Attachment, CarriedFrame, CarryInReply, CarryOutFrame, CarryOutRequest,
    CaseReply, CaseRequest, CaseSearchReply, CaseSearchRequest, CasesReply, CasesRequest, CheckReply,
    CheckRequest, DiscloseRequest, FetchData, FetchEnd, FetchFrame, FetchRequest, FetchStart, PacketName,
    PacketsReply, PacketsRequest, Request as Body, ShowCaseReply, ShowCaseRequest, ShowReply, SubmitFrame,
    SubmitReply, SubmitStart, WatchEvent, WatchRequest, fetch_frame, submit_frame,
};
use crate::format::{FormatError, limits};
use crate::gateway::dispatch::Events;
use crate::gateway::rpc::local::officer_server;
use crate::gateway::status::for_local;
use crate::ledger::records::{self, Direction, PacketRecord};
use crate::request::rules::Deficiency;
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
    /// Proof bundles.
    pub prover: Prover,
    /// Lists, deadlines, search.
    pub cases: Cases,
    /// Files that a courier carries.
    pub carrying: Arc<Carrying>,
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
            written: start.request,
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
        let submitted = submission.commit(&self.exchange).await.map_err(|error| for_local(&error))?;
        let committed = submitted.committed;
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
            deficiencies: submitted.deficiencies.iter().map(Deficiency::to_wire).collect(),
        }))
    }

    async fn check(&self, request: Request<CheckRequest>) -> Result<Response<CheckReply>, Status> {
        self.officer(&request)?;
        let asked = request.into_inner();
        let body = Body::decode(asked.request.as_slice())
            .map_err(|_| Status::invalid_argument("the request can't be read"))?;
        let recipient = AuthorityId::parse(&asked.recipient).ok();
        let (found, with_terms) = self.exchange.check_request(&body, asked.urgency(), recipient.as_ref());
        let deficiencies = found.iter().map(Deficiency::to_wire).collect();
        Ok(Response::new(CheckReply { deficiencies, with_terms }))
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
            if let Some(record) = record.filter(|record| peer.is_empty() || record.peer == peer) {
                packets.push(summary(&self.exchange, &record).map_err(|error| for_local(&error))?);
            }
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
        let summary = Some(summary(&self.exchange, &record).map_err(fail)?);
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
        let actor = self.officer(&request)?;
        super::case::case(&self.exchange, request.into_inner(), actor).await.map(Response::new)
    }

    async fn cases(&self, request: Request<CasesRequest>) -> Result<Response<CasesReply>, Status> {
        self.officer(&request)?;
        self.cases.list(&request.into_inner()).map(Response::new)
    }

    async fn show_case(&self, request: Request<ShowCaseRequest>) -> Result<Response<ShowCaseReply>, Status> {
        let actor = self.officer(&request)?;
        self.cases.show(request.into_inner(), actor).await.map(Response::new)
    }

    async fn search_cases(
        &self,
        request: Request<CaseSearchRequest>,
    ) -> Result<Response<CaseSearchReply>, Status> {
        let actor = self.officer(&request)?;
        self.cases.search(request.into_inner(), actor).await.map(Response::new)
    }

    type DiscloseStream = ProveFrames;

    async fn disclose(&self, request: Request<DiscloseRequest>) -> Result<Response<ProveFrames>, Status> {
        let actor = self.officer(&request)?;
        self.prover.disclose(request.into_inner(), actor).await
    }

    type CarryOutStream = ReceiverStream<Result<CarryOutFrame, Status>>;

    async fn carry_out(
        &self,
        request: Request<CarryOutRequest>,
    ) -> Result<Response<Self::CarryOutStream>, Status> {
        self.officer(&request)?;
        let peer = AuthorityId::parse(&request.into_inner().peer)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        self.exchange.directory.peer(&peer).map_err(|error| for_local(&error))?;
        let (out, receiver) = mpsc::channel(4);
        let (exchange, carrying) = (self.exchange.clone(), self.carrying.clone());
        tokio::spawn(async move { carrying.carry_out(&exchange, &peer, &out).await });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn carry_in(
        &self,
        request: Request<Streaming<CarriedFrame>>,
    ) -> Result<Response<CarryInReply>, Status> {
        self.officer(&request)?;
        self.carrying.carry_in(&self.exchange, request.into_inner()).await.map(Response::new)
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
        summary: Some(summary(exchange, &opened.record).map_err(|error| for_local(&error))?),
        request: opened.body.clone(),
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
