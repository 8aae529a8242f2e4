"""Tokenizers of Hugging Face's libraries that are in memory."""

import generators
import pytest
import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers

import bpe_tool
from bpe_tool import ArgumentError, ArgumentTypeError, Tokenizer, VocabError


@pytest.fixture(scope="module")
def theirs() -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=alphabet, special_tokens=["<s>"], show_progress=False
    )
    made.train_from_iterator(generators.texts(seed=20, count=200), trainer)
    made.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    return made


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [*generators.texts(seed=21, count=300), "a <mask><s> b"]


def test_there_and_back(theirs, texts):
    ours = Tokenizer.from_huggingface(theirs)
    back = ours.to_huggingface()
    assert isinstance(back, tokenizers.Tokenizer)
    for text in texts:
        ids = ours.encode(text, special="token")
        assert ids == theirs.encode(text, add_special_tokens=False).ids
        assert ids == back.encode(text, add_special_tokens=False).ids
        assert back.decode(ids, skip_special_tokens=True) == ours.decode(
            ids, skip_special_tokens=True
        )
    assert Tokenizer.from_huggingface(back) == ours


def test_transformers_there_and_back(theirs, texts):
    transformers = pytest.importorskip("transformers")
    settings = {"bos_token": "<s>", "mask_token": "<mask>", "model_max_length": 77}
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=theirs, **settings)
    made.chat_template = "{{ messages }}"
    ours = Tokenizer.from_huggingface(made)
    assert ours.roles == {"bos": "<s>", "mask": "<mask>"}
    assert ours.settings["model_max_length"] == 77
    assert ours.settings["chat_template"] == "{{ messages }}"
    back = ours.to_huggingface("transformers")
    assert (back.bos_token, back.mask_token, back.model_max_length) == ("<s>", "<mask>", 77)
    assert back.chat_template == "{{ messages }}"
    for text in texts[-50:]:
        ids = ours.encode(text, special="token")
        assert ids == made.encode(text, add_special_tokens=False)
        assert ids == back.encode(text, add_special_tokens=False)


class Saved:
    """As a tokenizer of `transformers`: it is taken over from what it saves."""

    def __init__(self, backend: tokenizers.Tokenizer, name: str) -> None:
        self.backend_tokenizer = backend
        self.name_or_path = name

    def save_pretrained(self, directory: str) -> None:
        self.backend_tokenizer.save(f"{directory}/tokenizer.json")


def test_warnings_name_the_object(theirs):
    made = tokenizers.Tokenizer.from_str(theirs.to_str())
    made.enable_truncation(5)
    with pytest.warns(bpe_tool.BpeToolWarning, match="^Saved org/model: its saved truncation"):
        Tokenizer.from_huggingface(Saved(made, "org/model"))


def test_what_they_cannot_be(theirs):
    for wrong in ("gpt2", None, object(), theirs.model):
        with pytest.raises(ArgumentTypeError, match="a Tokenizer of tokenizers, or a fast"):
            Tokenizer.from_huggingface(wrong)
    pieces = tokenizers.Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    with pytest.raises(VocabError, match=r"^Tokenizer: .*WordPiece"):
        Tokenizer.from_huggingface(pieces)
    named = Saved(pieces, "org/model")
    with pytest.raises(VocabError, match=r"^Saved org/model: .*WordPiece") as raised:
        Tokenizer.from_huggingface(named)
    assert "/tmp" not in str(raised.value)
    with pytest.raises(ArgumentError, match="library"):
        Tokenizer.from_huggingface(theirs).to_huggingface("tiktoken")


def test_a_library_that_is_not_there_is_told(theirs, monkeypatch):
    import sys

    ours = bpe_tool.train_vocab(["ab"], vocab_size=256)
    for name in ("tokenizers", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ArgumentError, match=f"the package {name}") as raised:
            ours.to_huggingface(name)
        assert raised.value.hint == f"pip install {name}"
