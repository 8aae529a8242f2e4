"""Reports that replace the text: all changes, a diff, sums, stopwords removed or learned."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import Literal, Self, TypeAlias

from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.explanation import Explanation
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.rendering.escape import escape

#: The reports that there are.
ReportKind: TypeAlias = Literal["explain", "diff", "stats", "stopwords", "learned"]

#: How many unchanged characters a diff shows around a change.
CONTEXT = 40

#: The marks around removed and added text: on terminals with colours, and elsewhere.
COLOURS = (("\x1b[31;9m", "\x1b[0m"), ("\x1b[32m", "\x1b[0m"))
MARKS = (("[-", "-]"), ("{+", "+}"))

#: Stands for unchanged text that is left out.
GAP = "\u2026"


class PipelineReport(ABC):
    """A report of what a pipeline did to some records."""

    @abstractmethod
    def add(self, pipeline: Pipeline, text: str, name: str, number: int) -> None:
        """Add a record, with the name of its source and its number there."""

    @abstractmethod
    def take(self, later: Self) -> bytes:
        """Add the report of the records that follow; return what to write now."""

    def finish(self) -> bytes:
        """Return what to write after the last record."""
        return b""


def report(
    kind: ReportKind,
    pipeline: Pipeline,
    *,
    colour: bool = False,
    max_document_frequency: float = 0.6,
) -> PipelineReport:
    """Make an empty report.

    Raises:
        ArgumentError: The pipeline has no step to report on, or the share of documents is out
            of range.
    """
    if kind == "explain":
        return Changes()
    if kind == "diff":
        return Diff(colour)
    if kind == "stats":
        return Stats(pipeline)
    if kind == "learned":
        return LearnedStopwords(max_document_frequency)
    if all(step.name != "remove_stopwords" for step in pipeline.steps):
        raise ArgumentError(
            "a report on stopwords needs the step that removes them",
            hint=Suggestion("add {remove_stopwords}"),
        )
    return Stopwords()


class _Lines(PipelineReport):
    """A report that is written as it comes."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def add(self, pipeline: Pipeline, text: str, name: str, number: int) -> None:
        """Add a record."""
        self._lines += self.lines(pipeline.explain(text), name, number)

    @abstractmethod
    def lines(self, explanation: Explanation, name: str, number: int) -> list[bytes]:
        """Return the lines about one record."""

    def take(self, later: Self) -> bytes:
        """Return the lines of the records that follow."""
        return b"".join(later._lines)


class Changes(_Lines):
    """Every change of every step: a JSON object on each line."""

    def lines(self, explanation: Explanation, name: str, number: int) -> list[bytes]:
        """Return a line for each change."""
        from bpe_tool.io import ndjson

        source = {"file": escape(name), "record": number}
        return [ndjson.write({**source, **each._asdict()}) + b"\n" for each in explanation.changes]


class Diff(_Lines):
    """The records that change, with removed and added text; control characters are escaped."""

    def __init__(self, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def lines(self, explanation: Explanation, name: str, number: int) -> list[bytes]:
        """Return one line, or none if nothing changes."""
        text = explanation.text
        marks = COLOURS if self._colour else MARKS
        pieces: list[str] = []
        done = 0
        for edit in explanation.net:
            before = text[edit.start : edit.end]
            if before == edit.text:
                continue
            pieces.append(_context(text[done : edit.start], begun=bool(pieces)))
            for (begin, end), changed in zip(marks, (before, edit.text), strict=True):
                if changed:
                    pieces += (begin, escape(changed), end)
            done = edit.end
        if not pieces:
            return []
        rest = text[done:]
        tail = escape(rest[:CONTEXT]) + (GAP if len(rest) > CONTEXT else "")
        return [f"{escape(name)}:{number}: {''.join(pieces)}{tail}\n".encode()]


class Stats(PipelineReport):
    """The number of changes of each step, and the characters that went in and came out."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._steps: list[Counter[str]] = [Counter() for _ in pipeline.steps]
        self._records = 0

    def add(self, pipeline: Pipeline, text: str, name: str, number: int) -> None:
        """Add a record."""
        self._records += 1
        for part in pipeline.special_tokens.split(text)[::2]:
            for step, counts in zip(pipeline.steps, self._steps, strict=True):
                edits = step.edits(part)
                result = apply_edits(part, edits)
                counts.update(changes=len(edits), before=len(part), after=len(result))
                part = result

    def take(self, later: Self) -> bytes:
        """Add the numbers of the records that follow."""
        self._records += later._records
        for counts, more in zip(self._steps, later._steps, strict=True):
            counts.update(more)
        return b""

    def finish(self) -> bytes:
        """Return a table."""
        rows: list[tuple[str, ...]] = [("step", "changes", "characters in", "characters out")]
        for step, counts in zip(self._pipeline.steps, self._steps, strict=True):
            numbers = (counts["changes"], counts["before"], counts["after"])
            rows.append((step.name, *(str(number) for number in numbers)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])
            for name, *numbers in rows
        ]
        return "\n".join([*lines, f"records: {self._records}", ""]).encode()


class Stopwords(PipelineReport):
    """The stopwords that were removed, and how often."""

    def __init__(self) -> None:
        # By list and word.
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, pipeline: Pipeline, text: str, name: str, number: int) -> None:
        """Add a record."""
        from bpe_tool.preprocess.steps.stopwords import RemoveStopwords

        for part in pipeline.special_tokens.split(text)[::2]:
            for step in pipeline.steps:
                if isinstance(step, RemoveStopwords):
                    self._counts.update(step.removed_words(part))
                part = step.apply(part)

    def take(self, later: Self) -> bytes:
        """Add the numbers of the records that follow."""
        self._counts.update(later._counts)
        return b""

    def finish(self) -> bytes:
        """Return a line for each word, the most frequent first: count, word, list."""
        found = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return "".join(
            f"{count}\t{escape(word)}\t{escape(name)}\n" for (name, word), count in found
        ).encode()


class LearnedStopwords(PipelineReport):
    """The words that most records have after all steps, as a stopword list."""

    def __init__(self, max_document_frequency: float) -> None:
        from bpe_tool.preprocess.steps.learn_stopwords import DocumentFrequencies, check_share

        check_share(max_document_frequency)
        self._share = max_document_frequency
        self._frequencies = DocumentFrequencies()

    def add(self, pipeline: Pipeline, text: str, name: str, number: int) -> None:
        """Add a record."""
        parts = pipeline.parts_of_all([text])[0]
        self._frequencies.add(" ".join(parts[::2]))

    def take(self, later: Self) -> bytes:
        """Add the words of the records that follow."""
        self._frequencies.take(later._frequencies)
        return b""

    def finish(self) -> bytes:
        """Return the list."""
        from bpe_tool.preprocess.steps.learn_stopwords import format_stopwords

        return format_stopwords(self._frequencies.above(self._share)).encode()


def _context(text: str, *, begun: bool) -> str:
    """Return the unchanged text before a change, shortened; `begun`: and after another change."""
    if not begun:
        return (GAP if len(text) > CONTEXT else "") + escape(text[-CONTEXT:])
    if len(text) <= 2 * CONTEXT:
        return escape(text)
    return escape(text[:CONTEXT]) + GAP + escape(text[-CONTEXT:])
