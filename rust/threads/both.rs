//! Does two things at the same time.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::default_threads;

/// Calls both functions; if they are `long`, `one` on a thread for the time of this call, where one
/// can be had.
///
/// # Panics
///
/// If one of them does.
pub fn both<A: Send, B>(
    long: bool,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if !long || default_threads() == 1 {
        return (one(), other());
    }
    // Where the system refuses the thread, the work is still here.
    let work = Mutex::new(Some(one));
    let run = || {
        let one = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        one.map(|one| one())
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, run);
        let other = other();
        let one = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => run(),
        };
        (one.expect("it is called once"), other)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done() {
        let words = ["one".to_owned(), "other".to_owned()];
        for long in [false, true] {
            let lengths = both(long, || words[0].len(), || words[1].len());
            assert_eq!(lengths, (3, 5));
        }
    }

    #[test]
    #[should_panic(expected = "of its own")]
    fn a_panic_goes_on() {
        both(true, || panic!("of its own"), || ());
    }
}
