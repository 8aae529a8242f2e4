"""What one document of an input is, and the inputs' text in terms of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from bpe_tool.errors import DataError
from bpe_tool.sources import OnRead, Source

#: Ends the texts of NDJSON records: a byte that no UTF-8 text holds.
NDJSON_TERMINATOR = b"\xff"

#: Called with an error for each record that is skipped.
OnSkip: TypeAlias = Callable[[DataError], object]


@dataclass(frozen=True)
class Unit:
    """What one document is. Without arguments: each input is one.

    Attributes:
        terminator: What ends a document in the blocks of `documents`; `None` if an input
            is one document. The last document of an input may lack it.
        field: The field of NDJSON records that holds the document, if they are such.
    """

    terminator: bytes | None = None
    field: str | None = None

    @classmethod
    def ndjson(cls, field: str) -> Unit:
        """Take a string field of each NDJSON record as a document."""
        return cls(NDJSON_TERMINATOR, field)

    @property
    def record(self) -> str:
        """What messages call one record of the input."""
        return "line" if self.field is not None or self.terminator == b"\n" else "record"


class Block(NamedTuple):
    """A stretch of a source's text.

    Attributes:
        text: Documents as the unit's terminator ends them. It may begin and end within one.
        skipped: Which of the documents that end in it are empty stand-ins for records
            without text. (Then none is cut by the block.)
        unterminated: Whether the last record lacked its terminator in the input although
            it has one here. (NDJSON only; elsewhere the text itself tells.)
    """

    text: bytes
    skipped: tuple[int, ...] = ()
    unterminated: bool = False


def documents(
    source: Source,
    unit: Unit,
    *,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> Iterator[Block]:
    """Yield a source's documents in blocks, for a consumer that knows `unit.terminator`.

    Args:
        source: The input.
        unit: What a document is.
        on_read: See `Source.blocks`.
        on_skip: Called for each record that is not valid. It then counts as empty, as does
            `null`, the mark of a record that was skipped before.

    Raises:
        DataError: A record is not valid, without `on_skip`; see also `Source.blocks`.
        OSError: See `Source.blocks`.
    """
    blocks = source.blocks(on_read)
    if unit.field is None:
        return map(Block, blocks)
    return _ndjson_texts(blocks, source.name, unit.field, on_skip)


def _ndjson_texts(
    blocks: Iterable[bytes], name: str, field: str, on_skip: OnSkip | None
) -> Iterator[Block]:
    from bpe_tool import ndjson

    line = 0
    for block in ndjson.whole_lines(blocks):
        unterminated = not block.endswith(b"\n")
        lines = block.split(b"\n") if unterminated else block[:-1].split(b"\n")
        texts: list[bytes] = []
        skipped: list[int] = []
        for index, record in enumerate(lines):
            line += 1
            text = None
            try:
                text = _field_text(record, field)
            except DataError as error:
                located = error.at(f"{name}: line {line}")
                if on_skip is None:
                    raise located from None
                on_skip(located)
            if text is None:
                skipped.append(index)
            texts.append(text or b"")
        texts.append(b"")
        yield Block(NDJSON_TERMINATOR.join(texts), tuple(skipped), unterminated)


def _field_text(record: bytes, field: str) -> bytes | None:
    """Return the text of one record; `None` if it is the mark of a skipped one."""
    from bpe_tool import ndjson

    value = ndjson.parse(record)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise DataError("expected a JSON object")
    if field not in value:
        raise DataError(f"the record has no field {field!r}")
    text = value[field]
    if not isinstance(text, str):
        raise DataError(f"the field {field!r} does not hold a string")
    return text.encode()
