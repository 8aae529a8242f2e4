"""Pipelines as a command line names them: loaded, checked, compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bpe_tool.cli.console import Console

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.cli.session import Skips
    from bpe_tool.io.documents import Unit
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.streams.preprocess import StreamPreprocessor
    from bpe_tool.streams.preprocess_block import BlockPreprocessor, Errors
    from bpe_tool.tokenizer import Special


def check(console: Console, pipeline: Pipeline) -> Pipeline:
    """Warn about steps whose order is known to cause problems; return the pipeline.

    Raises:
        ArgumentError: A step needs a package that is not installed.
    """
    for warning in pipeline.warnings():
        console.warning(warning)
    # Now, rather than after the first block.
    pipeline.apply("a")
    return pipeline


def load_pipeline(console: Console, path: str) -> Pipeline:
    """Read and check a pipeline file."""
    from bpe_tool.preprocess import spec
    from bpe_tool.preprocess.pipeline import Pipeline

    pipeline = Pipeline.load(path)
    if spec.is_record(path) and spec.recorded_digest(path) != (True, pipeline.digest):
        console.warning(
            f"{path}: this pipeline no longer gives the results that were recorded",
            "a word list or a library has changed its version",
        )
    return check(console, pipeline)


def block_preprocessor(
    console: Console,
    path: str | None,
    unit: Unit,
    errors: Errors | None,
    workers: int,
    *,
    vocab: _core.Tokenizer | tuple[str, ...],
    special: Special | Literal["cut"],
    offsets: bool = False,
) -> BlockPreprocessor | None:
    """Return how text is preprocessed, if it is.

    `vocab` is the vocabulary, or the special tokens of the one to learn. For `special`, see
    `BlockPreprocessor`.

    Raises:
        UsageError: There are options for preprocessing, but no pipeline.
    """
    if path is None:
        # What is the default anyway may be given.
        others = errors not in (None, "strict")
        for flag, given in (("--errors", others), ("--workers", workers > 1)):
            if given:
                raise click.UsageError(f"{flag} applies to preprocessing: it needs --pipeline.")
        return None
    from bpe_tool.preprocess.special_tokens import SpecialTokens
    from bpe_tool.streams.preprocess_block import BlockPreprocessor, special_tokens_of

    specials = SpecialTokens(vocab) if isinstance(vocab, tuple) else special_tokens_of(vocab)
    pipeline = load_pipeline(console, path)
    return BlockPreprocessor(
        pipeline=pipeline,
        unit=unit,
        errors=errors or "strict",
        special_tokens=specials,
        special=special,
        offsets=offsets,
    )


def stream_preprocessor(
    console: Console,
    path: str | None,
    unit: Unit,
    errors: Errors | None,
    workers: int,
    *,
    vocab: tuple[str, ...],
    skips: Skips,
) -> StreamPreprocessor | None:
    """Return how documents are preprocessed before they are counted, if they are.

    `vocab` is the special tokens; they are cut out. Problems are added to `skips`.
    """
    preprocessor = block_preprocessor(
        console, path, unit, errors, workers, vocab=vocab, special="cut"
    )
    if preprocessor is None:
        return None
    from bpe_tool.streams.preprocess import StreamPreprocessor

    return StreamPreprocessor(
        preprocessor=preprocessor, workers=workers, on_skip=skips.add, on_block=skips.add_block
    )


def compare(console: Console, vocab: str, pipeline: Pipeline | None) -> None:
    """Warn if a vocabulary was trained with a different pipeline."""
    from bpe_tool.preprocess.spec import recorded_digest
    from bpe_tool.vocab import names

    known, digest = recorded_digest(names.locate(Path(vocab)).path)
    if not known or digest == (pipeline and pipeline.digest):
        return
    if pipeline is None:
        console.warning(
            "the vocabulary was trained with a pipeline, but none is used",
            f"--pipeline {vocab} applies the same pipeline",
        )
    elif digest is None:
        console.warning("the vocabulary was trained without a pipeline, but one is used")
    else:
        console.warning(
            "the vocabulary was trained with a different pipeline",
            f"--pipeline {vocab} applies the same pipeline",
        )
