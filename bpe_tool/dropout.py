"""The arguments of BPE-dropout."""

from __future__ import annotations

from typing import TypeAlias

from bpe_tool import checks
from bpe_tool.errors import ArgumentError, Suggestion

#: Probability, seed, epoch, and the number of the first text, as the core takes them.
Dropping: TypeAlias = tuple[float, int, int, int]


def dropping_of(
    dropout: float | None, seed: int | None, epoch: int | None, sample: int | None
) -> Dropping | None:
    """Check the arguments; return `None` if no dropout is asked for.

    Raises:
        ArgumentError: One is out of range, or given without `dropout`.
        ArgumentTypeError: One is not a number.
    """
    words = []
    for name, value in ("seed", seed), ("epoch", epoch), ("sample", sample):
        if value is not None and dropout is None:
            raise ArgumentError(
                "has no effect without dropout",
                parameter=name,
                hint=Suggestion("give a probability: {dropout:0.1}"),
            )
        words.append(0 if value is None else checks.whole(name, value, 0, checks.MAX_SEED))
    if dropout is None:
        return None
    return (checks.number("dropout", dropout), words[0], words[1], words[2])
