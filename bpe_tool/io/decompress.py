"""Streaming decompression that detects incomplete data.

All members of a `.gz` file and all frames of a `.zst` file are read. (Here, a member is either.)
Data that ends too early, or is followed by something else, is an error. Memory is bounded at
any compression ratio.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from bpe_tool.errors import ArgumentError, DataError, LimitError

#: How many compressed bytes are decompressed at a time. Deflate expands at most 1032-fold, to
#: 16 MiB; zstd expands 4 bytes to 128 KiB at most, so this makes 32 MiB. The rest of a step after
#: the end of a member is copied, so larger steps are slow with small members.
GZIP_STEP = 16 * 1024
ZSTD_STEP = 1024

Compression: TypeAlias = Literal["gzip", "zstd"]

#: The first bytes of compressed data. No UTF-8 text starts with them.
MAGIC: dict[Compression, bytes] = {"gzip": b"\x1f\x8b\x08", "zstd": b"\x28\xb5\x2f\xfd"}


def compression(data: bytes) -> Compression | None:
    """Return how `data` is compressed, judged by its first bytes; `None` if it is not."""
    return next((kind for kind, magic in MAGIC.items() if data.startswith(magic)), None)


def gunzip(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress gzip data. `name` is its name in messages.

    NUL bytes after a member are ignored: tapes and some tools pad with them.

    Raises:
        DataError: The data is damaged, cut off, or followed by something else.
    """
    kind = _Kind("gzip", lambda: zlib.decompressobj(wbits=31), zlib.error, GZIP_STEP, b"\0")
    return _decompress(raw, name, block_bytes, kind)


def unzstd(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress zstd data. `name` is its name in messages.

    Raises:
        ArgumentError: This Python has no zstd, and the extra `zstd` is not installed.
        DataError: The data is damaged, cut off, or followed by something else.
        LimitError: It needs a window above 128 MiB, as `zstd --long=28` and above does.
    """
    return _decompress(raw, name, block_bytes, _Kind("zstd", *_zstd(name), ZSTD_STEP))


class _Kind(NamedTuple):
    """A kind of compression: how to make a decompressor of one member, and what that raises."""

    name: str
    new_member: Callable[[], Any]
    failure: type[Exception]
    step: int
    padding: bytes = b""


def _decompress(raw: Iterable[bytes], name: str, block_bytes: int, kind: _Kind) -> Iterator[bytes]:
    member = None
    # Whether any member has been read to its end.
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
    # Both libraries pass on this message of zstd. It is about the window size.
    if "too much memory" in str(error):
        return LimitError(
            f"{name}: this {kind} data needs more memory than is allowed",
            hint="decompress it first, with zstd -dc --long=31",
        )
    return DataError(f"{name}: not valid {kind} data after byte {at}: {error}")


def _zstd(name: str) -> tuple[Callable[[], Any], type[Exception]]:
    """Return how to make a decompressor of one frame, and what that raises."""
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
