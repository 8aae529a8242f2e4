//! Runs independent jobs on scoped threads, results in order.
//!
//! Threads live for one call only, so that a process can fork at any time. While they
//! work, the calling thread asks `interrupt` some twenty times a second whether to
//! stop; jobs that have not started by then are dropped.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Asked on the calling thread while long work is done; `true` means stop.
pub type Interrupt<'a> = &'a dyn Fn() -> bool;

/// An [`Interrupt`] that never stops.
pub const NEVER: Interrupt<'static> = &|| false;

const POLL: Duration = Duration::from_millis(50);

/// Calls `run(&mut state, job)` for each job and returns the results in job order.
/// `state` makes one state per thread. The first error in job order is returned.
///
/// With one thread, or one job, `inline` decides whether the work is done on the
/// calling thread: it then cannot be interrupted, but starts no thread.
pub fn map<J: Sync, S, R: Send>(
    jobs: &[J],
    threads: usize,
    inline: bool,
    interrupt: Interrupt<'_>,
    state: impl Fn() -> S + Sync,
    run: impl Fn(&mut S, &J) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let workers = threads.min(jobs.len());
    if workers <= 1 && inline {
        let mut own = state();
        return jobs.iter().map(|job| run(&mut own, job)).collect();
    }
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let (sender, receiver) = channel();
    let mut results: Vec<Option<Result<R>>> = Vec::new();
    results.resize_with(jobs.len(), || None);
    let work = |sender: std::sync::mpsc::Sender<(usize, Result<R>)>| {
        let mut own = state();
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let result = run(&mut own, job);
            if result.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            if sender.send((index, result)).is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        let work = &work;
        let mut started = 0;
        for _ in 0..workers.max(1) {
            let sender = sender.clone();
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || work(sender));
            started += usize::from(spawned.is_ok());
        }
        if started == 0 {
            // The system refuses threads: do the work here.
            work(sender.clone());
        }
        drop(sender);
        let mut polled = Instant::now();
        loop {
            match receiver.recv_timeout(POLL) {
                Ok((index, result)) => results[index] = Some(result),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if polled.elapsed() >= POLL {
                polled = Instant::now();
                if interrupt() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    let mut ordered = Vec::with_capacity(jobs.len());
    for result in results {
        match result {
            Some(result) => ordered.push(result?),
            None => return Err(Error::Interrupted),
        }
    }
    Ok(ordered)
}

/// The number of threads to use where the caller does not say: what the system lets
/// this process run at once.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
