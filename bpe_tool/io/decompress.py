"""Streaming decompression that knows when the data is whole.

Every member of a `.gz` and every frame of a `.zst` file is read. Data that ends too
early, or that is followed by something else, is an error. Memory stays bounded
however well the data was compressed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from bpe_tool.errors import ArgumentError, DataError, LimitError

#: Compressed bytes that are expanded at once. Deflate makes at most 1032 times as many of
#: them, 16 MiB; zstd's blocks expand at most 4 bytes to 128 KiB, which makes 32 MiB. What is
#: left of a step after a member is copied, so that larger ones are slow with small members.
GZIP_STEP = 16 * 1024
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
    kind = _Kind("gzip", lambda: zlib.decompressobj(wbits=31), zlib.error, GZIP_STEP, b"\0")
    return _decompress(raw, name, block_bytes, kind)


def unzstd(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress zstd data. `name` is for messages.

    Raises:
        ArgumentError: This Python cannot, and the extra `zstd` is not installed.
        DataError: The data is damaged, cut off, or followed by something else.
        LimitError: It needs more memory than usual, as `zstd --long=28` and up makes it.
    """
    return _decompress(raw, name, block_bytes, _Kind("zstd", *_zstd(name), ZSTD_STEP))


class _Kind(NamedTuple):
    """A kind of compression: what makes a decompressor of one member, and what that raises."""

    name: str
    new_member: Callable[[], Any]
    failure: type[Exception]
    step: int
    padding: bytes = b""


def _decompress(raw: Iterable[bytes], name: str, block_bytes: int, kind: _Kind) -> Iterator[bytes]:
    member = None
    # Whether a member was read to its end.
    ended = False
    taken = 0
    for data in raw:
        pieces: list[bytes] = []
        size = 0
        for start in range(0, len(data), kind.step):
            rest = data[start : start + kind.step]
            taken += len(rest)
            while rest:
                if member is None:
                    if ended and not (rest := rest.lstrip(kind.padding)):
                        break
                    member = kind.new_member()
                try:
                    text = member.decompress(rest)
                except kind.failure as error:
                    raise _failed(name, kind.name, taken - len(rest), error) from None
                pieces.append(text)
                size += len(text)
                rest = b""
                if member.eof:
                    rest, member, ended = member.unused_data, None, True
            if size >= block_bytes:
                yield b"".join(pieces)
                pieces, size = [], 0
        if size:
            yield b"".join(pieces)
    if member is not None or not taken:
        raise DataError(f"{name}: the {kind.name} data is cut off: it ends at byte {taken}")


def _failed(name: str, kind: str, at: int, error: Exception) -> DataError | LimitError:
    # Both libraries for zstd repeat these words of it. They mean the window.
    if "too much memory" in str(error):
        return LimitError(
            f"{name}: this {kind} data needs more memory than is allowed",
            hint="decompress it first, with zstd -dc --long=31",
        )
    return DataError(f"{name}: not valid {kind} data after byte {at}: {error}")


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
