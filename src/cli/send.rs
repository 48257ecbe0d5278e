//! `rogatory send`: a request file and its attachments.

use super::error::CliError;
use super::{Context, drafts, forms, output};
use clap::Args;
use rogatory::crypto::hash::Sha256;
use rogatory::format::Millis;
use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::wire::{
    Attachment, AttachmentFile, RequestFile, SubmitAttachment, SubmitData, SubmitFrame, SubmitReply,
    SubmitStart, submit_frame,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::local_client::LocalClient;
use rogatory::request::file::{FileError, Written};
use rogatory::request::language::Language;
use rogatory::store::Clock as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// An attachment up to this size travels in the first message, bytes.
const SMALL: u64 = 48 * 1024;
/// Data of one message, bytes.
const PIECE: usize = 256 * 1024;
/// Where a file names no expiry.
const EXPIRES: &str = "90d";

/// Send a request: a TOML or JSON file, with its attachments
#[derive(Args)]
#[command(
    after_help = "Example:\n  rogatory send request.toml\n  rogatory send reply.toml --case 0191… --in-reply-to 0192…\n  \
rogatory send request.toml --wait 60    # until the peer has consigned it\n\n\
The file names recipient, urgency, expires, a [request] table and [[attachments]]; see docs/REQUESTS.md."
)]
pub struct Send {
    /// The request file
    file: PathBuf,
    /// Case that it belongs to; a new one if neither this nor the file names one
    #[arg(long)]
    case: Option<String>,
    /// Packet that it answers
    #[arg(long)]
    in_reply_to: Option<String>,
    /// Packet of another case that it follows; may be given more than once
    #[arg(long, value_name = "PACKET")]
    follows: Vec<String>,
    /// Wait so many seconds for the peer's evidence; fail if it does not come or is a refusal
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

impl Send {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let mut written = forms::open(&self.file)?;
        if let Some(case) = self.case {
            written.file.case = case;
        }
        if let Some(id) = self.in_reply_to {
            written.file.in_reply_to = id;
        }
        for id in &self.follows {
            let linked: PacketId =
                id.parse().map_err(|_| CliError::input(format!("--follows: {id:?} is no packet id")))?;
            written.follow(linked);
        }
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let gateway = context.gateway().await?;
        let reply = submit(&gateway, written, folder, context.json).await?;
        if !reply.draft_id.is_empty() {
            drafts::told(&reply, context.json);
            return Ok(());
        }
        let settled = match self.wait {
            Some(seconds) => Some(
                super::packets::wait_settled(&gateway, &reply.packet_id, Duration::from_secs(seconds))
                    .await?,
            ),
            None => None,
        };
        if context.json {
            println!(
                "{}",
                serde_json::json!({
                    "packet": output::id(&reply.packet_id), "case": output::id(&reply.case_id),
                    "acknowledgement": output::acknowledgement_json(reply.acknowledgement.as_ref()),
                    "settled": settled.as_ref().map(output::summary_json),
                    "deficiencies": reply.deficiencies.iter()
                        .map(|told| super::check::json(Language::En, told)).collect::<Vec<_>>(),
                })
            );
        } else {
            eprint!("{}", super::check::text(Language::En, &reply.deficiencies));
            println!("submitted  {}", output::id(&reply.packet_id));
            println!("case       {}", output::id(&reply.case_id));
            println!("durable    {}", output::acknowledgement_line(reply.acknowledgement.as_ref()));
            for outcome in settled.iter().flat_map(|summary| &summary.outcomes) {
                println!("{}  {}", output::time(outcome.at), output::outcome(outcome));
            }
        }
        match settled {
            Some(summary) if summary.outcomes.last().is_some_and(|outcome| outcome.cause != 0) => {
                let found = summary.outcomes.last().map(output::findings).unwrap_or_default();
                let lines: Vec<_> = [output::last_word(&summary)].into_iter().chain(found).collect();
                Err(CliError::failed(format!("refused: {}", lines.join("\n  "))))
            }
            _ => Ok(()),
        }
    }
}

/// The attachments of a request file as the recipient will see them.
pub fn described(file: &RequestFile, folder: &Path) -> Result<Vec<Attachment>, CliError> {
    let describe = |attachment| {
        let found = Found::look(attachment, folder)?;
        let sha256 = found.sha256()?;
        Ok(Attachment {
            sha256,
            media_type: found.media_type(),
            name: found.name,
            size: found.size,
            language: attachment.language.clone(),
            translation_of: attachment.translation_of,
        })
    };
    file.attachments.iter().map(describe).collect()
}

/// Submits a request file whose attachments lie relative to `folder`.
pub async fn submit(
    gateway: &LocalClient,
    written: Written,
    folder: &Path,
    quiet: bool,
) -> Result<SubmitReply, CliError> {
    let field =
        |field: &'static str, why: String| CliError::input(FileError::Field { field, why }.to_string());
    let Written { file, request, .. } = written;
    if file.request.is_none() {
        return Err(field("request", "the table is missing".into()));
    }
    let expires = expiry(&file.expires).map_err(|why| field("expires", why))?;
    let case_id = optional(&file.case, "case", str::parse::<CaseId>)?.map(|id| id.bytes().to_vec());
    let in_reply_to = optional(&file.in_reply_to, "in_reply_to", str::parse::<PacketId>)?;
    let replaces = optional(&file.replaces, "replaces", str::parse::<PacketId>)?;
    let attachments: Vec<Found> = file
        .attachments
        .iter()
        .map(|attachment| Found::look(attachment, folder))
        .collect::<Result<_, _>>()?;
    let mut described = Vec::with_capacity(attachments.len());
    for found in &attachments {
        described.push(found.describe()?);
    }
    let start = SubmitStart {
        packet_id: Vec::new(),
        recipient: file.recipient.clone(),
        kind: file.kind,
        urgency: file.urgency,
        expires,
        case_id: case_id.unwrap_or_default(),
        in_reply_to: in_reply_to.map(|id| id.bytes().to_vec()).unwrap_or_default(),
        replaces: replaces.map(|id| id.bytes().to_vec()).unwrap_or_default(),
        request,
        attachments: described,
    };
    let (sender, receiver) = mpsc::channel(4);
    let _ = sender.send(SubmitFrame { frame: Some(submit_frame::Frame::Start(start)) }).await;
    let total = attachments.iter().filter(|found| found.follows()).map(|found| found.size).sum();
    let reading = tokio::task::spawn_blocking(move || {
        let bar = output::progress(total, "sealing", quiet);
        for (number, found) in (0_u32..).zip(&attachments) {
            if found.follows() && !found.send(number, &sender, &bar)? {
                break;
            }
        }
        bar.finish_and_clear();
        Ok::<_, CliError>(())
    });
    let reply = gateway.officer().submit(ReceiverStream::new(receiver)).await;
    let read = reading.await.map_err(|error| CliError::failed(error.to_string()))?;
    match (reply, read) {
        (_, Err(error)) => Err(error),
        (reply, Ok(())) => Ok(reply?.into_inner()),
    }
}

/// An attachment that was found.
struct Found {
    path: PathBuf,
    name: String,
    size: u64,
    file: AttachmentFile,
}

impl Found {
    fn look(file: &AttachmentFile, folder: &Path) -> Result<Self, CliError> {
        let path = folder.join(&file.path);
        let found = std::fs::metadata(&path).map_err(|error| {
            CliError::input(format!("attachment {}: {error}", path.display()))
                .hint("paths are relative to the request file")
        })?;
        if !found.is_file() {
            return Err(CliError::input(format!("attachment {} is no file", path.display())));
        }
        let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if file.name.is_empty() { own } else { file.name.clone() };
        Ok(Self { path, name, size: found.len(), file: file.clone() })
    }

    fn media_type(&self) -> String {
        match self.file.media_type.as_str() {
            "" => media_type(&self.path).to_owned(),
            given => given.to_owned(),
        }
    }

    fn sha256(&self) -> Result<Vec<u8>, CliError> {
        let mut digest = Sha256::default();
        let mut file = std::fs::File::open(&self.path).map_err(|error| CliError::file(&self.path, &error))?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer).map_err(|error| CliError::file(&self.path, &error))? {
                0 => return Ok(digest.finish().to_vec()),
                count => digest.update(&buffer[..count]),
            }
        }
    }

    fn follows(&self) -> bool {
        self.size > SMALL
    }

    fn describe(&self) -> Result<SubmitAttachment, CliError> {
        let content = match self.follows() {
            true => Vec::new(),
            false => std::fs::read(&self.path).map_err(|error| CliError::file(&self.path, &error))?,
        };
        Ok(SubmitAttachment {
            name: self.name.clone(),
            media_type: self.media_type(),
            language: self.file.language.clone(),
            translation_of: self.file.translation_of,
            content,
            follows: self.follows(),
        })
    }

    /// Sends the data; false when the gateway no longer listens: its answer says why.
    fn send(
        &self,
        number: u32,
        sender: &mpsc::Sender<SubmitFrame>,
        bar: &indicatif::ProgressBar,
    ) -> Result<bool, CliError> {
        let unreadable = |error| CliError::file(&self.path, &error);
        let mut file = std::fs::File::open(&self.path).map_err(unreadable)?;
        let mut left = self.size;
        loop {
            let mut data = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
            file.read_exact(&mut data).map_err(unreadable)?;
            left -= data.len() as u64;
            bar.inc(data.len() as u64);
            let data = SubmitData { attachment: number, data, last: left == 0 };
            if sender.blocking_send(SubmitFrame { frame: Some(submit_frame::Frame::Data(data)) }).is_err() {
                return Ok(false);
            }
            if left == 0 {
                return Ok(true);
            }
        }
    }
}

/// A media type by the file's ending, for those that authorities send most.
fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "txt" => "text/plain",
        "csv" => "text/csv",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "xml" => "application/xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

fn optional<T, E: std::fmt::Display>(
    text: &str,
    field: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, CliError> {
    match text {
        "" => Ok(None),
        text => parse(text).map(Some).map_err(|error| {
            CliError::input(FileError::Field { field, why: format!("{text:?}: {error}") }.to_string())
        }),
    }
}

/// RFC 3339, a date, or a number of days such as `30d`.
pub fn expiry(text: &str) -> Result<Millis, String> {
    let text = if text.is_empty() { EXPIRES } else { text };
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()) {
        return Ok(SystemClock.now() + days.min(100_000) * 24 * 3600 * 1000);
    }
    moment(text)
        .ok_or_else(|| format!("{text:?} is neither a time (RFC 3339), a date, nor days such as \"30d\""))
}

/// RFC 3339, or a date, which means its beginning.
pub fn moment(text: &str) -> Option<Millis> {
    let time = text.parse::<jiff::Timestamp>().or_else(|_| {
        text.parse::<jiff::civil::Date>()
            .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|zoned| zoned.timestamp())
    });
    u64::try_from(time.ok()?.as_millisecond()).ok()
}
