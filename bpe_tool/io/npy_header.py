"""The header of `.npy` files with whole numbers, written and read.

numpy's documentation describes the format (`numpy.lib.format`). The headers written here are
the same bytes as numpy's. Its reader is not used: it evaluates a Python literal, and on
damaged files raises `MemoryError` or errors of `tokenize`. This one accepts exactly the
headers that numpy writes for one-dimensional little-endian arrays of whole numbers.
"""

from __future__ import annotations

import re

from bpe_tool.errors import DataError

MAGIC = b"\x93NUMPY\x01\x00"

#: The size of the headers written here: numpy asks for a multiple of 64.
BYTES = 128

#: The largest header that the format allows: its length has 16 bits.
MAX_BYTES = len(MAGIC) + 2 + 65535

#: The types of ids in files of this package.
ID_TYPES = ("<u2", "<u4")

_HEADER = re.compile(
    rb"\{'descr': '(<[ui][248])', 'fortran_order': False, 'shape': \(([0-9]{1,19}),\), \} *\n"
)


def build(dtype: str, *shape: int) -> bytes:
    """Return the header of an array: always `BYTES` bytes, so it can be patched.

    Args:
        dtype: The type of its numbers, such as `<u4`.
        shape: Its shape.
    """
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    length = BYTES - len(MAGIC) - 2
    return MAGIC + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n"


def parse(data: bytes, dtypes: tuple[str, ...] = ID_TYPES) -> tuple[str, int, int] | None:
    """Parse the header at the start of `data`.

    Args:
        data: The first bytes of a file.
        dtypes: The types that are accepted.

    Returns:
        The type, the count of numbers, and the offset of the first one; `None` if `data` ends
        within the header.

    Raises:
        DataError: The header is damaged, or that of another kind of array.
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
    if match is None or match[1].decode() not in dtypes:
        shown = data[start : min(end, start + 80)].decode("latin-1").strip()
        expected = " or ".join(dtypes)
        raise DataError(f"expected a one-dimensional array of type {expected}, found {shown}")
    return match[1].decode(), int(match[2]), end


def parse_whole(data: bytes, dtypes: tuple[str, ...], where: str) -> tuple[str, int, int]:
    """Parse a header of which `data` holds all there is; errors begin with `where`.

    Raises:
        DataError: See `parse`; or the header is cut off.
    """
    try:
        header = parse(data, dtypes)
    except DataError as error:
        raise error.at(where) from None
    if header is None:
        raise DataError(f"{where}: the .npy header is cut off")
    return header
