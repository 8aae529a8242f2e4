"""Words and characters, as Unicode Standard Annex 29 defines them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import regex

from bpe_tool.checks import flags, string
from bpe_tool.preprocess.character_classes import inside, members, reaches_high
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied

# The annex lets nothing reach across these.
_LINE_END = re.compile("([\n\r\x0b\x0c\x85\u2028\u2029]+)")
# The same words as by the annex, where all is ASCII. Without white space.
_ASCII_WORD = re.compile(
    r"[0-9A-Za-z_]+(?:(?:(?<=[A-Za-z])[.':](?=[A-Za-z])|(?<=[0-9])[.,;'](?=[0-9]))[0-9A-Za-z_]+)*+"
    r"|[^\s0-9A-Za-z_]"
)


@dataclass(frozen=True, kw_only=True)
class SplitWords(Step):
    """Puts one space between words, and around each punctuation mark and symbol.

    Words are those of Unicode Standard Annex 29: `can't`, `3.14` and `U.S` are one each,
    `well-known` is three, every Chinese character is one. Line ends stay. White space at the
    ends of lines is removed.

    Attributes:
        drop_punctuation: Whether to drop words without any letter, digit or emoji.
    """

    name: ClassVar[str] = "split_words"
    by_line = True

    drop_punctuation: bool = False

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each gap that changes."""
        spans = _spans(text, _word())
        if self.drop_punctuation:
            spans = [(start, end) for start, end in spans if _is_word(text[start:end])]
        return _between(text, spans, "", "word")

    def apply(self, text: str) -> str:
        """Return the changed text."""
        return _by_lines(
            text, lambda line: " ".join(words(line, drop_punctuation=self.drop_punctuation))
        )


@dataclass(frozen=True, kw_only=True)
class SplitCharacters(Step):
    """Puts one space between characters, as readers see them.

    Characters are the extended grapheme clusters of Unicode Standard Annex 29: a letter with
    its accents, a family of emoji, a syllable of Hangul. Line ends stay.

    Attributes:
        space: What to write for each run of white space between characters, such as `▁`. White
            space at the ends of lines is removed. If empty, nothing shows where it was.
    """

    name: ClassVar[str] = "split_characters"
    by_line = True
    #: With a mark for spaces, the spaces that it puts in would get one too.
    idempotent: ClassVar[bool] = False

    space: str = ""

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each gap that changes."""
        return _between(text, _spans(text, _character()), self.space, "character")

    def apply(self, text: str) -> str:
        """Return the changed text."""
        return _by_lines(text, self._line)

    def _line(self, line: str) -> str:
        if not self.space:
            return " ".join(filter(None, map(str.strip, characters(line))))
        found: list[str] = []
        for character in characters(line):
            # A space may carry a combining mark, which then remains.
            visible = character.strip()
            found += [_GAP, visible] if visible != character else [visible]
        text = " ".join(filter(None, found)).strip(f"{_GAP} ")
        return _GAPS.sub(lambda _: f" {self.space} ", text)


# Stands for white space until the line is joined. No line holds it.
_GAP = "\n"
_GAPS = re.compile(f" {_GAP}(?: {_GAP})* ")


def words(text: str, *, drop_punctuation: bool = False) -> list[str]:
    """Return the words of a text, by Unicode Standard Annex 29.

    White space is dropped. Everything else is a word, punctuation marks too.

    Args:
        text: The text to split.
        drop_punctuation: Whether to drop words without any letter, digit or emoji.

    >>> words("She can't: it's 3.14.")
    ['She', "can't", ':', "it's", '3.14', '.']
    """
    string("text", text)
    flags(drop_punctuation=drop_punctuation)
    if text.isascii():
        found: Iterable[str] = _ASCII_WORD.findall(text)
        if _SEPARATORS.search(text):
            found = [word for word in found if not word.isspace()]
    else:
        found = filter(None, [word.strip() for word in _word().findall(text)])
    return [word for word in found if _is_word(word)] if drop_punctuation else list(found)


def characters(text: str) -> list[str]:
    r"""Return the characters of a text: the grapheme clusters of Unicode Standard Annex 29.

    Joined, they are the text.

    >>> characters("go 👩\u200d🚀")
    ['g', 'o', ' ', '👩\u200d🚀']
    """
    string("text", text)
    if "\r\n" not in text and (
        text.isascii() or not (_joining().search(text) or reaches_high(text))
    ):
        return list(text)
    found: list[str] = _character().findall(text)
    return found


# White space to Python, not to patterns with `re.ASCII`; here `re` agrees with Python.
_SEPARATORS = re.compile("[\x1c-\x1f]")


def _is_word(word: str) -> bool:
    return word[0].isalnum() or not _mere_punctuation().fullmatch(word)


@cache
def _mere_punctuation() -> regex.Pattern[str]:
    pictures = r"\p{Extended_Pictographic}\p{Regional_Indicator}"
    return regex.compile(rf"(?V1)[[\p{{P}}\p{{S}}\p{{M}}\p{{C}}]--[{pictures}]]+")


@cache
def _joining() -> re.Pattern[str]:
    """Match what can be one character with its neighbours, up to U+FFFF.

    Without whole syllables of Hangul, which only join others of these.
    """
    joining = members(
        r"[\P{GCB=Other}--[\p{GCB=Control}\p{GCB=LF}\p{GCB=CR}\p{GCB=LV}\p{GCB=LVT}]]"
    )
    return re.compile(f"[{inside(''.join(each for each in joining if each <= chr(0xFFFF)))}]")


@cache
def _character() -> regex.Pattern[str]:
    r"""Match one extended grapheme cluster, by the expression in the annex (its table 1c).

    `\X` of `regex` joins consonants of Indic scripts where none comes before.
    """
    syllable = r"\p{GCB=L}*+(?:\p{GCB=V}++|\p{GCB=LV}\p{GCB=V}*+|\p{GCB=LVT})\p{GCB=T}*+"
    picture = r"\p{Extended_Pictographic}"
    inner = r"[\p{InCB=Extend}\p{InCB=Linker}]"
    linked = rf"(?:{inner}*?\p{{InCB=Linker}}{inner}*+\p{{InCB=Consonant}})"
    core = (
        rf"(?:{syllable}|\p{{GCB=L}}++|\p{{GCB=T}}++|\p{{RI}}\p{{RI}}"
        rf"|{picture}(?:\p{{GCB=Extend}}*+\u200d{picture})*+"
        rf"|\p{{InCB=Consonant}}{linked}*+"
        r"|[^\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}])"
    )
    return regex.compile(
        r"(?s)\r\n|[\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]"
        rf"|(?!\Z)\p{{GCB=Prepend}}*+{core}?+[\p{{GCB=Extend}}\p{{GCB=SpacingMark}}\u200d]*+"
    )


@cache
def _word() -> regex.Pattern[str]:
    """Match one segment between word boundaries of the annex, with its rules in brackets."""
    ignored = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]"
    after = f"{ignored}*+"  # (4)
    hebrew, katakana = r"\p{WB=Hebrew_Letter}", rf"(?:\p{{WB=Katakana}}{after})"
    letter = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}]"
    in_word = rf"[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}']{after}(?={letter})"  # (6, 7)
    in_number = rf"[\p{{WB=MidNum}}\p{{WB=MidNumLet}}']{after}(?=\p{{WB=Numeric}})"  # (11, 12)
    one = (
        rf"(?:\p{{WB=ALetter}}{after}(?:{in_word})?+"
        rf"|\p{{WB=Numeric}}{after}(?:{in_number})?+"
        rf"|{hebrew}{after}(?:{in_word}|\"{after}(?={hebrew}))?+)"  # (7b, 7c)
    )
    run = f"(?:{one}++|{katakana}++)"  # (5, 8 to 10, 13)
    low_line = rf"(?:\p{{WB=ExtendNumLet}}{after})"  # (13a, 13b)
    chain = f"(?:{run}(?:{low_line}++{run}?+)*+|(?:{low_line}++{run}?+)++)"
    quote = f"(?:(?=')(?<={hebrew}{ignored}*)'{after})?+"  # (7a)
    body = (
        r"(?:\r\n|[\r\n\p{WB=Newline}]"  # (3 to 3b)
        rf"|\p{{WB=WSegSpace}}++{after}|{chain}{quote}"  # (3d)
        rf"|\p{{RI}}{after}(?:\p{{RI}}{after})?+|.{after})"  # (15, 16)
    )
    picture = r"(?<=\u200d)(?=\p{Extended_Pictographic})"  # (3c)
    return regex.compile(f"(?s){body}(?:{picture}{body})*+")


def _spans(text: str, pattern: regex.Pattern[str]) -> list[tuple[int, int]]:
    """Return the spans of the matches, without white space at their ends."""
    spans = []
    for match in pattern.finditer(text):
        inner = match[0].strip()
        if inner:
            start = match.start() + match[0].index(inner)
            spans.append((start, start + len(inner)))
    return spans


def _between(text: str, spans: list[tuple[int, int]], space: str, rule: str) -> list[Edit]:
    """Return the edits that change the text between the spans, and at the ends of the text."""
    edits = []
    starts = [start for start, _ in spans] + [len(text)]
    ends = [0] + [end for _, end in spans]
    for number, (start, end) in enumerate(zip(ends, starts, strict=True)):
        gap = text[start:end]
        new = "".join(_LINE_END.findall(gap))
        if not new and 0 < number < len(spans):
            new = f" {space} " if gap and space else " "
        if new != gap:
            edits.append(Edit(start, end, new, rule))
    return edits


def _by_lines(text: str, change: Callable[[str], str]) -> str:
    pieces = _LINE_END.split(text)
    pieces[::2] = map(change, pieces[::2])
    return "".join(pieces)


def split_words(text: str, *, drop_punctuation: bool = False) -> str:
    """Put one space between words, and around each punctuation mark and symbol.

    Args:
        text: The text to change.
        drop_punctuation: Whether to drop words without any letter, digit or emoji.

    Raises:
        ArgumentError: An option is not a boolean.

    >>> split_words("Don't panic, it's well-known.")
    "Don't panic , it's well - known ."
    """
    return applied(SplitWords, text, drop_punctuation)


def split_characters(text: str, *, space: str = "") -> str:
    """Put one space between characters, as readers see them.

    Args:
        text: The text to change.
        space: What to write for white space between them.

    Raises:
        ArgumentError: An option is not a `str`.

    >>> split_characters("a cat"), split_characters("a cat", space="▁")
    ('a c a t', 'a ▁ c a t')
    """
    return applied(SplitCharacters, text, space)
