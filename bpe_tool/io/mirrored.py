"""Names one output file for each input, below a directory, at the place that the input has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io.atomic import make_directory
from bpe_tool.io.forms import COMPRESSIONS
from bpe_tool.io.sources import Source


def mirrored(
    sources: Sequence[Source], folder: Path, suffix: Callable[[Source], str]
) -> list[Path]:
    """Return where the output of each source goes, and make the directories for it.

    The name of an output is that of the input, less the suffix of compression, and `suffix`.

    Raises:
        ArgumentError: An input has no name, two outputs would be the same file, or one would
            replace an input.
        DataError: A member of an archive has a path that leads out of the archive.
    """
    targets: dict[Path, Source] = {}
    for source in sources:
        if source.path is None:
            raise ArgumentError("standard input has no name that its output could have")
        place = PurePosixPath(source.place)
        if place.is_absolute() or ".." in place.parts:
            raise DataError(f"{source.name}: this path leads out of the archive")
        if place.suffix in COMPRESSIONS:
            place = place.with_suffix("")
        target = folder / f"{place}{suffix(source)}"
        if target in targets:
            raise ArgumentError(
                f"{targets[target].name} and {source.name} would both be written to {target}",
                hint="give them to two calls",
            )
        targets[target] = source
    inputs = {source.path.resolve() for source in sources if source.path is not None}
    if own := [target for target in targets if target.resolve() in inputs]:
        raise ArgumentError(f"{own[0]} is an input, too", hint="write to another directory")
    for parent in dict.fromkeys(target.parent for target in targets):
        make_directory(parent)
    return list(targets)


def means_folder(output: str, files: Sequence[str]) -> bool:
    """Return whether an output without further word is a directory for one file for each input.

    It is if it ends with a slash or exists as one; or if an input is a directory, and the output
    has no suffix.
    """
    path = Path(output)
    if output.endswith("/") or path.is_dir():
        return True
    return not path.suffix and not path.exists() and any(Path(each).is_dir() for each in files)
