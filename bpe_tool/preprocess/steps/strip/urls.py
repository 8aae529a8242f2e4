"""Strips web and e-mail addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.preprocess import addresses
from bpe_tool.preprocess.character_edits import with_spaces
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied


@dataclass(frozen=True, kw_only=True)
class StripUrls(Step):
    """Removes addresses, or replaces them by a text.

    An address begins with a scheme and `://`, or with `www.`. Punctuation at its end does not
    belong to it, nor do brackets that were opened before it, nor text in another script that
    follows it without a space (`http://x.org/a谢谢`, `https://x.org에서`). An address that is
    removed after a space, or at the start of a line, takes the spaces and tabs behind it along;
    if there are none, those before it. All other text stays.

    Attributes:
        replacement: The text to write instead. It must not be an address itself.
        emails: Whether to strip e-mail addresses too, with a `mailto:` before them.
        email_replacement: The text to write instead of those; `None` for `replacement`.
        domains: Whether to strip bare names of hosts too, such as `example.org/a`. They must
            end in a top-level domain that is in wide use. `this.is`, without a space after the
            full stop, looks like one too.
    """

    name: ClassVar[str] = "strip_urls"
    by_line = True
    #: The text around an address may form another: `hthttp://a.bttp://c.d`.
    idempotent: ClassVar[bool] = False

    replacement: str = ""
    emails: bool = False
    email_replacement: str | None = None
    domains: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.email_replacement is not None and not self.emails:
            raise ArgumentError(
                "there is a replacement for e-mail addresses, but they are kept",
                hint=Suggestion("add {emails:True}"),
            )

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each address."""
        edits: list[Edit] = []
        for start, end, kind in addresses.find(text, emails=self.emails, domains=self.domains):
            new = self.replacement
            if kind == "email" and self.email_replacement is not None:
                new = self.email_replacement
            span = (start, end)
            if not new:
                span = with_spaces(text, edits[-1].end if edits else 0, start, end)
            edits.append(Edit(*span, new, kind))
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if addresses.has_marks(text) or (self.domains and "." in text):
            return super().apply(text)
        return text


def strip_urls(
    text: str,
    *,
    replacement: str = "",
    emails: bool = False,
    email_replacement: str | None = None,
    domains: bool = False,
) -> str:
    """Remove addresses, or replace them by a text.

    Args:
        text: The text to change.
        replacement: The text to write instead.
        emails: Whether to strip e-mail addresses too.
        email_replacement: The text to write instead of those, if it differs.
        domains: Whether to strip bare names of hosts too.

    Raises:
        ArgumentError: An option is invalid.

    >>> strip_urls("See (https://example.org/a_(b)) or www.example.org.")
    'See () or.'
    >>> strip_urls("Write to a@example.org!", replacement="<mail>", emails=True)
    'Write to <mail>!'
    """
    return applied(StripUrls, text, replacement, emails, email_replacement, domains)
