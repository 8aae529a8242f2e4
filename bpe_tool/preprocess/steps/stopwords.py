"""Removes words that carry little meaning: `the`, `of`, `is`; but not `not`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from bpe_tool.checks import strings
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import ChunkwiseStep, Step, applied
from bpe_tool.preprocess.steps.stopword_lists import StopwordList, as_entry, load_stopwords
from bpe_tool.preprocess.word_spans import Memo, fold, is_word, run_pattern

#: Blanks are white space other than these.
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_BLANKS = re.compile(rf"[^\S{_LINE_ENDS}]+")
_ODD_SPACE = re.compile(r"\s(?!\Z)|[^\S\r]")

#: Stands for a removed word that shares its chunk with other text. It is a noncharacter; a text
#: that holds it anyway is processed the slower way.
_GAP = "\ufdd0"
_GAP_WITH_SPACE = re.compile(rf"(?<=\S) {_GAP}|{_GAP} ?")


#: Words that are often names if they are in capitals. Those of two letters always may be.
_ACRONYMS = frozenset(("bis", "its", "man", "var", "who"))
#: Shorter words in capitals may be names, so they do not show that a line is in capitals:
#: `US, EU and UK`.
_SHOUTED = 4


class _ContextError(Exception):
    """The result for a chunk depends on the text around it: white space, or capitals."""


@dataclass(frozen=True, kw_only=True)
class RemoveStopwords(ChunkwiseStep):
    """Remove the words of lists.

    A word is a run of letters and marks, perhaps with apostrophes inside. Case, the kind of
    apostrophe, decomposed letters and the vowel points of Arabic and Hebrew do not matter.
    Parts of something longer stay: `state-of-the-art`, `and/or`, `the.org`. An elided word is
    removed alone: `l'homme` becomes `homme`.

    A word of two letters in capitals is not a stopword (`US`, `IT`, `AM`), nor are `WHO` and a
    few more, unless the whole line is in capitals and has longer words.

    A removed word takes the blanks before it along. At the start of a line, or right after
    something else, it takes those after it: `The cat, and the dog` becomes `cat, dog`, and
    `(the cat)` becomes `(cat)`. No line end is removed.

    Text without spaces between words, as Chinese is written, must be segmented first: the list
    `chinese` finds words with spaces around (`我 的 书`), and nothing in `我的书`.

    Args:
        lists: Names of lists or of languages (`stopword_lists()` returns all), or paths of files
            with one word a line.
        keep_negation: Whether to keep the words that negate (`not`, `never`, `without`,
            `don't`). A list says itself which these are; for a file that does not, they are
            those of `english`.
        keep: More words to keep, in upper or lower case.
        extra: More words to remove, even if they negate. `keep` takes precedence.

    Raises:
        ArgumentError: If a list is unknown or not well-formed, or an entry is not a word.
        OSError: If a file cannot be read.
    """

    name: ClassVar[str] = "remove_stopwords"
    by_line = True

    lists: tuple[str, ...] = ("english-small",)
    keep_negation: bool = True
    keep: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.lists, str):
            raise ArgumentError(
                f"is one string, {self.lists!r}",
                parameter="lists",
                hint=f"pass a tuple: ({self.lists!r},)",
            )
        super().__post_init__()
        _ = self.removed  # reads the files, and refuses what is wrong with them

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each removed word; the rule is the name of its list."""
        edits: list[Edit] = []
        done = 0
        shouting = _Shouting(text, self._kept)
        for run in run_pattern().finditer(text):
            length, source, may_be_name = self._words[run[0]]
            if not length or (may_be_name and not shouting.at(run.start())):
                continue
            start, end = run.start(), run.start() + length
            if end == run.end():
                start, end = _with_blanks(text, start, end, done)
            edits.append(Edit(start, end, "", source))
            done = end
        return edits

    def apply(self, text: str) -> str:
        """Return the text without the words."""
        if _GAP in text:
            return super().apply(text)
        if "\n" not in text:
            return self._apply_to_line(text)
        return "\n".join([line and self._apply_to_line(line) for line in text.split("\n")])

    def chunk(self, chunk: str) -> str | None:
        """Return the result for one chunk."""
        if chunk.isascii() and chunk.isalpha():
            if chunk.lower() not in self.removed:
                return chunk
            return None if self._words[chunk][2] else ""
        if _GAP in chunk:
            return None
        try:
            left = self._chunks[chunk]
        except _ContextError:
            return None
        if left is None:
            return ""
        # A removed word takes a space along. If other text stays, that space is outside the chunk.
        return None if _GAP in left else left

    def removed_words(self, text: str) -> Counter[tuple[str, str]]:
        """Count the words that would be removed, by name of the list and folded word."""
        return Counter(
            (edit.rule, fold(text[edit.start : edit.end].strip())) for edit in self.edits(text)
        )

    def unreachable(self, before: Sequence[Step]) -> dict[str, str]:
        """Return the words that can never match after other steps, and the step that is why.

        For example, `don't` cannot match once the punctuation is removed. Each word is tried on
        the steps by itself.

        Args:
            before: The steps that come before this one, in order.
        """
        found: dict[str, str] = {}
        for word in sorted(self.removed):
            # An elided word needs a word after it.
            elided = word.endswith("'")
            text = f"{word}x" if elided else word
            for step in before:
                text = step.apply(text)
                if (fold(text) if not elided else fold(text)[: len(word)]) != word:
                    found[word] = step.name
                    break
        return found

    def data_digests(self) -> dict[str, str]:
        """Return the SHA-256 of each list as parsed, by name and version."""
        return {
            f"{each.name}@{each.version}" if each.version else each.name: each.digest()
            for each in self._loaded
        }

    @cached_property
    def removed(self) -> dict[str, str]:
        """The words that are removed, folded, and the list that has each (or `extra`)."""
        removed: dict[str, str] = {}
        for each in reversed(self._loaded):
            removed |= dict.fromkeys(each.words, each.name)
        if self.keep_negation:
            for each in self._loaded:
                guard = each if each.negation else load_stopwords("english")
                for word in guard.negation:
                    removed.pop(word, None)
        removed |= dict.fromkeys(_entries("extra", self.extra), "extra")
        for word in _entries("keep", self.keep):
            removed.pop(word, None)
        return removed

    @cached_property
    def _loaded(self) -> list[StopwordList]:
        return [load_stopwords(name) for name in self.lists]

    @cached_property
    def _words(self) -> Memo[tuple[int, str, bool]]:
        """How much is removed at the start of a run, by which list, and if it may be a name."""

        def look_up(run: str) -> tuple[int, str, bool]:
            if not is_word(run):
                return 0, "", False
            length, source, rest = 0, "", fold(run)
            same = len(rest) == len(run)
            while rest:
                if rest in self.removed:
                    name = self.removed[rest] != "extra" and _like_name(run[length:], rest)
                    if name and length and not run.isupper():
                        break
                    return len(run), source or self.removed[rest], name
                head, apostrophe, tail = rest.partition("'")
                if not (same and apostrophe and head + "'" in self.removed):
                    break
                source = source or self.removed[head + "'"]
                length += len(head) + 1
                rest = tail
            return length, source, False

        return Memo(look_up)

    def _kept(self, run: str) -> str:
        """Return the part of a run that stays."""
        return run[self._words[run][0] :]

    @cached_property
    def _chunks(self) -> Memo[str | None]:
        """The results for chunks; None if nothing is left."""
        words = self._words

        def remove(run: re.Match[str]) -> str:
            length, _, may_be_name = words[run[0]]
            if may_be_name:
                raise _ContextError
            return _GAP if length == len(run[0]) else run[0][length:]

        def remove_chunk(chunk: str) -> str | None:
            if _ODD_SPACE.search(chunk):
                raise _ContextError
            left = run_pattern().sub(remove, chunk)
            return None if left == _GAP else left

        return Memo(remove_chunk)

    def _apply_to_line(self, line: str) -> str:
        chunks = line.lstrip(" ").split(" ")
        try:
            # Dropping a chunk drops one space, which is a whole run only if all are single. A
            # carriage return may only stand at the end of the line.
            if "" in chunks[:-1] or 0 <= line.find("\r") < len(line) - 1:
                raise _ContextError
            left = [chunk for chunk in map(self._chunks.__getitem__, chunks) if chunk is not None]
        except _ContextError:
            return super().apply(line)
        joined = " ".join(left)
        if _GAP in joined:
            joined = _GAP_WITH_SPACE.sub("", joined)
        indent = len(line) - len(line.lstrip(" "))
        return " " * indent + joined if indent else joined


class _Shouting:
    """Tells whether a line is all in capitals, by the words that stay."""

    def __init__(self, text: str, kept: Callable[[str], str]) -> None:
        self._text = text
        self._kept = kept
        self._end = 0
        self._found = False

    def at(self, offset: int) -> bool:
        """Return whether the line around an offset is. Offsets must come in order."""
        if offset >= self._end:
            start = self._text.rfind("\n", 0, offset) + 1
            end = self._text.find("\n", offset)
            self._end = end if end >= 0 else len(self._text)
            kept = [
                self._kept(run[0]) for run in run_pattern().finditer(self._text, start, self._end)
            ]
            self._found = all(word == word.upper() for word in kept) and any(
                len(word) >= _SHOUTED and word.isupper() for word in kept
            )
        return self._found


def _like_name(word: str, folded: str) -> bool:
    return word.isupper() and word.isalpha() and (len(word) == 2 or folded in _ACRONYMS)


def remove_stopwords(
    text: str,
    *,
    lists: Iterable[str] = ("english-small",),
    keep_negation: bool = True,
    keep: Iterable[str] = (),
    extra: Iterable[str] = (),
) -> str:
    """Remove the words of lists from a text; see `RemoveStopwords`."""
    names = (lists,) if isinstance(lists, str) else strings("lists", lists)
    return applied(
        RemoveStopwords, text, names, keep_negation, strings("keep", keep), strings("extra", extra)
    )


def _entries(option: str, words: tuple[str, ...]) -> list[str]:
    entries = []
    for word in words:
        entry = as_entry(word)
        if not entry:
            raise ArgumentError(
                f"contains {word!r}, which is not one word",
                parameter=option,
                hint="pass words of letters and perhaps apostrophes",
            )
        entries.append(entry)
    return entries


def _with_blanks(text: str, start: int, end: int, done: int) -> tuple[int, int]:
    """Widen a span by the blanks before it, or by those after it."""
    before = start
    while before > done and text[before - 1].isspace() and text[before - 1] not in _LINE_ENDS:
        before -= 1
    if 0 < before < start and not text[before - 1].isspace():
        return before, end
    after = _BLANKS.match(text, end)
    return start, after.end() if after else end
