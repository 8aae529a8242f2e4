"""Special tokens in a text to be preprocessed: found before the first step, and left alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regex import Pattern

#: How many characters of a special token are looked for first: strings are searched much faster
#: than by an expression.
PREFIX = 2


@dataclass(frozen=True)
class SpecialTokens:
    """Special tokens to be found in text.

    As in encoding, the leftmost is taken, the longest of several, and the search goes on after
    it.

    Attributes:
        texts: Their texts, none of them empty.
        whole_words: Those that count only where no word character touches them.
    """

    texts: tuple[str, ...] = ()
    whole_words: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.texts)

    def and_also(self, others: SpecialTokens) -> SpecialTokens:
        """Return these and others."""
        return SpecialTokens(
            tuple(dict.fromkeys(self.texts + others.texts)), self.whole_words | others.whole_words
        )

    def between(self, parts: Sequence[str]) -> list[str]:
        """Return the texts between these special tokens, but for empty ones.

        `parts` is what `split` returns; special tokens of others in it are text.
        """
        found = [parts[0]]
        for at in range(1, len(parts), 2):
            if parts[at] in self.texts:
                found.append(parts[at + 1])
            else:
                found[-1] += parts[at] + parts[at + 1]
        return list(filter(None, found))

    def may_occur(self, texts: Sequence[str]) -> bool:
        """Return whether one of these may be in one of the texts; seldom if none is."""
        if not self.texts:
            return False
        text = "\n".join(texts)
        return any(prefix in text for prefix in self._prefixes)

    def split(self, text: str) -> list[str]:
        """Return the parts of a text: text, special token, text, …, text.

        Joined, they are the text. Between special tokens and at the ends, text may be empty.
        """
        if not self._beginning.search(text):
            return [text]
        parts: list[str] = []
        done = 0
        for found in self._any.finditer(text):
            start, end = found.span()
            if found[0] in self.whole_words and _touches_word(text, start, end):
                continue
            parts += (text[done:start], found[0])
            done = end
        parts.append(text[done:])
        return parts

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return frozenset(text[:PREFIX] for text in self.texts)

    @cached_property
    def _beginning(self) -> re.Pattern[str]:
        # Without any special token, an expression that never matches.
        return re.compile("|".join(map(re.escape, sorted(self._prefixes))) or "(?!)")

    @cached_property
    def _any(self) -> re.Pattern[str]:
        # Of alternatives, the first one that matches is taken.
        longest_first = sorted(self.texts, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))

    def __getstate__(self) -> dict[str, object]:
        return {"texts": self.texts, "whole_words": self.whole_words}


#: No special tokens.
NONE = SpecialTokens()


def joined(parts: Sequence[str], marks: tuple[bytes, bytes]) -> bytes:
    """Return the parts of a text as one, with marks around its special tokens."""
    opening, closing = marks
    pieces: list[bytes] = []
    for index, part in enumerate(parts):
        pieces += (opening, part.encode(), closing) if index % 2 else (part.encode(),)
    return b"".join(pieces)


def _touches_word(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return _word_character().search(around) is not None


@cache
def _word_character() -> Pattern[str]:
    import regex

    # Word characters as the core has them. Those of `re` lack marks.
    return regex.compile(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]")
