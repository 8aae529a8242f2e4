"""Ends the command line on Ctrl-C and similar signals, and cleans up before.

The program ends inside the signal handler. An exception could be swallowed by a destructor or an
import, be printed there, or leave a lock behind that something waits for. So whatever must not
outlive the program (a temporary file, a process, a hidden cursor) is registered here before it
is made. In other programs, which do not call `watch`, signals have their usual effect.

This module is loaded before all others, to be in effect early; so it imports nothing slow.
"""

from __future__ import annotations

# The module `signal` makes enumerations of these, which takes longer than the rest of this module.
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
    """Call `undo` if a signal ends the program; return a function that cancels this.

    `undo` is called on the main thread, at any point of the program; its errors are ignored.
    """
    key = object()
    _undo[key] = undo
    return lambda: _undo.pop(key, None)


class Held:
    """A context that delays signals, so that its work is done as a whole."""

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
    """From now on, end the program on SIGINT, SIGTERM and SIGHUP. For the main thread only.

    Signals that the process was started to ignore stay ignored.
    """
    global _is_watching
    _is_watching = True
    for number, default in (
        (_signal.SIGINT, _signal.default_int_handler),
        (_signal.SIGTERM, _signal.SIG_DFL),
        (_signal.SIGHUP, _signal.SIG_DFL),
    ):
        if _signal.getsignal(number) is default:
            _watched.append(number)
            _signal.signal(number, _stop)


def is_watching() -> bool:
    """Return whether `watch` was called: whether this process is the command line."""
    return _is_watching


def ignore() -> None:
    """From now on, ignore these signals: nothing is left to stop or to clean up."""
    while _watched:
        _signal.signal(_watched.pop(), _signal.SIG_IGN)


def end(code: int, message: str = "") -> NoReturn:
    """Call everything that is registered, last first, and end the process.

    Args:
        code: The exit code.
        message: A message for standard error.
    """
    for undo in reversed(list(_undo.values())):
        try:
            undo()
        except BaseException:
            # The others must still be called.
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
