//! Floor 6: commands, progress, errors with their remedy.

mod ask;
mod backup;
mod bench;
mod carry;
mod case;
mod cases;
mod check;
mod demo;
mod doctor;
mod drafts;
mod erasure;
mod error;
mod forms;
mod init;
mod keys;
mod ledger;
mod letter;
mod names;
mod output;
mod packets;
mod pair;
mod passphrase;
mod processes;
mod prove;
mod report;
mod restore;
mod send;
mod serve;
mod treaties;
mod verify_bundle;

use clap::{Parser, Subcommand};
use error::CliError;
use rogatory::gateway::config::Config;
use rogatory::gateway::local_client::LocalClient;
use rogatory::gateway::passphrase::open_keys;
use rogatory::store::key_files::KeyFiles;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Signed, encrypted and provable request exchange between central authorities.
#[derive(Parser)]
#[command(name = "rogatory", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done; 1 failed, refused, or a ledger that is not sound; \
2 bad input: a file, a configuration, an argument; 3 the gateway is not running; \
4 done, and something is still open; or (doctor) nothing failed, and something is to be looked at.\n\n\
Begin with: rogatory demo")]
struct Cli {
    /// The gateway's configuration
    #[arg(
        long,
        global = true,
        env = "ROGATORY_CONFIG",
        default_value = "rogatory.toml",
        value_name = "FILE"
    )]
    config: PathBuf,
    /// One JSON object on standard output, for programs
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Pair(pair::Pair),
    #[command(subcommand)]
    Keys(keys::Keys),
    Treaties(treaties::Treaties),
    New(forms::New),
    Schema(forms::Schema),
    Convert(forms::Convert),
    Check(check::Check),
    Send(send::Send),
    /// List packets that we sent, newest first
    #[command(after_help = "Example:\n  rogatory outbox --peer XB --limit 20")]
    Outbox(packets::List),
    /// List packets that we received, newest first
    #[command(after_help = "Example:\n  rogatory inbox --peer XA --limit 20")]
    Inbox(packets::List),
    Show(packets::Show),
    Fetch(packets::Fetch),
    Answer(case::Answer),
    Status(case::Status),
    Letter(letter::Letter),
    #[command(subcommand)]
    Case(cases::Case),
    #[command(subcommand)]
    Carry(carry::Carry),
    #[command(subcommand)]
    Draft(drafts::Draft),
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    Report(report::MakeReport),
    VerifyBundle(verify_bundle::VerifyBundle),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Demo(demo::Demo),
    Bench(bench::Bench),
}

/// What every command gets besides its own arguments.
pub struct Context {
    config: PathBuf,
    json: bool,
}

impl Context {
    fn config(&self) -> Result<Config, CliError> {
        Config::read(&self.config).map_err(|error| {
            CliError::input(error.to_string()).hint(format!(
                "name the gateway's configuration: --config FILE, or make one: {}",
                init::EXAMPLE
            ))
        })
    }

    /// The private files of a configuration; a passphrase that nobody gave is asked for at a terminal.
    fn open_keys(&self, config: &Config) -> Result<KeyFiles, CliError> {
        open_keys(config, passphrase::ask)
    }

    /// The running gateway.
    async fn gateway(&self) -> Result<LocalClient, CliError> {
        let config = self.config()?;
        LocalClient::connect(&config.local.socket).await.map_err(|error| {
            CliError::not_running(format!("no gateway answers at {}: {error}", config.local.socket.display()))
                .hint(format!("start it: rogatory serve --config {}", self.config.display()))
        })
    }
}

/// What still runs when a command has ended is waited for this long.
const ENDING: Duration = Duration::from_secs(5);

/// Runs the command line.
pub fn run() -> ExitCode {
    if let Err(error) = leave_no_core() {
        return CliError::failed(format!("core dumps can't be turned off: {error}")).report(false);
    }
    end_quietly_with_the_reader();
    let cli = Cli::parse();
    let context = Context { config: cli.config, json: cli.json };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return CliError::failed(format!("no runtime: {error}")).report(context.json),
    };
    let done = runtime.block_on(async {
        let done = match cli.command {
            // How things stand is no error of the command's.
            Command::Doctor(command) => return command.run(&context).await,
            Command::Check(command) => return command.run(&context).await,
            Command::Init(command) => command.run(&context),
            Command::Serve(command) => command.run(&context).await,
            Command::Pair(command) => command.run(&context).await,
            Command::Keys(command) => command.run(&context).await,
            Command::Treaties(command) => command.run(&context),
            Command::New(command) => command.run(),
            Command::Schema(command) => command.run(&context),
            Command::Convert(command) => command.run(),
            Command::Send(command) => command.run(&context).await,
            Command::Outbox(command) => command.run(&context, packets::OUTBOX).await,
            Command::Inbox(command) => command.run(&context, packets::INBOX).await,
            Command::Show(command) => command.run(&context).await,
            Command::Fetch(command) => command.run(&context).await,
            Command::Answer(command) => command.run(&context).await,
            Command::Status(command) => command.run(&context).await,
            Command::Letter(command) => command.run(&context).await,
            Command::Case(command) => command.run(&context).await,
            Command::Carry(command) => command.run(&context).await,
            Command::Draft(command) => command.run(&context).await,
            Command::Ledger(command) => command.run(&context).await,
            Command::Report(command) => command.run(&context).await,
            Command::VerifyBundle(command) => command.run(&context),
            Command::Backup(command) => command.run(&context),
            Command::Restore(command) => command.run(&context),
            Command::Demo(command) => command.run(&context).await,
            Command::Bench(command) => command.run(&context).await,
        };
        done.map(|()| ExitCode::SUCCESS)
    });
    let code = match done {
        Ok(code) => code,
        Err(error) => error.report(context.json),
    };
    // A thread that hangs on a broken disk keeps nobody from ending.
    runtime.shutdown_timeout(ENDING);
    code
}

/// What is in memory goes into no core file: keys and content are. The limit alone is no help where
/// the system pipes cores into a program, and a process that is not to be dumped can't be traced by
/// others of the same user either.
fn leave_no_core() -> rustix::io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

/// Whoever reads our output may have seen enough (`rogatory inbox | head`): that is no error.
fn end_quietly_with_the_reader() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload().downcast_ref::<String>().map(String::as_str).unwrap_or_default();
        if message.starts_with("failed printing to stdout") && message.contains("Broken pipe") {
            std::process::exit(0);
        }
        report(info);
    }));
}
