//! The line of a peer's trees: every tree that we saw, until it is shown to be the beginning
//! of one and the same newest tree. Two beginnings of one tree contradict each other nowhere.

use crate::crypto::hash::Digest;
use crate::format::{Millis, limits};
use crate::ledger::checkpoint::Checkpoint;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A tree that a peer signed.
pub type Tree = Arc<Checkpoint>;

/// Trees that wait to be linked; what comes beyond is found again in the entries.
const LOOSE: usize = 4096;
/// So many are linked at once, without waiting for the next tick.
const MANY: usize = 64;
/// Contradictions that wait to be logged.
const CONTRADICTIONS: usize = 16;
/// A tree may be seen just before we cosign, and its entry come just before the cosignature's.
const MARGIN: u64 = 4096;

/// What is known of how a peer's trees follow from each other.
#[derive(Debug, Default)]
pub struct Line {
    /// The tree of which all that are linked are beginnings.
    head: Option<Tree>,
    /// Seen, and not linked: by size.
    loose: BTreeMap<u64, Tree>,
    /// The newest tree that was shown to contain all that had been seen.
    whole: Option<Tree>,
    /// Trees of one size with two roots, not logged yet.
    contradictions: Vec<(Tree, Tree)>,
    /// Entries from here on may hold trees that are not here.
    unread: Option<u64>,
    /// Entries before this one hold no tree that is not linked.
    read: u64,
    /// The tree that we cosigned last.
    anchor: Option<Tree>,
    /// When the peer last answered.
    pub answered: Millis,
}

impl Line {
    /// After a start: all that had been seen when we cosigned is a beginning of that tree.
    pub fn from_cosigned(tree: Tree, index: u64) -> Self {
        let read = index.saturating_sub(MARGIN);
        Self { head: Some(tree.clone()), anchor: Some(tree), unread: Some(read), read, ..Self::default() }
    }

    /// After a start, where nothing was cosigned yet: the greatest tree that an entry verified,
    /// and entries from `index` on hold others.
    pub fn from_entries(verified: Option<Tree>, index: u64) -> Self {
        Self { head: verified, unread: Some(index), read: index, ..Self::default() }
    }

    /// Takes note of a tree. `from` is what it was proved to extend. False: another tree of
    /// its size was seen.
    pub fn saw(&mut self, tree: &Tree, from: Option<(u64, Digest)>) -> bool {
        if tree.size == 0 {
            return true;
        }
        let known = [self.loose.get(&tree.size), self.head.as_ref(), self.anchor.as_ref()];
        let known = known.into_iter().flatten().find(|known| known.size == tree.size).cloned();
        if let Some(known) = known {
            if known.root != tree.root {
                self.contradicts(known, tree.clone());
                return false;
            }
            return true;
        }
        match &self.head {
            None => self.head = Some(tree.clone()),
            Some(head) if from == Some((head.size, head.root)) && tree.size > head.size => {
                self.head = Some(tree.clone());
            }
            Some(_) if self.loose.len() < LOOSE => {
                self.loose.insert(tree.size, tree.clone());
                if self.whole.as_ref().is_some_and(|whole| tree.size < whole.size) {
                    self.whole = None;
                }
            }
            Some(_) => {
                self.unread = Some(self.unread.map_or(self.read, |unread| unread.min(self.read)));
                self.whole = None;
            }
        }
        true
    }

    /// Keeps a contradiction until it is logged.
    pub fn contradicts(&mut self, known: Tree, other: Tree) {
        if self.contradictions.len() < CONTRADICTIONS {
            self.contradictions.push((known, other));
        }
    }

    /// Contradictions that are not logged yet.
    pub fn take_contradictions(&mut self) -> Vec<(Tree, Tree)> {
        std::mem::take(&mut self.contradictions)
    }

    /// Whether not to wait for the next tick.
    pub fn wants_linking(&self) -> bool {
        self.loose.len() >= MANY || !self.contradictions.is_empty()
    }

    /// From which entry on to look for trees, if entries may hold some that are not here and
    /// there is room for `room` of them.
    pub fn to_read(&self, room: usize) -> Option<u64> {
        self.unread.filter(|_| self.loose.len() + room <= LOOSE)
    }

    /// Entries before `index` were looked at; `end`: so were all.
    pub fn were_read(&mut self, index: u64, end: bool) {
        self.unread = (!end).then_some(index);
    }

    /// The trees to be linked next, the smallest first, and the head; nothing where nothing
    /// is loose.
    pub fn question(&self) -> Vec<Tree> {
        let loose = self.loose.values().take(limits::LINKS - 1);
        match self.loose.is_empty() {
            true => Vec::new(),
            false => self.head.iter().chain(loose).cloned().collect(),
        }
    }

    /// The tree that everything else is measured against.
    pub fn head(&self) -> Option<&Tree> {
        self.head.as_ref()
    }

    /// `newest` was shown to contain the trees `linked`, among them the head as it was when
    /// that was asked. `size` is that of our own log.
    pub fn linked(&mut self, newest: &Tree, head: Option<&Tree>, linked: &[Tree], size: u64) {
        for tree in linked {
            self.loose.remove(&tree.size);
        }
        if self.loose.range(..newest.size).next().is_none() && self.unread.is_none() {
            self.whole = Some(newest.clone());
            self.read = size.saturating_sub(MARGIN).max(self.read);
        }
        if self.head.as_ref() == head {
            self.loose.remove(&newest.size);
            self.head = Some(newest.clone());
        } else {
            // The head moved meanwhile: both contain the old one, and are to be linked.
            self.saw(newest, None);
        }
    }

    /// We cosigned this tree: whatever we cosign after it contains it.
    pub fn cosigned(&mut self, tree: Tree) {
        self.anchor = Some(tree);
    }

    /// A tree that can't be linked is not asked for again: it is an alarm. If it is the one that
    /// we cosigned, the line goes on from it, or not at all.
    pub fn give_up(&mut self, tree: &Tree) {
        self.loose.remove(&tree.size);
        if self.anchor.as_ref() == Some(tree) {
            self.head = self.anchor.clone();
            self.whole = None;
        }
    }

    /// The greatest tree that may be cosigned: it contains all that was seen before it.
    pub fn to_cosign(&self) -> Option<&Tree> {
        match self.loose.is_empty() && self.contradictions.is_empty() && self.unread.is_none() {
            true => self.head.as_ref(),
            false => self.whole.as_ref(),
        }
    }

    /// Trees that wait to be linked.
    pub fn loose(&self) -> usize {
        self.loose.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(size: u64, root: u8) -> Tree {
        Arc::new(Checkpoint { origin: "log".into(), size, root: [root; 32], note: vec![root] })
    }

    fn at(tree: &Tree) -> Option<(u64, Digest)> {
        Some((tree.size, tree.root))
    }

    #[test]
    fn answers_that_came_from_one_tree_wait_until_they_are_linked() {
        let (first, second, third) = (tree(5, 5), tree(8, 8), tree(9, 9));
        let mut line = Line::default();
        assert!(line.saw(&first, None) && line.saw(&third, at(&first)) && line.saw(&second, at(&first)));
        assert_eq!((line.head(), line.loose()), (Some(&third), 1));
        assert_eq!(line.question(), [third.clone(), second.clone()]);
        assert_eq!(line.to_cosign(), None, "one is not linked");
        let newest = tree(12, 12);
        line.linked(&newest, Some(&third), &[third.clone(), second], 100);
        assert_eq!((line.head(), line.loose(), line.to_cosign()), (Some(&newest), 0, Some(&newest)));
        assert!(line.question().is_empty());
    }

    #[test]
    fn a_head_that_moved_meanwhile_is_linked_with_the_answer_next_time() {
        let (first, loose, moved, answer) = (tree(5, 5), tree(4, 4), tree(7, 7), tree(9, 9));
        let mut line = Line::default();
        line.saw(&first, None);
        line.saw(&loose, None);
        line.saw(&moved, at(&first));
        line.linked(&answer, Some(&first), &[first.clone(), loose], 100);
        assert_eq!(line.head(), Some(&moved));
        assert_eq!(line.question(), [moved.clone(), answer.clone()]);
        assert_eq!(line.to_cosign(), Some(&answer), "it contains all that was seen when it was asked for");
        assert!(!line.saw(&tree(9, 1), None), "another tree of its size");
        assert_eq!(line.take_contradictions(), [(answer, tree(9, 1))]);
    }

    #[test]
    fn what_finds_no_room_is_looked_for_in_the_entries() {
        let mut line = Line::default();
        line.saw(&tree(1, 1), None);
        assert_eq!(line.to_read(1), None);
        for size in 2..LOOSE as u64 + 4 {
            line.saw(&tree(size, 2), None);
        }
        assert_eq!((line.loose(), line.to_read(0), line.to_read(1)), (LOOSE, Some(0), None));
    }
}
