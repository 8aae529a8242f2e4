"""The same work on many items in several processes, in order.

Processes are spawned, never forked: that is safe whatever threads the caller has. They are
started when there is work for them, and only few items are under way at a time. Whichever way
it ends, no process is left.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Generic, TypeVar

from bpe_tool import _core
from bpe_tool.errors import BpeToolWarning, LimitError, Template
from bpe_tool.runtime import signals, threads

Item = TypeVar("Item")
Result = TypeVar("Result")

#: How many items a worker has at most: one at work, and the next.
AHEAD = 2


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield `work(item)` for each item, in the order of the items.

    Args:
        work: What to do; with more than one worker, it, items and results are pickled.
        items: Read from another thread if there is more than one worker, so that results
            come as soon as they are there even if the next item is not.
        workers: How many processes at most; 1 works in this one. So do more where the system
            refuses processes or a thread, with a warning.

    Raises:
        LimitError: A process was killed from outside, as for want of memory.
        Exception: Whatever `work` or `items` raise, at the place of the item.
    """
    if workers == 1:
        yield from map(work, items)
        return
    crew = _Crew(work, workers)
    cancel = signals.register(crew.kill)
    try:
        if threads.start(lambda: crew.send(items), daemon=True) is None:
            _warn("the system refuses a thread; the work is done in one process")
            yield from map(work, items)
            return
        yield from crew.results()
    finally:
        crew.close()
        cancel()


@dataclass
class _Worker:
    """A process, and the connection to it."""

    process: SpawnProcess
    connection: Connection
    #: How many items it has.
    load: int = 0


@dataclass
class _Own(Generic[Item]):
    """An item that is left to this process."""

    item: Item


class _Crew(Generic[Item, Result]):
    """Processes that do `work`. One thread sends them items, and another takes results."""

    def __init__(self, work: Callable[[Item], Result], most: int) -> None:
        self._work = work
        self._most = most
        self._workers: list[_Worker] = []
        # For each item, who has it; then, why there are no more.
        self._sent: queue.SimpleQueue[_Worker | _Own[Item] | BaseException | None]
        self._sent = queue.SimpleQueue()
        # Whose results were taken; then, that nobody takes them any more.
        self._taken: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        # Held where processes are started and items are sent: the descriptor of a closed
        # connection may be that of another file at once.
        self._sending = threading.RLock()

    def send(self, items: Iterable[Item]) -> None:
        """Send the items to whoever is free, and tell who has which."""
        end: BaseException | None = None
        try:
            for item in items:
                worker = self._free()
                data = b"" if worker is None else ForkingPickler.dumps(item)
                with self._sending:
                    if self._stopping.is_set():
                        return
                    if worker is None:
                        self._sent.put(_Own(item))
                        continue
                    worker.load += 1
                    self._sent.put(worker)
                    # From here on somebody waits for the result: nothing but the worker may fail.
                    worker.connection.send_bytes(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            # A dead worker, which is found out where its result is waited for; or, with a
            # name, a source.
            end = error if error.filename is not None else None
        except BaseException as error:
            end = error
        self._sent.put(end)

    def results(self) -> Iterator[Result]:
        """Yield the results of what is sent, in that order."""
        while True:
            sent = self._sent.get()
            if sent is None:
                return
            if isinstance(sent, BaseException):
                raise sent
            if isinstance(sent, _Own):
                yield self._work(sent.item)
                continue
            try:
                result, error = sent.connection.recv()
            except (EOFError, OSError):
                raise LimitError(
                    "a worker process ended before its work was done",
                    hint=Template("memory may be short; fewer {workers} need less"),
                ) from None
            self._taken.put(sent)
            if error is not None:
                raise error
            yield result

    def kill(self) -> None:
        """End all processes, and start no more."""
        self._stopping.set()
        self._taken.put(None)
        # Whoever sends now fails, as nobody reads any more; one more may have been started.
        self._kill()
        with self._sending:
            self._kill()

    def close(self) -> None:
        """End all processes, and forget them."""
        self.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()

    def _kill(self) -> None:
        for worker in list(self._workers):
            worker.process.kill()

    def _free(self) -> _Worker | None:
        """Return who takes the next item: an idle worker, a new one, or the first to be free.

        `None` is this process, if there is no other.
        """
        while True:
            with contextlib.suppress(queue.Empty):
                while (taken := self._taken.get_nowait()) is not None:
                    taken.load -= 1
            least = min(self._workers, key=lambda worker: worker.load, default=None)
            if least is not None and least.load == 0:
                return least
            if len(self._workers) < self._most and (new := self._start()) is not None:
                return new
            if least is None or least.load < AHEAD or self._stopping.is_set():
                return least
            if (taken := self._taken.get()) is not None:
                taken.load -= 1

    def _start(self) -> _Worker | None:
        """Start a process; `None` if there cannot be one."""
        context = get_context("spawn")
        connections: tuple[Connection, ...] = ()
        with self._sending:
            if self._stopping.is_set():
                return None
            try:
                connections = ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs,), daemon=True)
                with _without_interrupts():
                    process.start()
            except (OSError, RuntimeError) as error:
                for each in connections:
                    each.close()
                self._most = len(self._workers)
                reason = getattr(error, "strerror", None) or error
                _warn(
                    f"the system refuses another worker process ({reason}); "
                    + (f"{self._most} do the work" if self._most else "this one does the work")
                )
                return None
            theirs.close()
            worker = _Worker(process, ours)
            self._workers.append(worker)
            ours.send(self._work)
        return worker


def _warn(message: str) -> None:
    warnings.warn(message, BpeToolWarning, stacklevel=2)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; a process that is started meanwhile never gets it.

    It would come before `_serve` can say that it is ignored, and end with a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection) -> None:
    """Do the work of one process, until there is no more: first what to do, then the items."""
    # Ctrl-C reaches the whole group; the process that started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Without memory, nothing can be told but by ending.
    _core.on_exhaustion(lambda: os._exit(LimitError.exit_code))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, MemoryError):
        work: Callable[[Any], Any] = connection.recv()
        while True:
            item = connection.recv()
            try:
                answer: tuple[object, Exception | None] = (work(item), None)
            except Exception as error:
                answer = (None, error)
            connection.send(answer)
