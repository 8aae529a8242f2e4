"""Numbers, and words that hold digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias, get_args

from bpe_tool.checks import choice
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.classes import inside, members
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import ChunkwiseStep, applied

DigitAction: TypeAlias = Literal["remove", "mask", "split", "keep"]
DigitWords: TypeAlias = Literal["auto", "same", "remove", "mask", "split", "keep"]
DigitClass: TypeAlias = Literal["nd", "ascii", "all"]

#: What each class of digits is, in the syntax of `regex`.
CLASSES: dict[str, str] = {"nd": r"\p{Nd}", "ascii": "[0-9]", "all": r"\p{N}"}
# Scripts that put spaces between words; a digit beside another letter is a number alone.
_LETTERS = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}\p{WB=ExtendNumLet}\p{M}\p{N}\u200c\u200d]"
_IN_WORDS = "'’-"
_IN_NUMBERS = ".,:/–"
_ASCII_DIGIT = re.compile("[0-9]")
_SPACES = "[\\t \\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]"


@dataclass(frozen=True, kw_only=True)
class RemoveDigits(ChunkwiseStep):
    """Takes numbers out; words that hold digits stay, or go as well.

    A word is letters, digits and marks, with single hyphens and apostrophes inside
    (`H2O`, `1st`, `b2b`, `COVID-19`), and with `. , : / –` between two digits. If it holds
    no letter it is a number (`3.14`, `10:30`, `2024-01-05`). Signs and units are no part of
    it. Beside Chinese, Japanese, Thai and other scripts without spaces, digits are numbers
    by themselves.

    What is removed after a space, or at the start of a line, takes the spaces and tabs
    behind it along; if there are none, those before it. Several in a row are like one.

    Attributes:
        action: What becomes of numbers: `remove` them, `mask` each digit with 0, `split`
            them into digits with spaces between, or `keep` them.
        words: What becomes of words with digits: the `same`, or one of the four. By default
            (`auto`) they are kept where numbers are removed, and otherwise the same is done
            to them. They are removed as a whole; `split` sets each digit of theirs apart, and
            goes only with an `action` that leaves numbers as they are or splits them.
        which: Which digits count: `nd`, those of every script; `ascii`, 0 to 9; `all`, also
            `²`, `½`, `Ⅳ`, `①`.
    """

    name: ClassVar[str] = "remove_digits"
    by_line = True

    action: DigitAction = "remove"
    words: DigitWords = "auto"
    which: DigitClass = "nd"

    def __post_init__(self) -> None:
        choice("action", self.action, get_args(DigitAction))
        choice("words", self.words, get_args(DigitWords))
        choice("which", self.which, get_args(DigitClass))
        if self.words == "split" and self.action in ("remove", "mask"):
            raise ArgumentError(
                f'`words="split"` makes numbers, and `action="{self.action}"` changes those',
                hint='use `words="same"`, or `action="split"`',
            )

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each removed word, changed digit or new space."""
        edits: list[Edit] = []
        removed: list[tuple[int, int, str]] = []
        for match in self._words_with_digits(text):
            action, kind = self._action(match[0])
            rule = f"{action}-{kind}"
            if action == "remove":
                removed.append((*match.span(), rule))
            elif action == "mask":
                for digits in self._digits.finditer(match[0]):
                    zeros = "0" * len(digits[0])
                    if digits[0] != zeros:
                        start = match.start() + digits.start()
                        edits += _differing(start, digits[0], rule)
            elif action == "split":
                edits += [
                    Edit(match.start() + gap.start(), match.start() + gap.start(), " ", rule)
                    for gap in self._gap.finditer(match[0])
                ]
        if removed:
            edits = sorted(edits + _removals(text, removed))
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        digits = _ASCII_DIGIT if text.isascii() else self._digits
        if not digits.search(text):
            return text
        if self.action == "mask" and self.words in ("auto", "same", "mask"):
            return self._digit.sub("0", text)
        return super().apply(text)

    def chunk(self, chunk: str) -> str | None:
        """Return what becomes of a stretch between spaces."""
        digits = _ASCII_DIGIT if chunk.isascii() else self._digits
        if not digits.search(chunk):
            return chunk
        word = next(self._words_with_digits(chunk))
        # What goes at the beginning takes the space before along, which is not ours.
        if not word.start() and word.end() < len(chunk) and self._action(word[0])[0] == "remove":
            return None
        return self.apply(chunk)

    def _action(self, word: str) -> tuple[DigitAction, str]:
        """Return what is to be done with a word that holds digits, and what kind it is."""
        if self._letter.search(word) is None:
            return self.action, "number"
        if self.words == "auto":
            return "keep" if self.action == "remove" else self.action, "word"
        return self.action if self.words == "same" else self.words, "word"

    def _words_with_digits(self, text: str) -> Iterator[re.Match[str]]:
        """Find the words with digits: from digit to digit, which is faster than word by word."""
        digits = _ASCII_DIGIT if text.isascii() else self._digits
        at = 0
        while digit := digits.search(text, at):
            place = digit.start()
            # No word goes across a space or a line end.
            begin = max(at, text.rfind(" ", at, place) + 1, text.rfind("\n", at, place) + 1)
            word = self._word.search(text, begin)
            assert word is not None
            yield word
            at = word.end()

    @cached_property
    def _digits(self) -> re.Pattern[str]:
        return re.compile(f"[{inside(members(CLASSES[self.which]))}]+")

    @cached_property
    def _digit(self) -> re.Pattern[str]:
        return re.compile(self._digits.pattern[:-1])

    @cached_property
    def _letter(self) -> re.Pattern[str]:
        letters = members(rf"[{_LETTERS}--[\p{{M}}\u200c\u200d]]")
        return re.compile(f"(?!{self._digit.pattern})[{inside(letters)}]")

    @cached_property
    def _gap(self) -> re.Pattern[str]:
        """Between two digits, or a digit and a letter."""
        digit, part = self._digit.pattern, f"[{inside(members(_LETTERS))}]"
        return re.compile(f"(?<={digit})(?={part})|(?<={part})(?={digit})")

    @cached_property
    def _word(self) -> re.Pattern[str]:
        """A word with a digit, as long as it gets; tried only where one begins."""
        digit, part = self._digit.pattern, f"[{inside(members(_LETTERS))}]"
        joined = f"[{_IN_WORDS}](?={part})"
        return re.compile(
            f"{part}(?<!{part}.)(?<!{part}[{_IN_WORDS}].)"
            # Up to the first digit, which may be the character just taken.
            f"(?:(?<={digit})|(?:(?!{digit}){part}|{joined})*+{digit})"
            f"(?:{part}|{joined}|(?<={digit})[{_IN_NUMBERS}](?={digit}))*+"
        )


def _differing(start: int, digits: str, rule: str) -> list[Edit]:
    """Edits that put zeros for the digits that are none."""
    return [
        Edit(start + other.start(), start + other.end(), "0" * len(other[0]), rule)
        for other in re.finditer("[^0]+", digits)
    ]


def _removals(text: str, places: list[tuple[int, int, str]]) -> list[Edit]:
    """Edits that remove words, and what space that leaves over."""
    edits: list[Edit] = []
    at = 0
    while at < len(places):
        start, end, rule = places[at]
        at += 1
        behind = _SPACES_HERE.match(text, end)
        # The next word goes too, and with it the spaces between.
        while behind and at < len(places) and behind.end() == places[at][0]:
            end = places[at][1]
            at += 1
            behind = _SPACES_HERE.match(text, end)
        before = start
        while before and _SPACES_HERE.match(text[before - 1]):
            before -= 1
        if before < start or not start or text[start - 1] in "\r\n":
            if behind:
                end = behind.end()
            elif before and text[before - 1] not in "\r\n":
                start = before
        edits.append(Edit(start, end, "", rule))
    return edits


_SPACES_HERE = re.compile(f"{_SPACES}+")


def remove_digits(
    text: str,
    *,
    action: DigitAction = "remove",
    words: DigitWords = "auto",
    which: DigitClass = "nd",
) -> str:
    """Take numbers out; words that hold digits stay, or go as well.

    Args:
        text: What to change.
        action: `remove`, `mask`, `split` or `keep` numbers.
        words: `same`, or another of these for words such as `H2O`; by default `keep` where
            numbers are removed.
        which: The digits that count: `nd`, `ascii` or `all`.

    Raises:
        ArgumentError: An option makes no sense.

    >>> remove_digits("On the 1st, 24 of 30 had COVID-19 again.")
    'On the 1st, of had COVID-19 again.'
    >>> remove_digits("room 101, H2O", action="mask", words="keep")
    'room 000, H2O'
    >>> remove_digits("10km in 2024", action="split")
    '1 0 km in 2 0 2 4'
    """
    return applied(RemoveDigits, text, action, words, which)
