"""Pipelines that come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpe_tool.checks import string
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.registry import suggestion

#: The steps of each, with the options that differ from their defaults.
#:
#: - `lm`, for language models, loses nothing that a reader would miss. It ends lines with `\n`
#:   and leaves every other character alone. It does not even apply NFC: that maps different
#:   texts to the same one, and a model trained on them could never write the others.
#: - `classic`, for counting words, has the steps that textbooks list, in an order that works.
#: - `bert` changes characters as BERT's uncased models do: white space, invisible characters,
#:   case, accents. Splitting off punctuation is left to the tokenizer.
PRESETS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "lm": (
        {
            "step": "normalize",
            "form": "none",
            "whitespace": "keep",
            "zero_width": False,
            "line_ends": True,
        },
    ),
    "classic": (
        {"step": "normalize"},
        {"step": "expand_contractions"},
        {"step": "lowercase"},
        {"step": "remove_digits"},
        {"step": "remove_punctuation"},
        {"step": "remove_stopwords"},
        {"step": "stem"},
    ),
    "bert": (
        {"step": "normalize", "form": "none", "whitespace": "collapse"},
        {"step": "lowercase"},
        {"step": "strip_accents"},
    ),
}


def preset(name: str) -> dict[str, Any]:
    """Return a preset as a pipeline file has it.

    Raises:
        ArgumentError: There is no such preset.
    """
    if string("name", name) not in PRESETS:
        raise ArgumentError(f"there is no preset {name!r}", hint=suggestion(name, PRESETS))
    return {"version": 1, "steps": list(PRESETS[name])}
