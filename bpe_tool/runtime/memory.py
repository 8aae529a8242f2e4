"""Ends the command line when memory is exhausted."""

from __future__ import annotations

import errno
import sys

from bpe_tool.runtime import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: The message. `bpe_tool.cli` uses it, too, when there is enough memory to get there.
WHAT = "not enough memory"
HINT = "a smaller input or fewer threads need less"
EXIT_CODE = 6

#: How much address space numpy and its library for linear algebra need when they are loaded.
NUMPY_BYTES = 80 << 20


def is_short(error: BaseException) -> bool:
    """Return whether an error means that memory is exhausted."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, ImportError):
        # Messages of the dynamic loader.
        text = str(error)
        return "annot allocate memory" in text or "failed to map segment" in text
    if isinstance(error, SystemError):
        # Python had no memory for the exception itself.
        return "without" in str(error) and "exception" in str(error)
    return isinstance(error, MemoryError)


def watch() -> None:
    """From now on, end the program when memory is exhausted in the core or for numpy's import."""
    from bpe_tool import _core

    _core.on_exhaustion(end)
    sys.meta_path.insert(0, _RoomForNumpy)
    sys.unraisablehook = _unraisable


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Print an exception that nothing can handle, unless it is about lack of memory."""
    if unraisable.exc_value is None or not is_short(unraisable.exc_value):
        sys.__unraisablehook__(unraisable)


class _RoomForNumpy:
    """Checks for memory before numpy is imported, whose library would abort the process."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise an `OSError` if there is too little memory; find no module."""
        if name == "numpy":
            import mmap

            # Windows has anonymous memory only.
            posix = hasattr(mmap, "MAP_PRIVATE")
            private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if posix else {}
            mmap.mmap(-1, NUMPY_BYTES, **private).close()


def end() -> NoReturn:
    """End the program with the message."""
    signals.end(EXIT_CODE, f"bpe-tool: error: {WHAT}\nhint: {HINT}\n")
