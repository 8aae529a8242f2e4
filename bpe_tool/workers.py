"""The same work on many items in several processes, in order.

Processes are spawned, never forked: that is safe whatever threads the caller has. Only few
items are under way at a time. Whichever way it ends, no process is left.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TypeVar

from bpe_tool.errors import LimitError

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
        workers: How many processes; 1 works in this one.

    Raises:
        LimitError: A process was killed from outside, as for want of memory.
        Exception: Whatever `work` or `items` raise, at the place of the item.
    """
    if workers == 1:
        yield from map(work, items)
        return
    sending = threading.Lock()
    with _processes(work, workers, sending) as connections:
        yield from _collected(items, connections, sending)


def _collected(
    items: Iterable[Item], connections: list[Connection], sending: threading.Lock
) -> Iterator[Result]:
    free = [threading.Semaphore(AHEAD) for _ in connections]
    # For each item sent, which worker has it; then, why there are no more.
    sent: queue.SimpleQueue[int | BaseException | None] = queue.SimpleQueue()
    stopping = threading.Event()

    def send() -> None:
        end: BaseException | None = None
        try:
            for number, item in enumerate(items):
                worker = number % len(connections)
                free[worker].acquire()
                with sending:
                    if stopping.is_set():
                        return
                    sent.put(worker)
                    connections[worker].send(item)
        except (BrokenPipeError, ConnectionResetError) as error:
            # A dead worker, which is found out where its result is waited for; or, with a
            # name, a source.
            end = error if error.filename is not None else None
        except BaseException as error:
            end = error
        sent.put(end)

    threading.Thread(target=send, daemon=True).start()
    try:
        while True:
            worker = sent.get()
            if worker is None:
                return
            if isinstance(worker, BaseException):
                raise worker
            try:
                result, error = connections[worker].recv()
            except (EOFError, OSError):
                raise LimitError(
                    "a worker process ended before its work was done",
                    hint="memory may be short; fewer `workers` need less",
                ) from None
            free[worker].release()
            if error is not None:
                raise error
            yield result
    finally:
        stopping.set()
        for semaphore in free:
            semaphore.release()


@contextlib.contextmanager
def _processes(
    work: Callable[[Item], Result], workers: int, sending: threading.Lock
) -> Iterator[list[Connection]]:
    """Keep processes that do `work` as long as the context lasts.

    Whoever sends to them holds `sending`: the descriptor of a closed connection may be that of
    another file at once.
    """
    context = get_context("spawn")
    processes: list[SpawnProcess] = []
    connections: list[Connection] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            connections.append(ours)
            process = context.Process(target=_serve, args=(work, theirs), daemon=True)
            with _without_interrupts():
                process.start()
            processes.append(process)
            theirs.close()
        yield connections
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.join()
        # Whoever sends now has failed, as nobody reads any more.
        with sending:
            for connection in connections:
                connection.close()


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


def _serve(work: Callable[[Item], Result], connection: Connection) -> None:
    """Do the work of one process, until there is no more."""
    # Ctrl-C reaches the whole group; the process that started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            item = connection.recv()
            try:
                answer: tuple[Result | None, Exception | None] = (work(item), None)
            except Exception as error:
                answer = (None, error)
            connection.send(answer)
