"""Which tokens a training may make, and which it must."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from bpe_tool import checks
from bpe_tool.vocab.token_text import escape

#: The rules that are lists of tokens.
LISTS = ("blocked_tokens", "allowed_tokens", "seed_tokens")


@dataclass(frozen=True, kw_only=True)
class TokenRules:
    """Rules on the tokens to learn. Single bytes are always tokens.

    Attributes:
        max_token_bytes: The maximum length of a token in bytes. No limit by default.
        max_token_chars: The maximum length of a token in characters. A character counts even if
            only some of its bytes are in the token. No limit by default.
        whole_characters: Make only tokens that are whole characters, or a part of one.
        blocked_tokens: Tokens that are not made.
        allowed_tokens: The only tokens that are made. All by default.
        seed_tokens: Tokens that come first, whatever their counts, with the tokens they are made
            of. The limits on length do not apply to them.
    """

    max_token_bytes: int | None = None
    max_token_chars: int | None = None
    whole_characters: bool = False
    blocked_tokens: Iterable[str | bytes] = ()
    allowed_tokens: Iterable[str | bytes] | None = None
    seed_tokens: Iterable[str | bytes] = ()

    def __post_init__(self) -> None:
        for name in ("max_token_bytes", "max_token_chars"):
            self._set(name, checks.maybe_whole(name, getattr(self, name), 1, checks.MAX_COUNT))
        self._set("whole_characters", checks.flag("whole_characters", self.whole_characters))
        for name in LISTS:
            tokens = getattr(self, name)
            if tokens is not None or name != "allowed_tokens":
                self._set(name, _tokens(name, tokens))

    def record(self) -> dict[str, object]:
        """Return the rules as `training.json` has them: lists as text, in the order of bytes."""
        found = {}
        for field in fields(TokenRules):
            value = getattr(self, field.name)
            if field.name in LISTS and value is not None:
                value = [escape(token) for token in sorted(value)]
            found[field.name] = value
        return found

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def _tokens(name: str, values: Iterable[str | bytes]) -> tuple[bytes, ...]:
    """Return tokens as bytes, each once, in the order in which they were given."""
    found = checks.texts(name, values)
    for row, value in enumerate(found):
        if not isinstance(value, checks.TEXT):
            raise checks.not_a_text(name, row, value)
    return tuple(dict.fromkeys(checks.as_bytes(name, value) for value in found))
