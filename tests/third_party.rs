//! C2SP tlog-witness over real HTTP: our witness with raw requests, and two gateways of which
//! one witnesses the other.

mod support;

use base64::Engine as _;
use rogatory::crypto::hash::Digest;
use rogatory::exchange::Exchange;
use rogatory::format::wire::alarm::Code;
use rogatory::gateway::third_party::server::serve;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::submission::Submission;
use rogatory::ledger::third_party::ThirdParty;
use rogatory::ledger::tree;
use rogatory::store::inspect::{Look, verify};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::logs::{MINUTE, Pair, grow, link};
use support::{Authority, pair, rogatory, until};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// What a witness answered: code, headers in lower case, body.
struct Told(u16, String, String);

fn request(address: SocketAddr, head: &str, body: &[u8]) -> Told {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{head} HTTP/1.1\r\nhost: witness\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let code = head.split(' ').nth(1).unwrap().parse().unwrap();
    Told(code, head.to_lowercase(), body.to_owned())
}

fn post(address: SocketAddr, body: &[u8]) -> Told {
    tokio::task::block_in_place(|| request(address, "POST /add-checkpoint", body))
}

/// The newest checkpoint of a log, with a proof from `old`.
fn submission(of: &Exchange, old: u64) -> Submission {
    let checkpoint = of.store.checkpoint();
    let proof = tree::consistency(old, checkpoint.size, of.store.snapshot()).unwrap();
    Submission { old, proof, note: checkpoint.note.clone() }
}

async fn witness(exchange: &Arc<Exchange>) -> (SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(serve(exchange.clone(), listener, stop.clone()));
    (address, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_answers_as_the_specification_says() {
    let mut pair = Pair::new().await;
    let forked = pair.copy_of_xb("fork");
    let (address, stop) = witness(&pair.xa).await;
    let key = ThirdParty::parse(&pair.xa.identity.cosign_verifier_key()).unwrap();
    let code = |body: Vec<u8>| post(address, &body).0;
    let cosigned = |told: &Told, note: &[u8]| {
        assert_eq!(told.0, 200, "{}", told.2);
        let with_line = [note, told.2.as_bytes()].concat();
        let checkpoint = Checkpoint::open(&with_line, &pair.xb.identity.chain()).unwrap();
        assert!(key.cosignature(&checkpoint).unwrap().is_some());
    };

    // Not what is asked for at all.
    assert_eq!(tokio::task::block_in_place(|| request(address, "GET /add-checkpoint", b"")).0, 405);
    assert_eq!(tokio::task::block_in_place(|| request(address, "POST /else", b"")).0, 404);
    assert_eq!(code(b"nonsense".to_vec()), 400);
    assert_eq!(code(vec![b'a'; 1 << 20]), 413);
    // Not a log of a peer; not signed by it; an old size beyond the checkpoint's.
    assert_eq!(code(submission(&pair.xa, 0).encode()), 404);
    let good = submission(&pair.xb, 0);
    let line = good.note.iter().rposition(|byte| *byte == b' ').unwrap();
    let mut unsigned = good.clone();
    let letter = &mut unsigned.note[line + 20];
    *letter = if *letter == b'A' { b'B' } else { b'A' };
    assert_eq!(code(unsigned.encode()), 403);
    let first = pair.xb.store.checkpoint().size;
    assert_eq!(code(Submission { old: first + 1, ..good.clone() }.encode()), 400);
    let conflict = post(address, &submission(&pair.xb, 1).encode());
    assert_eq!((conflict.0, conflict.2.as_str()), (409, "0\n"), "nothing was cosigned yet");

    cosigned(&post(address, &good.encode()), &good.note);
    let size = pair.xa.store.snapshot().size().unwrap();
    // The same again is cosigned again, and changes nothing.
    let again = Submission { old: first, proof: Vec::new(), note: good.note.clone() };
    cosigned(&post(address, &again.encode()), &good.note);
    assert_eq!(pair.xa.store.snapshot().size().unwrap(), size);

    grow(&pair.xb, 1).await;
    grow(&pair.xb, 2).await;
    let next = submission(&pair.xb, first);
    let soon = post(address, &next.encode());
    assert!(soon.0 == 429 && soon.1.contains("retry-after: 60"), "{}", soon.1);
    pair.pass(MINUTE);
    let stale = post(address, &submission(&pair.xb, 0).encode());
    assert_eq!((stale.0, stale.2), (409, format!("{first}\n")));
    assert!(stale.1.contains("content-type: text/x.tlog.size"), "{}", stale.1);
    let unproved = Submission { proof: vec![Digest::default(); next.proof.len()], ..next.clone() };
    assert_eq!(code(unproved.encode()), 422);
    cosigned(&post(address, &next.encode()), &next.note);

    // Neither a smaller tree, nor another of that size, also after a start.
    pair.pass(MINUTE);
    grow(&forked, 3).await;
    grow(&forked, 4).await;
    stop.cancel();
    pair.restart_xa();
    let (address, _stop) = witness(&pair.xa).await;
    let told = post(address, &again.encode());
    assert_eq!((told.0, told.2), (409, format!("{}\n", first + 2)));
    let other = submission(&forked, first + 2);
    assert_eq!(post(address, &other.encode()).0, 409);
    grow(&forked, 5).await;
    assert_eq!(post(address, &submission(&forked, first + 2).encode()).0, 422);
    link(&pair.xa, &pair.xb).await;
    assert!(pair.alarms().contains(&Code::Forked));
    forked.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cosigned_over_http_binds_the_peer_face_too() {
    let pair = Pair::new().await;
    let (address, _stop) = witness(&pair.xa).await;
    let good = submission(&pair.xb, 0);
    assert_eq!(post(address, &good.encode()).0, 200);
    let peer = pair.xb_of_xa();
    assert!(pair.xa.cosign(&peer).await.unwrap().is_none(), "no exchange showed that the log grew");
    let held = pair.xa.held_checkpoint(&peer).unwrap().unwrap();
    let checkpoint = Checkpoint::open(&held, &pair.xb.identity.chain()).unwrap();
    assert_eq!(checkpoint.size, pair.xb.store.checkpoint().size, "the peer may ask for it");
    pair.close();
}

/// A TLS proxy before a witness, with a certificate of its own: its port, and the certificate's
/// file.
async fn tls_before(witness: String, dir: &Path) -> (u16, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = dir.join("roots.pem");
    let base64 = base64::engine::general_purpose::STANDARD.encode(made.cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
    std::fs::write(&path, pem).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (acceptor, witness) = (acceptor.clone(), witness.clone());
            tokio::spawn(async move {
                // Whoever fails here comes again.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let Ok(mut behind) = tokio::net::TcpStream::connect(witness).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    (port, path)
}

fn configure(authority: &Authority, more: &str) {
    let text = std::fs::read_to_string(authority.config()).unwrap();
    std::fs::write(authority.config(), format!("{text}\n{more}")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_has_itself_witnessed_by_another_and_both_fall_silent() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    xa.stop().await;
    xb.stop().await;
    configure(&xa, "[witness]\nlisten = \"127.0.0.2:0\"\ninterval = 1\n");
    xa.serve().await;
    // Its port is kept, so that it is there after a kill.
    let text = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), text.replace("127.0.0.2:0", &xa.witnessing)).unwrap();
    let key = xa.identity().cosign_verifier_key();
    let (port, roots) = tls_before(xa.witnessing.clone(), dir.path()).await;
    xb.environment.push(("SSL_CERT_FILE", roots));
    let witness = format!(
        "[witness]\ninterval = 1\n[[ledger.witness]]\nurl = \"https://localhost:{port}/\"\nvkey = \"{key}\"\n",
    );
    configure(&xb, &witness);
    xb.serve().await;
    until("XA cosigned XB's log", || async { cosigned_of(&xb) > 0 }).await;
    let (first, before) = (cosigned_of(&xb), sizes(&[&xa, &xb]));
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    assert_eq!(sizes(&[&xa, &xb]), before, "nothing is cosigned but exchanges");

    xb.send("XA", "");
    xb.quiet().await;
    xa.kill();
    xa.serve().await;
    until("XA cosigned what came since", || async { cosigned_of(&xb) > first }).await;
    let text = support::run(&["pair", "list", "--config", xb.config().to_str().unwrap()]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("witness rogatory/XA/"));
    xa.stop().await;
    xb.stop().await;
    for authority in [&xa, &xb] {
        verify(&authority.data, Look::default(), &mut |_| {}).unwrap();
    }
    // A verifier key that is not what it should be is refused at the start, with the reason.
    configure(&xb, "[[ledger.witness]]\nurl = \"ftp://witness\"\nvkey = \"a+b+c\"\n");
    let refused = rogatory().args(["serve", "--config"]).arg(xb.config()).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("verifier key"));
}

fn cosigned_of(authority: &Authority) -> u64 {
    authority.json(&["pair", "list"])["witnesses"][0]["cosigned"]["size"].as_u64().unwrap_or(0)
}

fn sizes(authorities: &[&Authority]) -> Vec<u64> {
    authorities.iter().map(|one| one.json(&["pair", "list"])["log_size"].as_u64().unwrap()).collect()
}
