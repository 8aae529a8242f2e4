"""Which options of `encode` go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bpe_tool.shards.layouts.registry import FORMATS

if TYPE_CHECKING:
    from bpe_tool.io.documents import Unit


def keeping(unit: Unit, names: str | None) -> Unit:
    """Return a unit that keeps other fields of its records."""
    from dataclasses import replace

    if names is None:
        return unit
    if unit.field is None and unit.column is None:
        raise click.UsageError("--keep goes with --ndjson or --column.")
    fields = tuple(name for name in names.split(",") if name)
    if {"ids", "offsets"} & set(fields):
        raise click.UsageError("--keep: the fields ids and offsets are those of the output.")
    return replace(unit, keep=fields)


def check_shards(
    in_shards: bool,
    format: str,
    output: str | None,
    *,
    force: bool,
    offsets: bool,
    keep: str | None,
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
    if keep is not None:
        raise click.UsageError("Shards cannot store --keep.")
    if output in (None, "-"):
        raise click.UsageError("Shards need a directory: -o DIRECTORY.")


def check_cluster(in_shards: bool, dropout: float | None, workers: int) -> None:
    """Refuse options that do not apply to a cluster."""
    if not in_shards:
        raise click.UsageError(
            "--ray writes shards: add --shard-tokens, or a --format that is always in shards."
        )
    if dropout is not None:
        raise click.UsageError(
            "--dropout depends on the numbers of records, which workers of --ray do not know."
        )
    if workers > 1:
        raise click.UsageError("--workers are processes of this machine; --ray has its own.")
