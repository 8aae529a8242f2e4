"""Counting sources names the one that cannot be encoded, once."""

from pathlib import Path

import pytest

from bpe_tool import train_vocab
from bpe_tool.errors import DataError, SpecialTokenError
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.template import Template
from bpe_tool.streams.count import count
from bpe_tool.streams.encode import Encoding

END = "</s>"


def counted(path: Path, unit: Unit) -> list[int]:
    core = train_vocab(["a text"], vocab_size=257, special_tokens=[END])._core
    encoding = Encoding(
        tokenizer=core,
        unit=unit,
        template=Template(),
        special="error",
        max_pretoken_bytes=1000,
        threads=1,
    )
    return [each.tokens[0] for each in count(expand([str(path)], Selection()), [encoding])]


def test_an_error_names_the_source_even_if_its_name_is_a_letter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "s", END[2]):
        Path(name).write_text(f"some text {END} and more")
        with pytest.raises(SpecialTokenError) as raised:
            counted(Path(name), Unit())
        assert str(raised.value).startswith(f"{name}: ")


def test_an_error_of_reading_names_it_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a").write_text('{"text": "x"}\n{"text": 1}\n')
    with pytest.raises(DataError) as raised:
        counted(Path("a"), Unit.ndjson("text"))
    assert str(raised.value).startswith("a: line 2: ")
    Path("a").write_text('{"text": "x"}\n{"text": "yz"}\n')
    assert counted(Path("a"), Unit.ndjson("text")) == [3]
