"""The verb `decode`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bpe_tool.cli import input_options, options
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.records import IdFormat

EPILOG = """\b
The exact inverse of encode, given the same record options (--lines and so on), --format,
--bos, --eos and --template. The tokens of the last three are removed from the start and end
of each record, if present; any other special token is decoded to its text, or left out with
--skip-special.

\b
Examples:
  bpe-tool encode -t my-vocab < text.txt | bpe-tool decode -t my-vocab | cmp - text.txt
  bpe-tool decode -t my-vocab --format u16 --eos '<|endoftext|>' --ndjson text ids.u16
  echo '104 105' | bpe-tool decode -t my-vocab
"""


@command(epilog=EPILOG)
@options.files
@options.tokenizer
@options.format
@options.bos
@options.eos
@options.template
@click.option("--skip-special", is_flag=True, help="Leave special tokens out of the text.")
@input_options.unit("default: --lines; for u16, u32 and npy: --whole")
@options.output
@options.foreign_pattern
@options.foreign_special_tokens
@options.messages
def decode(
    files: tuple[str, ...],
    tokenizer_path: str,
    format: IdFormat | None,
    bos: str | None,
    eos: str | None,
    template: bool,
    skip_special: bool,
    unit: Unit | None,
    output: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    quiet: bool,
    no_progress: bool,
) -> int:
    """Convert ids back to text.

    FILES are files (also .gz and .zst), directories, globs, or - for standard input, which is
    the default.
    """
    from bpe_tool.cli.session import Skips, announce, reading, streaming_console
    from bpe_tool.cli.tokens import template_of
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.files import expand
    from bpe_tool.io.id_writers import check_boundaries
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.io.records import RAW_WIDTHS
    from bpe_tool.streams import decode as decode_stream
    from bpe_tool.vocab import files as vocab_files

    format = format or "ids"
    if unit is None:
        unit = Unit() if format in RAW_WIDTHS else Unit(b"\n")
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    skips = Skips(console)
    specials = options.special_token_ids(special_tokens)
    tokenizer = vocab_files.load(tokenizer_path, pattern, specials)
    decoding = decode_stream.Decoding(
        tokenizer=tokenizer,
        unit=unit,
        template=template_of(tokenizer, bos, eos, template),
        id_format=format,
        skip_special=skip_special,
    )
    check_boundaries(format, several=unit.terminator is not None, ended=eos is not None)
    sources = expand(files)
    refuse_own_input(sources, output)
    with open_output(output) as out, reading(console, sources) as on_read:
        announce(console, sources)
        decode_stream.decode(sources, decoding, out, on_read=on_read, on_skip=skips.add)
    return skips.exit_code()
