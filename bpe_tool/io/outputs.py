"""Opens outputs: standard output, or a file that is replaced only when it is complete."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from bpe_tool.errors import ArgumentError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.disk import write_all
from bpe_tool.io.file_state import naming
from bpe_tool.io.id_writers import Output
from bpe_tool.io.sources import Source

STDOUT = "-"


class StandardOutput:
    """Standard output, unbuffered: what is written can be read at once."""

    #: See `Output.replaces`.
    replaces = False

    def __init__(self) -> None:
        if sys.stdout is None:
            # It was closed before the program started. This is like a closed pipe.
            raise BrokenPipeError
        sys.stdout.flush()
        self._file = sys.stdout.fileno()

    def write(self, data: bytes | bytearray | memoryview, /) -> None:
        """Append all of `data`."""
        with naming("<stdout>"):
            write_all(self._file, data)

    def patch(self, offset: int, data: bytes) -> None:
        """Fail: what was written cannot be changed."""
        raise OSError("standard output cannot be patched")


@contextmanager
def open_output(path: str | None) -> Iterator[Output]:
    """Open standard output, or a file that is replaced at the end if there was no exception."""
    if path is None or path == STDOUT or _is_standard_output(path):
        yield StandardOutput()
        return
    with AtomicFile(path) as file:
        yield file


def refuse_own_input(sources: Sequence[Source], path: str | None) -> None:
    """Refuse to append to a file that is being read: that would never end.

    Raises:
        ArgumentError: Standard output is one of the sources.
    """
    if path is not None and not _is_standard_output(path):
        return
    for source in sources:
        if (
            source.path is not None
            and source.size is not None
            and _is_standard_output(str(source.path))
        ):
            raise ArgumentError(
                f"{source.name} is both input and output", hint="write to another file"
            )


def refuse_replaced_input(inputs: Iterable[str | os.PathLike[str]], path: str) -> None:
    """Refuse to replace a file by what is made of it, and cannot be turned back into it.

    Raises:
        ArgumentError: The output is one of the inputs.
    """
    for each in inputs:
        with contextlib.suppress(OSError):
            if os.path.samefile(each, path):  # noqa: PTH121 - either may be any path
                raise ArgumentError(
                    f"{path} is both input and output", hint="write to another file"
                )


def _is_standard_output(path: str) -> bool:
    """Return whether a path such as `/dev/stdout` is the file that standard output writes to.

    Replacing that file would lose what other processes write to it.
    """
    try:
        return os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))  # noqa: PTH116
    except (AttributeError, OSError, ValueError):
        return False
