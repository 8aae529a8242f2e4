"""The verb `preprocess`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bpe_tool.cli import cluster, completers, input_options, options
from bpe_tool.cli.command import command
from bpe_tool.cli.steps import StepsCommand, make_steps, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpe_tool.cli.console import Console
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.sources import Source
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.streams.preprocess_block import Errors

EPILOG = (
    """\b
Steps run in the order of this page, whatever the order of the flags; those of a pipeline file
run in the order of the file. A pipeline file lists steps in TOML or JSON. The training.json of
a vocabulary that was trained with a pipeline is also one.
Record n of the output is record n of the input. With --lines, a line end that a step adds
becomes a space. NDJSON records keep their other fields.
Steps change special tokens like other text, unless --special-token names them.

"""
    + cluster.HELP
    + """
\b
Examples:
  bpe-tool preprocess --expand-contractions --lowercase < text.txt
  bpe-tool preprocess --preset classic --ndjson text docs.ndjson.gz --workers 4 -o clean.ndjson
  bpe-tool preprocess --lowercase raw/ -o clean/
  bpe-tool preprocess --expand-contractions --diff letters.txt
  bpe-tool preprocess --learn-stopwords --lowercase docs/ --whole > my-words.txt
  bpe-tool preprocess --preset classic --save-pipeline classic.toml < text.txt > clean.txt
  bpe-tool preprocess --pipeline classic.toml < text.txt | bpe-tool encode -t my-vocab
  bpe-tool preprocess --preset lm --ray auto --ndjson text /data/*.ndjson -o /data/clean.ndjson
"""
)


def told(flag: str, help: str) -> options.Decorator:
    """Return the flag of a report that is written instead of the text."""
    return click.option(flag, is_flag=True, help=help)


@command(cls=StepsCommand, epilog=EPILOG)
@options.files
@steps
@click.option(
    "--preset",
    shell_complete=completers.presets,
    metavar="NAME",
    help="Run the steps of a preset: lm, classic or bert.",
)
@options.pipeline("Run the steps of a pipeline file.")
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=options.utf8,
    metavar="TEXT",
    help="A text to leave as it is: the text between such tokens is preprocessed. Repeatable.",
)
@click.option("--save-pipeline", metavar="FILE", help="Write the steps to a .toml or .json file.")
@told("--explain", "Instead, report every change, as JSON lines with offsets in the record.")
@told("--diff", "Instead, show changed records, with removed and added text.")
@told("--stats", "Instead, show totals for each step.")
@told("--stopwords-report", "Instead, show how often each stopword was removed.")
@told("--learn-stopwords", "Instead, write a list of the most common words.")
@click.option(
    "--max-document-frequency",
    type=float,
    metavar="SHARE",
    help="Learn words that are in more than this share of the records.  [default: 0.6]",
)
@options.errors
@input_options.unit("default: --lines")
@input_options.inputs("binary")
@options.output
@options.per_file
@options.workers
@cluster.at
@options.messages
def preprocess(
    files: tuple[str, ...],
    steps: Mapping[str, Any],
    preset: str | None,
    pipeline_path: str | None,
    special_tokens: tuple[str, ...],
    save_pipeline: str | None,
    explain: bool,
    diff: bool,
    stats: bool,
    stopwords_report: bool,
    learn_stopwords: bool,
    max_document_frequency: float | None,
    errors: Errors | None,
    unit: Unit | None,
    inputs: Inputs,
    output: str | None,
    per_file: bool,
    workers: int,
    ray: str | None,
    unit_bytes: int | None,
    set_aside: str | None,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Clean text before it is tokenized, step by step.

    FILES are files, directories, globs, or - for standard input, which is the default.
    Compressed files (.gz, .zst, .bz2, .xz) and archives (.zip, .tar, .tar.gz) are read as they
    are. Of directories, hidden and binary files are left out.
    """
    from contextlib import ExitStack
    from functools import partial
    from pathlib import Path

    from bpe_tool.cli.session import (
        Skips,
        announce,
        find_sources,
        reading,
        streaming_console,
        warnings_on,
    )
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.mirrored import means_folder, mirrored
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.preprocess.pipeline_reports import ReportKind, report
    from bpe_tool.rendering.numbers import counted
    from bpe_tool.rendering.terminal import shows_colour
    from bpe_tool.streams.preprocess import StreamPreprocessor
    from bpe_tool.streams.preprocess_block import BlockPreprocessor

    kinds: dict[ReportKind, bool] = {
        "explain": explain, "diff": diff, "stats": stats, "stopwords": stopwords_report,
        "learned": learn_stopwords,
    }  # fmt: skip
    wanted = [kind for kind, given in kinds.items() if given]
    if len(wanted) > 1:
        raise click.UsageError(
            "Only one of --explain, --diff, --stats, --stopwords-report and --learn-stopwords "
            "can be given."
        )
    if max_document_frequency is not None and not learn_stopwords:
        raise click.UsageError("--max-document-frequency goes with --learn-stopwords.")
    cluster.refuse_alone(ray, unit_bytes, set_aside)
    if ray is not None:
        _check_cluster(output, workers, reports=bool(wanted), per_file=per_file)
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    pipeline = _pipeline(console, steps, preset, pipeline_path, needed=not learn_stopwords)
    pipeline = pipeline.keeping(special_tokens)
    told = None
    if wanted:
        told = partial(report, wanted[0], pipeline, colour=shows_colour(output))
        if max_document_frequency is not None:
            told = partial(told, max_document_frequency=max_document_frequency)
        told()
    unit = inputs.unit(unit or Unit(b"\n"))
    preprocessor = BlockPreprocessor(
        pipeline=pipeline,
        unit=unit,
        errors=errors or "strict",
        keeps_fields=True,
        report=told,
    )
    skips = Skips(console)
    sources = find_sources(console, files, inputs.selection, unit)
    targets = None
    if per_file or (output and not wanted and means_folder(output, files)):
        if not output or wanted:
            raise click.UsageError("--per-file needs -o DIRECTORY, and no report.")
        targets = mirrored(
            sources, Path(output), lambda each: "" if unit.of(each).field is None else _suffix(each)
        )
    refuse_own_input(sources, output)
    if save_pipeline is not None:
        pipeline.save(save_pipeline)
    if ray is not None:
        assert output is not None
        if targets:
            raise click.UsageError("--ray writes one file, not a directory: -o FILE.")
        with (
            warnings_on(console),
            cluster.connected(console, ray, unit_bytes, set_aside, 1) as machines,
        ):
            skips.add_facts(machines.preprocess(sources, preprocessor, output))
        return skips.exit_code()
    with ExitStack() as stack:
        out = None if targets else stack.enter_context(open_output(output))
        on_read = stack.enter_context(reading(console, sources))
        announce(console, sources)
        stream = StreamPreprocessor(
            preprocessor=preprocessor,
            workers=workers,
            on_read=on_read,
            on_skip=skips.add,
            on_block=skips.add_block,
        )
        if out is not None:
            stream.write(sources, out)
        else:
            stream.write_each(sources, targets or [])
    if targets:
        console.notice(f"wrote {counted(len(targets), 'file')} to {output}")
    return skips.exit_code()


def _suffix(source: Source) -> str:
    """Return what is added to the name of an input that is written as JSON lines."""
    from bpe_tool.io.forms import format_of

    return "" if format_of(source.place) == "ndjson" else ".ndjson"


def _check_cluster(output: str | None, workers: int, *, reports: bool, per_file: bool) -> None:
    """Refuse options that do not apply to a cluster."""
    if output in (None, "-"):
        raise click.UsageError("--ray needs a file: -o FILE.")
    if reports:
        raise click.UsageError("--ray writes text, no reports.")
    if per_file:
        raise click.UsageError("--ray writes one file, so --per-file does not go with it.")
    if workers > 1:
        raise click.UsageError("--workers are processes of this machine; --ray has its own.")


def _pipeline(
    console: Console,
    steps: Mapping[str, Any],
    preset: str | None,
    path: str | None,
    *,
    needed: bool,
) -> Pipeline:
    """Make the pipeline from flags, a preset or a file."""
    from bpe_tool.cli.pipelines import check, load_pipeline
    from bpe_tool.preprocess.pipeline import Pipeline

    if bool(steps) + (preset is not None) + (path is not None) > 1:
        raise click.UsageError(
            "Steps come from flags, from --preset or from --pipeline, but only from one of these.  "
            "--save-pipeline writes a preset to a file that you can edit."
        )
    if path is not None:
        return load_pipeline(console, path)
    if preset is not None:
        return check(console, Pipeline.from_preset(preset))
    if needed and not steps:
        raise click.UsageError("There are no steps: give flags for steps, --preset or --pipeline.")
    return check(console, Pipeline(make_steps(steps)))
