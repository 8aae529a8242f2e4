"""What must not be rewritten: addresses, code and handles, and for some steps quotations.

The core finds what is not prose, for the rules of contractions and for the steps here alike; see
`rust/contractions/protected.rs`. `addresses.py` is for the one step that removes addresses, and
has to know exactly where they end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

from bpe_tool import _core
from bpe_tool.preprocess.surrogates import found_in_core

Span: TypeAlias = tuple[int, int]

# A quotation that is not closed goes on to the end of its paragraph, as where one covers several
# paragraphs. A straight single quote may be an apostrophe, so it must be closed soon.
_QUOTATION = re.compile(
    "|".join(
        (
            r"(?<!\w)\"[^\"]*\"?",
            r"“[^”]*”?",
            r"„[^“”]*[“”]?",
            r"«[^»]*»?",
            r"(?<!\w)‘(?:[^’]|’(?=\w))*’?",
            r"(?<!\w)'(?=\w)(?:[^']|'(?=\w)){1,160}+'(?!\w)",
            r"(?m:^[ \t]*>.*$)",
        )
    )
)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")


class Protected:
    """The spans of a text that must not be rewritten.

    Args:
        text: The text. It is searched at the first question.
        quotations: Whether quotations count, and lines quoted with `>`.
    """

    def __init__(self, text: str, *, quotations: bool = False) -> None:
        self._text = text
        self._quotations = quotations
        # The paragraph whose quotations are known.
        self._paragraph = (0, -1)
        self._quoted: list[Span] = []

    def overlaps(self, start: int, end: int) -> bool:
        """Return whether anything of `text[start:end]` is protected."""
        if _overlap(self.spans, start, end):
            return True
        if not self._quotations:
            return False
        if not self._paragraph[0] <= start < self._paragraph[1]:
            self._paragraph = self._paragraph_around(start)
            self._quoted = list(self._quotations_in(*self._paragraph))
        return _overlap(self._quoted, start, end)

    @cached_property
    def spans(self) -> list[Span]:
        """What is not prose, in order and without overlaps."""
        return found_in_core(_core.protected_spans, self._text)

    @cached_property
    def _code(self) -> list[Span]:
        return found_in_core(_core.code_spans, self._text) if "`" in self._text else []

    def _quotations_in(self, first: int, last: int) -> Iterator[Span]:
        """Yield the quotations in a paragraph. What code holds opens none."""
        at = first
        while match := _QUOTATION.search(self._text, at, last):
            index = bisect_right(self._code, (match.start() + 1, -1))
            if index and self._code[index - 1][1] > match.start():
                at = self._code[index - 1][1]
            else:
                yield match.span()
                at = match.end()

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.end() for match in _BLANK_LINE.finditer(self._text)]

    def _paragraph_around(self, at: int) -> Span:
        index = bisect_right(self._breaks, at)
        first = self._breaks[index - 1] if index else 0
        last = self._breaks[index] if index < len(self._breaks) else len(self._text)
        return first, last


def _overlap(spans: list[Span], start: int, end: int) -> bool:
    """Return whether a span overlaps one of some that are in order."""
    index = bisect_right(spans, (end, -1))
    return index > 0 and spans[index - 1][1] > start
