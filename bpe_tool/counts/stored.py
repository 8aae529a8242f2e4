"""Counts in files, added up: one pass over any number of them, with a block of each in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path

from bpe_tool import _core
from bpe_tool.counts.description import Description, RecordedPipeline, Totals, joined
from bpe_tool.errors import ArgumentError, VocabError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.count_file import CountFile, CountFileWriter

#: The largest numerator or common denominator of weights; that of the core.
MAX_WEIGHT = 1 << 40


@dataclass(frozen=True)
class MemoryFile:
    """Blocks of counts in memory, where else a file is.

    Attributes:
        content: The blocks.
        path: What messages call them. Paths in a pipeline's record are relative to its folder.
    """

    content: tuple[bytes, ...]
    path: Path = Path("counts")

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of each block, and the block."""
        return enumerate(self.content)

    def damaged(self, number: int, reason: str) -> VocabError:
        """Return the error for damage in a block."""
        return VocabError(f"{self.path}: block {number} is damaged: {reason}")


@dataclass(frozen=True)
class StoredCounts:
    """Counts in a file, which are read when they are needed, or in memory.

    Attributes:
        file: Where they are.
        description: What was counted.
        totals: Sums over all counts.
        weight: What the counts are multiplied by when they are added up.
    """

    file: CountFile | MemoryFile
    description: Description
    totals: Totals
    weight: Fraction = Fraction(1)

    @classmethod
    def open(cls, path: str | Path, weight: Fraction = Fraction(1)) -> StoredCounts:
        """Open a count file.

        Raises:
            VocabError: It is no count file, or damaged.
            OSError: It cannot be read.
        """
        file = CountFile(Path(path))
        return cls(file, Description.from_file(file), Totals.from_file(file), weight)

    @property
    def name(self) -> str:
        """Its name in messages."""
        return str(self.file.path)

    def records(self) -> Iterator[tuple[bytes, int]]:
        """Yield all pretokens in order of their bytes, with their counts."""
        for offset, block in self.file.blocks():
            try:
                yield from _core.count_records(block)
            except VocabError as error:
                raise _located(error, self.file, offset) from None

    def top(self, most: int) -> list[tuple[bytes, int]]:
        """Return the most frequent pretokens with their counts."""
        with _reading([self]) as read:
            return _core.top_counts(most, read)


def described(sources: Sequence[StoredCounts]) -> Description:
    """Return the description of the weighted sum of counts.

    Raises:
        ArgumentError: They cannot be added up.
    """
    return joined([(each.name, each.description.weighted(each.weight)) for each in sources])


def documents(sources: Sequence[StoredCounts]) -> int:
    """Return the number of documents of all sources. Weights do not change it."""
    return sum(each.totals.documents for each in sources)


def recorded_pipeline(sources: Sequence[StoredCounts]) -> RecordedPipeline | None:
    """Return the pipeline that all of them have in common, if they have one."""
    entry = described(sources).pipeline
    owners = (each for each in sources if each.description.pipeline == entry)
    return None if entry is None else RecordedPipeline(entry, next(owners).file.path.parent)


def load(sources: Sequence[StoredCounts]) -> _core.PretokenCounts:
    """Return the weighted sum of counts in memory.

    Raises:
        ArgumentError: They cannot be added up.
        LimitError: A sum is above 2^63 - 1.
        VocabError: A file is damaged.
    """
    described(sources)
    with _reading(sources) as read:
        return _core.load_counts(_weights(sources), documents(sources), read)


def merge(sources: Sequence[StoredCounts], output: str | Path) -> Totals:
    """Write the weighted sum of counts to a count file, atomically.

    The exact sum for a pretoken is rounded once, half to even. Those that become 0 are left out.

    Raises:
        As `load`, and:
        OSError: A file cannot be read or written.
    """
    description = described(sources)
    if (pipeline := recorded_pipeline(sources)) is not None:
        description = description.moved(pipeline.record(Path(output).parent))

    def blocks(write: Callable[[bytes], None]) -> Totals:
        with _reading(sources) as read:
            sums = _core.merge_counts(_weights(sources), read, write)
        return Totals.of(documents(sources), sums)

    return save(output, description, blocks)


def gather(sources: Sequence[StoredCounts]) -> StoredCounts:
    """Return the weighted sum of counts in memory, in blocks; see `merge`."""
    pipeline = recorded_pipeline(sources)
    description = described(sources)
    path = Path("counts")
    if pipeline is not None:
        description = description.moved(pipeline.record(path.parent))
    blocks: list[bytes] = []
    with _reading(sources) as read:
        sums = _core.merge_counts(_weights(sources), read, blocks.append)
    file = MemoryFile(tuple(blocks), path)
    return StoredCounts(file, description, Totals.of(documents(sources), sums))


def save(
    output: str | Path,
    description: Description,
    blocks: Callable[[Callable[[bytes], None]], Totals],
) -> Totals:
    """Write a count file atomically. `blocks` calls its argument with each block."""
    with AtomicFile(output) as file:
        writer = CountFileWriter(file, description.to_json())
        totals = blocks(writer.write)
        writer.finish(totals.to_json())
    return totals


def _weights(sources: Sequence[StoredCounts]) -> tuple[list[int], int]:
    """Return the weights as whole numbers, and what to divide by."""
    divisor = lcm(*(each.weight.denominator for each in sources))
    numbers = [int(each.weight * divisor) for each in sources]
    if max(*numbers, divisor) > MAX_WEIGHT:
        raise ArgumentError(
            "have too many digits: their common denominator is above 2^40", parameter="weights"
        )
    return numbers, divisor


@contextmanager
def _reading(sources: Sequence[StoredCounts]) -> Iterator[Callable[[int], bytes | None]]:
    """Give the core the blocks of sources; errors about them name the file and the place."""
    blocks = [each.file.blocks() for each in sources]
    last = 0, 0

    def read(index: int) -> bytes | None:
        nonlocal last
        for offset, block in blocks[index]:
            last = index, offset
            return block
        return None

    try:
        yield read
    except VocabError as error:
        index, offset = last
        raise _located(error, sources[index].file, offset) from None


def _located(error: VocabError, file: CountFile | MemoryFile, offset: int) -> VocabError:
    """Return an error of the core about a block with its place; another error as it is."""
    reason = str(error)
    start = "not a valid counts file: "
    return file.damaged(offset, reason.removeprefix(start)) if reason.startswith(start) else error
