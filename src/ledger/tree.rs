//! The Merkle tree of RFC 6962 §2.1, through `tlog_tiles`.

use super::LedgerError;
use crate::crypto::hash::Digest;
use tlog_tiles::{Hash, HashReader};

/// Where node hashes are read, by their number in storage order.
pub trait Nodes {
    /// The hash with this number.
    fn node(&self, number: u64) -> Result<Digest, LedgerError>;
}

/// All nodes in storage order, in memory.
impl Nodes for Vec<Digest> {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        usize::try_from(number)
            .ok()
            .and_then(|number| self.get(number).copied())
            .ok_or_else(|| LedgerError::Read(format!("node {number} is missing")))
    }
}

struct Reader<'a, N: Nodes + ?Sized>(&'a N);

impl<N: Nodes + ?Sized> HashReader for Reader<'_, N> {
    fn read_hashes(&self, numbers: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        numbers
            .iter()
            .map(|number| self.0.node(*number).map(Hash))
            .collect::<Result<_, _>>()
            .map_err(|_| tlog_tiles::Error::IndexesNotInTree)
    }
}

/// Number of the first node that leaf `index` adds.
pub fn first_node(index: u64) -> u64 {
    tlog_tiles::stored_hash_index(0, index)
}

/// Level and position of the node with this number in storage order.
pub fn split_node(number: u64) -> (u8, u64) {
    tlog_tiles::split_stored_hash_index(number)
}

/// Number of the node at this level and position in storage order.
pub fn node_number(level: u8, position: u64) -> u64 {
    tlog_tiles::stored_hash_index(level, position)
}

/// Hash of a node over two others.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    tlog_tiles::node_hash(Hash(*left), Hash(*right)).0
}

/// The last leaf below the node with this number.
pub fn leaf_of_node(number: u64) -> u64 {
    let (level, position) = tlog_tiles::split_stored_hash_index(number);
    ((position + 1) << level) - 1
}

/// The nodes that leaf `index` completes, the leaf's own first; their numbers follow
/// [`first_node`].
pub fn nodes_of(index: u64, leaf: &[u8], nodes: &impl Nodes) -> Result<Vec<Digest>, LedgerError> {
    tlog_tiles::stored_hashes(index, leaf, &Reader(nodes))
        .map(|hashes| hashes.into_iter().map(|hash| hash.0).collect())
        .map_err(read)
}

/// Hash of a leaf.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    tlog_tiles::record_hash(leaf).0
}

/// Root of the tree with `size` leaves.
pub fn root(size: u64, nodes: &impl Nodes) -> Result<Digest, LedgerError> {
    tlog_tiles::tree_hash(size, &Reader(nodes)).map(|hash| hash.0).map_err(read)
}

/// Inclusion proof of leaf `index` in the tree with `size` leaves.
pub fn inclusion(index: u64, size: u64, nodes: &impl Nodes) -> Result<Vec<Digest>, LedgerError> {
    if index >= size {
        return Err(LedgerError::Proof("inclusion"));
    }
    let proof = tlog_tiles::prove_record(size, index, &Reader(nodes)).map_err(read)?;
    Ok(proof.into_iter().map(|hash| hash.0).collect())
}

/// Consistency proof between the trees with `from` and `to` leaves.
pub fn consistency(from: u64, to: u64, nodes: &impl Nodes) -> Result<Vec<Digest>, LedgerError> {
    if from > to {
        return Err(LedgerError::Proof("consistency"));
    }
    if from == 0 || from == to {
        return Ok(Vec::new());
    }
    let proof = tlog_tiles::prove_tree(to, from, &Reader(nodes)).map_err(read)?;
    Ok(proof.into_iter().map(|hash| hash.0).collect())
}

/// Checks that `leaf` stands at `index` in the tree (`size`, `root`).
pub fn verify_inclusion(
    leaf: &[u8],
    index: u64,
    size: u64,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), LedgerError> {
    let holds = index < size && climb(leaf_hash(leaf), index, size, proof, |_, _, _| {}) == Some(*root);
    holds.then_some(()).ok_or(LedgerError::Proof("inclusion"))
}

/// Leaves of which there are no more, and behind which nodes are not numbered.
const NUMBERED: u64 = 1 << 48;

/// What an inclusion proof says of the nodes in storage order, each with its number.
pub fn nodes_of_proof(leaf: &[u8], index: u64, size: u64, proof: &[Digest]) -> Vec<(u64, Digest)> {
    let mut nodes = Vec::with_capacity(2 * proof.len() + 1);
    if index < size {
        climb(leaf_hash(leaf), index, size, proof, |level, position, hash| {
            // What ends beyond the tree is of this size of the tree alone.
            if u128::from(position + 1) << level <= u128::from(size.min(NUMBERED)) {
                nodes.push((node_number(level, position), hash));
            }
        });
    }
    nodes
}

/// The root to which a proof leads from the leaf with this hash (RFC 9162 §2.1.3.2): none where
/// it has too many hashes, or too few. `tlog_tiles` copies the rest of the proof at each step.
/// `met` is told the level, position and hash of each node on the way and beside it.
fn climb(
    leaf: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    mut met: impl FnMut(u8, u64, Digest),
) -> Option<Digest> {
    let (mut level, mut position, mut last, mut hash) = (0, index, size - 1, leaf);
    met(level, position, hash);
    for other in proof {
        if last == 0 {
            return None;
        }
        if position & 1 == 1 || position == last {
            // Without a right sibling, it stands on the next level as it is.
            let levels = if position & 1 == 1 { 0 } else { position.trailing_zeros() };
            (position, last) = (position >> levels, last >> levels);
            level += levels as u8;
            met(level, position - 1, *other);
            hash = node_hash(other, &hash);
        } else {
            met(level, position + 1, *other);
            hash = node_hash(&hash, other);
        }
        (level, position, last) = (level + 1, position >> 1, last >> 1);
        met(level, position, hash);
    }
    (last == 0).then_some(hash)
}

/// Checks that the tree `to` extends the tree `from`; every tree extends the empty one.
pub fn verify_consistency(
    from: (u64, Digest),
    to: (u64, Digest),
    proof: &[Digest],
) -> Result<(), LedgerError> {
    let holds = match from.0 {
        0 => proof.is_empty(),
        size if size == to.0 => proof.is_empty() && from.1 == to.1,
        size if size < to.0 => {
            let proof = proof.iter().map(|digest| Hash(*digest)).collect();
            tlog_tiles::check_tree(&proof, to.0, Hash(to.1), from.0, Hash(from.1)).is_ok()
        }
        _ => false,
    };
    holds.then_some(()).ok_or(LedgerError::Proof("consistency"))
}

fn read(error: tlog_tiles::Error) -> LedgerError {
    LedgerError::Read(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::hash::RootBuilder;

    /// Of proofs cut, lengthened, changed or moved, just those hold that hold with `tlog_tiles`.
    fn forged_proofs_fail_as_they_do_elsewhere(
        leaf: &[u8],
        index: u64,
        size: u64,
        roots: &[Digest],
        proof: Vec<Digest>,
    ) {
        let mut forged = vec![[&proof[..], &[[1; 32]]].concat(), [&[[1; 32]], &proof[..]].concat()];
        for place in 0..proof.len() {
            forged.push([&proof[..place], &proof[place + 1..]].concat());
            let mut changed = proof.clone();
            changed[place][7] ^= 1;
            forged.push(changed);
        }
        forged.push(proof);
        for proof in forged {
            for (index, size) in [(index, size), (index ^ 1, size), (index / 2, size), (index, size - 1)] {
                let root = roots[size as usize];
                let theirs = proof.iter().map(|digest| Hash(*digest)).collect();
                let hash = tlog_tiles::record_hash(leaf);
                let theirs = tlog_tiles::check_record(&theirs, size, Hash(root), index, hash).is_ok();
                let ours = verify_inclusion(leaf, index, size, &root, &proof).is_ok();
                assert_eq!(ours, theirs, "leaf {index} of {size}");
            }
        }
    }

    #[test]
    fn agrees_with_two_other_trees_and_every_proof_holds() {
        let mut other = ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        let (mut nodes, mut plain) = (Vec::new(), RootBuilder::default());
        let mut roots = vec![root(0, &nodes).unwrap()];
        let leaf = |i: u64| format!("leaf {i}").into_bytes();
        for i in 0..40 {
            assert_eq!(first_node(i), nodes.len() as u64);
            let new = nodes_of(i, &leaf(i), &nodes).unwrap();
            nodes.extend(new);
            plain.push(&leaf(i));
            other.push(leaf(i));
            roots.push(root(i + 1, &nodes).unwrap());
            assert_eq!(roots[i as usize + 1], plain.root());
            assert_eq!(roots[i as usize + 1].as_slice(), other.root().as_bytes().as_slice());
        }
        for size in 1..=40_u64 {
            for index in 0..size {
                let proof = inclusion(index, size, &nodes).unwrap();
                verify_inclusion(&leaf(index), index, size, &roots[size as usize], &proof).unwrap();
                let known = nodes_of_proof(&leaf(index), index, size, &proof);
                assert!(known.iter().all(|(number, hash)| nodes[*number as usize] == *hash));
                // All that is complete: whatever is left of the leaf, and its own way up.
                let complete = |number: u64| leaf_of_node(number) < size;
                assert!(known.iter().all(|(number, _)| complete(*number)) && known.len() > proof.len() / 2);
                forged_proofs_fail_as_they_do_elsewhere(&leaf(index), index, size, &roots, proof.clone());
                assert!(
                    verify_inclusion(&leaf(index + 1), index, size, &roots[size as usize], &proof).is_err()
                );
            }
            for from in 0..=size {
                let proof = consistency(from, size, &nodes).unwrap();
                let (a, b) = ((from, roots[from as usize]), (size, roots[size as usize]));
                verify_consistency(a, b, &proof).unwrap();
                if from > 0 {
                    assert!(verify_consistency((from, [1; 32]), b, &proof).is_err());
                }
            }
        }
    }
}
