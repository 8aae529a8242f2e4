"""Everything this package can refuse to do.

    BpeToolError
    ├─ ArgumentError (ValueError)         2   an argument makes no sense, here or at all
    │  ├─ ArgumentTypeError (TypeError)   2   an argument is of a type that is not taken
    │  └─ PatternError                    2   a pattern cannot be parsed or kept exactly
    ├─ DataError (ValueError)             3   the input cannot be processed as asked
    │  ├─ SpecialTokenError               3   text holds a special token that is not allowed
    │  └─ UnknownIdError (LookupError)    3   an id is not in the vocabulary
    ├─ VocabError (ValueError)            4   a vocabulary or its file is not valid
    ├─ LimitError                         6   a limit was reached
    └─ InternalError                     70   a bug of this package

The number is the exit code of the command line. Files that are missing, unreadable or
unwritable raise the `OSError` of the system (exit code 5). What works, but perhaps not
as expected, is said with a `BpeToolWarning`.
"""

from __future__ import annotations

from typing import ClassVar, Self

#: So many characters of a message are shown. What it quotes may be of any length.
MAX_MESSAGE = 1000


def bounded(message: str) -> str:
    """Return a message without its middle, if it is longer than `MAX_MESSAGE`."""
    if len(message) <= MAX_MESSAGE:
        return message
    return f"{message[: MAX_MESSAGE // 2]} … {message[-MAX_MESSAGE // 4 :]}"


class BpeToolError(Exception):
    """The base of all errors of this package.

    Args:
        message: What is wrong, and where. The middle of a very long one is left out.
        hint: What to do about it. Arguments stand in it, and in the message of an
            `ArgumentError`, as `` `name` `` or `` `name="value"` ``, so that the command line
            can name its options instead.

    Attributes:
        exit_code: How the command line ends.
        hint: The hint, if there is one.
    """

    exit_code: ClassVar[int] = 70
    hint: str | None = None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(bounded(message))
        if hint is not None:
            self.hint = hint

    def at(self, where: str) -> Self:
        """Return the same error with the place where it happened in front."""
        return type(self)(f"{where}: {self}", hint=self.hint)


class ArgumentError(BpeToolError, ValueError):
    """An argument is out of range, or contradicts another."""

    exit_code = 2


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument, or an item of one, is of a type that is not taken."""


class PatternError(ArgumentError):
    """A pattern cannot be parsed, or cannot be kept without changing its meaning."""


class DataError(BpeToolError, ValueError):
    """The input cannot be processed as asked."""

    exit_code = 3


class SpecialTokenError(DataError):
    """The text holds a special token, and that was not allowed."""

    hint = 'pass `special="token"` to encode it, or `special="text"` to take it as plain text'


class UnknownIdError(DataError, LookupError):
    """An id is not in the vocabulary."""


class VocabError(BpeToolError, ValueError):
    """A vocabulary, or the file that should hold one, is not valid."""

    exit_code = 4


class LimitError(BpeToolError):
    """A limit on size or work was reached."""

    exit_code = 6


class InternalError(BpeToolError):
    """A bug of this package."""

    exit_code = 70


class BpeToolWarning(UserWarning):
    """Something works, but perhaps not as expected."""
