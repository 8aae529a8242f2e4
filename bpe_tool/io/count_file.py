"""Files of pretoken counts: the container, whose format `bpe_tool/counts/README.md` describes.

    MAGIC, section "HEAD", sections "RECS" in order, section "DONE", the offset of "DONE", MAGIC

A section is a tag, the length of its content, a CRC-32 of all three, and the content. "HEAD" and
"DONE" hold JSON; what is in "RECS", the core knows. "DONE" has a digest of all before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bpe_tool.errors import VocabError
from bpe_tool.io import small_files
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.file_state import FileState, changed_error, naming

MAGIC = b"bpe-tool counts\n"

#: Tag, length and checksum of a section.
_SECTION = struct.Struct("<4sQI")

#: The offset of the last section, at the end of the file.
_END = struct.Struct("<Q16s")

#: The most bytes of a section with JSON.
MAX_JSON = 1 << 30


class CountFileWriter:
    """Writes a count file. The caller commits or discards `file`."""

    def __init__(self, file: AtomicFile, head: Mapping[str, object]) -> None:
        self.file = file
        self._digest = hashlib.sha256()
        self._size = 0
        self._put(MAGIC)
        self._section(b"HEAD", to_json(head))

    def write(self, block: bytes) -> None:
        """Append a block of records."""
        self._section(b"RECS", block)

    def finish(self, totals: Mapping[str, object]) -> None:
        """Append the totals and the digest."""
        end = self._size
        done = {**totals, "sha256": self._digest.hexdigest()}
        self._section(b"DONE", to_json(done))
        self._put(_END.pack(end, MAGIC))

    def _section(self, tag: bytes, content: bytes) -> None:
        self._put(_section_head(tag, content) + content)

    def _put(self, data: bytes) -> None:
        self._digest.update(data)
        self._size += len(data)
        self.file.write(data)


class CountFile:
    """A count file, opened for reading.

    Its state is remembered, not its descriptor: thousands of them can be merged. A change of the
    file is an error.

    Attributes:
        path: Where it is.
        head: The content of "HEAD".
        done: The content of "DONE".

    Raises:
        VocabError: It is no count file, or damaged; the message says where.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with small_files.opened(path) as file:
            self._state = FileState.of(file.fileno())
            if file.read(len(MAGIC)) != MAGIC:
                raise VocabError(f"{path} is not a count file")
            tail = self._state.size - _END.size
            file.seek(max(0, tail))
            end = file.read(_END.size)
            offset, magic = _END.unpack(end) if len(end) == _END.size else (0, b"")
            if magic != MAGIC or not len(MAGIC) < offset < tail:
                raise VocabError(f"{path} is cut off: it ends at byte {self._state.size}")
            self._done = offset
            file.seek(len(MAGIC))
            tag, content = self._read(file, len(MAGIC), offset)
            if tag != b"HEAD":
                raise self.damaged(len(MAGIC), "it has no header")
            self.head = self._json(len(MAGIC), content)
            self._begin = MAGIC + _section_head(tag, content) + content
            file.seek(offset)
            tag, content = self._read(file, offset, tail)
            if tag != b"DONE" or file.tell() != tail:
                raise self.damaged(offset, "it has no totals")
            self.done = self._json(offset, content)

    def damaged(self, offset: int, reason: str) -> VocabError:
        """Return the error for damage in the section at an offset."""
        return VocabError(f"{self.path}: the section at byte {offset} is damaged: {reason}")

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield the offset of each block, and the block. After the last one, check the digest."""
        digest = hashlib.sha256(self._begin)
        at = len(self._begin)
        while at < self._done:
            with naming(self.path), self.path.open("rb", buffering=0) as file:
                if FileState.of(file.fileno()) != self._state:
                    raise changed_error(self.path)
                file.seek(at)
                tag, content = self._read(file, at, self._done)
                if tag != b"RECS":
                    raise self.damaged(at, "it is not a block of records")
            digest.update(_section_head(tag, content))
            digest.update(content)
            yield at, content
            at += _SECTION.size + len(content)
        if digest.hexdigest() != self.done.get("sha256"):
            raise self.damaged(self._done, "the file's digest is another than recorded")

    def _read(self, file: Any, at: int, end: int) -> tuple[bytes, bytes]:  # noqa: ANN401
        """Read the section at an offset, which must not go beyond `end`."""
        head = _exactly(file, _SECTION.size)
        if len(head) < _SECTION.size:
            raise self.damaged(at, "it is cut off")
        tag, length, check = _SECTION.unpack(head)
        if length > end - at - _SECTION.size:
            raise self.damaged(at, "its length is out of range")
        content = _exactly(file, length)
        if len(content) < length or _checksum(tag, content) != check:
            raise self.damaged(at, "its checksum is another than recorded")
        return tag, content

    def _json(self, at: int, content: bytes) -> dict[str, Any]:
        found = None
        if len(content) <= MAX_JSON:
            try:
                found = json.loads(content)
            except (ValueError, RecursionError):
                found = None
        if not isinstance(found, dict):
            raise self.damaged(at, "it is not a JSON object")
        return found


def to_json(value: Mapping[str, object]) -> bytes:
    """Write JSON in one way only, so that equal values are equal bytes."""
    # As ASCII: names of files may hold what is not UTF-8.
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def is_count_file(path: str | os.PathLike[str]) -> bool:
    """Return whether a file that can be read begins like a count file."""
    try:
        with small_files.opened(Path(path)) as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _section_head(tag: bytes, content: bytes) -> bytes:
    return _SECTION.pack(tag, len(content), _checksum(tag, content))


def _checksum(tag: bytes, content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(tag + struct.pack("<Q", len(content))))


def _exactly(file: Any, size: int) -> bytes:  # noqa: ANN401
    """Read as many bytes, or up to the end of the file."""
    data: bytes = file.read(size)
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data
