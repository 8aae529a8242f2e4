"""Cleans up when a signal ends the command line: temporary files, processes, a hidden cursor.

The program ends within the signal handler. An exception would have to pass through whatever
code is running: a destructor or an import can swallow or print it, and a lock can be left behind
for which another thread waits. So everything that must not outlive the program is registered here
before it is made. In Python programs, which do not call `watch`, signals work as usual.

This module is loaded first, so that signals are handled early. It imports nothing slow. While
Python itself starts, signals are Python's: Ctrl-C may show a traceback of its own modules.
"""

from __future__ import annotations

# The module `signal` wraps this one in enumerations, which takes most of the time of its import.
import _signal  # type: ignore[import-not-found]
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import NoReturn

_undo: dict[object, Callable[[], object]] = {}
_watched: list[int] = []
_waiting: list[int] = []
_holds = 0
_is_watching = False


def register(undo: Callable[[], object]) -> Callable[[], object]:
    """Have `undo` called if a signal ends the program; return a function that cancels this.

    `undo` is called on the main thread, between any two instructions. Its exceptions are ignored.
    """
    key = object()
    _undo[key] = undo
    return lambda: _undo.pop(key, None)


class Held:
    """A context that delays signals until its end, so that its work is not interrupted."""

    def __enter__(self) -> None:
        global _holds
        _holds += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _holds
        _holds -= 1
        if _waiting and not _holds:
            end(128 + _waiting[0])


def watch() -> None:
    """End the program at SIGINT, SIGTERM and SIGHUP from now on. Call it on the main thread.

    Signals that the process ignores stay ignored.
    """
    global _is_watching
    _is_watching = True
    for name, default in (
        ("SIGINT", _signal.default_int_handler),
        ("SIGTERM", _signal.SIG_DFL),
        ("SIGHUP", _signal.SIG_DFL),
    ):
        # Windows has no SIGHUP.
        number = getattr(_signal, name, None)
        if number is not None and _signal.getsignal(number) is default:
            _watched.append(number)
            _signal.signal(number, _stop)


def is_watching() -> bool:
    """Return whether `watch` was called: whether this process is the command line."""
    return _is_watching


def ignore() -> None:
    """Ignore these signals from now on: nothing is left to stop or to clean up."""
    while _watched:
        _signal.signal(_watched.pop(), _signal.SIG_IGN)


def end(code: int, message: str = "") -> NoReturn:
    """Call all registered functions, the last one first, and end the process.

    Args:
        code: The exit code.
        message: A message for standard error.
    """
    for undo in reversed(list(_undo.values())):
        try:
            undo()
        except BaseException:
            # The others must be called, too.
            continue
    try:
        os.write(2, message.encode())
    except OSError:
        # Standard error is closed.
        pass
    finally:
        os._exit(code)


def _stop(number: int, frame: FrameType | None) -> None:
    if _holds:
        _waiting.append(number)
        return
    ignore()
    end(128 + number)
