"""The base class of all steps."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from bpe_tool import checks
from bpe_tool.preprocess.edits import Edit, apply_edits

#: In pieces of about how many characters long texts are changed, where that is possible.
LONG = 1 << 20


class Step(ABC):
    """One change of text to text.

    A step is a frozen dataclass with keywords only. Its fields are its options, of types that
    TOML and JSON have, and they are checked by these types. A step with further rules checks
    them in its own `__post_init__`, after this one. Equal options mean equal results, in every
    process and on every machine.

    Attributes:
        name: Its name in pipeline files, which is also the name of its function. With hyphens,
            it is its flag.
        idempotent: Whether applying it twice gives the same as applying it once.
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

    @property
    def by_line(self) -> bool:
        """Whether a text may be cut after line feeds: every line is treated by itself."""
        return False

    @abstractmethod
    def edits(self, text: str) -> list[Edit]:
        """Return the changes to make: in order, without overlaps, each with an effect."""

    def apply(self, text: str) -> str:
        """Return the changed text: the same as making all `edits`, but often faster."""
        return apply_edits(text, self.edits(text))

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts: the same as `apply` to each, but often faster."""
        return [self.apply(text) for text in texts]

    def unfinished(self, text: str) -> bool:
        """Return whether a text looks cut off: what the step looks for is open at its end."""
        return False

    def options(self) -> dict[str, object]:
        """Return the options, defaults included, as in a pipeline file. `None` is left out."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            for value in (getattr(self, field.name),)
            if value is not None
        }

    def data_digests(self) -> dict[str, str]:
        """Return what the result depends on besides text and options, by name.

        For example the SHA-256 of a word list, or the version of a library.
        """
        return {}


class ChunkwiseStep(Step):
    """A step that can change most chunks by themselves: text between two spaces."""

    @abstractmethod
    def chunk(self, chunk: str) -> str | None:
        """Return the result for one chunk: text between two spaces or line ends.

        The chunk is not empty and holds no white space. A line becomes the results of its
        chunks, with single spaces between those that are not empty.

        Returns:
            None if the result depends on the text around the chunk.
        """


@cache
def option_types(step: type[Step]) -> dict[str, Any]:
    """Return the types of a step's options, by name."""
    hints = get_type_hints(step)
    return {field.name: hints[field.name] for field in dataclasses.fields(step)}  # type: ignore[arg-type]


def in_pieces(change: Callable[[str], str], text: str) -> str:
    """Change a text, cut after line feeds if it is long, where `change` treats lines by themselves.

    A single call of `str` or `unicodedata` on a GB takes seconds, in which no signal is heard.
    """
    return change(text) if len(text) <= LONG else "".join(map(change, pieces(text)))


def pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of about `LONG` characters, cut after line feeds."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + LONG) + 1 or len(text)
        yield text[start:end]
        start = end


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

    Passing them by name would take longer than many steps need for a short text.

    Raises:
        ArgumentError: The text is no `str`, or an option is wrong.
    """
    if not isinstance(text, str):
        raise checks.wrong_type("text", text, "a str")
    try:
        made = _kept(step, *options)
    except (TypeError, ValueError):
        # An option that cannot be hashed is wrong; the step itself says what it must be.
        made = _made(step, *options)
    return in_pieces(made.apply, text) if made.by_line else made.apply(text)


def _made(step: type[Step], *options: object) -> Step:
    """Return a step with these options."""
    fields = [field.name for field in dataclasses.fields(step) if field.init]  # type: ignore[arg-type]
    return step(**dict(zip(fields, options, strict=True)))


#: The same, but with recently used steps kept.
_kept = lru_cache(maxsize=32, typed=True)(_made)
