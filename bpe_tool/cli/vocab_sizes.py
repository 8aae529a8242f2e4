"""The sizes of vocabularies that one training gives, and where each is written."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bpe_tool.checks import MAX_COUNT

#: `k` is a thousand, `m` a million.
UNITS = {"": 1, "k": 10**3, "m": 10**6}

SIZE = re.compile(r"([0-9]{1,19})([kKmM]?)")


def sizes(ctx: click.Context, option: click.Parameter, value: str) -> tuple[int, ...]:
    """Parse sizes with commas between them, and put them in order."""
    found = set()
    for text in value.split(","):
        size = SIZE.fullmatch(text.strip())
        number = int(size[1]) * UNITS[size[2].lower()] if size else 0
        if not 1 <= number <= MAX_COUNT:
            raise click.BadParameter(f"{text!r} is not a size, such as 32000 or 32k.", ctx, option)
        found.add(number)
    return tuple(sorted(found))


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
