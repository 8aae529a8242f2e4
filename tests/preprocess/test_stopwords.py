import pickle
import random
import sys
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.errors import ArgumentError, LimitError
from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.step import Step
from bpe_tool.preprocess.steps.learn_stopwords import format_stopwords, learn_stopwords
from bpe_tool.preprocess.steps.stem import Stem
from bpe_tool.preprocess.steps.stopword_lists import (
    load_stopwords,
    stopword_lists,
)
from bpe_tool.preprocess.steps.stopwords import RemoveStopwords, remove_stopwords
from bpe_tool.preprocess.word_spans import fold

PIECES = [
    *"  ,.()-/@'’\n\t\r\xa0\ufdd0\0",
    "  ",
    "the",
    "The",
    "of",
    "not",
    "don't",
    "cat",
    "l'",
    "é",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=16).map("".join)

CASES = [
    ("The cat, and the dog.", "cat, dog."),
    ("(the cat)", "(cat)"),
    ("cat is on.", "cat."),
    ("The of the", ""),
    ("  the cat", "  cat"),
    ("a  cat   the  dog", "cat  dog"),
    ("cat\tthe\tdog", "cat\tdog"),
    ("the\nthe cat\n\nof", "\ncat\n\n"),
    ("the\r\ncat of\r\n", "\r\ncat\r\n"),
    ("cat\r the dog", "cat\r dog"),
    ("state-of-the-art and/or the.org", "state-of-the-art and/or the.org"),
    ("the_cat the9 THE", "the_cat the9"),
    ("not the cat, nor without it", "not cat, nor without"),
    ("\u202eשלום the עולם\u202c", "\u202eשלום עולם\u202c"),
    ("cat\0the dog", "cat\0dog"),
    ("👩‍👩‍👧 the 🎉", "👩‍👩‍👧 🎉"),
    ("\ud800 the \udfff", "\ud800 \udfff"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_removes_words_with_one_run_of_blanks(text, expected):
    assert remove_stopwords(text, lists=("english",)) == expected
    step = RemoveStopwords(lists=("english",))
    assert apply_edits(text, step.edits(text)) == expected


@given(TEXTS)
def test_apply_makes_the_edits_and_once_is_enough(text):
    for step in (RemoveStopwords(lists=("english", "fr")), RemoveStopwords(keep_negation=False)):
        done = step.apply(text)
        assert done == apply_edits(text, step.edits(text))
        assert [done] == step.apply_all([text])
        assert step.apply(done) == done
        assert not any(text[edit.start : edit.end] == edit.text for edit in step.edits(text))
        for c in "\n\r":
            assert done.count(c) == text.count(c)


@pytest.mark.parametrize("mark", APOSTROPHES)
def test_apostrophes_and_case_do_not_matter(mark):
    step = RemoveStopwords(lists=("english",))
    for text in ("it's late", "IT'S late", "They'Ve late"):
        assert step.apply(text.replace("'", mark)) == "late"
    kept = "don't CAN'T Won't".replace("'", mark)
    assert step.apply(kept) == kept
    assert RemoveStopwords(lists=("english",), keep_negation=False).apply(kept) == ""


def test_decomposed_pointed_and_turkish_letters_match():
    assert remove_stopwords(unicodedata.normalize("NFD", "für Öl"), lists=("german",)) == (
        unicodedata.normalize("NFD", "Öl")
    )
    assert remove_stopwords("مِنْ كتاب", lists=("arabic",)) == "كتاب"
    assert remove_stopwords("İÇİN ONLARI ev", lists=("turkish",)) == "ev"
    assert remove_stopwords("में घर", lists=("hi",)) == "घर"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The US and IT at the WHO, 9 AM", "english", "US IT WHO, 9 AM"),
        ("It is us who am it", "english", ""),
        ("Us and It", "english", ""),
        ("US", "english", "US"),
        ("US, EU", "english", "US, EU"),
        ("WHO SAID IT TO US?", "english", "SAID?"),
        ("IT'S US THAT SHOUT\nand the US here", "english", "SHOUT\nUS"),
        ("THE cat AND dog", "english", "cat dog"),
        ("die IM und im Haus", "german", "IM Haus"),
        ("l'AI, j'ai un PC et l'UN", "french", "AI, PC UN"),
        ("l'été et son avion", "french", "été avion"),
        ("el ES del Estado", "spanish", "ES Estado"),
        ("новое ПО по сети", "russian", "новое ПО сети"),
        ("å gå", "norwegian", "gå"),
    ],
)
def test_names_in_capitals_stay(text, language, expected):
    step = RemoveStopwords(lists=(language,))
    assert step.apply(text) == apply_edits(text, step.edits(text)) == expected
    assert step.apply(expected) == expected
    pipeline = Pipeline([step, RemoveStopwords(lists=(language,), keep=("zzz",))])
    assert pipeline.apply(text) == expected


def test_words_that_are_asked_for_go_in_capitals_too():
    assert remove_stopwords("a US cat", extra=("us",)) == "cat"
    assert remove_stopwords("a US cat", lists=("english",), keep=("us",)) == "US cat"


@given(st.lists(st.sampled_from(["US", "IT", "the", "THE", "WHO", "cat", "CAT", "\n", "l'"])))
def test_capitals_are_judged_the_same_in_every_way(words):
    text = " ".join(words)
    for step in (RemoveStopwords(lists=("english", "fr")), RemoveStopwords()):
        done = step.apply(text)
        assert done == apply_edits(text, step.edits(text))
        assert step.apply(done) == done
        assert Pipeline([step, step]).apply(text) == done


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("bengali", "আমি বই পড়ি এবং সে পড়ে না", "বই পড়ি পড়ে না"),
        ("basque", "etxea eta mendia dira baina ez dut ikusi", "etxea mendia ez ikusi"),
        ("chinese", "我 的 书 不 是 他们 的", "书 不"),
        ("kazakh", "бұл кітап және менің үйім емес", "кітап үйім емес"),
        ("nepali", "यो घर हो तर मेरो होइन", "घर होइन"),
        ("slovene", "knjiga je na mizi, ampak ni moja", "knjiga mizi, ni"),
        ("tajik", "ин китоб аст, аммо дар хона нест", "китоб, хона нест"),
        ("az", "bu kitab və mənim evim deyil", "kitab evim deyil"),
    ],
)
def test_sentences_of_more_languages(language, text, expected):
    text, expected = (unicodedata.normalize("NFC", each) for each in (text, expected))
    assert remove_stopwords(text, lists=(language,)) == expected
    assert len(load_stopwords(language).words) >= 80


def test_elided_words_go_alone():
    step = RemoveStopwords(lists=("french",))
    assert step.apply("L’homme qu'il n'est, jusqu'à l'eau") == "homme n'est, eau"
    assert step.edits("d’eau") == [Edit(0, 2, "", "french")]


def test_keep_and_extra():
    assert remove_stopwords("the cat not", keep=["THE"], extra=("Cat", "not")) == "the"
    assert remove_stopwords("cat", keep=("cat",), extra=("cat",)) == "cat"
    for option in ("keep", "extra"):
        for entry in ("two words", "", "a-b", "x9"):
            with pytest.raises(ArgumentError, match=option):
                RemoveStopwords(**{option: (entry,)})


def test_reports_which_list_removed_what():
    step = RemoveStopwords(lists=("english-small", "english"))
    assert step.removed_words("The cat again, the dog") == Counter(
        {("english-small", "the"): 2, ("english", "again"): 1}
    )


def test_there_are_lists_of_many_languages():
    assert {"english", "english-small"} <= set(stopword_lists())
    assert len(stopword_lists()) >= 17
    assert 50 <= len(load_stopwords("english-small").words) <= 65
    assert load_stopwords("english-small").words <= load_stopwords("english").words


@pytest.mark.parametrize("name", stopword_lists())
def test_lists_are_well_formed(name):
    lines = (files("bpe_tool.preprocess") / "lists" / f"{name}.txt").read_text("utf-8").split("\n")
    assert [line.partition(":")[0] for line in lines[:4]] == [
        f"# {field}" for field in ("name", "version", "language", "source")
    ]
    assert lines[0] == f"# name: {name}"
    entries = [line for line in lines if line and line[0] != "#"]
    assert entries.count("[negation]") == 1
    words = [entry for entry in entries if entry != "[negation]"]
    assert len({fold(word) for word in words}) == len(words) >= 60
    assert all(word == unicodedata.normalize("NFC", word).lower() for word in words)
    scripts = {unicodedata.name(c).split()[0] for word in words for c in word if c.isalpha()}
    assert len(scripts) == 1
    # Each class of words, begun by a comment, is in order.
    block: list[str] = []
    for line in [*lines, "#"]:
        if line.startswith("#"):
            assert block == sorted(block)
            block = []
        elif line and line != "[negation]":
            block.append(line)
    loaded = load_stopwords(name)
    assert loaded.version
    assert loaded.words == {fold(word) for word in words}


@pytest.mark.parametrize("name", stopword_lists())
def test_every_list_keeps_its_negation(name):
    loaded = load_stopwords(name)
    assert len(loaded.negation) >= 3
    text = " ".join(w + "x" if w.endswith("'") else w for w in sorted(loaded.negation))
    assert remove_stopwords(text, lists=(name,)) == text
    rest = remove_stopwords(text, lists=(name,), keep_negation=False)
    assert all(word.endswith("x") for word in rest.split())


@pytest.mark.parametrize(
    ("name", "negation"),
    [
        ("english", "not no nor never none without nobody nothing nowhere neither cannot isnt"),
        ("german", "nicht kein nie ohne"),
        ("french", "ne pas jamais sans"),
        ("spanish", "no nunca sin"),
        ("russian", "не нет никогда без"),
        ("arabic", "لا لم لن ليس"),
        ("hebrew", "לא אין בלי"),
        ("hindi", "नहीं मत बिना"),
        ("turkish", "değil yok hiç"),
        ("finnish", "ei en eivät"),
    ],
)
def test_negation_that_must_stay(name, negation):
    assert remove_stopwords(negation, lists=(name,)) == negation


def test_files_of_users(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeff# mine\r\nFoo # why\r\n\r\nqu’\nnot\n".encode())
    step = RemoveStopwords(lists=(str(path),))
    assert step.apply("foo bar qu'on not") == "bar on not"
    assert step.data_digests() == {str(path): load_stopwords(str(path)).digest()}
    path.write_text("foo\n[negation]\nnix\n")
    assert RemoveStopwords(lists=(str(path),)).apply("nix foo") == "nix"


@pytest.mark.parametrize("data", [b"one\ntwo words\n", b"one\n\xff\n", b"one\nx9\n", b"a\n'\n"])
def test_bad_files_are_refused_with_the_line(tmp_path, data):
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    with pytest.raises(ArgumentError, match=r"bad\.txt:2"):
        RemoveStopwords(lists=(str(path),))


def test_unknown_lists_are_refused():
    with pytest.raises(ArgumentError) as caught:
        RemoveStopwords(lists=("englsh",))
    assert "did you mean 'english'" in caught.value.hint
    with pytest.raises(FileNotFoundError):
        RemoveStopwords(lists=("./nothing.txt",))
    with pytest.raises(ArgumentError, match="one string"):
        RemoveStopwords(lists="english")


def test_digests_depend_on_words_alone(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("b\na\n")
    two.write_text("# x\nA\nb\nB\n")
    assert load_stopwords(str(one)).digest() == load_stopwords(str(two)).digest()
    two.write_text("a\n[negation]\nb\n")
    assert load_stopwords(str(one)).digest() != load_stopwords(str(two)).digest()
    assert list(RemoveStopwords(lists=("en",)).data_digests()) == ["english@1"]


class Unpunctuated(Step):
    name = "unpunctuated"

    def edits(self, text):
        return [
            Edit(i, i + 1, "", "mark") for i, c in enumerate(text) if not (c.isalnum() or c == " ")
        ]


def test_words_that_steps_before_make_unreachable():
    step = RemoveStopwords(lists=("english", "french"))
    found = step.unreachable([Unpunctuated()])
    assert found["it's"] == found["l'"] == "unpunctuated"
    assert "the" not in found
    assert "don't" not in found  # it is kept anyway
    assert step.unreachable([]) == {}
    assert step.unreachable([Unpunctuated(), Stem()])["because"] == "stem"


def test_steps_can_be_pickled_and_compared():
    step = RemoveStopwords(extra=("cat",))
    assert step.apply("the cat dog") == "dog"
    again = pickle.loads(pickle.dumps(step))
    assert again == step
    assert again.apply("the cat dog") == "dog"
    assert len(pickle.dumps(step)) < 500


@pytest.mark.parametrize(
    "unit", ["a", " ", "the ", "the", "the, ", "'", "a'", "a-", ", ", "的", "\t"]
)
def test_long_lines(unit):
    text = unit * (200_000 // len(unit))
    step = RemoveStopwords()
    assert step.apply(text) == apply_edits(text, step.edits(text))


def test_learned_lists_equal_a_recount():
    random.seed(3)
    words = [f"{a}{b}" for a in "abcdefg" for b in "xyzé"]
    texts = [
        " ".join(random.choices(words, range(1, len(words) + 1), k=random.randint(1, 40)))
        for _ in range(200)
    ]
    documents = Counter(word for text in texts for word in set(text.split()))
    for share in (0, 0.1, 0.35, 0.5, 0.9):
        learned = learn_stopwords(iter(texts), max_document_frequency=share)
        assert {each.word: each.documents for each in learned} == {
            word: count for word, count in documents.items() if count > share * 200
        }
        assert all(each.frequency == each.documents / 200 for each in learned)
        assert learned == sorted(learned, key=lambda each: (-each.documents, each.word))


def test_the_share_is_taken_exactly():
    texts = ["It’s a"] * 7 + ["IT'S"] * 0 + ["b"] * 3
    assert learn_stopwords(texts, max_document_frequency=0.7) == []
    assert [each.word for each in learn_stopwords(texts, max_document_frequency=0.69)] == [
        "a",
        "it's",
    ]
    assert learn_stopwords([]) == []


def test_learning_forgets_rare_words_and_stays_exact():
    texts = [f"the {''.join(chr(97 + int(d)) for d in str(n))}" for n in range(3000)]
    assert learn_stopwords(texts, max_words=50) == learn_stopwords(texts)
    late = [chr(97 + n // 26) + chr(97 + n % 26) + "q" for n in range(400)] + ["late"] * 1200
    with pytest.raises(LimitError, match="no longer certain"):
        learn_stopwords(late, max_words=20)


def test_learned_lists_can_be_used(tmp_path):
    path = tmp_path / "learned.txt"
    path.write_text(format_stopwords(learn_stopwords(["the cat", "the dog", "not the"])))
    assert RemoveStopwords(lists=(str(path),)).apply("the cat") == "cat"


def test_learning_refuses_bad_arguments():
    for options in (
        {"max_document_frequency": 1},
        {"max_document_frequency": -1},
        {"max_words": 0},
    ):
        with pytest.raises(ArgumentError):
            learn_stopwords([], **options)
    with pytest.raises(ArgumentError, match="`texts` is one"):
        learn_stopwords("text")


def test_no_optional_library_is_needed(monkeypatch):
    for module in ("Stemmer", "snowballstemmer", "simplemma"):
        monkeypatch.setitem(sys.modules, module, None)
    assert remove_stopwords("the cat") == "cat"
