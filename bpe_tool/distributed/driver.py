"""What a command does on a cluster, from its inputs to its whole result.

The result is the same bytes as without a cluster, whatever the units, workers and failures.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from bpe_tool import _core
from bpe_tool.distributed.encoding import IDS, EncodeUnits
from bpe_tool.distributed.facts import Facts, write_set_aside
from bpe_tool.distributed.joining import WriteShards, cut, publish
from bpe_tool.distributed.planning import plan
from bpe_tool.distributed.preprocessing import PreprocessUnits, join
from bpe_tool.distributed.run import Executor, Failure, OnResume, run
from bpe_tool.distributed.work_folder import Mark, Unit, Work, WorkFolder, begin, locked
from bpe_tool.errors import ArgumentError, BpeToolError, DataError, InternalError, LimitError
from bpe_tool.io.atomic import AtomicFile, check_writable
from bpe_tool.io.documents import Unit as DocumentUnit
from bpe_tool.io.sources import Source
from bpe_tool.rendering.numbers import counted
from bpe_tool.shards.staging import Staging
from bpe_tool.streams.preprocess import refuse_mixture
from bpe_tool.streams.preprocess_block import BlockPreprocessor

U = TypeVar("U", bound=Unit)

#: What follows the name of the result in that of the work directory.
SUFFIX = ".work"

#: The file in a work directory that lists the units that failed.
FAILED = "failed.ndjson"

#: How many failures are told, and how many units that are done again.
NAMED = 10

#: Called with what is done, how much of it, and of how much, in bytes.
OnProgress: TypeAlias = Callable[[str, int, int], object]

#: Called with each of the first failures, and with the first units that are done again.
OnFailure: TypeAlias = Callable[[str], object]


def _nothing(*arguments: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where and how units are done.

    Attributes:
        executor: Where.
        unit_bytes: About how many bytes of input a unit has.
        set_aside: The file for the list of documents that cannot be processed. Without it, they
            make their units fail.
        on_progress: See `OnProgress`.
        on_resume: See `run.OnResume`.
        on_failure: See `OnFailure`.
    """

    executor: Executor
    unit_bytes: int
    set_aside: Path | None = None
    on_progress: OnProgress = _nothing
    on_resume: OnResume = _nothing
    on_failure: OnFailure = _nothing

    def encode(
        self,
        sources: Sequence[Source],
        work: EncodeUnits,
        output: str | os.PathLike[str],
        format: str,
        *,
        shard_tokens: int | None = None,
        force: bool = False,
    ) -> Facts:
        """Encode inputs into a set of shards.

        Args:
            sources: The inputs.
            work: How to encode.
            output: The directory of the set.
            format: The name of its format.
            shard_tokens: See `ShardSetWriter`.
            force: Replace a set that is already there.

        Returns:
            What is to be told about it.

        Raises:
            ArgumentError: The set cannot be written, or the work directory holds other work.
            DataError: Units failed.
            LimitError: Likewise.
            OSError: A file cannot be read or written, or units failed because of that.
        """
        output = Path(output)
        # Refuse now what would be refused at the end.
        cut([], format, shard_tokens)
        Staging(output, force=force).close()
        options = {"--format": format, "--shard-tokens": shard_tokens}
        with self._working("encode", sources, output, _depends_on(work) | options) as root:
            folder, marks = self._done(root, "units", "encode", work, sources, work.unit)
            sets = [folder.output(mark) / IDS for mark in marks]
            shards = cut(sets, format, shard_tokens)
            provenance = work.provenance
            write = WriteShards(format, provenance.max_id)
            joined, entries = self._run(root, "shards", "write", write, shards)
            told = self._told(folder, marks)
            outputs = [joined.output(entry) for entry in entries]
            known = [entry.facts for entry in entries]
            publish(outputs, known, output, format, provenance, force=force)
            return told

    def preprocess(
        self, sources: Sequence[Source], preprocessor: BlockPreprocessor, output: str
    ) -> Facts:
        """Preprocess inputs into a file. Returns and raises as `encode` does."""
        path = Path(output)
        check_writable(path)
        refuse_mixture([preprocessor.unit.of(source) for source in sources])
        work = PreprocessUnits(preprocessor=preprocessor, set_aside=self.set_aside is not None)
        depends_on = _of_pipeline(preprocessor) | _of_unit(preprocessor.unit)
        with self._working("preprocess", sources, path, depends_on) as root:
            folder, marks = self._done(
                root, "units", "preprocess", work, sources, preprocessor.unit
            )
            told = self._told(folder, marks)
            join(map(folder.output, marks), path)
            return told

    @contextmanager
    def _working(
        self,
        task: str,
        sources: Sequence[Source],
        output: Path,
        depends_on: Mapping[str, Any],
    ) -> Iterator[WorkFolder]:
        """Keep a work directory while the context lasts, and remove it if all went well."""
        path = Path(os.path.abspath(output))  # noqa: PTH100 - keeps links
        path = path.with_name(path.name + SUFFIX)
        for source in sources:
            if source.path is not None and Path(os.path.abspath(source.path)).is_relative_to(path):  # noqa: PTH100
                raise ArgumentError(f"{source.name} is unfinished work of another run")
        with locked(path):
            yield begin(
                path,
                {
                    "version of bpe-tool": _core.__version__,
                    "task": task,
                    **depends_on,
                    "--set-aside": self.set_aside is not None,
                },
            )
            shutil.rmtree(path, ignore_errors=True)

    def _done(
        self,
        root: WorkFolder,
        name: str,
        phase: str,
        work: Work,
        sources: Sequence[Source],
        unit: DocumentUnit,
    ) -> tuple[WorkFolder, list[Mark]]:
        """Have all of some inputs done."""
        return self._run(root, name, phase, work, plan(sources, unit, self.unit_bytes))

    def _run(
        self, root: WorkFolder, name: str, phase: str, work: Work, units: Sequence[U]
    ) -> tuple[WorkFolder, list[Mark]]:
        """Have units done, in a directory of their own."""
        path = Path(root.path, name)
        path.mkdir(exist_ok=True)
        folder = begin(path, {"run": root.digest, "phase": name})
        total = sum(unit.size for unit in units)
        done = 0

        def on_done(size: int) -> None:
            nonlocal done
            done += size
            self.on_progress(phase, done, total)

        retries = 0

        def on_retry(unit: Unit, error: Exception) -> None:
            nonlocal retries
            retries += 1
            if retries <= NAMED:
                self.on_failure(f"{unit}: {_reason(error)}; it is done again")

        marks, failures = run(folder, work, units, self.executor, on_done, self.on_resume, on_retry)
        failed = Path(root.path, FAILED)
        if failures:
            with AtomicFile(failed) as file:
                for each in failures:
                    line = {"unit": str(each.unit), "error": _reason(each.error)}
                    file.write(json.dumps(line).encode() + b"\n")
            raise self._error(failures, len(units), failed)
        failed.unlink(missing_ok=True)
        return folder, marks

    def _error(self, failures: Sequence[Failure], count: int, failed: Path) -> Exception:
        """Return the error for units that failed: of the kind that the first of them met."""
        for each in failures[:NAMED]:
            self.on_failure(f"{each.unit}: {_reason(each.error)}")
        what = f"{len(failures)} of {counted(count, 'unit')} failed; the others are finished"
        first = failures[0].error
        if isinstance(first, OSError):
            return OSError(first.errno, what, str(failed))
        if isinstance(first, InternalError):
            return first
        hint = "the same command goes on from here, once the reason is gone"
        if self.set_aside is None and isinstance(first, DataError | LimitError):
            hint = "--set-aside FILE leaves out the documents that are the reason, and lists them"
        kind = type(first) if isinstance(first, BpeToolError) else LimitError
        return kind(f"{what}: {failed} lists all", hint=hint)

    def _told(self, folder: WorkFolder, marks: Sequence[Mark]) -> Facts:
        if self.set_aside is not None:
            write_set_aside(folder, marks, self.set_aside)
        return Facts.of(marks)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror or error}"
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return str(error)


def _depends_on(work: EncodeUnits) -> dict[str, Any]:
    """Return what ids depend on besides the text, by the names that messages give it."""
    return {
        "vocabulary": work.tokenizer._identity().hex(),
        **_of_pipeline(work.preprocessor),
        **_of_unit(work.unit),
        "--bos, --eos or --template": [list(work.template.before), list(work.template.after)],
        "--special": [work.special, work.count_special],
        "--max-pretoken-bytes": work.max_pretoken_bytes,
    }


def _of_pipeline(preprocessor: BlockPreprocessor | None) -> dict[str, Any]:
    if preprocessor is None:
        return {"pipeline": None}
    kept = preprocessor.pipeline.special_tokens.texts
    return {
        "pipeline": preprocessor.pipeline.digest,
        "--errors": preprocessor.errors,
        "--special-token": list(kept),
    }


def _of_unit(unit: DocumentUnit) -> dict[str, Any]:
    ends = None if unit.terminator is None else unit.terminator.hex()
    return {"unit of documents": [ends, unit.field, unit.column, list(unit.keep)]}
