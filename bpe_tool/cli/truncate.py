"""The verb `truncate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpe_tool.cli import input_options, options
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit
    from bpe_tool.tokenizer import Special

EPILOG = """\b
What is left ends at a character, as late as it can. Records are written as JSON lines with
their other fields.

\b
Examples:
  bpe-tool truncate -t gpt-4o -n 8000 long-prompt.txt
  bpe-tool truncate -t my-vocab -n 512 --ndjson text docs.ndjson -o short.ndjson
"""


@command(epilog=EPILOG)
@options.files
@options.tokenizer
@options.limit(0, "Maximum number of tokens.")
@options.special
@input_options.unit("default")
@input_options.inputs("known")
@options.output
@options.foreign_pattern
@options.foreign_special_tokens
@options.messages
def truncate(
    files: tuple[str, ...],
    tokenizer_path: str,
    limit: int,
    special: Special,
    unit: Unit | None,
    inputs: Inputs,
    output: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    quiet: bool,
    no_progress: bool,
) -> int:
    """Write the beginning of each text: as much as has at most N tokens.

    FILES are as for encode: files, directories, archives, globs, or - for standard input, which
    is the default.
    """
    from bpe_tool.cli.session import announce, find_sources, reading, streaming_console
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.streams.pieces import truncate as truncate_stream
    from bpe_tool.vocab import files as vocab_files

    core = vocab_files.load(tokenizer_path, pattern, options.special_token_ids(special_tokens))
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    unit = inputs.unit(unit or Unit())
    sources = find_sources(console, files, inputs.selection, unit)
    refuse_own_input(sources, output)
    with open_output(output) as out, reading(console, sources) as on_read:
        announce(console, sources)
        truncate_stream(sources, core, limit, unit, out, special=special, on_read=on_read)
    return 0
