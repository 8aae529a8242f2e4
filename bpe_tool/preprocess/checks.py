"""Checks of options that several steps share."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool.errors import ArgumentError


def one_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the choices.

    Raises:
        ArgumentError: It is not; the hint lists the choices.
    """
    if value not in choices:
        listed = ", ".join(f'`{name}="{choice}"`' for choice in choices)
        raise ArgumentError(f"{name} cannot be {value!r}", hint=f"use one of {listed}")


def flags(**values: object) -> None:
    """Refuse values that are not booleans.

    Raises:
        ArgumentError: One of them is something else.
    """
    for name, value in values.items():
        if not isinstance(value, bool):
            raise ArgumentError(
                f"{name} cannot be {value!r}", hint=f"use `{name}=True` or `{name}=False`"
            )


def string(name: str, value: object) -> None:
    """Refuse a value that is not a text.

    Raises:
        ArgumentError: It is something else.
    """
    if not isinstance(value, str):
        raise ArgumentError(f"{name} cannot be {value!r}", hint=f"give `{name}` a text")
