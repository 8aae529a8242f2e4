"""Tells which files `.gitignore` files exclude. Only this module uses pathspec."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bpe_tool.errors import ArgumentError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Ignored:
    """The `.gitignore` files from the top of a repository down to a directory, and below it.

    Args:
        directory: Where the search for files begins.

    Raises:
        ArgumentError: The package pathspec is not installed.
    """

    def __init__(self, directory: Path) -> None:
        try:
            from pathspec import GitIgnoreSpec
        except ImportError:
            raise ArgumentError(
                "reading .gitignore needs the package pathspec",
                hint="pip install 'bpe-tool[gitignore]'",
            ) from None
        self._parse = GitIgnoreSpec.from_lines
        self._specs: dict[Path, GitIgnoreSpec | None] = {}
        start = directory.resolve()
        above = [start, *start.parents]
        inside = [index for index, each in enumerate(above) if (each / ".git").exists()]
        self._top = above[inside[0]] if inside else start

    def is_ignored(self, folder: Path, name: str, *, is_dir: bool) -> bool:
        """Return whether a file or directory is excluded. The nearest rule about it counts."""
        real = folder.resolve()
        path = real / name
        while True:
            spec = self._spec(real)
            if spec is not None:
                relative = path.relative_to(real).as_posix() + ("/" if is_dir else "")
                included = spec.check_file(relative).include
                if included is not None:
                    return included
            if real == self._top or real == real.parent:
                return False
            real = real.parent

    def _spec(self, folder: Path) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            try:
                text = (folder / ".gitignore").read_text(errors="surrogateescape")
            except OSError:
                self._specs[folder] = None
            else:
                # Lines end as in git, which leaves out those that are no pattern.
                self._specs[folder] = self._parse(filter(self._is_pattern, text.split("\n")))
        return self._specs[folder]

    def _is_pattern(self, line: str) -> bool:
        try:
            self._parse([line])
        except (ValueError, re.error):
            return False
        return True
