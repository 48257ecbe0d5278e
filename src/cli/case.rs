//! `rogatory answer` and `rogatory status`.

use super::error::CliError;
use super::{Context, forms, output, packets, send};
use clap::Args;
use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::wire::{
    AnswerRequest, CaseItem, CaseReply, CaseRequest, StatusText, leaf::Kind as LeafKind,
};
use rogatory::request::file::{enum_name, enum_names, enum_value};
use std::path::{Path, PathBuf};

/// Answer a packet: a status, with a sealed text and a reply where wanted
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory answer 0191f3a0-… registered --reference BM-2026-114\n  \
rogatory answer 0191f3a0-… executed --reply reply.toml\n  \
rogatory answer 0191f3a0-… refused --ground dual_criminality --text \"…\"")]
pub struct Answer {
    /// Packet id
    packet: String,
    /// registered, returned, information_needed, information_given, accepted, consultation, postponed,
    /// refused, partly_executed, executed, withdrawn, closed
    status: String,
    /// Our national reference, sealed
    #[arg(long)]
    reference: Option<String>,
    /// Text for the other side, sealed
    #[arg(long)]
    text: Option<String>,
    /// Language of the text (BCP 47)
    #[arg(long, default_value = "en")]
    language: String,
    /// Ground of a refusal
    #[arg(long)]
    ground: Option<String>,
    /// With postponed: when it will be looked at again (RFC 3339 time, date, or days such as 60d)
    #[arg(long, value_name = "TIME")]
    review: Option<String>,
    /// Request file of a reply packet, sent first
    #[arg(long, value_name = "FILE")]
    reply: Option<PathBuf>,
    /// Reply packet that was sent before
    #[arg(long, value_name = "PACKET", conflicts_with = "reply")]
    replied: Option<String>,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
}

impl Answer {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let packet = packets::name(&self.packet, self.peer.as_ref())?;
        let code = named("Status.Code", &self.status, "status")?;
        let ground = match &self.ground {
            Some(ground) => named("Status.Ground", ground, "ground")?,
            None => 0,
        };
        let text = (self.reference.is_some() || self.text.is_some()).then(|| StatusText {
            national_reference: self.reference.unwrap_or_default(),
            text: self.text.unwrap_or_default(),
            language: self.language,
        });
        let review_at = match &self.review {
            Some(time) => send::expiry(time).map_err(|why| CliError::input(format!("--review: {why}")))?,
            None => 0,
        };
        let gateway = context.gateway().await?;
        let mut reply_id = match &self.replied {
            Some(id) => {
                let id: PacketId =
                    id.parse().map_err(|_| CliError::input(format!("--replied: {id:?} is no packet id")))?;
                id.bytes().to_vec()
            }
            None => Vec::new(),
        };
        if let Some(path) = &self.reply {
            let shown =
                gateway.officer().show(packet.clone()).await?.into_inner().summary.unwrap_or_default();
            let mut written = forms::open(path)?;
            written.file.case = output::id(&shown.case_id);
            written.file.in_reply_to = output::id(&shown.packet_id);
            let folder = path.parent().unwrap_or(Path::new("."));
            let sent = send::submit(&gateway, written, folder, context.json).await?;
            if !sent.draft_id.is_empty() {
                let draft = output::id(&sent.draft_id);
                return Err(CliError::open(format!(
                    "the reply waits as draft {draft}; nothing was decided yet"
                ))
                .hint(format!("once another officer approved it: rogatory answer … --replied {draft}")));
            }
            reply_id = sent.packet_id;
        }
        let request =
            AnswerRequest { packet: Some(packet), code, ground, text, reply_id: reply_id.clone(), review_at };
        let answered = gateway.officer().answer(request).await?.into_inner();
        if context.json {
            println!(
                "{}",
                serde_json::json!({
                    "status": self.status, "id": output::id(&answered.status_id), "case": output::id(&answered.case_id),
                    "seq": answered.seq, "reply": if reply_id.is_empty() { None } else { Some(output::id(&reply_id)) },
                    "acknowledgement": output::acknowledgement_json(answered.acknowledgement.as_ref()),
                })
            );
            return Ok(());
        }
        println!(
            "{}  (status {} of ours in case {})",
            self.status,
            answered.seq + 1,
            output::id(&answered.case_id)
        );
        println!("durable  {}", output::acknowledgement_line(answered.acknowledgement.as_ref()));
        Ok(())
    }
}

fn named(enumeration: &str, name: &str, what: &str) -> Result<i32, CliError> {
    enum_value(enumeration, name).filter(|value| *value != 0).ok_or_else(|| {
        CliError::input(format!("{name:?} is no {what}"))
            .hint(format!("one of: {}", enum_names(enumeration).join(", ")))
    })
}

/// Show a case: its state, and the timeline of evidence and statuses
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory status 0191f3a0-…    # a case id, or any packet of the case\n  \
rogatory status 0191f3a0-… --texts --purpose execution\n\n\
Without --texts nothing is opened. With it, each text that is shown is an opening, an entry in the ledger."
)]
pub struct Status {
    /// Case id or packet id
    id: String,
    /// Open the sealed texts of its statuses, and show them
    #[arg(long, requires = "purpose")]
    texts: bool,
    /// Only the text of this status
    #[arg(long, value_name = "STATUS", requires = "texts")]
    only: Option<String>,
    /// Why they are opened: execution, review, appeal, audit, technical or other; it stands in the ledger
    #[arg(long, value_name = "CODE", value_parser = packets::purpose, requires = "texts")]
    purpose: Option<i32>,
}

impl Status {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let id: CaseId = self.id.parse().map_err(|_| CliError::input(format!("{:?} is no id", self.id)))?;
        let status_id = match &self.only {
            Some(id) => {
                let parsed: Result<PacketId, _> = id.parse();
                parsed.map_err(|_| CliError::input(format!("--only: {id:?} is no id")))?.bytes().to_vec()
            }
            None => Vec::new(),
        };
        let asked = CaseRequest {
            texts: self.texts,
            status_id,
            purpose_code: self.purpose.unwrap_or_default(),
            ..CaseRequest::default()
        };
        let gateway = context.gateway().await?;
        let by_case = CaseRequest { case_id: id.bytes().to_vec(), ..asked.clone() };
        let reply = match gateway.officer().case(by_case).await {
            Ok(reply) => reply.into_inner(),
            Err(status) if status.code() == tonic::Code::NotFound => {
                let packet: PacketId = self.id.parse().map_err(|_| CliError::input("no id"))?;
                let by_packet = CaseRequest { packet_id: packet.bytes().to_vec(), ..asked };
                gateway.officer().case(by_packet).await?.into_inner()
            }
            Err(status) => return Err(status.into()),
        };
        match context.json {
            true => println!("{}", case_json(&reply)),
            false => print!("{}", case_text(&reply)),
        }
        Ok(())
    }
}

/// A case for programs.
pub fn case_json(reply: &CaseReply) -> serde_json::Value {
    let items: Vec<_> = reply
        .items
        .iter()
        .map(|item| {
            serde_json::json!({
                "index": item.index, "at": output::time(item.at), "author": item.author, "what": what(item),
                "kind": item.kind().as_str_name(), "id": output::id(&item.id),
                "has_text": item.has_text, "text_erased": item.text_erased,
                "text": item.text.as_ref().map(|t| &t.text), "reference": item.text.as_ref().map(|t| &t.national_reference),
            })
        })
        .collect();
    serde_json::json!({ "case": output::id(&reply.case_id), "peer": reply.peer, "state": reply.state, "items": items })
}

fn case_text(reply: &CaseReply) -> String {
    format!(
        "case {} with {}: {}\n{}",
        output::id(&reply.case_id),
        reply.peer,
        reply.state,
        output::table(&timeline_rows(reply))
    )
}

/// The timeline, a row an item.
pub fn timeline_rows(reply: &CaseReply) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for item in &reply.items {
        let mut words = what(item);
        if let Some(text) = &item.text {
            for part in [&text.national_reference, &text.text] {
                if !part.is_empty() {
                    // Isolated, so that a right-to-left text leaves the line in order.
                    words.push_str(&format!(" — \u{2068}{part}\u{2069}"));
                }
            }
        }
        if item.has_text && item.text.is_none() {
            words.push_str(" — sealed text");
        }
        if item.text_erased {
            words.push_str(" — text erased");
        }
        let (at, index) = (output::time(item.at), item.index.to_string());
        rows.push(vec![at, item.author.clone(), words, output::id(&item.id), index]);
    }
    rows
}

/// What an item says, in words.
pub fn what(item: &CaseItem) -> String {
    let words = match item.kind() {
        LeafKind::StatusIssued | LeafKind::StatusReceived => match item.ground {
            0 => output::status(item.status),
            ground => format!("{} ({})", output::status(item.status), enum_name("Status.Ground", ground)),
        },
        LeafKind::EvidenceIssued | LeafKind::EvidenceReceived => match item.packet_kind {
            0 => output::event(item.event),
            kind => format!("{} of {}", output::event(item.event), output::kind(kind)),
        },
        LeafKind::Erased => format!("erased ({})", output::erasure_reason(item.erased_reason)),
        kind => kind.as_str_name().to_owned(),
    };
    if item.cause == 0 { words } else { format!("{words}: {}", output::cause(item.cause)) }
}
