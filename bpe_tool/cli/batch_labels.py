"""The options of `batch` about labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bpe_tool.batching.literals import Labels, MaskUnit
from bpe_tool.cli import options
from bpe_tool.cli.batch_options import IdOptions, RowOptions, choice, given, group, refuse, token

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.batching.inputs import Inputs
    from bpe_tool.batching.objectives.objective import Objective


def _marker(flag: str, help: str) -> options.Decorator:
    """Return an option that names a token, or several in a row."""
    return click.option(flag, callback=options.utf8, metavar="TEXT", help=help)


def _shares(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    """Return three percentages that are separated by slashes, as shares of one."""
    if value is None:
        return None
    try:
        mask, random, kept = (float(part) / 100 for part in value.split("/"))
    except ValueError:
        mask = random = kept = -1
    if min(mask, random, kept) < 0 or not abs(mask + random + kept - 1) < 1e-9:
        raise click.BadParameter(f"{value!r} is not three shares that add up to 100.")
    return mask, random, kept


@dataclass(frozen=True)
class LabelOptions:
    """Which labels are made."""

    labels: Labels | None
    mask: str | None
    mlm_probability: float | None
    mlm_unit: MaskUnit | None
    mlm_split: tuple[float, float, float] | None
    prompt_end: str | None
    response_end: str | None

    def check(self, rows: RowOptions, ids: IdOptions) -> None:
        """Refuse what does not go together."""
        for_mlm = self.mlm_probability is not None or self.mlm_unit or self.mlm_split
        refuse(
            (
                (self.labels == "mlm") != (self.mask is not None),
                "--labels mlm and --mask go together.",
            ),
            (
                for_mlm and self.labels != "mlm",
                "--mlm-probability, --mlm-unit and --mlm-split go with --labels mlm.",
            ),
            (
                self.prompt_end is not None and (not self.labels or rows.stride),
                "--prompt-end goes with --labels, and not with --stride.",
            ),
            (
                self.response_end is not None and self.prompt_end is None,
                "--response-end goes with --prompt-end.",
            ),
            (
                self.mlm_unit == "word" and ids.tokenizer_path is None,
                "--mlm-unit word needs -t.",
            ),
        )

    def objective(
        self,
        tokenizer: _core.Tokenizer | None,
        inputs: Inputs,
        *,
        mask_id: int | None,
        added_ids: Sequence[int | None],
    ) -> Objective | None:
        """Return what makes the labels.

        Args:
            tokenizer: The vocabulary, if there is one.
            inputs: The inputs, which may know what is needed of it.
            mask_id: The id of `mask`.
            added_ids: The ids of the tokens that are added to records. They are never hidden.

        Raises:
            click.UsageError: The size of the vocabulary is not known.
        """
        from bpe_tool.batching.objectives.causal import Causal
        from bpe_tool.batching.objectives.mlm import MaskedLM
        from bpe_tool.batching.objectives.word_edges import WordEdges
        from bpe_tool.tokenizer import Tokenizer

        if self.labels is None:
            return None
        if self.labels != "mlm":
            return Causal(shift=self.labels == "shifted")
        assert mask_id is not None
        vocab = inputs if tokenizer is None else tokenizer
        if vocab.max_id is None:
            raise click.UsageError(
                "--labels mlm needs -t: these inputs do not say what ids there are."
            )
        specials = {*inputs.special_tokens.values(), *vocab.special_tokens.values()}
        words = None
        if tokenizer is not None and self.mlm_unit == "word":
            words = WordEdges.of(Tokenizer(tokenizer))
        return MaskedLM(
            mask_id,
            vocab.max_id + 1,
            special_ids=[*specials, *(id for id in added_ids if id is not None)],
            words=words,
            **given(probability=self.mlm_probability, unit=self.mlm_unit, split=self.mlm_split),
        )


label_options = group(
    "labels",
    LabelOptions,
    choice(
        "--labels",
        Labels,
        "Add labels. causal: each id in its own slot, for models that shift labels themselves, as "
        "Hugging Face's do; shifted: each id in the slot before, from which it is predicted; mlm: "
        "hide ids and predict them (needs -t, or shards).",
    ),
    token("--mask", "Token that takes the place of hidden ids, for mlm."),
    click.option(
        "--mlm-probability",
        type=click.FloatRange(0, 1),
        metavar="P",
        help="Share of ids to predict.  [default: 0.15]",
    ),
    choice(
        "--mlm-unit",
        MaskUnit,
        "Hide single tokens, whole words (needs -t), or spans.  [default: token]",
    ),
    click.option(
        "--mlm-split",
        callback=_shares,
        metavar="MASK/RANDOM/KEPT",
        help="Of 100 ids to predict, how many are replaced with the mask, replaced with "
        "a random id, and left unchanged.  "
        "[default: 80/10/10]",
    ),
    _marker(
        "--prompt-end",
        "End of a prompt: a token, or with -t a text of several tokens. The ids of prompts get no "
        "labels.",
    ),
    _marker(
        "--response-end",
        "End of a response, given like --prompt-end; it belongs to the response. The next prompt "
        "follows. "
        "Without it, each record has one prompt and one response.",
    ),
)
