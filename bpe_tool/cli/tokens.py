"""Tokens as a command line names them: by their text, or as `#ID`.

Options that take a special token also take a bare ID, if no special token has that text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, DataError, Suggestion, UnknownIdError
from bpe_tool.io.template import Template

if TYPE_CHECKING:
    from bpe_tool import _core

#: How many special tokens a hint lists.
LISTED = 10


def token_id(core: _core.Tokenizer, token: str) -> int:
    """Return the id of any token, given by its text or as `#ID`.

    Raises:
        DataError: No token has this text. An id is not looked up.
    """
    if token.startswith("#") and _is_number(token[1:]):
        return int(token[1:])
    found = core.token_to_id(token.encode())
    if found is None:
        raise DataError(
            f"no token has the text {token!r}",
            hint=Suggestion("{text} lists the tokens that hold a text"),
        )
    return found


def special_token_id(
    parameter: str,
    token: str,
    core: _core.Tokenizer | None,
    known: Mapping[str, int] | None = None,
) -> int:
    """Return the id of a special token, given by its text, as `#ID` or as a bare ID.

    Args:
        parameter: The parameter that it is for.
        token: Its text or id.
        core: The vocabulary, if there is one.
        known: The special tokens that are known without a vocabulary.

    Raises:
        ArgumentError: There is no such token.
    """
    specials = core.special_tokens if core is not None else known or {}
    if token in specials:
        return specials[token]
    digits = token.removeprefix("#")
    if not _is_number(digits):
        if core is None:
            raise ArgumentError(
                f": {token!r} is not an id, and there is no vocabulary to look it up in",
                parameter=parameter,
                hint=Suggestion("pass {tokenizer}, or the id"),
            )
        listed = ", ".join(list(specials)[:LISTED]) or "none"
        raise ArgumentError(
            f": {token!r} is not a special token of this vocabulary",
            parameter=parameter,
            hint=f"its special tokens are: {listed}",
        )
    if len(digits) > len(str(MAX_ID)) or int(digits) > MAX_ID:
        raise ArgumentError(
            f": {digits} is above {MAX_ID}, the largest possible id", parameter=parameter
        )
    if core is not None:
        try:
            core.id_to_token(int(digits))
        except UnknownIdError:
            raise ArgumentError(
                f": id {digits} is not in the vocabulary", parameter=parameter
            ) from None
    return int(digits)


def marker_ids(
    parameter: str, text: str, core: _core.Tokenizer | None, known: Mapping[str, int]
) -> tuple[int, ...]:
    """Return the ids of a marker: those of a special token, or of any text.

    Args:
        parameter: The parameter that it is for.
        text: A special token, as for `special_token_id`; or, with a vocabulary, any text, in
            which special tokens are encoded as such.
        core: The vocabulary, if there is one.
        known: The special tokens that are known without a vocabulary.

    Raises:
        ArgumentError: There is no such token.
    """
    try:
        return (special_token_id(parameter, text, core, known),)
    except ArgumentError:
        if core is None or not text or _is_number(text.removeprefix("#")):
            raise
    return tuple(core.encode(text, "token", False))


def template_of(core: _core.Tokenizer, bos: str | None, eos: str | None, own: bool) -> Template:
    """Return the ids around each record that `--bos`, `--eos` or `--template` ask for.

    Raises:
        ArgumentError: There is no such token or no template, or both were asked for.
    """
    if not own:
        before = [] if bos is None else [special_token_id("bos", bos, core)]
        return Template(before, [] if eos is None else [special_token_id("eos", eos, core)])
    if bos is not None or eos is not None:
        raise ArgumentError(
            "a template already says which tokens stand around a text",
            hint=Suggestion("pass {template}, or else {bos} and {eos}"),
        )
    return Template.of(core)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
