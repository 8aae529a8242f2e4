"""Options on what is read: what a record is, which field of it, which files."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import click
from click.core import ParameterSource

from bpe_tool.cli.options import Decorator, Verb, decorated, utf8
from bpe_tool.io.forms import FORMAT_NAMES, Format

if TYPE_CHECKING:
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.files import Selection
    from bpe_tool.io.text import Refused


def unit(default: str) -> Decorator:
    """Add the options that define a record, as the argument `unit`.

    `unit` is `None` if none of them was given. Help shows `default`.
    """
    add = decorated(
        click.option("--lines", is_flag=True, help="Each line is one record."),
        click.option("--whole", is_flag=True, help=f"Each file is one record.  [{default}]"),
        click.option("--null", is_flag=True, help="Records end with a NUL byte."),
        click.option("--separator", metavar="TEXT", help="Records end with this text."),
        click.option(
            "--ndjson",
            callback=utf8,
            metavar="FIELD",
            help="The records are this field of JSON lines.",
        ),
    )

    def decorate(verb: Verb) -> Verb:
        @functools.wraps(verb)
        def with_unit(
            *,
            lines: bool,
            whole: bool,
            null: bool,
            separator: str | None,
            ndjson: str | None,
            **others: object,
        ) -> int:
            unit = _unit(lines, whole, null, separator, ndjson)
            return verb(unit=unit, **others)

        return add(with_unit)

    return decorate


def _unit(
    lines: bool, whole: bool, null: bool, separator: str | None, ndjson: str | None
) -> Unit | None:
    from bpe_tool.io.documents import Unit

    if sum((lines, whole, null, separator is not None, ndjson is not None)) > 1:
        raise click.UsageError(
            "Only one of --lines, --whole, --null, --separator and --ndjson can be given."
        )
    if separator == "":
        raise click.UsageError("--separator is empty.")
    if whole:
        return Unit()
    if lines:
        return Unit(b"\n")
    if null:
        return Unit(b"\0")
    if separator is not None:
        return Unit(os.fsencode(separator))
    if ndjson is not None:
        return Unit.ndjson(ndjson)
    return None


class Inputs(NamedTuple):
    """What the options of `inputs` say.

    Attributes:
        column: The field of records that is read.
        selection: Which files are read as text.
    """

    column: str | None
    selection: Selection

    def unit(self, unit: Unit) -> Unit:
        """Return what a document is, if it is a column of inputs that hold records."""
        if self.column is None:
            return unit
        if unit.field is not None:
            raise click.UsageError("Only one of --column and --ndjson can be given.")
        return replace(unit, column=self.column)


def inputs(refused: Refused) -> Decorator:
    """Add the options on which files are read as text, as the argument `inputs`.

    `refused` says what is refused if it is named itself.
    """
    add = decorated(
        click.option(
            "--column",
            callback=utf8,
            metavar="NAME",
            help="Read this column or field of .csv, .tsv, .parquet, .arrow, .json, .jsonl and "
            ".ndjson files; other files are text. A path such as messages.0.content is a field "
            "of a field.",
        ),
        click.option(
            "--input-format",
            type=click.Choice(list(FORMAT_NAMES)),
            help="Format of all inputs.  [default: by their names]",
        ),
        click.option("--hidden", is_flag=True, help="Read hidden files of directories, too."),
        click.option(
            "--binary",
            is_flag=True,
            help="Read bytes as they are, also of files that are not text.",
        ),
        click.option(
            "--gitignore", is_flag=True, help="Leave out the files that .gitignore excludes."
        ),
    )

    def decorate(verb: Verb) -> Verb:
        @functools.wraps(verb)
        def with_inputs(
            *,
            column: str | None,
            input_format: Format | None,
            hidden: bool,
            binary: bool,
            gitignore: bool,
            **others: object,
        ) -> int:
            from bpe_tool.io.files import Selection

            selection = Selection(
                refused=refused,
                hidden=hidden,
                binary=binary,
                gitignore=gitignore,
                format=input_format,
                tables=column is not None,
            )
            return verb(inputs=Inputs(column, selection), **others)

        return add(with_inputs)

    return decorate


#: The options that say how documents are read.
READING = (
    "lines", "whole", "null", "separator", "ndjson", "column", "input_format", "hidden", "binary",
    "gitignore", "pipeline_path", "errors", "workers", "max_pretoken_bytes", "memory",
)  # fmt: skip


def refuse_beside(flag: str, names: Sequence[str]) -> None:
    """Refuse options, by the names of their parameters, that are given beside another one."""
    context = click.get_current_context()
    for option in context.command.params:
        if option.name in names and (
            context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
        ):
            raise click.UsageError(f"{option.opts[-1]} has no meaning with {flag}.")
