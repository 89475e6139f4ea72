//! Large pieces of work side by side, never more at a time than there are jobs.
//!
//! A thread of a pool that waits for parallel work inside one piece begins the next piece meanwhile. Setting a
//! sheet waits like that (the typesetter works in parallel itself), so that all sheets of a flight were begun
//! before the first was done, and all their pictures lay in memory at once. Here a piece is handed out only
//! when another is done.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does every piece; results in the order of the pieces.
pub(crate) fn each<T: Sync, R: Send>(pieces: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let width = rayon::current_num_threads().min(pieces.len());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(width).build();
    let Ok(pool) = pool else {
        // No more threads to be had: one after the other.
        return pieces.iter().map(work).collect();
    };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(pieces.len()));
    let turn = || {
        while let Some((index, piece)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            pieces.get(index).map(|piece| (index, piece))
        } {
            // This thread belongs to no pool and only waits.
            let result = pool.install(|| work(piece));
            if let Ok(mut all) = done.lock() {
                all.push((index, result));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..width {
            scope.spawn(turn);
        }
    });
    let mut all = done.into_inner().unwrap_or_default();
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn no_more_pieces_are_begun_than_there_are_jobs_though_each_waits_inside() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let pool = pool.expect("two threads");
        let (begun, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let pieces: Vec<usize> = (0..40).collect();
        let work = |piece: &usize| {
            let now = begun.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            let inside: usize = (0..64).into_par_iter().map(|i| i * piece % 7).sum();
            std::thread::sleep(std::time::Duration::from_millis(1));
            begun.fetch_sub(1, Ordering::SeqCst);
            (*piece, inside)
        };
        let done = pool.install(|| each(&pieces, work));
        let order: Vec<usize> = done.iter().map(|d| d.0).collect();
        assert_eq!(order, pieces);
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn nothing_to_do_is_no_work() {
        assert!(each(&[] as &[u8], |p| *p).is_empty());
    }
}
