//! `rogatory case list|show|search|overdue`.

mod json;
mod text;

use super::error::CliError;
use super::{Context, output, packets};
use clap::{Args, Subcommand};
use json::{cases_json, deadline_json, search_json, show_json};
use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::wire::{CaseSearchRequest, CaseSummary, CasesRequest, Deadline, ShowCaseRequest};
use serde_json::{Value, json};
use text::{assumed, list_text, search_text, show_text, what, whose};

/// A day, milliseconds.
const DAY: u64 = 24 * 3600 * 1000;

/// Look at cases: how they stand, what is due, what is in them
#[derive(Subcommand)]
#[command(after_help = "Examples:\n  rogatory case list --open\n  rogatory case show 0191f3a0-…\n  \
rogatory case search \"کاوه نمونه‌پور\" --purpose execution\n  rogatory case overdue")]
pub enum Case {
    List(List),
    Show(Show),
    Search(Search),
    Overdue(Overdue),
}

/// List cases, newest first, each with its state, its age, and what is due next
#[derive(Args)]
pub struct List {
    /// With this authority only
    #[arg(long)]
    peer: Option<String>,
    /// In this state only, such as postponed; open: nobody has decided anything
    #[arg(long)]
    state: Option<String>,
    /// Only cases in which something is still expected of somebody
    #[arg(long)]
    open: bool,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

/// Show a case as a whole: deadlines, packets, timeline; with --open references and attachments too
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory case show 0191f3a0-…    # a case id, or any packet of the case\n  \
rogatory case show 0191f3a0-… --open --purpose execution\n\n\
Without --open nothing sealed is opened. With it the body of each packet and the text of each status is, \
and each is an opening, an entry in the ledger."
)]
pub struct Show {
    /// Case id or packet id
    id: String,
    /// Open bodies and texts: national references, attachments, dates with their reasons
    #[arg(long, requires = "purpose")]
    open: bool,
    /// Why they are opened: execution, review, appeal, audit, technical or other; it stands in the ledger
    #[arg(long, value_name = "CODE", value_parser = packets::purpose, requires = "open")]
    purpose: Option<i32>,
}

/// Search what this gateway holds: all words must occur in one packet or text
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory case search \"کاوه ۱۳۶۲\" --purpose execution\n\n\
Arabic and Persian letters and digits, joiners, vowel signs, accents and capitals make no difference. \
Each hit is an opening, an entry in the ledger. In cases in which identities are guarded, only national \
references are searched, and nothing of the text is shown.")]
pub struct Search {
    /// Words
    text: String,
    /// Why: execution, review, appeal, audit, technical or other; it stands in the ledger
    #[arg(long, value_name = "CODE", value_parser = packets::purpose)]
    purpose: i32,
    /// With this authority only
    #[arg(long)]
    peer: Option<String>,
    /// At most so many, 64 at most
    #[arg(long, default_value_t = 20)]
    limit: u32,
}

/// List what is overdue, the oldest first
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory case overdue --ours\n\n\
Exit code 4 where something is overdue, 0 where nothing is. Terms are policy ([deadlines]): the treaties set none.")]
pub struct Overdue {
    /// Only what is ours to do
    #[arg(long)]
    ours: bool,
    /// With this authority only
    #[arg(long)]
    peer: Option<String>,
}

impl Case {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::List(command) => command.run(context).await,
            Self::Show(command) => command.run(context).await,
            Self::Search(command) => command.run(context).await,
            Self::Overdue(command) => command.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &Context) -> Result<(), CliError> {
        let request = CasesRequest {
            peer: self.peer.unwrap_or_default(),
            state: self.state.unwrap_or_default(),
            open: self.open,
            overdue: false,
            limit: self.limit,
        };
        let reply = context.gateway().await?.officer().cases(request).await?.into_inner();
        match context.json {
            true => println!("{}", cases_json(&reply)),
            false => print!("{}", list_text(&reply)),
        }
        Ok(())
    }
}

impl Show {
    async fn run(self, context: &Context) -> Result<(), CliError> {
        let id: CaseId = self.id.parse().map_err(|_| CliError::input(format!("{:?} is no id", self.id)))?;
        let asked = ShowCaseRequest {
            open: self.open,
            purpose_code: self.purpose.unwrap_or_default(),
            ..ShowCaseRequest::default()
        };
        let gateway = context.gateway().await?;
        let by_case = ShowCaseRequest { case_id: id.bytes().to_vec(), ..asked.clone() };
        let reply = match gateway.officer().show_case(by_case).await {
            Ok(reply) => reply.into_inner(),
            Err(status) if status.code() == tonic::Code::NotFound => {
                let packet: PacketId = self.id.parse().map_err(|_| CliError::input("no id"))?;
                let by_packet = ShowCaseRequest { packet_id: packet.bytes().to_vec(), ..asked };
                gateway.officer().show_case(by_packet).await?.into_inner()
            }
            Err(status) => return Err(status.into()),
        };
        match context.json {
            true => println!("{}", show_json(&reply)),
            false => print!("{}", show_text(&reply, self.open)),
        }
        Ok(())
    }
}

impl Search {
    async fn run(self, context: &Context) -> Result<(), CliError> {
        let request = CaseSearchRequest {
            text: self.text,
            purpose_code: self.purpose,
            limit: self.limit,
            peer: self.peer.unwrap_or_default(),
        };
        let reply = context.gateway().await?.officer().search_cases(request).await?.into_inner();
        match context.json {
            true => println!("{}", search_json(&reply)),
            false => print!("{}", search_text(&reply)),
        }
        Ok(())
    }
}

impl Overdue {
    async fn run(self, context: &Context) -> Result<(), CliError> {
        let request = CasesRequest {
            peer: self.peer.unwrap_or_default(),
            overdue: true,
            limit: 1000,
            ..CasesRequest::default()
        };
        let reply = context.gateway().await?.officer().cases(request).await?.into_inner();
        let mut rows: Vec<(&CaseSummary, &Deadline)> = reply
            .cases
            .iter()
            .flat_map(|case| case.deadlines.iter().map(move |deadline| (case, deadline)))
            .filter(|(_, deadline)| deadline.overdue && (deadline.ours || !self.ours))
            .collect();
        rows.sort_by_key(|(_, deadline)| deadline.due);
        let count = rows.len();
        if context.json {
            let row = |(case, deadline): &(&CaseSummary, &Deadline)| {
                let mut row = deadline_json(deadline, reply.now);
                row["case"] = output::id(&case.case_id).into();
                row["peer"] = case.peer.as_str().into();
                row["kind"] = output::kind(case.kind).into();
                row["state"] = case.state.as_str().into();
                row
            };
            let rows: Vec<Value> = rows.iter().map(row).collect();
            println!("{}", json!({ "overdue": rows, "more": reply.more }));
        } else {
            let head =
                ["since", "what", "whose", "peer", "kind", "state", "case"].map(str::to_owned).to_vec();
            let row = |(case, deadline): &(&CaseSummary, &Deadline)| {
                vec![
                    output::time(deadline.due),
                    what(deadline),
                    whose(deadline, case),
                    case.peer.clone(),
                    output::kind(case.kind),
                    case.state.clone(),
                    output::id(&case.case_id),
                ]
            };
            match count {
                0 => println!("nothing is overdue"),
                _ => print!("{}", output::table(&[vec![head], rows.iter().map(row).collect()].concat())),
            }
            print!("{}", assumed(reply.cases.iter().flat_map(|case| &case.deadlines)));
        }
        match count {
            0 => Ok(()),
            count => Err(CliError::open(format!("{count} overdue"))
                .hint("rogatory case show CASE; rogatory answer PACKET …")
                .told()),
        }
    }
}
