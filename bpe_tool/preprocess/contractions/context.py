"""The words around a contraction, as the rules see them.

Texts given to this module have straight apostrophes. A token is a word in lower case (with
its inner apostrophes and hyphens), a number, a mark of punctuation, or `END`, which stands
for a blank line or the end of the text. Quotes, brackets and marks of emphasis are skipped.
Two tokens of one line, or of two lines that follow each other, are neighbours; across a
blank line nothing is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import overload

from bpe_tool.preprocess.contractions.lexicon import PHRASES, is_adverb

END = "\n"
#: Tokens after which nothing belongs to the clause.
STOPS = frozenset({END, ".", "!", "?", ";", ":", "\u2026"})
#: Tokens that part clauses or phrases.
BREAKS = STOPS | {",", "\u2013", "\u2014", "--", "-", ")", "/"}

#: How many code points are looked at after a contraction, and before one. They bound the
#: work for each.
AFTER, BEFORE = 64, 40

_TOKEN = re.compile(
    r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d[\d.,]*\w*|\n[^\S\n]*\n|--|[.,;:!?\u2026\u2013\u2014)/&%$-]"
)


class Words(Sequence[str]):
    """Tokens, found as far as they are asked for, with `END` last (twice).

    Args:
        matches: Where the tokens are.
    """

    __slots__ = ("_found", "_matches")

    def __init__(self, matches: Iterator[re.Match[str]]) -> None:
        self._matches: Iterator[re.Match[str]] | None = matches
        self._found: list[str] = []

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        found = self._found
        if self._matches is not None:
            last = at.stop if isinstance(at, slice) else at
            need = 1 << 30 if last is None or last < 0 else last + 1
            while len(found) < need and self._matches is not None:
                match = next(self._matches, None)
                token = END if match is None else match[0]
                if token[0] == END:
                    self._matches = None
                    found += (END, END)
                else:
                    found.append(token.lower())
        return found[at]

    def __len__(self) -> int:
        return len(self[:])


def words_after(text: str, at: int) -> Words:
    """Return the tokens after a place."""
    return Words(_TOKEN.finditer(text, at, at + AFTER))


def words_before(text: str, at: int) -> Words:
    """Return the tokens before a place, the nearest first."""
    return Words(_backwards(text, at))


def _backwards(text: str, at: int) -> Iterator[re.Match[str]]:
    start = max(0, at - BEFORE)
    matches = list(_TOKEN.finditer(text, start, at))
    if start and matches:
        del matches[0]  # It may be half a word.
    yield from reversed(matches)


def skip_adverbs(words: Sequence[str], at: int = 0) -> int:
    """Return where the first word stands that is no adverb between auxiliary and verb."""
    while True:
        word = words[at]
        if word == END:
            return at
        if (word, words[at + 1]) in PHRASES:
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
