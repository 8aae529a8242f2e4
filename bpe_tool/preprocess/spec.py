"""Pipelines as plain values, and in files.

    version = 1

    [[steps]]
    step = "lowercase"

    [[steps]]
    step = "remove_stopwords"
    keep_negation = true

In TOML, or the same in JSON. Missing options have their defaults. Unknown entries are errors.
"""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from bpe_tool import checks
from bpe_tool.errors import ArgumentError, DataError, LimitError
from bpe_tool.io import small_files
from bpe_tool.io.temporaries import refuse_temporary
from bpe_tool.io.together import write_files
from bpe_tool.preprocess.registry import PATHS, suggestion
from bpe_tool.preprocess.step import Step
from bpe_tool.preprocess.step_options import change_paths, make_step
from bpe_tool.vocab.files import TRAINING, TRAINING_FORMAT

FORMAT = "bpe_tool pipeline"
VERSION = 1


def check_characters(step: Step) -> None:
    """Refuse a step that cannot be written to a file.

    Raises:
        ArgumentError: An option holds a lone surrogate.
    """
    try:
        json.dumps(step.options(), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        surrogate = error.object[error.start]
        raise ArgumentError(
            f"{step.name}: an option holds {surrogate!r}, a lone surrogate"
        ) from None


def describe(steps: Sequence[Step], folder: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Return the content of a pipeline file, with paths relative to `folder`."""

    def relative(path: str) -> str:
        if folder is None:
            return path
        path = os.path.relpath(path, folder)
        # Without any of these, it would be the name of a list.
        return path if "." in path or "/" in path else f"./{path}"

    return {
        "format": FORMAT,
        "version": VERSION,
        "steps": [{"step": step.name, **_options(step, relative)} for step in steps],
    }


def canonical(steps: Sequence[Step]) -> bytes:
    """Return everything that the result depends on besides the text, in canonical form."""
    values = [
        {
            "step": step.name,
            "options": _options(step, lambda path: ""),
            # In the order of the files. Their names are left out, as they may be paths.
            "data": list(step.data_digests().values()),
        }
        for step in steps
    ]
    value = {"version": VERSION, "steps": values}
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def record(steps: Sequence[Step], digest: str, folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the entry for a pipeline in `training.json`."""
    return {**describe(steps, checks.path("folder", folder)), "digest": digest}


def steps(value: object, where: str, folder: Path | None) -> list[Step]:
    """Make the steps that a value describes.

    Args:
        value: The content of a pipeline file.
        where: Its name in messages.
        folder: The directory that paths in it are relative to.

    Raises:
        ArgumentError: The value is invalid; the message says where.
    """
    if not isinstance(value, Mapping):
        raise ArgumentError(f"{where}: expected an object with a list of steps")
    known = ("format", "version", "steps")
    for key in value:
        if key not in known:
            hint = suggestion(key, dict.fromkeys(known)) if isinstance(key, str) else None
            raise ArgumentError(f"{where}: there is no entry {checks.shown(key)}", hint=hint)
    if value.get("format", FORMAT) != FORMAT:
        raise ArgumentError(
            f"{where}: the format is {checks.shown(value['format'])}, not {FORMAT!r}"
        )
    if type(value.get("version")) is not int or value["version"] != VERSION:
        found = checks.shown(value["version"]) if "version" in value else "missing"
        raise ArgumentError(f"{where}: the version is {found}", hint=f"write version = {VERSION}")
    listed = value.get("steps")
    if not isinstance(listed, list | tuple):
        what = "are not a list" if "steps" in value else "are missing"
        raise ArgumentError(f"{where}: the steps {what}")
    return [_step(each, f"{where}: step {at}", folder) for at, each in enumerate(listed, 1)]


def load(path: str | os.PathLike[str]) -> list[Step]:
    """Read a pipeline file; see `Pipeline.load`."""
    path = checks.path("path", path)
    refuse_temporary(path, ArgumentError)
    if path.is_dir():
        path = path / TRAINING
    value = read(path, pipes=True)
    if isinstance(value, Mapping) and value.get("format") == TRAINING_FORMAT:
        value = value.get("pipeline")
        if value is None:
            raise ArgumentError(f"{path}: this vocabulary was trained without a pipeline")
        if isinstance(value, Mapping):
            value = {key: each for key, each in value.items() if key != "digest"}
    return steps(value, str(path), path.parent)


def save(steps: Sequence[Step], path: str | os.PathLike[str]) -> None:
    """Write a pipeline file; see `Pipeline.save`."""
    path = checks.path("path", path)
    value = describe(steps, path.parent)
    if path.suffix == ".json":
        data = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    elif path.suffix == ".toml":
        data = _toml(value)
    else:
        raise ArgumentError(f"{path}: a pipeline file ends in .toml or .json")
    write_files({path: data.encode()})


def recorded_digest(vocab: str | os.PathLike[str]) -> tuple[bool, str | None]:
    """Return whether a vocabulary has a record of its training, and its pipeline's digest."""
    path = Path(vocab)
    path = (path if path.is_dir() else path.parent) / TRAINING
    try:
        value = read(path)
        assert isinstance(value, Mapping) and value.get("format") == TRAINING_FORMAT
        pipeline = value["pipeline"]
        return True, pipeline and str(pipeline["digest"])
    except (OSError, ArgumentError, LimitError, AssertionError, LookupError, TypeError):
        # Ids do not depend on it. Code that needs it gets the error from `load`.
        return False, None


def is_record(path: str | os.PathLike[str]) -> bool:
    """Return whether a pipeline file is the record of a training run."""
    path = Path(path)
    return path.is_dir() or path.name == TRAINING


def read(path: Path, *, pipes: bool = False) -> object:
    """Read a TOML or JSON file; its suffix decides which, or else its first character.

    Raises:
        ArgumentError: It is neither; the message says where.
        LimitError: It is larger than any such file.
        OSError: It cannot be read, or is not a file; see `small_files.read` for `pipes`.
    """
    data = small_files.read(path, pipes=pipes)
    start = data[:1024].removeprefix(BOM_UTF8).lstrip()
    is_json = path.suffix == ".json" or (path.suffix != ".toml" and start.startswith(b"{"))
    try:
        return small_files.parse_json(data) if is_json else small_files.parse_toml(data)
    except DataError as error:
        raise ArgumentError(f"{path}: {error}") from None
    except LimitError as error:
        raise error.at(str(path)) from None


def _step(value: object, where: str, folder: Path | None) -> Step:
    if not isinstance(value, Mapping) or not isinstance(value.get("step"), str):
        raise ArgumentError(f'{where}: expected an entry "step" with the name of a step')
    options = {key: each for key, each in value.items() if key != "step"}
    name = value["step"]
    try:
        return make_step(name, options, folder)
    except ArgumentError as error:
        error.spell = _spell_in_file
        raise error.at(f"{where} ({name})") from None
    except OSError as error:
        # The file is named by an option: the message also says which.
        error.strerror = f"{error.strerror} (named in {where} ({name}))"
        raise


def _spell_in_file(name: str, value: str | None) -> str:
    return f"option {name!r}" if value is None else f"{name} = {value!r}"


def _options(step: Step, change: Callable[[str], str]) -> dict[str, Any]:
    options: dict[str, Any] = step.options()
    for name in PATHS.get(step.name, frozenset()) & options.keys():
        options[name] = change_paths(cast(list[str], options[name]), change)
    return options


def _toml(value: dict[str, Any]) -> str:
    lines = [f"{key} = {_toml_value(value[key])}" for key in ("format", "version")]
    for step in value["steps"]:
        lines += ["", "[[steps]]"]
        lines += [f"{key} = {_toml_value(each)}" for key, each in step.items()]
    return "\n".join([*lines, *([] if value["steps"] else ["steps = []"]), ""])


def _toml_value(value: object) -> str:
    # TOML writes these values as JSON does, except for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
