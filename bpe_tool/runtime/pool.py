"""A thread pool that also works when the system refuses threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import ParamSpec, TypeVar

from bpe_tool.runtime import thread_start

P = ParamSpec("P")
R = TypeVar("R")


class Pool(Executor):
    """Runs work on threads: on fewer if the system refuses some, or on none.

    Without threads, `submit` runs the work itself. (`ThreadPoolExecutor` would raise an error.)

    Args:
        most: The maximum number of threads. They are started when there is work.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: list[threading.Thread] = []
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._is_shut = False

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Schedule work; return the future of its result.

        Raises:
            RuntimeError: The pool is shut down.
        """
        if self._is_shut:
            raise RuntimeError("the pool is shut down")
        future: Future[R] = Future()
        job = partial(_do, future, partial(fn, *args, **kwargs))
        if len(self._threads) < self._most:
            thread = thread_start.start(self._serve, daemon=True)
            if thread is None:
                self._most = len(self._threads)
            else:
                self._threads.append(thread)
        if self._threads:
            self._jobs.put(job)
        else:
            job()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept no more work. With `cancel_futures`, work that has not started is cancelled."""
        self._is_shut = True
        if cancel_futures:
            while not self._jobs.empty():
                # A thread may take the last one first.
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if isinstance(job, partial):
                    job.args[0].cancel()
        for _ in self._threads:
            self._jobs.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _do(future: Future[R], work: Callable[[], R]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
