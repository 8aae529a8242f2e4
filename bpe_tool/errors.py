"""The errors of this package.

    BpeToolError
    ├─ ArgumentError (ValueError)         2   an argument is not valid, alone or with others
    │  ├─ ArgumentTypeError (TypeError)   2   an argument has the wrong type
    │  └─ PatternError                    2   a pattern cannot be parsed or kept exactly
    ├─ DataError (ValueError)             3   the input cannot be processed as requested
    │  ├─ SpecialTokenError               3   text contains a special token that is not allowed
    │  └─ UnknownIdError (LookupError)    3   an id is not in the vocabulary
    ├─ VocabError (ValueError)            4   a vocabulary or its file is not valid
    ├─ LimitError                         6   a limit was reached
    └─ InternalError                     70   a bug of this package

The number is the exit code of the command line. Files that are missing, unreadable or
unwritable raise the `OSError` of the system (exit code 5). A `BpeToolWarning` reports what
works, but perhaps not as expected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self, TypeAlias

#: The longest message, in characters. What a message quotes may be of any length.
MAX_MESSAGE = 1000

#: Writes a parameter and, if there is one, the value to set it to.
Spell: TypeAlias = Callable[[str, str | None], str]


def bounded(message: str) -> str:
    """Return a message without its middle, if it is longer than `MAX_MESSAGE`."""
    if len(message) <= MAX_MESSAGE:
        return message
    return f"{message[: MAX_MESSAGE // 2]} … {message[-MAX_MESSAGE // 4 :]}"


def spell_in_python(name: str, value: str | None) -> str:
    """Write a parameter as Python code: `` `name` ``, or `` `name="value"` ``."""
    if value is None:
        return f"`{name}`"
    return f"`{name}={value}`" if value in ("True", "False") else f'`{name}="{value}"`'


class Suggestion:
    """A text with parameters in braces: `{name}`, or `{name:value}` where a value is suggested."""

    def __init__(self, text: str) -> None:
        self.text = text

    def spelled(self, spell: Spell) -> str:
        """Return the text, with its parameters written by `spell`."""
        # Imported only when there is an error: the command line imports this module at its start.
        from string import Formatter

        return "".join(
            text + ("" if name is None else spell(name, value or None))
            for text, name, value, _ in Formatter().parse(self.text)
        )


class BpeToolError(Exception):
    """The base class of all errors of this package.

    Args:
        message: What is wrong. The middle of a very long message is left out.
        parameter: The parameter that the error is about. The message follows its name,
            with a space between unless it begins with a comma or a colon.
        item: Which item of the parameter, such as `row 3`, if it is about one.
        hint: What to do about it.

    Attributes:
        exit_code: The exit code of the command line.
        parameter: The parameter that the error is about, or `None`.
        spell: Writes parameters in message and hint. The command line sets what writes options.
    """

    exit_code: ClassVar[int] = 70
    _hint: str | Suggestion | None = None

    def __init__(
        self,
        message: str,
        *,
        parameter: str | None = None,
        item: str | None = None,
        hint: str | Suggestion | None = None,
    ) -> None:
        super().__init__(bounded(message))
        self.spell: Spell = spell_in_python
        self.parameter = parameter
        self._item = item
        self._where = ""
        if hint is not None:
            self._hint = hint

    def __str__(self) -> str:
        message: str = self.args[0]
        if self.parameter is not None:
            named = self.spell(self.parameter, None)
            message = f"{named}{message}" if message[:1] in ",:" else f"{named} {message}"
            if self._item is not None:
                message = f"{self._item} of {message}"
        return bounded(self._where + message)

    @property
    def hint(self) -> str | None:
        """What to do about it, if there is a hint."""
        hint = self._hint
        return hint.spelled(self.spell) if isinstance(hint, Suggestion) else hint

    @hint.setter
    def hint(self, hint: str | Suggestion | None) -> None:
        self._hint = hint

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def at(self, where: str) -> Self:
        """Return the same error with a location in front of its message."""
        from copy import copy

        moved = copy(self)
        moved._where = f"{where}: {self._where}"
        return moved


class ArgumentError(BpeToolError, ValueError):
    """An argument is out of range, or conflicts with another."""

    exit_code = 2


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument, or an item of one, has the wrong type."""


class PatternError(ArgumentError):
    """A pattern cannot be parsed, or cannot be kept without changing its meaning."""


class DataError(BpeToolError, ValueError):
    """The input cannot be processed as requested."""

    exit_code = 3


class SpecialTokenError(DataError):
    """The text contains a special token that is not allowed."""

    _hint = Suggestion(
        "pass {special:token} to encode it, or {special:text} to take it as plain text"
    )


class UnknownIdError(DataError, LookupError):
    """An id is not in the vocabulary."""


class VocabError(BpeToolError, ValueError):
    """A vocabulary, or its file, is not valid."""

    exit_code = 4


class LimitError(BpeToolError):
    """A limit on size or work was reached."""

    exit_code = 6


class InternalError(BpeToolError):
    """A bug of this package."""

    exit_code = 70


class BpeToolWarning(UserWarning):
    """Something works, but perhaps not as expected."""
