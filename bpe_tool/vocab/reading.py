"""Reads the files of a vocabulary, as one process writes them while another replaces them."""

from __future__ import annotations

import errno
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bpe_tool import _core
from bpe_tool.errors import LimitError
from bpe_tool.io import small_files
from bpe_tool.io.file_state import FileState
from bpe_tool.vocab import kinds
from bpe_tool.vocab.kinds import Kind

#: The limit on the size of a vocabulary file. Published ones are many times smaller.
MAX_FILE_BYTES = 1 << 30

#: How often to read files that are replaced meanwhile, and how many seconds to wait in between.
ATTEMPTS = 5
PAUSE = 0.05

#: The suffix of tiktoken files, and how the names of lists of merges end.
TIKTOKEN = ".tiktoken"
MERGES = "merges.txt"


class Content(NamedTuple):
    """The content of a file, and what it looks like.

    Attributes:
        data: The content; of text, up to the first NUL, which no vocabulary file holds.
        kind: Its kind, if it looks like a vocabulary file.
    """

    data: bytes
    kind: Kind | None


def read(paths: Sequence[Path]) -> list[Content]:
    """Return the content of the files of one vocabulary. Pipes are read, too.

    Raises:
        VocabError: A file is not a vocabulary. Not all of it is read then.
        LimitError: A file is too large.
        OSError: A file cannot be read, or it keeps changing.
    """
    for _ in range(ATTEMPTS):
        # Only a regular file has a state.
        states = [FileState.of(path) if path.is_file() else None for path in paths]
        found = list(map(_content, paths))
        # Another process may have replaced them in between.
        if all(
            state is None or FileState.of(path) == state
            for path, state in zip(paths, states, strict=True)
        ):
            return found
        time.sleep(PAUSE)
    raise OSError(errno.EIO, "the file changes while it is being read", str(paths[0]))


def kind_at(path: Path) -> Kind | None:
    """Return the kind of a file, by its beginning and its name; `None` also for a pipe."""
    return _kind(path, _head(path)) if path.is_file() else None


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with small_files.opened(path) as stream:
        return stream.read(kinds.HEAD_BYTES)


def _kind(path: Path, head: bytes) -> Kind | None:
    # Whoever damages a file of these names wants to know where, not that it is none.
    if path.suffix == TIKTOKEN and not head.lstrip().startswith(b"{"):
        return "tiktoken"
    return "merges" if path.name.endswith(MERGES) else kinds.kind_of(head)


def _content(path: Path) -> Content:
    # Before its size counts: a file of weights is larger than any vocabulary.
    head = _head(path)
    kinds.check(head)
    content = io.BytesIO()
    begun = False
    # That of an empty file.
    kind = _kind(path, b"")
    # As there may be much metadata, it is looked at again only when there is twice as much.
    examined = 0
    # The weights that follow the metadata in a GGUF file are not read.
    most = sys.maxsize if head.startswith(b"GGUF") else MAX_FILE_BYTES
    for piece in small_files.pieces(path, most, pipes="wait"):
        if not begun and kinds.without_space(piece):
            begun = True
            head = head or piece[: kinds.HEAD_BYTES]
            kinds.check(head)
            kind = _kind(path, head)
            if kind is None:
                raise kinds.unknown()
        end = 0 if kind in kinds.BINARY else piece.find(b"\0") + 1
        content.write(piece[: end or None])
        if end:
            # The core will say where the NUL is.
            break
        if kind == "gguf" and content.tell() >= 2 * examined:
            examined = content.tell()
            if examined > MAX_FILE_BYTES:
                raise LimitError(f"{path}: its metadata has more than {MAX_FILE_BYTES} bytes")
            length = _core.Tokenizer.gguf_length(content.getvalue())
            if length is not None:
                content.truncate(length)
                break
    # Unlike joining pieces, this copies nothing.
    return Content(content.getvalue(), kind)
