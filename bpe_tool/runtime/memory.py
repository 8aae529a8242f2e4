"""How the command line ends where there is no memory left."""

from __future__ import annotations

import errno
import sys

from bpe_tool.runtime import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: What to say. `bpe_tool.cli` says it likewise, where there is memory enough for that.
WHAT = "not enough memory"
HINT = "a smaller input or fewer threads need less"
EXIT_CODE = 6

#: So much address space numpy and its library for linear algebra take when they are loaded.
NUMPY_BYTES = 80 << 20


def is_short(error: BaseException) -> bool:
    """Return whether an error says that there is no memory left."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, ImportError):
        # What the system's loader says of a library that finds no room.
        text = str(error)
        return "annot allocate memory" in text or "failed to map segment" in text
    if isinstance(error, SystemError):
        # Python lost the error that it had no memory for.
        return "without" in str(error) and "exception" in str(error)
    return isinstance(error, MemoryError)


def watch() -> None:
    """From now on, end the program where the core finds no memory, or numpy would not."""
    from bpe_tool import _core

    _core.on_exhaustion(end)
    sys.meta_path.insert(0, _RoomForNumpy)
    sys.unraisablehook = _unraisable


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Say what goes wrong where nobody can be told, unless it is what ends the program anyway."""
    if unraisable.exc_value is None or not is_short(unraisable.exc_value):
        sys.__unraisablehook__(unraisable)


class _RoomForNumpy:
    """Looks for room before numpy is imported: its library ends the process where there is none."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise an `OSError` if there is no room; find nothing."""
        if name == "numpy":
            from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap

            mmap(-1, NUMPY_BYTES, flags=MAP_PRIVATE | MAP_ANONYMOUS).close()


def end() -> NoReturn:
    """End the program."""
    signals.end(EXIT_CODE, f"bpe-tool: error: {WHAT}\nhint: {HINT}\n")
