//! What a test did and what came of it, in one line: the table of a long run (tests/longrun) is made
//! of them.

use super::load::Became;
use std::time::Duration;

/// A row of the table.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Faults that were injected.
    pub faults: u64,
    /// Inputs that were tried.
    pub tried: u64,
    /// Packets that were accepted.
    pub accepted: u64,
    pub delivered: u64,
    pub lost: u64,
    pub doubled: u64,
    /// The longest that somebody had to wait.
    pub longest: Duration,
}

impl Tally {
    pub fn of(accepted: usize, became: Became) -> Self {
        Self {
            accepted: accepted as u64,
            delivered: became.delivered as u64,
            lost: became.lost as u64,
            doubled: became.doubled as u64,
            longest: became.longest,
            ..Self::default()
        }
    }

    /// Says it.
    pub fn say(self, name: &str) {
        let Self { faults, tried, accepted, delivered, lost, doubled, longest } = self;
        let longest = longest.as_millis() as u64;
        println!(
            "tally {}",
            serde_json::json!({
                "name": name, "faults": faults, "tried": tried, "accepted": accepted, "delivered": delivered,
                "lost": lost, "doubled": doubled, "longest": longest,
            })
        );
    }
}
