"""Synonyms from a WordNet: one of our own, of a few words."""

from pathlib import Path

import pytest

from bpe_tool.errors import ArgumentError

wn = pytest.importorskip("wn", reason="needs the package wn")

from bpe_tool.preprocess.steps import synonyms  # noqa: E402
from bpe_tool.preprocess.steps.synonyms import ReplaceSynonyms  # noqa: E402

# By part of speech: sets of synonyms.
GROUPS = {
    "a": ["enormous gigantic"],
    "n": ["sofa couch", "orchard"],
    "v": ["purchase buy", "ponder muse"],
}


@pytest.fixture
def lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(wn.config, "data_directory", tmp_path / "data")
    synonyms._wordnet.cache_clear()
    synonyms._synonyms.cache_clear()
    entries, synsets = "", ""
    for part, groups in GROUPS.items():
        for number, group in enumerate(groups):
            synset = f"tiny-{part}{number}"
            synsets += f'<Synset id="{synset}" ili="" partOfSpeech="{part}"/>'
            for word in group.split():
                entries += (
                    f'<LexicalEntry id="tiny-{word}-{part}"><Lemma writtenForm="{word}" '
                    f'partOfSpeech="{part}"/><Sense id="{word}-s" synset="{synset}"/>'
                    "</LexicalEntry>"
                )
    path = tmp_path / "tiny.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE LexicalResource SYSTEM '
        '"http://globalwordnet.github.io/schemas/WN-LMF-1.0.dtd">\n<LexicalResource '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><Lexicon id="tiny" label="Tiny" '
        'language="en" email="a@example.org" license="MIT" version="1">'
        f"{entries}{synsets}</Lexicon></LexicalResource>"
    )
    return path


def test_words(lexicon: Path):
    with pytest.raises(ArgumentError, match="no English lexicon"):
        ReplaceSynonyms()
    wn.add(lexicon, progress_handler=None)
    step = ReplaceSynonyms()
    text = "Sofas stood. An enormous sofa was purchased, we pondered. The orchard is not two."
    assert step.apply(text) == (
        "Couches stood. A gigantic couch was bought, we mused. The orchard is not two."
    )
    assert step.apply('"sofa" `sofa` the Sofa') == '"sofa" `sofa` the Sofa'
    assert step.edits("a sofa")[0].rule == "wordnet:sofa/n"
    assert ReplaceSynonyms(fraction=0).edits(text) == []
    assert step.data_digests() == {"wordnet": "tiny:1"}
    with pytest.raises(ArgumentError, match="no lexicon 'other:1'"):
        ReplaceSynonyms(lexicon="other:1")
