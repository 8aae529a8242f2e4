"""What arguments of the Python functions are called on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import click

from bpe_tool.cli.verbs import cli

#: The options that an argument may be, if not just the one of its name.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "action": ("--remove-digits",),
    "bos_id": ("--bos",),
    "bounds": ("--buckets",),
    "dashes": ("--plain-dashes",),
    "end_id": ("--prompt-end", "--record-end", "--eos"),
    "entities": ("--keep-entities",),
    "eos_id": ("--eos",),
    "extra": ("--stopword",),
    "form": ("--normalize",),
    "fraction": ("--fraction", "--synonym-fraction"),
    "keep": ("--keep-word", "--keep-punctuation"),
    "keep_negation": ("--remove-negation",),
    "language": ("--stem", "--lemmatize"),
    "letters": ("--ascii-letters",),
    "lists": ("--remove-stopwords",),
    "mask_id": ("--mask",),
    "output": ("-o",),
    "pad_id": ("--pad",),
    "probability": ("--mlm-probability",),
    "quotes": ("--straight-quotes",),
    "replacement": ("--strip-urls",),
    "seed": ("--seed", "--synonym-seed"),
    "space": ("--characters",),
    "special_tokens": ("--special-token",),
    "split": ("--mlm-split",),
    "strategy": ("--pack",),
    "tables": ("--rephrase",),
    "truncation_side": ("--truncate",),
    "unit": ("--mlm-unit",),
    "which": ("--digits", "--remove-punctuation"),
    "words": ("--digit-words",),
    "zero_width": ("--keep-zero-width",),
}

_ARGUMENT = re.compile(r'`([a-z][a-z_]*)(?:=\"?([^"`]*)\"?)?`')


def with_options(text: str, arguments: Sequence[str]) -> str:
    """Put options where a text names arguments of the Python functions.

    Args:
        text: The text, with names as `` `name` `` or `` `name="value"` ``.
        arguments: Those of the command line. What its verb has no option for is named as it is;
            of several that it may be, it is the one that was given.
    """
    known = options_of(_verb(arguments))

    def option(match: re.Match[str]) -> str:
        name, value = match.groups()
        ways = OPTIONS.get(name, ("--" + name.replace("_", "-"),))
        ways = tuple(way for way in ways if way in known)
        given = [way for way in ways if any(each.split("=")[0] == way for each in arguments)]
        if not ways:
            return name if value is None else f"{name}={value}"
        way = (given or ways)[0]
        return way if value is None else f"{way} {value}"

    return _ARGUMENT.sub(option, text)


def options_of(command: click.Command) -> set[str]:
    """Return all options of a command."""
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)}


def _verb(arguments: Sequence[str]) -> click.Command:
    """Return the command that arguments call: options stand after its name."""
    command: click.Command = cli
    for argument in arguments:
        if not isinstance(command, click.Group):
            break
        context = click.Context(command)
        if argument not in command.list_commands(context):
            break
        found = command.get_command(context, argument)
        assert found is not None
        command = found
    return command
