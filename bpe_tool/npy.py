"""The header of `.npy` files that hold ids: one dimension, little-endian, unsigned.

The format is described in numpy's documentation (numpy.lib.format). Only headers as
numpy writes them for such arrays are read, so nothing in a file is ever evaluated.
"""

from __future__ import annotations

import re

from bpe_tool.errors import DataError

MAGIC = b"\x93NUMPY\x01\x00"

#: Where the data begins in the files written here: numpy asks for a multiple of 64.
HEADER_BYTES = 128

_HEADER = re.compile(
    rb"\{'descr': '<u([24])', 'fortran_order': False, 'shape': \(([0-9]{1,19}),\), \} *\n"
)


def header(width: int, count: int) -> bytes:
    """Return the header of `count` ids of `width` bytes each: `HEADER_BYTES` bytes."""
    text = f"{{'descr': '<u{width}', 'fortran_order': False, 'shape': ({count},), }}"
    length = HEADER_BYTES - len(MAGIC) - 2
    return MAGIC + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n"


def split_header(data: bytes) -> tuple[int, int, int] | None:
    """Read the header that `data` begins with.

    Returns:
        The bytes of an id, how many there are, and where they begin; `None` if `data` may
        become a header when there is more of it.

    Raises:
        DataError: This is no array of ids.
    """
    if not data.startswith(MAGIC[: len(data)]):
        raise DataError("not an .npy file of version 1")
    if len(data) < len(MAGIC) + 2:
        return None
    start = len(MAGIC) + 2
    end = start + int.from_bytes(data[len(MAGIC) : start], "little")
    if len(data) < end:
        return None
    match = _HEADER.fullmatch(data, start, end)
    if match is None:
        shown = data[start : min(end, start + 80)].decode("latin-1").strip()
        raise DataError(f"expected a one-dimensional array of type <u2 or <u4, found {shown}")
    return int(match[1]), int(match[2]), end
