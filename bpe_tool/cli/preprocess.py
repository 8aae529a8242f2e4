"""The verb `preprocess`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bpe_tool.cli import options
from bpe_tool.cli.command import command
from bpe_tool.cli.steps import StepsCommand, make_steps, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpe_tool.cli.console import Console
    from bpe_tool.io.documents import Unit
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.streams.preparation import Errors

EPILOG = """\b
Flags of steps are done in the order of this page, however they are given; in a pipeline
file, the order is yours. A pipeline file lists steps in TOML or JSON; the training.json of a
vocabulary that was trained behind a pipeline is one, too.
Record n in is record n out. A new line that a step makes in a line becomes a space. NDJSON
records keep their other fields.

\b
Examples:
  bpe-tool preprocess --expand-contractions --lowercase < text.txt
  bpe-tool preprocess --preset classic --ndjson text docs.ndjson.gz --workers 4 -o clean.ndjson
  bpe-tool preprocess --expand-contractions --diff letters.txt
  bpe-tool preprocess --learn-stopwords --lowercase docs/ --whole > my-words.txt
  bpe-tool preprocess --preset classic --save-pipeline classic.toml < text.txt > clean.txt
  bpe-tool preprocess --pipeline classic.toml < text.txt | bpe-tool encode -t my-vocab
"""


def told(flag: str, help: str) -> options.Decorator:
    """Return the flag of something to tell instead of the text."""
    return click.option(flag, is_flag=True, help=help)


@command(cls=StepsCommand, epilog=EPILOG)
@options.files
@steps
@click.option("--preset", metavar="NAME", help="The steps of a preset: lm, classic or bert.")
@options.pipeline("The steps of a pipeline file, in its order.")
@click.option("--save-pipeline", metavar="FILE", help="Write the steps to a .toml or .json file.")
@told("--explain", "Tell every change instead, as JSON lines with offsets in the record.")
@told("--diff", "Show the records that change instead, with what is removed and added.")
@told("--stats", "Show sums of what each step does instead.")
@told("--stopwords-report", "Show how often each stopword is removed instead.")
@told("--learn-stopwords", "Write a list of the words that most records have instead.")
@click.option(
    "--max-document-frequency",
    type=float,
    metavar="SHARE",
    help="A learned stopword is in more than this share of the records.  [default: 0.6]",
)
@options.errors
@options.unit("default: --lines")
@options.output
@options.workers
@options.messages
def preprocess(
    files: tuple[str, ...],
    steps: Mapping[str, Any],
    preset: str | None,
    pipeline_path: str | None,
    save_pipeline: str | None,
    explain: bool,
    diff: bool,
    stats: bool,
    stopwords_report: bool,
    learn_stopwords: bool,
    max_document_frequency: float | None,
    errors: Errors | None,
    unit: Unit | None,
    output: str | None,
    workers: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Clean text before it is tokenized, step by step.

    FILES are files (also .gz and .zst), directories, globs, or - for standard input, which
    is also the default.
    """
    from functools import partial

    from bpe_tool.cli.session import Skips, announce, reading, streaming_console
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.io.sources import expand
    from bpe_tool.preprocess.reports import ReportKind, report
    from bpe_tool.rendering.terminal import shows_colour
    from bpe_tool.streams import preprocess as preprocess_stream
    from bpe_tool.streams.preparation import Preparation

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
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    pipeline = _pipeline(console, steps, preset, pipeline_path, needed=not learn_stopwords)
    told = None
    if wanted:
        told = partial(report, wanted[0], pipeline, colour=shows_colour(output))
        if max_document_frequency is not None:
            told = partial(told, max_document_frequency=max_document_frequency)
        told()
    preparation = Preparation(
        pipeline=pipeline,
        unit=unit or Unit(b"\n"),
        errors=errors or "strict",
        keeps_fields=True,
        report=told,
    )
    skips = Skips(console)
    sources = expand(files)
    refuse_own_input(sources, output)
    if save_pipeline is not None:
        pipeline.save(save_pipeline)
    with open_output(output) as out, reading(console, sources) as on_read:
        announce(console, sources)
        preprocess_stream.preprocess(
            sources,
            preparation,
            out,
            workers=workers,
            on_read=on_read,
            on_skip=skips.add,
            on_prepared=skips.add_batch,
        )
    return skips.exit_code()


def _pipeline(
    console: Console,
    steps: Mapping[str, Any],
    preset: str | None,
    path: str | None,
    *,
    needed: bool,
) -> Pipeline:
    """Make the pipeline that the options ask for, in one way of three."""
    from bpe_tool.cli.pipelines import check, load_pipeline
    from bpe_tool.preprocess.pipeline import Pipeline

    if bool(steps) + (preset is not None) + (path is not None) > 1:
        raise click.UsageError(
            "Steps come from flags, from --preset or from --pipeline, not from several.  "
            "--save-pipeline writes a preset to a file, which you can change."
        )
    if path is not None:
        return load_pipeline(console, path)
    if preset is not None:
        return check(console, Pipeline.from_preset(preset))
    if needed and not steps:
        raise click.UsageError("There are no steps: give flags of steps, --preset or --pipeline.")
    return check(console, Pipeline(make_steps(steps)))
