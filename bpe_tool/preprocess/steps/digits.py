"""Removes, masks or splits numbers, and words with digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.preprocess.character_classes import BLANKS, inside, members
from bpe_tool.preprocess.character_edits import with_spaces
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import ChunkwiseStep, applied

DigitAction: TypeAlias = Literal["remove", "mask", "split", "keep"]
DigitWords: TypeAlias = Literal["auto", "same", "remove", "mask", "split", "keep"]
DigitClass: TypeAlias = Literal["nd", "ascii", "all"]

#: Each class of digits, in the syntax of `regex`.
CLASSES: dict[str, str] = {"nd": r"\p{Nd}", "ascii": "[0-9]", "all": r"\p{N}"}
# Letters of scripts that put spaces between words. Next to other letters, digits are numbers.
_LETTERS = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}\p{WB=ExtendNumLet}\p{M}\p{N}\u200c\u200d]"
_IN_WORDS = "'’-"
_IN_NUMBERS = ".,:/–"
_ASCII_DIGIT = re.compile("[0-9]")
_SPACES = re.compile(f"[{BLANKS}]+")


@dataclass(frozen=True, kw_only=True)
class RemoveDigits(ChunkwiseStep):
    """Removes, masks or splits numbers, and perhaps words with digits.

    A word is made of letters, digits and marks. It may have single hyphens and apostrophes
    inside (`H2O`, `1st`, `b2b`, `COVID-19`), and `. , : / –` between two digits. Without any
    letter it is a number (`3.14`, `10:30`, `2024-01-05`). Signs and units are not part of it.
    Next to Chinese, Japanese, Thai and other scripts without spaces, digits are numbers.

    A number that is removed after a space, or at the start of a line, takes the spaces and tabs
    behind it along; if there are none, those before it. Several in a row are like one.

    Attributes:
        action: What to do with numbers: `remove` them, `mask` each digit with 0, `split` them
            into digits with spaces between, or `keep` them.
        words: What to do with words with digits: the `same`, or one of these four. By default
            (`auto`), they are kept where numbers are removed, and treated the same otherwise.
            They are removed as a whole. `split` puts spaces around each of their digits, and
            requires an `action` of `split` or `keep`.
        which: Which digits count: `nd`, the decimal digits of every script; `ascii`, 0 to 9;
            `all`, also `²`, `½`, `Ⅳ`, `①`.
    """

    name: ClassVar[str] = "remove_digits"
    by_line = True

    action: DigitAction = "remove"
    words: DigitWords = "auto"
    which: DigitClass = "nd"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.words == "split" and self.action in ("remove", "mask"):
            raise ArgumentError(
                f'is "split", which makes numbers; the action "{self.action}" changes those',
                parameter="words",
                hint=Suggestion("use {words:same}, or {action:split}"),
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
        """Return the result for one chunk."""
        digits = _ASCII_DIGIT if chunk.isascii() else self._digits
        if not digits.search(chunk):
            return chunk
        word = next(self._words_with_digits(chunk))
        # A word that is removed at the beginning takes the space before along, outside the chunk.
        if not word.start() and word.end() < len(chunk) and self._action(word[0])[0] == "remove":
            return None
        return self.apply(chunk)

    def _action(self, word: str) -> tuple[DigitAction, str]:
        """Return what to do with a word with digits, and whether it is a number or a word."""
        if self._letter.search(word) is None:
            return self.action, "number"
        if self.words == "auto":
            return "keep" if self.action == "remove" else self.action, "word"
        return self.action if self.words == "same" else self.words, "word"

    def _words_with_digits(self, text: str) -> Iterator[re.Match[str]]:
        """Find the words with digits. The search goes from digit to digit, which is fast."""
        digits = _ASCII_DIGIT if text.isascii() else self._digits
        at = 0
        while digit := digits.search(text, at):
            found = digit.start()
            # No word reaches across a space or a line end.
            begin = max(at, text.rfind(" ", at, found) + 1, text.rfind("\n", at, found) + 1)
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
        """The longest word with a digit; only matches at the start of a word."""
        digit, part = self._digit.pattern, f"[{inside(members(_LETTERS))}]"
        joined = f"[{_IN_WORDS}](?={part})"
        return re.compile(
            f"{part}(?<!{part}.)(?<!{part}[{_IN_WORDS}].)"
            # Up to the first digit, which may be the character just taken.
            f"(?:(?<={digit})|(?:(?!{digit}){part}|{joined})*+{digit})"
            f"(?:{part}|{joined}|(?<={digit})[{_IN_NUMBERS}](?={digit}))*+"
        )


def _differing(start: int, digits: str, rule: str) -> list[Edit]:
    """Return the edits that replace digits other than 0 by 0."""
    return [
        Edit(start + other.start(), start + other.end(), "0" * len(other[0]), rule)
        for other in re.finditer("[^0]+", digits)
    ]


def _removals(text: str, words: list[tuple[int, int, str]]) -> list[Edit]:
    """Return the edits that remove words, with the spaces that would be left over."""
    edits: list[Edit] = []
    at = done = 0
    while at < len(words):
        start, end, rule = words[at]
        at += 1
        behind = _SPACES.match(text, end)
        # The next word goes too, and with it the spaces between.
        while behind and at < len(words) and behind.end() == words[at][0]:
            end = words[at][1]
            at += 1
            behind = _SPACES.match(text, end)
        start, done = with_spaces(text, done, start, end)
        edits.append(Edit(start, done, "", rule))
    return edits


def remove_digits(
    text: str,
    *,
    action: DigitAction = "remove",
    words: DigitWords = "auto",
    which: DigitClass = "nd",
) -> str:
    """Remove, mask or split numbers, and perhaps words with digits.

    Args:
        text: The text to change.
        action: What to do with numbers: `remove`, `mask`, `split` or `keep`.
        words: What to do with words such as `H2O`: `same`, or one of these. By default, they
            are kept where numbers are removed.
        which: Which digits count: `nd`, `ascii` or `all`.

    Raises:
        ArgumentError: An option is invalid.

    >>> remove_digits("On the 1st, 24 of 30 had COVID-19 again.")
    'On the 1st, of had COVID-19 again.'
    >>> remove_digits("room 101, H2O", action="mask", words="keep")
    'room 000, H2O'
    >>> remove_digits("10km in 2024", action="split")
    '1 0 km in 2 0 2 4'
    """
    return applied(RemoveDigits, text, action, words, which)
