"""Checks of arguments. Errors name the parameter, the value, and what is expected."""

from __future__ import annotations

import math
import operator
import os
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, ArgumentTypeError, DataError, Suggestion

#: The largest id.
MAX_ID = 2**32 - 1

#: The largest count of anything: never reached, and small enough that sums fit 64 bits.
MAX_COUNT = 2**62

#: The default limit on a pretoken: a longer one is an error.
MAX_PRETOKEN_BYTES = 64 * 1024 * 1024

#: The largest seed or epoch.
MAX_SEED = 2**64 - 1

#: The largest number of threads.
MAX_THREADS = 1 << 16

#: The types of a text. (A union would be created anew for each text.)
TEXT = (str, bytes, bytearray)

T = TypeVar("T")

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 80


def shown(value: object) -> str:
    """Return a value as messages show it: the start of its `repr`, and its type."""
    try:
        text = " ".join(_repr.repr(value).split())
    except Exception:
        # An integer can have more digits than Python converts to text.
        text = "…"
    return f"{text} ({type(value).__name__})"


def wrong_type(name: str, value: object, wanted: str) -> ArgumentTypeError:
    """Return the error for an argument that is not what is `wanted`."""
    return ArgumentTypeError(f"is {shown(value)}: it must be {wanted}", parameter=name)


def instance(name: str, value: object, kind: type[Any], wanted: str) -> None:
    """Refuse a value that is not of a type."""
    if not isinstance(value, kind):
        raise wrong_type(name, value, wanted)


def whole(name: str, value: object, least: int | None = 0, most: int | None = None) -> int:
    """Return a whole number, also one of numpy, as an `int`.

    Raises:
        ArgumentTypeError: It is not a whole number; `True` and `False` are not.
        ArgumentError: It is below `least` or above `most`.
    """
    if isinstance(value, bool):
        raise wrong_type(name, value, "a whole number")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise wrong_type(name, value, "a whole number") from None
    if (least is not None and number < least) or (most is not None and number > most):
        allowed = f"at least {least}" if most is None else f"from {least} to {most}"
        # It may have more digits than Python converts to text.
        found = str(number) if abs(number) < 1 << 128 else "out of range"
        raise ArgumentError(f"is {found}: it must be {allowed}", parameter=name)
    return number


def maybe_whole(name: str, value: object, least: int = 0, most: int | None = None) -> int | None:
    """Return `None` or a whole number; see `whole`."""
    return None if value is None else whole(name, value, least, most)


def number(name: str, value: object, least: float = 0.0, most: float = 1.0) -> float:
    """Return a real number in a range, by default a probability.

    Raises:
        ArgumentTypeError: It is not a number.
        ArgumentError: It is out of range, or NaN.
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
        raise ArgumentError(f"is {found}: it must be from {least:g} to {most:g}", parameter=name)
    return found


def choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a value that is not one of several names.

    Raises:
        ArgumentTypeError: It is not a `str`.
        ArgumentError: It is none of the names; the hint lists them.
    """
    if isinstance(value, str) and value in choices:
        return
    listed = ", ".join(f'"{each}"' for each in choices)
    if not isinstance(value, str):
        raise wrong_type(name, value, f"one of {listed}")
    settings = ", ".join(f"{{{name}:{each}}}" for each in choices)
    raise ArgumentError(
        f"is {_repr.repr(value)}, and not one of {listed}",
        parameter=name,
        hint=Suggestion(f"use one of {settings}"),
    )


def flag(name: str, value: object) -> bool:
    """Return a boolean, also one of numpy, as a `bool`."""
    if not isinstance(value, bool):
        if getattr(getattr(value, "dtype", None), "kind", "") != "b" or getattr(value, "ndim", 1):
            raise wrong_type(name, value, "True or False")
        return bool(value)
    return value


def flags(**values: object) -> None:
    """Refuse values that are not of type `bool`, such as options from files."""
    for name, value in values.items():
        instance(name, value, bool, "True or False")


def core_of(name: str, tokenizer: object) -> _core.Tokenizer:
    """Return the core of a tokenizer."""
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
    """Return a `str` that can be encoded as UTF-8.

    Raises:
        ArgumentTypeError: It is not a `str`.
        ArgumentError: It contains a lone surrogate.
    """
    found = string(name, text)
    try:
        found.encode()
    except UnicodeEncodeError:
        raise ArgumentError(
            f"is {shown(found)}: it holds a lone surrogate", parameter=name
        ) from None
    return found


def as_bytes(name: str, text: object) -> bytes:
    """Return the bytes of a text.

    Raises:
        ArgumentTypeError: It is neither.
        DataError: It contains a lone surrogate.
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
    """Return an iterable that is not itself a single item.

    Raises:
        ArgumentTypeError: It is a single text or path, a mapping, or not iterable.
    """
    if isinstance(values, str | bytes | bytearray | memoryview | os.PathLike):
        raise ArgumentTypeError(
            f"is one, {shown(values)}: it must be {wanted}",
            parameter=name,
            hint="wrap it in a list",
        )
    if isinstance(values, Mapping):
        raise wrong_type(name, values, wanted)
    if not isinstance(values, Iterable) and not hasattr(type(values), "__getitem__"):
        raise wrong_type(name, values, wanted)
    return values


def texts(name: str, values: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    """Return several texts as a list or tuple.

    The items of a list or tuple are still to be checked. Those of other iterables are checked
    while they are read, as an iterable may have no end.
    """
    if type(values) is list or type(values) is tuple:
        return values
    found = []
    # Its own `__len__` is not trusted.
    for row, value in enumerate(several(name, values, "several texts")):
        if not isinstance(value, TEXT):
            raise not_a_text(name, row, value)
        found.append(value)
    return found


def not_a_text(name: str, row: int, value: object) -> ArgumentTypeError:
    """Return the error for one of several texts that is not a text."""
    return ArgumentTypeError(
        f"is {shown(value)}: expected str or bytes", parameter=name, item=f"row {row}"
    )


def strings(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return several `str`, each of them checked."""
    found = []
    for row, value in enumerate(several(name, values, "several str")):
        if not isinstance(value, str):
            raise ArgumentTypeError(
                f"is {shown(value)}: expected str", parameter=name, item=f"item {row}"
            )
        found.append(value)
    return tuple(found)


def path(name: str, value: str | os.PathLike[str]) -> Path:
    """Return a path.

    Raises:
        ArgumentTypeError: It is neither `str` nor path-like.
        ArgumentError: It cannot be the name of a file.
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
        raise ArgumentError(f"is {shown(raw)}: no file can have this name", parameter=name)
    return Path(raw)


def files(name: str, values: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return several paths, each of them checked, and at least one."""
    found = [
        os.fspath(path(f"{name}[{number}]", value) and value)
        for number, value in enumerate(several(name, values, "several paths"))
    ]
    if not found:
        raise ArgumentError("is empty", parameter=name)
    return found


def decode_errors(errors: object) -> None:
    """Refuse a value that `bytes.decode` does not take for `errors`.

    Raises:
        ArgumentTypeError: It is not a `str`.
        ArgumentError: It is not the name of an error handler for decoding.
    """
    try:
        b"\xff".decode("utf-8", string("errors", errors))
    except UnicodeDecodeError:
        # As "strict" should.
        return
    except ArgumentTypeError:
        raise
    except (LookupError, TypeError, ValueError):
        raise ArgumentError(
            f"is {shown(errors)}, which is not an error handler for decoding",
            parameter="errors",
            hint=Suggestion(
                'use {errors:replace}, "strict", "ignore", "backslashreplace" or "surrogateescape"'
            ),
        ) from None
