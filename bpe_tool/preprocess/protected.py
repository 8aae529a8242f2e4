"""Finds what is not prose: URLs, e-mail addresses, code spans, handles.

The patterns are for searching all such stretches. `Protected` is for steps that have found
a place to change and ask whether they may: it looks for the few marks that all of these
have in common, which costs next to nothing in a text without them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

#: An address with its scheme, or one that begins with `www.`.
URL = r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,15}://|\bwww\.)[^\s<>\"]+"

#: An e-mail address.
EMAIL = r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"

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
_SCHEME = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9+.-]{1,15}\Z")
_ADDRESS = re.compile(r"[^\s<>\"]+")
_WWW = re.compile(r"\bwww\.[^\s<>\"]+")
_LOCAL = re.compile(r"[\w.+'-]+\Z")
_DOMAIN = re.compile(r"@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(HANDLE)
#: How far the part of an e-mail address before its @ is looked back for; the standard
#: allows 64 characters.
_LOCAL_WINDOW = 64


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
            self._found = _Spans([*self._code(), *self._urls(), *self._names(), *self._addresses()])
        return self._found

    def _code(self) -> Iterator[tuple[int, int]]:
        text, at = self._text, -1
        while (at := text.find("`", at + 1)) >= 0:
            match = _CODE.match(text, at)
            if match:
                yield match.span()
                at = match.end() - 1

    def _names(self) -> Iterator[tuple[int, int]]:
        text, at = self._text, -1
        while (at := text.find("www.", at + 1)) >= 0:
            match = _WWW.match(text, at)
            if match:
                yield match.span()
                at = match.end() - 1

    def _urls(self) -> Iterator[tuple[int, int]]:
        text, at, done = self._text, -1, 0
        while (at := text.find("://", at + 1)) >= 0:
            scheme = _SCHEME.search(text, max(done, at - 17), at)
            address = _ADDRESS.match(text, at + 3)
            if scheme and address:
                yield scheme.start(), address.end()
                at = done = address.end() - 1

    def _addresses(self) -> Iterator[tuple[int, int]]:
        text, at = self._text, -1
        while (at := text.find("@", at + 1)) >= 0:
            local = _LOCAL.search(text, max(0, at - _LOCAL_WINDOW), at)
            domain = _DOMAIN.match(text, at)
            handle = _HANDLE.match(text, at)
            if local and domain:
                yield local.start(), domain.end()
            elif handle:
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
