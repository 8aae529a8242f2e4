"""Reports on vocabularies, and on how they tokenize text."""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool.inspect.corpus.summary import inspect_corpus
    from bpe_tool.inspect.diff import inspect_diff
    from bpe_tool.inspect.lint import inspect_lint
    from bpe_tool.inspect.search import search_vocab, token_tree
    from bpe_tool.inspect.text import inspect_text
    from bpe_tool.inspect.vocab import inspect_vocab

__all__ = [
    "inspect_corpus",
    "inspect_diff",
    "inspect_lint",
    "inspect_text",
    "inspect_vocab",
    "search_vocab",
    "token_tree",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "inspect_corpus": "corpus.summary",
        "inspect_diff": "diff",
        "inspect_lint": "lint",
        "inspect_text": "text",
        "inspect_vocab": "vocab",
        "search_vocab": "search",
        "token_tree": "search",
    },
)
