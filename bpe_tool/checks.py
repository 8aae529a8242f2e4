"""Checks of arguments: one way to say which is wrong, what was given, and what is taken."""

from __future__ import annotations

import math
import operator
import os
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, ArgumentTypeError, DataError

#: The largest id there can be.
MAX_ID = 2**32 - 1

#: The most of anything that is counted: more than there can be, and so few that sums fit 64 bits.
MAX_COUNT = 2**62

#: The largest seed or epoch.
MAX_SEED = 2**64 - 1

#: The most threads that there may be.
MAX_THREADS = 1 << 16

#: What a text may be. (A union would be made anew for each text.)
TEXT = (str, bytes, bytearray)

T = TypeVar("T")

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 80


def shown(value: object) -> str:
    """Return any value as messages show it: the start of its `repr`, and its type."""
    try:
        text = " ".join(_repr.repr(value).split())
    except Exception:
        # A number can have more digits than Python wants to write.
        text = "…"
    return f"{text} ({type(value).__name__})"


def wrong_type(name: str, value: object, wanted: str) -> ArgumentTypeError:
    """Return the error for an argument that is not of the kind `wanted`."""
    return ArgumentTypeError(f"`{name}` is {shown(value)}: it must be {wanted}")


def instance(name: str, value: object, kind: type[Any], wanted: str) -> None:
    """Refuse what is not of a type."""
    if not isinstance(value, kind):
        raise wrong_type(name, value, wanted)


def whole(name: str, value: object, least: int | None = 0, most: int | None = None) -> int:
    """Return a whole number, also one of numpy's, as an `int`.

    Raises:
        ArgumentTypeError: It is none; `True` and `False` are none.
        ArgumentError: It is below `least` or above `most`.
    """
    if isinstance(value, bool):
        raise wrong_type(name, value, "a whole number")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise wrong_type(name, value, "a whole number") from None
    if (least is not None and number < least) or (most is not None and number > most):
        range = f"at least {least}" if most is None else f"from {least} to {most}"
        # It may have more digits than Python wants to write.
        found = str(number) if abs(number) < 1 << 128 else "out of range"
        raise ArgumentError(f"`{name}` is {found}: it must be {range}")
    return number


def maybe_whole(name: str, value: object, least: int = 0, most: int | None = None) -> int | None:
    """Return `None` or a whole number; see `whole`."""
    return None if value is None else whole(name, value, least, most)


def number(name: str, value: object, least: float = 0.0, most: float = 1.0) -> float:
    """Return a real number in a range, by default a chance or a share.

    Raises:
        ArgumentTypeError: It is no number.
        ArgumentError: It is out of range, or not a number in the sense of floating point.
    """
    if isinstance(value, bool | str | bytes | bytearray) or not hasattr(type(value), "__float__"):
        raise wrong_type(name, value, "a number")
    # numpy takes truth values, complex numbers and spans of time for numbers, too.
    if getattr(getattr(value, "dtype", None), "kind", "f") not in "iuf":
        raise wrong_type(name, value, "a number")
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise wrong_type(name, value, "a number") from None
    if math.isnan(found) or not least <= found <= most:
        raise ArgumentError(f"`{name}` is {found}: it must be from {least:g} to {most:g}")
    return found


def choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse what is not one of several names.

    Raises:
        ArgumentTypeError: It is no `str`.
        ArgumentError: It is none of them; the hint lists them.
    """
    if isinstance(value, str) and value in choices:
        return
    listed = ", ".join(f'"{each}"' for each in choices)
    if not isinstance(value, str):
        raise wrong_type(name, value, f"one of {listed}")
    hints = ", ".join(f'`{name}="{each}"`' for each in choices)
    raise ArgumentError(
        f"`{name}` is {_repr.repr(value)}, and not one of {listed}", hint=f"use one of {hints}"
    )


def flag(name: str, value: object) -> bool:
    """Return a boolean, also one of numpy's, as a `bool`."""
    if not isinstance(value, bool):
        if getattr(getattr(value, "dtype", None), "kind", "") != "b" or getattr(value, "ndim", 1):
            raise wrong_type(name, value, "True or False")
        return bool(value)
    return value


def flags(**values: object) -> None:
    """Refuse values that are not booleans of Python, such as options that files hold."""
    for name, value in values.items():
        instance(name, value, bool, "True or False")


def core_of(name: str, tokenizer: object) -> _core.Tokenizer:
    """Return what is in a tokenizer."""
    core = getattr(tokenizer, "_core", None)
    if not isinstance(core, _core.Tokenizer):
        raise wrong_type(name, tokenizer, "a Tokenizer")
    return core


def string(name: str, value: object) -> str:
    """Return a `str`."""
    if not isinstance(value, str):
        raise wrong_type(name, value, "a str")
    return value


def plain(name: str, text: object) -> str:
    """Return a `str` that has bytes in UTF-8.

    Raises:
        ArgumentTypeError: It is something else.
        ArgumentError: It holds a lone surrogate.
    """
    found = string(name, text)
    try:
        found.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"`{name}` is {shown(found)}: it holds a lone surrogate") from None
    return found


def as_bytes(name: str, text: object) -> bytes:
    """Return the bytes of a text that is a `str` or bytes.

    Raises:
        ArgumentTypeError: It is something else.
        DataError: It holds a lone surrogate.
    """
    if isinstance(text, bytes | bytearray):
        return bytes(text)
    if not isinstance(text, str):
        raise wrong_type(name, text, "a text, str or bytes")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"the character at index {error.start} is a lone surrogate, which no bytes stand for"
        ) from None


def several(name: str, values: Iterable[T], wanted: str) -> Iterable[T]:
    """Return what can be iterated over, and is not itself one of what is wanted.

    Raises:
        ArgumentTypeError: It is one text or path, has no order, or cannot be iterated over.
    """
    if isinstance(values, str | bytes | bytearray | memoryview | os.PathLike):
        raise ArgumentTypeError(
            f"`{name}` is one, {shown(values)}: it must be {wanted}", hint="wrap it in a list"
        )
    if isinstance(values, Mapping):
        raise wrong_type(name, values, wanted)
    if not isinstance(values, Iterable) and not hasattr(type(values), "__getitem__"):
        raise wrong_type(name, values, wanted)
    return values


def texts(name: str, values: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    """Return several texts as a list or tuple, whose items are still to be checked.

    What has to be iterated over is checked on the way: it may have no end.
    """
    if type(values) is list or type(values) is tuple:
        return values
    found = []
    # How long it says that it is decides nothing.
    for row, value in enumerate(several(name, values, "several texts")):
        if not isinstance(value, TEXT):
            raise not_a_text(name, row, value)
        found.append(value)
    return found


def not_a_text(name: str, row: int, value: object) -> ArgumentTypeError:
    """Return the error for one of several texts that is none."""
    return ArgumentTypeError(f"row {row} of `{name}` is {shown(value)}: expected str or bytes")


def strings(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return several `str`, with each checked."""
    found = []
    for row, value in enumerate(several(name, values, "several str")):
        if not isinstance(value, str):
            raise ArgumentTypeError(f"item {row} of `{name}` is {shown(value)}: expected str")
        found.append(value)
    return tuple(found)


def path(name: str, value: str | os.PathLike[str]) -> Path:
    """Return a path.

    Raises:
        ArgumentTypeError: It is neither `str` nor path-like.
        ArgumentError: No file can have this name.
        FileNotFoundError: It is empty.
    """
    try:
        raw = os.fspath(value)
    except TypeError:
        raise wrong_type(name, value, "a path") from None
    if not isinstance(raw, str):
        raise wrong_type(name, value, "a path as str")
    if not raw:
        raise FileNotFoundError(2, os.strerror(2), raw)
    try:
        impossible = b"\0" in os.fsencode(raw)
    except UnicodeEncodeError:
        impossible = True
    if impossible:
        raise ArgumentError(f"`{name}` is {shown(raw)}: no file can have this name")
    return Path(raw)
