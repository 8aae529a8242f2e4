"""What a rule decides about a contraction."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """One decision.

    Attributes:
        meaning: What the clitic stands for: `"is"`, `"had"`, …, or `""` for nothing, when
            the word is no contraction, or a possessive.
        rule: The name of the rule.
        confidence: How sure it is, above 0 and at most 1.
        others: What else the clitic might stand for, the likeliest first.
    """

    meaning: str
    rule: str
    confidence: float
    others: tuple[str, ...] = ()


POSSESSIVE = Verdict("", "possessive", 0.9)
