"""The words around a contraction, as the rules see them.

Texts given to this module have straight apostrophes. A token is a word in lower case (with
its inner apostrophes and hyphens), a number, a mark of punctuation, or `END`, which stands
for a blank line or the end of the text. Quotes, brackets and marks of emphasis are skipped.
Two tokens of one line, or of two lines that follow each other, are neighbours; across a
blank line nothing is seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import overload

from bpe_tool.preprocess.contractions.lexicon import PHRASES, is_adverb

END = "\n"
#: Tokens after which nothing belongs to the clause.
STOPS = frozenset({END, ".", "!", "?", ";", ":", "\u2026"})
#: Tokens that part clauses or phrases.
BREAKS = STOPS | {",", "\u2013", "\u2014", "--", "-", ")", "/"}

_ENDS = (END, END)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")

#: How many code points are looked at after a contraction, and before one. They bound the
#: work for each.
AFTER, BEFORE = 48, 40

_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\d.,]*\w*|--|[.,;:!?\u2026\u2013\u2014)/&%$-]")


def words_after(text: str, at: int) -> list[str]:
    """Return the tokens after a place, `END` last (twice)."""
    window = text[at : at + AFTER]
    if "\n" in window:
        window = _BLANK_LINE.split(window, 1)[0]
    tokens: list[str] = []
    for chunk in window.lower().split():
        tokens += _tokens(chunk)
    tokens += _ENDS
    return tokens


@lru_cache(maxsize=1 << 14)
def _tokens(chunk: str) -> tuple[str, ...]:
    """Return the tokens of a chunk without white space. Most chunks are frequent words."""
    return tuple(_TOKEN.findall(chunk))


class WordsBefore(Sequence[str]):
    """The tokens before a place, the nearest first, `END` last (twice).

    Few rules need them, so they are found when first asked for.
    """

    __slots__ = ("_at", "_found", "_text")

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at
        self._found: list[str] | None = None

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if self._found is None:
            start = max(0, self._at - BEFORE)
            window = self._text[start : self._at]
            if "\n" in window:
                last = _BLANK_LINE.split(window)[-1]
                start, window = start + len(window) - len(last), last
            found: list[str] = []
            for chunk in window.lower().split():
                found += _tokens(chunk)
            if start and found and not self._text[start - 1].isspace():
                del found[0]  # It may be half a word.
            found.reverse()
            found += _ENDS
            self._found = found
        return self._found[at]

    def __len__(self) -> int:
        return len(self[:])


_PHRASE_STARTS = frozenset(first for first, _ in PHRASES)


def skip_adverbs(words: Sequence[str], at: int = 0) -> int:
    """Return where the first word stands that is no adverb between auxiliary and verb."""
    while True:
        word = words[at]
        if word == END:
            return at
        if word in _PHRASE_STARTS and (word, words[at + 1]) in PHRASES:
            at += 2
        elif is_adverb(word):
            at += 1
        elif word == "," and (words[at + 1], words[at + 2 : at + 3]) == ("of", ["course"]):
            at += 3 + (words[at + 3] == ",")
        else:
            return at


def opens_clause(before: Sequence[str], openers: frozenset[str]) -> bool:
    """Tell whether a clause begins after the words `before`."""
    return before[0] in BREAKS or before[0] in openers
