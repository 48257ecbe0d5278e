//! `rogatory ledger compare`: what two ledgers say of each other.

use super::verified;
use crate::cli::Context;
use crate::cli::error::CliError;
use clap::Args;
use rogatory::ledger::compare::{Comparison, Difference, compare};
use rogatory::store::inspect::Look;
use std::path::PathBuf;

/// Compare two authorities' ledgers: what one has and the other lacks, forks
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory ledger compare xa xb\n\n\
Exit codes: 0 nothing speaks against either, 1 contradiction or unsound, 2 unreadable.")]
pub struct Compare {
    /// A data directory or export
    a: PathBuf,
    /// The other
    b: PathBuf,
}

impl Compare {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let look = Look { facts: true, ..Look::default() };
        let (a, b) = (verified(&self.a, context.json, look)?, verified(&self.b, context.json, look)?);
        let comparison = compare(&a.sound, &b.sound);
        match context.json {
            true => println!("{}", comparison_json(&comparison)),
            false => print!("{}", comparison_text(&comparison)),
        }
        match comparison.is_sound() {
            true => Ok(()),
            false => Err(CliError::failed("the ledgers contradict each other")),
        }
    }
}

/// A comparison for programs.
pub fn comparison_json(comparison: &Comparison) -> serde_json::Value {
    let list = |differences: &[Difference]| {
        differences
            .iter()
            .map(|d| serde_json::json!({ "ledger": d.ledger, "index": d.index, "what": d.what }))
            .collect::<Vec<_>>()
    };
    serde_json::json!({
        "sound": comparison.is_sound(), "matched": comparison.matched, "trees_agree": comparison.witnessed,
        "clock_drift_ms": comparison.clock_drift(), "shortest_ms": comparison.shortest,
        "missing": list(&comparison.missing), "invented": list(&comparison.invented), "forks": list(&comparison.forks),
    })
}

fn comparison_text(comparison: &Comparison) -> String {
    let mut text = format!(
        "{} pieces of evidence and statuses stand in both ledgers; {} trees that one saw of the other agree\n",
        comparison.matched, comparison.witnessed
    );
    if let Some(drift) = comparison.clock_drift() {
        text.push_str(&format!(
            "the second clock is {drift} ms ahead of the first, as far as that can be told\n"
        ));
    }
    for (word, differences) in [
        ("not received yet", &comparison.missing),
        ("INVENTED", &comparison.invented),
        ("FORK", &comparison.forks),
    ] {
        for difference in differences {
            text.push_str(&format!(
                "{word}: {} entry {}: {}\n",
                difference.ledger, difference.index, difference.what
            ));
        }
    }
    text
}
