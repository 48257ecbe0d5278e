//! Plain words for what a signature says: what it proves, and what it does not.

use rogatory::format::wire::{event::Code as Event, status::Code as Status};
use rogatory::ledger::bundle::{Said, Step};
use rogatory::request::file::enum_name;
use rogatory::request::language::Language;
use rogatory::request::rules::words;

/// What happened, what that proves, what it does not prove.
pub struct Meaning {
    pub what: String,
    pub proves: String,
    pub not: String,
}

/// A code of a proto as words.
pub fn plain(enumeration: &str, value: i32) -> String {
    enum_name(enumeration, value).replace('_', " ")
}

/// The full name of an instrument.
pub fn instrument(value: i32) -> String {
    match enum_name("LegalBasis.Instrument", value).as_str() {
        "untoc" => "United Nations Convention against Transnational Organized Crime".into(),
        "uncac" => "United Nations Convention against Corruption".into(),
        "convention_1988" => {
            "United Nations Convention against Illicit Traffic in Narcotic Drugs and Psychotropic Substances, 1988"
                .into()
        }
        "bilateral" => "a treaty between the two States".into(),
        "regional" => "a regional treaty".into(),
        "reciprocity" => "an assurance of reciprocity".into(),
        "domestic_law" => "domestic law".into(),
        "unspecified" => "none named".into(),
        other => other.replace('_', " "),
    }
}

/// The meaning of a step between the sender and the recipient of the packet.
pub fn meaning(step: &Step, sender: &str, recipient: &str) -> Meaning {
    let author = step.author.as_str();
    let because =
        |cause: i32| if cause == 0 { String::new() } else { format!(" ({})", plain("Cause.Code", cause)) };
    match &step.said {
        Said::Evidence { event, cause, findings, contradicts } => {
            let mut meaning = event_meaning(*event, sender, recipient);
            meaning.what.push_str(&because(*cause as i32));
            for found in findings {
                let said = words::finding(Language::En, &found.encode());
                meaning.what.push_str(&format!("; signed with it: {said}"));
            }
            if *contradicts {
                meaning.what = format!("CONTRADICTION: {}", meaning.what);
                meaning.proves = format!(
                    "{author} signed this after it had signed the opposite. Both signatures stand here."
                );
            }
            meaning
        }
        Said::StatusEvidence { event, cause, .. } => {
            let took = *event == Event::RelayAcceptance;
            Meaning {
                what: match took {
                    true => format!("The gateway of {author} took the status"),
                    false => format!("The gateway of {author} refused the status{}", because(*cause as i32)),
                },
                proves: match took {
                    true => format!("{author} has the status and committed itself to it in its own log."),
                    false => format!("{author} had the status, and signed why it counts for nothing."),
                },
                not: "That a person has read it.".into(),
            }
        }
        Said::Status { status, refused } => {
            let ground = match status.ground as i32 {
                0 => String::new(),
                ground => format!(", ground: {}", plain("Status.Ground", ground)),
            };
            let refused =
                if *refused { " (refused by the other gateway: it counts for nothing)" } else { "" };
            Meaning {
                what: format!(
                    "{author} declared: {}{ground}{refused}",
                    plain("Status.Code", status.code as i32).to_uppercase()
                ),
                proves: format!(
                    "{author} signed this as what its people decided about the case. It is number {} of its statuses, and none before it is missing.",
                    status.seq + 1
                ),
                not: match status.code {
                    Status::Executed | Status::PartlyExecuted => {
                        "That the execution was complete or lawful, or what came of it.".into()
                    }
                    _ => "Its reasons: they are sealed, and not in this file.".into(),
                },
            }
        }
    }
}

fn event_meaning(event: Event, sender: &str, recipient: &str) -> Meaning {
    let (what, proves, not) = match event {
        Event::SubmissionAcceptance => (
            format!("{sender} submitted the packet to its gateway"),
            format!(
                "{sender} signed the packet and entered it in its log. From then on it could be neither changed nor withdrawn unseen."
            ),
            format!("That {recipient} had received anything."),
        ),
        Event::SubmissionRejection => (
            format!("The gateway of {sender} refused to send the packet"),
            format!("{sender} signed that it did not send it."),
            "Why a person wanted it sent.".into(),
        ),
        Event::RelayAcceptance => (
            format!("The gateway of {recipient} accepted the packet"),
            format!(
                "{recipient} signed that it has the whole packet, unchanged, under the signature of {sender}."
            ),
            format!("That a person at {recipient} had seen it, or that {recipient} agrees to anything."),
        ),
        Event::RelayRejection => (
            format!("The gateway of {recipient} refused the packet"),
            format!("{recipient} signed that the packet reached it, and why it was not taken."),
            "A decision of the authority about the matter: this is about transport.".into(),
        ),
        Event::RelayFailure => (
            format!("{sender} had no answer before the packet expired"),
            format!("{sender} signed that it knew of no answer by then."),
            format!("That {recipient} did not receive it: the outcome was unknown to {sender}."),
        ),
        Event::ContentConsignment => (
            format!("The content was opened and checked at {recipient}, and lay ready for an officer"),
            format!(
                "{recipient} signed that everything could be opened, was complete, and agreed with what {sender} signed."
            ),
            "That a person had read it.".into(),
        ),
        Event::ContentConsignmentFailure => (
            format!("{recipient} has the packet but found fault with its content"),
            format!("{recipient} signed that the packet came, and what is wrong inside."),
            "That the fault is the sender's.".into(),
        ),
        Event::ContentHandover => (
            format!("The content was handed over to an officer of {recipient}"),
            format!("{recipient} signed that one of its officers fetched the content for the first time."),
            "Which officer it was, or that it was understood or agreed to.".into(),
        ),
        Event::ContentHandoverFailure => (
            format!("The content could not be handed over at {recipient}"),
            format!("{recipient} signed that an attempt failed."),
            "That later attempts failed too.".into(),
        ),
        Event::Unspecified => ("An event without a name".into(), "Nothing.".into(), "Anything.".into()),
    };
    Meaning { what, proves, not }
}

/// What no bundle proves, whatever it holds.
pub fn limits(maker: &str, peer: &str, cosigned: bool) -> Vec<String> {
    let mut limits = vec![
        format!(
            "It shows what stood in the log of {maker} when the bundle was made. What came after it, and whether {maker} left out later entries, it does not show; {peer} can show its own ledger."
        ),
        format!(
            "Times are those of the clocks of {maker} and {peer}. The order within each log is proved; the clocks are not."
        ),
        "The signatures are those of authorities and their gateways, not of persons.".into(),
        "That what was written is true, or lawful, is not a question of signatures.".into(),
    ];
    if !cosigned {
        limits.push(format!("{peer} has not cosigned the log of {maker} since this packet: that {maker} shows everybody the same log rests on {maker} alone. What {peer} signed itself is not touched by this."));
    }
    limits
}
