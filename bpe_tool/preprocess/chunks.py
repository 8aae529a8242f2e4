"""Consecutive steps that work chunk by chunk, applied together.

A chunk is the text between two spaces. The same chunks come again and again in a text, so what
the steps make of one is remembered. The steps run only for new chunks, and on a line where the
result depends on the context.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Protocol

from bpe_tool.preprocess.step import LONG, ChunkwiseStep, Step, in_pieces
from bpe_tool.preprocess.word_spans import Memo


class Work(Protocol):
    """A step, or several as one."""

    def apply(self, text: str) -> str: ...  # noqa: D102

    def apply_all(self, texts: Sequence[str]) -> list[str]: ...  # noqa: D102


def joined(steps: Sequence[Step]) -> Iterator[Work]:
    """Yield the steps in order, neighbours as one: those by line, and those that work on chunks."""
    for by_line, group in groupby(steps, lambda step: step.by_line):
        works = list(_by_chunks(list(group)))
        if by_line:
            yield Lines(works)
        else:
            yield from works


def _by_chunks(steps: Sequence[Step]) -> Iterator[Work]:
    for chunkwise, group in groupby(steps, lambda step: isinstance(step, ChunkwiseStep)):
        some = list(group)
        if chunkwise and len(some) > 1:
            yield Chunks([step for step in some if isinstance(step, ChunkwiseStep)])
        else:
            yield from some


class Lines:
    """Consecutive work that treats every line by itself: long texts go through it in pieces."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = works

    def apply(self, text: str) -> str:
        """Return the text after all of the work."""
        return in_pieces(self._through, text)

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts after all of the work."""
        if any(len(text) > LONG for text in texts):
            return list(map(self.apply, texts))
        for work in self._works:
            texts = work.apply_all(texts)
        return list(texts)

    def _through(self, text: str) -> str:
        for work in self._works:
            text = work.apply(text)
        return text


class Chunks:
    """Consecutive steps that work on chunks. The result is that of one after the other."""

    def __init__(self, steps: Sequence[ChunkwiseStep]) -> None:
        self._steps = steps
        # What all steps make of a chunk; then all but the first; and so on.
        self._results = [Memo(partial(self._run, first)) for first in range(len(steps))]

    def apply(self, text: str) -> str:
        """Return the text after all of the steps."""
        if "\n" not in text:
            return self._apply_to_line(text)
        return "\n".join([line and self._apply_to_line(line) for line in text.split("\n")])

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts after all of the steps."""
        return [text and self.apply(text) for text in texts]

    def _apply_to_line(self, line: str) -> str:
        for step, rest in zip(self._steps, self._results, strict=True):
            results = list(map(rest.__getitem__, line.split(" ")))
            if None not in results:
                return " ".join(filter(None, results))
            # This step sees the whole line. The next steps may work by chunks again.
            line = step.apply(line)
        return line

    def _run(self, first: int, chunk: str) -> str | None:
        """Return what the steps from `first` on make of a chunk, or None."""
        # Between two spaces there may be nothing, or white space of other kinds.
        if chunk.split() != [chunk]:
            return None
        for number in range(first, len(self._steps)):
            result = self._steps[number].chunk(chunk)
            if result == chunk:
                continue
            if not result or number + 1 == len(self._steps):
                return result
            # The changed chunk may be a common one, known already.
            rest = self._results[number + 1]
            if " " not in result:
                return rest[result]
            results = [rest[part] for part in result.split(" ")]
            return None if None in results else " ".join(filter(None, results))
        return chunk
