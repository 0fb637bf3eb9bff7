//! Work on all cores, results in order, and a bound on what waits in memory.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

/// How much may be worked on or wait for its turn, by `cost`. A large page takes a
/// minute to compress; while it does, the other cores go on with this much.
const BUDGET: u64 = 64 << 20;

/// Does `work` for each of `items` and gives the results to `sink` in the order of the
/// items. Starts an item only where what is under way costs no more than [`BUDGET`]
/// with it, or nothing is.
///
/// # Errors
///
/// The first that `sink` returns; nothing more is started then.
pub(super) fn in_order<I: Sync, T: Send, E>(
    items: &[I],
    cost: impl Fn(&I) -> u64,
    work: impl Fn(&I) -> T + Sync,
    mut sink: impl FnMut(&I, T) -> Result<(), E>,
) -> Result<(), E> {
    let (jobs, waiting) = mpsc::channel();
    let (done, results) = mpsc::channel();
    let waiting = Mutex::new(waiting);
    let stop = AtomicBool::new(false);
    let worker = |done: mpsc::Sender<_>| {
        loop {
            let job = waiting.lock().expect("nobody panics while taking a job").recv();
            let Ok(index) = job else { return };
            if stop.load(Ordering::Relaxed) {
                return;
            }
            // Caught, so that the thread that waits for this result learns of it.
            let result = panic::catch_unwind(AssertUnwindSafe(|| work(&items[index])));
            if done.send((index, result)).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let done = done.clone();
            scope.spawn(|| worker(done));
        }
        // Dropped on every way out: the workers end when there is nothing to come.
        let jobs = jobs;
        let mut finished = BTreeMap::new();
        let (mut started, mut under_way) = (0, 0);
        for (index, item) in items.iter().enumerate() {
            loop {
                while let Some(next) = items.get(started) {
                    let cost = cost(next);
                    if under_way > 0 && under_way + cost > BUDGET {
                        break;
                    }
                    jobs.send(started).expect("the workers outlive this loop");
                    under_way += cost;
                    started += 1;
                }
                if let Some(result) = finished.remove(&index) {
                    let written = sink(item, result);
                    if written.is_err() {
                        stop.store(true, Ordering::Relaxed);
                        return written;
                    }
                    under_way -= cost(item);
                    break;
                }
                let (index, result) = results.recv().expect("each job started gives a result");
                match result {
                    Ok(result) => finished.insert(index, result),
                    Err(cause) => {
                        stop.store(true, Ordering::Relaxed);
                        panic::resume_unwind(cause)
                    }
                };
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    // ARMv5 has no atomics of 64 bits.
    use std::sync::Mutex;
    use std::vec::Vec;

    use super::{BUDGET, in_order};

    #[test]
    fn results_come_in_order() {
        let items: Vec<u64> = (0..1000).collect();
        let mut got = Vec::new();
        // Earlier items take longer.
        let work = |item: &u64| (0..(1000 - item) * 50).fold(*item, |sum, n| sum ^ (n & 1 << 60));
        in_order(
            &items,
            |_| BUDGET / 100,
            work,
            |_, result| {
                got.push(result);
                Ok::<_, ()>(())
            },
        )
        .unwrap();
        assert_eq!(got, items);
    }

    #[test]
    fn what_is_under_way_stays_in_the_budget() {
        let items = [BUDGET / 2, BUDGET / 2, 1, BUDGET * 3, 0, BUDGET, 7];
        let under_way = Mutex::new(0);
        let work = |cost: &u64| {
            let mut sum = under_way.lock().unwrap();
            *sum += cost;
            *sum
        };
        let sink = |cost: &u64, highest: u64| {
            assert!(highest <= BUDGET.max(*cost), "{highest}");
            *under_way.lock().unwrap() -= cost;
            Ok::<_, ()>(())
        };
        in_order(&items, |cost| *cost, work, sink).unwrap();
        assert_eq!(under_way.into_inner().unwrap(), 0);
    }

    #[test]
    fn an_error_ends_it() {
        let items: Vec<u64> = (0..1000).collect();
        let sink = |item: &u64, ()| if *item == 3 { Err(*item) } else { Ok(()) };
        assert_eq!(in_order(&items, |_| 1, |_| (), sink), Err(3));
    }

    #[test]
    #[should_panic(expected = "at three")]
    fn a_panic_is_passed_on() {
        let items: Vec<u64> = (0..1000).collect();
        let _ = in_order(
            &items,
            |_| 1,
            |item| assert_ne!(*item, 3, "at three"),
            |_, ()| Ok::<_, ()>(()),
        );
    }
}
