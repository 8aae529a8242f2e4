"""The verb `batch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bpe_tool.cli import options
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.batching.inputs import Inputs
    from bpe_tool.batching.literals import BatchFormat, Dtype, Long, Side, Strategy, Unit
    from bpe_tool.batching.objectives.objective import Objective
    from bpe_tool.io.records import IdFormat

EPILOG = """\b
A batch is a JSON object with input_ids, attention_mask and position_ids, each a list of
rows. Packed rows have segment_ids, cu_seqlens and max_seqlen instead of attention_mask.
What is padding follows from lengths, so --pad may be any id, also that of --eos, or 0.

\b
Batches are made of --rows rows in order; of rows of similar length (--buckets); of as
many rows as fit a number of places (--max-tokens); or of packed rows (--pack).

\b
Examples:
  bpe-tool encode -t my-vocab text.txt | bpe-tool batch --pad 0 --rows 8
  bpe-tool batch -t my-vocab --pad '<pad>' --max-tokens 16384 --multiple 8 ids.txt
  bpe-tool batch --pad 0 --eos 2 --pack best-fit --length 2048 -o packed.npz shards/
  bpe-tool batch --pad 0 --buckets 128,512,2048 --shuffle --seed 1 --labels causal ids.txt
  bpe-tool batch --pad 0 --labels causal --prompt-end 7 --response-end 2 chats.txt
  bpe-tool batch --stats --pack best-fit --length 2048 ids.txt
"""


def numbers(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """Return whole numbers above 0 that stand with commas between."""
    if value is None:
        return None
    number: click.ParamType[int] = options.number(1)
    return tuple(number.convert(part, param, ctx) for part in value.split(","))


def shares(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    """Return three shares of a hundred that stand with slashes between, as shares of one."""
    if value is None:
        return None
    try:
        mask, random, kept = (float(part) / 100 for part in value.split("/"))
    except ValueError:
        mask = random = kept = -1
    if min(mask, random, kept) < 0 or not abs(mask + random + kept - 1) < 1e-9:
        raise click.BadParameter(f"{value!r} is not three shares that add up to 100.")
    return mask, random, kept


def sized(flag: str, help: str, minimum: int = 1) -> options.Decorator:
    """Return an option that is a number."""
    return click.option(flag, type=options.number(minimum), metavar="N", help=help)


def token(flag: str, help: str) -> options.Decorator:
    """Return an option that names a token."""
    return click.option(flag, callback=options.utf8, metavar="TOKEN", help=help)


def marker(flag: str, help: str) -> options.Decorator:
    """Return an option that names a token, or several in a row."""
    return click.option(flag, callback=options.utf8, metavar="TEXT", help=help)


@command(epilog=EPILOG)
@options.files
@click.option(
    "-t",
    "--tokenizer",
    "tokenizer_path",
    metavar="TOKENIZER",
    help="Vocabulary, for tokens that are named by their text. Shards know theirs.",
)
@click.option(
    "--format",
    type=click.Choice(["ids", "ndjson", "u16", "u32", "npy"]),
    default="ids",
    help="In which form ids are read, see encode; shards are recognised.  [default: ids]",
)
@token("--record-end", "Token that ends each record in u16, u32 and npy (and is part of it).")
@token(
    "--pad", "Token for padding: the text of a special token, or '#ID'. Required without --stats."
)
@token("--bos", "Token to put before each record, as for --pad.")
@token("--eos", "Token to put after each record, as for --pad.")
@sized("--rows", "Rows of a batch.  [default: 32]")
@click.option(
    "--buckets",
    callback=numbers,
    metavar="N,N,…",
    help="Batch rows of similar length together: those of up to N ids.",
)
@sized("--max-tokens", "Places of a batch, padding included, instead of a number of rows.")
@click.option(
    "--pack",
    type=click.Choice(["best-fit", "concatenate", "best-fit-crop"]),
    help="Put several records into each row: so that little room is left; one after the other; "
    "or so that none is left, with records cropped.",
)
@click.option(
    "--long",
    type=click.Choice(["split", "truncate", "drop"]),
    help="What becomes of records longer than a packed row.  [default: split]",
)
@sized("--length", "Width of packed rows, or else of all batches.")
@sized("--min-length", "Leave records out that have fewer ids, such as those of empty lines.")
@sized("--multiple", "Make the width of batches a multiple of N.")
@sized("--max-length", "Cut rows that are not packed to N ids, with those of --bos and --eos.")
@click.option(
    "--truncate",
    type=click.Choice(["right", "left"]),
    help="On which side --max-length cuts.  [default: right]",
)
@sized("--stride", "Cut into windows of --max-length ids, which begin N ids apart, instead.")
@click.option(
    "--side", type=click.Choice(["right", "left"]), help="Where padding goes.  [default: right]"
)
@click.option(
    "--labels",
    type=click.Choice(["causal", "shifted", "mlm"]),
    help="Add labels. causal: each id at its own place, for models that shift labels "
    "themselves, as Hugging Face's do; shifted: at the place before, where it is predicted; mlm: "
    "hide ids, to be predicted (needs -t, or shards).",
)
@token("--mask", "Token that hides an id, for mlm.")
@click.option(
    "--mlm-probability",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="The share of ids that is to be predicted.  [default: 0.15]",
)
@click.option(
    "--mlm-unit",
    type=click.Choice(["token", "word", "span"]),
    help="Hide single tokens, whole words (needs -t), or spans.  [default: token]",
)
@click.option(
    "--mlm-split",
    callback=shares,
    metavar="MASK/RANDOM/KEPT",
    help="Of a hundred ids to be predicted, how many are hidden, become a random id, and stay.  "
    "[default: 80/10/10]",
)
@marker(
    "--prompt-end",
    "What ends a prompt, whose ids --labels ignore: a token, or with -t a text of several.",
)
@marker(
    "--response-end",
    "What ends a response, likewise, and is part of it: the next prompt follows. Without it, "
    "there is one prompt and one response in each record.",
)
@click.option(
    "--shuffle",
    is_flag=True,
    help="Put records, and then batches, into a random order. All ids are held in memory, but for "
    "those of one set of shards.",
)
@sized("--seed", "Decides that order, and what mlm hides.  [default: 0]", 0)
@sized("--epoch", "Likewise: the next one has another order.  [default: 0]", 0)
@sized("--pool", "Records to look at together, to group them.  [default: 65536]")
@click.option(
    "--dtype", type=click.Choice(["int64", "int32"]), help="In npz and npy.  [default: int64]"
)
@click.option(
    "--output-format",
    type=click.Choice(["ndjson", "npz", "npy"]),
    help="ndjson; npz with all arrays, as 0/input_ids and so on; npy with all rows of ids, which "
    "must be of one width.  [default: what -o ends in, else ndjson]",
)
@options.output
@click.option("--stats", is_flag=True, help="Make no batches; write how ways of batching compare.")
@click.option("--report", "report_path", metavar="FILE", help="Write that as an HTML page, too.")
@options.foreign_pattern
@options.foreign_special_tokens
@options.messages
def batch(
    files: tuple[str, ...],
    tokenizer_path: str | None,
    format: IdFormat,
    record_end: str | None,
    pad: str | None,
    bos: str | None,
    eos: str | None,
    rows: int | None,
    buckets: tuple[int, ...] | None,
    max_tokens: int | None,
    pack: Strategy | None,
    long: Long | None,
    length: int | None,
    min_length: int | None,
    multiple: int | None,
    max_length: int | None,
    truncate: Side | None,
    stride: int | None,
    side: Side | None,
    labels: Literal["causal", "shifted", "mlm"] | None,
    mask: str | None,
    mlm_probability: float | None,
    mlm_unit: Unit | None,
    mlm_split: tuple[float, float, float] | None,
    prompt_end: str | None,
    response_end: str | None,
    shuffle: bool,
    seed: int | None,
    epoch: int | None,
    pool: int | None,
    dtype: Dtype | None,
    output_format: BatchFormat | None,
    output: str | None,
    stats: bool,
    report_path: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    quiet: bool,
    no_progress: bool,
) -> int:
    """Turn ids into batches for training.

    FILES are files of ids (also .gz and .zst), directories of them, globs, directories of
    shards, or - for standard input, which is also the default.
    """
    from contextlib import ExitStack

    from bpe_tool.batching.batch_writers import batch_sink
    from bpe_tool.batching.grouping import ROWS, Grouping
    from bpe_tool.batching.inputs import Inputs
    from bpe_tool.batching.loader import POOL
    from bpe_tool.batching.stream import Batching, batches, joined, measure
    from bpe_tool.cli.session import Skips, announce, reading, streaming_console
    from bpe_tool.cli.tokens import marker_ids, special_token_id
    from bpe_tool.io.atomic import AtomicFile
    from bpe_tool.io.outputs import STDOUT, open_output, refuse_own_input
    from bpe_tool.io.records import RAW_WIDTHS
    from bpe_tool.rendering.terminal import shows_colour
    from bpe_tool.vocab import files as vocab_files

    padded_only = multiple or max_length or truncate or stride or side
    for is_wrong, what in (
        (pad is None and not stats, "--pad is missing: the token for padding has no default."),
        (pack and not length, "--pack needs --length, the width of a row."),
        (pack and (buckets or max_tokens), "--pack goes with --rows alone."),
        (pack and padded_only, "Packed rows have no --multiple, --max-length, --truncate, "
         "--stride and --side; see --length and --long."),
        (long and not pack, "--long goes with --pack."),
        (rows and max_tokens, "Only one of --rows and --max-tokens can be given."),
        (length and not pack and (buckets or multiple),
         "--length is one width for all batches, so --buckets and --multiple say nothing."),
        (truncate and (stride or not max_length), "--truncate goes with --max-length alone."),
        (stride and not max_length, "--stride goes with --max-length."),
        ((labels == "mlm") != (mask is not None), "--labels mlm and --mask go together."),
        ((mlm_probability is not None or mlm_unit or mlm_split) and labels != "mlm",
         "--mlm-probability, --mlm-unit and --mlm-split go with --labels mlm."),
        (prompt_end is not None and (not labels or stride),
         "--prompt-end goes with --labels, and not with --stride."),
        (response_end is not None and prompt_end is None,
         "--response-end goes with --prompt-end."),
        (mlm_unit == "word" and tokenizer_path is None, "--mlm-unit word needs -t."),
        (stats and (labels or dtype or output_format),
         "--stats makes no batches, so --labels, --dtype and --output-format say nothing."),
        (report_path == STDOUT, "--report needs a file."),
        ((seed is not None or epoch is not None) and not (shuffle or labels == "mlm"),
         "--seed and --epoch go with --shuffle or --labels mlm."),
        (record_end is not None and format not in RAW_WIDTHS,
         "--record-end goes with --format u16, u32 and npy."),
    ):  # fmt: skip
        if is_wrong:
            raise click.UsageError(what)
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=output)
    skips = Skips(console)
    tokenizer = None
    if tokenizer_path is not None:
        specials = options.special_token_ids(special_tokens)
        tokenizer = vocab_files.load(tokenizer_path, pattern, specials)
    inputs = Inputs(files)

    def id_of(parameter: str, token: str | None) -> int | None:
        known = inputs.special_tokens
        return None if token is None else special_token_id(parameter, token, tokenizer, known)

    def ids_of(parameter: str, text: str | None) -> tuple[int, ...] | None:
        known = inputs.special_tokens
        return None if text is None else marker_ids(parameter, text, tokenizer, known)

    pad_id, bos_id, eos_id = id_of("pad", pad), id_of("bos", bos), id_of("eos", eos)
    grouping = Grouping(
        rows=rows or ROWS,
        bounds=buckets,
        max_tokens=max_tokens,
        pack=pack,
        long=long or "split",
        length=length,
        multiple=multiple or 1,
    )
    batching = Batching(
        policy=grouping.policy(),
        pad_id=pad_id or 0,
        options={
            "bos_id": bos_id,
            "eos_id": eos_id,
            "max_length": max_length,
            "truncation_side": truncate or "right",
            "side": side or "right",
            "multiple": multiple or 1,
            "dtype": dtype or "int64",
            "pool": pool or POOL,
            "shuffle": shuffle,
            "seed": seed or 0,
            "epoch": epoch or 0,
            "objective": _objective(
                labels,
                tokenizer,
                inputs,
                mask_id=id_of("mask", mask),
                specials=[id for id in (pad_id, bos_id, eos_id) if id is not None],
                probability=0.15 if mlm_probability is None else mlm_probability,
                unit=mlm_unit or "token",
                split=mlm_split or (0.8, 0.1, 0.1),
            ),
        },
        min_length=min_length or 0,
        stride=stride,
        prompt_end=ids_of("prompt_end", prompt_end),
        response_end=ids_of("response_end", response_end),
    )
    if batching.frame and inputs.are_framed:
        console.warning(
            "the shards have tokens around each document already",
            "without --bos and --eos no others are added",
        )
    end_id = id_of("record_end", record_end)
    refuse_own_input(inputs.sources, output)
    lengths = []
    with ExitStack() as stack:
        out = stack.enter_context(open_output(output))
        # Opened before the work, which would be lost if it could not be.
        page = report_path and stack.enter_context(AtomicFile(report_path))
        on_read = stack.enter_context(reading(console, inputs.sources))
        announce(console, inputs.sources)
        sink = None if stats else batch_sink(output_format or _format_of(output), out)
        documents = inputs.documents() if shuffle and not (stride or min_length) else None
        blocks = documents or inputs.blocks(format, end_id, on_read, skips.add)
        if sink is None:
            lengths.append(measure(blocks, batching))
        else:
            told = lengths.append if page else None
            for made in batches(blocks, batching, on_lengths=told):
                sink.write(made)
            sink.finish()
        if stats or page:
            from bpe_tool.batching import report_view
            from bpe_tool.batching.report import compare

            measured = joined(lengths)
            report = compare(measured, grouping, max_length=max_length, pool=batching.pool)
            if stats:
                out.write(report_view.as_text(report, colour=shows_colour(output)).encode())
            if page:
                page.write(report_view.as_page(report, title=inputs.title))
    return skips.exit_code()


def _objective(
    labels: str | None,
    tokenizer: _core.Tokenizer | None,
    inputs: Inputs,
    *,
    mask_id: int | None,
    specials: list[int],
    probability: float,
    unit: Unit,
    split: tuple[float, float, float],
) -> Objective | None:
    """Return what makes labels."""
    from bpe_tool.batching.objectives.causal import Causal
    from bpe_tool.batching.objectives.mlm import MaskedLM
    from bpe_tool.batching.objectives.word_edges import WordEdges
    from bpe_tool.tokenizer import Tokenizer

    if labels is None:
        return None
    if labels != "mlm":
        return Causal(shift=labels == "shifted")
    assert mask_id is not None
    vocab, known = inputs if tokenizer is None else tokenizer, inputs.special_tokens
    if vocab.max_id is None:
        raise click.UsageError("--labels mlm needs -t: these inputs do not say what ids there are.")
    return MaskedLM(
        mask_id,
        vocab.max_id + 1,
        probability=probability,
        split=split,
        unit=unit,
        special_ids=[*specials, *known.values(), *vocab.special_tokens.values()],
        words=None if tokenizer is None or unit != "word" else WordEdges.of(Tokenizer(tokenizer)),
    )


def _format_of(output: str | None) -> BatchFormat:
    """Return the form that the name of a file means."""
    suffix = Path(output or "").suffix
    return "npz" if suffix == ".npz" else "npy" if suffix == ".npy" else "ndjson"
