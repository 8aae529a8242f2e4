"""The sizes of vocabularies that one training gives, and where each is written."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bpe_tool.checks import MAX_COUNT

#: `k` is a thousand, `m` a million.
UNITS = {"": 1, "k": 10**3, "m": 10**6}

SIZE = re.compile(r"(\+?)([0-9]{1,19})([kKmM]?)")


def sizes(ctx: click.Context, option: click.Parameter, value: str) -> tuple[tuple[bool, int], ...]:
    """Parse sizes with commas between them: whether each has a `+`, and the number."""
    found = []
    for text in value.split(","):
        size = SIZE.fullmatch(text.strip())
        number = int(size[2]) * UNITS[size[3].lower()] if size else 0
        if not size or not (not size[1]) <= number <= MAX_COUNT:
            raise click.BadParameter(f"{text!r} is not a size, such as 32000 or 32k.", ctx, option)
        found.append((bool(size[1]), number))
    return tuple(found)


def size(ctx: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """Parse one size."""
    if value is None:
        return None
    (added, number), *others = sizes(ctx, option, value)
    if added or others:
        raise click.BadParameter(f"{value!r} is not a size, such as 32000 or 32k.", ctx, option)
    return number


def resolved(sizes: tuple[tuple[bool, int], ...], start: int | None) -> tuple[int, ...]:
    """Return the sizes in order. A `+` adds to the size of the vocabulary that is extended.

    >>> resolved(((False, 60_000), (True, 5000)), 50_257)
    (55257, 60000)
    """
    if start is None and any(added for added, _ in sizes):
        raise click.UsageError("A --vocab-size with + adds to the vocabulary of --init.")
    return tuple(sorted({number + (start or 0) * added for added, number in sizes}))


def outputs(output: str, sizes: tuple[int, ...]) -> dict[int, str]:
    """Return where the vocabulary of each size is written.

    A single one is the output itself. Of several, each is a directory in it, or a file with the
    size in its name.

    >>> outputs("tok.json", (8000, 16000))
    {8000: 'tok-8000.json', 16000: 'tok-16000.json'}
    """
    from bpe_tool.vocab.files import target_format
    from bpe_tool.vocab.reading import MERGES

    if len(sizes) == 1:
        return {sizes[0]: output}
    path = Path(output)
    if target_format(path) == "directory":
        return {size: str(path / str(size)) for size in sizes}
    if target_format(path) == "merges":
        before = path.name.removesuffix(MERGES)
        return {size: str(path.with_name(f"{before}{size}-{MERGES}")) for size in sizes}
    return {size: str(path.with_stem(f"{path.stem}-{size}")) for size in sizes}
