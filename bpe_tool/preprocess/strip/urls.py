"""Web and e-mail addresses out of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from bpe_tool.checks import flags, string
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.protected import EMAIL, URL
from bpe_tool.preprocess.step import Step, applied

# An address ends before these, which Chinese and Japanese set without a space.
_ENDS = re.compile("[、。，；：！？「」『』（）【】《》〈〉“”‘’«»]")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_SPACES = re.compile("[\\t \\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]+")


@dataclass(frozen=True, kw_only=True)
class StripUrls(Step):
    """Takes addresses out, or puts a text in their place.

    An address begins with a scheme and `://`, or with `www.`. Punctuation at its end and
    brackets that were opened before it are not part of it. What is removed after a space,
    or at the start of a line, takes the spaces and tabs behind it along; if there are
    none, those before it.

    Attributes:
        replacement: What stands instead. It must not be an address itself.
        emails: Whether e-mail addresses go as well.
    """

    name: ClassVar[str] = "strip_urls"

    replacement: str = ""
    emails: bool = False

    def __post_init__(self) -> None:
        string("replacement", self.replacement)
        flags(emails=self.emails)

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each address."""
        edits: list[Edit] = []
        for match in _pattern(self.emails).finditer(text):
            is_url = match["url"] is not None
            start, end = match.span()
            end = start + len(_without_punctuation(match[0])) if is_url else end
            if not self.replacement:
                start, end = _with_spaces(text, edits[-1].end if edits else 0, start, end)
            edits.append(Edit(start, end, self.replacement, "url" if is_url else "email"))
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if "://" in text or "ww." in text or (self.emails and "@" in text):
            return super().apply(text)
        return text


@cache
def _pattern(emails: bool) -> re.Pattern[str]:
    return re.compile(f"(?P<url>{URL})" + (rf"|(?:\bmailto:)?{EMAIL}" if emails else ""))


def _without_punctuation(address: str) -> str:
    """Return the address alone, of what stands up to the next space."""
    end = _ENDS.search(address)
    if end:
        address = address[: end.start()]
    surplus = {
        closing: address.count(closing) - address.count(opening)
        for closing, opening in _CLOSING.items()
    }
    last = len(address)
    while last:
        character = address[last - 1]
        if surplus.get(character, 0) > 0:
            surplus[character] -= 1
        elif character not in ".,;:!?'*_~`…|":
            break
        last -= 1
    return address[:last]


def _with_spaces(text: str, done: int, start: int, end: int) -> tuple[int, int]:
    """Return the place of something that is removed, with the spaces that it leaves over."""
    before = start
    while before > done and _SPACES.match(text[before - 1]):
        before -= 1
    if before < start or start == done or text[start - 1] in "\r\n":
        behind = _SPACES.match(text, end)
        if behind:
            return start, behind.end()
        if before and text[before - 1] not in "\r\n":
            return before, end
    return start, end


def strip_urls(text: str, *, replacement: str = "", emails: bool = False) -> str:
    """Take addresses out, or put a text in their place.

    Args:
        text: What to change.
        replacement: What stands instead.
        emails: Whether e-mail addresses go as well.

    Raises:
        ArgumentError: An option makes no sense.

    >>> strip_urls("See (https://example.org/a_(b)) or www.example.org.")
    'See () or.'
    >>> strip_urls("Write to a@example.org!", replacement="<mail>", emails=True)
    'Write to <mail>!'
    """
    return applied(StripUrls, text, replacement=replacement, emails=emails)
