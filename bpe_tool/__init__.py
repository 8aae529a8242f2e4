"""Learn byte-level BPE vocabularies, encode text with them and decode it again.

>>> import bpe_tool
>>> tokenizer = bpe_tool.train_vocab(["a rose is a rose is a rose"], vocab_size=270)
>>> tokenizer.decode(tokenizer.encode("is a rose")) == "is a rose"
True
"""

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

__all__ = [
    "ArgumentError",
    "BpeToolError",
    "BpeToolWarning",
    "DataError",
    "InternalError",
    "LimitError",
    "PatternError",
    "Ragged",
    "SpecialTokenError",
    "StreamDecoder",
    "StreamEncoder",
    "Tokenizer",
    "UnknownIdError",
    "VocabError",
    "__version__",
    "train_vocab",
    "train_vocab_from_files",
]
