"""What the verbs of `inspect` that take several vocabularies share."""

from __future__ import annotations

import click

from bpe_tool.cli import options


def examples(verb: str, *calls: str) -> str:
    """Return the examples at the end of a help page."""
    lines = "\n".join(f"  bpe-tool inspect {verb} {call}" for call in calls)
    return f"\b\nExamples:\n{lines}\n"


tokenizers = click.option(
    "-t",
    "--tokenizer",
    "paths",
    required=True,
    cls=options.Repeatable,
    envvar=options.TOKENIZER_VARIABLE,
    show_envvar=True,
    metavar="TOKENIZER",
    help="Vocabulary, as for encode. Repeatable.",
)

patterns = click.option(
    "--pattern",
    "patterns",
    multiple=True,
    metavar="P",
    help="Split pattern, for vocabulary files that do not contain one: one for all of them, or one "
    "for each, in order.",
)
