//! Disclosed objects: a key that the signed header commits to, and the ciphertext it opens.

use super::{BundleError, wrong};
use crate::crypto::hash::{Digest, Sha256};
use crate::crypto::object::{ObjectKey, Opener, SEALED_CHUNK, Sealed};
use crate::format::packet::SignedHeader;
use crate::format::wire::BundleContents;
use std::fmt;

/// An object that is disclosed: it opened, and is what the header signed.
#[derive(Clone)]
pub struct Disclosed {
    /// 0 the body, from 1 the attachments.
    pub number: u32,
    /// What the signed header says of it.
    pub sealed: Sealed,
    /// Bytes of plaintext.
    pub size: u64,
    /// SHA-256 of the plaintext, as anybody can compute it of a file.
    pub sha256: Digest,
    key: ObjectKey,
    ciphertext: Vec<u8>,
}

impl fmt::Debug for Disclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disclosed").field("number", &self.number).field("size", &self.size).finish()
    }
}

impl Disclosed {
    /// Gives the plaintext to `sink`, a chunk of 64 KiB at most at a time. Commitment, every
    /// tag, length, chunk root and plaintext digest must be those of the signed header.
    pub fn plaintext<E: From<BundleError>>(
        &self,
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let bad = |_| wrong(format!("object {} is not what the header signed", self.number));
        let mut opener = Opener::new(&self.key, self.sealed.clone()).map_err(bad)?;
        let mut buffer = Vec::with_capacity(SEALED_CHUNK);
        for chunk in self.ciphertext.chunks(SEALED_CHUNK) {
            buffer.clear();
            buffer.extend_from_slice(chunk);
            sink(opener.open(&mut buffer).map_err(bad)?)?;
        }
        Ok(opener.finish().map_err(bad)?)
    }
}

/// Opens every disclosed object once, and keeps no plaintext.
pub(super) fn open(
    contents: &BundleContents,
    ciphertexts: Vec<Vec<u8>>,
    header: &SignedHeader,
) -> Result<Vec<Disclosed>, BundleError> {
    if contents.disclosed.len() != ciphertexts.len() {
        return Err(wrong("there are not as many ciphertexts as disclosed objects"));
    }
    let mut opened: Vec<Disclosed> = Vec::new();
    for (disclosed, ciphertext) in contents.disclosed.iter().zip(ciphertexts) {
        let number = disclosed.object;
        if opened.last().is_some_and(|last| last.number >= number) {
            return Err(wrong("disclosed objects are not in order"));
        }
        let sealed = usize::try_from(number).ok().and_then(|place| header.header.objects.get(place));
        let sealed = sealed.ok_or_else(|| wrong(format!("the packet has no object {number}")))?;
        let key = crate::format::digest(&disclosed.key, "object key")?;
        let mut object = Disclosed {
            number,
            sealed: sealed.clone(),
            size: 0,
            sha256: [0; 32],
            key: ObjectKey::from_bytes(key),
            ciphertext,
        };
        let (mut size, mut digest) = (0, Sha256::default());
        object.plaintext(|chunk| {
            size += chunk.len() as u64;
            digest.update(chunk);
            Ok::<_, BundleError>(())
        })?;
        (object.size, object.sha256) = (size, digest.finish());
        opened.push(object);
    }
    Ok(opened)
}
