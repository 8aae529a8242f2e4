//! A value that is made when it is first needed.

use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Like [`OnceLock`], but never waited for: a process may fork while another thread makes the
/// value, and the child would wait for ever. Threads that need it at the same time each make one,
/// and all but one throw theirs away.
pub(crate) struct Lazy<T> {
    value: OnceLock<Box<T>>,
    /// Whether a thread has begun to put a value in.
    taken: AtomicBool,
}

/// The value: the common one, or one of its own.
pub(crate) enum Made<'l, T> {
    Common(&'l T),
    Own(Box<T>),
}

impl<T> Deref for Made<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Made::Common(value) => value,
            Made::Own(value) => value,
        }
    }
}

impl<T> Default for Lazy<T> {
    fn default() -> Self {
        Lazy {
            value: OnceLock::new(),
            taken: AtomicBool::new(false),
        }
    }
}

impl<T> Lazy<T> {
    /// The value, made now if it is not there yet.
    #[inline]
    pub fn get(&self, make: impl FnOnce() -> T) -> Made<'_, T> {
        match self.value.get() {
            Some(value) => Made::Common(value),
            None => self.made(make),
        }
    }

    #[cold]
    fn made(&self, make: impl FnOnce() -> T) -> Made<'_, T> {
        let own = Box::new(make());
        if self.taken.swap(true, Ordering::Relaxed) {
            return Made::Own(own);
        }
        Made::Common(self.value.get_or_init(|| own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn is_made_once() {
        let lazy = Lazy::default();
        assert_eq!(*lazy.get(|| 1), 1);
        assert_eq!(*lazy.get(|| panic!("it is there already")), 1);
    }

    #[test]
    fn whoever_comes_while_it_is_made_makes_another() {
        let (lazy, all) = (Lazy::default(), Barrier::new(4));
        thread::scope(|scope| {
            for number in 0..4 {
                let (lazy, all) = (&lazy, &all);
                scope.spawn(move || {
                    let make = || {
                        all.wait();
                        number
                    };
                    assert!(matches!(&*lazy.get(make), 0..4));
                });
            }
        });
        assert!(matches!(lazy.get(|| 9), Made::Common(0..4)));
    }

    #[test]
    fn a_thread_that_never_ends_is_not_waited_for() {
        let lazy = Lazy::default();
        lazy.taken.store(true, Ordering::Relaxed);
        assert_eq!(*lazy.get(|| 1), 1);
        assert_eq!(*lazy.get(|| 2), 2);
    }
}
