//! `rogatory doctor`: what an operator runs first.

use super::error::CliError;
use super::{Context, output};
use clap::Args;
use rogatory::exchange::doctor::place::Place;
use rogatory::exchange::doctor::{Check, State, worst};
use rogatory::format::wire::doctor_check::State as WireState;
use rogatory::format::wire::{DoctorCheck, DoctorRequest};
use rogatory::gateway::SystemClock;
use rogatory::gateway::config::Config;
use rogatory::gateway::local_client::LocalClient;
use rogatory::gateway::passphrase::open_keys;
use rogatory::store::{Clock as _, StoreError};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use tonic::Code;

/// Columns of a line on a terminal.
const WIDTH: usize = 80;
/// Exit code where the worst line is a warning.
const WARNED: u8 = 4;

/// Look at everything that an operator should look at first
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory doctor\n  rogatory doctor --peer XB\n  \
rogatory doctor --json | jq '.checks[] | select(.state != \"ok\")'\n\n\
Each line is ok, warn or fail, with what was found, and what to do about it. It changes nothing. \
Without a running gateway it looks at the disk only, and reads the journal once.\n\n\
Exit codes, for monitoring: 0 all is ok; 4 warnings only; 1 a failure; 2 the configuration can't be read.")]
pub struct Doctor {
    /// Only the lines about this peer
    #[arg(long, value_name = "AUTHORITY", conflicts_with = "offline")]
    peer: Option<String>,
    /// Do not ask the gateway: look at the disk only
    #[arg(long)]
    offline: bool,
}

impl Doctor {
    pub async fn run(self, context: &Context) -> Result<ExitCode, CliError> {
        let config = context.config()?;
        let mut checks = match self.peer {
            Some(_) => Vec::new(),
            None => vec![configuration(&config)],
        };
        match self.ask(&config).await {
            Ok(Some(found)) => checks.extend(found),
            Ok(None) => checks.extend(offline(&config)),
            Err(Asked::Wrong(error)) => return Err(error),
            Err(Asked::Gone(why)) => {
                checks.push(Check::fail(
                    "gateway",
                    why,
                    format!("start it: rogatory serve --config {}", context.config.display()),
                ));
                checks.extend(offline(&config));
            }
        }
        let worst = worst(&checks);
        match context.json {
            true => println!("{}", json(&checks, worst)),
            false => print!("{}", text(&checks)),
        }
        Ok(match worst {
            State::Ok => ExitCode::SUCCESS,
            State::Warn => ExitCode::from(WARNED),
            State::Fail => ExitCode::FAILURE,
        })
    }

    /// What the gateway says; none: it is not to be asked.
    async fn ask(&self, config: &Config) -> Result<Option<Vec<Check>>, Asked> {
        if self.offline {
            return Ok(None);
        }
        let socket = config.local.socket.display();
        let client = LocalClient::connect(&config.local.socket)
            .await
            .map_err(|error| Asked::Gone(format!("nobody answers at {socket}: {error}")))?;
        let request = DoctorRequest { peer: self.peer.clone().unwrap_or_default() };
        match client.operator().doctor(request).await {
            Ok(reply) => {
                let mut checks = Vec::new();
                if self.peer.is_none() {
                    checks.push(Check::ok("gateway", "it runs"));
                }
                checks.extend(reply.into_inner().checks.into_iter().map(check));
                Ok(Some(checks))
            }
            Err(status) => match status.code() {
                Code::Unavailable | Code::Cancelled | Code::Unknown => {
                    Err(Asked::Gone(format!("it went away: {}", status.message())))
                }
                _ => Err(Asked::Wrong(status.into())),
            },
        }
    }
}

/// Why the gateway gave no lines.
enum Asked {
    /// It does not run.
    Gone(String),
    /// It runs, and says no.
    Wrong(CliError),
}

fn offline(config: &Config) -> Vec<Check> {
    let served = UnixStream::connect(&config.local.socket).is_ok();
    let now = SystemClock.now();
    tokio::task::block_in_place(|| {
        // Nobody is asked: monitoring has no terminal.
        let (keys, wrong) = match open_keys(config, |_| Ok(None)) {
            Ok(keys) => (keys, None),
            Err(StoreError::NoPassphrase(_)) => (config.key_folder().as_path().into(), None),
            Err(error) => (config.key_folder().as_path().into(), Some(error)),
        };
        let mut checks = Place { keys, ..Place::from(config) }.offline(now, served);
        checks.extend(wrong.map(|error| {
            Check::fail("passphrase", error.to_string(), "the gateway would not start: give the right one")
        }));
        checks.extend(config.tls.examine(now));
        checks
    })
}

/// The configuration was read; whether it says enough.
fn configuration(config: &Config) -> Check {
    let everywhere = config.peer.listen.filter(|address| address.ip().is_unspecified());
    match everywhere.filter(|_| config.peer.advertise.is_empty()) {
        Some(address) => Check::warn(
            "config",
            format!("listens on {address}, and offers name no address"),
            "set [peer] advertise to what peers dial",
        ),
        None => Check::ok("config", format!("{} is understood", config.authority)),
    }
}

fn check(line: DoctorCheck) -> Check {
    let state = match line.state() {
        WireState::Ok => State::Ok,
        WireState::Warn => State::Warn,
        // What a newer gateway says and we don't know is nothing to be calm about.
        WireState::Fail | WireState::Unspecified => State::Fail,
    };
    let DoctorCheck { name, peer, finding, remedy, .. } = line;
    Check { name, peer, state, finding, remedy }
}

fn json(checks: &[Check], worst: State) -> serde_json::Value {
    let lines: Vec<_> = checks
        .iter()
        .map(|check| {
            let mut line = serde_json::json!({
                "name": check.name, "state": check.state.word(), "finding": check.finding, "remedy": check.remedy,
            });
            if !check.peer.is_empty() {
                line["peer"] = check.peer.as_str().into();
            }
            line
        })
        .collect();
    serde_json::json!({ "checks": lines, "worst": worst.word() })
}

/// Lines that are aligned, each with its remedy below, none wider than a terminal.
fn text(checks: &[Check]) -> String {
    let name = |check: &Check| match check.peer.is_empty() {
        true => check.name.clone(),
        false => format!("{} {}", check.peer, check.name),
    };
    let column = checks.iter().map(|check| name(check).chars().count()).max().unwrap_or(0);
    let indent = 4 + 2 + column + 2;
    let mut out = String::new();
    for check in checks {
        let head = format!("{:4}  {:column$}  ", check.state.word(), name(check));
        out.push_str(&output::wrapped(&head, &check.finding, indent, WIDTH));
        if !check.remedy.is_empty() {
            out.push_str(&output::wrapped(&format!("{:indent$}→ ", ""), &check.remedy, indent + 2, WIDTH));
        }
    }
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let (ok, warn, fail) = (count(State::Ok), count(State::Warn), count(State::Fail));
    out.push_str(&format!("\n{ok} ok, {warn} to look at, {fail} failed\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_no_wider_than_a_terminal() {
        let long = "word ".repeat(40);
        let checks = [
            Check::ok("config", "fine"),
            Check::warn("unwitnessed tail", &long, &long),
            Check::fail("pin", "wrong", "ask").of("XB"),
        ];
        let text = text(&checks);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "ok    config            fine");
        assert!(lines[1].starts_with("warn  unwitnessed tail  word word"), "{text}");
        assert!(lines[2].starts_with("                        word"), "{text}");
        assert!(text.contains("\nfail  XB pin            wrong\n                        → ask\n"), "{text}");
        assert!(text.ends_with("\n1 ok, 1 to look at, 1 failed\n"), "{text}");
    }

    #[test]
    fn programs_get_the_same_lines() {
        let checks = [Check::ok("config", "fine"), Check::fail("pin", "wrong", "ask").of("XB")];
        let told = json(&checks, worst(&checks));
        assert_eq!(told["worst"], "fail");
        assert_eq!(
            told["checks"][0],
            serde_json::json!({
                "name": "config", "state": "ok", "finding": "fine", "remedy": "",
            })
        );
        assert_eq!(told["checks"][1]["peer"], "XB");
    }
}
