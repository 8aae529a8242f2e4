"""Pipelines: steps, applied one after the other."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, final

from bpe_tool import checks
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess import order_warnings, presets, spec
from bpe_tool.preprocess.chunks import Work, joined
from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.explanation import Change, Explanation, Origins, Piece
from bpe_tool.preprocess.special_tokens import NONE, SpecialTokens
from bpe_tool.preprocess.step import Step


@final
@dataclasses.dataclass(frozen=True)
class Pipeline:
    """Steps of preprocessing, in the order in which they are applied.

    Immutable, picklable, and equal to every other with equal steps. Make one from steps, with
    `load` from a file, or with `from_preset`.

    Attributes:
        steps: The steps.
        special_tokens: Texts that the steps leave alone; see `keeping`.

    >>> Pipeline.from_spec({"version": 1, "steps": [{"step": "lowercase"}]}).apply("A Rose")
    'a rose'
    """

    steps: tuple[Step, ...] = ()
    special_tokens: SpecialTokens = NONE

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

    def keeping(self, special_tokens: Iterable[str]) -> Pipeline:
        """Return the same pipeline, which leaves these texts as they are.

        They are found in a text before the first step. Each text between two of them is
        preprocessed on its own, as if it were the whole text. Pipeline files do not hold them.

        Args:
            special_tokens: Texts, such as `tokenizer.special_tokens`, in place of those before.

        >>> pipeline = Pipeline.from_spec({"version": 1, "steps": [{"step": "lowercase"}]})
        >>> pipeline.keeping(["[MASK]"]).apply("The [MASK] ROSE")
        'the [MASK] rose'
        """
        texts = special_tokens.keys() if isinstance(special_tokens, Mapping) else special_tokens
        found = checks.strings("special_tokens", texts)
        for row, text in enumerate(found):
            if not text:
                raise ArgumentError("is empty", parameter="special_tokens", item=f"item {row}")
        return self.around(SpecialTokens(tuple(dict.fromkeys(found))))

    def around(self, special_tokens: SpecialTokens) -> Pipeline:
        """Return the same pipeline, which leaves special tokens as they are; see `keeping`."""
        checks.instance("special_tokens", special_tokens, SpecialTokens, "SpecialTokens")
        pipeline = Pipeline(self.steps)
        object.__setattr__(pipeline, "special_tokens", special_tokens)
        return pipeline

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
        if not self.special_tokens:
            return self._apply(text)
        parts = self.special_tokens.split(text)
        parts[::2] = [part and self._apply(part) for part in parts[::2]]
        return "".join(parts)

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the texts after all steps: the same as `apply` for each, but faster."""
        if type(texts) is not list or not {*map(type, texts)} <= {str}:
            texts = checks.strings("texts", texts)
        if not self.special_tokens.may_occur(texts):
            return self._apply_all(texts)
        return ["".join(parts) for parts in self.parts_of_all(texts)]

    def parts_of_all(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the parts of each text after all steps: text, special token, text, …, text."""
        texts = checks.strings("texts", texts)
        if not self.special_tokens.may_occur(texts):
            return [[text] for text in self._apply_all(texts)]
        rows = list(map(self.special_tokens.split, texts))
        between = [part for parts in rows for part in parts[::2] if part]
        results = iter(self._apply_all(between))
        for parts in rows:
            parts[::2] = [part and next(results) for part in parts[::2]]
        return rows

    def unfinished(self, text: str) -> bool:
        """Return whether a text looks cut off to one of the steps."""
        checks.string("text", text)
        return any(
            step.unfinished(part)
            for part in self.special_tokens.split(text)[::2]
            for step in self.steps
        )

    def explain(self, text: str) -> Explanation:
        """Return the text after all steps, with every change and where in `text` it belongs.

        A change to what an earlier step wrote is reported at the part of `text` that the
        earlier step replaced.
        """
        parts = self.special_tokens.split(checks.string("text", text))
        results: list[str] = []
        by_step: list[list[Change]] = [[] for _ in self.steps]
        net: list[Edit] = []
        start = 0
        for index, part in enumerate(parts):
            if index % 2 or not part:
                results.append(part)
            else:
                result, found_by_step, edits = self._explain(part)
                results.append(result)
                for known, found in zip(by_step, found_by_step, strict=True):
                    known += (each.moved(start) for each in found)
                net += (each.moved(start) for each in edits)
            start += len(part)
        changes = tuple(chain.from_iterable(by_step))
        return Explanation(text, "".join(results), changes, tuple(net))

    def traced(self, text: str) -> tuple[str, tuple[Piece, ...]]:
        """Return a text without special tokens after all steps, and where its parts came from."""
        checks.string("text", text)
        origins = Origins(len(text))
        for step in self.steps:
            edits = step.edits(text)
            origins.change(edits)
            text = apply_edits(text, edits)
        return text, origins.pieces

    def _apply(self, text: str) -> str:
        for work in self._work:
            text = work.apply(text)
        return text

    def _apply_all(self, texts: Sequence[str]) -> list[str]:
        for work in self._work:
            texts = work.apply_all(texts)
        return list(texts)

    def _explain(self, text: str) -> tuple[str, list[list[Change]], list[Edit]]:
        """Return the text after all steps, the changes of each step, and the net changes."""
        origins = Origins(len(text))
        by_step: list[list[Change]] = []
        current = text
        for step in self.steps:
            edits = step.edits(current)
            changes: list[Change] = []
            for edit, (start, end) in zip(edits, origins.change(edits), strict=True):
                before = current[edit.start : edit.end]
                reason = (step.name, edit.rule, edit.confidence, edit.alternatives)
                changes.append(Change(start, end, before, edit.text, *reason))
            by_step.append(changes)
            current = apply_edits(current, edits)
        return current, by_step, list(origins.net(current))

    @cached_property
    def _work(self) -> tuple[Work, ...]:
        return tuple(joined(self.steps))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.steps, self.special_tokens)


def _rebuilt(steps: tuple[Step, ...], special_tokens: SpecialTokens) -> Pipeline:
    """Return the pipeline that `__reduce__` describes."""
    return Pipeline(steps).around(special_tokens)
