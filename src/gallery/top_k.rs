//! Top-k selection: the names of one page, from a folder with more names than fit in memory.
//!
//! Names are ordered bytewise and come in no order. The smallest so far are kept, as many as
//! are wanted and fit. If memory is too small for those up to the end of the page, the largest
//! name that was kept from the pages before becomes a floor, and another pass over the folder
//! looks above it.

use std::boxed::Box;
use std::collections::BinaryHeap;
use std::vec::Vec;

/// Galleries on a page, and photos on a page.
pub(super) const PAGE: usize = 100;

/// The name of a gallery or a photo.
pub(super) type Name = Box<[u8]>;

/// Memory that a name takes besides its bytes: a slot of the heap, which may be half empty,
/// and the allocator's overhead.
const NAME_COST: usize = 48;

/// Memory that is enough for the names of a page and one more.
const MIN_MEMORY: usize = (PAGE + 1) * (255 + NAME_COST);

/// Selects up to [`PAGE`] names after a number of others.
#[derive(Default)]
pub(super) struct TopK {
    /// Names to skip above the floor.
    skip: usize,
    /// Names up to this one have been skipped.
    floor: Option<Name>,
    /// The smallest names above the floor so far.
    /// INVARIANT: all are less than `ceiling`, and no name seen between them is missing.
    kept: BinaryHeap<Name>,
    /// The smallest name that was dropped: it did not fit, or is after the page.
    ceiling: Option<Name>,
    /// Memory that `kept` takes, in bytes.
    bytes: usize,
    /// Memory that it may take, in bytes.
    memory: usize,
    /// Names in the folder, as seen in the first pass.
    pub(super) count: usize,
    is_counted: bool,
}

impl TopK {
    /// Selects the names after the first `skip`, using `memory` bytes or the minimum.
    pub(super) fn new(skip: usize, memory: usize) -> Self {
        Self { skip, memory: memory.max(MIN_MEMORY), ..Self::default() }
    }

    /// Considers a name.
    pub(super) fn see(&mut self, name: &[u8]) {
        self.count += usize::from(!self.is_counted);
        if self.floor.as_deref().is_some_and(|floor| name <= floor)
            || self.ceiling.as_deref().is_some_and(|ceiling| name >= ceiling)
        {
            return;
        }
        self.bytes += name.len() + NAME_COST;
        self.kept.push(name.into());
        while self.bytes > self.memory || self.kept.len() > self.skip.saturating_add(PAGE) {
            self.ceiling = self.kept.pop();
            self.bytes -= self.ceiling.as_ref().map_or(0, |name| name.len() + NAME_COST);
        }
    }

    /// Ends a pass over the folder. Returns whether another one is needed.
    pub(super) fn needs_more(&mut self) -> bool {
        self.is_counted = true;
        let is_all = self.ceiling.is_none() || self.kept.len() >= self.skip.saturating_add(PAGE);
        // With nothing to skip, the page fits.
        if is_all || self.skip == 0 {
            return false;
        }
        let skipped = self.skip.min(self.kept.len());
        let mut kept = core::mem::take(&mut self.kept).into_sorted_vec();
        kept.truncate(skipped);
        self.floor = kept.pop().or_else(|| self.floor.take());
        self.skip -= skipped;
        self.ceiling = None;
        self.bytes = 0;
        true
    }

    /// The names on the page, in order.
    pub(super) fn into_names(self) -> Vec<Name> {
        let mut names = self.kept.into_sorted_vec();
        names.drain(..self.skip.min(names.len()));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::{MIN_MEMORY, PAGE, TopK};
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    /// The names of a page, the number of names, and the number of passes.
    fn select(names: &[String], skip: usize, memory: usize) -> (Vec<String>, usize, usize) {
        let mut selection = TopK::new(skip, memory);
        let mut passes = 0;
        loop {
            passes += 1;
            for name in names {
                selection.see(name.as_bytes());
                assert!(selection.bytes <= memory.max(MIN_MEMORY));
            }
            if !selection.needs_more() {
                break;
            }
        }
        let count = selection.count;
        let text = |name| String::from_utf8(Vec::from(name)).unwrap();
        (selection.into_names().into_iter().map(text).collect(), count, passes)
    }

    fn photos(count: usize) -> Vec<String> {
        // Out of order: 7919 is prime, so each number comes once.
        (0..count).map(|n| format!("{:05}.jpg", n * 7919 % count)).collect()
    }

    #[test]
    fn a_page_is_a_hundred_names_in_order() {
        let names = photos(250);
        let numbers = |range: core::ops::Range<usize>| {
            range.map(|n| format!("{n:05}.jpg")).collect::<Vec<_>>()
        };
        assert_eq!(select(&names, 0, 1 << 20), (numbers(0..100), 250, 1));
        assert_eq!(select(&names, 200, 1 << 20), (numbers(200..250), 250, 1));
        assert_eq!(select(&names, 300, 1 << 20), (numbers(0..0), 250, 1));
        assert_eq!(select(&[], 0, 0), (numbers(0..0), 0, 1));
        assert_eq!(select(&names, usize::MAX, 0).0, numbers(0..0));
    }

    #[test]
    fn little_memory_costs_passes_and_nothing_else() {
        let names = photos(20_000);
        let (page, count, passes) = select(&names, 19_900, 0);
        assert_eq!((page.len(), count), (PAGE, 20_000));
        assert_eq!(page.last().unwrap(), "19999.jpg");
        // MIN_MEMORY holds 534 of these names.
        assert_eq!(passes, 20_000_usize.div_ceil(534));
    }

    #[test]
    fn names_are_ordered_bytewise() {
        let names: Vec<String> = ["é", "b", "a10", "a2", "B", " ", "~"].map(String::from).into();
        assert_eq!(select(&names, 0, 0).0, [" ", "B", "a10", "a2", "b", "~", "é"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn agrees_with_sorting_all_of_them(
            names in proptest::collection::hash_set((0..5000_u16, 0..250_usize), 0..1200),
            skip in 0..1300_usize,
        ) {
            let name = |(number, more)| format!("{number:x}{}", "m".repeat(more));
            let names: Vec<String> = names.into_iter().map(name).collect();
            let mut sorted = names.clone();
            sorted.sort();
            let (page, count, passes) = select(&names, skip, 0);
            prop_assert_eq!(count, sorted.len());
            let want: Vec<String> = sorted.into_iter().skip(skip).take(PAGE).collect();
            prop_assert_eq!(page, want);
            prop_assert!(passes <= 2 + count / PAGE);
        }
    }
}
