//! `rogatory letter`: what a packet or a request file says, as a page for people.

use super::error::CliError;
use super::prove::{unused, write_new};
use super::{Context, forms, packets};
use clap::Args;
use prost::Message as _;
use rogatory::format::id::PacketId;
use rogatory::format::packet::SignedHeader;
use rogatory::format::wire::{Acknowledgement, FetchRequest, PacketName, Request, ShowReply, fetch_frame};
use rogatory::gateway::SystemClock;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::request::language::{Language, UnknownLanguage};
use rogatory::request::letter::{self, Event, Letter as Page, Outside, PdfError, Proof, Receipt};
use rogatory::request::mapping::unknown_in;
use rogatory::store::Clock as _;
use std::path::{Path, PathBuf};

/// Print a request, an answer or a receipt as a letter
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory letter request.toml --lang fa --out draft.html\n  \
rogatory letter 0191f3a0-… --lang fr --out letter.pdf --purpose execution\n  \
rogatory letter 0191f3a0-… --receipt --out receipt.pdf\n\n\
Of a packet, the letter opens the content: that is an entry in the ledger, as with rogatory fetch. A receipt \
opens nothing. A letter of a packet carries a QR code, which rogatory verify-bundle --paper accepts.")]
pub struct Letter {
    /// A request file, or a packet id
    #[arg(value_name = "FILE|PACKET")]
    what: String,
    /// Language of the letter: en, fr, ru, ar or fa; that of the request if it is one of them, else en
    #[arg(long, value_parser = language)]
    lang: Option<Language>,
    /// Where to: must end in .html or .pdf, and not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The receipt of a packet instead: what both gateways signed about it
    #[arg(long)]
    receipt: bool,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
    /// Why the content is opened: execution, review, appeal, audit, technical or other; it stands in the ledger
    #[arg(long, value_name = "CODE", value_parser = packets::purpose, conflicts_with = "receipt")]
    purpose: Option<i32>,
}

fn language(tag: &str) -> Result<Language, UnknownLanguage> {
    Language::of_tag(tag)
}

/// What a letter is written as.
#[derive(Clone, Copy)]
enum Form {
    Html,
    Pdf,
}

impl Letter {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        // Before anything is opened: a letter that can't be written opens nothing.
        let form = form(&self.out)?;
        unused(&self.out)?;
        let page = match self.what.parse::<PacketId>() {
            Ok(_) => self.of_packet(context).await?,
            Err(_) if self.receipt => {
                return Err(CliError::input(format!("{:?} is no packet id", self.what))
                    .hint("a receipt is of a packet: rogatory inbox and rogatory outbox list them"));
            }
            Err(_) => self.of_file(context)?,
        };
        let bytes = match form {
            Form::Html => letter::html(&page).into_bytes(),
            Form::Pdf => tokio::task::block_in_place(|| letter::pdf(&page)).map_err(|error| unset(&error))?,
        };
        write_new(&self.out, &bytes)?;
        match context.json {
            true => println!(
                "{}",
                serde_json::json!({
                    "letter": self.out, "language": page.language, "title": page.title,
                    "paper": page.foot.tie.as_ref().map(|tie| &tie.text),
                })
            ),
            false => println!("{}", self.out.display()),
        }
        Ok(())
    }

    /// The letter of a draft: nothing was signed, nothing ties it.
    fn of_file(&self, context: &Context) -> Result<Page, CliError> {
        let path = Path::new(&self.what);
        if !path.exists() {
            return Err(CliError::input(format!("{} is neither a file nor a packet id", path.display()))
                .hint("name a request file, or a packet by its id: rogatory inbox"));
        }
        let written = forms::open(path)?;
        let unknown = unknown_in(&written.request, "Request")
            .map_err(|error| CliError::input(format!("{}: {error}", path.display())))?;
        let file = written.file;
        let urgency = file.urgency();
        let request = file.request.unwrap_or_default();
        let outside = Outside {
            // Where a configuration is at hand, it says who writes.
            sender: context.config().ok().map(|config| config.authority.to_string()),
            recipient: file.recipient,
            urgency,
            written: SystemClock.now(),
            header: None,
            unknown,
        };
        Ok(letter::letter(&request, &outside, self.language(&request)))
    }

    async fn of_packet(&self, context: &Context) -> Result<Page, CliError> {
        let name = packets::name(&self.what, self.peer.as_ref())?;
        let gateway = context.gateway().await?;
        let shown = gateway.officer().show(name.clone()).await?.into_inner();
        let header = SignedHeader::danger_unverified(&shown.header)?;
        if self.receipt {
            let language = self.lang.unwrap_or(Language::En);
            return Ok(letter::receipt(&header, &evidence(&shown), language));
        }
        let body = self.open(&gateway, name).await?;
        let unread = |why: String| CliError::failed(format!("the request can't be read: {why}"));
        let request = Request::decode(body.as_slice()).map_err(|error| unread(error.to_string()))?;
        let unknown = unknown_in(&body, "Request").map_err(|error| unread(error.to_string()))?;
        let outside = Outside { unknown, ..Outside::of(&header) };
        Ok(letter::letter(&request, &outside, self.language(&request)))
    }

    /// Opens the packet to its end: every digest agrees, and the handover is evidence.
    async fn open(
        &self,
        gateway: &rogatory::gateway::local_client::LocalClient,
        packet: PacketName,
    ) -> Result<Vec<u8>, CliError> {
        let purpose_code = self.purpose.ok_or_else(|| {
            CliError::input("what is the packet opened for?").hint(
                "--purpose execution, review, appeal, audit, technical or other; it stands in the ledger",
            )
        })?;
        let request = FetchRequest { packet: Some(packet), purpose_code, ..FetchRequest::default() };
        let mut frames = gateway.officer().fetch(request).await?.into_inner();
        let mut body = None;
        while let Some(frame) = frames.message().await? {
            match frame.frame {
                Some(fetch_frame::Frame::Start(start)) => body = Some(start.request),
                // Attachments are checked by the gateway; a letter names them.
                Some(fetch_frame::Frame::Data(_)) => {}
                Some(fetch_frame::Frame::End(_)) => {
                    return body.ok_or_else(|| CliError::failed("the gateway did not begin with the body"));
                }
                None => return Err(CliError::failed("the gateway sent an unknown frame")),
            }
        }
        Err(CliError::failed("the packet ended early: no letter was written"))
    }

    fn language(&self, request: &Request) -> Language {
        let own = || Language::of_tag(&request.language).ok();
        self.lang.or_else(own).unwrap_or(Language::En)
    }
}

/// What a receipt shows of a packet.
fn evidence(shown: &ShowReply) -> Receipt {
    let outcomes = shown.summary.iter().flat_map(|summary| &summary.outcomes);
    let events = outcomes.map(|outcome| Event {
        event: outcome.event(),
        issuer: outcome.issuer.clone(),
        at: outcome.at,
        cause: outcome.cause(),
        index: outcome.index,
    });
    Receipt { events: events.collect(), proof: shown.acknowledgement.as_ref().and_then(place) }
}

fn place(acknowledgement: &Acknowledgement) -> Option<Proof> {
    let checkpoint = Checkpoint::danger_unverified(&acknowledgement.checkpoint).ok()?;
    Some(Proof { log: checkpoint.origin, size: checkpoint.size, root: checkpoint.root })
}

fn unset(error: &PdfError) -> CliError {
    let hint = match error {
        PdfError::NoGlyph(_) => "a browser looks for fonts of its own: --out FILE.html",
        PdfError::Layout(_) => "the same letter as HTML: --out FILE.html",
    };
    CliError::failed(error.to_string()).hint(hint)
}

fn form(path: &Path) -> Result<Form, CliError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => Ok(Form::Html),
        Some("pdf") => Ok(Form::Pdf),
        _ => Err(CliError::input(format!("{}: what should it be written as?", path.display()))
            .hint("name a file that ends in .html or .pdf")),
    }
}
