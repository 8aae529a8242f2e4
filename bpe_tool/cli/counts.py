"""The verb `counts`: makes count files, adds them up and shows them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bpe_tool.cli import input_options, options
from bpe_tool.cli.command import CONTEXT, VerbGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.counts.description import Totals
    from bpe_tool.counts.stored import StoredCounts
    from bpe_tool.io.documents import Unit
    from bpe_tool.streams.count_pretokens import Level
    from bpe_tool.streams.preprocess_block import Errors

#: The example on the help page of each command; the page of the group has them all.
EXAMPLES = {
    "make": "bpe-tool counts make web-*.ndjson.zst --ndjson text -o web.counts",
    "merge": "bpe-tool counts merge web.counts code.counts --weight web=0.7 -o all.counts",
    "info": "bpe-tool counts info all.counts",
    "export": "bpe-tool counts export all.counts -o all.parquet",
    "import": "bpe-tool counts import all.parquet --pattern gpt2 -o all.counts",
    "top": "bpe-tool counts top all.counts --limit 100",
}


def _examples(*names: str) -> str:
    lines = "".join(f"\n  {EXAMPLES[name]}" for name in names)
    return f"\b\nExample{'s' if len(names) > 1 else ''}:{lines}\n"


EPILOG = """\b
A count file holds the pretokens of a corpus and how often each occurs: what a
vocabulary is learned from. Parts of a corpus can be counted anywhere and added up.


"""

_pattern = click.option(
    "--pattern",
    callback=options.utf8,
    metavar="P",
    help="Split pattern, as for train-vocab.  [default: cl100k]",
)

_special_tokens = click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=options.utf8,
    metavar="TEXT",
    help="A text that will be one token, and is not counted. Repeatable.",
)

_level = click.option(
    "--level",
    type=click.Choice(["byte", "char", "word"]),
    default="byte",
    help="Count pretokens for byte-level BPE, or characters or words.  [default: byte]",
)

_TABLE = options.decorated(
    click.option("-o", "--output", required=True, metavar="FILE", help="The file to write."),
    click.option(
        "--format",
        type=click.Choice(["tsv", "parquet"]),
        help="The format of the table.  [default: by its suffix, else tsv]",
    ),
)

_PLAIN = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


@click.group(
    cls=VerbGroup,
    context_settings=dict(CONTEXT),
    subcommand_metavar="COMMAND [OPTIONS] FILES...",
    epilog=EPILOG
    + _examples(*EXAMPLES)
    + "  bpe-tool train-vocab --from-counts all.counts --vocab-size 32000 -o my-vocab\n",
)
def counts() -> None:
    """Count the pretokens of corpora that are too large for one run or one machine."""


@counts.command(epilog=_examples("make"))
@options.files
@click.option("-o", "--output", required=True, metavar="FILE", help="The count file to write.")
@_pattern
@_special_tokens
@_level
@options.pipeline("Preprocess each document first, as train-vocab does.")
@options.errors
@options.workers
@input_options.unit("default")
@input_options.inputs("binary")
@options.max_pretoken_bytes
@options.memory
@options.threads
@options.messages
def make(
    files: tuple[str, ...],
    output: str,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    level: Level,
    pipeline_path: str | None,
    errors: Errors | None,
    workers: int,
    unit: Unit | None,
    inputs: Inputs,
    max_pretoken_bytes: int,
    memory: int | None,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Count the pretokens of FILES, which are as for train-vocab.

    The file depends on the documents and the names of FILES alone, not on threads or order.
    """
    from contextlib import ExitStack

    from bpe_tool.cli.console import Console
    from bpe_tool.cli.pipelines import stream_preprocessor
    from bpe_tool.cli.session import Skips, announce, find_sources, warnings_on
    from bpe_tool.counts import making
    from bpe_tool.io.atomic import check_writable
    from bpe_tool.io.documents import Unit
    from bpe_tool.streams.count_pretokens import CountOptions
    from bpe_tool.streams.spill import Spill

    counting = CountOptions(pattern=pattern, special_tokens=special_tokens, level=level)
    console = Console(quiet=quiet, progress=not no_progress)
    skips = Skips(console)
    unit = inputs.unit(unit or Unit())
    preprocessing = stream_preprocessor(
        console, pipeline_path, unit, errors, workers, vocab=special_tokens, skips=skips
    )
    sources = find_sources(console, files, inputs.selection, unit)
    _check_output(output, (each.path for each in sources if each.path))
    check_writable(Path(output))
    announce(console, sources)
    with warnings_on(console), ExitStack() as stack:
        spill = None
        if memory is not None:
            spill = stack.enter_context(Spill(memory, Path(output)))
        with console.progress() as bars:
            counted = making.count(
                sources,
                unit,
                counting,
                preprocessing=preprocessing,
                threads=threads,
                max_pretoken_bytes=max_pretoken_bytes,
                on_progress=bars.update,
                on_skip=skips.add,
                spill=spill,
            )
        totals = making.write(counted, counting, output, preprocessing, spill)
    console.notice(_summary("counted", totals))
    console.notice(f"wrote {output}")
    return skips.exit_code()


@counts.command(epilog=_examples("merge"))
@click.argument("paths", metavar="FILES...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, metavar="FILE", help="The count file to write.")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    callback=options.utf8,
    metavar="FILE=W",
    help="Multiply the counts of a file, given by its path, its name or its name without suffix, "
    "by W: 3, 0.7 or 7/10. Repeatable.",
)
@options.messages
def merge(
    paths: tuple[str, ...],
    output: str,
    weights: tuple[str, ...],
    quiet: bool,
    no_progress: bool,
) -> int:
    """Add up count files, in one pass and any order.

    The sum of parts of a corpus equals the counts of all of it, byte for byte. With weights, each
    pretoken's exact sum is rounded once to a whole number, a half to the even one; those that
    become 0 are left out. Files that differ in pattern, level, Unicode version, special tokens or
    pipeline are refused, and so is an input that two files have counted.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.session import warnings_on
    from bpe_tool.counts import stored
    from bpe_tool.io.atomic import check_writable

    console = Console(quiet=quiet, progress=not no_progress)
    sources = opened(paths, weights)
    _check_output(output, paths)
    check_writable(Path(output))
    with warnings_on(console):
        totals = stored.merge(sources, output)
    console.notice(_summary(f"added up {len(sources):,} files:", totals))
    console.notice(f"wrote {output}")
    return 0


@counts.command(epilog=_examples("info"))
@click.argument("path", metavar="FILE")
@_PLAIN
def info(path: str, as_json: bool) -> int:
    """Show what a count file holds and where it comes from."""
    import json

    from bpe_tool.counts.report import record, view
    from bpe_tool.counts.stored import StoredCounts
    from bpe_tool.rendering.terminal import render, shows_colour

    found = StoredCounts.open(path)
    if as_json:
        click.echo(json.dumps(record(found), indent=2))
    else:
        click.echo(render(view(found), colour=shows_colour(None)).rstrip("\n"))
    return 0


@counts.command(epilog=_examples("top"))
@click.argument("path", metavar="FILE")
@click.option(
    "--limit",
    type=options.number(0),
    default=20,
    metavar="N",
    help="Maximum number of pretokens to list.  [default: 20]",
)
@_PLAIN
def top(path: str, limit: int, as_json: bool) -> int:
    """List the most frequent pretokens."""
    import json

    from bpe_tool.counts.report import top_record, top_view
    from bpe_tool.counts.stored import StoredCounts
    from bpe_tool.rendering.terminal import render, shows_colour

    found = StoredCounts.open(path)
    best = found.top(limit)
    if as_json:
        click.echo(json.dumps(top_record(best)))
    else:
        shown = render(top_view(best, found.totals), colour=shows_colour(None))
        click.echo(shown.rstrip("\n"))
    return 0


@counts.command("export", epilog=_examples("export"))
@click.argument("path", metavar="FILE")
@_TABLE
@options.messages
def export(path: str, output: str, format: str | None, quiet: bool, no_progress: bool) -> int:
    r"""Write a count file as a table for other programs.

    The columns are pretoken and count, in order of bytes. In TSV, tabs, line ends and
    backslashes are escaped as \t, \n, \r and \\, and bytes outside UTF-8 as \xHH.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.counts import tables
    from bpe_tool.counts.stored import StoredCounts

    found = StoredCounts.open(path)
    _check_output(output, [path])
    write = tables.write_parquet if _table(output, format) == "parquet" else tables.write_tsv
    write(found, Path(output))
    Console(quiet=quiet, progress=not no_progress).notice(f"wrote {output}")
    return 0


@counts.command("import", epilog=_examples("import"))
@click.argument("path", metavar="TABLE")
@_TABLE
@_pattern
@_special_tokens
@_level
@options.messages
def import_(
    path: str,
    output: str,
    format: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    level: Level,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Make a count file of a table, as counts export writes it, in any order of rows.

    The options say how the pretokens were made: they are not checked. The number of documents is
    not known, and becomes 0.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.counts import making
    from bpe_tool.io.files import expand
    from bpe_tool.streams.count_pretokens import CountOptions

    counting = CountOptions(pattern=pattern, special_tokens=special_tokens, level=level)
    _check_output(output, [path])
    (source,) = expand([path])
    counted = making.from_table(source, _table(path, format), counting)
    totals = making.write(counted, counting, output)
    console = Console(quiet=quiet, progress=not no_progress)
    console.notice(_summary("read", totals))
    console.notice(f"wrote {output}")
    return 0


def _table(path: str, format: str | None) -> str:
    return format or ("parquet" if Path(path).suffix == ".parquet" else "tsv")


def opened(paths: tuple[str, ...], weights: tuple[str, ...] = ()) -> list[StoredCounts]:
    """Open count files, with the weights that the values of an option give them."""
    from bpe_tool.counts.stored import StoredCounts

    chosen: dict[str, Fraction] = {}
    for text in weights:
        name, equals, number = text.rpartition("=")
        if not equals:
            raise click.UsageError(f"--weight {text}: expected FILE=W.")
        found = [path for path in paths if path == name]
        found = found or [path for path in paths if name in (Path(path).name, Path(path).stem)]
        if len(found) != 1:
            what = "several of the files have" if found else "none of the files has"
            raise click.UsageError(f"--weight {text}: {what} this name.")
        if found[0] in chosen:
            raise click.UsageError(f"--weight {text}: this file has a weight already.")
        chosen[found[0]] = _weight(text, number)
    return [StoredCounts.open(path, chosen.get(path, Fraction(1))) for path in paths]


def _weight(text: str, number: str) -> Fraction:
    try:
        # A huge exponent would take all memory.
        weight = Fraction(number) if len(number) <= 40 and "e" not in number.lower() else None
    except (ValueError, ZeroDivisionError):
        weight = None
    if weight is None or weight <= 0:
        raise click.UsageError(f"--weight {text}: expected a number above 0, as 3, 0.7 or 7/10.")
    return weight


def _check_output(output: str, inputs: Iterable[str | Path]) -> None:
    from bpe_tool.io.outputs import refuse_replaced_input

    if output in ("", "-"):
        raise click.UsageError(f"-o must name a file, not {output!r}.")
    refuse_replaced_input(inputs, output)


def _summary(what: str, totals: Totals) -> str:
    from bpe_tool.rendering.numbers import counted

    return (
        f"{what} {counted(totals.documents, 'document')}, {counted(totals.bytes, 'byte')}, "
        f"{counted(totals.pretokens, 'pretoken')} ({totals.unique_pretokens:,} unique)"
    )
