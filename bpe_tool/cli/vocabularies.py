"""Vocabularies as a command line names them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bpe_tool.cli import options
from bpe_tool.rendering.escape import escape
from bpe_tool.vocab import files as vocab_files

if TYPE_CHECKING:
    from bpe_tool import _core


def load_all(
    paths: Sequence[str], patterns: Sequence[str], special_tokens: tuple[str, ...]
) -> dict[str, _core.Tokenizer]:
    """Load several vocabularies, by distinct names.

    Patterns and special tokens are for files that do not contain their own.
    """
    bare = [vocab_files.lacks_pattern(path) for path in paths]
    count = sum(bare)
    if len(patterns) > 1 and len(patterns) != count:
        raise click.UsageError(
            f"Give one --pattern, or one for each of the {count} files that need it."
        )
    given = iter(patterns if len(patterns) > 1 else [*patterns] * count)
    specials = options.special_token_ids(special_tokens)
    if len(set(paths)) < len(paths):
        raise click.UsageError("The same vocabulary is given twice.")
    names = {Path(path).name or path for path in paths}
    short = len(names) == len(paths)
    return {
        escape(Path(path).name if short and Path(path).name else path): vocab_files.load(
            path, next(given, None) if needs else None, specials if needs else ()
        )
        for path, needs in zip(paths, bare, strict=True)
    }


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Return display names of files: their paths relative to their common directory."""
    folders = {os.path.dirname(name) for name in names}  # noqa: PTH120 - not all are paths
    common = ""
    if "" not in folders and len({os.path.isabs(name) for name in names}) == 1:  # noqa: PTH117
        common = os.path.commonpath(folders)
    return {name: escape(os.path.relpath(name, common) if common else name) for name in names}
