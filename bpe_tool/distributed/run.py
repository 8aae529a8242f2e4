"""Has units done, wherever that may be: again after a worker was lost, and past units that fail.

An executor says where. It may be this process (`InProcess`) or a cluster (`on_ray`).
"""

from __future__ import annotations

import errno
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from bpe_tool.distributed.work_folder import Mark, NotShared, Unit, Work, WorkFolder
from bpe_tool.errors import ArgumentError, BpeToolError

U = TypeVar("U", bound=Unit)

#: How often a unit is tried if its worker is lost, or the storage fails in a way that may pass.
#: A document can be the reason: one that needs more memory than there is.
ATTEMPTS = 10

#: The errors of storage that may pass. Others, such as a full disk, would come again.
PASSING = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ECONNRESET}

#: How many seconds a unit rests after such an error: at first, and at most. It doubles each time.
REST_SECONDS = 0.5
MOST_REST_SECONDS = 30.0

#: Called with the size of each unit that is done.
OnDone: TypeAlias = Callable[[int], object]

#: Called with how many units were done before, if any were, and how many there are.
OnResume: TypeAlias = Callable[[int, int], object]

#: Called with a unit that is to be done again, and why.
OnRetry: TypeAlias = Callable[[Unit, Exception], object]


class WorkerLost(Exception):
    """A worker ended before it finished a unit. The message says what is known about it."""


class Failure(NamedTuple):
    """A unit that could not be done, and why."""

    unit: Unit
    error: Exception


class Executor(Protocol):
    """Does units in some order, several at once."""

    def most(self) -> int:
        """Return how many units to have at once, done or waiting."""

    def submit(self, folder: WorkFolder, work: Work, unit: Any) -> None:  # noqa: ANN401
        """Have a unit done."""

    def results(self) -> Iterable[tuple[Any, Mark | Exception]]:
        """Wait, and return units that were submitted, each with its mark or why it has none.

        It may return none, so that a signal is seen.
        """


class InProcess:
    """Does units in this process, one after the other."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[WorkFolder, Work, Any]] = deque()

    def most(self) -> int:
        """Return 1."""
        return 1

    def submit(self, folder: WorkFolder, work: Work, unit: Any) -> None:  # noqa: ANN401
        """Have a unit done."""
        self._waiting.append((folder, work, unit))

    def results(self) -> Iterator[tuple[Any, Mark | Exception]]:
        """Do the units that wait."""
        while self._waiting:
            folder, work, unit = self._waiting.popleft()
            yield unit, performed(folder, work, unit)


def performed(folder: WorkFolder, work: Work, unit: Any) -> Mark | Exception:  # noqa: ANN401
    """Do a unit; return its mark, or the error that is to be reported."""
    try:
        return folder.perform(work, unit)
    except (BpeToolError, OSError, MemoryError) as error:
        # A traceback holds on to memory, and does not survive pickling.
        return error.with_traceback(None)


def run(
    folder: WorkFolder,
    work: Work,
    units: Sequence[U],
    executor: Executor,
    on_done: OnDone | None = None,
    on_resume: OnResume | None = None,
    on_retry: OnRetry | None = None,
) -> tuple[list[Mark], list[Failure]]:
    """Have units done that are not done yet.

    Args:
        folder: The work directory.
        work: What to do.
        units: The units.
        executor: Where to do it.
        on_done: See `OnDone`. It is also called for units that were done before.
        on_resume: See `OnResume`.
        on_retry: See `OnRetry`.

    Returns:
        The marks of all units, in order; and the units that failed. With any of these, the marks
        are those of the others.

    Raises:
        ArgumentError: The work cannot be done with any unit.
        NotShared: A machine does not see the files.
    """
    marks: dict[str, Mark] = {}
    failures: dict[str, Failure] = {}
    attempts: dict[str, int] = {}
    waiting: deque[U] = deque()
    # Units that rest, with the time when they wait again.
    resting: deque[tuple[float, U]] = deque()
    for unit in units:
        mark = folder.is_done(unit)
        if mark is None:
            waiting.append(unit)
            continue
        marks[unit.key] = mark
        if on_done is not None:
            on_done(unit.size)
    if marks and on_resume is not None:
        on_resume(len(marks), len(units))
    under_way = 0
    while waiting or resting or under_way:
        if resting and not waiting and not under_way:
            time.sleep(max(0.0, min(end for end, _ in resting) - time.monotonic()))
        for _ in range(len(resting)):
            end, unit = resting.popleft()
            if end <= time.monotonic():
                waiting.append(unit)
            else:
                resting.append((end, unit))
        while waiting and under_way < executor.most():
            executor.submit(folder, work, waiting.popleft())
            under_way += 1
        if not under_way:
            continue
        for unit, result in executor.results():
            under_way -= 1
            if isinstance(result, Mark):
                marks[unit.key] = result
                if on_done is not None:
                    on_done(unit.size)
                continue
            if isinstance(result, NotShared | ArgumentError):
                # It would be the same with any other unit.
                raise result
            attempts[unit.key] = attempts.get(unit.key, 0) + 1
            if _passes(result) and attempts[unit.key] < ATTEMPTS:
                if isinstance(result, OSError):
                    rest = min(MOST_REST_SECONDS, REST_SECONDS * 2 ** (attempts[unit.key] - 1))
                    resting.append((time.monotonic() + rest, unit))
                else:
                    waiting.append(unit)
                if on_retry is not None:
                    on_retry(unit, result)
            else:
                failures[unit.key] = Failure(unit, result)
    return (
        [marks[unit.key] for unit in units if unit.key in marks],
        [failures[unit.key] for unit in units if unit.key in failures],
    )


def _passes(error: Exception) -> bool:
    """Return whether doing a unit again may help."""
    if isinstance(error, OSError):
        return error.errno in PASSING
    return isinstance(error, WorkerLost)
