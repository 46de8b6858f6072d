//! Independent work on all cores, with the same result whatever their number.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Called with the share that is done.
pub type Progress<'a> = &'a (dyn Fn(f64) + Sync);

/// How many threads work at once: the cores of the machine, one in a build without threads.
pub fn workers() -> usize {
    if cfg!(feature = "threads") { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 }
}

/// Turns each of some values into another on all cores.
pub fn map<T: Send, U: Send>(values: Vec<T>, work: impl Fn(T) -> U + Sync) -> Vec<U> {
    let places: Vec<Mutex<Option<T>>> = values.into_iter().map(|v| Mutex::new(Some(v))).collect();
    let one = |i: usize| places[i].lock().unwrap_or_else(PoisonError::into_inner).take().map(&work);
    in_portions(places.len(), one, &|_| ()).into_iter().flatten().collect()
}

/// Runs portions on all cores and gives what they return, in order.
pub fn in_portions<T: Send>(
    portions: usize,
    work: impl Fn(usize) -> T + Sync,
    progress: Progress<'_>,
) -> Vec<T> {
    let workers = workers().min(portions.max(1));
    let next = AtomicUsize::new(0);
    let mut out: Vec<(usize, T)> = std::thread::scope(|scope| {
        let run = || {
            let mut own = vec![];
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= portions {
                    return own;
                }
                own.push((i, work(i)));
                progress((i + 1) as f64 / portions as f64);
            }
        };
        let threads: Vec<_> = (1..workers).map(|_| scope.spawn(run)).collect();
        let mut all = run();
        for t in threads {
            // a worker that panics must not lose its portions in silence
            all.extend(t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    out.sort_by_key(|p| p.0);
    out.into_iter().map(|p| p.1).collect()
}
