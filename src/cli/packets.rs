//! `rogatory inbox`, `outbox`, `show`, `fetch`.

use super::error::CliError;
use super::names::safe_names;
use super::{Context, output};
use clap::Args;
use prost::Message as _;
use rogatory::format::id::PacketId;
use rogatory::format::packet::SignedHeader;
use rogatory::format::wire::{
    self, FetchRequest, PacketName, PacketSummary, PacketsRequest, event::Code as Event, fetch_frame,
};
use rogatory::gateway::local_client::LocalClient;
use rogatory::request::file::request_json;
use rogatory::request::file::{enum_names, enum_value};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Packets received.
pub const INBOX: i32 = wire::r#box::Code::Inbox as i32;
/// Packets sent.
pub const OUTBOX: i32 = wire::r#box::Code::Outbox as i32;

/// Which packets to list.
#[derive(Args)]
pub struct List {
    /// Of this authority only
    #[arg(long)]
    peer: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

/// Show a packet: header, evidence, proofs
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory show 0191f3a0-…")]
pub struct Show {
    /// Packet id
    packet: String,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
}

/// Open a packet and write its body and attachments to a folder
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory fetch 0191f3a0-… --out case-17 --purpose execution\n\n\
Every digest is checked, the opening is an entry in the ledger, and the sender gets signed evidence of the handover.")]
pub struct Fetch {
    /// Packet id
    packet: String,
    /// Folder; must not hold files of the same names
    #[arg(long)]
    out: PathBuf,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
    /// Why it is opened: execution, review, appeal, audit, technical or other; it stands in the ledger
    #[arg(long, value_name = "CODE", value_parser = purpose)]
    purpose: i32,
}

impl List {
    pub async fn run(self, context: &Context, r#box: i32) -> Result<(), CliError> {
        let request = PacketsRequest { r#box, peer: self.peer.unwrap_or_default(), limit: self.limit };
        let packets = context.gateway().await?.officer().packets(request).await?.into_inner().packets;
        if context.json {
            let packets: Vec<_> = packets.iter().map(output::summary_json).collect();
            println!("{}", serde_json::json!({ "packets": packets }));
            return Ok(());
        }
        if packets.is_empty() {
            println!("nothing here");
            return Ok(());
        }
        let mut rows =
            vec![["packet", "peer", "kind", "created", "size", "last word"].map(str::to_owned).to_vec()];
        for packet in packets {
            rows.push(vec![
                output::id(&packet.packet_id),
                packet.peer.clone(),
                output::kind(packet.kind),
                output::time(packet.created),
                output::bytes(packet.bytes),
                output::last_word(&packet),
            ]);
        }
        print!("{}", output::table(&rows));
        Ok(())
    }
}

/// A packet as the gateway wants it named.
pub fn name(packet: &str, peer: Option<&String>) -> Result<PacketName, CliError> {
    let id: PacketId = packet.parse().map_err(|_| {
        CliError::input(format!("{packet:?} is no packet id"))
            .hint("rogatory inbox and rogatory outbox list them")
    })?;
    Ok(PacketName { packet_id: id.bytes().to_vec(), peer: peer.cloned().unwrap_or_default() })
}

impl Show {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let name = name(&self.packet, self.peer.as_ref())?;
        let reply = context.gateway().await?.officer().show(name).await?.into_inner();
        let summary = reply.summary.unwrap_or_default();
        if context.json {
            let mut shown = output::summary_json(&summary);
            shown["acknowledgement"] = output::acknowledgement_json(reply.acknowledgement.as_ref());
            println!("{shown}");
            return Ok(());
        }
        let header = SignedHeader::danger_unverified(&reply.header)?.header;
        println!("packet    {}", header.id);
        println!("case      {} (packet {} of {})", header.case_id, header.case_seq + 1, header.sender);
        println!("from/to   {} → {}", header.sender, header.recipient);
        println!("kind      {}", output::kind(summary.kind));
        println!("created   {}", output::time(header.created));
        println!("expires   {}", output::time(header.expires));
        println!("digest    {}", hex::encode(&summary.digest));
        println!("objects   {} ({} sealed)", header.objects.len(), output::bytes(header.bytes()));
        for outcome in &summary.outcomes {
            println!("{}  {}  (entry {})", output::time(outcome.at), output::outcome(outcome), outcome.index);
            for line in output::findings(outcome) {
                println!("          {line}");
            }
        }
        if let Some(erased) = output::erased(&summary) {
            println!("content   {erased}");
        }
        if let Some(lost) = output::lost(&summary) {
            println!("content   {lost}");
        }
        if summary.held {
            println!("held      by a legal hold: it is not erased");
        }
        println!("proved    {}", output::acknowledgement_line(reply.acknowledgement.as_ref()));
        Ok(())
    }
}

/// The code of a purpose.
pub fn purpose(name: &str) -> Result<i32, String> {
    let known = enum_names("OpeningPurpose.Code");
    let found = enum_value("OpeningPurpose.Code", name).filter(|code| *code != 0);
    found.ok_or_else(|| format!("a purpose is one of {}", known.join(", ")))
}

/// What was fetched.
pub struct Fetched {
    /// The files.
    pub files: Vec<PathBuf>,
    /// ContentHandover, where this was the first opening.
    pub acknowledgement: Option<wire::Acknowledgement>,
}

impl Fetch {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let name = name(&self.packet, self.peer.as_ref())?;
        let fetched = fetch(&context.gateway().await?, name, self.purpose, &self.out, context.json).await?;
        if context.json {
            println!(
                "{}",
                serde_json::json!({
                    "files": fetched.files,
                    "acknowledgement": output::acknowledgement_json(fetched.acknowledgement.as_ref()),
                })
            );
            return Ok(());
        }
        for file in &fetched.files {
            println!("{}", file.display());
        }
        if fetched.acknowledgement.is_some() {
            println!("handed over: {}", output::acknowledgement_line(fetched.acknowledgement.as_ref()));
        }
        Ok(())
    }
}

/// Fetches a packet into a folder. Files get their names only when all of it agreed.
pub async fn fetch(
    gateway: &LocalClient,
    packet: PacketName,
    purpose: i32,
    out: &Path,
    quiet: bool,
) -> Result<Fetched, CliError> {
    std::fs::create_dir_all(out).map_err(|error| CliError::file(out, &error))?;
    let request = FetchRequest { packet: Some(packet), purpose_code: purpose, ..FetchRequest::default() };
    let mut frames = gateway.officer().fetch(request).await?.into_inner();
    let Some(wire::FetchFrame { frame: Some(fetch_frame::Frame::Start(start)) }) = frames.message().await?
    else {
        return Err(CliError::failed("the gateway did not begin with the body"));
    };
    let mut files = Files::new(out, &start.request)?;
    let bar = output::progress(start.sizes.iter().sum(), "opening", quiet);
    while let Some(frame) = frames.message().await? {
        match frame.frame {
            Some(fetch_frame::Frame::Data(data)) => {
                bar.inc(data.data.len() as u64);
                tokio::task::block_in_place(|| files.write(data.attachment, &data.data))?;
            }
            Some(fetch_frame::Frame::End(end)) => {
                bar.finish_and_clear();
                return Ok(Fetched { files: files.keep()?, acknowledgement: end.acknowledgement });
            }
            _ => return Err(CliError::failed("the gateway sent an unknown frame")),
        }
    }
    Err(CliError::failed("the packet ended early: nothing was kept"))
}

/// Files that have no name yet.
struct Files {
    out: PathBuf,
    names: Vec<String>,
    open: Vec<Option<(std::fs::File, PathBuf)>>,
}

impl Files {
    /// `body` is written down with fields that are not known here.
    fn new(out: &Path, body: &[u8]) -> Result<Self, CliError> {
        let unreadable = |why: String| CliError::failed(format!("the request can't be read: {why}"));
        let json = request_json(body).map_err(|error| unreadable(error.to_string()))?;
        let body = wire::Request::decode(body).map_err(|error| unreadable(error.to_string()))?;
        let names = safe_names("request.json", body.attachments.iter().map(|known| known.name.as_str()));
        for name in &names {
            if out.join(name).symlink_metadata().is_ok() {
                return Err(CliError::failed(format!("{} is there already", out.join(name).display()))
                    .hint("nothing was overwritten: choose another --out"));
            }
        }
        let mut files = Self { out: out.to_owned(), open: (0..names.len()).map(|_| None).collect(), names };
        for number in 0..files.names.len() {
            files.write(number as u32, if number == 0 { &json } else { &[] })?;
        }
        Ok(files)
    }

    fn write(&mut self, number: u32, data: &[u8]) -> Result<(), CliError> {
        let slot =
            self.open.get_mut(number as usize).ok_or_else(|| CliError::failed("data of no attachment"))?;
        if slot.is_none() {
            let path = self.out.join(format!(".fetching-{}-{number}", std::process::id()));
            let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
            *slot = Some((file.map_err(|error| CliError::file(&path, &error))?, path));
        }
        match slot {
            Some((file, path)) => file.write_all(data).map_err(|error| CliError::file(path, &error)),
            None => Ok(()),
        }
    }

    fn keep(mut self) -> Result<Vec<PathBuf>, CliError> {
        let mut kept = Vec::new();
        for (slot, name) in self.open.iter_mut().zip(&self.names) {
            if let Some((file, temporary)) = slot.take() {
                let path = self.out.join(name);
                file.sync_all().map_err(|error| CliError::file(&path, &error))?;
                std::fs::rename(&temporary, &path).map_err(|error| CliError::file(&path, &error))?;
                kept.push(path);
            }
        }
        Ok(kept)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for (_, path) in self.open.iter().flatten() {
            // What was not kept is not wanted; a leftover has no name that anybody reads.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Waits until evidence settled a packet of ours.
pub async fn wait_settled(
    gateway: &LocalClient,
    id: &[u8],
    patience: Duration,
) -> Result<PacketSummary, CliError> {
    let until = Instant::now() + patience;
    loop {
        let name = PacketName { packet_id: id.to_vec(), peer: String::new() };
        let summary = gateway.officer().show(name).await?.into_inner().summary.unwrap_or_default();
        let settled = [Event::ContentConsignment, Event::ContentConsignmentFailure, Event::RelayRejection];
        if summary.outcomes.iter().any(|outcome| settled.iter().any(|event| *event as i32 == outcome.event)) {
            return Ok(summary);
        }
        if Instant::now() >= until {
            return Err(CliError::failed(format!("no evidence of the peer within {} s", patience.as_secs()))
                .hint("it is kept and goes on being sent: rogatory outbox"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
