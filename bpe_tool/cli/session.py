"""What all verbs that stream share: messages, progress, skipped records."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bpe_tool.cli.console import PROGRAM, Console, output_is_file
from bpe_tool.errors import BpeToolError, BpeToolWarning
from bpe_tool.io.sources import STDIN_NAME, OnRead, Source, total_size
from bpe_tool.io.tables import RecordSource
from bpe_tool.rendering.numbers import counted

if TYPE_CHECKING:
    from bpe_tool.distributed.facts import Facts
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.files import Selection
    from bpe_tool.streams.preprocess_block import PreprocessedBlock

#: How many skipped records are named, and how many warnings are shown.
NAMED = 10


def command_line() -> str:
    """Return the command that runs, as one would type it."""
    return shlex.join([PROGRAM, *click.get_current_context().find_root().obj])


class Skips:
    """Names the records that were skipped, and counts them.

    Attributes:
        special_tokens: How many special tokens were treated as text before preprocessing.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._count = 0
        self._replaced = 0
        self._unfinished = 0
        self.special_tokens = 0

    def add(self, error: BpeToolError) -> None:
        """Count a skipped record, and warn of it."""
        self._count += 1
        if self._count <= NAMED:
            self._console.warning(f"{error}; skipped")

    def add_block(self, block: PreprocessedBlock) -> None:
        """Count the records in which bytes were replaced, or that ended inside markup."""
        self._replaced += block.replaced
        self._unfinished += block.unfinished
        self.special_tokens += block.special_tokens

    def add_facts(self, facts: Facts) -> None:
        """Count what units report, and repeat their first warnings."""
        for message in facts.messages[:NAMED]:
            self._console.warning(message)
        self._count += facts.skipped + facts.set_aside
        self._replaced += facts.replaced
        self._unfinished += facts.unfinished
        self.special_tokens += facts.special_tokens

    def exit_code(self) -> int:
        """Warn of what was counted; return the exit code."""
        if self._replaced:
            records = counted(self._replaced, "record")
            self._console.warning(f"bytes that are not UTF-8 were replaced in {records}")
        if self._unfinished:
            records = counted(self._unfinished, "record")
            self._console.warning(
                f"markup was still open at the end of {records}; the rest of it is treated as text",
                "--whole reads each file as one record",
            )
        if not self._count:
            return 0
        were = "was" if self._count == 1 else "were"
        self._console.warning(f"{counted(self._count, 'record')} {were} skipped")
        return 1


def streaming_console(*, quiet: bool, no_progress: bool, output: str | None) -> Console:
    """Return the console of a verb whose data may go to standard output."""
    return Console(quiet=quiet, progress=not no_progress and (bool(output) or output_is_file()))


def find_sources(
    console: Console, files: Sequence[str], selection: Selection, unit: Unit
) -> list[Source]:
    """Return the inputs; say what of directories and archives is read, and what is left out."""
    from bpe_tool.io.files import TABLES, Tally, expand, said

    tally = Tally()
    if unit.field is not None:
        selection = replace(selection, tables=True)
    selection = replace(selection, nul=b"\0" in (unit.terminator or b""))
    sources = expand(files, selection, tally)
    if tally.left:
        left = {
            f"{reason} (--column reads it)" if reason in TABLES else reason: count
            for reason, count in tally.left.items()
        }
        console.notice(
            f"reading {counted(tally.read.total(), 'file')} ({said(tally.read)}); "
            f"left out: {said(left)}"
        )
    elif len(tally.read) > 1:
        console.notice(f"reading {counted(tally.read.total(), 'file')} ({said(tally.read)})")
    for source in sources:
        unit.of(source)
    plain = [each.name for each in sources if isinstance(each, RecordSource)]
    if plain and unit.column is None and unit.field is None:
        console.notice(
            f"{plain[0]} holds records, and is read as plain text: --column NAME reads a field"
        )
    return sources


def announce(console: Console, sources: Sequence[Source]) -> None:
    """Tell a user at a terminal that the program waits for input."""
    if any(source.name == STDIN_NAME for source in sources) and sys.stdin and sys.stdin.isatty():
        console.notice("reading from the terminal; Ctrl-D ends the input")


@contextmanager
def warnings_on(console: Console) -> Iterator[None]:
    """Show warnings of the package on the console while the context lasts."""
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
    """Show progress and warnings while the context lasts."""
    total = total_size(sources)
    done = 0
    with warnings_on(console), console.progress() as bars:

        def on_read(count: int) -> None:
            nonlocal done
            done += count
            bars.update("read", done, total)

        yield on_read
