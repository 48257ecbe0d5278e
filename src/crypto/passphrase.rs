//! Private keys under a passphrase: Argon2id (RFC 9106) makes a key of it, which opens a lock.
//! What stands in the lock may be another key, under which there is more.

use super::entropy::{Entropy, fresh};
use super::hash::sha256;
use super::{CryptoError, LEN, salted};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// How a lock begins.
const LOCK: &[u8; 16] = b"rogatory/lock/v1";
/// How bytes under a [`FolderKey`] begin.
const SEALED: &[u8; 16] = b"rogatory/seal/v1";
const LOCK_LABEL: &[u8] = b"rogatory/v1 lock";
const SEALED_LABEL: &[u8] = b"rogatory/v1 key file";
/// Bytes of a lock beside what is in it: beginning, cost, salt; salt and tag; digest.
const AROUND: usize = 16 + 12 + LEN + LEN + 16 + LEN;
/// Bytes of a passphrase at most.
pub const LONGEST: usize = 1024;

/// What people keep in their heads, or a machine in a file.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// The passphrase in a file or a variable: one end of line behind it does not count. None:
    /// it is empty, or longer than [`LONGEST`].
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let fits = (1..=LONGEST).contains(&bytes.len());
        fits.then(|| Self(Zeroizing::new(bytes.to_vec())))
    }
}

/// What it costs to try a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, for where memory is scarce.
    pub const RECOMMENDED: Self = Self { memory: 64 << 10, passes: 3, lanes: 4 };
    /// The most that is taken from a file: 1 GiB. Whoever puts a file there costs us no more.
    pub const MOST: Self = Self { memory: 1 << 20, passes: 16, lanes: 16 };

    fn bytes(self) -> [u8; 12] {
        let words = [self.memory, self.passes, self.lanes].map(u32::to_be_bytes);
        words.as_flattened().try_into().expect("three words")
    }

    fn parameters(self) -> Result<Params, CryptoError> {
        let most = Self::MOST;
        if self.memory > most.memory || self.passes > most.passes || self.lanes > most.lanes {
            return Err(CryptoError::Key);
        }
        Params::new(self.memory, self.passes, self.lanes, Some(LEN)).map_err(|_| CryptoError::Key)
    }
}

/// Puts a secret under a passphrase; the same `context` opens it.
pub fn lock(
    passphrase: &Passphrase,
    context: &[u8],
    secret: &[u8],
    cost: Cost,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, CryptoError> {
    let salt: [u8; LEN] = fresh(entropy)?;
    let key = stretched(passphrase, &salt, cost)?;
    let sealed = salted::seal(&key, LOCK_LABEL, context, secret, entropy)?;
    let mut lock = [&LOCK[..], &cost.bytes(), &salt, &sealed].concat();
    lock.extend_from_slice(&sha256(&lock));
    Ok(lock)
}

/// Undoes [`lock`]. [`CryptoError::Open`]: it is another passphrase, or another context;
/// [`CryptoError::Key`]: this is no lock, or not as it was written, or costs too much.
pub fn unlock(
    passphrase: &Passphrase,
    context: &[u8],
    lock: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (head, digest) = lock.split_at_checked(lock.len().saturating_sub(LEN)).ok_or(CryptoError::Key)?;
    if !is_lock(lock) || lock.len() < AROUND || sha256(head) != digest {
        return Err(CryptoError::Key);
    }
    let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"));
    let cost = Cost { memory: word(16), passes: word(20), lanes: word(24) };
    let (salt, sealed) = head[28..].split_at(LEN);
    salted::open(&*stretched(passphrase, salt, cost)?, LOCK_LABEL, context, sealed)
}

/// Whether these bytes begin as a lock does. No private key does.
pub fn is_lock(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCK)
}

fn stretched(passphrase: &Passphrase, salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; LEN]>, CryptoError> {
    let mut key = Zeroizing::new([0; LEN]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.parameters()?)
        .hash_password_into(&passphrase.0, salt, &mut key[..])
        .map_err(|_| CryptoError::Key)?;
    Ok(key)
}

/// The key under which the private keys of one folder lie: it stands in a lock, so that another
/// passphrase changes that alone.
#[derive(ZeroizeOnDrop)]
pub struct FolderKey([u8; LEN]);

impl FolderKey {
    /// A fresh one.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let mut key = Self([0; LEN]);
        entropy.fill(&mut key.0)?;
        Ok(key)
    }

    /// The key with these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        bytes.try_into().map(Self).map_err(|_| CryptoError::Key)
    }

    /// The bytes, for a lock; whoever has them has every key of the folder.
    pub fn danger_bytes(&self) -> &[u8; LEN] {
        &self.0
    }

    /// Seals the private key in the file of this name.
    pub fn seal(&self, name: &str, bytes: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, CryptoError> {
        let sealed = salted::seal(&self.0, SEALED_LABEL, name.as_bytes(), bytes, entropy)?;
        Ok([&SEALED[..], &sealed].concat())
    }

    /// Undoes [`FolderKey::seal`].
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let sealed = sealed.strip_prefix(SEALED).ok_or(CryptoError::Open)?;
        salted::open(&self.0, SEALED_LABEL, name.as_bytes(), sealed)
    }
}

/// Whether these bytes begin as those of [`FolderKey::seal`] do. No private key does.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(SEALED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    /// As little as Argon2 takes: what is tested here is what stands around it.
    const CHEAP: Cost = Cost { memory: 32, passes: 1, lanes: 4 };

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_key_of_a_passphrase_is_that_of_another_implementation() {
        // As OpenSSL derives it: cryptography.hazmat.primitives.kdf.argon2.Argon2id of Python.
        let key = stretched(&passphrase("correct horse"), &[7; LEN], Cost::RECOMMENDED).unwrap();
        assert_eq!(hex::encode(&key[..]), "7133a80c540843b463b57f08226a0179946794026e7f0cf7d990db335b082fa3");
    }

    #[test]
    fn a_lock_opens_with_its_passphrase_and_context_only() {
        let (right, entropy) = (passphrase("one\n"), SystemEntropy::default());
        let made = lock(&right, b"folder", b"secret", CHEAP, &entropy).unwrap();
        assert_eq!(unlock(&passphrase("one\r\n"), b"folder", &made).unwrap().as_slice(), b"secret");
        assert_eq!(unlock(&passphrase("two"), b"folder", &made).unwrap_err(), CryptoError::Open);
        assert_eq!(unlock(&right, b"root", &made).unwrap_err(), CryptoError::Open);
        for at in 0..made.len() {
            let mut changed = made.clone();
            changed[at] ^= 1;
            assert_eq!(unlock(&right, b"folder", &changed).unwrap_err(), CryptoError::Key, "byte {at}");
            assert_eq!(unlock(&right, b"folder", &made[..at]).unwrap_err(), CryptoError::Key, "{at} bytes");
        }
    }

    #[test]
    fn a_foreign_file_costs_no_more_than_the_bound() {
        let right = passphrase("one");
        let made = lock(&right, b"", b"secret", CHEAP, &SystemEntropy::default()).unwrap();
        let most = Cost::MOST;
        let costs = [
            Cost { memory: most.memory + 1, ..CHEAP },
            Cost { memory: u32::MAX, ..CHEAP },
            Cost { passes: most.passes + 1, ..CHEAP },
            Cost { lanes: most.lanes + 1, ..CHEAP },
            Cost { memory: 0, ..CHEAP },
            Cost { passes: 0, ..CHEAP },
            Cost { lanes: 0, ..CHEAP },
        ];
        for cost in costs {
            let mut foreign = [&LOCK[..], &cost.bytes(), &made[28..made.len() - LEN]].concat();
            foreign.extend_from_slice(&sha256(&foreign));
            assert_eq!(unlock(&right, b"", &foreign).unwrap_err(), CryptoError::Key, "{cost:?}");
        }
    }

    #[test]
    fn a_passphrase_has_bounds() {
        assert!(Passphrase::read(b"").is_none() && Passphrase::read(b"\r\n").is_none());
        assert!(Passphrase::read(&[b'a'; LONGEST]).is_some());
        assert!(Passphrase::read(&[b'a'; LONGEST + 1]).is_none());
    }

    #[test]
    fn a_sealed_key_opens_under_its_name_only() {
        let entropy = SystemEntropy::default();
        let (key, other) = (FolderKey::new(&entropy).unwrap(), FolderKey::new(&entropy).unwrap());
        let sealed = key.seal("a.key", &[3; 32], &entropy).unwrap();
        assert!(is_sealed(&sealed) && !is_lock(&sealed));
        assert_eq!(key.open("a.key", &sealed).unwrap()[..], [3; 32]);
        assert!(key.open("b.key", &sealed).is_err() && other.open("a.key", &sealed).is_err());
        assert_ne!(key.seal("a.key", &[3; 32], &entropy).unwrap(), sealed, "each has a salt of its own");
    }
}
