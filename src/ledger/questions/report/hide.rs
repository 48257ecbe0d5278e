//! Counts that would point at single cases are not shown, nor what they could be worked out
//! from.

/// Hides counts from 1 up to below `threshold` in a column whose sum is shown, and as many others
/// as it takes that nobody can take the hidden ones from that sum, even who knows this rule: two
/// at least are hidden, and together they are twice the threshold. The others are those that come
/// next in the column, whatever their size, since a choice by size would tell about sizes. Where
/// there is not so much in the column, all of it is hidden, zeros too, so that not even how many
/// count is told.
pub fn cells(counts: &[u64], threshold: u64) -> Vec<Option<u64>> {
    let mut shown: Vec<Option<u64>> = counts.iter().map(|count| of(*count, threshold)).collect();
    let Some(first) = shown.iter().position(Option::is_none) else { return shown };
    let small = counts.iter().zip(&shown).filter(|(_, shown)| shown.is_none());
    let (mut hidden, mut sum) = small.fold((0, 0), |(hidden, sum), (count, _)| (hidden + 1, sum + count));
    let mut next = (first..shown.len()).chain(0..first);
    while hidden < 2 || sum < 2 * threshold {
        let Some(place) = next.next() else { return vec![None; counts.len()] };
        if let Some(count) = shown[place].take_if(|count| *count > 0) {
            (hidden, sum) = (hidden + 1, sum + count);
        }
    }
    shown
}

/// A count that stands by itself.
pub fn of(count: u64, threshold: u64) -> Option<u64> {
    (count == 0 || count >= threshold).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Every column of so many counts up to the greatest.
    fn columns(length: usize, greatest: u64) -> Vec<Vec<u64>> {
        (0..length).fold(vec![Vec::new()], |columns, _| {
            let longer = |column: Vec<u64>| {
                (0..=greatest).map(move |count| [column.as_slice(), &[count]].concat()).collect::<Vec<_>>()
            };
            columns.into_iter().flat_map(longer).collect()
        })
    }

    /// Everybody who reads a column and knows the rule and the sum: for no hidden cell is there
    /// one value only.
    #[test]
    fn nothing_hidden_follows_from_what_is_shown() {
        type Seen = (Vec<Option<u64>>, u64);
        for (length, greatest, threshold) in [(2, 30, 5), (3, 20, 3), (3, 24, 5), (4, 12, 3)] {
            let mut ways: BTreeMap<Seen, Vec<Vec<u64>>> = BTreeMap::new();
            for column in columns(length, greatest) {
                let sum = column.iter().sum();
                // Below the threshold the sum is hidden, and with it the column.
                if sum >= threshold {
                    ways.entry((cells(&column, threshold), sum)).or_default().push(column);
                }
            }
            let mut hidden = 0;
            for ((shown, sum), columns) in &ways {
                // What has the greatest count could be more, which was not tried.
                let greater = columns.iter().flatten().any(|count| *count == greatest);
                for (place, _) in shown.iter().enumerate().filter(|(_, cell)| cell.is_none() && !greater) {
                    let values: BTreeSet<u64> = columns.iter().map(|column| column[place]).collect();
                    assert!(values.len() > 1, "{shown:?} of {sum} is {columns:?}");
                    hidden += 1;
                }
            }
            assert!(hidden > 10, "{hidden} of {length}");
        }
    }

    #[test]
    fn what_is_large_enough_is_shown() {
        let shown = |counts: &[u64]| cells(counts, 5);
        assert_eq!(shown(&[0, 5, 100]), [Some(0), Some(5), Some(100)]);
        assert_eq!(shown(&[0, 4, 100, 20]), [Some(0), None, None, Some(20)]);
        assert_eq!(shown(&[7, 30, 0, 4]), [None, Some(30), Some(0), None]);
        assert_eq!(shown(&[2, 4, 100, 20]), [None, None, None, Some(20)]);
        assert_eq!(shown(&[4, 3, 4, 100]), [None, None, None, Some(100)]);
        assert_eq!(shown(&[0, 4, 0]), [None, None, None]);
        assert_eq!(cells(&[1, 2, 0], 1), [Some(1), Some(2), Some(0)]);
        assert_eq!((of(0, 5), of(4, 5), of(5, 5)), (Some(0), None, Some(5)));
    }
}
