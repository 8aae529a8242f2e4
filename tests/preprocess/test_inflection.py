"""Forms of English words."""

import pytest

from bpe_tool.preprocess.english.inflection import article, lemmas, plural, verb_forms


@pytest.mark.parametrize(
    "forms",
    [
        "use uses used used using",
        "try tries tried tried trying",
        "play plays played played playing",
        "stop stops stopped stopped stopping",
        "visit visits visited visited visiting",
        "refer refers referred referred referring",
        "commit commits committed committed committing",
        "fix fixes fixed fixed fixing",
        "show shows showed shown showing",
        "die dies died died dying",
        "agree agrees agreed agreed agreeing",
        "reach reaches reached reached reaching",
        "pass passes passed passed passing",
        "equip equips equipped equipped equipping",
        "quit quits quit quit quitting",
        "have has had had having",
        "do does did done doing",
        "go goes went gone going",
        "take takes took taken taking",
        "come comes came come coming",
        "choose chooses chose chosen choosing",
        "pay pays paid paid paying",
        "understand understands understood understood understanding",
        "freeze freezes froze frozen freezing",
        # The first of several forms in the table is written.
        "burn burns burned burned burning",
        "bear bears bore borne bearing",
        "knit knits knitted knitted knitting",
    ],
)
def test_verbs(forms: str):
    assert list(verb_forms(forms.split()[0])) == forms.split()


@pytest.mark.parametrize(
    ("singular", "several"),
    [
        ("method", "methods"),
        ("class", "classes"),
        ("box", "boxes"),
        ("church", "churches"),
        ("city", "cities"),
        ("day", "days"),
        ("photo", "photos"),
        ("potato", "potatoes"),
        ("leaf", "leaves"),
        ("roof", "roofs"),
        ("analysis", "analyses"),
        ("child", "children"),
        ("person", "people"),
        ("series", "series"),
    ],
)
def test_plurals(singular: str, several: str):
    assert plural(singular) == several
    assert (singular, "n", "plural") in lemmas(several)


def test_articles():
    for word in [
        "apple",
        "extra",
        "hour",
        "honest",
        "heir",
        "umbrella",
        "onerous",
        "uninteresting",
        "unimportant",
        "usher",
    ]:
        assert article(word) == "an", word
    for word in [
        "wrong",
        "use",
        "user",
        "unit",
        "university",
        "one",
        "european",
        "useful",
        "house",
        "utility",
        "unanimous",
    ]:
        assert article(word) == "a", word


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("stopped", ("stop", "v", "participle")),
        ("running", ("run", "v", "ing")),
        ("dying", ("die", "v", "ing")),
        ("went", ("go", "v", "past")),
        ("has", ("have", "v", "third")),
        ("making", ("make", "v", "ing")),
        ("carried", ("carry", "v", "past")),
        ("boxes", ("box", "n", "plural")),
        ("cities", ("city", "n", "plural")),
        ("word", ("word", "n", "singular")),
    ],
)
def test_lemmas(word: str, reading: tuple[str, str, str]):
    assert reading in lemmas(word)


def test_lemmas_inflect_to_the_word_again():
    for word in ("axes", "leaves", "sees", "bed", "bring", "s", "ed", "ies", "ing", ""):
        for lemma, part, form in lemmas(word):
            if part == "v":
                assert getattr(verb_forms(lemma), form) == word
            else:
                assert word == (lemma if form == "singular" else plural(lemma))
