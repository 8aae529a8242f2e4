//! Runs jobs on threads while more jobs are added; results in order.
//!
//! If all jobs are known from the beginning, [`threads::map`](crate::threads::map) is
//! simpler, and its threads live no longer than the call.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::{Error, Result};
use crate::threads::{Interrupt, POLL, Stop};

/// Threads, the jobs they have been given, and the results that were not taken yet.
///
/// Jobs are begun in the order in which they are given. Without threads, they are done on
/// the thread that asks for results. What is left to do when a pool is dropped is not done.
pub struct Pool<J, R> {
    queue: Arc<Queue<J, R>>,
    body: Arc<Body<J, R>>,
    threads: Vec<JoinHandle<()>>,
}

type Body<J, R> = dyn Fn(&Queue<J, R>) + Send + Sync;

/// Where jobs wait for threads, and results for the one who takes them.
pub struct Queue<J, R> {
    state: Mutex<State<J, R>>,
    /// There is a job, or there will be none any more.
    work: Condvar,
    /// The awaited results are complete, or never will be.
    done: Condvar,
    stop: Stop,
}

struct State<J, R> {
    jobs: VecDeque<J>,
    /// The results of all jobs that were given, except those that were taken.
    results: VecDeque<Option<Result<R>>>,
    taken: usize,
    /// The number of the job that is begun next, of all that were ever given.
    next: usize,
    /// How many results are waited for.
    awaited: usize,
    /// Whether there are threads, and more jobs may come.
    open: bool,
    panicked: bool,
}

impl<J, R> State<J, R> {
    /// Whether the awaited results are complete.
    fn is_complete(&self) -> bool {
        self.results.iter().take(self.awaited).all(Option::is_some)
    }
}

impl<J, R> Queue<J, R> {
    /// Set when the pool is dropped: results are not awaited any more.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Runs the waiting jobs; on a pool's own thread, also those that are added later.
    pub fn serve(&self, mut run: impl FnMut(J) -> Result<R>) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                let number = state.next;
                state.next += 1;
                drop(state);
                let result = run(job);
                state = self.lock();
                let place = number - state.taken;
                state.results[place] = Some(result);
                if state.awaited > place && state.is_complete() {
                    self.done.notify_one();
                }
            } else if state.open {
                state = self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            } else {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<J, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells who waits for results that a thread ended before its time.
struct Watch<'d, J, R>(&'d Queue<J, R>);

impl<J, R> Drop for Watch<'_, J, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().panicked = true;
            self.0.done.notify_one();
        }
    }
}

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// A pool without threads. Each thread calls `body` once, which makes what it needs and
    /// then [`Queue::serve`]s.
    pub fn new(body: impl Fn(&Queue<J, R>) + Send + Sync + 'static) -> Self {
        Pool::of(Arc::new(body))
    }

    /// Forgets all jobs and results, and ends the threads.
    pub fn renew(&mut self) {
        *self = Pool::of(self.body.clone());
    }

    fn of(body: Arc<Body<J, R>>) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            results: VecDeque::new(),
            taken: 0,
            next: 0,
            awaited: 0,
            open: false,
            panicked: false,
        };
        Pool {
            queue: Arc::new(Queue {
                state: Mutex::new(state),
                work: Condvar::new(),
                done: Condvar::new(),
                stop: Stop::default(),
            }),
            body,
            threads: Vec::new(),
        }
    }

    /// Lets as many threads work as there are results to come, and no more than `most`. The
    /// system may refuse some, or all.
    pub fn start(&mut self, most: usize) {
        let mut state = self.queue.lock();
        let wanted = most.min(state.results.len());
        state.open = true;
        drop(state);
        while self.threads.len() < wanted {
            let (queue, body) = (self.queue.clone(), self.body.clone());
            let thread = thread::Builder::new().spawn(move || {
                let _watch = Watch(&queue);
                body(&queue);
            });
            let Ok(thread) = thread else { break };
            self.threads.push(thread);
        }
        self.queue.lock().open = !self.threads.is_empty();
    }

    /// Gives the pool a job.
    pub fn give(&self, job: J) {
        let mut state = self.queue.lock();
        state.jobs.push_back(job);
        state.results.push_back(None);
        drop(state);
        self.queue.work.notify_one();
    }

    /// Waits for the results of the next `count` jobs, and returns them, or the first error.
    ///
    /// # Panics
    ///
    /// If a thread has.
    pub fn take(&mut self, count: usize, interrupt: Interrupt<'_>) -> Result<Vec<R>> {
        if self.threads.is_empty() {
            let _watch = Watch(&self.queue);
            (self.body)(&self.queue);
        }
        let mut state = self.queue.lock();
        state.awaited = count;
        while !state.is_complete() {
            if state.panicked {
                drop(state);
                std::panic::resume_unwind(self.end().unwrap_or_else(|| Box::new("a thread ended")));
            }
            let waited = self.queue.done.wait_timeout(state, POLL);
            let timeout;
            (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() {
                drop(state);
                if interrupt() {
                    return Err(Error::Interrupted);
                }
                state = self.queue.lock();
            }
        }
        state.awaited = 0;
        state.taken += count;
        state.results.drain(..count).flatten().collect()
    }
}

impl<J, R> Pool<J, R> {
    /// Waits until the jobs are done, and ends the threads. Returns what one panicked with.
    pub fn end(&mut self) -> Option<Box<dyn Any + Send>> {
        self.queue.lock().open = false;
        self.queue.work.notify_all();
        let mut panicked = None;
        for thread in self.threads.drain(..) {
            panicked = thread.join().err().or(panicked);
        }
        panicked
    }
}

impl<J, R> Drop for Pool<J, R> {
    fn drop(&mut self) {
        self.queue.stop.tell();
        self.queue.lock().jobs.clear();
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::NEVER;
    use std::time::Duration;

    /// Squares numbers. The smaller one is, the longer it takes; 13 is an error.
    fn squares() -> Pool<u64, u64> {
        Pool::new(|queue: &Queue<u64, u64>| {
            queue.serve(|number| {
                std::thread::sleep(Duration::from_micros(300_u64.saturating_sub(number)));
                match number {
                    13 => Err(Error::PretokenTooLong {
                        offset: number,
                        limit: 0,
                    }),
                    666 => panic!("a number that nobody likes"),
                    _ => Ok(number * number),
                }
            });
        })
    }

    #[test]
    fn results_come_in_order() {
        for threads in [0, 1, 2, 7] {
            let mut pool = squares();
            let mut taken = Vec::new();
            for number in 100..300 {
                pool.give(number);
                pool.start(threads);
                if number % 3 == 0 && number > 120 {
                    taken.extend(pool.take(3, NEVER).unwrap());
                }
            }
            let rest = 200 - taken.len();
            taken.extend(pool.take(rest, NEVER).unwrap());
            assert_eq!(taken, (100..300).map(|n| n * n).collect::<Vec<_>>());
            assert_eq!(pool.take(0, NEVER), Ok(vec![]));
        }
    }

    #[test]
    fn an_error_is_that_of_its_job() {
        for threads in [0, 1, 2] {
            let mut pool = squares();
            for number in [7, 13, 8, 9] {
                pool.give(number);
            }
            pool.start(threads);
            assert_eq!(pool.take(1, NEVER), Ok(vec![49]));
            assert!(pool.take(2, NEVER).is_err());
            assert_eq!(pool.take(1, NEVER), Ok(vec![81]));
        }
    }

    #[test]
    fn there_are_no_more_threads_than_jobs() {
        let mut pool = squares();
        pool.start(5);
        assert!(pool.threads.is_empty());
        pool.give(1);
        pool.give(2);
        pool.start(5);
        assert_eq!(pool.threads.len(), 2);
        assert_eq!(pool.take(2, NEVER), Ok(vec![1, 4]));
        assert!(pool.end().is_none() && pool.threads.is_empty());
        pool.give(3);
        pool.start(1);
        assert_eq!(pool.take(1, NEVER), Ok(vec![9]));
    }

    #[test]
    fn waiting_can_be_interrupted_and_the_rest_is_not_done() {
        let mut pool = Pool::new(|queue: &Queue<(), ()>| {
            let stop = queue.stop().clone();
            queue.serve(|()| {
                while !stop.is_set() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok(())
            });
        });
        for _ in 0..1000 {
            pool.give(());
        }
        pool.start(2);
        assert_eq!(pool.take(1, &|| true), Err(Error::Interrupted));
        pool.renew();
        assert!(pool.threads.is_empty());
        assert_eq!(pool.take(0, NEVER), Ok(vec![]));
    }

    #[test]
    fn a_panic_is_passed_on() {
        for threads in [0, 1, 2] {
            let mut pool = squares();
            pool.give(666);
            pool.start(threads);
            let mut take = || {
                let take = std::panic::AssertUnwindSafe(|| pool.take(1, NEVER));
                std::panic::catch_unwind(take).unwrap_err()
            };
            let message = take();
            assert_eq!(message.downcast_ref(), Some(&"a number that nobody likes"));
            // What will not come is not waited for.
            take();
        }
    }
}
