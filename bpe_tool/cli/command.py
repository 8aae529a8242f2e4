"""Commands of the command line. In errors about parameters, they name their options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from bpe_tool.errors import BpeToolError, spell_in_python

#: The options that a parameter of the API may be, if not the one of its name.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "bos_id": ("--bos",),
    "bounds": ("--buckets",),
    "end_id": ("--prompt-end", "--record-end", "--eos"),
    "eos_id": ("--eos",),
    "mask_id": ("--mask",),
    "output": ("-o",),
    "pad_id": ("--pad",),
    "probability": ("--mlm-probability",),
    "special_tokens": ("--special-token",),
    "split": ("--mlm-split",),
    "strategy": ("--pack",),
    "text": ("--find",),
    "truncation_side": ("--truncate",),
    "unit": ("--mlm-unit",),
}

CONTEXT: Mapping[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
    # What is shown has colours only where it can: click does not take them out.
    "color": True,
}


class Command(click.Command):
    """A command whose errors name options, not parameters of the API."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BpeToolError as error:
            # Code that knows the flag, such as that of a step, has set this already.
            if error.spell is spell_in_python:
                error.spell = partial(spell_as_option, ctx)
            raise


class VerbGroup(click.Group):
    """A group of such commands."""

    command_class = Command


def command(
    cls: type[Command] = Command, *, epilog: str
) -> Callable[[Callable[..., int]], Command]:
    """Return the decorator of a verb; `epilog` ends its help page."""
    return click.command(cls=cls, context_settings=dict(CONTEXT), epilog=epilog)


def spell_as_option(ctx: click.Context, name: str, value: str | None) -> str:
    """Write a parameter of the API as an option of the command that runs.

    If it may be one of several options, it is the one that was given. A parameter that the
    command has no option for is written as it is.
    """
    known = {flag: option.name for option in ctx.command.params for flag in option.opts}
    options = [
        flag for flag in OPTIONS.get(name, (f"--{name.replace('_', '-')}",)) if flag in known
    ]
    if not options:
        return name if value is None else f"{name}={value}"
    given = [
        flag
        for flag in options
        if ctx.get_parameter_source(known[flag] or "") is ParameterSource.COMMANDLINE
    ]
    flag = (given or options)[0]
    return flag if value is None else f"{flag} {value}"
