//! `rogatory bench`: exchanges per second, beside this machine's own floors.

mod directions;
mod floors;
mod history;
mod ledger;
mod load;
mod rotate;

use super::error::CliError;
use super::processes::GatewayProcess;
use super::{Context, output};
use clap::Args;
use load::Point;
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use rotate::Plan;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// Measure exchanges end to end between two gateways, and this machine's own floors
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory bench                      # 30 s a point at 1, 16 and 64 in flight\n  \
rogatory bench --seconds 5 --in-flight 64 --json\n  rogatory bench --ledger 1000000 --dir FOLDER-ON-THE-DISK\n  \
rogatory bench --rotate --seconds 60 --dir FOLDER-ON-THE-DISK\n\n\
An exchange: submitted, durable, delivered, durable at the peer, opened and consigned, the acknowledgement verified and \
durable at the sender. Two serve processes, the real disk, nothing switched off."
)]
pub struct Bench {
    /// Seconds a point, 30 if left out; with --rotate a period, 60
    #[arg(long)]
    seconds: Option<u64>,
    /// Exchanges in flight, one point each; with --rotate the greatest of them
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    in_flight: Vec<usize>,
    /// Bytes of the request's text
    #[arg(long, default_value_t = 4096)]
    bytes: usize,
    /// Measure a ledger of so many made-up entries instead: appending, proofs, starts, verification
    #[arg(long, value_name = "ENTRIES")]
    ledger: Option<u64>,
    /// Measure exchanges among three authorities without, and then with rotation of all their keys
    #[arg(long, conflicts_with = "ledger")]
    rotate: bool,
    /// Folder on the disk that is measured; removed at the end
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl Bench {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        if self.ledger.is_some_and(|entries| !(1000..=100_000_000).contains(&entries)) {
            return Err(CliError::input("entries from 1000 to 100000000"));
        }
        if self.in_flight.iter().any(|count| !(1..=1024).contains(count))
            || !(1..=3600).contains(&self.seconds())
        {
            return Err(CliError::input("in flight from 1 to 1024, seconds from 1 to 3600"));
        }
        let base = self.dir.clone().unwrap_or_else(std::env::temp_dir);
        let dir = base.join(format!("rogatory-bench-{}-{}", SystemClock.now(), std::process::id()));
        std::fs::create_dir_all(&dir).map_err(|error| CliError::file(&dir, &error))?;
        let measured = match self.ledger {
            Some(entries) => ledger::measure(context, &dir, entries).await,
            None if self.rotate => {
                let in_flight = self.in_flight.iter().copied().max().unwrap_or(1);
                let time = Duration::from_secs(self.seconds());
                rotate::measure(context, &dir, &Plan { time, in_flight, bytes: self.bytes }).await
            }
            None => self.measure(context, &dir).await,
        };
        if let Err(error) = std::fs::remove_dir_all(&dir) {
            eprintln!("note: {} was not removed: {error}", dir.display());
        }
        measured
    }

    fn seconds(&self) -> u64 {
        self.seconds.unwrap_or(if self.rotate { 60 } else { 30 })
    }

    async fn measure(&self, context: &Context, dir: &std::path::Path) -> Result<(), CliError> {
        let say = |line: &str| {
            if !context.json {
                println!("{line}");
            }
        };
        say("floors of this machine, one thread unless said otherwise:");
        let mut floors = tokio::task::block_in_place(|| floors::measure(dir))?;
        let xa = GatewayProcess::found("XA", dir).await?;
        let xb = GatewayProcess::found("XB", dir).await?;
        xa.pair_with(&xb).await?;
        xb.pair_with(&xa).await?;
        floors.push(floors::call(&xa, &xb).await?);
        for floor in &floors {
            say(&format!("  {:42} {:>12}", floor.name, floor.shown()));
        }
        say(&format!("\nexchanges of a {} byte request, {} s a point:", self.bytes, self.seconds()));
        say("  in flight   per second      p50 ms      p99 ms   CPU s/s  syncs each   peak MiB XA, XB");
        let mut points = Vec::new();
        for in_flight in &self.in_flight {
            let point =
                load::point(&xa, &xb, *in_flight, Duration::from_secs(self.seconds()), self.bytes).await?;
            say(&shown(&point));
            points.push(point);
        }
        xa.stop().await?;
        xb.stop().await?;
        if context.json {
            let floors: serde_json::Map<String, serde_json::Value> =
                floors.iter().map(|floor| (floor.name.to_owned(), json!(floor.per_second))).collect();
            let points: Vec<_> = points.iter().map(Point::json).collect();
            println!("{}", json!({ "floors_per_second": floors, "points": points }));
        }
        Ok(())
    }
}

fn shown(point: &Point) -> String {
    format!(
        "  {:9}   {:10.0}  {:10.2}  {:10.2}  {:8.2}  {:10.2}   {}, {}",
        point.in_flight,
        point.per_second,
        point.p50_ms,
        point.p99_ms,
        point.cpu,
        point.syncs,
        output::bytes(point.peak[0]),
        output::bytes(point.peak[1]),
    )
}
