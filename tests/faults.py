"""Systems that fail, and processes that are killed, at every single step of some work."""

import contextlib
import errno
import gc
import os
import threading
from collections.abc import Callable, Iterator

import pytest

#: The calls of the system that change something, or bring it to the disk.
CHANGES = ("write", "pwrite", "fsync", "close", "replace", "rename", "unlink", "mkdir", "rmdir")


class Fault:
    """Counts calls, and does something before one of them.

    Attributes:
        met: Whether there were so many calls.
    """

    def __init__(self, step: int, act: Callable[..., None]) -> None:
        self.met = False
        self._step = step
        self._act = act
        # Threads of the work make calls, too.
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def waiting(self, calls: tuple[str, ...]) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in calls:
                patch.setattr(os, name, self._patched(getattr(os, name), name))
            yield

    def _patched(self, real: Callable[..., object], name: str) -> Callable[..., object]:
        def patched(*arguments: object, **options: object) -> object:
            with self._lock:
                self._step -= 1
                is_next = self._step == -1
            if is_next:
                self.met = True
                if name == "close":
                    # The descriptor is free whatever the system says.
                    real(*arguments)
                self._act(*arguments)
            return real(*arguments, **options)

        return patched


def failures(
    prepare: Callable[[], object],
    work: Callable[[], object],
    *,
    error: int = errno.ENOSPC,
    calls: tuple[str, ...] = CHANGES,
) -> Iterator[OSError | None]:
    """Do work again and again, each time with the next call failing, until none fails.

    Args:
        prepare: What is done before each time.
        work: The work. It may succeed although a call fails, if it does not depend on it.
        error: How calls fail.
        calls: Which ones do.

    Yields:
        After each time, what was raised.
    """

    def fail(*arguments: object) -> None:
        # The system names files that are named to it: one, or two of a renaming.
        paths = [str(each) for each in arguments if isinstance(each, str | os.PathLike)]
        if len(paths) == 2:
            paths.insert(1, None)
        raise OSError(error, os.strerror(error), *paths)

    step = 0
    while True:
        prepare()
        fault = Fault(step, fail)
        raised = None
        with fault.waiting(calls):
            try:
                work()
            except OSError as found:
                raised = found
        yield raised
        if not fault.met:
            assert raised is None
            return
        step += 1


def kills(
    prepare: Callable[[], object], work: Callable[[], object], calls: tuple[str, ...] = CHANGES
) -> Iterator[None]:
    """Do work again and again, each time in a process that ends before the next call."""
    step = 0
    while True:
        prepare()
        child = os.fork()
        if child == 0:
            # Garbage of earlier tests would close files at any time, which counts as calls.
            gc.disable()
            fault = Fault(step, lambda *arguments: os._exit(9))
            with fault.waiting(calls), contextlib.suppress(BaseException):
                work()
                os._exit(0)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, 9)
        yield
        if code == 0:
            return
        step += 1
