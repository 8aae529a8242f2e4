"""What is undone when a signal ends the command line: temporary files, processes, a hidden cursor.

The program ends within the signal's handler. An exception would have to find its way through
whatever runs at the moment: it can be swallowed by a destructor or in the middle of an import,
show there, or leave a lock behind that is waited for. So whatever must not outlive the program
is registered here before it is made. In Python programs, where nobody calls `watch`, signals
are what they always are.

This is the first module that is loaded, so that the time without it is short: it imports
nothing that takes any.
"""

from __future__ import annotations

# The module `signal` makes enumerations of these, which takes longer than all the rest here.
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
    """Have `undo` called if a signal ends the program; return what cancels that.

    It is called on the main thread, in the middle of anything, and what it raises is ignored.
    """
    key = object()
    _undo[key] = undo
    return lambda: _undo.pop(key, None)


class Held:
    """A context in which a signal waits: what is begun there is done as a whole."""

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
    """From now on, end the program when a signal asks for that. Only on the main thread.

    Signals that the process was told to ignore stay ignored.
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
    """Return whether this is the command line as a process."""
    return _is_watching


def ignore() -> None:
    """From now on, ignore those signals: there is nothing left to stop, or to clean up."""
    while _watched:
        _signal.signal(_watched.pop(), _signal.SIG_IGN)


def end(code: int, message: str = "") -> NoReturn:
    """Undo all that is registered, what came last first, and end the process.

    Args:
        code: The exit code.
        message: What to say on standard error.
    """
    for undo in reversed(list(_undo.values())):
        try:
            undo()
        except BaseException:
            # The others are no less important.
            continue
    try:
        os.write(2, message.encode())
    except OSError:
        # Nobody is listening.
        pass
    finally:
        os._exit(code)


def _stop(number: int, frame: FrameType | None) -> None:
    if _holds:
        _waiting.append(number)
        return
    ignore()
    end(128 + number)
