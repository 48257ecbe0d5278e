//! Authorities for tests: founded by the real command, served by real processes.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod intruder;
pub mod keys;
pub mod lines;
pub mod load;
pub mod logs;
pub mod pki;
pub mod proxy;
pub mod raw;
pub mod statements;
pub mod tally;

use rogatory::exchange::identity::Identity;
use rogatory::format::id::PacketId;
use rogatory::format::offer::Offer;
use rogatory::format::wire::{
    CaseReply, CaseRequest, KeysRequest, OfferRequest, PacketName, PacketSummary, PacketsRequest,
    PairRequest, PeersRequest, ShowReply, event::Code as Event,
};
use rogatory::gateway::local_client::LocalClient;
use rogatory::gateway::{SystemClock, tls};
use rogatory::store::Clock as _;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Something that should happen happens within this time, on a slow machine too.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What [`Authority::boxed`] is asked for.
pub const INBOX: i32 = 0;
/// The other one.
pub const OUTBOX: i32 = 1;

/// The binary under test.
pub fn rogatory() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rogatory"));
    command.env_remove("ROGATORY_CONFIG").env_remove("ROGATORY_LOG").stdin(Stdio::null());
    command
}

/// Runs a command and gives what it printed.
pub fn run(args: &[&str]) -> Output {
    rogatory().args(args).output().expect("the binary runs")
}

/// Runs a command that succeeds, and gives its standard output.
#[track_caller]
pub fn succeeds(args: &[&str]) -> String {
    let output = run(args);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {out}{err}");
    out.into_owned()
}

/// A path of the test's own.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("a path of the test's own")
}

/// An authority on disk, served or not.
pub struct Authority {
    pub name: String,
    pub data: PathBuf,
    pub listening: String,
    /// Where checkpoints are submitted, if they are taken.
    pub witnessing: String,
    /// Variables of the environment in which it is served.
    pub environment: Vec<(&'static str, PathBuf)>,
    served: Option<(Child, LocalClient)>,
}

impl Authority {
    /// Founds an authority; `listen` is an address or "none".
    pub fn found(dir: &Path, name: &str, listen: &str) -> Self {
        Self::found_with(dir, name, listen, &[])
    }

    /// The same, with more arguments to `init`.
    pub fn found_with(dir: &Path, name: &str, listen: &str, more: &[&str]) -> Self {
        let data = dir.join(name.to_lowercase());
        let text = data.to_str().expect("a path of the test's own");
        let made = run(&[&["init", "--authority", name, "--dir", text, "--listen", listen], more].concat());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self::at(name, &data)
    }

    /// An authority whose data directory is there, such as a copy.
    pub fn at(name: &str, data: &Path) -> Self {
        Self {
            name: name.to_owned(),
            data: data.to_owned(),
            listening: String::new(),
            witnessing: String::new(),
            environment: Vec::new(),
            served: None,
        }
    }

    pub fn config(&self) -> PathBuf {
        self.data.join("rogatory.toml")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.join("gateway.log")).unwrap_or_default()
    }

    /// Starts the gateway as a process. Its port is kept from then on.
    pub async fn serve(&mut self) {
        self.try_serve(|| false).await.unwrap_or_else(|told| panic!("no start: {told} {}", self.log()));
    }

    /// The same; what it said instead where it did not start. SIGKILL as soon as it is `dead`.
    pub async fn try_serve(&mut self, dead: impl Fn() -> bool) -> Result<(), String> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.data.join("gateway.log"))
            .unwrap();
        let mut child = rogatory()
            .args(["serve", "--json", "--config"])
            .arg(self.config())
            .env("ROGATORY_LOG", "info,rogatory=debug")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        // It begins to serve, or it ends; unless its disk has died under it.
        let (mut line, out) = (String::new(), child.stdout.take().unwrap());
        let reading = tokio::task::spawn_blocking(move || {
            BufReader::new(out).read_line(&mut line).unwrap();
            line
        });
        tokio::pin!(reading);
        let line = loop {
            tokio::select! {
                line = &mut reading => break line.unwrap(),
                () = tokio::time::sleep(Duration::from_millis(20)) => {
                    if dead() {
                        child.kill().unwrap();
                    }
                }
            }
        };
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(socket) = told["socket"].as_str() else {
            child.wait().unwrap();
            return Err(line);
        };
        if let Some(listening) = told["listening"].as_str() {
            if self.listening.is_empty() {
                let text = std::fs::read_to_string(self.config()).unwrap();
                std::fs::write(self.config(), text.replace("127.0.0.1:0", listening)).unwrap();
            }
            self.listening = listening.to_owned();
        }
        self.witnessing = told["witness"].as_str().unwrap_or_default().to_owned();
        let client = LocalClient::connect(Path::new(socket)).await.unwrap();
        self.served = Some((child, client));
        Ok(())
    }

    pub fn client(&self) -> &LocalClient {
        &self.served.as_ref().expect("served").1
    }

    pub fn pid(&self) -> u32 {
        self.served.as_ref().expect("served").0.id()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let (mut child, _) = self.served.take().expect("served");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM, and the exit status.
    pub async fn stop(&mut self) -> std::process::ExitStatus {
        self.stop_unless(|| false).await.expect("it ended")
    }

    /// The same; SIGKILL, and no status, as soon as it is `dead`.
    pub async fn stop_unless(&mut self, dead: impl Fn() -> bool) -> Option<std::process::ExitStatus> {
        let (mut child, _) = self.served.take().expect("served");
        let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        loop {
            match child.try_wait().unwrap() {
                Some(status) => return Some(status),
                None if dead() => break,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        None
    }

    pub async fn offer(&self) -> Offer {
        let reply = self.client().operator().offer(OfferRequest {}).await.unwrap().into_inner();
        Offer::open(&reply.offer).unwrap()
    }

    pub async fn confirm(&self, offer: &Offer) {
        let request = PairRequest {
            offer: offer.envelope.clone(),
            fingerprint: offer.chain.fingerprint().to_vec(),
            again: false,
        };
        self.client().operator().pair(request).await.unwrap();
    }

    /// A command of this authority with `--json`; panics where it fails.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = rogatory().args(args).arg("--json").arg("--config").arg(self.config()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{args:?}: no JSON"))
    }

    /// Waits until every peer has confirmed all statements.
    pub async fn is_confirmed(&self) {
        until("the statements are confirmed", || async {
            let reply = self.client().operator().keys(KeysRequest {}).await.unwrap().into_inner();
            reply.keys.iter().all(|key| key.confirmed_by == reply.peers)
        })
        .await;
    }

    pub fn identity(&self) -> Identity {
        Identity::load(&self.data.join("keys"), SystemClock.now()).unwrap()
    }

    pub async fn boxed(&self, r#box: i32) -> Vec<PacketSummary> {
        let request = PacketsRequest { r#box, peer: String::new(), limit: 1000 };
        self.client().officer().packets(request).await.unwrap().into_inner().packets
    }

    pub async fn show(&self, id: &[u8]) -> Result<ShowReply, tonic::Status> {
        let name = PacketName { packet_id: id.to_vec(), peer: String::new() };
        self.client().officer().show(name).await.map(tonic::Response::into_inner)
    }

    pub async fn case(&self, id: &[u8]) -> CaseReply {
        let request = CaseRequest { case_id: id.to_vec(), ..CaseRequest::default() };
        self.client().officer().case(request).await.unwrap().into_inner()
    }

    /// Waits until nothing waits for a peer.
    pub async fn quiet(&self) {
        until("nothing waits", || async {
            let peers = self.client().operator().peers(PeersRequest {}).await.unwrap().into_inner().peers;
            peers.iter().all(|peer| peer.waiting == 0)
        })
        .await;
    }

    /// Writes a request file into the data directory and sends it; gives packet and case.
    pub fn send(&self, recipient: &str, more: &str) -> (String, String) {
        let path = self.data.join(format!("request-{}.toml", SystemClock.now()));
        std::fs::write(&path, request_file(recipient, more)).unwrap();
        let sent = self.json(&["send", path.to_str().unwrap()]);
        (sent["packet"].as_str().unwrap().to_owned(), sent["case"].as_str().unwrap().to_owned())
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.served.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A small request as people write it; `more` stands at the top.
pub fn request_file(recipient: &str, more: &str) -> String {
    format!(
        "recipient = \"{recipient}\"\n{more}\n[request]\nlanguage = \"en\"\nurgency_reason = \"Soon.\"\n{BASIS}\
         [request.authority]\nname = \"Office of tests\"\n\
         [request.mutual_legal_assistance.matter]\npurpose = \"To test.\"\n\
         [request.mutual_legal_assistance.matter.proceeding]\nsubject_matter = \"A trial\"\nnature = \"trial\"\n\
         conducted_by = {{ name = \"A court\", function = \"Tries cases\" }}\n\
         [request.mutual_legal_assistance.matter.facts]\nsummary = \"A test.\"\n\
         [[request.mutual_legal_assistance.assistance]]\ncode = \"information_or_items\"\n\
         description = \"A word.\"\n"
    )
}

/// The legal basis of [`request_file`].
pub const BASIS: &str = "[[request.legal_basis]]\ninstrument = \"untoc\"\n";

/// All files in a folder and the folders in it.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files.extend(files_below(&path)),
            path => files.push(path),
        }
    }
    files
}

/// Two served authorities that are paired, and have nothing more to log for that.
pub async fn pair(dir: &Path) -> (Authority, Authority) {
    pair_with(dir, &[]).await
}

/// The same, with more arguments to `init`.
pub async fn pair_with(dir: &Path, more: &[&str]) -> (Authority, Authority) {
    let mut xa = Authority::found_with(dir, "XA", "127.0.0.1:0", more);
    let mut xb = Authority::found_with(dir, "XB", "127.0.0.1:0", more);
    paired(&mut xa, &mut xb).await;
    xa.is_confirmed().await;
    xb.is_confirmed().await;
    (xa, xb)
}

/// Serves two authorities and pairs them.
pub async fn paired(xa: &mut Authority, xb: &mut Authority) {
    xa.serve().await;
    xb.serve().await;
    xa.confirm(&xb.offer().await).await;
    xb.confirm(&xa.offer().await).await;
}

/// What ends the story of a packet, as soon as something has: the event, and its cause.
pub async fn outcome(of: &Authority, packet: &str) -> (Event, i32) {
    let id = packet.parse::<PacketId>().unwrap();
    let found = async || {
        let summary = of.show(id.bytes()).await.unwrap().summary.unwrap();
        let last = summary.outcomes.iter().find(|outcome| outcome.event().is_terminal());
        last.map(|outcome| (outcome.event(), outcome.cause))
    };
    until("the packet is settled", || async { found().await.is_some() }).await;
    found().await.expect("what was said is said")
}

/// Waits until a packet was taken, opened and found good: refused, it fails the test.
pub async fn settled(of: &Authority, packet: &str) {
    let (event, cause) = outcome(of, packet).await;
    assert_eq!(event, Event::ContentConsignment, "{packet} of {}, cause {cause}", of.name);
}

/// A packet, to the end; gives its id.
pub async fn delivered(from: &Authority, to: &Authority) -> String {
    let packet = from.send(&to.name, "").0;
    settled(from, &packet).await;
    packet
}

/// A packet in each direction, to the end.
pub async fn exchange(xa: &Authority, xb: &Authority) -> [String; 2] {
    let sent = [xa.send(&xb.name, "").0, xb.send(&xa.name, "").0];
    settled(xa, &sent[0]).await;
    settled(xb, &sent[1]).await;
    sent
}

/// Opens what came in.
pub fn open(at: &Authority, packet: &str) {
    at.json(&[
        "fetch",
        packet,
        "--purpose",
        "execution",
        "--out",
        path(&at.data.join(format!("opened-{packet}"))),
    ]);
}

/// All stop; their ledgers and exports of them are sound, and each two ledgers agree.
pub async fn end(all: impl IntoIterator<Item = Authority>) {
    let mut all: Vec<Authority> = all.into_iter().collect();
    for authority in &all {
        authority.quiet().await;
    }
    for authority in &mut all {
        assert!(authority.stop().await.success());
        let out = authority.data.with_extension("export");
        succeeds(&["ledger", "verify", path(&authority.data)]);
        succeeds(&["ledger", "export", path(&authority.data), "--out", path(&out)]);
        succeeds(&["ledger", "verify", path(&out)]);
    }
    for (number, one) in all.iter().enumerate() {
        for other in &all[number + 1..] {
            succeeds(&["ledger", "compare", path(&one.data), path(&other.data)]);
        }
    }
}

/// Waits for something.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let end = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A gRPC client on a peer face with the TLS key of an identity, trusting whoever answers.
pub fn peer_client(
    identity: &Identity,
    address: &str,
) -> rogatory::gateway::rpc::peer::peer_client::PeerClient<tonic::transport::Channel> {
    let entropy = std::sync::Arc::new(rogatory::crypto::entropy::SystemEntropy::default());
    let credentials = tls::Credentials::new(identity, entropy).unwrap();
    tls::danger_unproved_client(address, credentials.client)
}
