"""Does the same work on many items in several processes, and keeps their order.

Processes are spawned, not forked, which is safe even if the caller has threads. They are started
when there is work for them. Only a few items are in memory at a time. No process is left behind,
however the work ends.

The executors of the standard library do not do this: they read all items ahead, and leave their
processes behind when the program is killed within a signal's handler.
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
from bpe_tool.errors import BpeToolWarning, LimitError, Suggestion
from bpe_tool.runtime import signals, system, thread_start

Item = TypeVar("Item")
Result = TypeVar("Result")

#: How many items a process has at most: one that it works on, and the next one.
AHEAD = 2


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield `work(item)` for each item, in the order of the items.

    Args:
        work: The function. With more than one worker, it is pickled, as are items and results.
        items: The items. With more than one worker, they are read in another thread, so that a
            result is yielded as soon as it is there, even if the next item is not.
        workers: The maximum number of processes. With 1, this process does the work. It also
            does so, with a warning, if the system refuses processes or a thread.

    Raises:
        LimitError: A process was killed, such as by the system for lack of memory.
        Exception: Whatever `work` or `items` raises, in the order of the items.
    """
    if workers == 1:
        yield from map(work, items)
        return
    processes = _Processes(work, workers)
    cancel = signals.register(processes.kill)
    try:
        if thread_start.start(lambda: processes.send(items), daemon=True) is None:
            _warn("the system refuses a thread; the work is done in one process")
            yield from map(work, items)
            return
        yield from processes.results()
    finally:
        processes.close()
        cancel()


@dataclass
class _Process:
    """A process and the connection to it."""

    process: SpawnProcess
    connection: Connection
    #: How many items were sent to it whose results were not received.
    load: int = 0


@dataclass
class _Local(Generic[Item]):
    """An item for this process to work on."""

    item: Item


class _Processes(Generic[Item, Result]):
    """Processes that do `work`. One thread sends them items, another receives results."""

    def __init__(self, work: Callable[[Item], Result], most: int) -> None:
        self._work = work
        self._most = most
        self._processes: list[_Process] = []
        # For each item, the process that has it; then the reason why there are no more.
        self._sent: queue.SimpleQueue[_Process | _Local[Item] | BaseException | None]
        self._sent = queue.SimpleQueue()
        # The processes whose results were received; then `None`, when no more will be.
        self._taken: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        # Held while a process is started or an item is sent, so that no connection is closed
        # meanwhile: its descriptor could at once be that of another file.
        self._sending = threading.RLock()

    def send(self, items: Iterable[Item]) -> None:
        """Send each item to a process that is free, and record which process has it."""
        end: BaseException | None = None
        try:
            for item in items:
                worker = self._free()
                data = b"" if worker is None else ForkingPickler.dumps(item)
                with self._sending:
                    if self._stopping.is_set():
                        return
                    if worker is None:
                        self._sent.put(_Local(item))
                        continue
                    worker.load += 1
                    self._sent.put(worker)
                    # The result is now waited for: only the process may fail from here on.
                    worker.connection.send_bytes(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            # Without a file name, a process has died, which `results` will notice. With one,
            # a source or an output failed.
            end = error if error.filename is not None else None
        except BaseException as error:
            end = error
        self._sent.put(end)

    def results(self) -> Iterator[Result]:
        """Yield the results of the items, in the order in which they were sent."""
        while True:
            sent = self._sent.get()
            if sent is None:
                return
            if isinstance(sent, BaseException):
                raise sent
            if isinstance(sent, _Local):
                yield self._work(sent.item)
                continue
            try:
                result, error = sent.connection.recv()
            except (EOFError, OSError):
                raise LimitError(
                    "a worker process ended before its work was done",
                    hint=Suggestion("memory may be short; fewer {workers} need less"),
                ) from None
            self._taken.put(sent)
            if error is not None:
                raise error
            yield result

    def kill(self) -> None:
        """End all processes, and start no more."""
        self._stopping.set()
        self._taken.put(None)
        # A thread that is sending now fails. It may have started one more process.
        self._kill()
        with self._sending:
            self._kill()

    def close(self) -> None:
        """End all processes, and forget them."""
        self.kill()
        for worker in self._processes:
            worker.process.join()
            worker.connection.close()

    def _kill(self) -> None:
        for worker in list(self._processes):
            worker.process.kill()

    def _free(self) -> _Process | None:
        """Return the process for the next item: one that is idle, a new one, or the first free.

        `None` means this process: there is no other.
        """
        while True:
            with contextlib.suppress(queue.Empty):
                while (taken := self._taken.get_nowait()) is not None:
                    taken.load -= 1
            least = min(self._processes, key=lambda worker: worker.load, default=None)
            if least is not None and least.load == 0:
                return least
            if len(self._processes) < self._most and (new := self._start()) is not None:
                return new
            if least is None or least.load < AHEAD or self._stopping.is_set():
                return least
            if (taken := self._taken.get()) is not None:
                taken.load -= 1

    def _start(self) -> _Process | None:
        """Start a process; `None` if there cannot be one."""
        context = get_context("spawn")
        connections: tuple[Connection, ...] = ()
        with self._sending:
            if self._stopping.is_set():
                return None
            try:
                connections = ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs,), daemon=True)
                # Ctrl-C could reach the process before `_serve` ignores it, and show a traceback.
                with system.no_interrupts():
                    process.start()
            except (OSError, RuntimeError) as error:
                for each in connections:
                    each.close()
                self._most = len(self._processes)
                reason = getattr(error, "strerror", None) or error
                _warn(
                    f"the system refuses another worker process ({reason}); "
                    + (f"{self._most} do the work" if self._most else "this one does the work")
                )
                return None
            theirs.close()
            worker = _Process(process, ours)
            self._processes.append(worker)
            ours.send(self._work)
        return worker


def _warn(message: str) -> None:
    warnings.warn(message, BpeToolWarning, stacklevel=2)


def _serve(connection: Connection) -> None:
    """Receive the work and then its items; send back results until the connection is closed."""
    # Ctrl-C reaches the whole process group. The parent process ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Without memory, the only message is the exit code.
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
