"""Preprocesses a block of records: from bytes to text, through a pipeline, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from bpe_tool.errors import ArgumentError, DataError, SpecialTokenError, Suggestion
from bpe_tool.io import ndjson
from bpe_tool.io.documents import NDJSON_TERMINATOR, Unit
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.pipeline_reports import PipelineReport
from bpe_tool.preprocess.special_tokens import NONE, SpecialTokens, joined

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.io.alignment import Alignment
    from bpe_tool.texts import Special

#: What stands before and after a special token in preprocessed text. No text in UTF-8 holds them.
MARKS = (b"\xfe", b"\xfd")

#: What to do about bytes that are not UTF-8: refuse the input, replace them with U+FFFD, or skip
#: the record.
Errors: TypeAlias = Literal["strict", "replace", "skip"]


class RecordBlock(NamedTuple):
    """Records of one source.

    Attributes:
        source: The index of the source.
        name: The name of the source in messages.
        number: The number of the first record, counted from 1.
        data: The records with their terminators. The last may lack its terminator.
        unit: What a record is.
        record: What messages call one.
    """

    source: int
    name: str
    number: int
    data: bytes
    unit: Unit
    record: str


class PreprocessedBlock(NamedTuple):
    """The result for a block.

    Attributes:
        source: See `RecordBlock`.
        text: The records after the pipeline.
        unterminated: Whether the last of them lacks its terminator.
        skipped: The indices of records that are empty because they have no text.
        problems: Why records were skipped, with their numbers. (Not for those that are `null`,
            which an earlier command skipped.)
        replaced: The number of records in which bytes that are not UTF-8 were replaced.
        unfinished: The number of records that seem cut off to a step, such as within markup.
        special_tokens: The number of special tokens that were treated as text.
        cuts: See `TextBlock`.
        alignments: Likewise.
        report: A report on the records, instead of text.
        kept: See `TextBlock`.
    """

    source: int
    text: bytes
    unterminated: bool
    skipped: tuple[int, ...]
    problems: tuple[DataError, ...]
    replaced: int
    unfinished: int
    special_tokens: int
    cuts: int
    alignments: tuple[Alignment, ...]
    report: PipelineReport | None
    kept: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class BlockPreprocessor:
    """How records are preprocessed. Calling it with a block does so.

    Attributes:
        pipeline: The steps.
        unit: What a record is, unless a block says otherwise.
        errors: What to do about bytes that are not UTF-8.
        keeps_fields: Whether NDJSON records are written as NDJSON, with all their other fields.
            Otherwise their texts are written as `documents` yields them.
        special_tokens: The special tokens of the vocabulary that is used or learned.
        special: What happens to them. `"text"`: they are text to the steps, and counted.
            `"error"`: they are refused. Otherwise, the text between them is preprocessed.
            `"token"`: they are written between `MARKS`. `"cut"`: they are not written, and end a
            document.
        offsets: Whether it is to be known where the text of each record came from.
        report: Makes a report about the pipeline's work, which is then written instead of text.
    """

    pipeline: Pipeline
    unit: Unit
    errors: Errors = "strict"
    keeps_fields: bool = False
    special_tokens: SpecialTokens = NONE
    special: Special | Literal["cut"] = "text"
    offsets: bool = False
    report: Callable[[], PipelineReport] | None = None

    def __post_init__(self) -> None:
        """Refuse a separator that could not be told from marks."""
        if self.special == "token" and set(b"".join(MARKS)) & set(self.unit.terminator or b""):
            raise ArgumentError(
                f"holds one of the bytes {MARKS}, which mark special tokens in preprocessed text",
                parameter="separator",
            )

    @property
    def terminator(self) -> bytes | None:
        """What ends a document in the text; `None` if that of a block is one document."""
        return self.terminator_of(self.unit)

    def terminator_of(self, unit: Unit) -> bytes | None:
        """Return the same for a source of another unit."""
        if self.special == "cut" and unit.terminator is None:
            return NDJSON_TERMINATOR
        return unit.terminator

    @cached_property
    def _around(self) -> Pipeline:
        """The pipeline that leaves the special tokens alone."""
        kept = self.special_tokens.and_also(self.pipeline.special_tokens)
        return self.pipeline.around(kept if self.special == "cut" else self.special_tokens)

    def __call__(self, block: RecordBlock) -> PreprocessedBlock:
        """Preprocess the records of a block.

        Raises:
            DataError: A record is not UTF-8, and `errors` is `"strict"`.
            BpeToolError: A step failed.
        """
        if block.unit != self.unit:
            return replace(self, unit=block.unit)(block)
        work = _Work(self, block)
        records, unterminated = _split(block.data, self.unit.record_terminator)
        texts = work.texts(records)
        if self.unit.terminator is not None and self.unit.field is None:
            work.unfinished = sum(map(self.pipeline.unfinished, texts))
        report = self.report and self.report()
        if report is not None:
            for index, text in enumerate(texts):
                if index not in work.skipped:
                    report.add(self.pipeline, text, block.name, block.number + index)
            return work.result(b"", unterminated, report)
        work.meet_special_tokens(texts)
        with_text = [text for index, text in enumerate(texts) if index not in work.skipped]
        if self.offsets:
            written = self._aligned(texts, records, work)
        elif self.special in ("token", "cut"):
            written = self._kept(with_text, work)
        else:
            results = self.pipeline.apply_all(with_text)
            for index in sorted(work.skipped):
                results.insert(index, "")
            written = work.written(results)
        return work.result(*self._joined(written, unterminated), None)

    def _aligned(self, texts: list[str], records: list[bytes], work: _Work) -> list[bytes]:
        """Return the text of each record, special tokens marked if they are kept."""
        from bpe_tool.io.alignment import NOTHING
        from bpe_tool.streams.alignment import aligned

        kept = self.special == "token"
        specials = self.special_tokens if kept else NONE
        written: list[bytes] = []
        for index, text in enumerate(texts):
            if index in work.skipped:
                parts, alignment = [""], NOTHING
            else:
                raw = text.encode() if self.unit.field is not None else records[index]
                parts, alignment = aligned(self.pipeline, specials, raw, text, len(MARKS[0]))
            written.append(joined(parts, MARKS) if kept else "".join(parts).encode())
            work.alignments.append(alignment)
        return written

    def _kept(self, texts: list[str], work: _Work) -> list[bytes]:
        """Return the text of each record, with its special tokens marked or cut out."""
        rows = self._around.parts_of_all(texts)
        if self.special == "cut":
            between = map(self.special_tokens.between, rows)
            documents = [[text.encode() for text in texts] or [b""] for texts in between]
            work.cuts = sum(map(len, documents)) - len(documents)
        else:
            documents = [[joined(parts, MARKS)] for parts in rows]
        for index in sorted(work.skipped):
            documents.insert(index, [b""])
        return list(chain.from_iterable(documents))

    def _joined(self, records: list[bytes], unterminated: bool) -> tuple[bytes, bool]:
        """Return records with their terminators, and whether the last lacks its terminator."""
        if self.unit.record_terminator is None:
            return (self.terminator or b"").join(records), False
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
    """The state of preprocessing one block."""

    def __init__(self, preprocessor: BlockPreprocessor, block: RecordBlock) -> None:
        self._preprocessor = preprocessor
        self._block = block
        self._fields: list[ndjson.Field | None] = []
        self._problems: list[DataError] = []
        self._replaced = 0
        self._special_tokens = 0
        self.unfinished = 0
        self.cuts = 0
        self.alignments: list[Alignment] = []
        self.skipped: set[int] = set()

    def texts(self, records: list[bytes]) -> list[str]:
        """Return the text of each record. That of a skipped record is empty."""
        if self._preprocessor.unit.field is not None:
            return [self._field_text(index, record) for index, record in enumerate(records)]
        try:
            return [record.decode() for record in records]
        except UnicodeDecodeError:
            return [self._text(index, record) for index, record in enumerate(records)]

    def meet_special_tokens(self, texts: list[str]) -> None:
        """Count the special tokens that the steps will see as text, or refuse them."""
        special = self._preprocessor.special
        if special not in ("text", "error"):
            return
        if not self._preprocessor.special_tokens.may_occur(texts):
            return
        for index, parts in enumerate(map(self._preprocessor.special_tokens.split, texts)):
            if len(parts) > 1 and special == "error":
                token = json.dumps(parts[1], ensure_ascii=False)
                what = f"the text contains the special token {token}"
                raise SpecialTokenError(
                    self._located(index, f"{what} at byte {len(parts[0].encode())}")
                )
            self._special_tokens += len(parts) // 2

    def written(self, results: list[str]) -> list[bytes]:
        """Return each record as it is written, with its new text."""
        if not self._preprocessor.keeps_fields or self._preprocessor.unit.field is None:
            return [result.encode() for result in results]
        return [
            b"null" if field is None else field.replaced(result)
            for field, result in zip(self._fields, results, strict=True)
        ]

    def result(
        self, text: bytes, unterminated: bool, report: PipelineReport | None
    ) -> PreprocessedBlock:
        """Return the result for the block."""
        skipped, problems = tuple(sorted(self.skipped)), tuple(self._problems)
        return PreprocessedBlock(
            self._block.source,
            text,
            unterminated,
            skipped,
            problems,
            self._replaced,
            self.unfinished,
            self._special_tokens,
            self.cuts,
            tuple(self.alignments),
            report,
            self._kept(),
        )

    def _kept(self) -> tuple[bytes, ...]:
        names = self._block.unit.keep
        if not names:
            return ()
        return tuple(b"" if field is None else field.kept(names) for field in self._fields)

    def _text(self, index: int, record: bytes) -> str:
        try:
            return record.decode()
        except UnicodeDecodeError as error:
            if self._preprocessor.errors == "replace":
                self._replaced += 1
                return record.decode(errors="replace")
            what = f"byte {error.start} is not UTF-8"
            if self._preprocessor.errors == "strict":
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
            field = ndjson.find(record, self._preprocessor.unit.field or "")
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
        unit, block = self._preprocessor.unit, self._block
        if unit.terminator is None:
            return f"{block.name}: {what}"
        return f"{block.name}: {block.record} {block.number + index}: {what}"


def special_tokens_of(core: _core.Tokenizer) -> SpecialTokens:
    """Return the special tokens of a vocabulary, to be found in text."""
    return SpecialTokens(tuple(core.special_tokens), frozenset(core.whole_word_tokens))


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
