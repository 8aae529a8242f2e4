"""Web and e-mail addresses out of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from bpe_tool.checks import flags, string
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess import addresses
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied

_SPACES = re.compile("[\\t \\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]+")


@dataclass(frozen=True, kw_only=True)
class StripUrls(Step):
    """Takes addresses out, or puts a text in their place.

    An address begins with a scheme and `://`, or with `www.`. Punctuation at its end and
    brackets that were opened before it are not part of it, nor is text that follows it
    without a space in another script (`http://x.org/a谢谢`, `https://x.org에서`). What is
    removed after a space, or at the start of a line, takes the spaces and tabs behind it
    along; if there are none, those before it. All other text stays as it is.

    Attributes:
        replacement: What stands instead. It must not be an address itself.
        emails: Whether e-mail addresses go as well, with a `mailto:` before them.
        email_replacement: What stands instead of those; `None` for the same `replacement`.
        domains: Whether names of hosts go as well that stand alone, such as `example.org/a`.
            These must end in a top-level domain that is in wide use; `this.is`, with no space
            after a full stop, looks like one, too.
    """

    name: ClassVar[str] = "strip_urls"
    by_line = True
    #: What stood around an address may be one when it is gone: `hthttp://a.bttp://c.d`.
    idempotent: ClassVar[bool] = False

    replacement: str = ""
    emails: bool = False
    email_replacement: str | None = None
    domains: bool = False

    def __post_init__(self) -> None:
        string("replacement", self.replacement)
        flags(emails=self.emails, domains=self.domains)
        if self.email_replacement is not None:
            string("email_replacement", self.email_replacement)
            if not self.emails:
                raise ArgumentError(
                    "e-mail addresses have a replacement, and stay", hint="add `emails=True`"
                )

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each address."""
        edits: list[Edit] = []
        for start, end, kind in addresses.find(text, emails=self.emails, domains=self.domains):
            new = self.replacement
            if kind == "email" and self.email_replacement is not None:
                new = self.email_replacement
            place = (start, end)
            if not new:
                place = _with_spaces(text, edits[-1].end if edits else 0, start, end)
            edits.append(Edit(*place, new, kind))
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if addresses.has_marks(text) or (self.domains and "." in text):
            return super().apply(text)
        return text


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


def strip_urls(
    text: str,
    *,
    replacement: str = "",
    emails: bool = False,
    email_replacement: str | None = None,
    domains: bool = False,
) -> str:
    """Take addresses out, or put a text in their place.

    Args:
        text: What to change.
        replacement: What stands instead.
        emails: Whether e-mail addresses go as well.
        email_replacement: What stands instead of those, if it is something else.
        domains: Whether names of hosts alone go as well.

    Raises:
        ArgumentError: An option makes no sense.

    >>> strip_urls("See (https://example.org/a_(b)) or www.example.org.")
    'See () or.'
    >>> strip_urls("Write to a@example.org!", replacement="<mail>", emails=True)
    'Write to <mail>!'
    """
    return applied(StripUrls, text, replacement, emails, email_replacement, domains)
