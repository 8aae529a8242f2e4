//! Runs independent jobs on scoped threads, results in order.
//!
//! Threads live for one call only, so that a process can fork at any time. While they
//! work, the calling thread asks `interrupt`, first of all and then some twenty times a
//! second, whether to stop; jobs that have not begun by then are dropped.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};

/// Asked on the calling thread while long work is done; `true` means stop.
pub type Interrupt<'a> = &'a dyn Fn() -> bool;

/// An [`Interrupt`] that never stops.
pub const NEVER: Interrupt<'static> = &|| false;

/// How often it is asked.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// Tells jobs that their results are not needed any more.
#[derive(Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether the call was interrupted. A job that takes long looks at this now and then
    /// and may end with any result.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Tells the jobs.
    pub fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// One that is set.
    #[cfg(test)]
    pub fn set() -> Self {
        Stop(Arc::new(AtomicBool::new(true)))
    }
}

/// Calls `run(&mut state, job)` for each job and returns the results in job order.
/// Otherwise like [`in_order`].
pub fn map<J: Sync, S, R: Send>(
    jobs: &[J],
    threads: usize,
    inline: bool,
    interrupt: Interrupt<'_>,
    state: impl Fn(Stop) -> S + Sync,
    run: impl Fn(&mut S, &J) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if inline && threads.min(jobs.len()) <= 1 {
        let mut own = state(Stop::default());
        return jobs.iter().map(|job| run(&mut own, job)).collect();
    }
    let mut results = Vec::with_capacity(jobs.len());
    in_order(
        jobs,
        threads,
        inline,
        interrupt,
        state,
        |state, job, result| {
            *result = Some(run(state, job)?);
            Ok(())
        },
        |result| results.extend(result.take()),
    )?;
    Ok(results)
}

/// Calls `run(&mut state, job, &mut result)` for each job, and `take` with the results in job
/// order, each as soon as those before it are taken. `state` makes one state per thread. The
/// first error in job order is returned; no result behind it counts.
///
/// `take` leaves a result as it wants the next job to find it. So there are few results, and what
/// they have allocated is used again. It runs on the threads that do the jobs: while one
/// takes, the others work.
///
/// `inline` decides whether the calling thread does jobs, too. It then starts one thread less, and
/// none for one job, but cannot be interrupted.
pub fn in_order<J: Sync, S, R: Default + Send>(
    jobs: &[J],
    threads: usize,
    inline: bool,
    interrupt: Interrupt<'_>,
    state: impl Fn(Stop) -> S + Sync,
    run: impl Fn(&mut S, &J, &mut R) -> Result<()> + Sync,
    mut take: impl FnMut(&mut R) + Send,
) -> Result<()> {
    if inline && threads.min(jobs.len()) <= 1 {
        let (mut own, mut result) = (state(Stop::default()), R::default());
        return jobs.iter().try_for_each(|job| {
            run(&mut own, job, &mut result)?;
            take(&mut result);
            Ok(())
        });
    }
    if !inline && interrupt() {
        return Err(Error::Interrupted);
    }
    let next = AtomicUsize::new(0);
    let (stop, failed) = (Stop::default(), AtomicBool::new(false));
    let line = Mutex::new(Line::new(take));
    let work = || {
        let (mut own, mut result) = (state(stop.clone()), R::default());
        while !stop.is_set() && !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let done = run(&mut own, job, &mut result);
            let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
            match done {
                Ok(()) => line.join(index, &mut result),
                Err(error) => {
                    // Jobs before this one go on: theirs may be the first error.
                    failed.store(true, Ordering::Relaxed);
                    line.fail(index, error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let work = &work;
        let (sender, receiver) = channel::<()>();
        let wanted = threads.min(jobs.len()).max(1) - usize::from(inline);
        let mut started = 0;
        for _ in 0..wanted {
            let alive = sender.clone();
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || {
                let _alive = alive;
                work();
            });
            started += usize::from(spawned.is_ok());
        }
        drop(sender);
        if inline || started == 0 {
            // Else the system refuses threads.
            work();
        }
        while let Err(RecvTimeoutError::Timeout) = receiver.recv_timeout(POLL) {
            if interrupt() {
                stop.tell();
            }
        }
    });
    if stop.is_set() {
        return Err(Error::Interrupted);
    }
    let line = line.into_inner().unwrap_or_else(PoisonError::into_inner);
    line.first_error.map_or(Ok(()), |(_, error)| Err(error))
}

/// Results that wait until those before them are there.
struct Line<R, T> {
    take: T,
    /// The index of the job whose result is taken next.
    next: usize,
    waiting: BTreeMap<usize, R>,
    /// Results that were taken.
    spare: Vec<R>,
    first_error: Option<(usize, Error)>,
}

impl<R: Default, T: FnMut(&mut R)> Line<R, T> {
    fn new(take: T) -> Self {
        Line {
            take,
            next: 0,
            waiting: BTreeMap::new(),
            spare: Vec::new(),
            first_error: None,
        }
    }

    /// Takes a result, or keeps it and leaves another in its place.
    fn join(&mut self, index: usize, result: &mut R) {
        if index != self.next {
            let other = self.spare.pop().unwrap_or_default();
            self.waiting.insert(index, std::mem::replace(result, other));
            return;
        }
        (self.take)(result);
        self.next += 1;
        while let Some(mut result) = self.waiting.remove(&self.next) {
            (self.take)(&mut result);
            self.next += 1;
            self.spare.push(result);
        }
    }

    fn fail(&mut self, index: usize, error: Error) {
        if self
            .first_error
            .as_ref()
            .is_none_or(|&(first, _)| index < first)
        {
            self.first_error = Some((index, error));
        }
    }
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
