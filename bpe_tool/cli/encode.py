"""The verb `encode`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, get_args

import click

from bpe_tool.cli import cluster, encode_checks, input_options, options
from bpe_tool.cli.command import command
from bpe_tool.io.records import IdFormat
from bpe_tool.shards.layouts.registry import FORMATS, writing_modules

if TYPE_CHECKING:
    import hashlib

    from bpe_tool.cli.console import Console
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.id_writers import IdSink, Output
    from bpe_tool.shards.manifest import Provenance
    from bpe_tool.streams.encode import Encoding
    from bpe_tool.streams.preprocess_block import BlockPreprocessor, Errors
    from bpe_tool.tokenizer import Missing, Special

EPILOG = (
    """\b
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

"""
    + cluster.HELP
    + """
\b
Examples:
  bpe-tool encode -t my-vocab corpus.txt > ids.txt
  bpe-tool encode -t my-vocab --ndjson text docs.ndjson.gz --eos '</s>' --format u16 -o ids.u16
  echo 'some text' | bpe-tool encode -t my-vocab --format ndjson --offsets
  bpe-tool encode -t my-vocab --count --whole book.txt
  bpe-tool encode -t my-vocab docs/ --eos '</s>' --format megatron --shard-tokens 100000000 -o out
  bpe-tool encode -t my.tiktoken --pattern cl100k --special-token '</s>=100257' f.txt
  bpe-tool encode -t gpt-4o --special token chats.txt
  bpe-tool encode -t my-vocab /data/*.txt --format npy --shard-tokens 100000000 \\
      --ray 10.0.0.1:6379 -o /data/ids
"""
)

#: What is imported while the vocabulary is loaded.
STAGES = (
    "bpe_tool.cli.session",
    "bpe_tool.streams.encode",
    "bpe_tool.io.outputs",
    "bpe_tool.preprocess.spec",
    "bpe_tool.cli.tokens",
)


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
@click.option(
    "--missing",
    type=click.Choice(["follow", "error"]),
    help="How to treat text that has no token, in vocabularies that lack some: as the model says, "
    "which leaves it out or has a token for it, or as an error.  [default: follow, with a warning]",
)
@options.bos
@options.eos
@options.template
@click.option(
    "--offsets",
    is_flag=True,
    help="Add the offsets of each id in its record, in bytes (ndjson only).",
)
@click.option(
    "--keep",
    metavar="NAMES",
    help="Keep these fields of NDJSON records and tables, separated by commas (ndjson only).",
)
@click.option("--count", is_flag=True, help="Write the number of ids of each record instead.")
@click.option(
    "--dropout",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Leave out merges at random, each with this probability at each step (BPE-dropout), for "
    "training. Which ones depends only on --seed and on the number of the record.",
)
@click.option(
    "--seed",
    type=options.number(0),
    metavar="N",
    help="Seed of --dropout.  [default: 0]",
)
@options.pipeline("Preprocess each record with the steps of this file.")
@options.errors
@options.workers
@cluster.at
@input_options.unit("default, except for ids and ndjson: --lines")
@input_options.inputs("known")
@options.output_or_directory
@options.per_file
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
    missing: Missing | None,
    bos: str | None,
    eos: str | None,
    template: bool,
    offsets: bool,
    keep: str | None,
    count: bool,
    dropout: float | None,
    seed: int | None,
    pipeline_path: str | None,
    errors: Errors | None,
    workers: int,
    ray: str | None,
    unit_bytes: int | None,
    set_aside: str | None,
    unit: Unit | None,
    inputs: Inputs,
    output: str | None,
    per_file: bool,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    max_pretoken_bytes: int,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Convert text to ids.

    FILES are files, directories, globs, or - for standard input, which is the default.
    Compressed files (.gz, .zst, .bz2, .xz) and archives (.zip, .tar, .tar.gz) are read as they
    are. Of directories, hidden and binary files are left out.
    """
    from contextlib import ExitStack
    from pathlib import Path

    from bpe_tool.cli.background_imports import importing
    from bpe_tool.vocab import files as vocab_files

    if count and (format or offsets):
        raise click.UsageError("--count writes no ids, so --format and --offsets have no effect.")
    format = format or ("ndjson" if offsets or keep else "ids")
    in_shards = shard_tokens is not None or format not in get_args(IdFormat)
    encode_checks.check_shards(in_shards, format, output, force=force, offsets=offsets, keep=keep)
    cluster.refuse_alone(ray, unit_bytes, set_aside)
    if ray is not None:
        encode_checks.check_cluster(in_shards, dropout, workers)
    specials = options.special_token_ids(special_tokens)
    digest = None
    if in_shards:
        import hashlib

        digest = hashlib.sha256()
    with importing(*STAGES, *(writing_modules(format) if in_shards else ())):
        on_part = None if digest is None else digest.update
        tokenizer = vocab_files.load(tokenizer_path, pattern, specials, on_part)
        if missing == "error" and not tokenizer.is_complete:
            tokenizer = tokenizer.refusing_missing()
    if offsets and dropout is not None and not tokenizer.is_complete:
        raise click.UsageError(
            "--offsets with --dropout needs a vocabulary with a token for every byte."
        )

    from bpe_tool.cli.pipelines import block_preprocessor, compare
    from bpe_tool.cli.session import (
        Skips,
        announce,
        find_sources,
        reading,
        streaming_console,
        warnings_on,
    )
    from bpe_tool.cli.tokens import template_of
    from bpe_tool.dropout import dropping_of
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.id_writers import check_boundaries, id_sink
    from bpe_tool.io.mirrored import mirrored
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.rendering.numbers import counted
    from bpe_tool.streams import encode as encode_stream

    if unit is None:
        unit = Unit(b"\n") if format in ("ids", "ndjson") else Unit()
    unit = encode_checks.keeping(inputs.unit(unit), keep)
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    skips = Skips(console)
    encoding = encode_stream.Encoding(
        tokenizer=tokenizer,
        unit=unit,
        template=template_of(tokenizer, bos, eos, template),
        special=_special(special, preprocesses=pipeline_path is not None),
        count_special=special is None and pipeline_path is None,
        offsets=offsets,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
        dropout=dropping_of(dropout, seed, None, None),
    )
    preprocessor = block_preprocessor(
        console,
        pipeline_path,
        unit,
        errors,
        workers,
        vocab=tokenizer,
        special=special or "text",
        offsets=offsets,
    )
    compare(console, tokenizer_path, None if preprocessor is None else preprocessor.pipeline)
    sources = find_sources(console, files, inputs.selection, unit)
    refuse_own_input(sources, output)
    if per_file:
        if in_shards or not output:
            raise click.UsageError("--per-file needs -o DIRECTORY, and no shards.")
        suffix = ".count" if count else f".{format}"
        targets = mirrored(sources, Path(output), lambda _: suffix)

    def new_sink(out: Output) -> IdSink:
        return id_sink(
            cast(IdFormat, format),
            out,
            max_id=tokenizer.max_id,
            end_id=encoding.template.after[-1] if encoding.template.after else None,
            offsets=offsets,
            count=count,
            keep=keep is not None,
        )

    if ray is not None:
        from bpe_tool.distributed.encoding import EncodeUnits

        assert digest is not None and output is not None
        provenance = _provenance(encoding, digest, preprocessor)
        work = EncodeUnits.of(encoding, preprocessor, provenance, set_aside=set_aside is not None)
        with (
            warnings_on(console),
            cluster.connected(console, ray, unit_bytes, set_aside, threads) as machines,
        ):
            facts = machines.encode(
                sources, work, output, format, shard_tokens=shard_tokens, force=force
            )
        skips.add_facts(facts)
        _warn(console, special, skips.special_tokens, missing, facts.missing)
        return skips.exit_code()
    with ExitStack() as stack:
        sink: IdSink | None = None
        if digest is not None:
            from bpe_tool.shards.writer import ShardSetWriter, ShardSink

            provenance = _provenance(encoding, digest, preprocessor)
            assert output is not None
            writer = ShardSetWriter(
                output, format, provenance, shard_tokens=shard_tokens, force=force
            )
            sink = ShardSink(stack.enter_context(writer))
        else:
            several = any(unit.of(source).terminator is not None for source in sources)
            several = several or (len(sources) > 1 and not per_file)
            check_boundaries(cast(IdFormat, format), several=several, ended=eos is not None)
            if not per_file:
                sink = new_sink(stack.enter_context(open_output(output)))
        on_read = stack.enter_context(reading(console, sources))
        announce(console, sources)
        texts = None
        if preprocessor is not None:
            from bpe_tool.streams.preprocess import StreamPreprocessor

            texts = StreamPreprocessor(
                preprocessor=preprocessor,
                workers=workers,
                on_read=on_read,
                on_skip=skips.add,
                on_block=skips.add_block,
            ).documents(sources)
        if sink is not None:
            met = encode_stream.encode(
                sources, encoding, sink, texts=texts, on_read=on_read, on_skip=skips.add
            )
        else:
            met = encode_stream.encode_each(
                sources, encoding, targets, new_sink, texts, on_read=on_read, on_skip=skips.add
            )
            console.notice(f"wrote {counted(len(targets), 'file')} to {output}")
    _warn(console, special, met + skips.special_tokens, missing, tokenizer.take_missing())
    return skips.exit_code()


def _warn(
    console: Console, special: Special | None, met: int, missing: Missing | None, lost: int
) -> None:
    """Warn of special tokens that were treated as text, and of text without tokens."""
    from bpe_tool.texts import without_tokens

    if met and special is None:
        times = "once" if met == 1 else f"{met:,} times"
        console.warning(
            f"the input contains the text of special tokens {times}; it was treated as plain text",
            "--special token encodes them as tokens; --special text silences this warning",
        )
    if lost and missing is None:
        console.warning(
            without_tokens(lost),
            "--missing error refuses such text; --missing follow silences this warning",
        )


def _provenance(
    encoding: Encoding, digest: hashlib._Hash, preprocessor: BlockPreprocessor | None
) -> Provenance:
    """Return what the ids of shards are."""
    from bpe_tool.shards.manifest import Provenance

    tokenizer = encoding.tokenizer
    return Provenance(
        max_id=tokenizer.max_id,
        vocab_size=len(tokenizer),
        vocab_sha256=digest.hexdigest(),
        special_tokens=tokenizer.special_tokens,
        before=tuple(encoding.template.before),
        after=tuple(encoding.template.after),
        pipelines=(None if preprocessor is None else preprocessor.pipeline.digest,),
    )


def _special(special: Special | None, *, preprocesses: bool) -> Special | Literal["marked"]:
    """Return what the encoder is to do with special tokens: preprocessing marks them."""
    if special == "token" and preprocesses:
        return "marked"
    return special or "text"
