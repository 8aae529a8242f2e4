"""The verb `convert`."""

from __future__ import annotations

import shlex

import click

from bpe_tool.cli import options
from bpe_tool.cli.command import command

EPILOG = """\b
The name of OUT selects the format: NAME.json is a tokenizer.json, NAME.tiktoken a tiktoken
file; merges.txt or NAME-merges.txt is written together with its vocab.json; any other name
is a directory. IN is a file, a directory or a name, as for encode -t. Before anything is
written, probe texts that contain every token are encoded with both; the ids must be equal.
A notice lists what the new format cannot store.

\b
Examples:
  bpe-tool convert cl100k_base.tiktoken tokenizer.json
  bpe-tool convert my-vocab my-vocab.tiktoken
  bpe-tool convert gpt2/vocab.json gpt2.json --pattern gpt2 --special-token '<|endoftext|>'
"""


@command(epilog=EPILOG)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@options.foreign_pattern
@options.foreign_special_tokens
@click.option("--quiet", "-q", is_flag=True, help="Show errors only.")
def convert(
    source: str,
    target: str,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    quiet: bool,
) -> int:
    """Convert a vocabulary to another format."""
    from bpe_tool.cli.console import Console
    from bpe_tool.rendering.numbers import counted
    from bpe_tool.vocab import convert as conversion

    console = Console(quiet=quiet)
    specials = options.special_token_ids(special_tokens)
    done = conversion.convert(source, target, pattern=pattern, special_tokens=specials)
    tokens, probes = counted(done.tokens, "token"), counted(done.probes, "probe")
    console.notice(f"{done.path}: {tokens}, equal ids for {probes}")
    if done.lost:
        console.notice(f"not stored: {'; '.join(done.lost)}")
    if done.pattern is not None:
        given = [f"--pattern {shlex.quote(done.pattern)}"]
        for text, id in done.special_tokens.items():
            given.append(f"--special-token {shlex.quote(f'{text}={id}')}")
        console.notice(f"to read it: -t {shlex.quote(str(done.path))} {' '.join(given)}")
    return 0
