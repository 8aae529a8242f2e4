"""Preprocesses a batch of records: from bytes to text, through a pipeline, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from bpe_tool.errors import DataError, Suggestion
from bpe_tool.io import ndjson
from bpe_tool.io.documents import NDJSON_TERMINATOR, Unit
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.reports import Report

#: What to do about bytes that are not UTF-8: refuse the input, replace them with U+FFFD, or skip
#: the record.
Errors: TypeAlias = Literal["strict", "replace", "skip"]


class Batch(NamedTuple):
    """Records of one source.

    Attributes:
        source: The index of the source.
        name: The name of the source in messages.
        number: The number of the first record, counted from 1.
        data: The records with their terminators. The last may lack its terminator.
    """

    source: int
    name: str
    number: int
    data: bytes


class Prepared(NamedTuple):
    """The result for a batch.

    Attributes:
        source: See `Batch`.
        text: The records after the pipeline.
        unterminated: Whether the last of them lacks its terminator.
        skipped: The indices of records that are empty because they have no text.
        problems: Why records were skipped, with their numbers. (Not for those that are `null`,
            which an earlier command skipped.)
        replaced: The number of records in which bytes that are not UTF-8 were replaced.
        unfinished: The number of records that seem cut off to a step, such as within markup.
        report: A report on the records, instead of text.
    """

    source: int
    text: bytes
    unterminated: bool
    skipped: tuple[int, ...]
    problems: tuple[DataError, ...]
    replaced: int
    unfinished: int
    report: Report | None


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """How records are preprocessed. Calling it with a batch does so.

    Attributes:
        pipeline: The steps.
        unit: What a record is.
        errors: What to do about bytes that are not UTF-8.
        keeps_fields: Whether NDJSON records are written as NDJSON, with all their other fields.
            Otherwise their texts are written as `documents` yields them.
        report: Makes a report about the pipeline's work, which is then written instead of text.
    """

    pipeline: Pipeline
    unit: Unit
    errors: Errors = "strict"
    keeps_fields: bool = False
    report: Callable[[], Report] | None = None

    def __call__(self, batch: Batch) -> Prepared:
        """Preprocess the records of a batch.

        Raises:
            DataError: A record is not UTF-8, and `errors` is `"strict"`.
            BpeToolError: A step failed.
        """
        work = _Work(self, batch)
        records, unterminated = _split(batch.data, self.unit.record_terminator)
        texts = work.texts(records)
        if self.unit.terminator is not None and self.unit.field is None:
            work.unfinished = sum(map(self.pipeline.unfinished, texts))
        report = self.report and self.report()
        if report is not None:
            for index, text in enumerate(texts):
                if index not in work.skipped:
                    report.add(self.pipeline, text, batch.name, batch.number + index)
            return work.prepared(b"", unterminated, report)
        with_text = [text for index, text in enumerate(texts) if index not in work.skipped]
        results = self.pipeline.apply_all(with_text)
        for index in sorted(work.skipped):
            results.insert(index, "")
        return work.prepared(*self._joined(work.written(results), unterminated), None)

    def _joined(self, records: list[bytes], unterminated: bool) -> tuple[bytes, bool]:
        """Return records with their terminators, and whether the last lacks its terminator."""
        if self.unit.record_terminator is None:
            return b"".join(records), False
        documents = self.unit.field is not None and not self.keeps_fields
        terminator = NDJSON_TERMINATOR if documents else self.unit.record_terminator
        if self.unit.field is None:
            last = len(records) - 1 if unterminated else len(records)
            records = [
                _without(record, terminator, terminator if index < last else b"")
                for index, record in enumerate(records)
            ]
        text = terminator.join(records)
        if documents:
            return text + terminator, unterminated
        # An empty record needs its terminator. Without it, there would be no record.
        if unterminated and records[-1]:
            return text, True
        return text + terminator, False


class _Work:
    """The state of preprocessing one batch."""

    def __init__(self, preparation: Preparation, batch: Batch) -> None:
        self._preparation = preparation
        self._batch = batch
        self._fields: list[ndjson.Field | None] = []
        self._problems: list[DataError] = []
        self._replaced = 0
        self.unfinished = 0
        self.skipped: set[int] = set()

    def texts(self, records: list[bytes]) -> list[str]:
        """Return the text of each record. That of a skipped record is empty."""
        if self._preparation.unit.field is not None:
            return [self._field_text(index, record) for index, record in enumerate(records)]
        try:
            return [record.decode() for record in records]
        except UnicodeDecodeError:
            return [self._text(index, record) for index, record in enumerate(records)]

    def written(self, results: list[str]) -> list[bytes]:
        """Return each record as it is written, with its new text."""
        if not self._preparation.keeps_fields or self._preparation.unit.field is None:
            return [result.encode() for result in results]
        return [
            b"null" if field is None else field.replaced(result)
            for field, result in zip(self._fields, results, strict=True)
        ]

    def prepared(self, text: bytes, unterminated: bool, report: Report | None) -> Prepared:
        """Return the result for the batch."""
        skipped, problems = tuple(sorted(self.skipped)), tuple(self._problems)
        return Prepared(
            self._batch.source,
            text,
            unterminated,
            skipped,
            problems,
            self._replaced,
            self.unfinished,
            report,
        )

    def _text(self, index: int, record: bytes) -> str:
        try:
            return record.decode()
        except UnicodeDecodeError as error:
            if self._preparation.errors == "replace":
                self._replaced += 1
                return record.decode(errors="replace")
            what = f"byte {error.start} is not UTF-8"
            if self._preparation.errors == "strict":
                raise DataError(
                    self._located(index, what),
                    hint=Suggestion("pass {errors:replace}, or {errors:skip}"),
                ) from None
            self._skip(index, what)
            return ""

    def _field_text(self, index: int, record: bytes) -> str:
        try:
            record.decode()
        except UnicodeDecodeError:
            text = self._text(index, record)
            if index in self.skipped:
                self._fields.append(None)
                return ""
            record = text.encode()
        try:
            field = ndjson.find(record, self._preparation.unit.field or "")
        except DataError as error:
            self._skip(index, str(error))
            field = None
        self._fields.append(field)
        if field is None:
            self.skipped.add(index)
            return ""
        return field.text

    def _skip(self, index: int, what: str) -> None:
        self.skipped.add(index)
        self._problems.append(DataError(self._located(index, what)))

    def _located(self, index: int, what: str) -> str:
        unit, batch = self._preparation.unit, self._batch
        if unit.terminator is None:
            return f"{batch.name}: {what}"
        return f"{batch.name}: {unit.record} {batch.number + index}: {what}"


def _split(data: bytes, terminator: bytes | None) -> tuple[list[bytes], bool]:
    """Return records, and whether the last lacks its terminator."""
    if terminator is None:
        return [data], False
    records = data.split(terminator)
    if records[-1]:
        return records, True
    return records[:-1], False


def terminated(text: bytes, terminator: bytes) -> bytes:
    """Add the terminator that the last record lacks."""
    # The end of the record and the start of the terminator may form a terminator earlier.
    end = text[max(0, len(text) - len(terminator) + 1) :]
    space = b" " if (end + terminator).find(terminator) < len(end) else b""
    return text + space + terminator


def _without(record: bytes, terminator: bytes, after: bytes) -> bytes:
    """Return a record in which no terminator occurs before `after`.

    Args:
        record: The record. A terminator at its end is removed: it is the record's own, such as
            after line ends were normalized. Within the record, terminators become spaces.
        terminator: What ends records.
        after: What follows the record: the terminator, or nothing.
    """
    record = record.removesuffix(terminator)
    if len(terminator) == 1:
        return record.replace(terminator, b" ") if terminator in record else record

    def end() -> int:
        found = (record + after).find(terminator)
        return len(record) if found < 0 else found

    if end() < len(record):
        record = record.replace(terminator, b" ")
    if end() < len(record):
        # The end of the record and the start of the terminator form a terminator.
        record += b" "
    return record[: end()]
