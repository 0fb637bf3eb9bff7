//! Parallel work with results in order and bounded memory.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

/// The total cost of the items that are in progress or waiting for an earlier one. While one
/// core spends a minute on a large page, the others get ahead by this much.
const BUDGET: u64 = 64 << 20;

/// Runs `work` for each of `items` on all cores, and passes the results to `sink` in the order
/// of the items. An item is started only if it fits in the [`BUDGET`], or alone, and none after
/// an error of `sink`.
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
            let job = waiting.lock().expect("no worker panics while it holds the lock").recv();
            let Ok(index) = job else { return };
            if stop.load(Ordering::Relaxed) {
                return;
            }
            // Caught, so that the thread waiting for this result is told.
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
        // Dropped on every return, which ends the workers.
        let jobs = jobs;
        let mut finished = BTreeMap::new();
        let (mut started, mut in_progress) = (0, 0);
        for (index, item) in items.iter().enumerate() {
            loop {
                while let Some(next) = items.get(started) {
                    let cost = cost(next);
                    if in_progress > 0 && in_progress + cost > BUDGET {
                        break;
                    }
                    jobs.send(started).expect("the workers outlive this loop");
                    in_progress += cost;
                    started += 1;
                }
                if let Some(result) = finished.remove(&index) {
                    let written = sink(item, result);
                    if written.is_err() {
                        stop.store(true, Ordering::Relaxed);
                        return written;
                    }
                    in_progress -= cost(item);
                    break;
                }
                let (index, result) = results.recv().expect("every started job sends a result");
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
    // A mutex, since ARMv5 lacks 64-bit atomics.
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
    fn work_in_progress_stays_within_the_budget() {
        let items = [BUDGET / 2, BUDGET / 2, 1, BUDGET * 3, 0, BUDGET, 7];
        let in_progress = Mutex::new(0);
        let work = |cost: &u64| {
            let mut sum = in_progress.lock().unwrap();
            *sum += cost;
            *sum
        };
        let sink = |cost: &u64, highest: u64| {
            assert!(highest <= BUDGET.max(*cost), "{highest}");
            *in_progress.lock().unwrap() -= cost;
            Ok::<_, ()>(())
        };
        in_order(&items, |cost| *cost, work, sink).unwrap();
        assert_eq!(in_progress.into_inner().unwrap(), 0);
    }

    #[test]
    fn an_error_stops_the_work() {
        let items: Vec<u64> = (0..1000).collect();
        let sink = |item: &u64, ()| if *item == 3 { Err(*item) } else { Ok(()) };
        assert_eq!(in_order(&items, |_| 1, |_| (), sink), Err(3));
    }

    #[test]
    #[should_panic(expected = "at three")]
    fn a_panic_is_propagated() {
        let items: Vec<u64> = (0..1000).collect();
        let _ = in_order(
            &items,
            |_| 1,
            |item| assert_ne!(*item, 3, "at three"),
            |_, ()| Ok::<_, ()>(()),
        );
    }
}
