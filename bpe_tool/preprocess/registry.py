"""The steps that there are. Each is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.step import Step

#: The module and the class of each step, in the order in which they work best together.
STEPS: Mapping[str, tuple[str, str]] = {
    "fix": ("fix", "Fix"),
    "strip_html": ("strip", "StripHtml"),
    "normalize": ("normalize", "Normalize"),
    "strip_urls": ("strip", "StripUrls"),
    "expand_contractions": ("contractions", "ExpandContractions"),
    "expand_slang": ("slang", "ExpandSlang"),
    "rephrase": ("rephrase", "Rephrase"),
    "replace_synonyms": ("synonyms", "ReplaceSynonyms"),
    "lowercase": ("case", "Lowercase"),
    "strip_accents": ("strip", "StripAccents"),
    "remove_digits": ("digits", "RemoveDigits"),
    "remove_punctuation": ("punctuation", "RemovePunctuation"),
    "remove_stopwords": ("stopwords", "RemoveStopwords"),
    "lemmatize": ("lemma", "Lemmatize"),
    "stem": ("stem", "Stem"),
    "split_words": ("segment", "SplitWords"),
    "split_characters": ("segment", "SplitCharacters"),
}

#: The options of each step whose values are names or paths of files. A value with a dot or a
#: slash is a path; in a pipeline file, it is relative to the directory of that file.
PATHS: Mapping[str, frozenset[str]] = {
    "remove_stopwords": frozenset({"lists"}),
    "rephrase": frozenset({"tables"}),
}


def step_class(name: str) -> type[Step]:
    """Import a step.

    Raises:
        ArgumentError: There is no such step.
    """
    if name not in STEPS:
        raise ArgumentError(f"there is no step {name!r}", hint=suggestion(name, STEPS))
    module, class_name = STEPS[name]
    found: type[Step] = getattr(import_module(f"bpe_tool.preprocess.steps.{module}"), class_name)
    assert issubclass(found, Step)
    assert found.name == name
    return found


def suggestion(name: str, known: Mapping[str, object]) -> str:
    """Return a hint for an unknown name: the known one that it resembles, or all of them."""
    close = get_close_matches(name.replace("-", "_"), known, 1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known) or 'none'}"
