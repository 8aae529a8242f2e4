"""Finds phrases in text, at about the same cost for any number of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

# White space inside a phrase: blanks, or one line end with the blanks around it.
_GAP = r"(?:[ \t]{1,30}(?:\r?\n[ \t]{0,30})?|\r?\n[ \t]{0,30})"

# No phrase begins right after or ends right before these: file names, code, parts of words.
_BEGIN = re.compile(r"(?<![\w'’\-/\\@#$&=.%+~<])")
_END = r"(?![\w'’\-/\\@#$=%+~(<_]|[.:]\w|[ \t]*=)"

_COMMON_WORDS = """
the of a to and in is or for that as by it be an with on are this at from not was if his have
can which but he they were has you one so any all their its these those my your our her no will
there been more other when some such out she we who what them into than then had do may being
each also up now under use used name time part made make makes making having most give given
gives giving take takes taken taking said number point order way small large great place through
both different every off back good white black new set state action well same first two many
much over after before between where while how why about only own himself without general means
certain often call called line form put show shown see get sum end work right left long short
day go come comes coming life man men people thing things case fact provide provides provided
"""
# Words that are too common to be good keys, the most common first.
_COMMON = {word: rank for rank, word in enumerate(_COMMON_WORDS.split())}

# Letters become lower case, everything but ASCII letters a space.
_LETTERS = bytes(code | 32 if 65 <= code <= 90 or 97 <= code <= 122 else 32 for code in range(256))

_CHUNK = 1024
# Enough on either side of a chunk for a gap and the neighbour of a key.
_MARGIN = 128
# How far before its key a phrase may begin, and how far after it may end.
_REACH = 1024


# The rarest word of some phrases, and the phrases by the words that they have before it.
_Phrases: TypeAlias = tuple[str, dict[tuple[str, ...], list[str]]]


class PhraseFinder:
    """Finds where phrases occur, in upper or lower case.

    Each phrase has a key: the word that is probably the rarest, with one neighbour if there is
    one. Text is split into words with fast methods of `bytes` and `set`, and only chunks that
    hold a key are searched.

    Args:
        phrases: The phrases to find: in lower case, with single spaces.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._singles: dict[bytes, _Phrases] = {}
        self._pairs: dict[tuple[bytes, bytes], _Phrases] = {}
        self._keyless: list[str] = []
        self._patterns: dict[str, re.Pattern[str]] = {}
        for phrase in phrases:
            words = phrase.split(" ")
            parts = [(number, part) for number, word in enumerate(words) for part in _letters(word)]
            if not parts:
                self._keyless.append(phrase)
                continue
            index = max(range(len(parts)), key=lambda index: _rarity(parts[index][1]))
            number, rarest = parts[index]
            before = (*words[:number], words[number].partition(rarest.decode())[0])
            found: _Phrases
            if len(parts) == 1:
                found = self._singles.setdefault(rarest, (rarest.decode(), {}))
            else:
                sides = [side for side in (index - 1, index + 1) if 0 <= side < len(parts)]
                first = min(index, max(sides, key=lambda side: _rarity(parts[side][1])))
                pair = (parts[first][1], parts[first + 1][1])
                found = self._pairs.setdefault(pair, (rarest.decode(), {}))
            found[1].setdefault(before, []).append(phrase)
        self._keys = (frozenset(self._singles), frozenset(self._pairs))

    def find(self, text: str) -> list[tuple[int, int]]:
        """Return the spans of all phrases in code points, by start, then the longer first.

        They may overlap.
        """
        # One byte for each code point, so that offsets stay the same.
        letters = text.encode("latin-1", "replace").translate(_LETTERS)
        singles, pairs = self._keys
        found: set[tuple[int, int]] = set()
        for start in range(0, len(letters), _CHUNK):
            words = letters[max(0, start - _MARGIN) : start + _CHUNK + _MARGIN].split()
            if not singles.isdisjoint(words):
                keys = singles.intersection(words)
                self._look(text, start, [self._singles[key] for key in keys], found)
            if not pairs.isdisjoint(pairwise(words)):
                double = pairs.intersection(pairwise(words))
                self._look(text, start, [self._pairs[key] for key in double], found)
        for phrase in self._keyless:
            for match in self._pattern(phrase).finditer(_lower(text)):
                if _BEGIN.match(text, match.start()):
                    found.add(match.span())
        return sorted(found, key=lambda span: (span[0], -span[1]))

    def _look(
        self, text: str, start: int, keys: list[_Phrases], found: set[tuple[int, int]]
    ) -> None:
        """Search a chunk that holds some keys for their phrases."""
        first = max(0, start - _REACH)
        lower = _lower(text[first : start + _CHUNK + _REACH])
        for word, groups in keys:
            last = start - first + _CHUNK + len(word) - 1
            at = lower.find(word, start - first, last)
            while at >= 0:
                for before, phrases in groups.items():
                    begin = _walk_back(lower, at, before)
                    if begin < 0:
                        continue
                    for phrase in phrases:
                        match = self._pattern(phrase).match(lower, begin)
                        if match:
                            found.add((first + begin, first + match.end()))
                at = lower.find(word, at + 1, last)

    def _pattern(self, phrase: str) -> re.Pattern[str]:
        pattern = self._patterns.get(phrase)
        if pattern is None:
            words = map(re.escape, phrase.split(" "))
            pattern = self._patterns[phrase] = re.compile(_GAP.join(words) + _END)
        return pattern


def _letters(word: str) -> list[bytes]:
    """Return the parts of a word of a phrase that the split of text gives."""
    return word.encode("latin-1", "replace").translate(_LETTERS).split()


def _rarity(word: bytes) -> tuple[int, int]:
    rank = _COMMON.get(word.decode())
    return (len(_COMMON), len(word)) if rank is None else (rank, 0)


def _walk_back(lower: str, at: int, before: tuple[str, ...]) -> int:
    """Return where a phrase begins whose key is at `at`, or -1 if other words are there."""
    *words, part = before
    if not lower.endswith(part, 0, at):
        return -1
    at -= len(part)
    for word in reversed(words):
        end = at
        while end and lower[end - 1] in " \t\r\n":
            end -= 1
        if end == at or not lower.endswith(word, 0, end):
            return -1
        at = end - len(word)
    return at if _BEGIN.match(lower, at) else -1


def _lower(text: str) -> str:
    """Return the text in lower case, of the same length.

    The two characters whose lower case has ASCII letters are replaced.
    """
    if not text.isascii():
        text = text.replace("\u0130", "\ufffd").replace("\u212a", "\ufffd")
    return text.lower()
