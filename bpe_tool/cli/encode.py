"""The verb `encode`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

import click

from bpe_tool.cli import options
from bpe_tool.cli.command import command
from bpe_tool.io.records import IdFormat
from bpe_tool.shards.layouts.registry import FORMATS, writing_modules

if TYPE_CHECKING:
    from bpe_tool.io.documents import Unit
    from bpe_tool.streams.preparation import Errors
    from bpe_tool.tokenizer import Special

EPILOG = """\b
Record n of the output is record n of the input. If the last record of the input has no
terminator, neither has that of the output.
u16, u32 and npy hold ids alone: several records need --eos to mark their ends, and decode
then terminates the last record, too.

\b
Shards: llmc, megatron, datatrove, npz, arrow and parquet are written as a directory of shards
with a manifest; so are npy, u16, u32 and ndjson with --shard-tokens. Each record is a
document, with or without --eos: if the format does not store where documents end, a file
beside each shard does. The manifest is written last: a directory without one is incomplete.
See bpe-tool shards -h.

\b
Examples:
  bpe-tool encode -t my-vocab corpus.txt > ids.txt
  bpe-tool encode -t my-vocab --ndjson text docs.ndjson.gz --eos '</s>' --format u16 -o ids.u16
  echo 'some text' | bpe-tool encode -t my-vocab --format ndjson --offsets
  bpe-tool encode -t my-vocab --count --whole book.txt
  bpe-tool encode -t my-vocab docs/ --eos '</s>' --format megatron --shard-tokens 100000000 -o out
  bpe-tool encode -t cl100k_base.tiktoken --pattern cl100k --special-token '</s>=100257' f.txt
"""


@command(epilog=EPILOG)
@options.files
@options.tokenizer
@click.option(
    "--format",
    type=click.Choice(list(dict.fromkeys((*get_args(IdFormat), *FORMATS)))),
    help="Output format: decimal numbers, JSON lines, little-endian arrays, or the shards of other "
    "programs.  [default: ids]",
)
@click.option(
    "--shard-tokens",
    type=options.number(1),
    metavar="N",
    help="Write a directory of shards. Each holds whole records and ends with the record that "
    "brings it to N ids or more.  [default: one shard; llmc: 2^30]",
)
@click.option(
    "--force",
    is_flag=True,
    help="Replace an existing set of shards, once the new one is complete.",
)
@click.option(
    "--special",
    type=click.Choice(["text", "token", "error"]),
    help="How to treat the text of a special token in the input: as plain text, as the token, or "
    "as an error.  [default: text, with a warning]",
)
@options.bos
@options.eos
@options.template
@click.option("--offsets", is_flag=True, help="Add the byte offsets of each id (ndjson only).")
@click.option("--count", is_flag=True, help="Write the number of ids of each record instead.")
@options.pipeline("Preprocess each record with the steps of this file.")
@options.errors
@options.workers
@options.unit("default, except for ids and ndjson: --lines")
@options.output_or_directory
@options.foreign_pattern
@options.foreign_special_tokens
@options.max_pretoken_bytes
@options.threads
@options.messages
def encode(
    files: tuple[str, ...],
    tokenizer_path: str,
    format: str | None,
    shard_tokens: int | None,
    force: bool,
    special: Special | None,
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
    """Convert text to ids.

    FILES are files (also .gz and .zst), directories, globs, or - for standard input, which is
    the default.
    """
    import hashlib
    from contextlib import ExitStack, nullcontext

    from bpe_tool.cli.background_imports import importing
    from bpe_tool.cli.pipelines import compare, preparation
    from bpe_tool.cli.session import Skips, announce, reading, streaming_console
    from bpe_tool.cli.tokens import template_of
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.id_writers import IdSink, check_boundaries, id_sink
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.io.sources import expand
    from bpe_tool.streams import encode as encode_stream
    from bpe_tool.vocab import files as vocab_files

    if count and (format or offsets):
        raise click.UsageError("--count writes no ids, so --format and --offsets have no effect.")
    format = format or ("ndjson" if offsets else "ids")
    in_shards = shard_tokens is not None or format not in get_args(IdFormat)
    _check_shards(in_shards, format, output, force=force, offsets=offsets)
    if unit is None:
        unit = Unit(b"\n") if format in ("ids", "ndjson") else Unit()
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    skips = Skips(console)
    specials = options.special_token_ids(special_tokens)
    digest = hashlib.sha256()
    with importing(*writing_modules(format)) if in_shards else nullcontext():
        tokenizer = vocab_files.load(tokenizer_path, pattern, specials, digest.update)
    encoding = encode_stream.Encoding(
        tokenizer=tokenizer,
        unit=unit,
        template=template_of(tokenizer, bos, eos, template),
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
    with ExitStack() as stack:
        sink: IdSink
        if in_shards:
            from bpe_tool.shards.manifest import Provenance
            from bpe_tool.shards.writer import ShardSetWriter, ShardSink

            provenance = Provenance(
                max_id=tokenizer.max_id,
                vocab_size=len(tokenizer),
                vocab_sha256=digest.hexdigest(),
                special_tokens=tokenizer.special_tokens,
                before=tuple(encoding.template.before),
                after=tuple(encoding.template.after),
                pipelines=(None if preparing is None else preparing.pipeline.digest,),
            )
            assert output is not None
            writer = ShardSetWriter(
                output, format, provenance, shard_tokens=shard_tokens, force=force
            )
            sink = ShardSink(stack.enter_context(writer))
        else:
            several = unit.terminator is not None or len(sources) > 1
            check_boundaries(cast(IdFormat, format), several=several, ended=eos is not None)
            sink = id_sink(
                cast(IdFormat, format),
                stack.enter_context(open_output(output)),
                max_id=tokenizer.max_id,
                end_id=encoding.template.after[-1] if encoding.template.after else None,
                offsets=offsets,
                count=count,
            )
        on_read = stack.enter_context(reading(console, sources))
        announce(console, sources)
        texts = None
        if preparing is not None:
            from bpe_tool.streams.preprocess import Preprocessing

            texts = Preprocessing(
                preparation=preparing,
                workers=workers,
                on_read=on_read,
                on_skip=skips.add,
                on_prepared=skips.add_batch,
            ).documents(sources)
        met = encode_stream.encode(
            sources, encoding, sink, texts=texts, on_read=on_read, on_skip=skips.add
        )
    if met and special is None:
        times = "once" if met == 1 else f"{met:,} times"
        console.warning(
            f"the input contains the text of special tokens {times}; it was treated as plain text",
            "--special token encodes them as tokens; --special text silences this warning",
        )
    return skips.exit_code()


def _check_shards(
    in_shards: bool, format: str, output: str | None, *, force: bool, offsets: bool
) -> None:
    """Refuse options that do not apply to shards, or only to shards."""
    if not in_shards:
        if force:
            raise click.UsageError("--force applies to shards; files are replaced without it.")
        return
    if format not in FORMATS:
        raise click.UsageError(f"--shard-tokens: {format} is not a format for shards.")
    if offsets:
        raise click.UsageError("Shards cannot store --offsets.")
    if output in (None, "-"):
        raise click.UsageError("Shards need a directory: -o DIRECTORY.")
