"""What every step of preprocessing is."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from bpe_tool import checks
from bpe_tool.preprocess.edits import Edit, apply_edits


class Step(ABC):
    """One change of text to text.

    A step is a frozen dataclass with keywords only. Its fields are its options, of types that
    TOML and JSON have, and they are checked by these types. A step with further rules checks
    them in its own `__post_init__`, after this one. Equal options mean equal results, in every
    process and on every machine.

    Attributes:
        name: What it is called in pipeline files; also the name of its function, and with
            hyphens of its flag.
        idempotent: Whether doing it twice is doing it once.
    """

    name: ClassVar[str]
    idempotent: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the options by their types, and keep them as Python's own.

        Raises:
            ArgumentTypeError: An option has the wrong type.
            ArgumentError: A value is not one of the choices, or out of range.
        """
        for name, kind in option_types(type(self)).items():
            object.__setattr__(self, name, _checked(name, getattr(self, name), kind))

    def __getstate__(self) -> dict[str, object]:
        """Return the options alone: what a step has cached may be large, or not picklable."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    @abstractmethod
    def edits(self, text: str) -> list[Edit]:
        """Return the changes to make: in order, apart from each other, and none in vain."""

    def apply(self, text: str) -> str:
        """Return the changed text. The same as making all `edits`, but perhaps faster."""
        return apply_edits(text, self.edits(text))

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts. The same as `apply` to each, but perhaps faster."""
        return [self.apply(text) for text in texts]

    def unfinished(self, text: str) -> bool:
        """Return whether a text looks cut off to the step: what it looks for is open at the end."""
        return False

    def options(self) -> dict[str, object]:
        """Return the options, defaults included, as a pipeline file has them: never `None`."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            for value in (getattr(self, field.name),)
            if value is not None
        }

    def data_digests(self) -> dict[str, str]:
        """Return what the result depends on beside text and options, by name.

        For example the SHA-256 of a word list, or the version of a library.
        """
        return {}


class ChunkwiseStep(Step):
    """A step that can treat most stretches between spaces by themselves."""

    @abstractmethod
    def chunk(self, chunk: str) -> str | None:
        """Return what becomes of a stretch of text between two spaces, or line ends.

        The stretch is not empty and holds no white space. A line of such stretches with
        single spaces between becomes the results of all that have one, with single spaces
        between; so a stretch that goes leaves no space of its own.

        Returns:
            None if it cannot be told without the text around it.
        """


@cache
def option_types(step: type[Step]) -> dict[str, Any]:
    """Return the types of a step's options, by name."""
    hints = get_type_hints(step)
    return {field.name: hints[field.name] for field in dataclasses.fields(step)}  # type: ignore[arg-type]


def _checked(name: str, value: Any, kind: Any) -> Any:  # noqa: ANN401 - any option, any type
    """Return the value of an option of some type; a `float` is a share, from 0 to 1."""
    if kind is bool:
        checks.flags(**{name: value})
    elif kind is int:
        return checks.whole(name, value, least=None)
    elif kind is float:
        return checks.number(name, value)
    elif kind is str or (kind == str | None and value is not None):
        checks.string(name, value)
    elif get_origin(kind) is tuple:
        return checks.strings(name, value)
    elif get_origin(kind) is Literal:
        checks.choice(name, value, get_args(kind))
    return value


def applied(step: type[Step], text: str, *options: object) -> str:
    """Return a text changed by a step with these options, in the order of its fields.

    (By name they would take longer than what many steps do to a short text.)

    Raises:
        ArgumentError: The text is no `str`, or an option is wrong.
    """
    if not isinstance(text, str):
        raise checks.wrong_type("text", text, "a str")
    try:
        made = _kept(step, *options)
    except TypeError:
        # An option that cannot be hashed is a wrong one, of which the step says more.
        made = _made(step, *options)
    return made.apply(text)


def _made(step: type[Step], *options: object) -> Step:
    """Return a step with these options."""
    fields = [field.name for field in dataclasses.fields(step) if field.init]  # type: ignore[arg-type]
    return step(**dict(zip(fields, options, strict=True)))


#: The same, but the same step once more while it is in use.
_kept = lru_cache(maxsize=32, typed=True)(_made)
