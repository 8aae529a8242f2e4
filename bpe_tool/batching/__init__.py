"""Ids into batches for training: padding, packing, labels, loading."""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool.batching.batch import Batch
    from bpe_tool.batching.loader import Loader, batches
    from bpe_tool.batching.objectives.causal import Causal
    from bpe_tool.batching.objectives.mlm import MaskedLM
    from bpe_tool.batching.objectives.prompts import prompt_lengths
    from bpe_tool.batching.objectives.responses import Responses, find_responses
    from bpe_tool.batching.objectives.word_edges import WordEdges
    from bpe_tool.batching.packing import pack
    from bpe_tool.batching.padding import pad
    from bpe_tool.batching.policies.fixed_rows import FixedRows
    from bpe_tool.batching.policies.length_buckets import LengthBuckets
    from bpe_tool.batching.policies.packed import Packed
    from bpe_tool.batching.policies.plan import PackPlan, PackReport, plan_packing
    from bpe_tool.batching.policies.token_budget import TokenBudget
    from bpe_tool.batching.sampling.dataset import TokenDataset

__all__ = [
    "Batch",
    "Causal",
    "FixedRows",
    "LengthBuckets",
    "Loader",
    "MaskedLM",
    "PackPlan",
    "PackReport",
    "Packed",
    "Responses",
    "TokenBudget",
    "TokenDataset",
    "WordEdges",
    "batches",
    "find_responses",
    "pack",
    "pad",
    "plan_packing",
    "prompt_lengths",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "Batch": "batch",
        "Causal": "objectives.causal",
        "FixedRows": "policies.fixed_rows",
        "LengthBuckets": "policies.length_buckets",
        "Loader": "loader",
        "MaskedLM": "objectives.mlm",
        "PackPlan": "policies.plan",
        "PackReport": "policies.plan",
        "Packed": "policies.packed",
        "Responses": "objectives.responses",
        "TokenBudget": "policies.token_budget",
        "TokenDataset": "sampling.dataset",
        "WordEdges": "objectives.word_edges",
        "batches": "loader",
        "find_responses": "objectives.responses",
        "pack": "packing",
        "pad": "padding",
        "plan_packing": "policies.plan",
        "prompt_lengths": "objectives.prompts",
    },
)
