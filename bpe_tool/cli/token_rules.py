"""The options of `train-vocab` that say which tokens may be made, and which must."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from bpe_tool.cli import options, vocab_sizes


def _list(flag: str, text: str) -> options.Decorator:
    return click.option(flag, metavar="FILE", help=text)


def _limit(flag: str, unit: str) -> options.Decorator:
    text = f"Maximum length of a token in {unit}.  [default: no limit]"
    return click.option(flag, type=options.number(1), metavar="N", help=text)


def rules(verb: options.Verb) -> options.Verb:
    """Add the options, as the argument `rules`: arguments of `TrainOptions`."""
    add = options.decorated(
        _limit("--max-token-bytes", "bytes"),
        _limit("--max-token-chars", "characters"),
        click.option(
            "--whole-characters",
            is_flag=True,
            help="Make only tokens that are whole characters, or a part of one.",
        ),
        _list(
            "--blocked-tokens",
            r"Tokens that are not made: one a line, with the escapes \t, \n, \r, \\ and \xNN.",
        ),
        _list("--allowed-tokens", "The only tokens that are made, in a file like that."),
        _list(
            "--seed-tokens",
            "Tokens that come first, whatever their counts, with the tokens they are made of.",
        ),
        click.option(
            "--init",
            metavar="TOKENIZER",
            help="Extend this vocabulary. Its tokens keep their ids; new ids follow all of them.",
        ),
        click.option(
            "--prune",
            type=options.number(0),
            default=0,
            metavar="N",
            help="Take N tokens of --init out first, those that the text uses least. Other ids "
            "close the gaps; old_ids.npy in the output has the old ones, and -1 for new tokens.",
        ),
        click.option(
            "--superwords",
            callback=vocab_sizes.size,
            metavar="N",
            help="From this number of tokens on, a token may be several words, up to four.",
        ),
    )

    @functools.wraps(verb)
    def with_rules(
        *,
        max_token_bytes: int | None,
        max_token_chars: int | None,
        whole_characters: bool,
        blocked_tokens: str | None,
        allowed_tokens: str | None,
        seed_tokens: str | None,
        init: str | None,
        prune: int,
        superwords: int | None,
        pattern: str | None,
        **others: object,
    ) -> int:
        from bpe_tool.vocab.opening import lacks_pattern, open_vocab
        from bpe_tool.vocab.token_text import read_tokens

        opened = None
        if init is not None:
            # A pattern is for a file that does not contain its own.
            lacks = lacks_pattern(init)
            opened = open_vocab(init, pattern if lacks else None, ())
            pattern = None if lacks else pattern
        lists = {
            "blocked_tokens": blocked_tokens,
            "allowed_tokens": allowed_tokens,
            "seed_tokens": seed_tokens,
        }
        rules: dict[str, Any] = {
            "max_token_bytes": max_token_bytes,
            "max_token_chars": max_token_chars,
            "whole_characters": whole_characters,
            "init": opened,
            "prune": prune,
            "superwords": superwords,
            **{name: read_tokens(Path(path)) for name, path in lists.items() if path is not None},
        }
        return verb(rules=rules, pattern=pattern, **others)

    return add(with_rules)
