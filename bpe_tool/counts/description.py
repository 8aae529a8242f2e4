"""What was counted: what must be equal for counts to be added up, and where they come from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, BpeToolWarning, VocabError

if TYPE_CHECKING:
    from bpe_tool.io.count_file import CountFile
    from bpe_tool.streams.count_pretokens import CountOptions, Level
    from bpe_tool.streams.train import Recorded

FORMAT = "bpe_tool counts"
VERSION = 1


@dataclass(frozen=True, order=True)
class Input:
    """A file that was counted.

    Attributes:
        name: Its name, as it was given.
        bytes: Its size, before decompression.
        sha256: The digest of its content, before decompression.
        weight: What its counts were multiplied by.
    """

    name: str
    bytes: int
    sha256: str
    weight: Fraction = Fraction(1)

    def to_json(self) -> dict[str, object]:
        """Return the entry in a header."""
        entry: dict[str, object] = {"name": self.name, "bytes": self.bytes, "sha256": self.sha256}
        return entry if self.weight == 1 else {**entry, "weight": str(self.weight)}


@dataclass(frozen=True)
class Totals:
    """Sums over all counts.

    Attributes:
        documents: The number of documents.
        bytes: The length of all pretokens counted, in bytes: of the text without special tokens.
        pretokens: The sum of the counts.
        unique_pretokens: The number of distinct pretokens.
        unique_bytes: The length of all distinct pretokens, in bytes.
    """

    documents: int
    bytes: int
    pretokens: int
    unique_pretokens: int
    unique_bytes: int

    @classmethod
    def of(cls, documents: int, numbers: tuple[int, int, int, int]) -> Self:
        """Return the totals of blocks, as the core counts them."""
        unique, pretokens, size, unique_bytes = numbers
        return cls(documents, size, pretokens, unique, unique_bytes)

    def to_json(self) -> dict[str, object]:
        """Return the entries at the end of a file."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_file(cls, file: CountFile) -> Self:
        """Read the entries."""
        numbers = [file.done.get(each.name) for each in fields(cls)]
        if not all(type(number) is int and 0 <= number < 2**63 for number in numbers):
            raise VocabError(f"{file.path} is damaged: it has no totals")
        return cls(*numbers)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Description:
    """What counts are of.

    Attributes:
        level: `byte`, `char` or `word`.
        pattern: The pattern, as it was given: a name or a regex.
        regexes: The regexes that it stands for.
        unicode: The Unicode version of its character classes.
        special_tokens: Texts that were cut out first.
        pipeline: The record of the pipeline that came first, as in `training.json`.
        inputs: The files that were counted, in order.
    """

    level: Level
    pattern: str
    regexes: tuple[str, ...]
    unicode: str
    special_tokens: tuple[str, ...]
    pipeline: Mapping[str, Any] | None
    inputs: tuple[Input, ...] = field(default=(), compare=False)

    @classmethod
    def of(
        cls, options: CountOptions, pipeline: Recorded | None, inputs: Iterable[Input], folder: Path
    ) -> Self:
        """Describe what was counted. Paths in the record of a pipeline are relative to `folder`."""
        pattern = options.pattern or ""
        return cls(
            level=options.level,
            pattern=pattern,
            regexes=tuple(_core.pattern_splits(pattern)),
            unicode=_core.UNICODE_VERSION,
            special_tokens=options.special_tokens,
            pipeline=None if pipeline is None else dict(pipeline.record(folder)),
            inputs=sorted_inputs(inputs),
        )

    def to_json(self) -> dict[str, object]:
        """Return the header of a file."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "level": self.level,
            "pattern": self.pattern,
            "regexes": list(self.regexes),
            "unicode": self.unicode,
            "special_tokens": list(self.special_tokens),
            "pipeline": self.pipeline,
            "inputs": [each.to_json() for each in self.inputs],
        }

    @classmethod
    def from_file(cls, file: CountFile) -> Self:
        """Read the header of a file.

        Raises:
            VocabError: It is of another version, or not valid.
        """
        head = file.head
        if head.get("format") != FORMAT or type(head.get("version")) is not int:
            raise VocabError(f"{file.path} is damaged: its header is not that of a count file")
        if head["version"] > VERSION:
            raise VocabError(
                f"{file.path} has version {head['version']} of the format, which is newer than "
                f"{VERSION}, the newest known here",
                hint="update bpe-tool",
            )
        try:
            inputs = [
                Input(
                    _str(each["name"]),
                    _count(each["bytes"]),
                    _str(each["sha256"]),
                    Fraction(_str(each.get("weight", "1"))),
                )
                for each in head["inputs"]
            ]
            pipeline = head["pipeline"]
            if pipeline is not None:
                _str(pipeline["digest"])
            return cls(
                level=_level(head["level"]),
                pattern=_str(head["pattern"]),
                regexes=tuple(map(_str, head["regexes"])),
                unicode=_str(head["unicode"]),
                special_tokens=tuple(map(_str, head["special_tokens"])),
                pipeline=pipeline,
                inputs=tuple(inputs),
            )
        except (LookupError, TypeError, ValueError, AttributeError, ZeroDivisionError):
            raise VocabError(
                f"{file.path} is damaged: an entry of its header is missing or not valid"
            ) from None

    def differences(self, other: Description) -> list[str]:
        """Say in what two descriptions differ, so that their counts cannot be added up."""
        found = []
        for name, own, others in (
            ("level", self.level, other.level),
            ("pattern", self.regexes, other.regexes),
            ("Unicode version", self.unicode, other.unicode),
            ("special tokens", self.special_tokens, other.special_tokens),
            ("pipeline", _digest(self.pipeline), _digest(other.pipeline)),
        ):
            if own != others:
                if name == "pattern":
                    own, others = self.pattern, other.pattern
                found.append(f"{name}: {_shown(own)} and {_shown(others)}")
        return found

    def has_pattern(self, pattern: str) -> bool:
        """Return whether a pattern, perhaps by another name, is the one that was counted with."""
        return tuple(_core.pattern_splits(pattern)) == self.regexes

    def check_vocab(self, core: _core.Tokenizer) -> None:
        """Refuse a vocabulary whose pretokens are others than those that were counted.

        Raises:
            ArgumentError: Its pattern is another one.
        """
        if not self.has_pattern(core.pattern):
            raise ArgumentError(
                f"the vocabulary has the pattern {core.pattern!r}, but the counts were made with "
                f"{self.pattern!r}"
            )

    def moved(self, pipeline: Mapping[str, Any] | None) -> Self:
        """Return the same description with the pipeline's record for another folder."""
        return replace(self, pipeline=pipeline)

    def weighted(self, weight: Fraction) -> Self:
        """Return the description of counts that were multiplied by a number."""
        inputs = [replace(each, weight=each.weight * weight) for each in self.inputs]
        return replace(self, inputs=tuple(inputs))


def joined(parts: Sequence[tuple[str, Description]]) -> Description:
    """Return the description of the sum of counts, each with a name for messages.

    It does not depend on their order.

    Raises:
        ArgumentError: They differ in what must be equal, or the same input is in two of them.
    """
    (first_name, first), *others = parts
    for name, each in others:
        if differences := first.differences(each):
            raise ArgumentError(
                f"{first_name} and {name} cannot be added up: they differ in "
                + "; ".join(differences)
            )
    owners: dict[tuple[str, str], int] = {}
    for index, (name, each) in enumerate(parts):
        for source in each.inputs:
            owner = owners.setdefault((source.name, source.sha256), index)
            if owner != index:
                raise ArgumentError(
                    f"{source.name} was counted twice: in {parts[owner][0]} and in {name}",
                    hint="leave one of them out; a weight makes a source count more often",
                )
    # Names of one pattern, and records of one pipeline in several folders, may differ.
    return replace(
        first,
        pattern=min(each.pattern for _, each in parts),
        pipeline=min((each.pipeline for _, each in parts), key=repr),
        inputs=sorted_inputs(source for _, each in parts for source in each.inputs),
    )


def sorted_inputs(inputs: Iterable[Input]) -> tuple[Input, ...]:
    """Return inputs in order. Warn of equal content under two names."""
    import warnings

    found = tuple(sorted(inputs))
    names: dict[str, str] = {}
    for each in found:
        if each.bytes and names.setdefault(each.sha256, each.name) != each.name:
            warnings.warn(
                f"{names[each.sha256]} and {each.name} have the same content, and both count",
                BpeToolWarning,
                stacklevel=2,
            )
    return found


@dataclass(frozen=True)
class RecordedPipeline:
    """A pipeline as a count file records it; its parts may be missing here.

    Attributes:
        entry: The record.
        folder: What paths in it are relative to.
    """

    entry: Mapping[str, Any]
    folder: Path

    @property
    def digest(self) -> str:
        """The digest of the pipeline when the counts were made."""
        return str(self.entry["digest"])

    def record(self, folder: str | os.PathLike[str]) -> dict[str, Any]:
        """Return the record for another folder."""
        from bpe_tool.preprocess import spec

        value = {key: each for key, each in self.entry.items() if key != "digest"}
        try:
            steps = spec.steps(value, "pipeline", self.folder)
        except (ArgumentError, OSError):
            # A file or a package is missing. What the record says is still true.
            return dict(self.entry)
        return spec.record(steps, self.digest, folder)


def _digest(pipeline: Mapping[str, Any] | None) -> str:
    return "none" if pipeline is None else str(pipeline["digest"])[:16]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(repr, value)) or "none"
    return str(value)


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _level(value: object) -> Level:
    if value == "byte" or value == "char" or value == "word":
        return value
    raise ValueError


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return value
