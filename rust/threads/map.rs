//! Runs independent jobs on scoped threads, results in order.
//!
//! Threads live for one call only, so that a process can fork at any time. While they
//! work, the calling thread asks `interrupt`, first of all and then some twenty times a
//! second, whether to stop; jobs that have not begun by then are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::error::{Error, Result};

/// Asked on the calling thread while long work is done; `true` means stop.
pub type Interrupt<'a> = &'a dyn Fn() -> bool;

/// An [`Interrupt`] that never stops.
pub const NEVER: Interrupt<'static> = &|| false;

/// So often it is asked.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// Tells jobs that nobody waits for their results any more.
#[derive(Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether the call was interrupted. A job that takes long looks at this now and then
    /// and ends as it likes.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Tells them.
    pub fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// One that was told.
    #[cfg(test)]
    pub fn set() -> Self {
        Stop(Arc::new(AtomicBool::new(true)))
    }
}

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
    state: impl Fn(Stop) -> S + Sync,
    run: impl Fn(&mut S, &J) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let workers = threads.min(jobs.len());
    if workers <= 1 && inline {
        let mut own = state(Stop::default());
        return jobs.iter().map(|job| run(&mut own, job)).collect();
    }
    if interrupt() {
        return Err(Error::Interrupted);
    }
    let next = AtomicUsize::new(0);
    let (stop, failed) = (Stop::default(), AtomicBool::new(false));
    let (sender, receiver) = channel();
    let mut results: Vec<Option<Result<R>>> = Vec::new();
    results.resize_with(jobs.len(), || None);
    let work = |sender: Sender<Vec<(usize, Result<R>)>>| {
        let mut own = state(stop.clone());
        let mut done = Vec::new();
        while !stop.is_set() && !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let result = run(&mut own, job);
            if result.is_err() {
                // Jobs before this one go on: theirs may be the first error.
                failed.store(true, Ordering::Relaxed);
            }
            done.push((index, result));
        }
        // All at once: to be woken for every job would take the calling thread time, and a
        // core from those who work.
        let _ = sender.send(done);
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
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(done) => {
                    for (index, result) in done {
                        results[index] = Some(result);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if interrupt() {
                        stop.tell();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    if stop.is_set() {
        return Err(Error::Interrupted);
    }
    // Jobs are begun in order, so those that were not begun stand behind an error.
    results.into_iter().flatten().collect()
}

/// Does one piece of work that looks at `Stop` now and then. Like [`map`] with one job.
pub fn run<R: Send>(
    inline: bool,
    interrupt: Interrupt<'_>,
    work: impl Fn(&Stop) -> Result<R> + Sync,
) -> Result<R> {
    let mut results = map(
        &[()],
        1,
        inline,
        interrupt,
        |stop| stop,
        |stop, ()| work(stop),
    )?;
    Ok(results.remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: [usize; 4] = [0, 1, 2, 8];

    #[test]
    fn results_come_in_job_order() {
        for jobs in [vec![], vec![5], (0..300).collect::<Vec<u64>>()] {
            let expected: Vec<u64> = jobs.iter().map(|job| job * job).collect();
            for threads in THREADS {
                for inline in [false, true] {
                    let square = |_: &mut (), job: &u64| Ok(job * job);
                    let results = map(&jobs, threads, inline, NEVER, |_| (), square);
                    assert_eq!(results.unwrap(), expected);
                }
            }
        }
    }

    #[test]
    fn the_first_error_in_job_order_wins() {
        let jobs: Vec<u64> = (0..64).collect();
        // The earlier a failing job, the longer it takes.
        let fail = |_: &mut (), job: &u64| match job {
            10..20 => {
                std::thread::sleep(Duration::from_millis(2 * (20 - job)));
                Err(Error::PretokenTooLong {
                    offset: *job,
                    limit: 0,
                })
            }
            _ => Ok(*job),
        };
        for threads in THREADS {
            for inline in [false, true] {
                let first = Err(Error::PretokenTooLong {
                    offset: 10,
                    limit: 0,
                });
                assert_eq!(map(&jobs, threads, inline, NEVER, |_| (), fail), first);
            }
        }
    }

    #[test]
    fn every_thread_has_one_state() {
        for threads in [1, 3] {
            let made = AtomicUsize::new(0);
            let state = |_| made.fetch_add(1, Ordering::Relaxed);
            let seen = map(&[(); 50], threads, false, NEVER, state, |state, ()| {
                Ok(*state)
            });
            assert!(seen.unwrap().into_iter().all(|state| state < threads));
            assert_eq!(made.into_inner(), threads);
        }
    }

    #[test]
    fn an_interrupt_drops_the_jobs_that_have_not_started() {
        for threads in [1, 2] {
            let done = AtomicUsize::new(0);
            let work = |_: &mut (), _: &()| {
                std::thread::sleep(Duration::from_millis(5));
                done.fetch_add(1, Ordering::Relaxed);
                Ok(())
            };
            let stopped = map(&[(); 2000], threads, false, &|| true, |_| (), work);
            assert_eq!(stopped, Err(Error::Interrupted));
            assert!(done.into_inner() < 2000);
        }
    }
}
