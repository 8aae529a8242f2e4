"""What every verb that streams does around its work: messages, progress, inputs."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpe_tool.cli.console import Console, output_is_file
from bpe_tool.errors import BpeToolError, BpeToolWarning
from bpe_tool.io.sources import STDIN_NAME, OnRead, Source, total_size

if TYPE_CHECKING:
    from bpe_tool.streams.preparation import Prepared

#: So many skipped records are named; the others are only counted. So many warnings are said.
NAMED = 10


class Skips:
    """Names the records that were skipped, and counts them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._count = 0
        self._replaced = 0
        self._unfinished = 0

    def add(self, error: BpeToolError) -> None:
        """Take note of a record."""
        self._count += 1
        if self._count <= NAMED:
            self._console.warning(f"{error}; skipped")

    def add_batch(self, prepared: Prepared) -> None:
        """Take note of records in which bytes were replaced, or that ended within markup."""
        self._replaced += prepared.replaced
        self._unfinished += prepared.unfinished

    def exit_code(self) -> int:
        """Say how many there were; return how the program should end."""
        if self._replaced:
            records = "1 record" if self._replaced == 1 else f"{self._replaced} records"
            self._console.warning(f"bytes that are not UTF-8 were replaced in {records}")
        if self._unfinished:
            records = "1 record" if self._unfinished == 1 else f"{self._unfinished} records"
            self._console.warning(
                f"markup was open at the end of {records}, and what it goes on with was taken "
                "for text",
                "--whole takes each file as one record",
            )
        if not self._count:
            return 0
        records = "1 record was" if self._count == 1 else f"{self._count} records were"
        self._console.warning(f"{records} skipped")
        return 1


def streaming_console(*, quiet: bool, no_progress: bool, output: str | None) -> Console:
    """Make the console of a verb whose data may go to standard output."""
    return Console(quiet=quiet, progress=not no_progress and (bool(output) or output_is_file()))


def announce(console: Console, sources: Sequence[Source]) -> None:
    """Tell someone at a terminal that the program waits for them."""
    if any(source.name == STDIN_NAME for source in sources) and sys.stdin and sys.stdin.isatty():
        console.notice("reading from the terminal; Ctrl-D ends the input")


@contextmanager
def warnings_on(console: Console) -> Iterator[None]:
    """Say the warnings of the package on the console, as long as the context lasts."""
    said = 0

    def say(message: Warning | str, *place: object, **more: object) -> None:
        nonlocal said
        said += 1
        if said <= NAMED:
            console.warning(str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always", BpeToolWarning)
        warnings.showwarning = say
        yield


@contextmanager
def reading(console: Console, sources: Sequence[Source]) -> Iterator[OnRead]:
    """Show how much was read, and say warnings, as long as the context lasts."""
    total = total_size(sources)
    done = 0
    with warnings_on(console), console.progress() as bars:

        def on_read(count: int) -> None:
            nonlocal done
            done += count
            bars.update("read", done, total)

        yield on_read
