"""Decodes streams of records: ids in, text out; the inverse of `encode_stream`.

A source at a time, a block at a time. Only records that become NDJSON are held whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.io.documents import OnSkip, Unit
from bpe_tool.io.framing import Frame, Unframer
from bpe_tool.io.id_readers import id_records
from bpe_tool.io.id_writers import Output
from bpe_tool.io.records import (
    END_BYTES,
    ID_BYTES,
    RAW_WIDTHS,
    IdFormat,
    Records,
    pack_positions,
)
from bpe_tool.io.sources import OnRead, Source

#: Text with about so many bytes of terminators is written at once.
MOST_TERMINATORS = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How ids become text."""

    tokenizer: _core.Tokenizer
    unit: Unit
    frame: Frame
    format: IdFormat

    @property
    def end_id(self) -> int | None:
        """The id that ends a record where nothing else does."""
        raw = self.format in RAW_WIDTHS
        return self.frame.after[-1] if raw and self.frame.after else None

    @property
    def record(self) -> str:
        """What messages call one record of the input."""
        return "line" if self.format in ("ids", "ndjson") else "record"


def decode(
    sources: Sequence[Source],
    decoding: Decoding,
    output: Output,
    *,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> None:
    """Decode sources into an output: the inverse of `encode`, unit by unit.

    Args:
        sources: The inputs.
        decoding: How.
        output: Where the text goes.
        on_read: See `Source.blocks`.
        on_skip: Called for each record that is skipped. Without, the first one is an error.

    Raises:
        UnknownIdError: An id is not in the vocabulary; source and record are named.
        DataError: A source does not hold ids in the format it should.
        OSError: A source cannot be read, or the output not be written.
    """
    for source in sources:
        unframer = Unframer(decoding.frame) if decoding.frame else None
        place = f"{source.name}: {decoding.record}"
        writer = _writer(decoding.unit, place, output, on_skip)
        all_records = id_records(
            source, decoding.format, end_id=decoding.end_id, on_read=on_read, on_skip=on_skip
        )
        done = 0
        for records in all_records:
            if records.unterminated and source is not sources[-1]:
                records = replace(records, unterminated=False)
            if unframer:
                records = unframer.remove(records)
            writer.write(records, _texts(records, decoding.tokenizer, place, done))
            done += len(records.ends) // END_BYTES


def _texts(
    records: Records, tokenizer: _core.Tokenizer, place: str, done: int
) -> list[bytes | bytearray]:
    """Return the text of each record that ends here, and of the rest, perhaps empty."""
    length = len(records.ids) // ID_BYTES
    ends = memoryview(records.ends).cast("q")
    try:
        text, bounds = tokenizer.decode_arrays(
            records.ids, pack_positions([0]) + records.ends + pack_positions([length])
        )
    except DataError:
        # Record by record, to tell where it is.
        ids = memoryview(records.ids).cast("I")
        for number, (start, end) in enumerate(zip([0, *ends], [*ends, length], strict=True)):
            try:
                tokenizer.decode(ids[start:end])
            except DataError as error:
                raise error.at(f"{place} {done + number + 1}") from None
        raise
    positions = memoryview(bounds).cast("q").tolist()
    return [text[start:end] for start, end in pairwise(positions)]


class _Writer(Protocol):
    """Writes the text of records: of each that ends in `records`, and of the rest."""

    def write(self, records: Records, texts: list[bytes | bytearray]) -> None: ...


def _writer(unit: Unit, place: str, output: Output, on_skip: OnSkip | None) -> _Writer:
    if unit.field is not None:
        return _NdjsonWriter(unit.field, place, output, on_skip)
    if unit.terminator is not None:
        return _TerminatedWriter(unit.terminator, output)
    return _WholeWriter(output)


class _WholeWriter:
    """Writes records one after the other, with nothing between."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, records: Records, texts: list[bytes | bytearray]) -> None:
        if any(texts):
            self._output.write(b"".join(texts))


class _TerminatedWriter:
    """Writes records each followed by the terminator."""

    def __init__(self, terminator: bytes, output: Output) -> None:
        self._terminator = terminator
        self._output = output
        # Whether text of the current record was written.
        self._begun = False

    def write(self, records: Records, texts: list[bytes | bytearray]) -> None:
        # A long terminator is written in parts: it may come as often as there are records.
        most = 1 + MOST_TERMINATORS // len(self._terminator)
        while len(texts) > most + 1:
            self._output.write(self._terminator.join([*texts[:most], b""]))
            texts, self._begun = texts[most:], False
        text = self._terminator.join(texts)
        ended = len(texts) > 1
        # An empty record needs its terminator: without it, there would be no record.
        if ended and records.unterminated and (texts[-2] or (self._begun and len(texts) == 2)):
            text = text.removesuffix(self._terminator)
        self._begun = bool(texts[-1]) or (self._begun and not ended)
        if text:
            self._output.write(text)


class _NdjsonWriter:
    """Writes records as JSON objects with one field, a line each."""

    def __init__(self, field: str, place: str, output: Output, on_skip: OnSkip | None) -> None:
        self._field = field
        self._place = place
        self._output = output
        self._on_skip = on_skip
        self._begun: list[bytes | bytearray] = []
        self._done = 0

    def write(self, records: Records, texts: list[bytes | bytearray]) -> None:
        *ended, rest = texts
        lines: list[bytes] = []
        for index, text in enumerate(ended):
            self._done += 1
            whole = b"".join([*self._begun, text])
            self._begun = []
            lines.append(b"null" if index in records.skipped else self._line(whole))
        if rest:
            self._begun.append(rest)
        if lines:
            end = b"" if records.unterminated else b"\n"
            self._output.write(b"\n".join(lines) + end)

    def _line(self, text: bytes) -> bytes:
        from bpe_tool.io import ndjson

        try:
            return ndjson.write({self._field: text.decode()})
        except UnicodeDecodeError as error:
            what = f"byte {error.start} of the text is not UTF-8, which JSON cannot hold"
            skipped = DataError(f"{self._place} {self._done}: {what}")
            if self._on_skip is None:
                raise skipped from None
            self._on_skip(skipped)
            return b"null"
