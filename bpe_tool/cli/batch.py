"""The verb `batch`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

from bpe_tool.cli import options
from bpe_tool.cli.batch_labels import LabelOptions, label_options
from bpe_tool.cli.batch_options import (
    GroupingOptions,
    IdOptions,
    OrderOptions,
    OutputOptions,
    RowOptions,
    TokenOptions,
    given,
    grouping_options,
    id_options,
    order_options,
    output_options,
    refuse,
    row_options,
    token_options,
)
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool.batching.loader import LoaderOptions

EPILOG = """\b
A batch is a JSON object with input_ids, attention_mask and position_ids, each a list of
rows. Packed rows have segment_ids, cu_seqlens and max_seqlen instead of attention_mask.
Padding is identified by lengths, not by id, so --pad may be any id, even that of --eos,
or 0.

\b
A batch has the next --rows rows, or rows of similar length (--buckets), as many rows as
fit a number of slots (--max-tokens), or packed rows (--pack).

\b
Examples:
  bpe-tool encode -t my-vocab text.txt | bpe-tool batch --pad 0 --rows 8
  bpe-tool batch -t my-vocab --pad '<pad>' --max-tokens 16384 --multiple 8 ids.txt
  bpe-tool batch --pad 0 --eos 2 --pack best-fit --length 2048 -o packed.npz shards/
  bpe-tool batch --pad 0 --buckets 128,512,2048 --shuffle --seed 1 --labels causal ids.txt
  bpe-tool batch --pad 0 --labels causal --prompt-end 7 --response-end 2 chats.txt
  bpe-tool batch --stats --pack best-fit --length 2048 ids.txt
"""


@command(epilog=EPILOG)
@options.files
@id_options
@token_options
@grouping_options
@row_options
@label_options
@order_options
@output_options
@options.foreign_pattern
@options.foreign_special_tokens
@options.messages
def batch(
    files: tuple[str, ...],
    ids: IdOptions,
    tokens: TokenOptions,
    groups: GroupingOptions,
    rows: RowOptions,
    labels: LabelOptions,
    order: OrderOptions,
    out: OutputOptions,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    quiet: bool,
    no_progress: bool,
) -> int:
    """Make batches for training from ids.

    FILES are files of ids (also .gz and .zst), directories of them, globs, directories of
    shards, or - for standard input, which is the default.
    """
    import hashlib

    from bpe_tool.batching.batch_writers import batch_sink
    from bpe_tool.batching.inputs import Inputs
    from bpe_tool.batching.stream import Batching, batches, joined, measure
    from bpe_tool.cli.session import Skips, announce, command_line, reading, streaming_console
    from bpe_tool.cli.tokens import marker_ids, special_token_id
    from bpe_tool.io.atomic import AtomicFile
    from bpe_tool.io.outputs import open_output, refuse_own_input
    from bpe_tool.vocab import files as vocab_files

    refuse(
        (
            tokens.pad is None and not out.stats,
            "--pad is missing: the token for padding has no default.",
        )
    )
    groups.check(rows)
    rows.check()
    labels.check(rows, ids)
    out.check(labels)
    order.check(labels)
    ids.check()
    console = streaming_console(quiet=quiet, no_progress=no_progress, output=out.output)
    skips = Skips(console)
    tokenizer = None
    if ids.tokenizer_path is not None:
        specials = options.special_token_ids(special_tokens)
        digest = hashlib.sha256()
        tokenizer = vocab_files.load(ids.tokenizer_path, pattern, specials, digest.update)
    inputs = Inputs(files)
    if tokenizer is not None:
        inputs.refuse_other_vocabulary(digest.hexdigest())
    known = inputs.special_tokens

    def id_of(parameter: str, token: str | None) -> int | None:
        if token is None:
            return None
        id = special_token_id(parameter, token, tokenizer, known)
        inputs.refuse_unknown_id(parameter, id)
        return id

    def ids_of(parameter: str, text: str | None) -> tuple[int, ...] | None:
        return None if text is None else marker_ids(parameter, text, tokenizer, known)

    pad_id, bos_id, eos_id = (
        id_of(name, token)
        for name, token in (("pad", tokens.pad), ("bos", tokens.bos), ("eos", tokens.eos))
    )
    policy_options = groups.policy_options(rows.multiple)
    loading = given(
        bos_id=bos_id,
        eos_id=eos_id,
        max_length=rows.max_length,
        truncation_side=rows.truncate,
        side=rows.side,
        multiple=rows.multiple,
        dtype=out.dtype,
        pool=order.pool,
        shuffle=order.shuffle,
        seed=order.seed,
        epoch=order.epoch,
        objective=labels.objective(
            tokenizer,
            inputs,
            mask_id=id_of("mask", labels.mask),
            added_ids=(pad_id, bos_id, eos_id),
        ),
    )
    batching = Batching(
        policy=policy_options.policy(),
        # Without a token for padding no batches are made.
        pad_id=pad_id or 0,
        options=cast("LoaderOptions", loading),
        min_length=rows.min_length or 0,
        stride=rows.stride,
        prompt_end=ids_of("prompt_end", labels.prompt_end),
        response_end=ids_of("response_end", labels.response_end),
    )
    if batching.frame and inputs.are_framed:
        console.warning(
            "the shards have tokens around each document already",
            "without --bos and --eos no others are added",
        )
    end_id = id_of("record_end", ids.record_end)
    refuse_own_input(inputs.sources, out.output)
    lengths = []
    with ExitStack() as stack:
        output = stack.enter_context(open_output(out.output))
        # Opened before the work, which would be lost if it could not be.
        page = out.report_path and stack.enter_context(AtomicFile(out.report_path))
        on_read = stack.enter_context(reading(console, inputs.sources))
        announce(console, inputs.sources)
        sink = None if out.stats else batch_sink(out.batch_format, output)
        in_files = order.shuffle and not (rows.stride or rows.min_length)
        documents = inputs.documents() if in_files else None
        blocks = documents or inputs.blocks(ids.id_format, end_id, on_read, skips.add)
        if sink is None:
            lengths.append(measure(blocks, batching))
        else:
            on_lengths = lengths.append if page else None
            for made in batches(blocks, batching, on_lengths=on_lengths):
                sink.write(made)
            sink.finish()
        if out.stats or page:
            from bpe_tool.batching import report_view
            from bpe_tool.batching.report import compare
            from bpe_tool.rendering.terminal import shows_colour

            report = compare(
                joined(lengths), policy_options, max_length=rows.max_length, pool=batching.pool
            )
            if out.stats:
                text = report_view.as_text(report, colour=shows_colour(out.output))
                output.write(text.encode())
            if page:
                page.write(report_view.as_page(report, title=inputs.title, command=command_line()))
    return skips.exit_code()
