"""Every parameter of `bpe_tool.preprocess`."""

import numpy as np
from arguments import (
    HUGE,
    LENGTH,
    NO_NUMBERS,
    NO_TEXT,
    NOTHING,
    PATH,
    PLAIN_FLAG,
    SHARE,
    STR,
    ArgumentTests,
    Call,
    Kind,
    choice,
    maybe,
    several,
)

import bpe_tool
from bpe_tool import preprocess
from bpe_tool.preprocess.special_tokens import SpecialTokens
from bpe_tool.preprocess.steps.case import Lowercase

EXTRAS = {"lemmatize": "simplemma", "fix": "ftfy"}


CALLS = {
    "Pipeline": Call(
        bpe_tool.Pipeline, {}, {"steps": several(Kind([*NO_TEXT, Lowercase], [Lowercase()]))}
    ),
    "Pipeline.load": Call(bpe_tool.Pipeline.load, {}, {"path": PATH}),
    "Pipeline.from_preset": Call(
        bpe_tool.Pipeline.from_preset, {}, {"name": choice("lm", "bert")._replace(right=["bert"])}
    ),
    "Pipeline.from_spec": Call(
        bpe_tool.Pipeline.from_spec, {},
        {"value": Kind([*NOTHING, 3, "x", [], {}, {"version": 1, "steps": 3},
                        {"version": 1, "steps": [3]}, {"version": HUGE, "steps": []}], [])},
    ),
    "Pipeline.save": Call(bpe_tool.Pipeline().save, {}, {"path": PATH}),
    "Pipeline.record": Call(bpe_tool.Pipeline().record, {}, {"folder": PATH}),
    "Pipeline.keeping": Call(
        bpe_tool.Pipeline().keeping, {},
        {"special_tokens": several(STR._replace(
            wrong=[*STR.wrong, ""], right=[each for each in STR.right if each]))},
    ),
    "Pipeline.around": Call(
        bpe_tool.Pipeline().around, {},
        {"special_tokens": Kind([*NO_TEXT, "a", ["a"]], [SpecialTokens(("a",))])},
    ),
    "Pipeline.parts_of_all": Call(
        bpe_tool.Pipeline().parts_of_all, {}, {"texts": several(STR)}
    ),
    "Pipeline.apply": Call(bpe_tool.Pipeline().apply, {}, {"text": STR}),
    "Pipeline.traced": Call(bpe_tool.Pipeline().traced, {}, {"text": STR}),
    "Pipeline.apply_all": Call(bpe_tool.Pipeline().apply_all, {}, {"texts": several(STR)}),
    "Pipeline.unfinished": Call(bpe_tool.Pipeline().unfinished, {}, {"text": STR}),
    "Pipeline.explain": Call(bpe_tool.Pipeline().explain, {}, {"text": STR}),
    "characters": Call(bpe_tool.characters, {}, {"text": STR}),
    "expand_contractions": Call(
        bpe_tool.expand_contractions, {"text": "a"},
        {"text": STR, "ambiguous": choice("likely", "keep"), "inversion": choice("literal"),
         "missing_apostrophes": PLAIN_FLAG},
    ),
    "expand_slang": Call(bpe_tool.expand_slang, {}, {"text": STR}),
    "fix": Call(bpe_tool.fix, {}, {"text": Kind(STR.wrong, ["a"])}),
    "learn_stopwords": Call(
        bpe_tool.learn_stopwords, {"texts": ["a"]},
        {"texts": several(STR), "max_words": LENGTH,
         "max_document_frequency": Kind([*SHARE.wrong, 1], [0, 0.5, np.float32(0.5)])},
    ),
    "lemmatize": Call(
        bpe_tool.lemmatize, {"text": "a"},
        {"text": Kind(STR.wrong, ["a"]), "language": choice("en"),
         "keep": several(Kind([*NO_TEXT, b"a"], ["a"]))},
    ),
    "lowercase": Call(
        bpe_tool.lowercase, {"text": "a"},
        {"text": STR, "fold": PLAIN_FLAG, "turkish": PLAIN_FLAG, "keep_acronyms": PLAIN_FLAG},
    ),
    "normalize": Call(
        bpe_tool.normalize, {"text": "a"},
        {"text": STR, "form": choice("NFC", "none"), "whitespace": choice("keep", "join"),
         **dict.fromkeys(("zero_width", "line_ends", "quotes", "dashes"), PLAIN_FLAG)},
    ),
    "remove_digits": Call(
        bpe_tool.remove_digits, {"text": "a1"},
        {"text": STR, "action": choice("remove", "mask"), "words": choice("same"),
         "which": choice("nd")},
    ),
    "remove_punctuation": Call(
        bpe_tool.remove_punctuation, {"text": "a."},
        {"text": STR, "which": choice("ascii", "all"),
         "keep": Kind([*NO_TEXT, b"."], ["", "."]),
         **dict.fromkeys(("keep_apostrophes", "keep_hyphens", "keep_decimals"), PLAIN_FLAG)},
    ),
    "remove_stopwords": Call(
        bpe_tool.remove_stopwords, {"text": "a"},
        {"text": STR, "lists": Kind([None, 3, [3], b"a", "no such list", [None]], [["english"]]),
         "keep_negation": PLAIN_FLAG,
         "keep": several(Kind([*NO_TEXT, b"a", "two words"], ["a"])),
         "extra": several(Kind([*NO_TEXT, b"a", ""], ["a"]))},
    ),
    "rephrase": Call(
        bpe_tool.rephrase, {"text": "a"},
        {"text": STR, "fraction": SHARE, "seed": Kind(NO_NUMBERS, [-1, 2**70, np.int64(3)]),
         "tables": Kind([None, 3, "plain-english", [], [3], ["no-such"], [None]],
                        [["plain-english"], ("plain-english",)])},
    ),
    "replace_synonyms": Call(
        bpe_tool.replace_synonyms, {"text": "a"},
        {"text": Kind(STR.wrong, []), "fraction": Kind(SHARE.wrong, []),
         "seed": Kind(NO_NUMBERS, []), "lexicon": Kind([*NO_TEXT, b"a"], [])},
    ),
    "split_characters": Call(
        bpe_tool.split_characters, {"text": "a"},
        {"text": STR, "space": Kind([*NO_TEXT, b"a"], ["_"])},
    ),
    "split_words": Call(
        bpe_tool.split_words, {"text": "a"}, {"text": STR, "drop_punctuation": PLAIN_FLAG}
    ),
    "stem": Call(
        bpe_tool.stem, {"text": "a"},
        {"text": Kind(STR.wrong, ["a"]), "language": choice("english"),
         "keep": several(Kind([*NO_TEXT, b"a"], ["a"]))},
    ),
    "strip_accents": Call(
        bpe_tool.strip_accents, {"text": "a"}, {"text": STR, "letters": PLAIN_FLAG}
    ),
    "strip_html": Call(bpe_tool.strip_html, {"text": "a"}, {"text": STR, "entities": PLAIN_FLAG}),
    "strip_urls": Call(
        bpe_tool.strip_urls, {"text": "a"},
        {"text": STR, "replacement": Kind([*NO_TEXT, b"a"], ["x"]), "emails": PLAIN_FLAG,
         "email_replacement": maybe(Kind([*NO_TEXT, b"a"], [])), "domains": PLAIN_FLAG},
    ),
    "words": Call(bpe_tool.words, {"text": "a"}, {"text": STR, "drop_punctuation": PLAIN_FLAG}),
}  # fmt: skip


class TestArguments(ArgumentTests):
    names, calls = preprocess.__all__, CALLS
    extras = EXTRAS
