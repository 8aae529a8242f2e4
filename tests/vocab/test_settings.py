"""What a directory says besides its vocabulary is read, and kept on save."""

import json
import pickle

import pytest
from commands import run

import bpe_tool
from bpe_tool import ArgumentError, Tokenizer, VocabError

TEMPLATE = "{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}"
CONFIG = {
    "added_tokens_decoder": {},
    "additional_special_tokens": ["<|user|>"],
    "bos_token": {"content": "<s>", "lstrip": False, "special": True},
    "eos_token": "</s>",
    "pad_token": None,
    "chat_template": TEMPLATE,
    "clean_up_tokenization_spaces": True,
    "model_max_length": 8192,
    "padding_side": "left",
    "tokenizer_class": "LlamaTokenizer",
    "of_another_program": [1, {"a": None}],
}


@pytest.fixture(scope="module")
def plain() -> Tokenizer:
    specials = ["<s>", "</s>", "<|user|>"]
    return bpe_tool.train_vocab(["the cat sat"] * 9, vocab_size=280, special_tokens=specials)


@pytest.fixture
def folder(plain, tmp_path):
    path = tmp_path / "model"
    plain.save(path)
    (path / "tokenizer_config.json").write_text(json.dumps(CONFIG))
    return path


def config(path) -> dict[str, object]:
    return json.loads((path / "tokenizer_config.json").read_bytes())


def test_settings_are_kept(folder, plain, tmp_path):
    loaded = Tokenizer.load(folder)
    assert loaded == plain
    assert loaded.settings == CONFIG
    assert loaded.roles == {"bos": "<s>", "eos": "</s>"}
    again = pickle.loads(pickle.dumps(loaded))
    assert again.settings == CONFIG
    again.settings["eos_token"] = "changed"
    assert again.roles["eos"] == "</s>"
    again.save(tmp_path / "again")
    assert config(tmp_path / "again") == CONFIG
    bpe_tool.convert(folder, tmp_path / "converted")
    assert config(tmp_path / "converted") == CONFIG
    # Roles that are passed count.
    again.save(tmp_path / "roles", roles={"eos": "<|user|>", "cls": "<s>"})
    assert config(tmp_path / "roles") == {**CONFIG, "eos_token": "<|user|>", "cls_token": "<s>"}
    with pytest.raises(ArgumentError, match="none of bos, eos, pad, unk, cls, sep, mask"):
        again.save(tmp_path / "roles", roles={"x": "<s>"})
    # A file alone has none.
    assert Tokenizer.load(folder / "tokenizer.json").settings == {}
    done = bpe_tool.convert(folder, tmp_path / "alone.json")
    assert any("chat template" in each for each in done.lost)


def test_chat_templates_in_files_are_kept(folder, tmp_path):
    (folder / "tokenizer_config.json").unlink()
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "rag.jinja").write_text("{{ documents }}")
    loaded = Tokenizer.load(folder)
    assert loaded.settings == {"chat_template": TEMPLATE}
    loaded.save(tmp_path / "again")
    for name in ("chat_template.jinja", "additional_chat_templates/rag.jinja"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert "chat_template" not in config(tmp_path / "again")


def test_roles_in_the_older_file(folder, tmp_path):
    (folder / "tokenizer_config.json").write_text('{"eos_token": "</s>"}')
    (folder / "special_tokens_map.json").write_text(
        '{"bos_token": {"content": "<s>"}, "eos_token": "<s>", "unk_token": "<none>"}'
    )
    loaded = Tokenizer.load(folder)
    # The token that only the settings name is one, too.
    assert loaded.roles == {"bos": "<s>", "eos": "</s>", "unk": "<none>"}
    loaded.save(tmp_path / "again")
    assert Tokenizer.load(tmp_path / "again").roles == loaded.roles


def test_code_of_others_is_not_named_any_more(folder, tmp_path):
    code = {"auto_map": {"AutoTokenizer": ["x.Y", None]}, "tokenizer_class": "Y"}
    (folder / "tokenizer_config.json").write_text(json.dumps(code))
    Tokenizer.load(folder).save(tmp_path / "again")
    saved = config(tmp_path / "again")
    assert "auto_map" not in saved
    assert saved["tokenizer_class"] == "PreTrainedTokenizerFast"


def test_tokens_that_only_the_settings_list(folder, plain, tmp_path):
    size = len(plain)
    listed = {
        str(size + 3): {"content": "<tool>", "special": True},
        str(size): {"content": "  ", "special": False},
        "116": {"content": "t", "special": True},
        "0": {"content": "<taken>", "special": True},
        "x": {"content": "<bad>"},
    }
    changed = {**CONFIG, "added_tokens_decoder": listed, "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(changed))
    loaded = Tokenizer.load(folder)
    found = loaded.special_tokens
    assert found["<tool>"] == size + 3
    assert found["t"] == 116
    # Id 0 is taken.
    assert sorted([found["<taken>"], found["<pad>"]]) == [size + 4, size + 5]
    assert loaded.encode("a  b") == [97, size, 98]
    loaded.save(tmp_path / "again")
    assert Tokenizer.load(tmp_path / "again") == loaded


def test_a_directory_of_tiktoken_has_its_special_tokens_there(plain, tmp_path):
    folder = tmp_path / "kimi"
    folder.mkdir()
    plain.save(tmp_path / "v.tiktoken")
    (folder / "tiktoken.model").write_bytes((tmp_path / "v.tiktoken").read_bytes())
    listed = {str(id): {"content": text, "special": True} for text, id in
              plain.special_tokens.items()}  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps({"added_tokens_decoder": listed}))
    loaded = Tokenizer.load(folder, pattern="cl100k")
    assert loaded.special_tokens == plain.special_tokens
    loaded.save(tmp_path / "again")
    assert Tokenizer.load(tmp_path / "again").special_tokens == plain.special_tokens
    # Several files without one of the usual names are for the user to choose from.
    (folder / "tiktoken.model").unlink()
    for name in ("a.tiktoken", "b.tiktoken"):
        (folder / name).write_bytes((tmp_path / "v.tiktoken").read_bytes())
    with pytest.raises(ArgumentError, match=r"a\.tiktoken and b\.tiktoken"):
        Tokenizer.load(folder, pattern="cl100k")
    (folder / "b.tiktoken").unlink()
    assert Tokenizer.load(folder, pattern="cl100k").special_tokens == plain.special_tokens


@pytest.mark.parametrize("bad", [b"{", b"[]", b'{"a": 1, "a": 2}', b"\xff", b"{" * 1000])
def test_damaged_settings_are_an_error_of_the_directory(bad, folder):
    (folder / "tokenizer_config.json").write_bytes(bad)
    with pytest.raises(VocabError, match=r"tokenizer_config\.json"):
        Tokenizer.load(folder)


@pytest.mark.parametrize(
    "odd",
    [{"added_tokens_decoder": []}, {"added_tokens_decoder": {"5": 3, "6": {}, "99999999999": "a"}},
     {"bos_token": 3, "eos_token": [], "additional_special_tokens": {"a": "</s>"}},
     {"additional_special_tokens": "x", "extra_special_tokens": [1, None]}],
)  # fmt: skip
def test_odd_settings_are_kept_and_mean_nothing(odd, folder, plain, tmp_path):
    (folder / "tokenizer_config.json").write_text(json.dumps(odd))
    loaded = Tokenizer.load(folder)
    assert loaded == plain
    loaded.save(tmp_path / "again")
    assert odd.items() <= config(tmp_path / "again").items()


def test_the_command_line_opens_directories(folder):
    done = run("encode", "-t", folder, "--special", "token", stdin=b"<s>the</s>\n")
    assert done.returncode == 0, done.stderr
    ids = Tokenizer.load(folder).encode("<s>the</s>", special="token")
    assert done.stdout.split() == [str(id).encode() for id in ids]
