//! How work runs: with the interpreter lock, without it, or on a thread of its own.

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use pyo3::prelude::*;

use super::errors::{exception, named_exception};
use crate::error::{Error, Result};
use crate::threads::{Interrupt, NEVER, POLL};

/// Below this many bytes, work takes less time than handing the interpreter lock over.
pub const BRIEF: usize = 4096;

/// Runs brief work at once.
pub fn run<R>(py: Python<'_>, work: impl FnOnce() -> Result<R>) -> PyResult<R> {
    work().map_err(|error| exception(py, &error))
}

/// Runs long work without the interpreter lock. Signals are handled while it runs; an
/// exception from a handler, such as `KeyboardInterrupt`, ends it and is raised.
pub fn run_detached<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(Interrupt<'_>) -> Result<R> + Send,
) -> PyResult<R> {
    let (result, raised) = py.detach(move || {
        let raised = RefCell::new(None);
        let result = work(&|| match Python::attach(|py| py.check_signals()) {
            Ok(()) => false,
            Err(error) => {
                *raised.borrow_mut() = Some(error);
                true
            }
        });
        (result, raised.into_inner())
    });
    match raised {
        Some(error) => Err(error),
        None => result.map_err(|error| exception(py, &error)),
    }
}

/// Runs work at once if it is brief, otherwise as [`run_detached`] does.
pub fn with_lock_if<R: Send>(
    py: Python<'_>,
    is_brief: bool,
    work: impl FnOnce(Interrupt<'_>) -> Result<R> + Send,
) -> PyResult<R> {
    if is_brief {
        run(py, || work(NEVER))
    } else {
        run_detached(py, work)
    }
}

/// Calls Python within [`run_calling`].
#[derive(Default)]
pub struct Calls {
    raised: RefCell<Option<PyErr>>,
}

impl Calls {
    /// Calls Python. Signals are handled, too. An exception becomes [`Error::Interrupted`].
    pub fn call<T>(&self, call: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
        let called = Python::attach(|py| {
            py.check_signals()?;
            call(py)
        });
        called.map_err(|error| {
            *self.raised.borrow_mut() = Some(error);
            Error::Interrupted
        })
    }
}

/// Runs long work without the interpreter lock, but for the calls that it makes. An exception
/// from one ends it and is raised.
pub fn run_calling<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(&Calls) -> Result<R> + Send,
) -> PyResult<R> {
    let (result, raised) = py.detach(move || {
        let calls = Calls::default();
        let result = work(&calls);
        (result, calls.raised.into_inner())
    });
    match raised {
        Some(error) => Err(error),
        None => result.map_err(|error| exception(py, &error)),
    }
}

/// An object for a method that must not overlap with another one. During a call, calls from other
/// threads, or from a signal handler within the call, are refused.
pub fn alone<'py, T: pyo3::PyClass<Frozen = pyo3::pyclass::boolean_struct::False>>(
    object: &Bound<'py, T>,
) -> PyResult<PyRefMut<'py, T>> {
    object.try_borrow_mut().map_err(|_| {
        named_exception(
            object.py(),
            "ArgumentError",
            "this is at work in another thread, and takes one piece at a time".into(),
        )
    })
}

/// The most messages that may wait to be handled.
const WAITING: usize = 4;

/// Sends a message while the work goes on. Fails once messages are not handled any more.
pub type Tell<'t, M> = &'t mut dyn FnMut(M) -> Result<()>;

enum Event<M, R> {
    Told(M),
    Done(Result<R>),
}

/// Runs work that does not ask whether to stop, on a thread of its own and without the
/// interpreter lock. While it runs, `hear` gets its messages, and signals are handled. An exception
/// from either is raised at once: the work is then left alone, and ends at its next message or
/// when it is done.
///
/// # Panics
///
/// If the work does.
pub fn run_apart<M: Send + 'static, R: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(Tell<'_, M>) -> Result<R> + Send + 'static,
    mut hear: impl FnMut(Python<'_>, M) -> PyResult<()> + Send,
) -> PyResult<R> {
    let (sender, receiver) = sync_channel(WAITING);
    let work = Arc::new(Mutex::new(Some(work)));
    let take = |work: &Mutex<Option<_>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
    let there = work.clone();
    let spawned = thread::Builder::new().spawn(move || {
        let Some(work) = take(&there) else { return };
        let tell = &mut |told| {
            sender
                .send(Event::Told(told))
                .map_err(|_| Error::Interrupted)
        };
        let result = work(tell);
        let _ = sender.send(Event::Done(result));
    });
    py.detach(move || {
        let mut raised = None;
        let mut told = |message: Option<M>| {
            Python::attach(|py| {
                py.check_signals()?;
                message.map_or(Ok(()), |message| hear(py, message))
            })
        };
        let result = match spawned {
            // The system refuses threads: do the work here.
            Err(_) => match take(&work) {
                None => Err(Error::Interrupted),
                Some(work) => work(&mut |message| {
                    told(Some(message)).map_err(|error| {
                        raised = Some(error);
                        Error::Interrupted
                    })
                }),
            },
            Ok(thread) => loop {
                let heard = match receiver.recv_timeout(POLL) {
                    Ok(Event::Done(result)) => break result,
                    Ok(Event::Told(message)) => told(Some(message)),
                    Err(RecvTimeoutError::Timeout) => told(None),
                    Err(RecvTimeoutError::Disconnected) => resume_unwind(
                        thread
                            .join()
                            .err()
                            .unwrap_or_else(|| Box::new("a thread ended")),
                    ),
                };
                if let Err(error) = heard {
                    raised = Some(error);
                    break Err(Error::Interrupted);
                }
            },
        };
        match raised {
            Some(error) => Err(error),
            None => result.map_err(|error| Python::attach(|py| exception(py, &error))),
        }
    })
}

/// Handles the messages of work that sends none.
pub fn hear_nothing(_: Python<'_>, (): ()) -> PyResult<()> {
    Ok(())
}
