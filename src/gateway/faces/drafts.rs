//! What officers submit: taken in from their stream, or as a draft that another officer approved.
//! Both come through the same code, so an approved draft is checked as if it were sent just then.

use crate::crypto::hash::{Sha256, sha256};
use crate::exchange::actors::{Actor, Actors};
use crate::exchange::checking::unless_deficient;
use crate::exchange::drafts::{Drafts, Frames};
use crate::exchange::submit::{Draft, Submission};
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::{
    Attachment, Request as Body, SubmitAttachment, SubmitData, SubmitFrame, SubmitReply, SubmitStart,
    submit_frame,
};
use crate::format::{FormatError, limits};
use crate::gateway::status::for_local;
use crate::request::content;
use crate::request::rules::Deficiency;
use crate::store::draft_files::DraftRecord;
use prost::Message as _;
use std::sync::Arc;
use tonic::{Status, Streaming};

/// Submissions of officers.
pub struct Submitting {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Pseudonyms.
    pub actors: Arc<Actors>,
    /// What waits for another officer.
    pub drafts: Drafts,
}

/// Where the data of attachments comes from.
enum Source<'a> {
    Stream(&'a mut Streaming<SubmitFrame>),
    Draft(Box<Frames>),
}

impl Source<'_> {
    async fn data(&mut self, of: u32) -> Result<SubmitData, Status> {
        let frame = match self {
            Self::Stream(stream) => stream.message().await?.and_then(|frame| frame.frame),
            Self::Draft(frames) => {
                tokio::task::block_in_place(|| frames.next_frame()).map_err(|error| for_local(&error))?
            }
        };
        match frame {
            Some(submit_frame::Frame::Data(data)) if data.attachment == of => Ok(data),
            Some(submit_frame::Frame::Data(_)) => Err(Status::invalid_argument("data of another attachment")),
            _ => Err(Status::invalid_argument("the data of an attachment ended early")),
        }
    }
}

impl Submitting {
    /// Takes a submission, or makes it a draft where two people are wanted.
    pub async fn submit(
        &self,
        stream: &mut Streaming<SubmitFrame>,
        officer: &str,
        actor: Actor,
    ) -> Result<SubmitReply, Status> {
        let Some(SubmitFrame { frame: Some(submit_frame::Frame::Start(start)) }) = stream.message().await?
        else {
            return Err(Status::invalid_argument("a submission begins with its start"));
        };
        if start.attachments.len() >= limits::OBJECTS {
            return Err(Status::invalid_argument(format!("{} attachments at most", limits::OBJECTS - 1)));
        }
        let kind = content::kind(&body(&start)?).unwrap_or_default();
        if self.drafts.wants(kind) {
            return self.draft(start, stream, officer, actor).await;
        }
        self.send(start, Source::Stream(stream), actor, None).await
    }

    /// Sends a draft that somebody else wrote.
    pub async fn approve(&self, id: PacketId, officer: &str, actor: Actor) -> Result<SubmitReply, Status> {
        let fail = |error: ExchangeError| for_local(&error);
        let claim = self.drafts.claim(id).map_err(fail)?;
        let mut frames = claim.approved_by(officer).map_err(fail)?;
        let first = tokio::task::block_in_place(|| frames.next_frame()).map_err(fail)?;
        let Some(submit_frame::Frame::Start(start)) = first else {
            return Err(Status::internal("a draft does not begin with its start"));
        };
        let drafter = self.actors.of(&claim.record.drafter, &*self.exchange.entropy).map_err(fail)?;
        match self.send(start, Source::Draft(Box::new(frames)), actor, Some(drafter)).await {
            // A crash came between its submission and the end of the draft: it is on its way.
            Err(status) if status.code() == tonic::Code::AlreadyExists => {
                claim.destroy().map_err(fail)?;
                Err(status)
            }
            // A crash here leaves the draft: its packet id keeps it from being sent twice.
            Ok(reply) => claim.destroy().map_err(fail).map(|()| reply),
            Err(status) => Err(status),
        }
    }

    /// Destroys a draft. Whoever wrote it may take it back so, too.
    pub fn reject(&self, id: PacketId) -> Result<(), Status> {
        let fail = |error: ExchangeError| for_local(&error);
        self.drafts.claim(id).map_err(fail)?.destroy().map_err(fail)
    }

    async fn send(
        &self,
        start: SubmitStart,
        source: Source<'_>,
        actor: Actor,
        drafter: Option<Actor>,
    ) -> Result<SubmitReply, Status> {
        let fail = |error: ExchangeError| for_local(&error);
        let submission = self.submission(start, source, actor, drafter).await?;
        let submitted = submission.commit(&self.exchange).await.map_err(fail)?;
        let committed = submitted.committed;
        let header = &committed.value.header.header;
        tracing::info!(packet = %header.id, peer = %header.recipient, bytes = header.bytes(), "submitted");
        let acknowledgement =
            self.exchange.acknowledgement(&[committed.first], &committed.checkpoint, 0).map_err(fail)?;
        Ok(SubmitReply {
            packet_id: header.id.bytes().to_vec(),
            case_id: header.case_id.bytes().to_vec(),
            acknowledgement: Some(acknowledgement),
            deficiencies: submitted.deficiencies.iter().map(Deficiency::to_wire).collect(),
            draft_id: Vec::new(),
        })
    }

    async fn submission(
        &self,
        mut start: SubmitStart,
        mut source: Source<'_>,
        actor: Actor,
        drafter: Option<Actor>,
    ) -> Result<Submission, Status> {
        let fail = |error| for_local(&error);
        let attachments = std::mem::take(&mut start.attachments);
        let mut submission = self.exchange.begin_submission(read(&start, actor, drafter)?).map_err(fail)?;
        for (number, attachment) in (0_u32..).zip(attachments) {
            let described = described(&attachment);
            if !attachment.follows {
                submission.attach(&self.exchange, described, &attachment.content).map_err(fail)?;
                continue;
            }
            submission.begin_attachment(&self.exchange, described).map_err(fail)?;
            loop {
                let data = source.data(number).await?;
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

    /// Keeps what was submitted until somebody else has approved it.
    async fn draft(
        &self,
        mut start: SubmitStart,
        stream: &mut Streaming<SubmitFrame>,
        officer: &str,
        actor: Actor,
    ) -> Result<SubmitReply, Status> {
        let fail = |error: ExchangeError| for_local(&error);
        let draft = read(&start, actor, None)?;
        let kind = content::kind(&draft.request).unwrap_or_default();
        let id = match draft.id {
            Some(id) => id,
            None => PacketId::fresh(self.exchange.now(), &*self.exchange.entropy)
                .map_err(|error| fail(error.into()))?,
        };
        start.packet_id = id.bytes().to_vec();
        let record = DraftRecord {
            drafter: officer.to_owned(),
            recipient: draft.recipient.to_string(),
            kind: kind.into(),
            urgency: draft.urgency.into(),
            expires: draft.expires,
            attachments: start.attachments.len() as u32,
            ..DraftRecord::default()
        };
        // What could not be sent is no draft: it is said to whoever wrote it.
        let (mut request, urgency) = (draft.request.clone(), draft.urgency);
        let digested = |attachment: &SubmitAttachment| {
            let digest = if attachment.follows { Vec::new() } else { sha256(&attachment.content).to_vec() };
            Attachment { sha256: digest, ..described(attachment) }
        };
        request.attachments = start.attachments.iter().map(digested).collect();
        let recipient = draft.recipient.clone();
        let check = |request: &Body| {
            let checked = self.exchange.check_request(request, urgency, Some(&recipient));
            checked.and_then(|(found, _)| unless_deficient(found)).map_err(fail)
        };
        check(&request)?;
        self.exchange.begin_submission(draft).map_err(fail)?;
        let mut writing = self.drafts.begin(&self.exchange, id, record).map_err(fail)?;
        let follow: Vec<bool> = start.attachments.iter().map(|attachment| attachment.follows).collect();
        let mut push = |frame| {
            let frame = SubmitFrame { frame: Some(frame) };
            tokio::task::block_in_place(|| writing.push(&frame)).map_err(fail)
        };
        push(submit_frame::Frame::Start(start))?;
        let mut source = Source::Stream(stream);
        for (number, _) in (0_u32..).zip(follow).filter(|(_, follows)| *follows) {
            let mut digest = Sha256::default();
            loop {
                let data = source.data(number).await?;
                let last = data.last;
                digest.update(&data.data);
                push(submit_frame::Frame::Data(data))?;
                if last {
                    break;
                }
            }
            request.attachments[number as usize].sha256 = digest.finish().to_vec();
        }
        let deficiencies = check(&request)?;
        let id = tokio::task::block_in_place(|| writing.finish()).map_err(fail)?;
        tracing::info!(draft = %id, "waits for another officer");
        let deficiencies = deficiencies.iter().map(Deficiency::to_wire).collect();
        Ok(SubmitReply { draft_id: id.bytes().to_vec(), deficiencies, ..SubmitReply::default() })
    }
}

/// An attachment as the recipient will see it, but for its size and digest.
fn described(attachment: &SubmitAttachment) -> Attachment {
    Attachment {
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        language: attachment.language.clone(),
        translation_of: attachment.translation_of,
        ..Attachment::default()
    }
}

fn body(start: &SubmitStart) -> Result<Body, Status> {
    Body::decode(start.request.as_slice()).map_err(|_| Status::invalid_argument("the request can't be read"))
}

fn read(start: &SubmitStart, actor: Actor, drafter: Option<Actor>) -> Result<Draft, Status> {
    let bad = |error: FormatError| Status::invalid_argument(error.to_string());
    Ok(Draft {
        id: PacketId::from_optional(&start.packet_id).map_err(bad)?,
        recipient: AuthorityId::parse(&start.recipient).map_err(bad)?,
        kind: start.kind(),
        urgency: start.urgency(),
        expires: start.expires,
        case_id: CaseId::from_optional(&start.case_id).map_err(bad)?,
        in_reply_to: PacketId::from_optional(&start.in_reply_to).map_err(bad)?,
        replaces: PacketId::from_optional(&start.replaces).map_err(bad)?,
        request: body(start)?,
        written: start.request.clone(),
        actor,
        drafter,
    })
}
