"""Reads and writes the header of `.npy` files of little-endian whole numbers.

`numpy.lib.format` describes the format. It is not used itself: it evaluates headers as Python
literals, and it would make `encode` import numpy for 128 bytes. Here, a header is read only if it
is written as numpy writes it, and has one dimension.
"""

from __future__ import annotations

import re

from bpe_tool.errors import DataError

MAGIC = b"\x93NUMPY\x01\x00"

#: The offset of the data in files written here. Numpy requires a multiple of 64.
HEADER_BYTES = 128

#: The longest header that version 1 allows: the length has 16 bits.
MAX_HEADER_BYTES = len(MAGIC) + 2 + 65535

#: Types of arrays of ids.
ID_TYPES = ("<u2", "<u4")

_HEADER = re.compile(
    rb"\{'descr': '(<[ui][248])', 'fortran_order': False, 'shape': \(([0-9]{1,19}),\), \} *\n"
)


def header(dtype: str, *shape: int) -> bytes:
    """Return the header of an array of a type such as `<u4`. It has `HEADER_BYTES` bytes."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    length = HEADER_BYTES - len(MAGIC) - 2
    return MAGIC + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n"


def split_header(data: bytes, dtypes: tuple[str, ...] = ID_TYPES) -> tuple[str, int, int] | None:
    """Read the header at the start of `data`.

    Args:
        data: The first bytes of a file.
        dtypes: The accepted types.

    Returns:
        The type, the number of items, and the offset of the first one; `None` if `data` is
        only the start of a header.

    Raises:
        DataError: It is not the header of a one-dimensional array of an accepted type.
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
