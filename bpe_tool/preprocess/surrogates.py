"""Lone surrogates, which a `str` of Python may hold and the core does not take."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from bpe_tool.errors import DataError

P = ParamSpec("P")
T = TypeVar("T")

_SURROGATE = re.compile("[\ud800-\udfff]")


def found_in_core(
    find: Callable[Concatenate[str, P], T], text: str, *options: P.args, **named: P.kwargs
) -> T:
    """Return what a function of the core finds in a text that may hold lone surrogates.

    If there are any, the core gets U+FFFD instead: neither is a letter, a space or a punctuation
    mark, so it finds the same.
    """
    try:
        return find(text, *options, **named)
    except DataError:
        return find(_SURROGATE.sub("\ufffd", text), *options, **named)
