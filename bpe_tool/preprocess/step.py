"""What every step of preprocessing is."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import ClassVar

from bpe_tool.checks import strings, wrong_type
from bpe_tool.preprocess.edits import Edit, apply_edits

#: In pieces of about how many characters long texts are changed, where that is possible.
LONG = 1 << 20


class Step(ABC):
    """One change of text to text.

    A step is a frozen dataclass (keywords only). Its fields are its options, of types that
    TOML and JSON have; equal options mean equal results, in every process and on every
    machine. What is wrong with options raises `ArgumentError` when the step is made.

    Attributes:
        name: What it is called in pipeline files; also the name of its function, and with
            hyphens of its flag.
        idempotent: Whether doing it twice is doing it once.
    """

    name: ClassVar[str]
    idempotent: ClassVar[bool] = True

    @property
    def by_line(self) -> bool:
        """Whether a text may be cut after line feeds: every line is treated by itself."""
        return False

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


def in_pieces(change: Callable[[str], str], text: str) -> str:
    """Change a text, cut after line feeds if it is long, where `change` treats lines by themselves.

    A single call of `str` or `unicodedata` on a GB takes seconds, in which no signal is heard.
    """
    if len(text) <= LONG:
        return change(text)
    changed: list[str] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start + LONG) + 1 or len(text)
        changed.append(change(text[start:end]))
        start = end
    return "".join(changed)


def keep_strings(step: Step, *names: str) -> None:
    """Check options that are several `str`, and keep each as a tuple.

    Raises:
        ArgumentTypeError: One of them is something else.
    """
    for name in names:
        object.__setattr__(step, name, strings(name, getattr(step, name)))


def applied(step: type[Step], text: str, *options: object) -> str:
    """Return a text changed by a step with these options, in the order of its fields.

    (By name they would take longer than what many steps do to a short text.)

    Raises:
        ArgumentError: The text is no `str`, or an option is wrong.
    """
    if not isinstance(text, str):
        raise wrong_type("text", text, "a str")
    try:
        made = _kept(step, *options)
    except (TypeError, ValueError):
        # An option that cannot be hashed is a wrong one, of which the step says more.
        made = _made(step, *options)
    return in_pieces(made.apply, text) if made.by_line else made.apply(text)


def _made(step: type[Step], *options: object) -> Step:
    """Return a step with these options."""
    fields = [field.name for field in dataclasses.fields(step) if field.init]  # type: ignore[arg-type]
    return step(**dict(zip(fields, options, strict=True)))


#: The same, but the same step once more while it is in use.
_kept = lru_cache(maxsize=32, typed=True)(_made)
