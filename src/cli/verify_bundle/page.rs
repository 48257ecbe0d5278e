//! The page: everything that text and HTML say, before it has a form.

use super::Identity;
use super::words::{Meaning, instrument, limits, meaning, plain};
use crate::cli::output::{bytes, kind};
use rogatory::crypto::hash::{Digest, sha256};
use rogatory::format::chain::Chain;
use rogatory::format::wire::{Request, event::Code as Event};
use rogatory::format::words::{to_hex, to_words};
use rogatory::ledger::bundle::{Proof, Said, Step};
use rogatory::request::case::state;
use rogatory::request::file::{enum_name, to_json};

/// What is on the page.
pub struct Page {
    pub proved: bool,
    pub verdict: String,
    pub facts: Vec<(&'static str, String)>,
    pub parties: Vec<Party>,
    pub events: Vec<Row>,
    /// What is not in the bundle, though one would look for it.
    pub absent: Vec<String>,
    pub disclosed: Vec<String>,
    /// The body in full, where it is disclosed.
    pub body: Option<String>,
    pub proofs: Vec<Vec<String>>,
    pub witnesses: Vec<String>,
    pub remarks: Vec<String>,
    pub limits: Vec<String>,
}

/// One of the two authorities.
pub struct Party {
    pub name: String,
    pub role: &'static str,
    pub hex: String,
    pub words: String,
    pub compared: bool,
    pub statements: u64,
    pub development: bool,
}

/// One step in words.
pub struct Row {
    pub at: String,
    pub author: String,
    pub meaning: Meaning,
    pub place: String,
}

/// Heads of the table of proofs.
pub const PROOFS: [&str; 6] =
    ["entry", "signed by", "what", "SHA-256 of the signed envelope", "in the other side's log", "cosigned"];

/// What it means that the square on a paper agrees, and what not.
const PAPER: &str =
    "its square names this very packet; what else is printed on it is to be compared with the disclosed body";

impl Page {
    /// The page of a proof.
    pub fn of(proof: &Proof, identity: Identity, body: Option<&Request>, paper: bool) -> Self {
        let header = &proof.header.header;
        let (sender, recipient) = (header.sender.as_str(), header.recipient.as_str());
        let (maker, peer) = (proof.maker.authority().as_str(), proof.peer.authority().as_str());
        let proved = identity == Identity::Compared;
        let verdict = match proved {
            true => format!("PROVED: everything below is signed by {sender} or {recipient} as it says, and stands in the log of {maker}; where it says so, in that of {peer} too."),
            false => "NOT PROVED: the signatures agree with one another, but nobody said whose fingerprints these are. \
                      IDENTITY RESTS ON NOTHING: anybody could have made this file."
                .to_owned(),
        };
        let cosigned = proof.covered() > 0;
        Self {
            proved,
            verdict,
            facts: facts(proof, body, paper),
            parties: vec![party(&proof.maker, proof, proved), party(&proof.peer, proof, proved)],
            events: std::iter::once(packet_row(proof))
                .chain(proof.steps.iter().map(|step| row(step, proof)))
                .collect(),
            absent: absent(proof),
            disclosed: disclosed(proof, body),
            body: body
                .map(|body| serde_json::to_string_pretty(&to_json(body, "Request")).unwrap_or_default()),
            proofs: std::iter::once(packet_proof(proof))
                .chain(proof.steps.iter().map(|step| proof_row(step, proof)))
                .collect(),
            witnesses: witnesses(proof),
            remarks: remarks(proof, body),
            limits: limits(maker, peer, cosigned),
        }
    }
}

fn facts(proof: &Proof, body: Option<&Request>, paper: bool) -> Vec<(&'static str, String)> {
    let header = &proof.header.header;
    let mut facts = vec![
        ("from", header.sender.to_string()),
        ("to", header.recipient.to_string()),
        ("kind", kind(header.kind as i32).replace('_', " ")),
    ];
    let basis = body.map(|body| &body.legal_basis).filter(|basis| !basis.is_empty());
    match basis {
        Some(basis) => facts.extend(basis.iter().map(|basis| {
            let cited: Vec<String> = [&basis.article, &basis.name]
                .into_iter()
                .filter(|t| !t.is_empty())
                .map(|t| isolated(t))
                .collect();
            let cited = if cited.is_empty() { String::new() } else { format!(", {}", cited.join(", ")) };
            ("instrument", format!("{}{cited} (from the disclosed body)", instrument(basis.instrument)))
        })),
        None => {
            let mut named: Vec<String> = Vec::new();
            for (by, statistics) in &proof.statistics {
                let name = instrument(i32::try_from(statistics.instrument).unwrap_or_default());
                let line = format!("{name} (as the gateway of {by} read it from the sealed body)");
                if !named.contains(&line) {
                    named.push(line);
                }
            }
            facts.extend(named.into_iter().map(|line| ("instrument", line)));
        }
    }
    facts.extend([
        ("urgency", plain("Urgency.Code", header.urgency as i32)),
        ("packet", header.id.to_string()),
        ("packet digest", hex::encode(proof.header.digest)),
        ("case", header.case_id.to_string()),
        ("created", when(header.created)),
        ("to be refused after", when(header.expires)),
        ("content", format!("{} sealed objects, {}", header.objects.len(), bytes(header.bytes()))),
    ]);
    if paper {
        facts.push(("paper", PAPER.to_owned()));
    }
    if let Some(id) = header.in_reply_to {
        facts.push(("answers packet", id.to_string()));
    }
    if let Some(id) = header.replaces {
        facts.push(("replaces packet", id.to_string()));
    }
    facts.extend([
        ("state of the case", case_state(proof)),
        ("bundle made", format!("{} by {}", when(proof.made_at), proof.maker.authority())),
        ("bundle digest", hex::encode(proof.digest)),
        (
            "log",
            format!(
                "{}, {} entries, root {}",
                proof.checkpoint.origin,
                proof.checkpoint.size,
                hex::encode(proof.checkpoint.root)
            ),
        ),
    ]);
    facts
}

/// The state that both status chains give, as far as they are here. Who asks in the case is
/// who may say what: the requested side registers.
pub fn case_state(proof: &Proof) -> String {
    let (a, b) = (proof.codes(proof.maker.authority()), proof.codes(proof.peer.authority()));
    let requested = |codes: &[rogatory::format::wire::status::Code]| {
        use rogatory::format::wire::status::Code;
        codes.iter().any(|code| matches!(code, Code::Registered | Code::Returned))
    };
    let state = if requested(&a) { state(&b, &a) } else { state(&a, &b) };
    match enum_name("Status.Code", state as i32).as_str() {
        "unspecified" => "open: no decision is in this ledger".into(),
        name => name.replace('_', " "),
    }
}

fn party(chain: &Chain, proof: &Proof, compared: bool) -> Party {
    let sender = proof.header.header.sender == *chain.authority();
    Party {
        name: chain.authority().to_string(),
        role: match (sender, chain.authority() == proof.maker.authority()) {
            (true, true) => "sender of the packet, and maker of this bundle",
            (true, false) => "sender of the packet",
            (false, true) => "recipient of the packet, and maker of this bundle",
            (false, false) => "recipient of the packet",
        },
        hex: to_hex(&chain.fingerprint()),
        words: to_words(&chain.fingerprint()),
        compared,
        statements: chain.count(),
        development: chain.development(),
    }
}

/// The packet itself: the first thing that somebody signed.
fn packet_row(proof: &Proof) -> Row {
    let header = &proof.header.header;
    let sender = &header.sender;
    Row {
        at: when(header.created),
        author: sender.to_string(),
        meaning: Meaning {
            what: format!("{sender} made the packet and signed it"),
            proves: format!(
                "{sender} fixed whom it is for ({}), what kind of packet it is, and every byte of its {} sealed objects.",
                header.recipient,
                header.objects.len()
            ),
            not: "What is in the sealed objects, save those that are disclosed here.".into(),
        },
        place: format!("entry {} of the log of {}", packet_entry(proof), proof.maker.authority()),
    }
}

/// Index of the entry that holds the header: that of the first evidence.
fn packet_entry(proof: &Proof) -> u64 {
    let first = |step: &&Step| matches!(step.said, Said::Evidence { .. });
    proof.steps.iter().find(first).map_or(0, |step| step.index)
}

fn packet_proof(proof: &Proof) -> Vec<String> {
    let (index, author) = (packet_entry(proof), proof.header.header.sender.to_string());
    let digest = hex::encode(sha256(&proof.header.envelope));
    vec![index.to_string(), author, "packet header".into(), digest, "—".into(), cosigned(index, proof)]
}

fn row(step: &Step, proof: &Proof) -> Row {
    let header = &proof.header.header;
    let (maker, peer) = (proof.maker.authority(), proof.peer.authority());
    let mut place = format!("entry {} of the log of {maker}", step.index);
    if step.author == *peer {
        place.push_str(&format!(", taken {}", when(step.logged)));
    }
    match &step.place {
        Some(theirs) => {
            place.push_str(&format!("; entry {} of the log of {peer}, as {peer} itself proved", theirs.index))
        }
        None => place.push_str(&format!("; that {peer} has logged it is not shown here")),
    }
    Row {
        at: when(step.at),
        author: step.author.to_string(),
        meaning: meaning(step, header.sender.as_str(), header.recipient.as_str()),
        place,
    }
}

fn absent(proof: &Proof) -> Vec<String> {
    let said = |wanted: &[Event]| {
        proof
            .steps
            .iter()
            .any(|step| matches!(&step.said, Said::Evidence { event, .. } if wanted.contains(event)))
    };
    let recipient = &proof.header.header.recipient;
    let rejected = said(&[Event::RelayRejection]);
    let accepted = said(&[Event::RelayAcceptance]);
    let mut absent = Vec::new();
    if !accepted && !rejected {
        absent.push(format!("that {recipient} accepted or refused the packet"));
    }
    if accepted && !said(&[Event::ContentConsignment, Event::ContentConsignmentFailure]) {
        absent.push(format!("that {recipient} opened and checked the content"));
    }
    if !rejected && !said(&[Event::ContentHandover]) {
        absent.push(format!("that an officer of {recipient} fetched the content"));
    }
    if !proof.steps.iter().any(|step| matches!(step.said, Said::Status { .. })) {
        absent.push("any decision about the case".into());
    }
    absent
}

fn disclosed(proof: &Proof, body: Option<&Request>) -> Vec<String> {
    proof
        .disclosed
        .iter()
        .map(|object| {
            let what = match object.number {
                0 => "the body".to_owned(),
                number => {
                    let described = body.and_then(|body| body.attachments.get(number as usize - 1));
                    match described {
                        Some(a) => {
                            format!(
                                "attachment {number}, {} ({})",
                                isolated(&a.name),
                                isolated(&a.media_type)
                            )
                        }
                        None => format!("attachment {number}"),
                    }
                }
            };
            format!("{what}: {}, SHA-256 {}", bytes(object.size), hex::encode(object.sha256))
        })
        .collect()
}

fn proof_row(step: &Step, proof: &Proof) -> Vec<String> {
    let what = match &step.said {
        Said::Evidence { event, .. } => crate::cli::output::event(*event as i32),
        Said::StatusEvidence { event, .. } => {
            format!("{} of a status", crate::cli::output::event(*event as i32))
        }
        Said::Status { status, .. } => format!("status {}", plain("Status.Code", status.code as i32)),
    };
    let place = match &step.place {
        Some(place) => format!("entry {} of {}, root {}", place.index, place.size, short(&place.root)),
        None => "—".into(),
    };
    let size = proof.witnesses.iter().find(|w| w.by == *proof.peer.authority()).map_or(0, |w| w.size);
    let cosigned =
        if step.index < size { format!("by {}", proof.peer.authority()) } else { "not yet".into() };
    vec![step.index.to_string(), step.author.to_string(), what, hex::encode(step.digest), place, cosigned]
}

/// What was noticed, and attachments that are not what a disclosed body says of them.
fn remarks(proof: &Proof, body: Option<&Request>) -> Vec<String> {
    let mut remarks = proof.remarks.clone();
    let attachments = body.map(|body| body.attachments.as_slice()).unwrap_or_default();
    for (number, described) in (1_u32..).zip(attachments) {
        let found = proof.disclosed.iter().find(|object| object.number == number);
        if found.is_some_and(|f| f.size != described.size || f.sha256.as_slice() != described.sha256) {
            remarks.push(format!("attachment {number} is not the file that the body describes"));
        }
    }
    remarks
}

/// Whether the peer cosigned a tree of the maker's log with this entry in it.
fn cosigned(index: u64, proof: &Proof) -> String {
    let size = proof.witnesses.iter().find(|w| w.by == *proof.peer.authority()).map_or(0, |w| w.size);
    if index < size { format!("by {}", proof.peer.authority()) } else { "not yet".into() }
}

fn witnesses(proof: &Proof) -> Vec<String> {
    let mut lines: Vec<String> = proof
        .witnesses
        .iter()
        .map(|witness| {
            format!(
                "{} cosigned {} at {} entries, {}, root {} (entry {})",
                witness.by,
                witness.origin,
                witness.size,
                when(witness.at),
                hex::encode(witness.root),
                witness.index
            )
        })
        .collect();
    let (peer, steps) = (proof.peer.authority(), proof.peer_trees.saturating_sub(1));
    if steps > 0 {
        lines.push(format!(
            "{} trees of the log of {peer} are signed here; of {steps} steps from one to the next, {} are shown to be extensions",
            proof.peer_trees, proof.linked
        ));
    }
    lines
}

/// A time as people write it, in UTC.
fn when(millis: u64) -> String {
    i64::try_from(millis)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(|| millis.to_string(), |time| time.strftime("%-d %B %Y, %H:%M:%S UTC").to_string())
}

/// A text from a body within a line of ours: in its own direction, and nothing in it that
/// steers a terminal or turns what stands around it.
fn isolated(text: &str) -> String {
    let steers = |c: &char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    format!("\u{2068}{}\u{2069}", text.chars().filter(|c| !steers(c)).collect::<String>())
}

fn short(digest: &Digest) -> String {
    format!("{}…", &hex::encode(digest)[..16])
}

#[cfg(test)]
mod tests {
    use super::isolated;

    #[test]
    fn a_text_from_a_body_stays_a_text() {
        assert_eq!(isolated("a\u{1b}[2J\nb\u{202E}c\u{2069}"), "\u{2068}a[2Jbc\u{2069}");
    }
}
