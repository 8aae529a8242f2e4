"""Writes English contractions out in full: "it's" as "it is" or "it has", "can't" as "cannot".

The core knows the grammar and decides what each stands for: `rust/contractions/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.preprocess.character_classes import without_surrogates
from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.step import Step, applied

Ambiguous: TypeAlias = Literal["likely", "keep", "list"]
Inversion: TypeAlias = Literal["literal", "reorder"]


@dataclass(frozen=True, kw_only=True)
class ExpandContractions(Step):
    """Write English contractions out in full.

    Args:
        ambiguous: What to do where 's, 'd or ain't may mean several things. `"likely"`: take
            the likeliest. `"keep"`: leave those of which the rules are less than 90 % sure.
            `"list"`: as `"likely"`, and name the other texts in the edits.
        inversion: `"literal"` keeps the order of words ("Do not you think"); `"reorder"`
            puts "not" behind the subject of a question ("Do you not think").
        missing_apostrophes: Whether words that lack their apostrophe count, too: dont, im,
            youre. "its" and others that are also words count only where those cannot stand.
    """

    name: ClassVar[str] = "expand_contractions"
    #: What was left alone for want of context may find it in words written out next to it.
    idempotent: ClassVar[bool] = False

    ambiguous: Ambiguous = "likely"
    inversion: Inversion = "literal"
    missing_apostrophes: bool = False

    def _options(self) -> tuple[Ambiguous, Inversion, bool]:
        return self.ambiguous, self.inversion, self.missing_apostrophes

    def edits(self, text: str) -> list[Edit]:
        """Return one edit for each contraction: its place, its full form, and why."""
        try:
            found = _core.contraction_edits(text, *self._options())
        except DataError:
            found = _core.contraction_edits(without_surrogates(text), *self._options())
        return [Edit(*each) for each in found]

    def apply(self, text: str) -> str:
        """Return the text with its contractions written out."""
        try:
            return _core.expand_contractions(text, *self._options())
        except DataError:
            return apply_edits(text, self.edits(text))

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts."""
        try:
            return _core.expand_all_contractions(texts, *self._options())
        except DataError:
            return [self.apply(text) for text in texts]


def expand_contractions(
    text: str,
    *,
    ambiguous: Ambiguous = "likely",
    inversion: Inversion = "literal",
    missing_apostrophes: bool = False,
) -> str:
    """Write English contractions out in full.

    Args:
        text: Any text.
        ambiguous: `"likely"` or `"keep"`; see `ExpandContractions`.
        inversion: `"literal"` or `"reorder"`; see `ExpandContractions`.
        missing_apostrophes: Whether "dont" and "im" count; see `ExpandContractions`.

    Returns:
        The text; the very same if it has no contractions.

    >>> expand_contractions("It's late, and John's dog hasn't eaten. He's been out.")
    "It is late, and John's dog has not eaten. He has been out."
    """
    return applied(ExpandContractions, text, ambiguous, inversion, missing_apostrophes)
