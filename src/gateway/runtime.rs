//! A running gateway: opened, served, drained.

use super::config::Config;
use super::dispatch::{self, Dispatcher, reverse::Reverse};
use super::faces::auditor::AuditorFace;
use super::faces::carried::Carrying;
use super::faces::cases::Cases;
use super::faces::doctor::Doctor;
use super::faces::drafts::Submitting;
use super::faces::officer::OfficerFace;
use super::faces::operator::OperatorFace;
use super::faces::patience::Patient;
use super::faces::peer::{Heard, PeerFace};
use super::faces::prove::Prover;
use super::faces::roles::Roles;
use super::passphrase::open_keys;
use super::reload::{self, Reload};
use super::rpc::local::{
    auditor_server::AuditorServer, officer_server::OfficerServer, operator_server::OperatorServer,
};
use super::rpc::peer::peer_server::PeerServer;
use super::tls::{Dialer, LAST_CALL, Lines, LiveCredentials, PeerStream};
use super::token::key_folder;
use super::{GatewayError, SystemClock, forks, mirror, reminders, take_up, third_party, tls, upkeep};
use crate::crypto::entropy::{Entropy, SystemEntropy};
use crate::exchange::Exchange;
use crate::exchange::actors::Actors;
use crate::exchange::content_keys::ContentKeys;
use crate::exchange::directory::Directory;
use crate::exchange::doctor::place::Place;
use crate::exchange::drafts::Drafts;
use crate::exchange::identity::Identity;
use crate::exchange::witness::Notes;
use crate::exchange::{strangers, tail};
use crate::format::{limits, wire};
use crate::store::key_files::KeyFiles;
use crate::store::{Clock, Options, Recovery, StoreError, boot_id};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::Server;

/// What is under way at a stop may take this long to end.
const GRACE: Duration = Duration::from_secs(20);
/// Calls under way on one connection: twice what a gateway of ours has under way to a peer.
const STREAMS: u32 = 128;
/// Headers of a call, as HTTP/2 counts them, bytes.
const HEADERS: u32 = 8 * 1024;
/// Streams of a connection that were reset before they were served, at a time (CVE-2023-44487).
const RESETS: usize = 20;

/// A gateway that serves.
pub struct Gateway {
    /// Where peers connect, if they are let in.
    pub peer_address: Option<SocketAddr>,
    /// Where checkpoints are submitted, if they are taken.
    pub witness_address: Option<SocketAddr>,
    /// The Unix socket.
    pub socket: PathBuf,
    /// How the store was brought up.
    pub recovery: Recovery,
    exchange: Arc<Exchange>,
    reload: Arc<Reload>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Gateway {
    /// Opens the data directory and serves both faces. A passphrase of the keys is one that was given.
    pub async fn start(config: Config) -> Result<Self, GatewayError> {
        let keys = open_keys(&config, |_| Ok::<_, StoreError>(None))?;
        Self::start_with(config, keys).await
    }

    /// The same, with private files that are open.
    pub async fn start_with(config: Config, keys: KeyFiles) -> Result<Self, GatewayError> {
        let place = Place { keys: keys.clone(), ..Place::from(&config) };
        place.closed().map_err(|found| GatewayError::Open { what: found.finding, remedy: found.remedy })?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let identity = Arc::new(Identity::load_from(
            key_folder(&config.data, keys.clone(), config.token.as_ref())?,
            clock.now(),
        )?);
        check(&config, &identity)?;
        let (committed, commits, events) = dispatch::committed();
        let options = Options {
            data: config.data.clone(),
            keys: keys.clone(),
            boot_id: boot_id(),
            clock: clock.clone(),
            signer: identity.clone(),
            observer: Box::new(move |entries| committed.show(entries)),
        };
        let opened = tokio::task::block_in_place(|| options.open())?;
        let recovery = opened.recovery;
        let directory = Directory::load(opened.store.snapshot())?;
        let exchange = Arc::new(Exchange {
            identity: identity.clone(),
            directory,
            store: opened.store,
            objects: opened.objects,
            epochs: opened.epochs,
            content_keys: ContentKeys::default(),
            notes: Notes::new(config.witness_interval()),
            strangers: Arc::default(),
            reading: Default::default(),
            entropy: entropy.clone(),
            clock,
            taken: config.taken.clone(),
            electronic_form: config.agreed.electronic_form.clone(),
            register: config.register.clone(),
        });
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        exchange.choose_keys()?;
        let trusted = reload::trusted(&config.tls).map_err(GatewayError::Tls)?;
        let credentials = Arc::new(LiveCredentials::new(&identity, trusted, entropy)?);
        let reverse = Arc::new(Reverse::new(stop.clone()));
        let heard = Arc::new(Heard::default());
        let lines = Arc::new(Lines::new(config.peer.connection_age.0));
        let dialer = Dialer::new(exchange.clone(), credentials.clone(), lines.clone());

        forks::refuse_to_fork(&exchange, &dialer).await?;
        exchange.reconcile_statements().await?;
        exchange.recall_confirmed()?;
        let reload = Arc::new(Reload::new(config.tls.clone(), exchange.clone(), credentials.clone()));
        reload.begin().await;
        upkeep::keep_keys(&exchange, &config.key_policy()).await;
        tokio::task::block_in_place(|| exchange.destroy_boxes(true))?;

        let mut peer_address = None;
        if let Some(address) = config.peer.listen {
            let listener = listen(address).await?;
            let bound = listener.local_addr().map_err(|source| cannot_listen(&address, source))?;
            peer_address = Some(bound);
            let (live, strangers) = (credentials.clone(), exchange.strangers.clone());
            let incoming = tls::listen(listener, live.clone(), lines.clone(), strangers, stop.clone());
            tasks.spawn(record_strangers(exchange.clone(), stop.clone()));
            let face = PeerFace::new(exchange.clone(), reverse.clone(), heard.clone(), live, lines.age());
            tasks.spawn(serve_peers(face, lines.age(), incoming, stop.clone()));
        }
        tasks.spawn(watch_tail(exchange.clone(), stop.clone()));
        let mut witness_address = None;
        if let Some(address) = config.witness.listen {
            let listener = listen(address).await?;
            let bound = listener.local_addr().map_err(|source| cannot_listen(&address, source))?;
            witness_address = Some(bound);
            let verifier_key = exchange.identity.cosign_verifier_key();
            tracing::info!(address = %bound, verifier_key, "serving add-checkpoint");
            tasks.spawn(third_party::server::serve(exchange.clone(), listener, stop.clone()));
        }
        for witness in &config.ledger.witness {
            let submitter = third_party::client::Submitter::new(exchange.clone(), witness)
                .map_err(|why| GatewayError::Config { path: config.data.clone(), why })?;
            tasks.spawn(submitter.run(config.witness_interval(), stop.clone()));
        }
        let advertise = match (config.peer.advertise.is_empty(), peer_address) {
            (true, Some(address)) if !address.ip().is_unspecified() => vec![address.to_string()],
            _ => config.peer.advertise.clone(),
        };
        let socket = config.local.socket.clone();
        let roles = Roles::new(&config.local);
        let prover = Prover { exchange: exchange.clone(), dialer: dialer.clone() };
        let actors = Arc::new(Actors::load(&config.data)?);
        let officer = OfficerFace {
            exchange: exchange.clone(),
            roles: roles.clone(),
            prover: prover.clone(),
            carrying: Arc::new(Carrying::new(&config.data)),
            actors: actors.clone(),
            submitting: Submitting {
                exchange: exchange.clone(),
                actors: actors.clone(),
                drafts: Drafts::open(&config.data, keys.clone(), config.officers.four_eyes.clone())?,
            },
            cases: Cases { exchange: exchange.clone(), policy: config.deadlines.policy() },
            events: events.clone(),
            stop: stop.clone(),
        };
        let reminders =
            reminders::keep(exchange.clone(), config.deadlines.policy(), events.clone(), stop.clone());
        let operator = OperatorFace {
            exchange: exchange.clone(),
            roles: roles.clone(),
            actors,
            retention: config.retention.policy(),
            reload: reload.clone(),
            advertise,
            listening: peer_address.map(|address| address.to_string()).unwrap_or_default(),
            doctor: Doctor {
                exchange: exchange.clone(),
                dialer: dialer.clone(),
                reverse: reverse.clone(),
                heard,
                place,
                tls: config.tls.clone(),
                listens: peer_address.is_some(),
                rebuilt: recovery.rebuilt,
                started: exchange.now(),
            },
        };
        let auditor = AuditorFace { exchange: exchange.clone(), roles, prover, events, stop: stop.clone() };
        let listener = listen_unix(&socket)?;
        tasks.spawn(serve_local(officer, operator, auditor, listener, stop.clone()));

        tasks.spawn(reminders);
        let daily = config.retention.daily.then(|| config.retention.policy());
        tasks.spawn(upkeep::keep_up(exchange.clone(), config.key_policy(), daily, stop.clone()));
        if let Some(folder) = config.ledger.mirror.clone() {
            let third = config.ledger.witness.iter().map(|witness| witness.vkey.clone()).collect();
            tasks.spawn(mirror::keep(exchange.clone(), folder, third, stop.clone()));
        }
        tasks.spawn(reload.clone().watch(stop.clone()));
        tasks.spawn(take_up::keep(exchange.clone(), credentials, lines, stop.clone()));
        let collects = config.peer.listen.is_none();
        let dispatcher =
            Dispatcher::new(exchange.clone(), dialer, reverse, collects, stop.clone(), tasks.clone());
        tasks.spawn(dispatcher.run(commits));
        tracing::info!(
            authority = %exchange.identity.authority(),
            listening = peer_address.map(|a| a.to_string()).unwrap_or_else(|| "nowhere: sends and collects".into()),
            entries = exchange.store.checkpoint().size,
            "serving"
        );
        Ok(Self { peer_address, witness_address, socket, recovery, exchange, reload, stop, tasks })
    }

    /// The decisions behind the faces, for those who run a gateway in their own process.
    pub fn exchange(&self) -> &Arc<Exchange> {
        &self.exchange
    }

    /// Reads the TLS files anew; what is wrong with them is logged.
    pub async fn reload(&self) {
        self.reload.said().await;
    }

    /// Takes no more, lets end what is under way, and closes the store.
    pub async fn drain(self) -> Result<(), GatewayError> {
        tracing::info!("draining");
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("something did not end in time; what was committed is safe");
        }
        let removed = std::fs::remove_file(&self.socket);
        if let Err(error) = removed {
            tracing::debug!(%error, "the socket was gone");
        }
        let store = self.exchange.store.clone();
        tokio::task::block_in_place(|| store.close())?;
        tracing::info!("stopped");
        Ok(())
    }
}

fn check(config: &Config, identity: &Identity) -> Result<(), GatewayError> {
    let chain = identity.chain();
    if config.authority != *chain.authority() {
        return Err(GatewayError::Config {
            path: config.data.clone(),
            why: format!(
                "authority is {}, but the identity here is {}'s",
                config.authority,
                chain.authority()
            ),
        });
    }
    match config.peer.listen.filter(|address| chain.development() && !address.ip().is_loopback()) {
        Some(address) => Err(GatewayError::DevelopmentKeys(address.to_string())),
        None => Ok(()),
    }
}

async fn record_strangers(exchange: Arc<Exchange>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(strangers::EVERY) => {}
        }
        if let Err(error) = exchange.record_strangers().await {
            tracing::warn!(%error, "strangers were not recorded");
        }
    }
}

async fn watch_tail(exchange: Arc<Exchange>, stop: CancellationToken) {
    let mut before = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(tail::EVERY) => {}
        }
        match exchange.tail() {
            Ok(tail) => {
                if tail.substance > before && exchange.is_worrying(&tail) {
                    tracing::warn!(
                        entries = tail.substance,
                        since = tail.since,
                        "nobody has cosigned the newest part of this log"
                    );
                }
                before = tail.substance;
            }
            Err(error) => tracing::warn!(%error, "the unwitnessed tail was not measured"),
        }
    }
}

async fn serve_peers(
    face: PeerFace,
    age: Duration,
    incoming: tokio_stream::wrappers::ReceiverStream<std::io::Result<PeerStream>>,
    stop: CancellationToken,
) {
    let service = PeerServer::new(face)
        .max_decoding_message_size(limits::MESSAGE)
        .max_encoding_message_size(limits::MESSAGE);
    let served = Server::builder()
        .initial_stream_window_size(tls::STREAM_WINDOW)
        .initial_connection_window_size(tls::CONNECTION_WINDOW)
        .layer(tower::layer::layer_fn(Patient))
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(HEADERS)
        .http2_max_pending_accept_reset_streams(Some(RESETS))
        .max_connection_age(age)
        .max_connection_age_grace(LAST_CALL)
        .http2_keepalive_interval(Some(tls::PING))
        .http2_keepalive_timeout(Some(tls::PONG))
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, stop.cancelled_owned())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the peer face ended");
    }
}

async fn serve_local(
    officer: OfficerFace,
    operator: OperatorFace,
    auditor: AuditorFace,
    listener: UnixListener,
    stop: CancellationToken,
) {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<OfficerServer<OfficerFace>>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(wire::DESCRIPTORS)
        .build_v1();
    let officer = OfficerServer::new(officer)
        .max_decoding_message_size(limits::LOCAL_MESSAGE)
        .max_encoding_message_size(limits::LOCAL_MESSAGE);
    let mut server =
        Server::builder().initial_stream_window_size(1 << 20).initial_connection_window_size(4 << 20);
    let router = server
        .add_service(officer)
        .add_service(OperatorServer::new(operator).max_decoding_message_size(limits::LOCAL_MESSAGE))
        .add_service(AuditorServer::new(auditor).max_encoding_message_size(limits::LOCAL_MESSAGE))
        .add_service(health_service)
        .add_optional_service(reflection.ok());
    let served =
        router.serve_with_incoming_shutdown(UnixListenerStream::new(listener), stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the local face ended");
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, GatewayError> {
    TcpListener::bind(address).await.map_err(|source| cannot_listen(&address, source))
}

fn cannot_listen(address: &SocketAddr, source: std::io::Error) -> GatewayError {
    GatewayError::Listen { address: address.to_string(), source }
}

/// Binds the Unix socket; one that a dead process left is removed: the lock on the data
/// directory says that nobody serves it.
fn listen_unix(path: &Path) -> Result<UnixListener, GatewayError> {
    let failed = |source| GatewayError::Listen { address: path.display().to_string(), source };
    if path.exists() {
        std::fs::remove_file(path).map_err(failed)?;
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(failed)?;
    Ok(listener)
}
