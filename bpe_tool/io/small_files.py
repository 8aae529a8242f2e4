"""Small files, such as settings, lists and headers: read without trust in what they are.

What is no file would wait or never end; what is too large, too deep or says something twice
is refused before it costs anything.
"""

from __future__ import annotations

import errno
import json
import os
import re
import select
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import accumulate
from pathlib import Path

from bpe_tool.errors import DataError, LimitError
from bpe_tool.io.file_state import naming

#: Files are read up to this size if not said otherwise: many times that of any sensible one.
MAX_BYTES = 1 << 26

#: The same for TOML, which is parsed by a slower parser.
MAX_TOML_BYTES = 1 << 22

#: Objects and lists may lie in each other so deep, and dotted keys may have so many parts.
MAX_DEPTH = 64

#: How much is read at a time.
_PIECE_BYTES = 1 << 20

_BRACKETS = b"[]{}"
_NOT_SHAPE = bytes(byte for byte in range(256) if byte not in b'"' + _BRACKETS)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}

#: The parts of TOML that say how deep it goes: text is skipped.
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
        OSError: It cannot be read, or is a pipe, a device or the like.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with naming(path), os.fdopen(file, "rb") as stream:
        _check_kind(path, os.fstat(file).st_mode)
        yield stream


def read(path: Path, most: int = MAX_BYTES, *, pipes: bool = False) -> bytes:
    """Return what is in a small file.

    Args:
        path: The file.
        most: The most bytes that it may have.
        pipes: Take also what comes through a pipe that someone writes to, as the shell's
            `<(command)`: for files that a user names.

    Raises:
        LimitError: There is more.
        OSError: It cannot be read, or is no file.
    """
    with naming(path):
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            status = os.fstat(file)
            if not (pipes and stat.S_ISFIFO(status.st_mode)):
                _check_kind(path, status.st_mode)
            pieces: list[bytes] = []
            size = status.st_size
            if size <= most:
                # What the system said is no promise.
                size = 0
                for piece in _pieces(file):
                    pieces.append(piece)
                    size += len(piece)
                    if size > most:
                        break
            if size > most:
                raise LimitError(
                    f"{path}: a file of this kind has {most} bytes at most, this one more",
                    hint="check whether this is the file you mean",
                )
            if not size and stat.S_ISFIFO(status.st_mode):
                raise OSError(errno.EINVAL, "nobody writes to this pipe", str(path))
            return b"".join(pieces)
        finally:
            os.close(file)


def _pieces(file: int) -> Iterator[bytes]:
    ready = select.poll()
    ready.register(file, select.POLLIN)
    while True:
        try:
            piece = os.read(file, _PIECE_BYTES)
        except BlockingIOError:
            # The writer of a pipe has not written yet.
            ready.poll()
            continue
        if not piece:
            return
        yield piece


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"
    raise OSError(errno.EINVAL, f"this is {kind}; a file is needed here", str(path))


def parse_json(data: bytes) -> object:
    """Parse JSON in which nothing is left to taste: no key twice, no NaN, not too deep.

    Raises:
        DataError: It is not such; the message says where.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8") from None
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        # As a bracket in a text is no bracket, all escapes go, then all texts.
        shape = re.sub(rb"\\.", b"", data, flags=re.DOTALL) if b"\\" in data else data
        shape = re.sub(rb'"[^"]*+"?', b"", shape.translate(None, _NOT_SHAPE))
        _check_depth(accumulate(map(_STEPS.__getitem__, shape)))
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
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
        DataError: It is not valid, or too deep.
        LimitError: There are more than `MAX_TOML_BYTES`.
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
    """Yield how deep the text goes, at each bracket and each key of several parts."""
    depth = 0
    for match in _TOML.finditer(text):
        if match["bracket"]:
            depth += _STEPS[ord(match["bracket"])]
            yield depth
        elif match["key"] and "." in match["key"]:
            yield depth + sum(1 for _ in _TOML_PART.finditer(match["key"]))


def _check_depth(depths: Iterable[int]) -> None:
    if any(depth > MAX_DEPTH for depth in depths):
        raise DataError(f"nested too deeply: {MAX_DEPTH} levels are the most")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise DataError(f"the entry {name[:80]!r} is there twice")
            seen.add(name)
    return value


def _no_constant(name: str) -> object:
    raise DataError(f"{name} is not JSON")
