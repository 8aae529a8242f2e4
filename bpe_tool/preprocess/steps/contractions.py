"""Writes English contractions out in full: "it's" as "it is" or "it has", "can't" as "cannot".

The core has the grammar, and the rules that decide what each stands for by the words around it:
`rust/contractions/rules/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.step import Step, applied
from bpe_tool.preprocess.surrogates import found_in_core

Ambiguous: TypeAlias = Literal["likely", "keep", "list"]
Inversion: TypeAlias = Literal["literal", "reorder"]


@dataclass(frozen=True, kw_only=True)
class ExpandContractions(Step):
    """Write English contractions out in full.

    Args:
        ambiguous: What to do where 's, 'd or ain't has several possible meanings. `"likely"`:
            take the most likely. `"keep"`: leave it alone if the rules are less than 90 %
            sure. `"list"`: like `"likely"`, and list the other full forms in the edits.
        inversion: `"literal"` keeps the order of words ("Do not you think"); `"reorder"` moves
            "not" behind the subject of a question ("Do you not think").
        missing_apostrophes: Whether to expand words that lack their apostrophe: dont, im,
            youre. "its" and other such words with a meaning of their own are expanded only
            where that meaning is impossible.
    """

    name: ClassVar[str] = "expand_contractions"
    #: A word that was left alone may be expanded once its neighbours are written out.
    idempotent: ClassVar[bool] = False

    ambiguous: Ambiguous = "likely"
    inversion: Inversion = "literal"
    missing_apostrophes: bool = False

    def _options(self) -> tuple[Ambiguous, Inversion, bool]:
        return self.ambiguous, self.inversion, self.missing_apostrophes

    def edits(self, text: str) -> list[Edit]:
        """Return one edit for each contraction, with the rule that decided."""
        found = found_in_core(_core.contraction_edits, text, *self._options())
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
        text: The text to change.
        ambiguous: `"likely"` takes the most likely meaning, `"keep"` leaves alone what is not
            90 % sure.
        inversion: `"literal"` keeps the order of words, `"reorder"` moves "not" behind the
            subject of a question.
        missing_apostrophes: Whether to expand words such as "dont" and "im".

    Returns:
        The changed text, or the same object if it has no contractions.

    >>> expand_contractions("It's late, and John's dog hasn't eaten. He's been out.")
    "It is late, and John's dog has not eaten. He has been out."
    """
    return applied(ExpandContractions, text, ambiguous, inversion, missing_apostrophes)
