"""What a unit reports besides its output: what one machine would have told the user meanwhile."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpe_tool.distributed.set_aside import Poison
from bpe_tool.distributed.work_folder import Mark, WorkFolder
from bpe_tool.errors import BpeToolError, BpeToolWarning
from bpe_tool.io.atomic import AtomicFile

if TYPE_CHECKING:
    from bpe_tool.streams.preprocess_block import PreprocessedBlock

#: How many records that were skipped, and how many warnings, a unit names.
NAMED = 10

#: The file of an output that lists the documents that were set aside.
SET_ASIDE = "set-aside.ndjson"


class Facts:
    """What is to be told about some units.

    Attributes:
        skipped: How many records were skipped.
        messages: Why the first of them were, and the first warnings.
        replaced: In how many records bytes that are not UTF-8 were replaced.
        unfinished: How many records ended within markup.
        special_tokens: How many special tokens were treated as text.
        missing: How many bytes or characters have no token.
        set_aside: How many documents were set aside.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self.messages: list[str] = []
        self.replaced = 0
        self.unfinished = 0
        self.special_tokens = 0
        self.missing = 0
        self.set_aside = 0

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Facts:
        """Return what is to be told about several units."""
        total = cls()
        for mark in marks:
            total._add(mark.facts["told"])
        return total

    def add(self, other: Facts) -> None:
        """Add what is to be told about others."""
        self._add(vars(other))

    def _add(self, told: Mapping[str, Any]) -> None:
        for name, value in told.items():
            setattr(self, name, getattr(self, name) + value)

    def skip(self, error: BpeToolError) -> None:
        """Count a record that was skipped."""
        self.skipped += 1
        self._name(f"{error}; skipped")

    def block(self, block: PreprocessedBlock) -> None:
        """Count what happened to the records of a block."""
        self.replaced += block.replaced
        self.unfinished += block.unfinished
        self.special_tokens += block.special_tokens

    @contextmanager
    def warnings(self) -> Iterator[None]:
        """Keep warnings of the package while the context lasts."""

        def keep(
            message: Warning | str,
            category: type[Warning],
            *place: Any,  # noqa: ANN401 - as `warnings` calls it
            **more: Any,  # noqa: ANN401
        ) -> None:
            if issubclass(category, BpeToolWarning):
                self._name(str(message))

        with warnings.catch_warnings():
            warnings.simplefilter("always", BpeToolWarning)
            warnings.showwarning = keep
            yield

    def write_set_aside(self, folder: Path, found: list[Poison]) -> None:
        """Write the list of the documents that were set aside to an output."""
        self.set_aside = len(found)
        if found:
            with AtomicFile(folder / SET_ASIDE) as file:
                for each in found:
                    file.write(json.dumps(each.record(), ensure_ascii=True).encode() + b"\n")

    def record(self) -> dict[str, Any]:
        """Return what a mark holds."""
        return {"told": {name: value for name, value in vars(self).items() if value}}

    def _name(self, message: str) -> None:
        if len(self.messages) < NAMED:
            self.messages.append(message)


def write_set_aside(work: WorkFolder, marks: Iterable[Mark], path: Path) -> None:
    """Write the list of all documents that were set aside, in order."""
    with AtomicFile(path) as file:
        for mark in marks:
            found = work.output(mark) / SET_ASIDE
            if any(name == SET_ASIDE for name, _ in mark.files):
                file.write(found.read_bytes())
