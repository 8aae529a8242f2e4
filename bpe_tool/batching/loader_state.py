"""The state of a loader: how far it is, and what decides its batches, as JSON can hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bpe_tool import checks
from bpe_tool.checks import MAX_SEED
from bpe_tool.errors import ArgumentError

#: The form of the state.
VERSION = 1


@dataclass(frozen=True)
class Progress:
    """How far a loader is.

    Attributes:
        epoch: The epoch.
        batches: The number of batches of this epoch that all ranks have used.
        place: A pool, and the number of batches before it; see `Order.place`.
    """

    epoch: int
    batches: int = 0
    place: tuple[int, int] = (0, 0)


def written(progress: Progress, identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state.

    Args:
        progress: How far the loader is.
        identity: What decides which samples are in which batch, by name.
    """
    return {
        "version": VERSION,
        "epoch": progress.epoch,
        "batches": progress.batches,
        "place": list(progress.place),
        **identity,
    }


def read(state: Mapping[str, Any], identity: Mapping[str, Any]) -> Progress:
    """Return how far a loader was.

    Raises:
        ArgumentError: It is not a state, or one with another identity.
    """
    checks.instance("state", state, Mapping, "what `state_dict` returned")
    place = state.get("place")
    numbers: list[Any] = [state.get("epoch"), state.get("batches")]
    numbers += place if isinstance(place, list | tuple) and len(place) == 2 else [None]
    if state.get("version") != VERSION or not all(
        type(number) is int and 0 <= number <= MAX_SEED for number in numbers
    ):
        raise ArgumentError("is not the state of a loader of this version", parameter="state")
    for name, value in identity.items():
        if state.get(name) != value:
            raise ArgumentError(
                f"the state belongs to other batches: {name} was {state.get(name)}, "
                f"and is {value} now",
                hint="make the loader as it was, or begin without the state",
            )
    epoch, batches, pool, before = numbers
    return Progress(epoch, batches, (pool, before))
