"""What shells complete: file names, names of patterns and presets, special tokens.

Imported only while a shell asks, but for the functions that options name.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click
    from click.shell_completion import CompletionItem

#: The named patterns, those that are used most first.
PATTERNS = (
    "cl100k", "gpt2", "o200k", "llama3", "qwen2", "qwen3.5", "tekken", "kimi-k2", "digits-gpt2",
    "deepseek-coder", "deepseek-v2", "deepseek-v3", "bloom", "whitespace", "none",
)  # fmt: skip


def paths(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete the name of a file or directory."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def patterns(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of patterns."""
    return _starting(PATTERNS, incomplete)


def presets(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of presets of preprocessing."""
    from bpe_tool.preprocess.presets import PRESETS

    return _starting(PRESETS, incomplete)


def special_tokens(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the special tokens of the vocabulary that `-t` names, if it opens."""
    given = ctx.params.get("tokenizer_path")
    # A shell that completes shows no errors.
    with contextlib.suppress(Exception):
        from bpe_tool.vocab import files

        return _starting(files.load(str(given), None, ()).special_tokens, incomplete)
    return []


def _starting(names: Iterable[str], start: str) -> list[str]:
    return [name for name in names if name.startswith(start)]
