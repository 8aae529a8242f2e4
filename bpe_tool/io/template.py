"""The ids before and after each record, such as a beginning- and an end-of-text token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, Suggestion


@dataclass(frozen=True)
class Template:
    """The ids before and after each record."""

    before: Sequence[int] = ()
    after: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    @classmethod
    def of(cls, tokenizer: _core.Tokenizer) -> Template:
        """Return the template of a vocabulary.

        Raises:
            ArgumentError: The vocabulary has none.
        """
        own = cls(*tokenizer.template)
        if not own:
            raise ArgumentError(
                "this vocabulary has no template", hint=Suggestion("pass {bos} and {eos}")
            )
        return own
