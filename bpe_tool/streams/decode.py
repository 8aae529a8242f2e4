"""Decodes streams of records: ids in, text out. The inverse of `bpe_tool.streams.encode`.

Sources are read one after the other, block by block. Only records that become NDJSON are held
as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.io.documents import OnSkip, Unit
from bpe_tool.io.id_readers import id_records
from bpe_tool.io.id_writers import Output
from bpe_tool.io.records import RAW_WIDTHS, IdFormat, Records
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.io.template import Template


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How ids become text."""

    tokenizer: _core.Tokenizer
    unit: Unit
    template: Template
    id_format: IdFormat
    skip_special: bool = False

    @property
    def end_id(self) -> int | None:
        """The id that ends a record in formats without boundaries."""
        raw = self.id_format in RAW_WIDTHS
        return self.template.after[-1] if raw and self.template.after else None

    @property
    def record(self) -> str:
        """What messages call one record of the input."""
        return "line" if self.id_format in ("ids", "ndjson") else "record"

    def decoder(self) -> _core.DocumentDecoder:
        """Make a decoder for one source."""
        return _core.DocumentDecoder(
            self.tokenizer,
            terminator=self.unit.terminator or b"",
            before=self.template.before,
            after=self.template.after,
            skip_special=self.skip_special,
        )


def decode(
    sources: Sequence[Source],
    decoding: Decoding,
    output: Output,
    *,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> None:
    """Decode sources into an output: the inverse of `encode` with the same unit.

    Args:
        sources: The inputs.
        decoding: How to decode them.
        output: Where the text goes.
        on_read: See `Source.blocks`.
        on_skip: Called for each record that is skipped. Without it, the first one is an error.

    Raises:
        UnknownIdError: An id is not in the vocabulary. The message names source and record.
        DataError: A source does not hold ids in the expected format.
        OSError: A source cannot be read, or the output cannot be written.
    """
    for source in sources:
        where = f"{source.name}: {decoding.record}"
        decoder = decoding.decoder()
        writer = None
        if decoding.unit.field is not None:
            writer = _NdjsonWriter(decoding.unit.field, where, output, on_skip)
        for records in id_records(
            source, decoding.id_format, end_id=decoding.end_id, on_read=on_read, on_skip=on_skip
        ):
            if source is not sources[-1]:
                records.unterminated = False
            if writer is None:
                with _locating(decoder, where):
                    decoder.decode(records, output.write)
            else:
                with _locating(decoder, where):
                    texts = decoder.texts(records)
                writer.write(records, texts)


@contextmanager
def _locating(decoder: _core.DocumentDecoder, where: str) -> Iterator[None]:
    """Make errors of the decoder say in which record they are."""
    try:
        yield
    except DataError as error:
        raise error.at(f"{where} {decoder.documents + 1}") from None


class _NdjsonWriter:
    """Writes records as JSON objects with one field, one per line."""

    def __init__(self, field: str, where: str, output: Output, on_skip: OnSkip | None) -> None:
        self._field = field
        self._where = where
        self._output = output
        self._on_skip = on_skip
        # The text so far of a record that goes on in the next block.
        self._begun: list[bytes] = []
        self._done = 0

    def write(self, records: Records, texts: list[bytes]) -> None:
        """Write the text of each record that ends here, and keep that of the one that goes on."""
        *ended, rest = texts
        skipped = set(records.skipped)
        lines: list[bytes] = []
        for index, text in enumerate(ended):
            self._done += 1
            whole = b"".join([*self._begun, text])
            self._begun = []
            lines.append(b"null" if index in skipped else self._line(whole))
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
            skipped = DataError(f"{self._where} {self._done}: {what}")
            if self._on_skip is None:
                raise skipped from None
            self._on_skip(skipped)
            return b"null"
