"""Says where text must not be rewritten: quotations, code, addresses, handles."""

from __future__ import annotations

import re
from bisect import bisect_right

from bpe_tool.preprocess import addresses
from bpe_tool.preprocess.protected import CODE, HANDLE

# A quotation that is opened and not closed goes on to the end of its paragraph, as where one
# covers several. A straight single quote may be an apostrophe: it must be closed soon.
_QUOTATION = "|".join(
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
_SHIELDED = re.compile("|".join((CODE, _QUOTATION)))
_MARKS = re.compile(r"[\"“„«‘'`>]")
_HANDLE = re.compile(HANDLE)
_FENCE = re.compile(r"(?s:```.*?(?:```|\Z))")
# How far an address is looked at on either side.
_REACH = 256
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")


class Shield:
    """The stretches of one text that are left alone. Found only where asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks: list[int] | None = None
        self._fences = [match.span() for match in _FENCE.finditer(text)] if "```" in text else []
        self._paragraph = (0, -1)
        self._spans: list[tuple[int, int]] = []

    def touches(self, start: int, end: int) -> bool:
        """Say whether a stretch overlaps one that is left alone."""
        if _overlaps(self._fences, start, end) or self._in_address(start, end):
            return True
        if not self._paragraph[0] <= start < self._paragraph[1]:
            first, last = self._paragraph = self._paragraph_around(start)
            part = self._text[first:last]
            self._spans = []
            if _MARKS.search(part):
                spans = (match.span() for match in _SHIELDED.finditer(part))
                self._spans = [(first + begin, first + finish) for begin, finish in spans]
        return _overlaps(self._spans, start, end)

    def _in_address(self, start: int, end: int) -> bool:
        left = self._text[max(0, start - _REACH) : start]
        right = self._text[end : end + _REACH]
        left = left.split()[-1] if left and not left[-1].isspace() else ""
        right = right.split()[0] if right and not right[0].isspace() else ""
        if not left and len(right) < 2:
            return False
        around = left + self._text[start:end] + right
        if not addresses.has_marks(around):
            return False
        spans = [(each.start, each.end) for each in addresses.find(around)]
        spans += [match.span() for match in _HANDLE.finditer(around)]
        first, last = len(left), len(left) + end - start
        return any(begin < last and first < finish for begin, finish in spans)

    def _paragraph_around(self, place: int) -> tuple[int, int]:
        if self._breaks is None:
            self._breaks = [match.end() for match in _BLANK_LINE.finditer(self._text)]
        index = bisect_right(self._breaks, place)
        first = self._breaks[index - 1] if index else 0
        last = self._breaks[index] if index < len(self._breaks) else len(self._text)
        return first, last


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Say whether (start, end) overlaps one of the spans, which are in order and disjoint."""
    index = bisect_right(spans, (end, -1))
    return index > 0 and spans[index - 1][1] > start
