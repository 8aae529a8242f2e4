"""Makes the standard streams safe to use, whatever state they are in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from bpe_tool.runtime import system


@contextmanager
def standard_streams() -> Iterator[None]:
    """Replace closed standard streams, and let errors name standard output."""
    _occupy_closed()
    system.bytes_on_standard_streams()
    original = sys.stdout
    if original is not None:
        sys.stdout = cast(TextIO, _Named(original))
    try:
        yield
    finally:
        sys.stdout = original
        _forget_unwritten()


class _Named:
    """Standard output, whose errors say so."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            error.filename = "<stdout>"
            raise

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            error.filename = "<stdout>"
            raise

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _occupy_closed() -> None:
    """Open closed standard streams on the null device.

    Otherwise the next file opened would get their descriptor, and what is written to it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _forget_unwritten() -> None:
    """Keep the interpreter from failing at exit over output that nobody reads."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
