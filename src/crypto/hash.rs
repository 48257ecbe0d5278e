//! SHA-256, and the RFC 6962 root of a sequence of chunks.

use super::LEN;
use ring::digest::{Context, SHA256, digest};

/// A SHA-256 value.
pub type Digest = [u8; LEN];

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> Digest {
    finish(digest(&SHA256, bytes))
}

/// SHA-256 of the parts, one after the other.
pub fn sha256_parts(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    finish(context.finish())
}

/// SHA-256 over a stream.
pub struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        finish(self.0.finish())
    }
}

fn finish(value: ring::digest::Digest) -> Digest {
    value.as_ref().try_into().expect("SHA-256 is 32 bytes long")
}

/// The RFC 6962 §2.1 root over leaves that arrive one by one, in O(log n) memory.
#[derive(Default)]
pub struct RootBuilder {
    /// Roots of complete subtrees, widest first; bit i of `count` says that level i is there.
    stack: Vec<Digest>,
    count: u64,
}

impl RootBuilder {
    /// Adds the next leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut node = sha256_parts(&[&[0], leaf]);
        let mut level = self.count;
        while level & 1 == 1 {
            let left = self.stack.pop().expect("bit set: a left sibling stands on the stack");
            node = join(&left, &node);
            level >>= 1;
        }
        self.stack.push(node);
        self.count += 1;
    }

    /// The root of all leaves; SHA-256 of nothing when there are none.
    pub fn root(&self) -> Digest {
        let mut nodes = self.stack.iter().rev();
        match nodes.next() {
            None => sha256(&[]),
            Some(last) => nodes.fold(*last, |right, left| join(left, &right)),
        }
    }
}

fn join(left: &Digest, right: &Digest) -> Digest {
    sha256_parts(&[&[1], left, right])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_agree_with_the_definition() {
        fn defined(leaves: &[Vec<u8>]) -> Digest {
            match leaves.len() {
                0 => sha256(&[]),
                1 => sha256_parts(&[&[0], &leaves[0]]),
                n => {
                    let split = n.next_power_of_two() / 2;
                    join(&defined(&leaves[..split]), &defined(&leaves[split..]))
                }
            }
        }
        let mut leaves = Vec::new();
        let mut builder = RootBuilder::default();
        assert_eq!(builder.root(), defined(&leaves));
        for i in 0..70_u8 {
            leaves.push(vec![i; usize::from(i)]);
            builder.push(&leaves[usize::from(i)]);
            assert_eq!(builder.root(), defined(&leaves), "{} leaves", i + 1);
        }
    }
}
