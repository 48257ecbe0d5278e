//! Cases for officers: lists, one case as a page, search. Deadlines are judged by the gateway's
//! clock and policy.

use super::case::timeline;
use super::summary::summary;
use crate::exchange::actors::Actor;
use crate::exchange::cases::opening::Opened;
use crate::exchange::cases::search::Hit;
use crate::exchange::cases::{Overview, Wanted};
use crate::exchange::fetch::SealedText;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::case_search_reply as found;
use crate::format::wire::{
    self, CasePacket, CaseSearchReply, CaseSearchRequest, CaseSummary, CasesReply, CasesRequest, Request,
    ShowCaseReply, ShowCaseRequest, status::Code as State,
};
use crate::format::{FormatError, Millis, optional_bytes};
use crate::gateway::status::for_local;
use crate::ledger::records::{self, Direction, PacketRecord};
use crate::request::case::name;
use crate::request::deadlines::Policy;
use crate::request::file::enum_value;
use std::sync::Arc;
use tonic::Status;

/// Cases of a list at most.
const CASES: usize = 1000;

/// What answers about cases.
pub struct Cases {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// How long things may take.
    pub policy: Policy,
}

impl Cases {
    /// Cases as they stand, newest first.
    pub fn list(&self, request: &CasesRequest) -> Result<CasesReply, Status> {
        let wanted = Wanted {
            peer: peer(&request.peer)?,
            state: state(&request.state)?,
            open: request.open,
            overdue: request.overdue,
        };
        let limit = (request.limit as usize).clamp(1, CASES);
        let now = self.exchange.now();
        let cases = tokio::task::block_in_place(|| self.exchange.cases(&wanted, &self.policy, limit));
        let (cases, more) = cases.map_err(|error| for_local(&error))?;
        Ok(CasesReply { cases: cases.iter().map(|case| told(case, now)).collect(), now, more })
    }

    /// One case; its bodies and texts are opened only where that was asked for.
    pub async fn show(&self, request: ShowCaseRequest, actor: Actor) -> Result<ShowCaseReply, Status> {
        let fail = |error: ExchangeError| for_local(&error);
        let bad = |error: FormatError| Status::invalid_argument(error.to_string());
        let (case_id, peer) = match PacketId::from_optional(&request.packet_id).map_err(bad)? {
            Some(id) => {
                let (_, record) = self.exchange.find(&id, None).map_err(fail)?;
                let peer = AuthorityId::parse(&record.peer).map_err(bad)?;
                (CaseId::from_bytes(&record.case_id).map_err(bad)?, Some(peer))
            }
            None => (CaseId::from_bytes(&request.case_id).map_err(bad)?, None),
        };
        let (mut timeline, sealed) = timeline(&self.exchange, case_id, peer)?;
        let peer = AuthorityId::parse(&timeline.peer).map_err(bad)?;
        let now = self.exchange.now();
        let case = tokio::task::block_in_place(|| self.exchange.case(&peer, case_id, &self.policy));
        let case = case.map_err(fail)?;
        let mut packets = self.packets(&case).map_err(fail)?;
        if request.open {
            let targets = tokio::task::block_in_place(|| self.exchange.targets(&peer, &case_id));
            let targets = targets.map_err(fail)?;
            let opened = self.exchange.open_targets(&targets, actor, request.purpose_code).await;
            for (target, opened) in targets.iter().zip(opened.map_err(fail)?) {
                match opened {
                    Some(Opened::Body(body)) => {
                        let name = target.id.bytes();
                        let packet = packets.iter_mut().find(|packet| {
                            packet.summary.as_ref().is_some_and(|summary| summary.packet_id == name)
                        });
                        if let Some(packet) = packet {
                            open(packet, *body, case.guarded);
                        }
                    }
                    Some(Opened::Text(mut text)) => {
                        if case.guarded {
                            text.text.clear();
                        }
                        let of = |sealed: &&SealedText| sealed.status.id == target.id;
                        let index = sealed.iter().find(of).map(|sealed| sealed.index);
                        let item = timeline.items.iter_mut().find(|item| Some(item.index) == index);
                        if let Some(item) = item {
                            item.text = Some(text);
                        }
                    }
                    // It was erased just now.
                    None => {}
                }
            }
        }
        Ok(ShowCaseReply { summary: Some(told(&case, now)), timeline: Some(timeline), packets, now })
    }

    /// The packets of a case, in the order of the log.
    fn packets(&self, case: &Overview) -> Result<Vec<CasePacket>, ExchangeError> {
        let letters = tokio::task::block_in_place(|| self.exchange.letters(&case.peer, &case.case_id))?;
        let mut packets = Vec::with_capacity(letters.len());
        for (direction, id, in_reply_to) in letters {
            let key = records::packet(direction, &case.peer, &id);
            let record: Option<PacketRecord> = records::read(self.exchange.store.snapshot(), &key)?;
            let Some(record) = record else { continue };
            packets.push(CasePacket {
                summary: Some(summary(&self.exchange, &record)?),
                in_reply_to: optional_bytes(&in_reply_to),
                ..CasePacket::default()
            });
        }
        Ok(packets)
    }

    /// What holds all words of a query; each hit is an opening.
    pub async fn search(&self, request: CaseSearchRequest, actor: Actor) -> Result<CaseSearchReply, Status> {
        let peer = peer(&request.peer)?;
        let limit = request.limit as usize;
        let found =
            self.exchange.search(&request.text, peer.as_ref(), limit, actor, request.purpose_code).await;
        let found = found.map_err(|error| for_local(&error))?;
        let hits = found.hits.into_iter().map(hit).collect();
        Ok(CaseSearchReply { hits, more: found.more, unread: found.unread })
    }
}

/// What an opened body says about the case. Where identities are guarded, without names of files.
fn open(packet: &mut CasePacket, body: Request, guarded: bool) {
    packet.opened = true;
    packet.sender_reference = body.sender_reference;
    packet.recipient_reference = body.recipient_reference;
    packet.language = body.language;
    packet.wanted_by = body.wanted_by;
    packet.urgency_reason = body.urgency_reason;
    packet.oral_request = body.oral_request;
    packet.attachments = body.attachments;
    packet.linked_packets = body.linked_packets;
    packet.victim_protected = body.handling.is_some_and(|handling| handling.victim_protected);
    if guarded {
        packet.attachments.iter_mut().for_each(|attachment| attachment.name.clear());
        packet.wanted_by.iter_mut().for_each(|wanted| wanted.reason.clear());
        packet.urgency_reason.clear();
    }
}

fn told(case: &Overview, now: Millis) -> CaseSummary {
    CaseSummary {
        case_id: case.case_id.bytes().to_vec(),
        peer: case.peer.to_string(),
        opened_by_us: case.opened_by_us,
        state: name(case.state).to_owned(),
        consulting: case.consulting,
        kind: case.kind.into(),
        urgency: case.urgency.into(),
        opened: case.opened,
        last: case.last,
        deadlines: case
            .deadlines
            .iter()
            .map(|deadline| wire::Deadline {
                what: deadline.what.into(),
                due: deadline.due,
                ours: case.is_ours(deadline),
                overdue: deadline.due < now,
                assumed_weekend: deadline.assumed,
            })
            .collect(),
        victim_protected: case.guarded,
        packets: u32::try_from(case.packets).unwrap_or(u32::MAX),
        statuses: u32::try_from(case.statuses).unwrap_or(u32::MAX),
    }
}

fn hit(hit: Hit) -> found::Hit {
    found::Hit {
        case_id: hit.case_id.bytes().to_vec(),
        peer: hit.peer.to_string(),
        id: hit.id.bytes().to_vec(),
        is_status: hit.kind.is_none(),
        kind: hit.kind.unwrap_or_default().into(),
        at: hit.at,
        r#box: i32::from(hit.direction == Direction::Out),
        snippets: hit
            .snippets
            .into_iter()
            .map(|snippet| found::Snippet { field: snippet.field, text: snippet.text })
            .collect(),
        victim_protected: hit.guarded,
    }
}

fn peer(name: &str) -> Result<Option<AuthorityId>, Status> {
    match name {
        "" => Ok(None),
        name => AuthorityId::parse(name)
            .map(Some)
            .map_err(|_| Status::invalid_argument(format!("{name:?} is no authority id"))),
    }
}

fn state(name: &str) -> Result<Option<State>, Status> {
    match name {
        "" => Ok(None),
        "open" => Ok(Some(State::Unspecified)),
        name => enum_value("Status.Code", name)
            .and_then(|code| State::try_from(code).ok())
            .filter(|code| *code != State::Unspecified)
            .map(Some)
            .ok_or_else(|| Status::invalid_argument(format!("{name:?} is no state of a case"))),
    }
}
