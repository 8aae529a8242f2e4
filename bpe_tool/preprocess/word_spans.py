"""Words in running text, and what steps that replace them one by one share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import TypeVar

from bpe_tool.preprocess.apostrophes import APOSTROPHES, STRAIGHT

T = TypeVar("T")

#: A word with more code points than this stays as it is, and nothing longer is remembered.
LONGEST_WORD = 64

#: How many results a `Memo` holds; about 20 MB.
MEMO_SIZE = 1 << 17

#: One of these between two letters makes one run of them: `state-of-the-art`, `x@y.org`.
_JOINERS = re.escape(APOSTROPHES + "-./@:&=?#%+~\\\u2010\u2011")

#: Beyond the basic plane whole blocks of scripts, since `re` is slow with many ranges there.
_HIGH_WORD_CHARACTERS = (
    "\U00010000-\U0001cfff\U0001d400-\U0001d7ff\U0001df00-\U0001efff\U00020000-\U0003ffff"
)

_DIGIT_OR_LOW_LINE = re.compile(r"[\d_]")
_PART = re.compile(r"[^-/\u2010\u2011]+")
_NOT_IN_WORDS = re.compile(r"[.@:&=?#%+~\\]")

#: Vowel points of Arabic and Hebrew and the stretching line of Arabic, often left out; the
#: dotless i of Turkish, since the case of `I` does not say which one is meant.
_FOLDED = (
    STRAIGHT
    | dict.fromkeys(chain(range(0x64B, 0x653), range(0x591, 0x5BE), range(0x5BF, 0x5C8), [0x640]))
    | {ord("ı"): "i"}
)


@cache
def word_characters() -> str:
    """Return letters, marks, digits and the low line, as the inside of a class of `re`.

    `re` alone takes no marks, without which no word of Hindi is whole.
    """
    import regex

    plane = "".join(map(chr, chain(range(0xD800), range(0xE000, 0x10000))))
    ranges = ((run[0][0], run[0][-1]) for run in regex.finditer(r"\w+", plane))
    low = "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges)
    return f"{low}\u200c\u200d{_HIGH_WORD_CHARACTERS}"


@cache
def run_pattern() -> re.Pattern[str]:
    """Return what matches one run: words, and what single characters join to them."""
    word = f"[{word_characters()}]+"
    return re.compile(f"{word}(?:[{_JOINERS}]{word})*")


def is_word(run: str) -> bool:
    """Whether a run is one word: letters and marks, perhaps with apostrophes inside."""
    return len(run) <= LONGEST_WORD and (
        run.isalpha()
        or (
            not _DIGIT_OR_LOW_LINE.search(run)
            and not _NOT_IN_WORDS.search(run)
            and _PART.fullmatch(run) is not None
        )
    )


def words_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words of a text and where they begin.

    Words joined by a hyphen or a slash are words each. Addresses, paths and numbers, joined
    by something else or holding digits, are none.
    """
    for run in run_pattern().finditer(text):
        if _NOT_IN_WORDS.search(run[0]):
            continue
        for part in _PART.finditer(run[0]):
            if len(part[0]) <= LONGEST_WORD and not _DIGIT_OR_LOW_LINE.search(part[0]):
                yield run.start() + part.start(), part[0]


def fold(word: str) -> str:
    """Return what words are compared by: no case, straight apostrophes, NFC, no points."""
    folded = unicodedata.normalize("NFC", word.casefold().translate(_FOLDED))
    return folded.replace("i\u0307", "i")  # what `İ` becomes


def with_case(word: str, new: str) -> str:
    """Return a new word in the case of the old one: `RUNNING`, `run` gives `RUN`."""
    if word.islower():
        return new
    if word.lower().startswith(new) and word[: len(new)].lower() == new:
        return word[: len(new)]
    if word.isupper() and len(word) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if word[:1].isupper() else new


def set_of(words: str) -> frozenset[str]:
    """Return words that are written with white space between them as a set."""
    return frozenset(words.split())


class Memo(dict[str, T]):
    """What a function returns for a string, remembered in bounded memory.

    Args:
        function: Depends on nothing but its argument.
    """

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, key: str) -> T:
        value = self.function(key)
        if len(key) <= LONGEST_WORD:
            if len(self) >= MEMO_SIZE:
                self.clear()
            self[key] = value
        return value
