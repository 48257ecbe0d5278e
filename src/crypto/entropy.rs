//! Randomness, passed in wherever it is used so that vectors and tests are exact.

use super::CryptoError;
use ring::rand::{SecureRandom, SystemRandom};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `out`, or fails without having used it.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

/// The operating system's generator, through ring.
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.fill(out).map_err(|_| CryptoError::Entropy)
    }
}

/// `N` fresh bytes.
pub fn fresh<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], CryptoError> {
    let mut out = [0; N];
    entropy.fill(&mut out)?;
    Ok(out)
}

/// `N` fresh bytes that nobody else may have: drawn where they are wiped, and not moved from elsewhere.
pub fn fresh_secret<const N: usize>(entropy: &dyn Entropy) -> Result<Zeroizing<[u8; N]>, CryptoError> {
    let mut out = Zeroizing::new([0; N]);
    entropy.fill(&mut out[..])?;
    Ok(out)
}

/// Hands bytes that were drawn beforehand to a library that wants a generator.
///
/// Drawing first keeps failure out of the library's infallible interface.
pub(super) struct Drawn {
    bytes: [u8; 64],
    at: usize,
}

impl Drawn {
    pub(super) fn new(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        Ok(Self { bytes: fresh(entropy)?, at: 0 })
    }
}

impl rand_core::TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut out = [0; 4];
        self.try_fill_bytes(&mut out)?;
        Ok(u32::from_le_bytes(out))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut out = [0; 8];
        self.try_fill_bytes(&mut out)?;
        Ok(u64::from_le_bytes(out))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        // An encapsulation takes 64 bytes at most (X-Wing); asking for more would repeat
        // randomness, so it must stop the program and not the secrecy.
        let end = self.at + out.len();
        assert!(end <= self.bytes.len(), "an encapsulation draws 64 bytes at most");
        out.copy_from_slice(&self.bytes[self.at..end]);
        self.at = end;
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Drawn {}

impl Drop for Drawn {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.bytes);
    }
}
