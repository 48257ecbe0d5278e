//! `rogatory draft list|show|approve|reject`: four eyes.

use super::error::CliError;
use super::{Context, output};
use clap::{Args, Subcommand};
use rogatory::format::id::PacketId;
use rogatory::format::wire::{
    DraftName, DraftSummary, DraftsRequest, Request, SubmitReply, SubmitStart, submit_frame,
};
use rogatory::request::file::{enum_name, to_json};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Drafts: what one officer wrote and another approves, where the configuration asks for four eyes
#[derive(Subcommand)]
#[command(
    after_help = "Examples:\n  rogatory draft list\n  rogatory draft show 0191f3a0-… --out to-check\n  \
rogatory draft approve 0191f3a0-…"
)]
pub enum Draft {
    List(List),
    Show(Show),
    Approve(Approve),
    Reject(Reject),
}

/// List drafts that wait, oldest first
#[derive(Args)]
pub struct List {}

/// Show what a draft says, and write its attachments to a folder
#[derive(Args)]
pub struct Show {
    /// Draft id
    draft: String,
    /// Folder for its attachments; must not hold files of the same names
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Send a draft that another officer wrote
#[derive(Args)]
pub struct Approve {
    /// Draft id
    draft: String,
}

/// Destroy a draft, another's or one's own
#[derive(Args)]
pub struct Reject {
    /// Draft id
    draft: String,
}

impl Draft {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::List(_) => list(context).await,
            Self::Show(command) => command.run(context).await,
            Self::Approve(command) => {
                let name = named(&command.draft)?;
                let reply = context.gateway().await?.officer().approve_draft(name).await?.into_inner();
                told(&reply, context.json);
                Ok(())
            }
            Self::Reject(command) => {
                let name = named(&command.draft)?;
                context.gateway().await?.officer().reject_draft(name).await?;
                match context.json {
                    true => println!("{}", json!({ "rejected": command.draft })),
                    false => println!("rejected  {}", command.draft),
                }
                Ok(())
            }
        }
    }
}

/// What became of a submission: a packet, or a draft.
pub fn told(reply: &SubmitReply, json: bool) {
    let draft = (!reply.draft_id.is_empty()).then(|| output::id(&reply.draft_id));
    match (draft, json) {
        (Some(draft), true) => println!("{}", json!({ "draft": draft })),
        (Some(draft), false) => {
            println!("draft      {draft}");
            println!("waits for another officer: rogatory draft approve {draft}");
        }
        (None, true) => println!(
            "{}",
            json!({
                "packet": output::id(&reply.packet_id), "case": output::id(&reply.case_id),
                "acknowledgement": output::acknowledgement_json(reply.acknowledgement.as_ref()),
            })
        ),
        (None, false) => {
            println!("submitted  {}", output::id(&reply.packet_id));
            println!("case       {}", output::id(&reply.case_id));
            println!("durable    {}", output::acknowledgement_line(reply.acknowledgement.as_ref()));
        }
    }
}

async fn list(context: &Context) -> Result<(), CliError> {
    let drafts = context.gateway().await?.officer().drafts(DraftsRequest {}).await?.into_inner().drafts;
    if context.json {
        let row = |draft: &DraftSummary| {
            json!({
                "draft": output::id(&draft.draft_id), "recipient": draft.recipient,
                "kind": output::kind(draft.kind), "urgency": enum_name("Urgency.Code", draft.urgency),
                "created": output::time(draft.created), "expires": output::time(draft.expires),
                "drafter": draft.drafter, "own": draft.own, "attachments": draft.attachments,
                "bytes": draft.bytes,
            })
        };
        println!("{}", json!({ "drafts": drafts.iter().map(row).collect::<Vec<_>>() }));
        return Ok(());
    }
    if drafts.is_empty() {
        println!("no draft waits");
        return Ok(());
    }
    let head = ["created", "by", "recipient", "kind", "urgency", "attachments", "draft"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for draft in &drafts {
        rows.push(vec![
            output::time(draft.created),
            if draft.own { "you".to_owned() } else { draft.drafter.clone() },
            draft.recipient.clone(),
            output::kind(draft.kind),
            enum_name("Urgency.Code", draft.urgency),
            format!("{}, {}", draft.attachments, output::bytes(draft.bytes)),
            output::id(&draft.draft_id),
        ]);
    }
    print!("{}", output::table(&rows));
    Ok(())
}

impl Show {
    async fn run(self, context: &Context) -> Result<(), CliError> {
        let name = named(&self.draft)?;
        let mut frames = context.gateway().await?.officer().read_draft(name).await?.into_inner();
        let first = frames.message().await?.and_then(|frame| frame.frame);
        let Some(submit_frame::Frame::Start(start)) = first else {
            return Err(CliError::failed("the draft does not begin with its start"));
        };
        if let Some(folder) = &self.out {
            std::fs::create_dir_all(folder).map_err(|error| CliError::file(folder, &error))?;
            let mut files = HashMap::new();
            for (number, attachment) in (0_u32..).zip(&start.attachments) {
                let mut file = attachment_file(folder, &attachment.name)?;
                file.write_all(&attachment.content).map_err(|error| CliError::file(folder, &error))?;
                files.insert(number, file);
            }
            while let Some(frame) = frames.message().await? {
                if let Some(submit_frame::Frame::Data(data)) = frame.frame
                    && let Some(file) = files.get_mut(&data.attachment)
                {
                    file.write_all(&data.data).map_err(|error| CliError::file(folder, &error))?;
                }
            }
        }
        let shown = draft_json(&start)?;
        match context.json {
            true => println!("{shown}"),
            false => println!("{}", serde_json::to_string_pretty(&shown).unwrap_or_default()),
        }
        Ok(())
    }
}

/// A new file in the folder, under a name that has no folders in it.
fn attachment_file(folder: &Path, name: &str) -> Result<File, CliError> {
    let plain = Path::new(name).file_name().is_some_and(|last| last == name);
    if !plain {
        return Err(CliError::input(format!("attachment {name:?} has no plain file name")));
    }
    let path = folder.join(name);
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| CliError::file(&path, &error).hint("name another folder: --out FOLDER"))
}

/// As a request file says it.
fn draft_json(start: &SubmitStart) -> Result<Value, CliError> {
    let request: Request = prost::Message::decode(start.request.as_slice())
        .map_err(|_| CliError::failed("the request of the draft can't be read"))?;
    let optional = |id: &[u8]| (!id.is_empty()).then(|| output::id(id));
    let attachments: Vec<Value> = start
        .attachments
        .iter()
        .map(|attachment| {
            json!({
                "name": attachment.name, "media_type": attachment.media_type,
                "language": attachment.language, "translation_of": attachment.translation_of,
            })
        })
        .collect();
    Ok(json!({
        "draft": output::id(&start.packet_id), "recipient": start.recipient,
        "urgency": enum_name("Urgency.Code", start.urgency), "expires": output::time(start.expires),
        "case": optional(&start.case_id), "in_reply_to": optional(&start.in_reply_to),
        "replaces": optional(&start.replaces), "request": to_json(&request, "Request"),
        "attachments": attachments,
    }))
}

fn named(text: &str) -> Result<DraftName, CliError> {
    let id: PacketId = text
        .parse()
        .map_err(|_| CliError::input(format!("{text:?} is no draft id")).hint("rogatory draft list"))?;
    Ok(DraftName { draft_id: id.bytes().to_vec() })
}
