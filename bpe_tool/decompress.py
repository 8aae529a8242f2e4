"""Streaming decompression that knows when the data is whole.

Every member of a `.gz` and every frame of a `.zst` file is read. Data that ends too
early, or that is followed by something else, is an error. Memory stays bounded
however well the data was compressed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bpe_tool.errors import ArgumentError, DataError, LimitError

#: Input given to zstd at a time. Its blocks expand at most 4 bytes to 128 KiB, so this
#: makes at most 32 MiB, with libraries that cannot stop earlier.
ZSTD_STEP = 1024

#: How compressed data begins. No UTF-8 text begins so.
MAGIC = {"gzip": b"\x1f\x8b\x08", "zstd": b"\x28\xb5\x2f\xfd"}


def compression(data: bytes) -> str | None:
    """Return the kind of compression that `data` has by the way it begins."""
    return next((kind for kind, magic in MAGIC.items() if data.startswith(magic)), None)


def gunzip(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress gzip data. `name` is for messages.

    NUL bytes after a member are padding, as tapes and some tools leave it.

    Raises:
        DataError: The data is damaged, cut off, or followed by something else.
    """
    member = None
    # Whether a member was read to its end.
    ended = False
    taken = 0
    for data in raw:
        taken += len(data)
        while data:
            if member is None:
                if ended and not (data := data.lstrip(b"\0")):
                    break
                member = zlib.decompressobj(wbits=31)
            try:
                text = member.decompress(data, block_bytes)
            except zlib.error as error:
                at = taken - len(data)
                raise DataError(f"{name}: not valid gzip data after byte {at}: {error}") from None
            if text:
                yield text
            if member.eof:
                data, member, ended = member.unused_data, None, True
            else:
                data = member.unconsumed_tail
    if member is not None or not taken:
        raise _cut_off(name, "gzip", taken)


def unzstd(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress zstd data. `name` is for messages.

    Raises:
        ArgumentError: This Python cannot, and the extra `zstd` is not installed.
        DataError: The data is damaged, cut off, or followed by something else.
        LimitError: It needs more memory than usual, as `zstd --long=28` and up makes it.
    """
    new_frame, failure = _zstd(name)
    frame = None
    taken = 0
    for data in raw:
        pieces: list[bytes] = []
        size = 0
        for start in range(0, len(data), ZSTD_STEP):
            step = data[start : start + ZSTD_STEP]
            taken += len(step)
            while step:
                if frame is None:
                    frame = new_frame()
                try:
                    text = frame.decompress(step)
                except failure as error:
                    # The window is too large; both libraries repeat these words of zstd's.
                    if "too much memory" in str(error):
                        raise LimitError(
                            f"{name}: this zstd data needs more memory than is allowed",
                            hint="decompress it first, with zstd -dc --long=31",
                        ) from None
                    at = taken - len(step)
                    what = f"not valid zstd data after byte {at}: {error}"
                    raise DataError(f"{name}: {what}") from None
                pieces.append(text)
                size += len(text)
                step = b""
                if frame.eof:
                    step, frame = frame.unused_data, None
            if size >= block_bytes:
                yield b"".join(pieces)
                pieces, size = [], 0
        if size:
            yield b"".join(pieces)
    if frame is not None or not taken:
        raise _cut_off(name, "zstd", taken)


def _cut_off(name: str, kind: str, taken: int) -> DataError:
    return DataError(f"{name}: the {kind} data is cut off: it ends at byte {taken}")


def _zstd(name: str) -> tuple[Callable[[], Any], type[Exception]]:
    """Return what makes a decompressor of one frame, and what it raises."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]

        return zstd.ZstdDecompressor, zstd.ZstdError
    except ImportError:
        pass
    try:
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError
    except ImportError:
        raise ArgumentError(
            f"{name}: reading .zst needs Python 3.14 or the package zstandard",
            hint="pip install 'bpe-tool[zstd]'",
        ) from None
