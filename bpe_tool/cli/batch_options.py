"""The options of `batch`, in groups: each is passed to the verb as one value, with its rules."""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from bpe_tool.batching.literals import BatchFormat, Dtype, Long, Side, Strategy
from bpe_tool.cli import options
from bpe_tool.io.outputs import STDOUT
from bpe_tool.io.records import RAW_WIDTHS, IdFormat

if TYPE_CHECKING:
    from bpe_tool.batching.policy_options import PolicyOptions
    from bpe_tool.cli.batch_labels import LabelOptions


def group(name: str, kind: type[Any], *added: options.Decorator) -> options.Decorator:
    """Return a decorator that adds options, and passes them to the verb as one value.

    Args:
        name: The argument of the verb.
        kind: Its type: a dataclass whose fields have the names of the options' values.
        *added: The options.
    """

    def decorate(verb: options.Verb) -> options.Verb:
        @functools.wraps(verb)
        def with_value(**values: Any) -> int:  # noqa: ANN401 - whatever the options are
            own = {field.name: values.pop(field.name) for field in fields(kind)}
            return verb(**{name: kind(**own)}, **values)

        return options.decorated(*added)(with_value)

    return decorate


def refuse(*rules: tuple[object, str]) -> None:
    """Refuse options by the first rule that is broken: whether it is, and what to say then.

    Raises:
        click.UsageError: One is broken.
    """
    for is_broken, message in rules:
        if is_broken:
            raise click.UsageError(message)


def given(**values: object) -> dict[str, Any]:
    """Return the values that are not `None`, so that what they are passed to has the defaults."""
    return {name: value for name, value in values.items() if value is not None}


def number(flag: str, help: str, minimum: int = 1) -> options.Decorator:
    """Return an option that is a whole number."""
    return click.option(flag, type=options.number(minimum), metavar="N", help=help)


def token(flag: str, help: str) -> options.Decorator:
    """Return an option that names a token."""
    return click.option(flag, callback=options.utf8, metavar="TOKEN", help=help)


def choice(flag: str, values: object, help: str) -> options.Decorator:
    """Return an option that is one of the values of a `Literal`."""
    return click.option(flag, type=click.Choice(get_args(values)), help=help)


def _numbers(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """Return whole numbers above 0 that are separated by commas."""
    if value is None:
        return None
    number: click.ParamType[int] = options.number(1)
    return tuple(number.convert(part, param, ctx) for part in value.split(","))


@dataclass(frozen=True)
class IdOptions:
    """How ids are read."""

    tokenizer_path: str | None
    id_format: IdFormat
    record_end: str | None

    def check(self) -> None:
        """Refuse what does not go together."""
        refuse(
            (
                self.record_end is not None and self.id_format not in RAW_WIDTHS,
                "--record-end goes with --format u16, u32 and npy.",
            )
        )


id_options = group(
    "ids",
    IdOptions,
    click.option(
        "-t",
        "--tokenizer",
        "tokenizer_path",
        cls=options.Once,
        metavar="TOKENIZER",
        help="Vocabulary, for tokens given by their text. Not needed for shards, which store their "
        "special tokens.",
    ),
    click.option(
        "--format",
        "id_format",
        type=click.Choice(get_args(IdFormat)),
        default="ids",
        help="Format of the ids, as for encode. Shards are recognised.  [default: ids]",
    ),
    token(
        "--record-end", "Token that ends each record in u16, u32 and npy; it belongs to the record."
    ),
)


@dataclass(frozen=True)
class TokenOptions:
    """The tokens that are added to records."""

    pad: str | None
    bos: str | None
    eos: str | None


token_options = group(
    "tokens",
    TokenOptions,
    token(
        "--pad",
        "Token for padding: the text of a special token, or '#ID'. Required without --stats.",
    ),
    token("--bos", "Token to put before each record, given like --pad."),
    token("--eos", "Token to put after each record, given like --pad."),
)


@dataclass(frozen=True)
class RowOptions:
    """How records become padded rows."""

    min_length: int | None
    multiple: int | None
    max_length: int | None
    truncate: Side | None
    stride: int | None
    side: Side | None

    def check(self) -> None:
        """Refuse what does not go together."""
        refuse(
            (
                self.truncate and (self.stride or not self.max_length),
                "--truncate goes with --max-length alone.",
            ),
            (self.stride and not self.max_length, "--stride goes with --max-length."),
        )


row_options = group(
    "rows",
    RowOptions,
    number("--min-length", "Leave out records with fewer ids, such as those of empty lines."),
    number("--multiple", "Round the width of batches up to a multiple of N."),
    number("--max-length", "Cut unpacked rows to N ids, including those of --bos and --eos."),
    choice("--truncate", Side, "Side on which --max-length cuts.  [default: right]"),
    number(
        "--stride",
        "Instead of truncating, cut rows into windows of --max-length ids that start N ids apart.",
    ),
    choice("--side", Side, "Side of padding.  [default: right]"),
)


@dataclass(frozen=True)
class GroupingOptions:
    """Which records share a batch."""

    rows: int | None
    buckets: tuple[int, ...] | None
    max_tokens: int | None
    pack: Strategy | None
    long: Long | None
    length: int | None

    def check(self, rows: RowOptions) -> None:
        """Refuse what does not go together."""
        padded_only = rows.multiple or rows.max_length or rows.truncate or rows.stride or rows.side
        one_width = self.length and not self.pack
        refuse(
            (self.pack and not self.length, "--pack needs --length, the width of a row."),
            (self.pack and (self.buckets or self.max_tokens), "--pack goes with --rows alone."),
            (
                self.pack and padded_only,
                "Packed rows have no --multiple, --max-length, --truncate, --stride and --side; "
                "see --length and --long.",
            ),
            (self.long and not self.pack, "--long goes with --pack."),
            (self.rows and self.max_tokens, "Only one of --rows and --max-tokens can be given."),
            (
                one_width and (self.buckets or rows.multiple),
                "--length is one width for all batches: --buckets and --multiple have no effect.",
            ),
        )

    def policy_options(self, multiple: int | None) -> PolicyOptions:
        """Return the way of batching, with its sizes."""
        from bpe_tool.batching.policy_options import PolicyOptions

        return PolicyOptions(
            **given(
                rows=self.rows,
                bounds=self.buckets,
                max_tokens=self.max_tokens,
                pack=self.pack,
                long=self.long,
                length=self.length,
                multiple=multiple,
            )
        )


grouping_options = group(
    "groups",
    GroupingOptions,
    number("--rows", "Rows in a batch.  [default: 32]"),
    click.option(
        "--buckets",
        callback=_numbers,
        metavar="N,N,…",
        help="Group rows of similar length, in buckets of up to N ids.",
    ),
    number("--max-tokens", "Slots in a batch, padding included, instead of a number of rows."),
    choice(
        "--pack",
        Strategy,
        "Put several records into each row. best-fit: with little padding; concatenate: one after "
        "the other, cut where a row ends; best-fit-crop: without padding, with records cropped.",
    ),
    choice(
        "--long",
        Long,
        "What happens to records that are longer than a packed row.  [default: split]",
    ),
    number("--length", "Width of packed rows, or else of all batches."),
)


@dataclass(frozen=True)
class OrderOptions:
    """In which order records come."""

    shuffle: bool
    seed: int | None
    epoch: int | None
    pool: int | None

    def check(self, labels: LabelOptions) -> None:
        """Refuse what does not go together."""
        random = self.shuffle or labels.labels == "mlm"
        refuse(
            (
                (self.seed is not None or self.epoch is not None) and not random,
                "--seed and --epoch go with --shuffle or --labels mlm.",
            )
        )


order_options = group(
    "order",
    OrderOptions,
    click.option(
        "--shuffle",
        is_flag=True,
        help="Put records, and then batches, into a random order. All ids are held in memory, "
        "unless the input is one set of shards.",
    ),
    number("--seed", "Seed for --shuffle and for what mlm hides.  [default: 0]", 0),
    number(
        "--epoch",
        "Epoch number; each epoch has a different order (--shuffle) and hides different ids "
        "(mlm).  [default: 0]",
        0,
    ),
    number("--pool", "Number of records to group at once.  [default: 65536]"),
)


@dataclass(frozen=True)
class OutputOptions:
    """What is written, and where."""

    dtype: Dtype | None
    output_format: BatchFormat | None
    output: str | None
    stats: bool
    report_path: str | None

    def check(self, labels: LabelOptions) -> None:
        """Refuse what does not go together."""
        refuse(
            (
                self.stats and (labels.labels or self.dtype or self.output_format),
                "--stats makes no batches: --labels, --dtype and --output-format have no effect.",
            ),
            (self.report_path == STDOUT, "--report needs a file."),
        )

    @property
    def batch_format(self) -> BatchFormat:
        """The format of batches: by default, that which the name of the output ends in."""
        suffix = Path(self.output or "").suffix
        return self.output_format or (
            "npz" if suffix == ".npz" else "npy" if suffix == ".npy" else "ndjson"
        )


output_options = group(
    "out",
    OutputOptions,
    choice("--dtype", Dtype, "Type of the arrays in npz and npy.  [default: int64]"),
    choice(
        "--output-format",
        BatchFormat,
        "ndjson; npz with all arrays, as 0/input_ids and so on; npy with the ids of all rows, "
        "which must have one width.  [default: what -o ends in, else ndjson]",
    ),
    options.output,
    click.option(
        "--stats", is_flag=True, help="Write a comparison of batching policies instead of batches."
    ),
    click.option(
        "--report",
        "report_path",
        metavar="FILE",
        help="Write this comparison as an HTML page, with or without --stats.",
    ),
)
