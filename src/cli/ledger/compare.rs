//! `rogatory ledger compare`: what two ledgers say of each other.

use super::verified;
use crate::cli::Context;
use crate::cli::error::CliError;
use clap::Args;
use rogatory::format::id::AuthorityId;
use rogatory::ledger::compare::{Comparison, Difference, Older, compare};
use rogatory::store::inspect::Look;
use std::path::PathBuf;

/// Clocks that differ by less are as good as equal, milliseconds: ways differ by as much.
const CLOSE: u64 = 1000;

/// Compare two authorities' ledgers: what one has and the other lacks, forks
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory ledger compare xa xb\n\n\
Exit codes: 0 nothing speaks against either, 1 contradiction or unsound, 2 unreadable, 4 one is an older copy: \
it agrees with all that the other saw of it, which is more.")]
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
            false => {
                let of = [a.sound.chain.authority(), b.sound.chain.authority()];
                print!("{}", comparison_text(&comparison, of));
            }
        }
        match comparison.older.first() {
            _ if !comparison.is_sound() => Err(CliError::failed("the ledgers contradict each other")),
            None => Ok(()),
            Some(older) => {
                let why = format!("what is here of {}'s ledger is not all of it", older.ledger);
                let newer = "compare the newest copy; if this is the newest, it was rolled back: \
                             docs/OPERATIONS.md, \"Alarms\"";
                Err(CliError::open(why).hint(newer).told())
            }
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
        "older": comparison.older.iter().map(|older| serde_json::json!({
            "ledger": older.ledger, "size": older.size, "by": older.by, "index": older.index, "seen": older.seen,
        })).collect::<Vec<_>>(),
        "later": list(&comparison.later), "missing": list(&comparison.missing), "invented": list(&comparison.invented), "forks": list(&comparison.forks),
    })
}

fn comparison_text(comparison: &Comparison, of: [&AuthorityId; 2]) -> String {
    let mut text = format!(
        "{} pieces of evidence and statuses stand in both ledgers; {} trees that one saw of the other agree\n",
        comparison.matched, comparison.witnessed
    );
    if let Some(drift) = comparison.clock_drift() {
        text.push_str(&clocks(of, drift));
    }
    for Older { ledger, size, by, index, seen } in &comparison.older {
        text.push_str(&format!(
            "older copy: {ledger}'s ledger ends here with {size} entries; {by} saw it with {seen} (from its entry \
             {index} on), and what both have agrees\n"
        ));
    }
    for (word, differences) in [
        ("not received yet", &comparison.missing),
        ("behind the older copy", &comparison.later),
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

/// How two clocks go, where the second is ahead by so many milliseconds.
fn clocks([first, second]: [&AuthorityId; 2], drift: i64) -> String {
    let told = "as far as that can be told";
    let apart = drift.unsigned_abs();
    if apart < CLOSE {
        return format!("the clocks of {first} and {second} agree to within a second, {told}\n");
    }
    let way = if drift > 0 { "ahead of" } else { "behind" };
    let apart = jiff::SignedDuration::from_secs((apart / 1000).cast_signed());
    format!("the clock of {second} is about {apart:#} {way} that of {first}, {told}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_told_apart_from_a_second_on() {
        let [xa, xb] = ["XA", "XB"].map(|name| AuthorityId::parse(name).unwrap());
        let said = |drift| clocks([&xa, &xb], drift);
        for close in [-999, -1, 0, 1, 999] {
            assert_eq!(
                said(close),
                "the clocks of XA and XB agree to within a second, as far as that can be told\n"
            );
        }
        let rows = [
            (1000, "1s ahead of"),
            (-1000, "1s behind"),
            (-2001, "2s behind"),
            (90_000, "1m 30s ahead of"),
            (-7_200_000, "2h behind"),
            (i64::MIN, "behind"),
        ];
        for (drift, words) in rows {
            let text = said(drift);
            assert!(text.starts_with("the clock of XB is ") && text.contains(words), "{drift}: {text}");
        }
    }
}
