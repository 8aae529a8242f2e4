"""Stopword lists: those that come with this package, and users' files.

A list is a text file in UTF-8 with one word a line. `#` starts a comment. The lists of this
package start with the comments `# name:`, `# version:`, `# language:` and `# source:`. After a
line `[negation]` come the words that negate, which are kept by default. An entry that ends with
an apostrophe is an elided word, such as `l'` in `l'homme`.
"""

from __future__ import annotations

import hashlib
import re
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from bpe_tool.errors import ArgumentError
from bpe_tool.io import small_files
from bpe_tool.preprocess.languages import name_of
from bpe_tool.preprocess.word_spans import fold, is_word, run_pattern

_FIELD = re.compile(r"# (name|version|language|source): *(.*)")


class StopwordList(NamedTuple):
    """A parsed list.

    Attributes:
        name: Its name; for a user's file, the path.
        version: Changes when the words change; empty for a user's file.
        language: The code of its language; empty if the file does not say.
        words: All words, folded, including those that negate.
        negation: The words that negate.
    """

    name: str
    version: str
    language: str
    words: frozenset[str]
    negation: frozenset[str]

    def digest(self) -> str:
        """Return the SHA-256 of the words, in hexadecimal, independent of order and comments."""
        lines = [*sorted(self.words - self.negation), "[negation]", *sorted(self.negation)]
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1)
def stopword_lists() -> tuple[str, ...]:
    """Return the names of the lists that come with this package."""
    folder = files("bpe_tool.preprocess") / "lists"
    return tuple(sorted(file.name[:-4] for file in folder.iterdir() if file.name.endswith(".txt")))


def load_stopwords(name: str) -> StopwordList:
    """Return a list by its name, by the code of its language, or from a file.

    Args:
        name: A name, a code, or a path, which has a dot or a slash in it.

    Raises:
        ArgumentError: If there is no list of this name, or a line is not one word.
        OSError: If the file cannot be read.
    """
    if "/" in name or "\\" in name or "." in name:
        return _parse(name, small_files.read(Path(name), pipes=True))
    known = name_of(name)
    if known not in stopword_lists():
        near = get_close_matches(known, stopword_lists(), 1)
        raise ArgumentError(
            f"there is no stopword list {name!r}",
            hint=(f"did you mean {near[0]!r}? " if near else "")
            + f"there are {', '.join(stopword_lists())}; a file needs a `.` or `/` in its name",
        )
    return _bundled(known)


def as_entry(text: str) -> str:
    """Return one word folded, with the apostrophe if it is elided; `""` if it is not one word."""
    entry = fold(text.strip())
    word = entry.removesuffix("'")
    return entry if run_pattern().fullmatch(word) and is_word(word) else ""


@lru_cache(maxsize=64)
def _bundled(name: str) -> StopwordList:
    return _parse(name, (files("bpe_tool.preprocess") / "lists" / f"{name}.txt").read_bytes())


def _parse(name: str, data: bytes) -> StopwordList:
    fields: dict[str, str] = {}
    words: set[str] = set()
    negation: set[str] = set()
    section = words
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            line = raw.decode().strip()
        except UnicodeDecodeError as error:
            raise ArgumentError(
                f"{name}:{number}: byte {error.start + 1} of the line is not UTF-8",
                hint="save the list as UTF-8",
            ) from None
        if field := _FIELD.match(line):
            fields.setdefault(field[1], field[2])
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        if entry == "[negation]":
            section = negation
        elif word := as_entry(entry):
            section.add(word)
        else:
            raise ArgumentError(
                f"{name}:{number}: {entry!r} is not one word",
                hint="write one word a line, of letters and perhaps apostrophes",
            )
    return StopwordList(
        name,
        fields.get("version", ""),
        fields.get("language", ""),
        frozenset(words | negation),
        frozenset(negation),
    )
