"""The verb `chunk`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bpe_tool.cli import input_options, options
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool.boundaries import Boundary
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit
    from bpe_tool.tokenizer import Special

EPILOG = """\b
Each chunk is a JSON line with its text; the file, the number of the record in it, and where
in the record the chunk starts and ends, in bytes; and its number of tokens.

\b
Examples:
  bpe-tool chunk -t gpt-4o -n 512 --overlap 64 --at paragraph docs/ > chunks.ndjson
  bpe-tool chunk -t my-vocab -n 256 --column text reviews.csv -o chunks.ndjson
"""


@command(epilog=EPILOG)
@options.files
@options.tokenizer
@options.limit(1, "Maximum number of tokens of a chunk.")
@click.option(
    "--overlap",
    type=options.number(0),
    default=0,
    metavar="N",
    help="How many tokens a chunk repeats of the one before, at most.  [default: 0]",
)
@click.option(
    "--at",
    "boundary",
    type=click.Choice(["token", "word", "line", "paragraph"]),
    default="token",
    help="Where chunks end. Where not even one word, line or paragraph fits: at a token.  "
    "[default: token]",
)
@options.special
@input_options.unit("default")
@input_options.inputs("binary")
@options.output
@options.foreign_pattern
@options.foreign_special_tokens
@options.messages
def chunk(
    files: tuple[str, ...],
    tokenizer_path: str,
    limit: int,
    overlap: int,
    boundary: Boundary,
    special: Special,
    unit: Unit | None,
    inputs: Inputs,
    output: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    quiet: bool,
    no_progress: bool,
) -> int:
    """Cut text into chunks of at most N tokens each.

    FILES are as for encode: files, directories, archives, globs, or - for standard input, which
    is the default.
    """
    from bpe_tool.cli.session import Skips, announce, find_sources, reading, streaming_console
    from bpe_tool.io import ndjson
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.streams.pieces import chunks
    from bpe_tool.vocab import files as vocab_files

    if overlap >= limit:
        raise click.UsageError("--overlap must be smaller than -n.")
    core = vocab_files.load(tokenizer_path, pattern, options.special_token_ids(special_tokens))
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    skips = Skips(console)
    unit = inputs.unit(unit or Unit())
    sources = find_sources(console, files, inputs.selection, unit)
    refuse_own_input(sources, output)
    with open_output(output) as out, reading(console, sources) as on_read:
        announce(console, sources)
        for each in chunks(
            sources,
            core,
            limit,
            unit,
            overlap=overlap,
            boundary=boundary,
            special=special,
            on_read=on_read,
            on_skip=skips.add,
        ):
            out.write(ndjson.write(each) + b"\n")
    return skips.exit_code()
