"""Where the prompts of samples end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.dataset import Source, TokenDataset, as_dataset
from bpe_tool.checks import MAX_ID

#: So many ids are looked at together, but for a single long sample.
MANY_IDS = 1 << 20


def prompt_lengths(samples: TokenDataset | Source, end_id: int) -> NDArray[np.int64]:
    """Return how long the prompt of each sample is: what a `Loader` takes under that name.

    Args:
        samples: A `TokenDataset`, or what it takes as `source`. All of it is read once.
        end_id: The id that ends prompts, such as that of `<|assistant|>`. The first one in a
            sample counts, and belongs to the prompt.

    Returns:
        Numbers of ids, shape `(samples,)`. Of a sample without the id nothing is learned, nor
        its end: the number is one more than it has ids.

    Raises:
        ArgumentError: `end_id` is no id.
        DataError: The shards are damaged.

    >>> import bpe_tool
    >>> rows = [[5, 6, 3, 7, 8], [5, 7], [3, 3]]
    >>> bpe_tool.prompt_lengths(rows, end_id=3)
    array([3, 3, 1])
    """
    end_id = checks.whole("end_id", end_id, 0, MAX_ID)
    dataset = as_dataset(samples, "samples")
    every = np.arange(len(dataset))
    parts = np.cumsum(dataset.lengths(every)) // MANY_IDS
    found = [np.empty(0, np.int64)]
    for some in np.split(every, np.flatnonzero(np.diff(parts)) + 1):
        rows = dataset.rows(some)
        starts, stops = rows.bounds[:-1], rows.bounds[1:]
        # How many ids there are up to each that ends a prompt, and to the first one in each row.
        ends = np.append(np.flatnonzero(rows.ids == end_id) + 1, len(rows.ids) + 1)
        first = ends[np.searchsorted(ends, starts, "right")]
        found.append(np.minimum(first, stops + 1) - starts)
    return np.concatenate(found)
