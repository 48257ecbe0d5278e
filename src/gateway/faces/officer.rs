//! What officers may call: submit, read, answer.

use super::carried::Carrying;
use super::cases::Cases;
use super::drafts::Submitting;
use super::prove::{Frames as ProveFrames, Prover};
use super::roles::{Role, Roles};
use super::summary::{packet_name, summary};
use crate::exchange::Exchange;
use crate::exchange::actors::{Actor, Actors};
use crate::exchange::statuses::Decided;
use crate::format::FormatError;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::{
    AnswerReply, AnswerRequest, CarriedFrame, CarryInReply, CarryOutFrame, CarryOutRequest, CaseReply,
    CaseRequest, CaseSearchReply, CaseSearchRequest, CasesReply, CasesRequest, CheckReply, CheckRequest,
    DiscloseRequest, DraftName, DraftsReply, DraftsRequest, FetchData, FetchEnd, FetchFrame, FetchRequest,
    FetchStart, PacketName, PacketsReply, PacketsRequest, RejectReply, Request as Body, ShowCaseReply,
    ShowCaseRequest, ShowReply, SubmitFrame, SubmitReply, WatchEvent, WatchRequest, fetch_frame,
};
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
    /// What they submit, and drafts.
    pub submitting: Submitting,
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
        self.named(request).map(|(_, actor)| actor)
    }

    /// The caller's name, and pseudonym.
    fn named<T>(&self, request: &Request<T>) -> Result<(String, Actor), Status> {
        let name = self.roles.demand(Role::Officer, request)?;
        let actor = self.actors.of(&name, &*self.exchange.entropy).map_err(|error| for_local(&error))?;
        Ok((name, actor))
    }
}

type Frames = ReceiverStream<Result<FetchFrame, Status>>;

#[tonic::async_trait]
impl officer_server::Officer for OfficerFace {
    async fn submit(
        &self,
        request: Request<Streaming<SubmitFrame>>,
    ) -> Result<Response<SubmitReply>, Status> {
        let (name, actor) = self.named(&request)?;
        self.submitting.submit(&mut request.into_inner(), &name, actor).await.map(Response::new)
    }

    async fn check(&self, request: Request<CheckRequest>) -> Result<Response<CheckReply>, Status> {
        self.officer(&request)?;
        let asked = request.into_inner();
        let body = Body::decode(asked.request.as_slice())
            .map_err(|_| Status::invalid_argument("the request can't be read"))?;
        let recipient = AuthorityId::parse(&asked.recipient).ok();
        let checked = self.exchange.check_request(&body, asked.urgency(), recipient.as_ref());
        let (found, with_terms) = checked.map_err(|error| for_local(&error))?;
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

    async fn drafts(&self, request: Request<DraftsRequest>) -> Result<Response<DraftsReply>, Status> {
        let (name, _) = self.named(&request)?;
        let drafts = self.submitting.drafts.list(&name).map_err(|error| for_local(&error))?;
        Ok(Response::new(DraftsReply { drafts }))
    }

    type ReadDraftStream = ReceiverStream<Result<SubmitFrame, Status>>;

    async fn read_draft(
        &self,
        request: Request<DraftName>,
    ) -> Result<Response<Self::ReadDraftStream>, Status> {
        self.officer(&request)?;
        let id = draft_id(&request.into_inner())?;
        let mut frames = self.submitting.drafts.read(&id).map_err(|error| for_local(&error))?;
        let (sender, receiver) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            while let Some(item) = frames.next_frame().map_err(|error| for_local(&error)).transpose() {
                let failed = item.is_err();
                let item = item.map(|frame| SubmitFrame { frame: Some(frame) });
                if sender.blocking_send(item).is_err() || failed {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn approve_draft(&self, request: Request<DraftName>) -> Result<Response<SubmitReply>, Status> {
        let (name, actor) = self.named(&request)?;
        let id = draft_id(&request.into_inner())?;
        self.submitting.approve(id, &name, actor).await.map(Response::new)
    }

    async fn reject_draft(&self, request: Request<DraftName>) -> Result<Response<RejectReply>, Status> {
        self.officer(&request)?;
        let id = draft_id(&request.into_inner())?;
        self.submitting.reject(id).map(|()| Response::new(RejectReply {}))
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

fn draft_id(name: &DraftName) -> Result<PacketId, Status> {
    PacketId::from_bytes(&name.draft_id).map_err(|error| Status::invalid_argument(error.to_string()))
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
