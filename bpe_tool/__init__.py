"""Train byte-level BPE vocabularies, and encode and decode text with them.

Also: preprocess text, store ids in shards, make batches for training, and inspect vocabularies.

    vocabularies   Tokenizer, train_vocab, train_vocab_from_files, trim, Trimmed, convert
    counts         Counts
    streams        StreamEncoder, StreamDecoder, EncodedText
    pipelines      Pipeline, learn_stopwords
    steps          expand_contractions, expand_slang, fix, lemmatize, lowercase, normalize,
                   remove_digits, remove_punctuation, remove_stopwords, rephrase,
                   replace_synonyms, split_characters, split_words, stem, strip_accents,
                   strip_html, strip_urls
    lists          characters, words
    ids in files   write_shards, open_shards, ShardSet, Shard
    ids in memory  Ragged, TokenDataset
    batches        pad, pack, batches, Batch, Loader
    policies       FixedRows, LengthBuckets, TokenBudget, Packed, PackPlan, PackReport, plan_packing
    objectives     Causal, MaskedLM, WordEdges, prompt_lengths, find_responses, Responses
    Ray Data       BatchEncoder, BatchPreprocessor, read_texts, write_ids
    reports        inspect_text, inspect_vocab, inspect_corpus, inspect_lint, inspect_diff,
                   search_vocab, token_tree
    errors         BpeToolError and its subclasses, which `bpe_tool.errors` lists; BpeToolWarning

`help(bpe_tool.pad)` describes one of them.

>>> import bpe_tool
>>> tokenizer = bpe_tool.train_vocab(["a rose is a rose is a rose"], vocab_size=270)
>>> tokenizer.decode(tokenizer.encode("is a rose")) == "is a rose"
True
>>> bpe_tool.expand_contractions("Isn't it a rose?")
'Is not it a rose?'
"""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool._core import __version__
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
    from bpe_tool.counts.counts import Counts
    from bpe_tool.distributed.batches import BatchEncoder, BatchPreprocessor
    from bpe_tool.distributed.datasets import read_texts, write_ids
    from bpe_tool.errors import (
        ArgumentError,
        ArgumentTypeError,
        BpeToolError,
        BpeToolWarning,
        DataError,
        InternalError,
        LimitError,
        PatternError,
        SpecialTokenError,
        UnknownIdError,
        VocabError,
    )
    from bpe_tool.incremental import EncodedText, StreamDecoder, StreamEncoder
    from bpe_tool.inspect.corpus.summary import inspect_corpus
    from bpe_tool.inspect.diff import inspect_diff
    from bpe_tool.inspect.lint import inspect_lint
    from bpe_tool.inspect.search import search_vocab, token_tree
    from bpe_tool.inspect.text import inspect_text
    from bpe_tool.inspect.vocab import inspect_vocab
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.preprocess.steps.case import lowercase
    from bpe_tool.preprocess.steps.contractions import expand_contractions
    from bpe_tool.preprocess.steps.digits import remove_digits
    from bpe_tool.preprocess.steps.fix import fix
    from bpe_tool.preprocess.steps.learn_stopwords import learn_stopwords
    from bpe_tool.preprocess.steps.lemma import lemmatize
    from bpe_tool.preprocess.steps.normalize import normalize
    from bpe_tool.preprocess.steps.punctuation import remove_punctuation
    from bpe_tool.preprocess.steps.rephrase import rephrase
    from bpe_tool.preprocess.steps.segment import characters, split_characters, split_words, words
    from bpe_tool.preprocess.steps.slang import expand_slang
    from bpe_tool.preprocess.steps.stem import stem
    from bpe_tool.preprocess.steps.stopwords import remove_stopwords
    from bpe_tool.preprocess.steps.strip import strip_accents, strip_html, strip_urls
    from bpe_tool.preprocess.steps.synonyms import replace_synonyms
    from bpe_tool.ragged import Ragged
    from bpe_tool.shards.reader import ShardSet, open_shards
    from bpe_tool.shards.shard import Shard
    from bpe_tool.shards.writer import write_shards
    from bpe_tool.tokenizer import Tokenizer
    from bpe_tool.train import train_vocab, train_vocab_from_files
    from bpe_tool.trimming import Trimmed, trim
    from bpe_tool.vocab.convert import convert

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "Batch",
    "BatchEncoder",
    "BatchPreprocessor",
    "BpeToolError",
    "BpeToolWarning",
    "Causal",
    "Counts",
    "DataError",
    "EncodedText",
    "FixedRows",
    "InternalError",
    "LengthBuckets",
    "LimitError",
    "Loader",
    "MaskedLM",
    "PackPlan",
    "PackReport",
    "Packed",
    "PatternError",
    "Pipeline",
    "Ragged",
    "Responses",
    "Shard",
    "ShardSet",
    "SpecialTokenError",
    "StreamDecoder",
    "StreamEncoder",
    "TokenBudget",
    "TokenDataset",
    "Tokenizer",
    "Trimmed",
    "UnknownIdError",
    "VocabError",
    "WordEdges",
    "__version__",
    "batches",
    "characters",
    "convert",
    "expand_contractions",
    "expand_slang",
    "find_responses",
    "fix",
    "inspect_corpus",
    "inspect_diff",
    "inspect_lint",
    "inspect_text",
    "inspect_vocab",
    "learn_stopwords",
    "lemmatize",
    "lowercase",
    "normalize",
    "open_shards",
    "pack",
    "pad",
    "plan_packing",
    "prompt_lengths",
    "read_texts",
    "remove_digits",
    "remove_punctuation",
    "remove_stopwords",
    "rephrase",
    "replace_synonyms",
    "search_vocab",
    "split_characters",
    "split_words",
    "stem",
    "strip_accents",
    "strip_html",
    "strip_urls",
    "token_tree",
    "train_vocab",
    "train_vocab_from_files",
    "trim",
    "words",
    "write_ids",
    "write_shards",
]

_get, __dir__ = face(
    __name__,
    {
        "ArgumentError": "errors",
        "ArgumentTypeError": "errors",
        "Batch": "batching.batch",
        "BatchEncoder": "distributed.batches",
        "BatchPreprocessor": "distributed.batches",
        "BpeToolError": "errors",
        "BpeToolWarning": "errors",
        "Causal": "batching.objectives.causal",
        "Counts": "counts.counts",
        "DataError": "errors",
        "EncodedText": "incremental",
        "FixedRows": "batching.policies.fixed_rows",
        "InternalError": "errors",
        "LengthBuckets": "batching.policies.length_buckets",
        "LimitError": "errors",
        "Loader": "batching.loader",
        "MaskedLM": "batching.objectives.mlm",
        "PackPlan": "batching.policies.plan",
        "PackReport": "batching.policies.plan",
        "Packed": "batching.policies.packed",
        "PatternError": "errors",
        "Pipeline": "preprocess.pipeline",
        "Ragged": "ragged",
        "Responses": "batching.objectives.responses",
        "Shard": "shards.shard",
        "ShardSet": "shards.reader",
        "SpecialTokenError": "errors",
        "StreamDecoder": "incremental",
        "StreamEncoder": "incremental",
        "TokenBudget": "batching.policies.token_budget",
        "TokenDataset": "batching.sampling.dataset",
        "Tokenizer": "tokenizer",
        "Trimmed": "trimming",
        "UnknownIdError": "errors",
        "VocabError": "errors",
        "WordEdges": "batching.objectives.word_edges",
        "__version__": "_core",
        "batches": "batching.loader",
        "characters": "preprocess.steps.segment",
        "convert": "vocab.convert",
        "expand_contractions": "preprocess.steps.contractions",
        "expand_slang": "preprocess.steps.slang",
        "find_responses": "batching.objectives.responses",
        "fix": "preprocess.steps.fix",
        "inspect_corpus": "inspect.corpus.summary",
        "inspect_diff": "inspect.diff",
        "inspect_lint": "inspect.lint",
        "inspect_text": "inspect.text",
        "inspect_vocab": "inspect.vocab",
        "learn_stopwords": "preprocess.steps.learn_stopwords",
        "lemmatize": "preprocess.steps.lemma",
        "lowercase": "preprocess.steps.case",
        "normalize": "preprocess.steps.normalize",
        "open_shards": "shards.reader",
        "pack": "batching.packing",
        "pad": "batching.padding",
        "plan_packing": "batching.policies.plan",
        "prompt_lengths": "batching.objectives.prompts",
        "read_texts": "distributed.datasets",
        "remove_digits": "preprocess.steps.digits",
        "remove_punctuation": "preprocess.steps.punctuation",
        "remove_stopwords": "preprocess.steps.stopwords",
        "rephrase": "preprocess.steps.rephrase",
        "replace_synonyms": "preprocess.steps.synonyms",
        "search_vocab": "inspect.search",
        "split_characters": "preprocess.steps.segment",
        "split_words": "preprocess.steps.segment",
        "stem": "preprocess.steps.stem",
        "strip_accents": "preprocess.steps.strip",
        "strip_html": "preprocess.steps.strip",
        "strip_urls": "preprocess.steps.strip",
        "token_tree": "inspect.search",
        "train_vocab": "train",
        "train_vocab_from_files": "train",
        "trim": "trimming",
        "words": "preprocess.steps.segment",
        "write_ids": "distributed.datasets",
        "write_shards": "shards.writer",
    },
)


def __getattr__(name: str) -> object:
    """Import a name when it is first used."""
    if name == "errors":
        from importlib import import_module

        # Programs use `bpe_tool.errors.DataError` without importing the module.
        return import_module("bpe_tool.errors")
    return _get(name)
