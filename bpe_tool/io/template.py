"""The ids before and after each record, such as a beginning- and an end-of-text token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, UnknownIdError


@dataclass(frozen=True)
class Template:
    """The ids before and after each record."""

    before: Sequence[int] = ()
    after: Sequence[int] = ()

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    @classmethod
    def of(
        cls, tokenizer: _core.Tokenizer, *, bos: str | None, eos: str | None, template: bool
    ) -> Template:
        """Make a template of single tokens, or return the vocabulary's own.

        Args:
            tokenizer: The vocabulary.
            bos: The token before: the text of a special token, or an id.
            eos: The token after, likewise.
            template: Return the vocabulary's own template instead.

        Raises:
            ArgumentError: There is no such token or no template, or both were asked for.
        """
        if not template:
            before = [] if bos is None else [token_id(tokenizer, bos)]
            return cls(before, [] if eos is None else [token_id(tokenizer, eos)])
        if bos is not None or eos is not None:
            raise ArgumentError(
                "a template already defines the ids before and after a text",
                hint="pass `template`, or else `bos` and `eos`",
            )
        own = cls(*tokenizer.template)
        if not own:
            raise ArgumentError("this vocabulary has no template", hint="pass `bos` and `eos`")
        return own


def token_id(tokenizer: _core.Tokenizer, token: str) -> int:
    """Return the id that a text names: a special token's, or the number itself.

    Raises:
        ArgumentError: The vocabulary has no such token.
    """
    specials = tokenizer.special_tokens
    if token in specials:
        return specials[token]
    if token.isascii() and token.isdigit() and len(token) <= 10:
        try:
            tokenizer.decode([int(token)])
        except UnknownIdError:
            raise ArgumentError(f"id {token} is not in the vocabulary") from None
        return int(token)
    known = ", ".join(list(specials)[:10]) or "none"
    raise ArgumentError(
        f"{token!r} is not a special token of this vocabulary",
        hint=f"its special tokens are: {known}",
    )
