"""Options that several verbs share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click
from click.core import ParameterSource

from bpe_tool.checks import MAX_COUNT, MAX_ID, MAX_PRETOKEN_BYTES
from bpe_tool.cli import completers
from bpe_tool.io.records import IdFormat

Verb = Callable[..., int]
Decorator = Callable[[Verb], Verb]


T = TypeVar("T", str | None, tuple[str, ...])


def utf8(ctx: click.Context, option: click.Parameter, value: T) -> T:
    """Refuse an argument that is not valid UTF-8."""
    try:
        "".join(value or ()).encode()
    except UnicodeEncodeError:
        raise click.BadParameter("not valid UTF-8", ctx, option) from None
    return value


class Number(click.IntRange):
    """Whole numbers from a minimum to `MAX_COUNT`. Help does not mention the maximum."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - as in click
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Parse the value of an option."""
        number = super().convert(value, param, ctx)
        assert isinstance(number, int)
        if number > MAX_COUNT:
            self.fail(f"{value} is above {MAX_COUNT}", param, ctx)
        return number


def number(minimum: int) -> click.IntRange:
    """Return the type of whole numbers from `minimum` to `MAX_COUNT`."""
    return Number(min=minimum)


class Defaulted(click.Option):
    """An option for which a variable of the environment may stand, as help says."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return what errors call it: with the variable, if the value is from there."""
        source = ctx and self.name and ctx.get_parameter_source(self.name)
        if source is ParameterSource.ENVIRONMENT:
            return super().get_error_hint(ctx)
        return click.Parameter.get_error_hint(self, ctx)


class Repeatable(Defaulted):
    """An option with any number of values. That of a variable of the environment is one value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as in click
        super().__init__(*args, **{**kwargs, "multiple": True})

    def value_from_envvar(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        """Return the value of the variable; elsewhere, its words are values."""
        value = self.resolve_envvar_value(ctx)
        return None if value is None else (value,)


class Once(Repeatable):
    """An option with one value. Giving it again is an error: elsewhere, the last one counts."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:  # noqa: ANN401 - as in click
        """Return the only value, or `None`."""
        values = super().process_value(ctx, value) or ()
        if len(values) > 1:
            raise click.BadParameter("given more than once, but only one can be used.", ctx, self)
        return values[0] if values else None


files = click.argument("files", nargs=-1, metavar="[FILES]...", shell_complete=completers.paths)

#: The variables of the environment that stand for options.
TOKENIZER_VARIABLE, THREADS_VARIABLE = "BPE_TOOL_TOKENIZER", "BPE_TOOL_THREADS"

threads = click.option(
    "--threads",
    cls=Defaulted,
    type=number(0),
    default=0,
    envvar=THREADS_VARIABLE,
    show_envvar=True,
    metavar="N",
    help="Number of threads.  [default: one for each CPU available]",
)


class Size(click.ParamType):  # type: ignore[type-arg]
    """Amounts of memory: bytes, or a number with a unit such as MB or GiB."""

    name = "size"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - as in click
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Parse the value of an option."""
        found = re.fullmatch(r"([0-9]{1,18}) ?([KMGT]?)(I?)B?", str(value).upper())
        if found is None or (found[3] and not found[2]):
            self.fail(f"{value!r} is not a size, such as 256MB or 4GiB", param, ctx)
        base = 1024 if found[3] else 1000
        return int(found[1]) * int(base ** " KMGT".index(found[2] or " "))


memory = click.option(
    "--memory",
    type=Size(),
    metavar="SIZE",
    help="Most memory to use, such as 256MB or 4GiB; counts that do not fit are kept in temporary "
    "files next to the output. The result is the same.  [default: no limit]",
)

max_pretoken_bytes = click.option(
    "--max-pretoken-bytes",
    type=number(1),
    default=MAX_PRETOKEN_BYTES,
    metavar="N",
    help="Maximum size of a pretoken in bytes; a larger one is an error (exit 6).  "
    "[default: 64 MiB]",
)

tokenizer = click.option(
    "-t",
    "--tokenizer",
    "tokenizer_path",
    cls=Once,
    shell_complete=completers.paths,
    required=True,
    envvar=TOKENIZER_VARIABLE,
    show_envvar=True,
    metavar="TOKENIZER",
    help="Vocabulary: a directory, tokenizer.json, NAME.tiktoken, or vocab.json beside merges.txt; "
    "or a name, such as cl100k, gpt-4o or ORG/MODEL, of a file that is on this machine.",
)

special = click.option(
    "--special",
    type=click.Choice(["text", "token", "error"]),
    default="text",
    help="How to treat the text of a special token.  [default: text]",
)


def limit(minimum: int, help: str) -> Decorator:
    """Return the option that limits the number of tokens."""
    return click.option(
        "-n",
        "--tokens",
        "limit",
        type=number(minimum),
        required=True,
        metavar="N",
        help=help,
    )


foreign_pattern = click.option(
    "--pattern",
    shell_complete=completers.patterns,
    callback=utf8,
    metavar="P",
    help="Split pattern, for vocabulary files that neither contain one nor are published ones: a "
    "name or a regex.",
)

foreign_special_tokens = click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=utf8,
    metavar="TEXT[=ID]",
    help="Special token, for vocabulary files that do not list them. The ID is required if the "
    "text itself ends in =DIGITS. Repeatable.",
)

format = click.option(
    "--format",
    type=click.Choice(get_args(IdFormat)),
    help="Format of the ids: decimal numbers, JSON lines, or little-endian arrays.  [default: ids]",
)

bos = click.option(
    "--bos",
    callback=utf8,
    shell_complete=completers.special_tokens,
    metavar="TOKEN",
    help="Token before each record: the text of a special token, or '#ID'.",
)

eos = click.option(
    "--eos",
    callback=utf8,
    shell_complete=completers.special_tokens,
    metavar="TOKEN",
    help="Token after each record, given like --bos.",
)

template = click.option(
    "--template", is_flag=True, help="Use the vocabulary's own template instead of --bos and --eos."
)

output = click.option(
    "-o",
    "--output",
    cls=Once,
    shell_complete=completers.paths,
    metavar="FILE",
    help="Output file, written atomically.  [default: standard output]",
)

output_or_directory = click.option(
    "-o",
    "--output",
    cls=Once,
    shell_complete=completers.paths,
    metavar="FILE|DIRECTORY",
    help="Output file, written atomically; for shards, a directory.  [default: standard output]",
)

per_file = click.option(
    "--per-file",
    is_flag=True,
    help="Write one file for each input, into the directory -o.",
)

errors = click.option(
    "--errors",
    type=click.Choice(["strict", "replace", "skip"]),
    help="How to handle invalid UTF-8: stop (exit 3), replace the bytes with U+FFFD, or skip the "
    "record.  [default: strict]",
)

workers = click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    default=1,
    metavar="N",
    help="Number of processes for preprocessing.  [default: 1]",
)


def pipeline(help: str) -> Decorator:
    """Return the option that names a pipeline file."""
    return click.option(
        "--pipeline",
        "pipeline_path",
        shell_complete=completers.paths,
        metavar="FILE",
        help=help,
    )


def decorated(*options: Decorator) -> Decorator:
    """Return a decorator that adds options in the order of help."""

    def add(verb: Verb) -> Verb:
        for option in reversed(options):
            verb = option(verb)
        return verb

    return add


#: Where a new vocabulary goes, and whether it may take the place of another one.
vocab_output = decorated(
    click.option(
        "-o",
        "--output",
        cls=Once,
        shell_complete=completers.paths,
        required=True,
        metavar="OUT",
        help="Output file or directory.",
    ),
    click.option("--force", is_flag=True, help="Replace an existing vocabulary, and its settings."),
)


def messages(verb: Verb) -> Verb:
    """Add the options about messages."""
    add = decorated(
        click.option("--quiet", "-q", is_flag=True, help="Show errors only."),
        click.option("--no-progress", is_flag=True, help="Do not show progress."),
    )
    return add(verb)


def special_token_ids(tokens: tuple[str, ...]) -> dict[str, int] | list[str]:
    """Parse the values of `foreign_special_tokens`: texts, or texts with their ids.

    A number after the last `=` is the id.
    """
    ids: dict[str, int] = {}
    for token in tokens:
        text, equals, id = token.rpartition("=")
        if text and equals and id.isascii() and id.isdigit():
            if len(id) > 10 or int(id) > MAX_ID:
                raise click.UsageError(f"The id of --special-token {token} is above {MAX_ID}.")
            ids[text] = int(id)
    if ids and len(ids) < len(tokens):
        raise click.UsageError(
            "Give every --special-token its own text and an ID, or give none of them an ID."
        )
    return ids or list(tokens)
