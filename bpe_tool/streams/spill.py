"""Counts that do not fit into memory: sorted parts of them in temporary files.

When the counts in memory have grown to their share of the limit, they are written to a file, in
order. At the end, all files are added up in one pass. Where there are many, some are added up
before, so that a block of each always fits into memory.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, LimitError, Suggestion
from bpe_tool.io.atomic import AtomicFile

#: What a process takes that counts nothing yet: Python, the core, and the blocks of text that
#: are being read and counted.
BASE_BYTES = 80 << 20

#: The least memory that can be given.
LEAST_BYTES = 128_000_000

#: The share of the memory above `BASE_BYTES` that counts may take before they are written. The
#: rest is for tables that grow, and for sorting.
SHARE = 0.5

#: What learning takes, as measured: in any case; for each distinct pretoken; for each byte of
#: those; and more for each byte where pretokens are longer than words, and pairs are many.
TRAINING_BASE = 64 << 20
TRAINING_ENTRY = 48
TRAINING_BYTE = 6
TRAINING_LONG = 14
LONG = 32

#: How many files of about the same size are added up to one.
FAN = 64

#: Totals of blocks, as the core counts them.
CountTotals: TypeAlias = tuple[int, int, int, int]

_LENGTH = struct.Struct("<Q")


class Run:
    """Sorted counts in a temporary file, which is never put in place of its target."""

    def __init__(self, target: Path) -> None:
        self._file = AtomicFile(target)

    def write(self, block: bytes) -> None:
        """Append a block."""
        self._file.write(_LENGTH.pack(len(block)) + block)

    def blocks(self) -> Iterator[bytes]:
        """Yield the blocks."""
        with self._file.temporary.open("rb") as file:
            while head := file.read(_LENGTH.size):
                yield file.read(*_LENGTH.unpack(head))

    def discard(self) -> None:
        """Remove the file."""
        self._file.discard()


class Spill:
    """Keeps the counts of a counter within a limit, as a context manager.

    Args:
        memory: The most memory that the process may take, in bytes.
        target: Where the result will be. The temporary files are next to it.

    Attributes:
        documents: The number of documents in the files.

    Raises:
        ArgumentError: The target is a pipe or a device, which has no place next to it.
        LimitError: The limit is too low for anything.
    """

    def __init__(self, memory: int, target: Path) -> None:
        if memory < LEAST_BYTES:
            raise LimitError(
                f"{memory:,} bytes of memory are too few: counting needs {LEAST_BYTES:,}",
                hint=Suggestion("raise {memory}"),
            )
        if target.exists() and not target.is_file():
            raise ArgumentError(
                f"{target} is no file that temporary files could be next to",
                hint=Suggestion("write to a file, or leave {memory} out"),
            )
        self._room = int((memory - BASE_BYTES) * SHARE)
        self.memory = memory
        self._target = target
        # Files of a tier are sums of `FAN` files of the one before.
        self._tiers: list[list[Run]] = []
        self.documents = 0

    def check(self, counter: _core.PretokenCounter) -> None:
        """Write the counts to a file if they take too much memory. Call it after each block."""
        counter.keep_apart()
        if counter.memory > self._room:
            self._write(counter)

    def finish(self, counter: _core.PretokenCounter) -> list[Run]:
        """Return all counts, as files to be added up."""
        counter.end_stream()
        self._write(counter)
        return [run for tier in self._tiers for run in tier]

    def sum(self, counter: _core.PretokenCounter) -> tuple[Run, CountTotals]:
        """Return all counts in one file, which the caller discards, and their totals."""
        runs = self.finish(counter)
        total = Run(self._target)
        with contextlib.ExitStack() as stack:
            stack.callback(total.discard)
            numbers = _core.merge_counts(equal(runs), reading(runs), total.write)
            stack.pop_all()
        return total, numbers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for tier in self._tiers:
            for run in tier:
                run.discard()

    def _write(self, counter: _core.PretokenCounter) -> None:
        parts = counter.drain()
        while parts:
            part = parts.pop()
            self.documents += part.documents
            self._add(0, part.write_blocks)

    def _add(self, tier: int, write: Callable[[Callable[[bytes], None]], object]) -> None:
        run = Run(self._target)
        with contextlib.ExitStack() as stack:
            stack.callback(run.discard)
            write(run.write)
            stack.pop_all()
        if tier == len(self._tiers):
            self._tiers.append([])
        full = self._tiers[tier]
        full.append(run)
        if len(full) == FAN:
            self._add(tier + 1, partial(_core.merge_counts, equal(full), reading(full)))
            while full:
                full.pop().discard()


def equal(runs: Sequence[Run]) -> tuple[list[int], int]:
    """Return weights of 1 for files."""
    return [1] * len(runs), 1


def reading(runs: Sequence[Run]) -> Callable[[int], bytes | None]:
    """Return what gives the core the blocks of files."""
    blocks = [run.blocks() for run in runs]
    return lambda index: next(blocks[index], None)


def check_training(memory: int, numbers: CountTotals) -> None:
    """Refuse a limit that is too low to learn from counts with these totals.

    Raises:
        LimitError: More memory is needed; the message says how much.
    """
    unique, _, _, unique_bytes = numbers
    needed = TRAINING_BASE + TRAINING_ENTRY * unique + TRAINING_BYTE * unique_bytes
    needed += TRAINING_LONG * max(0, unique_bytes - LONG * unique)
    if needed > memory:
        raise LimitError(
            f"learning from {unique:,} distinct pretokens of {unique_bytes:,} bytes needs about "
            f"{needed:,} bytes of memory, more than {memory:,}",
            hint=Suggestion(
                "raise {memory}, or make a count file here and learn from it elsewhere"
            ),
        )
