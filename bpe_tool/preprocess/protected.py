"""Finds what is not prose: addresses, code spans, handles.

The patterns are for searching all such stretches. `Protected` is for steps that have found
a place to change and ask whether they may: it looks for the few marks that all of these
have in common, which costs next to nothing in a text without them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from bpe_tool.preprocess import addresses

#: A user's name as chats write it.
HANDLE = r"(?<![\w@])@\w[\w.]*"

#: Code in Markdown: between fences, or between backticks on one line. A backtick inside a
#: word is an apostrophe to many people ("don`t") and opens or closes nothing.
CODE = (
    r"(?s:```.*?(?:```|\Z))"
    r"|(?<![\w`])``[^`\n]+(?:`[^`\n]+)*``(?![\w`])"
    r"|(?<![\w`])`[^`\n]+`(?![\w`])"
)

_CODE = re.compile(CODE)
_HANDLE = re.compile(HANDLE)


class Protected:
    """The stretches of a text that are not prose.

    Args:
        text: The text. It is not looked at before the first question.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: _Spans | None = None

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether anything of `text[start:end]` is protected."""
        return self._everything().overlap(start, end)

    def spans(self) -> list[tuple[int, int]]:
        """Return all protected stretches, merged where they overlap."""
        found = self._everything()
        return list(zip(found.starts, found.ends, strict=True))

    def _everything(self) -> _Spans:
        if self._found is None:
            self._found = _Spans([*self._code(), *self._addresses()])
        return self._found

    def _code(self) -> Iterator[tuple[int, int]]:
        text, at = self._text, -1
        while (at := text.find("`", at + 1)) >= 0:
            match = _CODE.match(text, at)
            if match:
                yield match.span()
                at = match.end() - 1

    def _addresses(self) -> Iterator[tuple[int, int]]:
        text, at = self._text, -1
        if addresses.has_marks(text):
            for address in addresses.find(text):
                yield address.start, address.end
        while (at := text.find("@", at + 1)) >= 0:
            handle = _HANDLE.match(text, at)
            if handle:
                yield handle.span()


class _Spans:
    """Stretches in order, none of which overlap."""

    def __init__(self, found: Iterable[tuple[int, int]]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in sorted(found):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def overlap(self, start: int, end: int) -> bool:
        """Tell whether a stretch overlaps one of these."""
        if not self.starts:
            return False
        at = bisect_right(self.starts, end - 1) - 1
        return at >= 0 and self.ends[at] > start
