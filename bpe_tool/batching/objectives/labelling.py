"""The labels of the samples of a dataset: an objective, and the ids that it may learn."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.objectives.objective import Objective
from bpe_tool.batching.objectives.responses import Responses
from bpe_tool.batching.objectives.targets import samples
from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.id_arrays import whole_numbers


@final
class Labelling:
    """How the batches of a dataset get labels. `Loader` documents the arguments.

    Args:
        count: The number of samples.
        before: The number of ids in front of each sample.
        objective: Makes labels; without it, batches have none.
        prompt_lengths: The number of ids at the start of each sample that are not learned.
        responses: Instead: the ids that are learned.

    Raises:
        ArgumentError: They do not fit each other or the dataset.
    """

    def __init__(
        self,
        count: int,
        before: int,
        objective: Objective | None,
        prompt_lengths: ArrayLike | None,
        responses: Responses | None,
    ) -> None:
        if objective is not None and not hasattr(objective, "apply"):
            raise checks.wrong_type("objective", objective, "an objective, such as Causal()")
        self._before, self._objective, self._responses = before, objective, responses
        self._prompt_lengths: NDArray[np.int64] | None = None
        if prompt_lengths is not None:
            self._prompt_lengths = whole_numbers("prompt_lengths", prompt_lengths)
            _check_prompts(self._prompt_lengths, count, objective)
        if responses is not None:
            _check_responses(responses, count, objective, prompt_lengths)

    def label(self, batch: Batch, *, seed: int, epoch: int) -> Batch:
        """Return a batch with labels, if there is an objective."""
        if self._objective is None:
            return batch
        if self._responses is not None:
            mask = self._responses.loss_mask(batch, before=self._before)
            return self._objective.apply(batch, seed=seed, epoch=epoch, loss_mask=mask)
        prompts = self._prompt_lengths
        if prompts is not None:
            prompts = prompts[samples(batch)] + self._before
        return self._objective.apply(batch, seed=seed, epoch=epoch, prompt_lengths=prompts)


def _check_prompts(
    prompt_lengths: NDArray[np.int64], count: int, objective: Objective | None
) -> None:
    if objective is None:
        raise ArgumentError(
            "need an objective", parameter="prompt_lengths", hint=Suggestion("pass {objective}")
        )
    if len(prompt_lengths) != count:
        raise ArgumentError(
            f"are a whole number for each of {count} samples, not {len(prompt_lengths)}",
            parameter="prompt_lengths",
        )


def _check_responses(
    responses: Responses,
    count: int,
    objective: Objective | None,
    prompt_lengths: ArrayLike | None,
) -> None:
    checks.instance("responses", responses, Responses, "what `find_responses` returned")
    if objective is None or prompt_lengths is not None:
        raise ArgumentError(
            "need an objective, and replace prompt lengths",
            parameter="responses",
            hint=Suggestion("pass {objective}, and leave {prompt_lengths} out"),
        )
    if len(responses) != count:
        raise ArgumentError(
            f"cover {len(responses)} samples, but the dataset has {count}",
            parameter="responses",
        )
