"""The verb `encode`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bpe_tool.cli import options
from bpe_tool.cli.verbs import CONTEXT

if TYPE_CHECKING:
    from bpe_tool.documents import Unit
    from bpe_tool.preparation import Errors
    from bpe_tool.records import IdFormat

EPILOG = """\b
Record n in is record n out; a record without its terminator at the very end stays so.
u16, u32 and npy are nothing but ids: several records need --eos to be told apart, and
decode terminates the last one, too.

\b
Examples:
  bpe-tool encode -t my-vocab corpus.txt > ids.txt
  bpe-tool encode -t my-vocab --ndjson text docs.ndjson.gz --eos '</s>' --format u16 -o ids.u16
  echo 'some text' | bpe-tool encode -t my-vocab --format ndjson --offsets
  bpe-tool encode -t my-vocab --count --whole book.txt
  bpe-tool encode -t cl100k_base.tiktoken --pattern cl100k --special-token '</s>=100257' f.txt
"""


@click.command(context_settings=dict(CONTEXT), epilog=EPILOG)
@options.files
@options.tokenizer
@options.format
@click.option(
    "--special",
    type=click.Choice(["text", "token", "error"]),
    help="What the text of a special token in the input is: plain text, the token, or refused.  "
    "[default: text, and say so once]",
)
@options.bos
@options.eos
@options.template
@click.option("--offsets", is_flag=True, help="With each id, where its text is (ndjson only).")
@click.option("--count", is_flag=True, help="Write only how many ids each record has.")
@options.pipeline("Preprocess each record first with the steps of this file.")
@options.errors
@options.workers
@options.unit("default: --lines; for u16, u32 and npy: --whole")
@options.output
@options.foreign_pattern
@options.foreign_special_tokens
@options.max_pretoken_bytes
@options.threads
@options.messages
def encode(
    files: tuple[str, ...],
    tokenizer_path: str,
    format: IdFormat | None,
    special: str | None,
    bos: str | None,
    eos: str | None,
    template: bool,
    offsets: bool,
    count: bool,
    pipeline_path: str | None,
    errors: Errors | None,
    workers: int,
    unit: Unit | None,
    output: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    max_pretoken_bytes: int,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Turn text into ids.

    FILES are files (also .gz and .zst), directories, globs, or - for standard input, which
    is also the default.
    """
    from bpe_tool import encode_stream, vocab_files
    from bpe_tool.cli.pipelines import compare, preparation
    from bpe_tool.cli.session import Skips, announce, reading, streaming_console
    from bpe_tool.documents import Unit
    from bpe_tool.frame import Frame
    from bpe_tool.outputs import open_output, refuse_own_input
    from bpe_tool.records import RAW_WIDTHS
    from bpe_tool.sinks import check_boundaries, id_sink
    from bpe_tool.sources import expand

    if count and (format or offsets):
        raise click.UsageError("--count writes no ids, so --format and --offsets say nothing.")
    format = format or ("ndjson" if offsets else "ids")
    if unit is None:
        unit = Unit() if format in RAW_WIDTHS else Unit(b"\n")
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    skips = Skips(console)
    specials = options.special_token_ids(special_tokens)
    tokenizer = vocab_files.load(tokenizer_path, pattern, specials)
    encoding = encode_stream.Encoding(
        tokenizer=tokenizer,
        unit=unit,
        frame=Frame.of(tokenizer, bos=bos, eos=eos, template=template),
        special=special or "text",
        count_special=special is None,
        offsets=offsets,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
    )
    preparing = preparation(console, pipeline_path, unit, errors, workers)
    compare(console, tokenizer_path, None if preparing is None else preparing.pipeline)
    sources = expand(files)
    refuse_own_input(sources, output)
    several = unit.terminator is not None or len(sources) > 1
    check_boundaries(format, several=several, ended=eos is not None)
    with open_output(output) as out, reading(console, sources) as on_read:
        announce(console, sources)
        sink = id_sink(
            format,
            out,
            max_id=tokenizer.max_id,
            end_id=encoding.frame.after[-1] if encoding.frame.after else None,
            offsets=offsets,
            count=count,
        )
        texts = None
        if preparing is not None:
            from bpe_tool.preprocess_stream import prepared_documents

            texts = prepared_documents(
                sources,
                preparing,
                workers=workers,
                on_read=on_read,
                on_skip=skips.add,
                on_replace=skips.replaced,
            )
        met = encode_stream.encode(
            sources, encoding, sink, texts=texts, on_read=on_read, on_skip=skips.add
        )
    if met and special is None:
        times = "once" if met == 1 else f"{met} times"
        console.warning(
            f"the input holds the text of special tokens {times}; it was taken as plain text",
            "--special token encodes them, --special text says that this is meant",
        )
    return skips.exit_code()
