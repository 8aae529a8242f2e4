"""Reads files that are held as a whole, such as settings and word lists, without trusting them.

A pipe or a device is refused: reading it could wait for ever, or never end. A file that is too
large or nested too deeply, or that repeats a key, is refused before it takes memory or time.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import accumulate
from pathlib import Path
from typing import Literal

from bpe_tool.errors import DataError, LimitError
from bpe_tool.io.file_state import naming
from bpe_tool.runtime import system

#: The default limit on the size of a file, in bytes: many times that of any sensible one.
MAX_BYTES = 1 << 26

#: The limit for TOML, whose parser is slower.
MAX_TOML_BYTES = 1 << 22

#: The limit on the nesting of objects and lists, and on the parts of a dotted key.
MAX_DEPTH = 64

#: How many bytes are read at a time.
PIECE_BYTES = 1 << 20

_BRACKETS = b"[]{}"
_NOT_SHAPE = bytes(byte for byte in range(256) if byte not in b'"' + _BRACKETS)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}

#: The parts of TOML that decide the nesting. Strings and comments are matched to be skipped.
_TOML_STRING = r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"*|\'\'\'.*?(?:\'\'\'+|\Z)'
_TOML_KEY = r'(?:"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|[A-Za-z0-9_-]++)'
_TOML = re.compile(
    rf"#[^\n]*+|{_TOML_STRING}|(?P<key>{_TOML_KEY}(?:[ \t]*+\.[ \t]*+{_TOML_KEY})*+)"
    r"|(?P<bracket>[\[\]{}])",
    re.DOTALL,
)
_TOML_PART = re.compile(_TOML_KEY, re.DOTALL)


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """Open a file for reading, as long as the context lasts; never wait for it.

    Raises:
        OSError: It cannot be read, or it is a directory, a pipe, a device or a socket.
    """
    with naming(path), os.fdopen(_open(path), "rb") as stream:
        _check_kind(path, os.fstat(stream.fileno()).st_mode)
        yield stream


def read(path: Path, most: int = MAX_BYTES, *, pipes: bool = False) -> bytes:
    """Return the content of a small file.

    Args:
        path: The file.
        most: The limit on its size in bytes.
        pipes: Whether a pipe is read, too, if it has a writer, such as the shell's
            `<(command)`. For files that a user names.

    Raises:
        LimitError: It is larger.
        OSError: It cannot be read, or is not a file.
    """
    return b"".join(pieces(path, most, pipes="ready" if pipes else "refuse"))


def pieces(
    path: Path, most: int, *, pipes: Literal["refuse", "ready", "wait"] = "refuse"
) -> Iterator[bytes]:
    """Yield the content of a file, about `PIECE_BYTES` at a time.

    Args:
        path: The file.
        most: The limit on its size in bytes.
        pipes: What to do with a pipe: refuse it, read it if it has a writer, or wait for one.

    Raises:
        LimitError: It is larger.
        OSError: It cannot be read, or is not a file.
    """
    with naming(path):
        waits = pipes == "wait" and path.is_fifo()
        file = _open(path, waits=waits)
        try:
            status = os.fstat(file)
            if pipes == "refuse" or not stat.S_ISFIFO(status.st_mode):
                _check_kind(path, status.st_mode)
            # The size that the system tells is only a first hint: a file can grow.
            size = 0
            while max(size, status.st_size) <= most and (piece := _read_piece(file)):
                size += len(piece)
                if size <= most:
                    yield piece
            if max(size, status.st_size) > most:
                raise LimitError(
                    f"{path}: it has more than {most} bytes, the limit for such a file",
                    hint="check whether this is the file you mean",
                )
            if not size and not waits and stat.S_ISFIFO(status.st_mode):
                raise OSError(errno.EINVAL, "this pipe has no writer", str(path))
        finally:
            os.close(file)


def _open(path: Path, *, waits: bool = False) -> int:
    return os.open(path, system.READ if waits else system.READ_AT_ONCE)


def _read_piece(file: int) -> bytes:
    while True:
        try:
            return os.read(file, PIECE_BYTES)
        except BlockingIOError:
            # The writer of a pipe has not written yet.
            system.is_readable(file, wait=True)


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"
    raise OSError(errno.EINVAL, f"this is {kind}; a file is needed here", str(path))


def parse_json(data: bytes) -> object:
    """Parse JSON strictly: without repeated keys, NaN, or nesting beyond `MAX_DEPTH`.

    Nor with halves of characters. The library's parser would take all of these; its recursion ends
    in a `RecursionError`.

    Raises:
        DataError: It is not valid. The message says where.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8") from None
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        # Brackets within strings do not count: remove all escapes, then all strings.
        shape = re.sub(rb"\\.", b"", data, flags=re.DOTALL) if b"\\" in data else data
        shape = re.sub(rb'"[^"]*+"?', b"", shape.translate(None, _NOT_SHAPE))
        _check_depth(accumulate(map(_STEPS.__getitem__, shape)))
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        raise DataError("an escape \\uD800 to \\uDFFF is only half of a character") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise DataError(f"not valid JSON: {error.msg}: {where}") from None
    except DataError:
        raise
    except ValueError:
        raise DataError("a number is too long") from None


def parse_toml(data: bytes) -> dict[str, object]:
    """Parse TOML.

    Raises:
        DataError: It is not valid, or nested beyond `MAX_DEPTH`.
        LimitError: It has more than `MAX_TOML_BYTES`.
    """
    import tomllib

    if len(data) > MAX_TOML_BYTES:
        raise LimitError(f"TOML is read up to {MAX_TOML_BYTES} bytes", hint="write JSON instead")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8") from None
    _check_depth(_toml_depths(text))
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise DataError(f"not valid TOML: {error}") from None


def _toml_depths(text: str) -> Iterator[int]:
    """Yield the nesting depth at each bracket and at each dotted key."""
    depth = 0
    for match in _TOML.finditer(text):
        if match["bracket"]:
            depth += _STEPS[ord(match["bracket"])]
            yield depth
        elif match["key"] and "." in match["key"]:
            yield depth + sum(1 for _ in _TOML_PART.finditer(match["key"]))


def _check_depth(depths: Iterable[int]) -> None:
    if any(depth > MAX_DEPTH for depth in depths):
        raise DataError(f"nested more than {MAX_DEPTH} levels deep")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise DataError(f"the entry {name[:80]!r} occurs twice")
            seen.add(name)
    return value


def _no_constant(name: str) -> object:
    raise DataError(f"{name} is not JSON")
