//! TLS keys and certificates of an authority's own PKI, made by openssl.

mod support;

use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::format::wire::HeldCheckpointRequest;
use rogatory::gateway::SystemClock;
use rogatory::gateway::tls::Credentials;
use rogatory::store::Clock as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::process::Output;
use std::sync::Arc;
use support::intruder::client_of;
use support::keys::statements_of;
use support::lines::{connect, presented, watched_with};
use support::pki::{P256_SEC1, P384_PKCS8, Pki, RSA_PKCS1, configure};
use support::{Authority, end, exchange, pair, rogatory, until};

/// Credentials of an authority's newest TLS key.
fn credentials(authority: &Authority) -> Credentials {
    let identity = authority.identity();
    identity.choose([], SystemClock.now()).unwrap();
    Credentials::new(&identity, Arc::new(SystemEntropy::default())).unwrap()
}

/// The public key in a certificate of the PKI.
fn key_in(pki: &Pki, name: &str) -> Vec<u8> {
    let pem = std::fs::read(pki.folder.join(format!("{name}.pem"))).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
    pem.parse_x509().unwrap().public_key().subject_public_key.data.to_vec()
}

/// Waits until a gateway presents the key of this certificate to whoever connects.
async fn presents(authority: &Authority, pki: &Pki, name: &str) {
    let wanted = key_in(pki, name);
    let client = credentials(authority);
    until("the key is taken up", || async {
        connect(&client, &authority.listening).await.is_ok_and(|stream| presented(&stream) == wanted)
    })
    .await;
}

fn reload(authority: &Authority) -> Output {
    rogatory().args(["keys", "reload", "--config"]).arg(authority.config()).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_each_kind_are_taken_up_from_files_by_signal_and_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let pki = Pki::new(dir.path());
    pki.certify("a1", P256_SEC1, "");
    pki.certify("a2", P384_PKCS8, "");
    pki.certify("b1", P384_PKCS8, "");
    pki.certify("b2", RSA_PKCS1, "");
    pki.certify("b3", P256_SEC1, "");
    exchange(&xa, &xb).await;
    // From the start on.
    for (one, name, watch) in [(&mut xa, "a1", "1s"), (&mut xb, "b1", "30d")] {
        one.stop().await;
        pki.put(name, one);
        configure(one, &format!("watch = \"{watch}\""));
        one.serve().await;
    }
    presents(&xa, &pki, "a1").await;
    presents(&xb, &pki, "b1").await;
    exchange(&xa, &xb).await;
    // Because files changed.
    pki.put("a2", &xa);
    presents(&xa, &pki, "a2").await;
    exchange(&xa, &xb).await;
    // By a signal.
    pki.put("b2", &xb);
    let pid = rustix::process::Pid::from_raw(xb.pid() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    presents(&xb, &pki, "b2").await;
    exchange(&xa, &xb).await;
    // By a command.
    pki.put("b3", &xb);
    let said = reload(&xb);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(String::from_utf8_lossy(&said.stdout).contains("is stated, and used once every peer"));
    presents(&xb, &pki, "b3").await;
    exchange(&xa, &xb).await;
    // A restart finds the key in use, and each key was stated once.
    xb.stop().await;
    xb.serve().await;
    presents(&xb, &pki, "b3").await;
    exchange(&xa, &xb).await;
    assert_eq!(statements_of(&xa, "XB").await, 8 + 3);
    assert_eq!(statements_of(&xb, "XA").await, 8 + 2);
    // The gateway's own again, by rotation.
    xa.stop().await;
    let text = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), text.split("\n[tls]").next().unwrap()).unwrap();
    xa.serve().await;
    presents(&xa, &pki, "a2").await;
    xa.json(&["keys", "rotate", "tls"]);
    until("its own key is in use", || async {
        presented(&connect(&credentials(&xa), &xa.listening).await.unwrap()) != key_in(&pki, "a2")
    })
    .await;
    exchange(&xa, &xb).await;
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_is_said_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let pki = Pki::new(dir.path());
    for name in ["a1", "a2", "a3"] {
        pki.certify(name, P256_SEC1, "");
    }
    pki.certify("weak", "openssl genrsa -out xa.key 1024", "");
    pki.certify("edwards", "openssl genpkey -algorithm ed25519 -out xa.key", "");
    pki.certify("over", P256_SEC1, "-startdate 20200101000000Z -enddate 20210101000000Z");
    xa.stop().await;
    pki.put("a1", &xa);
    configure(&xa, "watch = \"30d\"");
    xa.serve().await;
    presents(&xa, &pki, "a1").await;
    pki.put("a2", &xa);
    assert!(reload(&xa).status.success());
    presents(&xa, &pki, "a2").await;
    let (count, folder) = (statements_of(&xb, "XA").await, xa.data.clone());
    let in_place = |kind: &str, from: &str| {
        std::fs::copy(pki.folder.join(from), folder.join(format!("tls.{kind}"))).unwrap();
    };
    let cases: [(&str, &dyn Fn(), &str); 8] = [
        ("the key of before", &|| pki.put("a1", &xa), "another TLS key was stated after this one"),
        ("a certificate of another key", &|| in_place("pem", "a3.pem"), "is of another key"),
        ("a key that is weak", &|| pki.put("weak", &xa), "RSA of 2048 to 4096 bits"),
        ("a key of another kind", &|| pki.put("edwards", &xa), "on P-256 or P-384"),
        ("a certificate whose time is over", &|| pki.put("over", &xa), "is not valid now"),
        (
            "half a key",
            &|| std::fs::write(folder.join("tls.key"), "-----BEGIN PRIV").unwrap(),
            "no private key",
        ),
        ("no certificate", &|| std::fs::write(folder.join("tls.pem"), "").unwrap(), "no PEM certificate"),
        (
            "a key that others may read",
            &|| pki.run(&format!("chmod 644 {}", folder.join("tls.key").display())),
            "may be read by others",
        ),
    ];
    for (what, spoil, why) in cases {
        pki.put("a2", &xa);
        spoil();
        let said = reload(&xa);
        let error = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.code() == Some(1) && error.contains(why), "{what}: {error}");
        presents(&xa, &pki, "a2").await;
    }
    // The last of them stays: a restart goes on with what there was.
    xa.stop().await;
    xa.serve().await;
    assert!(xa.log().contains("the TLS files can't be used, and nothing is changed"));
    presents(&xa, &pki, "a2").await;
    // The same key with another certificate needs no statement.
    pki.certify_again("a2", "");
    pki.put("a2", &xa);
    let said = reload(&xa);
    assert!(String::from_utf8_lossy(&said.stdout).contains("other certificates now"));
    let stream = connect(&credentials(&xa), &xa.listening).await.unwrap();
    let pem = std::fs::read(folder.join("tls.pem")).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap()[0].as_ref(), pem.contents);
    // Its key does not come from here.
    let refused = rogatory().args(["keys", "rotate", "tls", "--config"]).arg(xa.config()).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("put another there"));
    assert_eq!(xa.json(&["keys", "rotate", "all"])["rotated"].as_array().unwrap().len(), 5);
    exchange(&xa, &xb).await;
    assert_eq!(statements_of(&xb, "XA").await, count + 5);
}

/// Whether a gateway takes a call with these credentials.
async fn takes(gateway: &Authority, from: &Authority) -> bool {
    let (mut client, _) = watched_with(credentials(from), &gateway.listening);
    client.held_checkpoint(HeldCheckpointRequest {}).await.is_ok()
}

fn time(hours_ago: u64) -> String {
    let millis = SystemClock.now() - hours_ago * 3_600_000;
    let time = jiff::Timestamp::from_millisecond(millis as i64).unwrap();
    time.strftime("%Y%m%d%H%M%SZ").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_vouch_in_addition_and_stale_lists_have_their_grace() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let pki = Pki::new(dir.path());
    pki.certify("a", P256_SEC1, "");
    pki.certify("b", P384_PKCS8, "");
    for (one, name) in [(&mut xa, "a"), (&mut xb, "b")] {
        one.stop().await;
        pki.put(name, one);
        configure(one, "");
        one.serve().await;
    }
    presents(&xa, &pki, "a").await;
    presents(&xb, &pki, "b").await;
    let trust = format!(
        "authorities = \"{}\"\ncrls = [\"{}\"]\nwatch = \"30d\"",
        pki.path("ca.pem"),
        pki.path("ca.crl")
    );
    xa.stop().await;
    configure(&xa, &trust);
    xa.serve().await;
    exchange(&xa, &xb).await;
    assert!(takes(&xa, &xb).await);
    // Proved by a statement, and vouched for by nobody.
    let mut xc = Authority::found(dir.path(), "XC", "none");
    xc.serve().await;
    xa.confirm(&xc.offer().await).await;
    assert!(!takes(&xa, &xc).await);
    assert!(xa.log().contains("do not vouch for this certificate"));
    // The key that XB states, certified otherwise: the same CA, and what it says does not fit.
    pki.run(
        "cat >> ca.cnf <<'END'\n[server]\nextendedKeyUsage = serverAuth\nauthorityKeyIdentifier = keyid\nEND",
    );
    let key = PrivatePkcs8KeyDer::from_pem_file(pki.path("b.key")).unwrap();
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P384_SHA384).unwrap();
    let identity = xb.identity();
    let presents = async |name: &str| {
        let certificate = CertificateDer::from_pem_file(pki.path(&format!("{name}.pem"))).unwrap();
        client_of(certificate, &key, &identity, &xa.listening).held_checkpoint(HeldCheckpointRequest {}).await
    };
    assert!(presents("b").await.is_ok());
    for (name, options, why) in [
        ("expired", "-startdate 20200101000000Z -enddate 20210101000000Z", "CertExpired"),
        ("early", "-startdate 20990101000000Z -enddate 20990201000000Z", "CertNotValidYet"),
        ("server", "-extensions server", "RequiredEkuNotFound"),
    ] {
        pki.run(&format!("cp b.key {name}.key"));
        pki.certify_again(name, options);
        let read = xa.log().len();
        assert!(presents(name).await.is_err(), "{name}");
        let said = || {
            let log = xa.log();
            log[read..]
                .lines()
                .any(|line| line.contains("do not vouch for this certificate") && line.contains(why))
        };
        until(&format!("{name}: {why}"), || async { said() }).await;
    }
    // Overdue for an hour, for a hundred, and not at all.
    let list = |next: String| {
        pki.list(&format!("-crl_lastupdate {} -crl_nextupdate {next}", time(200)));
        xa.json(&["keys", "reload"])
    };
    let warned = list(time(1));
    assert!(warned["warnings"][0].as_str().unwrap().contains("stale"), "{warned}");
    assert!(takes(&xa, &xb).await, "within the grace");
    assert!(xa.log().contains("the CRL is stale"));
    list(time(100));
    assert!(!takes(&xa, &xb).await, "beyond the grace");
    pki.list("");
    assert_eq!(xa.json(&["keys", "reload"])["warnings"], serde_json::json!([]));
    assert!(takes(&xa, &xb).await);
    // A list that can't be read changes nothing.
    std::fs::write(pki.path("ca.crl"), "no list").unwrap();
    assert_eq!(reload(&xa).status.code(), Some(1));
    assert!(takes(&xa, &xb).await);
    exchange(&xa, &xb).await;
    // Revoked: whoever connects anew is refused, as server too.
    let log = xa.log().len();
    pki.revoke("b");
    pki.list("");
    xa.json(&["keys", "reload"]);
    assert!(!takes(&xa, &xb).await);
    xa.stop().await;
    xa.serve().await;
    xa.send("XB", "");
    until("XA refuses XB's certificate as a server's", || async {
        let log = xa.log()[log..].to_owned();
        log.lines().any(|line| line.contains("is not reached") && line.contains("Revoked"))
    })
    .await;
}
