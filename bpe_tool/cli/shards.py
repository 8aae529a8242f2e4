"""The verb `shards`: inspects, verifies and rewrites sets of shards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

import click

from bpe_tool.checks import MAX_ID
from bpe_tool.cli import options
from bpe_tool.cli.command import CONTEXT, VerbGroup
from bpe_tool.shards.layouts.registry import FORMATS

if TYPE_CHECKING:
    from bpe_tool.shards.detection import RawType
    from bpe_tool.shards.reader import ShardSet

#: The example on the help page of each command; the page of the group has them all.
EXAMPLES = {
    "info": "bpe-tool shards info my-shards",
    "verify": "bpe-tool shards verify my-shards && echo fine",
    "cat": "bpe-tool shards cat my-shards | head -3 | bpe-tool decode -t my-vocab",
    "merge": "bpe-tool shards merge part-1 part-2 --shuffle --shard-tokens 100000000 -o whole",
    "split": "bpe-tool shards split train.bin --dtype uint16 --eos 50256 --shard-tokens 1000000 "
    "-o parts",
}


def _examples(*names: str) -> str:
    lines = "".join(f"\n  {EXAMPLES[name]}" for name in names)
    return f"\b\nExample{'s' if len(names) > 1 else ''}:{lines}\n"


EPILOG = """\b
SET is a directory that encode --format wrote, or files of other programs: .npy, .npz,
llm.c's .bin, Megatron's .bin and .idx (or their name without a suffix), datatrove's .ds,
.ndjson, .arrow, .parquet, or raw files of ids (nanoGPT's .bin, with --dtype).

"""

_READING = options.decorated(
    click.option(
        "--dtype",
        type=click.Choice(["uint16", "uint32"]),
        help="The type of the ids in raw files of ids.",
    ),
    click.option(
        "--eos",
        "end_id",
        type=click.IntRange(0, MAX_ID),
        metavar="ID",
        help="The id that ends each document, in files that do not say where documents end.",
    ),
)

_WRITING = options.decorated(
    click.option("--shuffle", is_flag=True, help="Shuffle all documents."),
    click.option(
        "--seed", type=options.number(0), metavar="N", help="The seed for --shuffle.  [default: 0]"
    ),
    click.option(
        "-o",
        "--output",
        required=True,
        metavar="DIRECTORY",
        help="Output directory; complete once its manifest is written.",
    ),
    click.option(
        "--format",
        type=click.Choice(list(FORMATS)),
        help="The format of the new set.  [default: that of the first set]",
    ),
    click.option(
        "--force", is_flag=True, help="Replace an existing set once the new one is complete."
    ),
    options.messages,
)

_SHARD_TOKENS = "End each shard with the first document that brings it to N ids."


class _Writing(TypedDict):
    """The values of the options in `_WRITING`."""

    shuffle: bool
    seed: int | None
    output: str
    format: str | None
    force: bool
    quiet: bool
    no_progress: bool


@click.group(
    cls=VerbGroup,
    context_settings=dict(CONTEXT),
    subcommand_metavar="COMMAND [OPTIONS] SET...",
    epilog=EPILOG + _examples(*EXAMPLES),
)
def shards() -> None:
    """Inspect, verify and rewrite sets of shards."""


@shards.command(epilog=_examples("info"))
@click.argument("path", metavar="SET")
@_READING
@click.option("--json", "as_json", is_flag=True, help="Write the manifest as JSON.")
def info(path: str, dtype: RawType | None, end_id: int | None, as_json: bool) -> int:
    """Show what a set holds and where its ids come from."""
    import json

    from bpe_tool.rendering.terminal import render, shows_colour
    from bpe_tool.shards.reader import open_shards
    from bpe_tool.shards.report import record, view

    found = open_shards(path, dtype=dtype, end_id=end_id)
    if as_json:
        click.echo(json.dumps(record(found), ensure_ascii=False, indent=2))
    else:
        click.echo(render(view(found), colour=shows_colour(None)).rstrip("\n"))
    return 0


@shards.command(epilog=_examples("verify"))
@click.argument("paths", metavar="SET...", nargs=-1, required=True)
@_READING
@options.messages
def verify(
    paths: tuple[str, ...],
    dtype: RawType | None,
    end_id: int | None,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Verify sets: every byte against the manifest, every id and bound.

    Writes each problem on a line. The exit code is 1 if there are any.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.rendering.escape import escape
    from bpe_tool.rendering.numbers import counted
    from bpe_tool.shards.reader import open_shards
    from bpe_tool.shards.verify import problems

    console = Console(quiet=quiet, progress=not no_progress)
    wrong = 0
    for path in paths:
        found = open_shards(path, dtype=dtype, end_id=end_id, check=False)
        before = wrong
        for problem in problems(found):
            click.echo(escape(problem))
            wrong += 1
        if wrong == before:
            counts = [
                counted(len(found.shards), "shard"),
                counted(found.documents, "document"),
                counted(found.tokens, "token"),
            ]
            console.notice(f"{path}: {', '.join(counts)}: no problems")
    return 1 if wrong else 0


@shards.command(epilog=_examples("cat"))
@click.argument("paths", metavar="SET...", nargs=-1, required=True)
@_READING
@click.option(
    "--format",
    type=click.Choice(["ids", "ndjson"]),
    default="ids",
    help="Write each document as decimal numbers, or as a JSON object.  [default: ids]",
)
def cat(
    paths: tuple[str, ...],
    dtype: RawType | None,
    end_id: int | None,
    format: Literal["ids", "ndjson"],
) -> int:
    """Write the ids of sets to standard output, one document per line."""
    from bpe_tool.io.id_writers import id_sink
    from bpe_tool.io.outputs import StandardOutput
    from bpe_tool.io.records import Records

    sink = id_sink(format, StandardOutput(), max_id=MAX_ID)
    for found in _opened(paths, dtype, end_id):
        for shard in found.shards:
            for ids, ends in shard.blocks():
                sink.write(Records(ids.astype("u4", copy=False).data, ends.data))
            shard.release()
    return 0


@shards.command(epilog=_examples("merge"))
@click.argument("paths", metavar="SET...", nargs=-1, required=True)
@_READING
@click.option("--shard-tokens", type=options.number(1), metavar="N", help=_SHARD_TOKENS)
@_WRITING
def merge(
    paths: tuple[str, ...],
    dtype: RawType | None,
    end_id: int | None,
    shard_tokens: int | None,
    **writing: Unpack[_Writing],
) -> int:
    """Merge sets into one, in the order given.

    Without --shard-tokens the merged set has one shard (llmc: shards of 2^30 ids). The sets
    must have the same vocabulary and the same ids around documents, where these are known.
    """
    return _rewritten(_opened(paths, dtype, end_id), shard_tokens, **writing)


@shards.command(epilog=_examples("split"))
@click.argument("path", metavar="SET")
@_READING
@click.option(
    "--shard-tokens", type=options.number(1), metavar="N", required=True, help=_SHARD_TOKENS
)
@_WRITING
def split(
    path: str,
    dtype: RawType | None,
    end_id: int | None,
    shard_tokens: int,
    **writing: Unpack[_Writing],
) -> int:
    """Rewrite a set in shards of another size, or in another format."""
    return _rewritten(_opened([path], dtype, end_id), shard_tokens, **writing)


def _opened(paths: Sequence[str], dtype: RawType | None, end_id: int | None) -> list[ShardSet]:
    from bpe_tool.shards.reader import open_shards

    return [open_shards(path, dtype=dtype, end_id=end_id) for path in paths]


def _rewritten(
    sets: Sequence[ShardSet],
    shard_tokens: int | None,
    **writing: Unpack[_Writing],
) -> int:
    if writing["seed"] is not None and not writing["shuffle"]:
        raise click.UsageError("--seed needs --shuffle.")
    from bpe_tool.cli.console import Console
    from bpe_tool.streams.reshard import reshard

    console = Console(quiet=writing["quiet"], progress=not writing["no_progress"])
    total = sum(each.documents for each in sets)
    done = 0
    with console.progress() as bars:

        def on_write(documents: int) -> None:
            nonlocal done
            done += documents
            bars.update("write", done, total)

        reshard(
            sets,
            writing["output"],
            format=writing["format"],
            shard_tokens=shard_tokens,
            seed=(writing["seed"] or 0) if writing["shuffle"] else None,
            force=writing["force"],
            on_write=on_write,
        )
    return 0
