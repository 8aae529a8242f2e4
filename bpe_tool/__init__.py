"""Learn byte-level BPE vocabularies, encode text with them and decode it again.

Before that, prepare text; after it, make batches for training of the ids.

>>> import bpe_tool
>>> tokenizer = bpe_tool.train_vocab(["a rose is a rose is a rose"], vocab_size=270)
>>> tokenizer.decode(tokenizer.encode("is a rose")) == "is a rose"
True
>>> bpe_tool.expand_contractions("Isn't it a rose?")
'Is not it a rose?'
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool._core import __version__
    from bpe_tool.batching.batch import Batch
    from bpe_tool.batching.causal import Causal
    from bpe_tool.batching.dataset import TokenDataset
    from bpe_tool.batching.loader import Loader, batches
    from bpe_tool.batching.mlm import MaskedLM
    from bpe_tool.batching.pack import pack
    from bpe_tool.batching.pack_plan import PackPlan, PackReport, plan_packing
    from bpe_tool.batching.packed import Packed
    from bpe_tool.batching.pad import pad
    from bpe_tool.batching.policy import FixedRows, LengthBuckets, TokenBudget
    from bpe_tool.batching.prompts import prompt_lengths
    from bpe_tool.batching.responses import Responses, find_responses
    from bpe_tool.batching.words import WordEdges
    from bpe_tool.conversion import convert
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
    from bpe_tool.inspect.corpus import inspect_corpus
    from bpe_tool.inspect.diff import inspect_diff
    from bpe_tool.inspect.lint import inspect_lint
    from bpe_tool.inspect.search import search_vocab, token_tree
    from bpe_tool.inspect.text import inspect_text
    from bpe_tool.inspect.vocab import inspect_vocab
    from bpe_tool.preprocess.case import lowercase
    from bpe_tool.preprocess.contractions import expand_contractions
    from bpe_tool.preprocess.digits import remove_digits
    from bpe_tool.preprocess.fix import fix
    from bpe_tool.preprocess.learn_stopwords import learn_stopwords
    from bpe_tool.preprocess.lemma import lemmatize
    from bpe_tool.preprocess.normalize import normalize
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.preprocess.punctuation import remove_punctuation
    from bpe_tool.preprocess.rephrase import rephrase
    from bpe_tool.preprocess.segment import characters, split_characters, split_words, words
    from bpe_tool.preprocess.slang import expand_slang
    from bpe_tool.preprocess.stem import stem
    from bpe_tool.preprocess.stopwords import remove_stopwords
    from bpe_tool.preprocess.strip import strip_accents, strip_html, strip_urls
    from bpe_tool.preprocess.synonyms import replace_synonyms
    from bpe_tool.ragged import Ragged
    from bpe_tool.shards.reader import Shard, ShardSet, open_shards
    from bpe_tool.shards.write import write_shards
    from bpe_tool.tokenizer import StreamDecoder, StreamEncoder, Tokenizer
    from bpe_tool.train import train_vocab, train_vocab_from_files

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "Batch",
    "BpeToolError",
    "BpeToolWarning",
    "Causal",
    "DataError",
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
    "words",
    "write_shards",
]

# Where names come from. They are imported when they are first used: some modules are heavy, and
# the command line has to watch for signals before it loads anything (see `bpe_tool.cleanup`).
_LAZY = {
    "ArgumentError": "errors",
    "ArgumentTypeError": "errors",
    "Batch": "batching.batch",
    "BpeToolError": "errors",
    "BpeToolWarning": "errors",
    "Causal": "batching.causal",
    "DataError": "errors",
    "FixedRows": "batching.policy",
    "InternalError": "errors",
    "LengthBuckets": "batching.policy",
    "LimitError": "errors",
    "Loader": "batching.loader",
    "MaskedLM": "batching.mlm",
    "PackPlan": "batching.pack_plan",
    "PackReport": "batching.pack_plan",
    "Packed": "batching.packed",
    "PatternError": "errors",
    "Pipeline": "preprocess.pipeline",
    "Ragged": "ragged",
    "Responses": "batching.responses",
    "Shard": "shards.reader",
    "ShardSet": "shards.reader",
    "SpecialTokenError": "errors",
    "StreamDecoder": "tokenizer",
    "StreamEncoder": "tokenizer",
    "TokenBudget": "batching.policy",
    "TokenDataset": "batching.dataset",
    "Tokenizer": "tokenizer",
    "UnknownIdError": "errors",
    "VocabError": "errors",
    "WordEdges": "batching.words",
    "__version__": "_core",
    "batches": "batching.loader",
    "characters": "preprocess.segment",
    "convert": "conversion",
    "expand_contractions": "preprocess.contractions",
    "expand_slang": "preprocess.slang",
    "find_responses": "batching.responses",
    "fix": "preprocess.fix",
    "inspect_corpus": "inspect.corpus",
    "inspect_diff": "inspect.diff",
    "inspect_lint": "inspect.lint",
    "inspect_text": "inspect.text",
    "inspect_vocab": "inspect.vocab",
    "learn_stopwords": "preprocess.learn_stopwords",
    "lemmatize": "preprocess.lemma",
    "lowercase": "preprocess.case",
    "normalize": "preprocess.normalize",
    "open_shards": "shards.reader",
    "pack": "batching.pack",
    "pad": "batching.pad",
    "plan_packing": "batching.pack_plan",
    "prompt_lengths": "batching.prompts",
    "remove_digits": "preprocess.digits",
    "remove_punctuation": "preprocess.punctuation",
    "remove_stopwords": "preprocess.stopwords",
    "rephrase": "preprocess.rephrase",
    "replace_synonyms": "preprocess.synonyms",
    "search_vocab": "inspect.search",
    "split_characters": "preprocess.segment",
    "split_words": "preprocess.segment",
    "stem": "preprocess.stem",
    "strip_accents": "preprocess.strip",
    "strip_html": "preprocess.strip",
    "strip_urls": "preprocess.strip",
    "token_tree": "inspect.search",
    "train_vocab": "train",
    "train_vocab_from_files": "train",
    "words": "preprocess.segment",
    "write_shards": "shards.write",
}


def __getattr__(name: str) -> object:
    """Import a name of the table above."""
    if name == "errors":
        from importlib import import_module

        # Programs catch `bpe_tool.errors.DataError` and its like without an import of their own.
        return import_module("bpe_tool.errors")
    if name not in _LAZY:
        raise AttributeError(f"module 'bpe_tool' has no attribute {name!r}", name=name)
    from importlib import import_module

    globals()[name] = found = getattr(import_module(f"bpe_tool.{_LAZY[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
