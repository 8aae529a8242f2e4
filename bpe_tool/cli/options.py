"""Options that several verbs share, each defined once."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from bpe_tool.checks import MAX_COUNT, MAX_ID
from bpe_tool.io.records import IdFormat

if TYPE_CHECKING:
    from bpe_tool.io.documents import Unit

Verb = Callable[..., int]
Decorator = Callable[[Verb], Verb]


T = TypeVar("T", str | None, tuple[str, ...])


def utf8(ctx: click.Context, option: click.Parameter, value: T) -> T:
    """Refuse text with bytes that are not UTF-8, which a command line may hold."""
    try:
        "".join(value or ()).encode()
    except UnicodeEncodeError:
        raise click.BadParameter("it holds bytes that are not UTF-8", ctx, option) from None
    return value


class Number(click.IntRange):
    """Whole numbers from a minimum to what the core can count, which help does not mention."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - as in click
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return the number that an option's text says."""
        number = super().convert(value, param, ctx)
        assert isinstance(number, int)
        if number > MAX_COUNT:
            self.fail(f"{value} is above {MAX_COUNT}", param, ctx)
        return number


def number(minimum: int) -> click.IntRange:
    """Return the type of whole numbers from `minimum` to what the core can count."""
    return Number(min=minimum)


files = click.argument("files", nargs=-1, metavar="[FILES]...")

threads = click.option(
    "--threads",
    type=number(0),
    default=0,
    metavar="N",
    help="Threads to use.  [default: all that the process may use]",
)

max_pretoken_bytes = click.option(
    "--max-pretoken-bytes",
    type=number(1),
    default=64 * 1024 * 1024,
    metavar="N",
    help="Stop (exit 6) at text that the pattern cannot split below so many bytes.  "
    "[default: 64 MiB]",
)

tokenizer = click.option(
    "-t",
    "--tokenizer",
    "tokenizer_path",
    required=True,
    metavar="TOKENIZER",
    help="Vocabulary: a directory, tokenizer.json, NAME.tiktoken, or vocab.json beside merges.txt.",
)

foreign_pattern = click.option(
    "--pattern",
    callback=utf8,
    metavar="P",
    help="How text is split, for a vocabulary file that does not say: a name or a regex.",
)

foreign_special_tokens = click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=utf8,
    metavar="TEXT[=ID]",
    help="A special token, for a vocabulary file that does not name them. A text that itself ends "
    "in =DIGITS needs the ID. Repeatable.",
)

format = click.option(
    "--format",
    type=click.Choice(get_args(IdFormat)),
    help="How ids are written: decimal numbers, JSON lines, or little-endian arrays.  "
    "[default: ids]",
)

bos = click.option(
    "--bos",
    callback=utf8,
    metavar="TOKEN",
    help="Token before each record: the text of a special token, or '#ID'.",
)

eos = click.option(
    "--eos", callback=utf8, metavar="TOKEN", help="Token after each record, as for --bos."
)

template = click.option(
    "--template", is_flag=True, help="The tokens that the vocabulary's own template names instead."
)

output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write there, all or nothing.  [default: standard output]",
)

output_or_directory = click.option(
    "-o",
    "--output",
    metavar="FILE|DIRECTORY",
    help="Write there, all or nothing; shards to a directory.  [default: standard output]",
)

errors = click.option(
    "--errors",
    type=click.Choice(["strict", "replace", "skip"]),
    help="What to do about text that is not UTF-8: stop (exit 3), put U+FFFD in place of the "
    "bytes, or skip the record.  [default: strict]",
)

workers = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    default=1,
    metavar="N",
    help="Preprocess in so many processes.  [default: 1]",
)


def pipeline(help: str) -> Decorator:
    """Return the option that names a pipeline file."""
    return click.option("--pipeline", "pipeline_path", metavar="FILE", help=help)


def decorated(*options: Decorator) -> Decorator:
    """Return a decorator that adds options in the order of help."""

    def add(verb: Verb) -> Verb:
        for option in reversed(options):
            verb = option(verb)
        return verb

    return add


def messages(verb: Verb) -> Verb:
    """Add the options about messages."""
    add = decorated(
        click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
        click.option("--no-progress", is_flag=True, help="Show no progress bar."),
    )
    return add(verb)


def unit(default: str) -> Decorator:
    """Add the options that say what one record is, as the argument `unit`.

    It is `None` if none of them was given. `default` is what help says about that.
    """
    add = decorated(
        click.option("--lines", is_flag=True, help="Each line is a record."),
        click.option("--whole", is_flag=True, help=f"Each input is one record.  [{default}]"),
        click.option("--null", is_flag=True, help="Records end with a NUL byte."),
        click.option("--separator", metavar="TEXT", help="Records end with this text."),
        click.option(
            "--ndjson", callback=utf8, metavar="FIELD", help="Records are a field of JSON lines."
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
        raise click.UsageError("The text of --separator is empty.")
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


def special_token_ids(tokens: tuple[str, ...]) -> dict[str, int] | list[str]:
    """Read the values of `foreign_special_tokens`: texts, or texts with their ids.

    What follows the last `=` is the id if it is a number.
    """
    ids: dict[str, int] = {}
    for token in tokens:
        text, equals, id = token.rpartition("=")
        if text and equals and id.isascii() and id.isdigit():
            if len(id) > 10 or int(id) > MAX_ID:
                raise click.UsageError(f"The id of --special-token {token} is above {MAX_ID}.")
            ids[text] = int(id)
    if ids and len(ids) < len(tokens):
        raise click.UsageError("Give all special tokens a different text and an id, or none an id.")
    return ids or list(tokens)
