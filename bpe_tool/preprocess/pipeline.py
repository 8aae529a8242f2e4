"""Steps, one after the other."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, final

from bpe_tool import checks
from bpe_tool.preprocess import order, presets, spec
from bpe_tool.preprocess.chunks import Work, joined
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.explanation import Change, Explanation, Origins
from bpe_tool.preprocess.step import Step


@final
@dataclasses.dataclass(frozen=True)
class Pipeline:
    """Steps of preprocessing in the order in which they are done.

    Immutable, picklable, and equal to others with equal steps. Made of steps, by `load` from
    a file, or by `from_preset`.

    Attributes:
        steps: The steps.

    >>> Pipeline.from_spec({"version": 1, "steps": [{"step": "lowercase"}]}).apply("A Rose")
    'a rose'
    """

    steps: tuple[Step, ...] = ()

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        found = []
        for number, step in enumerate(checks.several("steps", steps, "several steps")):
            checks.instance(f"steps[{number}]", step, Step, "a step, such as Lowercase()")
            spec.check_characters(step)
            found.append(step)
        object.__setattr__(self, "steps", tuple(found))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Pipeline:
        """Read a pipeline file.

        Args:
            path: A TOML or JSON file, see `save`; or the `training.json` of a vocabulary
                that was trained behind a pipeline, or the directory that holds it. Paths
                in the file are relative to its own directory.

        Raises:
            ArgumentError: The file holds no pipeline, or one that makes no sense.
            OSError: The file cannot be read.
        """
        return cls(spec.load(path))

    @classmethod
    def from_preset(cls, name: str) -> Pipeline:
        """Make a pipeline that comes with this package: `lm`, `classic` or `bert`.

        Raises:
            ArgumentError: There is no such preset.
        """
        return cls(spec.steps(presets.preset(name), f"preset {name}", None))

    @classmethod
    def from_spec(cls, value: Mapping[str, Any]) -> Pipeline:
        """Make the pipeline that `spec` describes. Options left out have their defaults.

        Raises:
            ArgumentError: It makes no sense; the place is named.
        """
        return cls(spec.steps(value, "pipeline", None))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a pipeline file, whole or not at all: `NAME.toml`, or `NAME.json`."""
        spec.save(self.steps, path)

    def spec(self) -> dict[str, Any]:
        """Return all that a pipeline file says, the defaults of options included."""
        return spec.describe(self.steps)

    def record(self, folder: str | os.PathLike[str]) -> dict[str, Any]:
        """Return what a `training.json` in a folder says about this pipeline."""
        return spec.record(self.steps, self.digest, folder)

    @property
    def digest(self) -> str:
        """SHA-256 of all that the result depends on beside the text.

        That is the steps, their options, and the data behind them, such as the words of a
        list. Where a user's own file lies does not matter; what it holds does.
        """
        return hashlib.sha256(spec.canonical(self.steps)).hexdigest()

    def warnings(self) -> list[str]:
        """Return what is probably not meant in the order of the steps, with the reasons."""
        return order.warnings(self.steps)

    def apply(self, text: str) -> str:
        """Return the text after all steps."""
        checks.string("text", text)
        for work in self._work:
            text = work.apply(text)
        return text

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts after all steps: the same as `apply` to each, but faster."""
        if type(texts) is not list or not {*map(type, texts)} <= {str}:
            texts = checks.strings("texts", texts)
        for work in self._work:
            texts = work.apply_all(texts)
        return list(texts)

    def unfinished(self, text: str) -> bool:
        """Return whether a text that is given to the steps looks cut off to one of them."""
        checks.string("text", text)
        return any(step.unfinished(text) for step in self.steps)

    def explain(self, text: str) -> Explanation:
        """Return the text after all steps with every change, and where in `text` it was.

        Changes of later steps to what earlier ones wrote are told as changes to the
        stretch of `text` that it was written for.
        """
        origins = Origins(len(checks.string("text", text)))
        changes: list[Change] = []
        current = text
        for step in self.steps:
            edits = step.edits(current)
            for edit, (start, end) in zip(edits, origins.change(edits), strict=True):
                before = current[edit.start : edit.end]
                reason = (step.name, edit.rule, edit.confidence, edit.alternatives)
                changes.append(Change(start, end, before, edit.text, *reason))
            current = apply_edits(current, edits)
        return Explanation(text, current, tuple(changes), tuple(origins.net(current)))

    @cached_property
    def _work(self) -> tuple[Work, ...]:
        return tuple(joined(self.steps))

    def __reduce__(self) -> tuple[Any, ...]:
        return Pipeline, (self.steps,)
