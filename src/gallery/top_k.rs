//! The names of one page, out of a folder that may have more than memory holds.
//!
//! Names are ordered by their bytes. They are seen in no order, once or several times
//! over; the smallest so far are kept, as many as are wanted and fit in the room there
//! is. Where the page's own do not fit, those in front of it become a floor, and the
//! folder is read again for what lies above.

use std::boxed::Box;
use std::collections::BinaryHeap;
use std::vec::Vec;

/// Galleries, and photos, of a page.
pub(super) const PAGE: usize = 100;

/// The name of a gallery or a photo.
pub(super) type Name = Box<[u8]>;

/// What a name takes besides its bytes: its place in the heap, which may be half empty,
/// and what the allocator adds.
const NAME_COST: usize = 48;

/// Room in which the names of a page always fit, and one more.
const LEAST_ROOM: usize = (PAGE + 1) * (255 + NAME_COST);

/// Up to [`PAGE`] names behind a number of others.
pub(super) struct Selection {
    /// Those in front of the page that are above the floor.
    skip: usize,
    /// Names up to this one have been passed over.
    floor: Option<Name>,
    /// The smallest above the floor, as far as seen.
    /// INVARIANT: all are less than `ceiling`, and no name between them is left out.
    kept: BinaryHeap<Name>,
    /// The smallest that had to go, for want of room or as it is behind the page.
    ceiling: Option<Name>,
    /// What `kept` takes.
    bytes: usize,
    room: usize,
    /// All names that have been seen, in the first reading.
    count: usize,
    is_counted: bool,
}

impl Selection {
    /// Selects names from the one numbered `skip`, counted from 0, on; `room` in bytes.
    pub(super) fn new(skip: usize, room: usize) -> Self {
        Self {
            skip,
            floor: None,
            kept: BinaryHeap::new(),
            ceiling: None,
            bytes: 0,
            room: room.max(LEAST_ROOM),
            count: 0,
            is_counted: false,
        }
    }

    /// Sees a name of the folder.
    pub(super) fn see(&mut self, name: &[u8]) {
        self.count += usize::from(!self.is_counted);
        if self.floor.as_deref().is_some_and(|floor| name <= floor)
            || self.ceiling.as_deref().is_some_and(|ceiling| name >= ceiling)
        {
            return;
        }
        self.bytes += name.len() + NAME_COST;
        self.kept.push(name.into());
        while self.bytes > self.room || self.kept.len() > self.skip.saturating_add(PAGE) {
            self.ceiling = self.kept.pop();
            self.bytes -= self.ceiling.as_ref().map_or(0, |name| name.len() + NAME_COST);
        }
    }

    /// Ends a reading of the folder; whether it has to be read again.
    pub(super) fn needs_more(&mut self) -> bool {
        self.is_counted = true;
        let is_all = self.ceiling.is_none() || self.kept.len() >= self.skip.saturating_add(PAGE);
        // Where nothing is in front of the page, all of it fits.
        if is_all || self.skip == 0 {
            return false;
        }
        let in_front = self.skip.min(self.kept.len());
        let mut kept = core::mem::take(&mut self.kept).into_sorted_vec();
        kept.truncate(in_front);
        self.floor = kept.pop().or_else(|| self.floor.take());
        self.skip -= in_front;
        self.ceiling = None;
        self.bytes = 0;
        true
    }

    /// How many names the folder has.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The names, in their order.
    pub(super) fn into_names(self) -> Vec<Name> {
        let mut names = self.kept.into_sorted_vec();
        names.drain(..self.skip.min(names.len()));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAST_ROOM, PAGE, Selection};
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    /// The names of a page, how many there are, and how often they were gone through.
    fn select(names: &[String], skip: usize, room: usize) -> (Vec<String>, usize, usize) {
        let mut selection = Selection::new(skip, room);
        let mut readings = 0;
        loop {
            readings += 1;
            for name in names {
                selection.see(name.as_bytes());
                assert!(selection.bytes <= room.max(LEAST_ROOM));
            }
            if !selection.needs_more() {
                break;
            }
        }
        let count = selection.count();
        let text = |name| String::from_utf8(Vec::from(name)).unwrap();
        (selection.into_names().into_iter().map(text).collect(), count, readings)
    }

    fn photos(count: usize) -> Vec<String> {
        // Any order: 7919 is prime, so each number comes once.
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
    fn little_room_costs_readings_and_nothing_else() {
        let names = photos(20_000);
        let (page, count, readings) = select(&names, 19_900, 0);
        assert_eq!((page.len(), count), (PAGE, 20_000));
        assert_eq!(page.last().unwrap(), "19999.jpg");
        // LEAST_ROOM holds 534 of these names.
        assert_eq!(readings, 20_000_usize.div_ceil(534));
    }

    #[test]
    fn names_are_ordered_by_their_bytes() {
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
            let (page, count, readings) = select(&names, skip, 0);
            prop_assert_eq!(count, sorted.len());
            let want: Vec<String> = sorted.into_iter().skip(skip).take(PAGE).collect();
            prop_assert_eq!(page, want);
            prop_assert!(readings <= 2 + count / PAGE);
        }
    }
}
