"""Splits inputs into documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io.sources import BLOCK_BYTES, OnRead, OnWait, Source
from bpe_tool.io.tables import RecordSource, Wanted

if TYPE_CHECKING:
    from bpe_tool.io.alignment import Alignment

#: Terminates the text of an NDJSON record: a byte that UTF-8 text never contains.
NDJSON_TERMINATOR = b"\xff"

#: The maximum number of documents that end in a block. Even an empty one takes memory.
MOST_RECORDS = 1 << 16

#: Called for each record that is skipped, with the reason.
OnSkip: TypeAlias = Callable[[DataError], object]


@dataclass(frozen=True)
class Unit:
    """What a document is. By default, each input is one document.

    Attributes:
        terminator: What ends a document in the blocks of `documents`; `None` if an input
            is one document. The last document of an input may lack it.
        field: The field that holds the document, if the input is NDJSON.
        column: The field that holds the document in inputs that hold records by their names.
        keep: The other fields of records that go with their documents.
    """

    terminator: bytes | None = None
    field: str | None = None
    column: str | None = None
    keep: tuple[str, ...] = ()

    @classmethod
    def ndjson(cls, field: str, keep: tuple[str, ...] = ()) -> Unit:
        """Return the unit whose documents are a string field of NDJSON records."""
        return cls(NDJSON_TERMINATOR, field, keep=keep)

    def of(self, source: Source) -> Unit:
        """Return the unit of one source: a field, if it holds records and the field is known.

        Raises:
            ArgumentError: It is not known, and the source cannot be read as text.
        """
        if not isinstance(source, RecordSource):
            return Unit(self.terminator, self.field, keep=self.keep)
        field = self.column if self.field is None else self.field
        if field is None:
            source.need_field()
            return self
        return Unit.ndjson(field, self.keep)

    @property
    def record_terminator(self) -> bytes | None:
        """What ends a record of the input; `None` if an input is one record."""
        return b"\n" if self.field is not None else self.terminator

    @property
    def record(self) -> str:
        """What messages call a record of the input."""
        return "line" if self.field is not None or self.terminator == b"\n" else "record"


def unit_of(
    *,
    lines: bool,
    separator: str | bytes | None,
    ndjson: str | None,
    column: str | None = None,
) -> Unit:
    """Return the unit that arguments ask for; by default, each input is one document.

    Raises:
        ArgumentError: More than one is given, or the separator is empty.
        ArgumentTypeError: One is of the wrong type.
    """
    lines = checks.flag("lines", lines)
    if lines + (separator is not None) + (ndjson is not None) > 1:
        raise ArgumentError("only one of lines, separator and ndjson can be given")
    if column is not None:
        if ndjson is not None:
            raise ArgumentError("only one of column and ndjson can be given")
        checks.plain("column", column)
    if ndjson is not None:
        return Unit.ndjson(checks.plain("ndjson", ndjson))
    if separator is not None:
        terminator = checks.as_bytes("separator", separator)
        if not terminator:
            raise ArgumentError("is empty", parameter="separator")
        return Unit(terminator, column=column)
    return Unit(b"\n" if lines else None, column=column)


class TextBlock(NamedTuple):
    """Part of a source's text.

    Attributes:
        text: Documents with the unit's terminator. It may begin and end within a document.
        skipped: The indices of documents that end in this block and are empty because their
            records have no text. (The block then holds whole documents only.)
        unterminated: Whether the last record lacked its terminator in the input although
            it has one here. (NDJSON only: otherwise the text shows it.)
        cuts: How many documents were ended by special tokens that are not in the text.
        alignments: Where each document that begins here came from, if offsets are wanted and
            its text was preprocessed.
        kept: The fields that are kept of each record that ends here, as members of a JSON object.
    """

    text: bytes
    skipped: tuple[int, ...] = ()
    unterminated: bool = False
    cuts: int = 0
    alignments: tuple[Alignment, ...] = ()
    kept: tuple[bytes, ...] = ()


def documents(
    source: Source,
    unit: Unit,
    *,
    block_bytes: int | None = None,
    on_read: OnRead | None = None,
    on_wait: OnWait | None = None,
    on_skip: OnSkip | None = None,
) -> Iterator[TextBlock]:
    """Yield a source's documents in blocks, separated by `unit.terminator`.

    Args:
        source: The input.
        unit: What a document is; see `Unit.of`.
        block_bytes: See `Source.blocks`.
        on_read: See `Source.blocks`.
        on_wait: See `Source.blocks`.
        on_skip: Called for each record that is not valid. Its document is empty then. So is
            that of `null`, which marks a record that an earlier command skipped.

    Raises:
        DataError: A record is not valid and `on_skip` is `None`; see also `Source.blocks`.
        OSError: See `Source.blocks`.
    """
    unit = unit.of(source)
    if unit.field is not None:
        wanted = Wanted(unit.field, unit.keep)
        records, record = json_lines(source, wanted, block_bytes, on_read, on_wait)
        return _ndjson_texts(records, f"{source.name}: {record}", unit, on_skip)
    blocks = source.blocks(on_read, block_bytes, on_wait)
    if unit.terminator is None:
        return map(TextBlock, blocks)
    return map(TextBlock, bounded(blocks, unit.terminator))


def json_lines(
    source: Source,
    wanted: Wanted,
    block_bytes: int | None = None,
    on_read: OnRead | None = None,
    on_wait: OnWait | None = None,
) -> tuple[Iterator[bytes], str]:
    """Return the records of a source as blocks of JSON lines, and what messages call one."""
    if isinstance(source, RecordSource):
        return source.records(wanted, on_read, block_bytes, on_wait), source.record
    return source.blocks(on_read, block_bytes, on_wait), "line"


def bounded(blocks: Iterable[bytes], terminator: bytes) -> Iterator[bytes]:
    """Split blocks so that at most `MOST_RECORDS` records end in each."""
    for block in blocks:
        cuts = _core.record_cuts(block, terminator, MOST_RECORDS)
        for start, end in pairwise([0, *cuts, len(block)]):
            yield block[start:end]


def whole_records(blocks: Iterable[bytes], terminator: bytes) -> Iterator[bytes]:
    """Split blocks anew, so that each ends with `terminator`. The last may lack it.

    At most `MOST_RECORDS` + 1 records end in each.
    """
    begun: list[bytes] = []
    # The last bytes read: the terminator may begin in them.
    tail = b""
    for block in bounded(blocks, terminator):
        data = tail + block
        if len(terminator) == 1:
            cut = data.rfind(terminator) + 1
        else:
            # Searched from the left: the terminator may overlap with itself.
            cut = len(data) - len(data.split(terminator)[-1])
        if cut:
            yield b"".join([*begun, data[:cut]])
            begun = []
        rest = max(cut, len(data) - len(terminator) + 1)
        begun.append(data[cut:rest])
        tail = data[rest:]
    begun.append(tail)
    if any(begun):
        yield b"".join(begun)


def _ndjson_texts(
    blocks: Iterable[bytes], where: str, unit: Unit, on_skip: OnSkip | None
) -> Iterator[TextBlock]:
    from bpe_tool.io import ndjson

    field = unit.field or ""
    line = 0
    for block in whole_records(blocks, b"\n"):
        unterminated = not block.endswith(b"\n")
        lines = block.split(b"\n") if unterminated else block[:-1].split(b"\n")
        texts: list[bytes] = []
        skipped: list[int] = []
        kept: list[bytes] = []
        for record in lines:
            line += 1
            found = None
            try:
                found = ndjson.find(record, field)
            except DataError as error:
                located = error.at(f"{where} {line}")
                if on_skip is None:
                    raise located from None
                on_skip(located)
            if found is None:
                skipped.append(len(texts))
            text = found.text.encode() if found else b""
            if len(text) > BLOCK_BYTES:
                # Yielded in parts, so that neither it nor its ids are held as a whole again.
                if texts:
                    yield TextBlock(
                        NDJSON_TERMINATOR.join([*texts, b""]), tuple(skipped), kept=tuple(kept)
                    )
                texts, skipped, kept = [], [], []
                last = (len(text) - 1) // BLOCK_BYTES * BLOCK_BYTES
                for start in range(0, last, BLOCK_BYTES):
                    yield TextBlock(text[start : start + BLOCK_BYTES])
                text = text[last:]
            texts.append(text)
            if unit.keep:
                kept.append(found.kept(unit.keep) if found else b"")
        texts.append(b"")
        text = NDJSON_TERMINATOR.join(texts)
        yield TextBlock(text, tuple(skipped), unterminated, kept=tuple(kept))
