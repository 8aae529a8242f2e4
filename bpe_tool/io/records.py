"""Ids with the boundaries of the records they belong to: what flows between stages."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

#: The forms in which ids are written and read.
IdFormat: TypeAlias = Literal["ids", "ndjson", "u16", "u32", "npy"]

#: Bytes of an id in the forms that are nothing but ids.
RAW_WIDTHS = {"u16": 2, "u32": 4, "npy": 4}

#: Bytes of an id, of an end, and of a pair of offsets, in the core's arrays.
ID_BYTES = 4
END_BYTES = 8
OFFSETS_BYTES = 16


@dataclass(frozen=True, slots=True)
class Records:
    """A stretch of a stream of records.

    A record may begin in one stretch and end in a later one.

    Attributes:
        ids: Native unsigned 32-bit numbers.
        ends: For each record that ends here, how many of `ids` come before its end, as
            native signed 64-bit numbers.
        offsets: Start and end of each id in its document's bytes, as native signed 64-bit
            numbers; or empty.
        skipped: Which of the records that end here are empty stand-ins for records that
            could not be processed.
        unterminated: Whether the last of them lacks its terminator and is the last of all.
    """

    ids: bytes | bytearray
    ends: bytes | bytearray = b""
    offsets: bytes | bytearray = b""
    skipped: tuple[int, ...] = ()
    unterminated: bool = False

    def __bool__(self) -> bool:
        return bool(self.ids or self.ends)

    def spans(self) -> list[tuple[int, int]]:
        """Return the bytes of `ids` that each record ending here has here."""
        ends = [end * ID_BYTES for end in memoryview(self.ends).cast("q")]
        return list(zip([0, *ends], ends, strict=False))

    def rest(self) -> int:
        """Return where in the bytes of `ids` the record begins that does not end here."""
        return memoryview(self.ends).cast("q")[-1] * ID_BYTES if self.ends else 0


def pack_ids(ids: Iterable[int]) -> bytes:
    """Return ids as an array of the core."""
    return array("I", ids).tobytes()


def pack_positions(positions: Iterable[int]) -> bytes:
    """Return positions as an array of the core."""
    return array("q", positions).tobytes()
