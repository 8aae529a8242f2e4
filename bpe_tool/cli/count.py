"""The verb `count`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from bpe_tool.cli import completers, input_options, options
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit
    from bpe_tool.streams.count import Counted
    from bpe_tool.tokenizer import Special

EPILOG = """\b
Each file counts as a whole, unless --column or --ndjson names the field that holds the text.
Special tokens are counted as plain text, unless --special token.

\b
Examples:
  bpe-tool count -t gpt-4o prompts/
  bpe-tool count -t gpt-4o -t my-vocab --sort tokens docs/
  bpe-tool count -t my-vocab --budget 8000 system-prompt.txt examples.md
  bpe-tool count -t my-vocab --column text --price 2.50 --json crawl.parquet
"""

#: The version of the JSON that `--json` writes.
JSON_VERSION = 1


def _finite(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a price.", ctx, option)
    return value


@command(epilog=EPILOG)
@options.files
@click.option(
    "-t",
    "--tokenizer",
    "paths",
    cls=options.Repeatable,
    envvar=options.TOKENIZER_VARIABLE,
    show_envvar=True,
    shell_complete=completers.paths,
    required=True,
    metavar="TOKENIZER",
    help="Vocabulary, as for encode. Repeatable: each has a column.",
)
@click.option(
    "--budget",
    type=options.number(0),
    metavar="N",
    help="Exit with code 1 if there are more tokens than this in all files together.",
)
@click.option("--by-directory", is_flag=True, help="Count directories instead of files.")
@click.option(
    "--sort",
    type=click.Choice(["tokens", "bytes", "name"]),
    help="Put the largest first, or sort by name.  [default: as given]",
)
@click.option(
    "--price",
    type=click.FloatRange(0),
    callback=_finite,
    metavar="P",
    help="Price of a million tokens: adds what the tokens cost.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@options.special
@input_options.unit("default")
@input_options.inputs("known")
@click.option(
    "--pattern",
    "patterns",
    multiple=True,
    callback=options.utf8,
    metavar="P",
    help="Split pattern, for vocabulary files that contain none. Repeatable.",
)
@options.foreign_special_tokens
@options.max_pretoken_bytes
@options.threads
@options.messages
def count(
    files: tuple[str, ...],
    paths: tuple[str, ...],
    budget: int | None,
    by_directory: bool,
    sort: str | None,
    price: float | None,
    as_json: bool,
    special: Special,
    unit: Unit | None,
    inputs: Inputs,
    patterns: tuple[str, ...],
    special_tokens: tuple[str, ...],
    max_pretoken_bytes: int,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Count the tokens of files, with a total.

    FILES are as for encode: files, directories, archives, globs, or - for standard input, which
    is the default.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.session import Skips, announce, find_sources, reading
    from bpe_tool.cli.vocabularies import load_all
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.outputs import open_output
    from bpe_tool.io.template import Template
    from bpe_tool.streams.count import count as count_stream
    from bpe_tool.streams.encode import Encoding

    cores = load_all(paths, patterns, special_tokens)
    console = Console(quiet=quiet, progress=not no_progress)
    skips = Skips(console)
    unit = inputs.unit(unit or Unit())
    sources = find_sources(console, files, inputs.selection, unit)
    encodings = [
        Encoding(
            tokenizer=core,
            unit=unit,
            template=Template(),
            special=special,
            threads=threads,
            max_pretoken_bytes=max_pretoken_bytes,
        )
        for core in cores.values()
    ]
    with reading(console, sources) as on_read:
        announce(console, sources)
        found = list(count_stream(sources, encodings, on_read=on_read, on_skip=skips.add))
    total = _sum("total", found, len(cores))
    rows = _sorted(_directories(found) if by_directory else found, sort)
    with open_output(None) as output:
        if as_json:
            kind = "directory" if by_directory else "file"
            output.write(_json(list(cores), rows, total, kind=kind, price=price, budget=budget))
        else:
            output.write(_table(list(cores), rows, total, price).encode())
    code = skips.exit_code()
    for name, tokens in zip(cores, total.tokens, strict=True):
        if budget is not None and tokens > budget:
            of = f" of {name}" if len(cores) > 1 else ""
            console.error(f"{tokens:,} tokens{of} are more than the budget of {budget:,}")
            code = 1
    return code


def _sum(name: str, found: Iterable[Counted], width: int) -> Counted:
    from bpe_tool.streams.count import Counted

    found = list(found)
    tokens = tuple(sum(each.tokens[index] for each in found) for index in range(width))
    return Counted(name, sum(each.bytes for each in found), tokens)


def _directories(found: Sequence[Counted]) -> list[Counted]:
    """Return the sums of the files in each directory, or archive."""
    from pathlib import PurePath

    groups: dict[str, list[Counted]] = {}
    for each in found:
        groups.setdefault(str(PurePath(each.name).parent), []).append(each)
    return [_sum(name, each, len(each[0].tokens)) for name, each in groups.items()]


def _sorted(rows: Sequence[Counted], sort: str | None) -> list[Counted]:
    if sort == "name":
        return sorted(rows, key=lambda row: row.name)
    if sort == "bytes":
        return sorted(rows, key=lambda row: (-row.bytes, row.name))
    if sort == "tokens":
        return sorted(rows, key=lambda row: ([-each for each in row.tokens], row.name))
    return list(rows)


def _table(
    names: Sequence[str], rows: Sequence[Counted], total: Counted, price: float | None
) -> str:
    """Return the counts as a table whose columns of numbers are flush right."""
    from bpe_tool.rendering.escape import escape

    titles = ["tokens"] if len(names) == 1 else list(names)
    header = list(titles)
    if price is not None:
        header += ["cost"] if len(names) == 1 else [f"cost {name}" for name in names]
    lines = [[*header, "bytes", "file"]]
    for row in [*rows, total] if len(rows) != 1 else rows:
        costs = [] if price is None else [f"{_cost(each, price):,.4f}" for each in row.tokens]
        numbers = [*(f"{each:,}" for each in row.tokens), *costs, f"{row.bytes:,}"]
        lines.append([*numbers, escape(row.name)])
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]) - 1)]
    return "".join(
        "  ".join([*map(str.rjust, line[:-1], widths), line[-1]]) + "\n" for line in lines
    )


def _cost(tokens: int, price: float) -> float:
    return tokens * price / 1_000_000


def _json(
    names: Sequence[str],
    rows: Sequence[Counted],
    total: Counted,
    *,
    kind: str,
    price: float | None,
    budget: int | None,
) -> bytes:
    from bpe_tool.rendering.escape import escape
    from bpe_tool.vocab.files import to_json

    def written(row: Counted) -> dict[str, Any]:
        fields: dict[str, Any] = {"bytes": row.bytes}
        fields["tokens"] = dict(zip(names, row.tokens, strict=True))
        if price is not None:
            fields["cost"] = {name: _cost(n, price) for name, n in fields["tokens"].items()}
        return fields

    report: dict[str, Any] = {"version": JSON_VERSION}
    plural = {"file": "files", "directory": "directories"}[kind]
    report[plural] = [{kind: escape(row.name), **written(row)} for row in rows]
    report["total"] = written(total)
    if budget is not None:
        report["budget"] = budget
        report["within_budget"] = all(each <= budget for each in total.tokens)
    return to_json(report)
