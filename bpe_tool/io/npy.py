"""The header of `.npy` files: little-endian whole numbers, and those read have one dimension.

The format is described in numpy's documentation (numpy.lib.format). Only headers as
numpy writes them for such arrays are read, so nothing in a file is ever evaluated.
"""

from __future__ import annotations

import re

from bpe_tool.errors import DataError

MAGIC = b"\x93NUMPY\x01\x00"

#: Where the data begins in the files written here: numpy asks for a multiple of 64.
HEADER_BYTES = 128

#: The longest header that the format can hold: its length has 16 bits.
MAX_HEADER_BYTES = len(MAGIC) + 2 + 65535

#: Types of arrays of ids.
ID_TYPES = ("<u2", "<u4")

_HEADER = re.compile(
    rb"\{'descr': '(<[ui][248])', 'fortran_order': False, 'shape': \(([0-9]{1,19}),\), \} *\n"
)


def header(dtype: str, *shape: int) -> bytes:
    """Return the header of an array of a type such as `<u4`: `HEADER_BYTES` bytes."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    length = HEADER_BYTES - len(MAGIC) - 2
    return MAGIC + length.to_bytes(2, "little") + text.ljust(length - 1).encode() + b"\n"


def split_header(data: bytes, dtypes: tuple[str, ...] = ID_TYPES) -> tuple[str, int, int] | None:
    """Read the header that `data` begins with.

    Args:
        data: The first bytes of a file.
        dtypes: The types that are taken.

    Returns:
        The type, how many numbers there are, and where they begin; `None` if `data` may
        become a header when there is more of it.

    Raises:
        DataError: This is no array of such numbers.
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
