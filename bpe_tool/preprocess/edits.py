"""Edits: changes to a text, each with its position and its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """One change.

    Attributes:
        start: Where the replaced text begins, in code points.
        end: Where it ends.
        text: The new text; may be empty.
        rule: The rule of the step that made it, as a short name: `"has-participle"`.
        confidence: How sure the rule is, above 0 and at most 1.
        alternatives: Other texts that might have been meant, the most likely first.
    """

    start: int
    end: int
    text: str
    rule: str
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()

    def moved(self, by: int) -> Edit:
        """Return the same edit in a text that has more characters before it."""
        return self._replace(start=self.start + by, end=self.end + by)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made. They must be in order and must not overlap."""
    pieces: list[str] = []
    done = 0
    for edit in edits:
        assert done <= edit.start <= edit.end
        pieces += (text[done : edit.start], edit.text)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces)
