"""Streaming decompression that detects incomplete data: .gz, .zst, .bz2 and .xz.

All members of a `.gz` file, frames of a `.zst` file and streams of the others are read. (Here, a
member is any of these.)
Data that ends too early, or is followed by something else, is an error. Memory is bounded at
any compression ratio.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from bpe_tool.errors import ArgumentError, DataError, LimitError
from bpe_tool.io.content import Compression

#: How many compressed bytes are decompressed at a time. Deflate expands at most 1032-fold, to
#: 16 MiB; zstd expands 4 bytes to 128 KiB at most, so this makes 32 MiB. The rest of a step after
#: the end of a member is copied, so larger steps are slow with small members.
GZIP_STEP = 16 * 1024
ZSTD_STEP = 1024
#: The others expand up to 20,000-fold.
DENSE_STEP = 1024

#: The most memory that reading an .xz file may take. `xz -9` needs 65 MiB.
XZ_MEMORY = 256 * 1024 * 1024


def decompress(
    kind: Compression, raw: Iterable[bytes], name: str, block_bytes: int
) -> Iterator[bytes]:
    """Decompress data. `name` is its name in messages.

    Raises:
        ArgumentError: This Python cannot read this kind.
        DataError: The data is damaged, cut off, or followed by something else.
        LimitError: It needs more memory than is allowed.
    """
    return _READERS[kind](raw, name, block_bytes)


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


def bunzip2(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress bzip2 data; see `decompress`."""
    import bz2

    kind = _Kind("bzip2", bz2.BZ2Decompressor, OSError, DENSE_STEP, b"\0")
    return _decompress(raw, name, block_bytes, kind)


def unxz(raw: Iterable[bytes], name: str, block_bytes: int) -> Iterator[bytes]:
    """Decompress xz data; see `decompress`. NUL bytes between streams are padding."""
    import lzma

    def new_member() -> Any:  # noqa: ANN401 - as in `_Kind`
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    kind = _Kind("xz", new_member, lzma.LZMAError, DENSE_STEP, b"\0")
    return _decompress(raw, name, block_bytes, kind)


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
    # Both libraries of zstd pass on the first message. It is about the window size.
    if "too much memory" in str(error) or "Memory usage limit" in str(error):
        how = "zstd -dc --long=31" if kind == "zstd" else "unxz"
        return LimitError(
            f"{name}: this {kind} data needs more memory than is allowed",
            hint=f"decompress it first, with {how}",
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


_READERS: dict[Compression, Callable[[Iterable[bytes], str, int], Iterator[bytes]]] = {
    "gzip": gunzip, "zstd": unzstd, "bzip2": bunzip2, "xz": unxz,
}  # fmt: skip
