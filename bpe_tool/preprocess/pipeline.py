"""Pipelines: steps, applied one after the other."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, final

from bpe_tool import checks
from bpe_tool.preprocess import order_warnings, presets, spec
from bpe_tool.preprocess.chunks import Work, joined
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.explanation import Change, Explanation, Origins
from bpe_tool.preprocess.step import Step


@final
@dataclasses.dataclass(frozen=True)
class Pipeline:
    """Steps of preprocessing, in the order in which they are applied.

    Immutable, picklable, and equal to every other with equal steps. Make one from steps, with
    `load` from a file, or with `from_preset`.

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
            path: A TOML or JSON file, see `save`; the `training.json` of a vocabulary that was
                trained with a pipeline; or the directory that holds it. Paths in the file are
                relative to its own directory.

        Raises:
            ArgumentError: The file holds no pipeline, or an invalid one.
            OSError: The file cannot be read.
        """
        return cls(spec.load(path))

    @classmethod
    def from_preset(cls, name: str) -> Pipeline:
        """Make one of the pipelines that come with this package: `lm`, `classic` or `bert`.

        Raises:
            ArgumentError: There is no such preset.
        """
        return cls(spec.steps(presets.preset(name), f"preset {name}", None))

    @classmethod
    def from_spec(cls, value: Mapping[str, Any]) -> Pipeline:
        """Make a pipeline from a value as `spec` returns it. Missing options have their defaults.

        Raises:
            ArgumentError: The value is invalid; the message says where.
        """
        return cls(spec.steps(value, "pipeline", None))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a pipeline file, `NAME.toml` or `NAME.json`, atomically."""
        spec.save(self.steps, path)

    def spec(self) -> dict[str, Any]:
        """Return the content of the pipeline file, with the defaults of all options."""
        return spec.describe(self.steps)

    def record(self, folder: str | os.PathLike[str]) -> dict[str, Any]:
        """Return the entry for this pipeline in a `training.json` in a folder."""
        return spec.record(self.steps, self.digest, folder)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the result depends on besides the text.

        That is the steps, their options, and their data, such as the words of a list. Of a
        user's own files the content counts, not the path.
        """
        return hashlib.sha256(spec.canonical(self.steps)).hexdigest()

    def warnings(self) -> list[str]:
        """Return warnings about the order of the steps, with reasons."""
        return order_warnings.warnings(self.steps)

    def apply(self, text: str) -> str:
        """Return the text after all steps."""
        checks.string("text", text)
        for work in self._work:
            text = work.apply(text)
        return text

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts after all steps: the same as `apply` for each, but faster."""
        if type(texts) is not list or not {*map(type, texts)} <= {str}:
            texts = checks.strings("texts", texts)
        for work in self._work:
            texts = work.apply_all(texts)
        return list(texts)

    def unfinished(self, text: str) -> bool:
        """Return whether a text looks cut off to one of the steps."""
        checks.string("text", text)
        return any(step.unfinished(text) for step in self.steps)

    def explain(self, text: str) -> Explanation:
        """Return the text after all steps, with every change and where in `text` it belongs.

        A change to what an earlier step wrote is reported at the part of `text` that the
        earlier step replaced.
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
