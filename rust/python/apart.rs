//! Long work that does not ask whether to stop.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use pyo3::prelude::*;

use super::exception;
use crate::error::{Error, Result};
use crate::threads::POLL;

/// How much of what work tells waits to be heard.
const WAITING: usize = 4;

/// What work tells meanwhile. Nobody hears it any more if it fails.
pub(super) type Tell<'t, M> = &'t mut dyn FnMut(M) -> Result<()>;

enum Event<M, R> {
    Told(M),
    Done(Result<R>),
}

/// Does work on a thread of its own, without the interpreter lock. Meanwhile `hear` gets what
/// it tells, and signals are handled. An exception from either is raised at once: the work is
/// left to itself, and ends unheard when it next tells something, or is done.
///
/// # Panics
///
/// If the work does.
pub(super) fn run_apart<M: Send + 'static, R: Send + 'static>(
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

/// Nothing is told.
pub(super) fn hear_nothing(_: Python<'_>, (): ()) -> PyResult<()> {
    Ok(())
}
