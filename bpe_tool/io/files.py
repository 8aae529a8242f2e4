"""Finds the inputs that paths name: files, what is below directories, members of archives.

Of directories, only what looks like text is read, as by search tools: no hidden files, no binary
ones. What is named itself is read whatever its name.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bpe_tool import checks
from bpe_tool.errors import ArgumentError, BpeToolWarning
from bpe_tool.io import content
from bpe_tool.io.forms import (
    FORMAT_NAMES,
    TEXTUAL,
    Archive,
    Format,
    archive_of,
    compression_of,
    format_of,
)
from bpe_tool.io.sources import STDIN_NAME, Source
from bpe_tool.io.temporaries import is_temporary, refuse_temporary
from bpe_tool.io.text import Refused, TextSource
from bpe_tool.io.unfinished import refuse_unfinished

if TYPE_CHECKING:
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.ignored import Ignored

#: What standard input is called on a command line.
STDIN = "-"

#: Why tables are left out of what is below directories: their column of text is not known.
TABLES = frozenset(name for format, name in FORMAT_NAMES.items() if format not in TEXTUAL)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which files are read as text, and how.

    Attributes:
        refused: What is refused if it is named itself; see `Refused`.
        hidden: Whether files and directories are read whose names begin with a dot.
        binary: Whether binary files are read, as they are.
        gitignore: Whether the files are left out that `.gitignore` files exclude.
        format: The format of all files, whatever their names.
        tables: Whether Parquet and Arrow files are read: a column of theirs is known.
        nul: Whether NUL bytes are no sign of a binary file: they end records.
    """

    refused: Refused = "known"
    hidden: bool = False
    binary: bool = False
    gitignore: bool = False
    format: Format | None = None
    tables: bool = False
    nul: bool = False


def selection_of(unit: Unit, *, binary: bool, refused: Refused = "known") -> Selection:
    """Return which files are read for documents of a kind, by a function of the library.

    Raises:
        ArgumentTypeError: `binary` is no flag.
    """
    return Selection(
        refused=refused,
        binary=checks.flag("binary", binary),
        tables=unit.column is not None or unit.field is not None,
        nul=b"\0" in (unit.terminator or b""),
    )


@dataclass
class Tally:
    """What became of the files below directories and in archives.

    Attributes:
        read: How many files are read, by what they are.
        left: How many are left out, by the reason.
        walked: Whether there was a directory, a glob or an archive.
    """

    read: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    walked: bool = False


def expand(
    paths: Sequence[str], selection: Selection | None = None, tally: Tally | None = None
) -> list[Source]:
    """Return the inputs that `paths` name, in order.

    A path is one of these:

    - a file;
    - a directory, which stands for all files below it, in byte order of their paths; links to
      directories are not followed;
    - a glob, which stands for the files it matches, in the same order;
    - `-`, which stands for standard input, as does an empty list of paths.

    Temporary files of this package are left out. Pipes, sockets and devices are read only if
    they are named themselves; otherwise they are left out, with a warning.

    Args:
        paths: The paths.
        selection: What is read of directories and archives, as text. Without it, all files are
            read, as bytes: archives as what they are.
        tally: Counts what is read and what is left out.

    Raises:
        ArgumentError: Standard input is named twice; a file needs a column, or a package that is
            not installed.
        DataError: A path is a temporary file of this package, an archive is damaged, or a
            directory holds an incomplete set of shards.
        OSError: A path does not exist, cannot be read, or contains no file that is read.
    """
    if paths.count(STDIN) > 1:
        raise ArgumentError("standard input can be read only once", hint="name `-` once")
    finder = _Finder(selection, tally or Tally())
    sources: list[Source] = []
    for path in paths or [STDIN]:
        sources += [finder.standard_input()] if path == STDIN else finder.found(path)
    return sources


class _Finder:
    """Finds the files that one path after another names."""

    def __init__(self, selection: Selection | None, tally: Tally) -> None:
        self._selection = selection
        self._tally = tally

    def standard_input(self) -> Source:
        """Return standard input as a source."""
        size = _size(sys.stdin)
        if self._selection is None:
            return Source(STDIN_NAME, None, size)
        format = self._selection.format or "text"
        return self._of_format(TextSource(STDIN_NAME, None, size), format)

    def found(self, path: str) -> list[Source]:
        """Return the inputs that one path names."""
        left = self._tally.left.total()
        sources: list[Source] = []
        for file, top in self._files(path):
            named = top is None
            place = file.name if top is None else str(file.relative_to(top))
            archive = archive_of(file.name) if self._selection is not None else None
            if archive is not None and self._format(file.name) == "text":
                sources += self._members(file, archive, place)
            elif named or self._is_read(file.name, partial(_head, file)):
                sources.append(self._source(file, place, named=named))
        if not sources:
            raise FileNotFoundError(
                errno.ENOENT, self._nothing(path, self._tally.left.total() > left), path
            )
        return sources

    def _nothing(self, path: str, left: bool) -> str:
        if left:
            tables = "; the tables are read if their column of text is named"
            return (
                f"there is nothing to read: left out are {said(self._tally.left)}"
                f"{tables if TABLES & set(self._tally.left) else ''}"
            )
        if archive_of(path) is not None:
            return "there is no file in this archive"
        return "there is no file in this directory" if Path(path).is_dir() else "no file matches"

    def _files(self, path: str) -> list[tuple[Path, Path | None]]:
        """Return the files that a path stands for, and what each is below if it is not named."""
        hidden = self._selection is None or self._selection.hidden
        try:
            Path(path).stat()
            refuse_temporary(Path(path))
            found = [path]
        except FileNotFoundError:
            if not glob.has_magic(path):
                raise
            # Path.glob takes no absolute patterns.
            matches = glob.glob(path, recursive=True, include_hidden=hidden)  # noqa: PTH207
            found = [each for each in matches if not any(map(is_temporary, Path(each).parts))]
        files: dict[Path, Path | None] = {}
        for each in found:
            if Path(each).is_dir():
                self._tally.walked = True
                below = filter(_is_file, self._below(each))
                files.update(dict.fromkeys(below, Path(each)))
            elif each == path:
                files[Path(each)] = None
            elif _is_file(Path(each)):
                self._tally.walked = True
                files[Path(each)] = Path(each).parent
        return sorted(files.items(), key=lambda item: os.fsencode(item[0]))

    def _below(self, directory: str) -> Iterator[Path]:
        def fail(error: OSError) -> None:
            raise error

        ignored: Ignored | None = None
        if self._selection is not None and self._selection.gitignore:
            from bpe_tool.io.ignored import Ignored

            ignored = Ignored(Path(directory))
        for folder, below, names in os.walk(directory, onerror=fail):
            refuse_unfinished(Path(folder), [*below, *names])
            below[:] = self._visible(below, Path(folder), ignored, directories=True)
            names[:] = self._visible(names, Path(folder), ignored, directories=False)
            if self._selection is not None:
                from bpe_tool.io.saved_datasets import data_files

                names = data_files(Path(folder), names)
            yield from (Path(folder, name) for name in names)

    def _visible(
        self, names: list[str], folder: Path, ignored: Ignored | None, *, directories: bool
    ) -> list[str]:
        """Return the names in a directory that are neither hidden, ignored nor temporary."""
        kept = [name for name in names if not is_temporary(name)]
        if self._selection is None:
            return kept
        if not self._selection.hidden:
            shown = [name for name in kept if not name.startswith(".")]
            self._leave("hidden", len(kept) - len(shown))
            kept = shown
        if ignored is not None:
            shown = [
                name for name in kept if not ignored.is_ignored(folder, name, is_dir=directories)
            ]
            self._leave("ignored", len(kept) - len(shown))
            kept = shown
        return kept

    def _members(self, path: Path, archive: Archive, place: str) -> Iterator[Source]:
        """Yield the files in an archive."""
        from bpe_tool.io.archives import members

        self._tally.walked = True
        assert self._selection is not None
        for listed in members(path, archive):
            parts = set(Path(listed.name).parts) - {".."}
            hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
            if hidden and not self._selection.hidden:
                self._leave("hidden")
            elif archive_of(listed.name) is not None:
                self._leave("archives in archives")
            elif self._is_read(listed.name, partial(bytes, listed.head)):
                name = f"{path}:{listed.name}"
                inside = f"{place}/{listed.name}"
                source = TextSource(name, path, listed.size, listed.member, inside)
                yield self._chosen(source, self._format(listed.name), named=False)

    def _is_read(self, name: str, head: Callable[[], bytes]) -> bool:
        """Return whether to read a file that was found, by its name and its first bytes."""
        if self._selection is None or self._selection.binary:
            return True
        format = self._format(name)
        if format not in TEXTUAL:
            if not self._selection.tables:
                self._leave(FORMAT_NAMES[format])
            return self._selection.tables
        # What is compressed is examined when it is read.
        if compression_of(name) is not None:
            return True
        first = head()
        found = content.recognized(first, letters=not self._selection.nul)
        if found is None and content.encoding_of(first) is not None:
            return True
        if found is not None or (not self._selection.nul and content.holds_nul(first)):
            self._leave("binary" if found is None else f"binary ({found.name})")
            return False
        return True

    def _leave(self, reason: str, count: int = 1) -> None:
        if count:
            self._tally.left[reason] += count

    def _source(self, path: Path, place: str, *, named: bool) -> Source:
        status = path.stat()
        # Fail now, not after an hour of work on the files before it.
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        if self._selection is None:
            return Source(str(path), path, size)
        source = TextSource(str(path), path, size, place=place)
        return self._chosen(source, self._format(path.name), named=named)

    def _chosen(self, source: TextSource, format: Format, *, named: bool) -> Source:
        if not named:
            self._tally.read[FORMAT_NAMES[format]] += 1
        return self._of_format(source, format)

    def _of_format(self, source: TextSource, format: Format) -> Source:
        assert self._selection is not None
        refused: Refused = "certain" if self._selection.nul else self._selection.refused
        if self._selection.binary:
            refused = "none"
        source = replace(source, refused=refused)
        if format == "text":
            return source
        from bpe_tool.io.tables import RecordSource

        return RecordSource(**vars(source), format=format)

    def _format(self, name: str) -> Format:
        assert self._selection is not None
        return self._selection.format or format_of(name)


def said(counts: Mapping[str, int]) -> str:
    """Return counts as a text: `2 hidden, 1 binary`."""
    return ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(content.HEAD_BYTES)


def _is_file(path: Path) -> bool:
    """Return whether to read a path that was found, not named: only if it is a regular file.

    A pipe or a socket could wait for ever. A file that is gone raises when it is read.
    """
    try:
        status = path.stat()
    except OSError:
        return True
    if not stat.S_ISREG(status.st_mode):
        warnings.warn(
            f"{path} is left out: it is not a regular file, and is read only if it is named itself",
            BpeToolWarning,
            stacklevel=2,
        )
        return False
    return True


def _size(stream: object) -> int | None:
    """Return the number of bytes left in a stream that is a file, as in `tool < file`."""
    try:
        file = stream.fileno()  # type: ignore[attr-defined]
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        return max(0, status.st_size - os.lseek(file, 0, os.SEEK_CUR))
    except (AttributeError, OSError):
        return None
