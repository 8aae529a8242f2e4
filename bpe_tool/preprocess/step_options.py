"""Makes steps from options as pipeline files and flags give them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from bpe_tool.checks import shown
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.registry import PATHS, step_class, suggestion
from bpe_tool.preprocess.step import Step, option_types

#: What people call the types of options.
NAMES = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}


def make_step(name: str, options: Mapping[str, Any], folder: Path | None) -> Step:
    """Make a step with options as a file has them.

    Args:
        name: The step's name.
        options: Those that are given.
        folder: What paths are relative to; `None` for the current directory.

    Raises:
        ArgumentError: There is no such step or option, or a value makes no sense.
    """
    step = step_class(name)
    known = option_types(step)
    values: dict[str, Any] = {}
    for option, value in options.items():
        if option not in known:
            raise ArgumentError(f"there is no option {option!r}", hint=suggestion(option, known))
        try:
            values[option] = converted(value, known[option])
        except ArgumentError as error:
            raise ArgumentError(f": {error}", parameter=option, hint=error.hint) from None
        if folder is not None and option in PATHS.get(name, ()):
            paths = change_paths(values[option], lambda path: str(folder / path))
            values[option] = tuple(paths)
    return step(**values)


def converted(value: Any, wanted: Any) -> Any:  # noqa: ANN401 - types of a file's values
    """Return a value as the type an option has: a list as a tuple, an integer as a float."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        for each in inner:
            try:
                return converted(value, each)
            except ArgumentError:
                continue
    elif wanted is NoneType and value is None:
        return None
    elif origin is Literal:
        if value in inner:
            return value
        known = [str(each) for each in inner]
        close = get_close_matches(value, known, 1) if isinstance(value, str) else []
        hint = f"did you mean {close[0]}?" if close else None
        found = repr(value) if isinstance(value, str) else shown(value)
        raise ArgumentError(f"{found} is not one of {', '.join(known)}", hint=hint)
    elif origin is tuple and isinstance(value, list | tuple):
        return tuple(converted(each, inner[0]) for each in value)
    elif wanted is float and type(value) is int:
        return float(value)
    elif type(value) is wanted:
        return value
    raise ArgumentError(f"expected {_called(wanted)}, not {shown(value)}")


def change_paths(values: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Return names and paths of files, with the paths changed."""
    return [change(value) if re.search(r"[./\\]", value) else value for value in values]


def _called(wanted: Any) -> str:  # noqa: ANN401 - any type
    if get_origin(wanted) in (Union, UnionType):
        return " or ".join(_called(each) for each in get_args(wanted) if each is not NoneType)
    if get_origin(wanted) is tuple:
        return f"a list, each of it {_called(get_args(wanted)[0])}"
    if get_origin(wanted) is Literal:
        return "one of " + ", ".join(map(str, get_args(wanted)))
    return NAMES.get(wanted, str(wanted))
