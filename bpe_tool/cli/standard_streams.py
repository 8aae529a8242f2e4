"""The standard streams, whatever state they are in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast


@contextmanager
def standard_streams() -> Iterator[None]:
    """Make standard streams that are closed harmless, and let errors name standard output."""
    _occupy_closed()
    original = sys.stdout
    if original is not None:
        sys.stdout = cast(TextIO, _Named(original))
    try:
        yield
    finally:
        sys.stdout = original
        _forget_unwritten()


class _Named:
    """A stream of text whose errors name it."""

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
    """Open the standard streams that are closed, on nothing.

    Otherwise the next file opened would take their place, and get what is written there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _forget_unwritten() -> None:
    """Keep the interpreter from failing at its end over output that nobody reads."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
