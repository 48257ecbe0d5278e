//! Keys that change while a gateway is stopped, and the statements that a ledger holds.

use super::logs::name;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::key_box::SecretKey;
use rogatory::crypto::sign::{Ed25519Key, P256Key, Signer, new_p256, new_seed};
use rogatory::exchange::identity::Identity;
use rogatory::exchange::key_folder::read_chain;
use rogatory::format::chain::Chain;
use rogatory::format::envelope::SigningKey;
use rogatory::format::leaf::Leaf;
use rogatory::format::statement::{NewKey, ProvenKey, algorithm_of, key_id, root_id};
use rogatory::format::wire::{Revocation, leaf::Kind, purpose::Code as Purpose, revocation::Reason};
use rogatory::ledger::entry::Entry;
use rogatory::ledger::records;
use rogatory::store::{Clock, Decision, NewEntry, Options, Store, boot_id, key_files};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Every purpose of an online key.
pub const PURPOSES: [Purpose; 6] = [
    Purpose::Tls,
    Purpose::Packet,
    Purpose::Evidence,
    Purpose::Checkpoint,
    Purpose::Cosign,
    Purpose::Content,
];

/// States a new key for each of `purposes`, as entries in the ledger `data` and in `keys`. From
/// the next start on it is the one in use, whatever peers know: the keys before it are gone,
/// but for those that open what was sealed for them.
pub async fn state(keys: &Path, data: &Path, clock: Arc<dyn Clock>, purposes: &[Purpose]) -> Chain {
    let now = clock.now();
    let before = Identity::load(keys, now).unwrap();
    let mut chain = Chain::clone(&before.chain());
    let delegate = chain.current(Purpose::Delegate, now).unwrap().clone();
    let by = signing(keys, &delegate);
    let mut entries = Vec::new();
    for (number, purpose) in purposes.iter().copied().enumerate() {
        let (secret, public_key, signer) = new_key(purpose);
        let id = key_id(purpose, algorithm_of(purpose), &public_key);
        // Of keys that are replaced at once, nobody needs the private half.
        if !purposes[number + 1..].contains(&purpose) {
            for old in chain.keys().iter().filter(|key| key.purpose == purpose && purpose != Purpose::Content)
            {
                let file = file_of(keys, purpose, &old.id);
                if file.exists() {
                    std::fs::remove_file(file).unwrap();
                }
            }
            key_files::write_private(&file_of(keys, purpose, &id), &secret).unwrap();
        }
        let new = NewKey {
            purpose,
            public_key,
            valid: (now - 1000, delegate.not_after),
            may_state: Vec::new(),
            revokes: Vec::new(),
            signer: signer.as_deref(),
        };
        let envelope = chain.state(new, &by, now).unwrap();
        entries.push(NewEntry { leaf: Leaf::new(Kind::KeyStatement), objects: vec![envelope] });
    }
    let store = open(data, clock, before);
    let decide = move |_: &dyn records::Views, _| {
        Ok::<_, rogatory::exchange::ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
    };
    store.commit(decide).await.unwrap().unwrap();
    store.close().unwrap();
    write(keys, &chain);
    chain
}

/// Puts these statements in the place of those in `keys`.
pub fn write(keys: &Path, chain: &Chain) {
    let chained: Vec<u8> = chain
        .envelopes()
        .flat_map(|envelope| [&(envelope.len() as u32).to_be_bytes(), envelope].concat())
        .collect();
    std::fs::remove_file(keys.join("statements")).unwrap();
    key_files::write_private(&keys.join("statements"), &chained).unwrap();
    assert_eq!(read_chain(keys).unwrap(), *chain);
}

/// The statement with which an authority's delegate ends its TLS key; neither its file nor its
/// ledger is touched.
pub fn end_of_tls(keys: &Path, reason: Reason, since: u64) -> Vec<u8> {
    let now = rogatory::gateway::SystemClock.now();
    let mut chain = read_chain(keys).unwrap();
    let [delegate, tls] =
        [Purpose::Delegate, Purpose::Tls].map(|purpose| chain.current(purpose, now).unwrap().clone());
    let end = Revocation { key_id: tls.id.to_vec(), reason: reason.into(), since, log_size: 0 };
    chain.revoke(vec![end], &signing(keys, &delegate), now).unwrap()
}

/// Entries of a stopped gateway's ledger that hold statements of this authority.
pub fn held(data: &Path, of: &str) -> usize {
    let identity = Identity::load(&data.join("keys"), rogatory::gateway::SystemClock.now()).unwrap();
    let store = open(data, Arc::new(rogatory::gateway::SystemClock), identity);
    let held = in_store(&store, of);
    store.close().unwrap();
    held
}

/// Entries of a ledger that hold statements of this authority.
pub fn in_store(store: &Store, of: &str) -> usize {
    let prefix = records::statement_prefix(Some(&name(of)));
    store.snapshot().scan(&prefix, None, usize::MAX).unwrap().len()
}

/// All entries of a stopped gateway's ledger.
pub fn entries(data: &Path) -> Vec<Entry> {
    let identity = Identity::load(&data.join("keys"), rogatory::gateway::SystemClock.now()).unwrap();
    let store = open(data, Arc::new(rogatory::gateway::SystemClock), identity);
    let snapshot = store.snapshot();
    let all = (0..snapshot.size().unwrap()).map(|index| snapshot.entry(index).unwrap()).collect();
    store.close().unwrap();
    all
}

fn open(data: &Path, clock: Arc<dyn Clock>, identity: Identity) -> Store {
    let options = Options {
        data: data.to_owned(),
        keys: data.join("keys").as_path().into(),
        boot_id: boot_id(),
        clock,
        signer: Arc::new(identity),
        observer: Box::new(|_| {}),
    };
    options.open().unwrap().store
}

type Made = (Vec<u8>, Vec<u8>, Option<Box<dyn Signer>>);

fn new_key(purpose: Purpose) -> Made {
    let seed = new_seed(&SystemEntropy::default()).unwrap();
    match purpose {
        Purpose::Tls => {
            let document = new_p256().unwrap();
            let key = P256Key::from_pkcs8(&document).unwrap();
            (document.to_vec(), key.public_key().to_vec(), Some(Box::new(key)))
        }
        Purpose::Content => {
            let public_key = SecretKey::from_seed(&seed[..]).unwrap().public_key();
            (seed.to_vec(), public_key, None)
        }
        _ => {
            let key = Ed25519Key::from_seed(&seed[..]).unwrap();
            (seed.to_vec(), key.public_key().to_vec(), Some(Box::new(key)))
        }
    }
}

/// The private half of a key in `keys` that signs, whatever it is for.
pub fn signing(keys: &Path, key: &ProvenKey) -> SigningKey {
    let bytes = key_files::read_private(&file_of(keys, key.purpose, &key.id)).unwrap();
    let signer: Arc<dyn Signer> = match key.purpose {
        Purpose::Tls => Arc::new(P256Key::from_pkcs8(&bytes).unwrap()),
        _ => Arc::new(Ed25519Key::from_seed(&bytes).unwrap()),
    };
    SigningKey { id: key.id, signer }
}

/// A root's private half.
pub fn root(keys: &Path, file: &str) -> SigningKey {
    let key = Ed25519Key::from_seed(&key_files::read_private(&keys.join(file)).unwrap()).unwrap();
    SigningKey { id: root_id(key.public_key()), signer: Arc::new(key) }
}

fn file_of(keys: &Path, purpose: Purpose, id: &[u8]) -> PathBuf {
    keys.join(format!("{}-{}.key", purpose.as_str_name(), hex::encode(&id[..8])))
}
