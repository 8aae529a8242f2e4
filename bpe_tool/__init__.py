"""Learn byte-level BPE vocabularies, encode text with them and decode it again; prepare text.

>>> import bpe_tool
>>> tokenizer = bpe_tool.train_vocab(["a rose is a rose is a rose"], vocab_size=270)
>>> tokenizer.decode(tokenizer.encode("is a rose")) == "is a rose"
True
>>> bpe_tool.expand_contractions("Isn't it a rose?")
'Is not it a rose?'
"""

from typing import TYPE_CHECKING

from bpe_tool._core import __version__
from bpe_tool.errors import (
    ArgumentError,
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
from bpe_tool.ragged import Ragged
from bpe_tool.tokenizer import StreamDecoder, StreamEncoder, Tokenizer
from bpe_tool.train import train_vocab, train_vocab_from_files

if TYPE_CHECKING:
    from bpe_tool.conversion import convert
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

__all__ = [
    "ArgumentError",
    "BpeToolError",
    "BpeToolWarning",
    "DataError",
    "InternalError",
    "LimitError",
    "PatternError",
    "Pipeline",
    "Ragged",
    "SpecialTokenError",
    "StreamDecoder",
    "StreamEncoder",
    "Tokenizer",
    "UnknownIdError",
    "VocabError",
    "__version__",
    "characters",
    "convert",
    "expand_contractions",
    "expand_slang",
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
]

#: Where names are defined that are imported when they are first used.
_MODULES = {
    "convert": "bpe_tool.conversion",
    "inspect_corpus": "bpe_tool.inspect.corpus",
    "inspect_diff": "bpe_tool.inspect.diff",
    "inspect_lint": "bpe_tool.inspect.lint",
    "inspect_text": "bpe_tool.inspect.text",
    "inspect_vocab": "bpe_tool.inspect.vocab",
    "search_vocab": "bpe_tool.inspect.search",
    "token_tree": "bpe_tool.inspect.search",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: some of them are heavy."""
    if name in _MODULES:
        from importlib import import_module

        globals()[name] = named = getattr(import_module(_MODULES[name]), name)
        return named
    from bpe_tool.preprocess.registry import exported

    globals()[name] = found = exported(name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
