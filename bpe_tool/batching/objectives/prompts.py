"""The lengths of prompts, for samples with one prompt each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.objectives.responses import marker_ends, parts, warn_of_turns
from bpe_tool.batching.sampling.dataset import Samples, TokenDataset, as_dataset
from bpe_tool.checks import MAX_ID


def prompt_lengths(samples: TokenDataset | Samples, end_id: int) -> NDArray[np.int64]:
    """Return the length of the prompt of each sample, for `Loader`.

    Use `find_responses` for samples of several turns; if there are any, a `BpeToolWarning` is
    given.

    Args:
        samples: A `TokenDataset`, or what it takes as `source`. All of it is read once.
        end_id: The id that ends prompts, such as that of `<|assistant|>`. The first one in a
            sample counts, and is part of the prompt.

    Returns:
        int64, shape `(samples,)`. For a sample without `end_id`, the number is one more than its
        length, so that neither its ids nor an id after it are learned.

    Raises:
        ArgumentError: `end_id` is not an id.
        DataError: The shards are damaged.

    >>> import bpe_tool
    >>> rows = [[5, 6, 3, 7, 8], [5, 7], [3, 4]]
    >>> bpe_tool.prompt_lengths(rows, end_id=3)
    array([3, 3, 1])
    """
    end_id = checks.whole("end_id", end_id, 0, MAX_ID)
    lengths, several = [np.empty(0, np.int64)], 0
    for rows in parts(as_dataset(samples, "samples")):
        ends, owners = marker_ends(rows, (end_id,))
        several += int(np.count_nonzero(np.bincount(owners) > 1))
        found = np.diff(rows.bounds) + 1
        with_end, first = np.unique(owners, return_index=True)
        found[with_end] = ends[first] - rows.bounds[with_end]
        lengths.append(found)
    if several:
        warn_of_turns(several)
    return np.concatenate(lengths)
