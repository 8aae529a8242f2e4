"""Presets, and warnings about orders that go wrong: each warning has an order that causes it."""

import pytest

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.order_warnings import RULES
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.presets import PRESETS
from bpe_tool.preprocess.registry import STEPS


def pipeline(*steps: object) -> Pipeline:
    values = [step if isinstance(step, dict) else {"step": step} for step in steps]
    return Pipeline.from_spec({"version": 1, "steps": values})


def test_presets_have_no_warnings():
    for name in PRESETS:
        assert Pipeline.from_preset(name).warnings() == []
    with pytest.raises(ArgumentError, match="no preset 'clasic'") as raised:
        Pipeline.from_preset("clasic")
    assert raised.value.hint == "did you mean classic?"


def test_presets_do_what_they_say():
    text = "The  caf\u00e9s\u2019 3 lamps WEREN\u2019T lit!"
    assert Pipeline.from_preset("classic").apply(text) == "caf\u00e9 lamp not lit"
    assert Pipeline.from_preset("bert").apply(text) == "the cafes\u2019 3 lamps weren\u2019t lit!"
    every = "".join(map(chr, range(0xD800))) + " \U0001f600 \u0301e"
    kept = Pipeline.from_preset("lm").apply(every)
    lost = set(every) - set(kept)
    assert lost <= set("\r\x85\u2028\u2029\x0b\x0c")
    assert "".join(char for char in every if char in kept and char != "\n") == kept.replace(
        "\n", ""
    )


def test_the_order_of_flags_has_no_warnings():
    names = [
        name for name in STEPS if name not in ("replace_synonyms", "lemmatize", "expand_slang")
    ]
    assert pipeline(*names).warnings() == []


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (["lowercase", "fix"], "can no longer be told to be broken"),
        (["remove_punctuation", "strip_html"], "look like words"),
        (["remove_punctuation", "strip_urls"], "look like words"),
        (["remove_punctuation", "expand_contractions"], "without apostrophes"),
        (["remove_punctuation", "rephrase"], "ends of sentences"),
        (["remove_digits", "strip_urls"], "addresses lose"),
        (["lowercase", "strip_html"], "entities depend on case"),
        (["lowercase", "expand_contractions"], "names are taken for words"),
        (["lowercase", "rephrase"], "names are taken for words"),
        (["lowercase", {"step": "normalize", "form": "NFKC"}], "new capitals"),
        (["strip_accents", {"step": "stem", "language": "french"}], "with their accents"),
        (["remove_stopwords", "expand_contractions"], "have lost words"),
        (["stem", "lemmatize"], "stems are no words"),
        (["stem", "rephrase"], "stems are no words"),
        (["lemmatize", "expand_contractions"], "tense and number are lost"),
        (["lemmatize", "stem"], "one of the two is enough"),
        (["split_words", "lowercase"], "spaces where other steps expect none"),
        (["split_characters", "split_words"], "single characters are words"),
        (["lowercase", "lowercase"], "once is enough"),
        (["remove_punctuation", {"step": "remove_stopwords", "lists": ["english"]}], "leaves none"),
        (["strip_accents", {"step": "remove_stopwords", "lists": ["french"]}], "leaves none"),
        (["stem", {"step": "remove_stopwords", "lists": ["english"]}], "leaves none"),
    ],
)
def test_orders_that_go_wrong(steps, reason):
    found = pipeline(*steps).warnings()
    assert [warning for warning in found if reason in warning]
    assert all(warning.startswith("step ") for warning in found)


@pytest.mark.parametrize(
    "steps",
    [
        ["lowercase", {"step": "normalize", "form": "NFC"}],
        ["strip_accents", "stem"],
        [
            "expand_contractions",
            "remove_punctuation",
            {"step": "remove_stopwords", "lists": ["english"]},
        ],
        ["strip_accents", "remove_stopwords"],
        ["fix", "lowercase"],
    ],
)
def test_orders_that_are_fine(steps):
    assert pipeline(*steps).warnings() == []


def test_rules_are_about_known_steps():
    for rule in RULES:
        assert rule.first | rule.then <= STEPS.keys()
