"""Settings, lists and headers are read without trust in what they are."""

import json
import os
import threading
from pathlib import Path

import pytest
from commands import run

import bpe_tool
from bpe_tool.errors import ArgumentError, DataError, LimitError, VocabError
from bpe_tool.io import small_files
from bpe_tool.preprocess import spec
from bpe_tool.preprocess.english.phrase_tables import load_table
from bpe_tool.preprocess.steps.stopword_lists import load_stopwords
from bpe_tool.shards.manifest_checks import load_manifest

DEPTH = small_files.MAX_DEPTH


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def endless(path: Path) -> Path:
    path.symlink_to("/dev/zero")
    return path


def shard(path: Path) -> None:
    assert len(bpe_tool.open_shards(path, dtype=None).shards[0].bounds)


def index(path: Path) -> None:
    path.with_suffix(".bin").write_bytes(b"")
    shard(path)


READERS = {
    "pipeline.toml": bpe_tool.Pipeline.load,
    "pipeline.json": bpe_tool.Pipeline.load,
    "training.json": bpe_tool.Pipeline.load,
    "words.txt": lambda path: load_stopwords(str(path)),
    "phrases.tsv": lambda path: load_table(str(path)),
    "manifest.json": lambda path: load_manifest(path.parent),
    "ids.npy": shard,
    "ids.npz": shard,
    "ids.bin": shard,
    "ids.u16": shard,
    "ids.ds": shard,
    "ids.ndjson": shard,
    "ids.parquet": shard,
    "ids.idx": index,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("make", [pipe, endless])
def test_what_is_no_file_is_refused_and_not_waited_for(name: str, make, tmp_path: Path) -> None:
    if name == "ids.parquet":
        pytest.importorskip("pyarrow")
    path = make(tmp_path / name)
    with pytest.raises((OSError, ArgumentError)) as caught:
        READERS[name](path)
    assert name in str(caught.value)


@pytest.mark.parametrize("make", [pipe, endless])
def test_a_training_record_that_is_no_file_stops_no_command(make, tmp_path: Path) -> None:
    bpe_tool.train_vocab(["a"], vocab_size=256).save(tmp_path / "vocab")
    make(tmp_path / "vocab" / "training.json")
    assert spec.recorded_digest(tmp_path / "vocab") == (False, None)
    assert run("encode", "-t", tmp_path / "vocab", stdin=b"a\n").stdout == b"97\n"
    (tmp_path / "vocab" / "tokenizer_config.json").unlink()
    make(tmp_path / "vocab" / "tokenizer_config.json")
    with pytest.raises(OSError, match="a file is needed here"):
        bpe_tool.convert(tmp_path / "vocab", tmp_path / "other.json")


def test_a_pipeline_may_come_through_a_pipe_that_is_written_to(tmp_path: Path) -> None:
    path = pipe(tmp_path / "pipeline.toml")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY)

    def write() -> None:
        os.write(writer, b"version = 1\n")
        os.write(writer, b'[[steps]]\nstep = "lowercase"\n')
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    assert bpe_tool.Pipeline.load(path).apply("A") == "a"
    thread.join()
    os.close(reader)


def test_files_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    path.touch()
    os.truncate(path, small_files.MAX_BYTES + 1)
    with pytest.raises(LimitError, match=r"training.json: it has more than"):
        bpe_tool.Pipeline.load(path)
    assert spec.recorded_digest(path) == (False, None)
    assert run("preprocess", "--pipeline", path, stdin=b"").returncode == 6
    path = path.with_name("pipeline.toml")
    path.write_bytes(b"#" * (small_files.MAX_TOML_BYTES + 1))
    with pytest.raises(LimitError, match=r"pipeline.toml: TOML is read up to"):
        bpe_tool.Pipeline.load(path)


def test_a_file_may_grow_while_it_is_read(tmp_path: Path) -> None:
    # Those of /proc say that they have no bytes.
    assert small_files.read(Path("/proc/self/status"))
    with pytest.raises(LimitError):
        small_files.read(Path("/proc/self/status"), 10)


@pytest.mark.parametrize("levels", [DEPTH, DEPTH + 1, 100_000])
@pytest.mark.parametrize(
    ("start", "end"), [("[", "]"), ('{"a":', "}"), ('{"\\"a[[[":[', "]}")], ids=str
)
def test_json_that_is_too_deep(start: str, end: str, levels: int) -> None:
    each = start.count("[") % 3 + start.count("{")
    times = levels // each
    text = (start * times + "1" + end * times).encode()
    if times * each <= DEPTH:
        assert small_files.parse_json(text) == json.loads(text)
        return
    if levels == DEPTH + 1 and each == 2:
        return
    with pytest.raises(DataError, match="nested more than 64 levels"):
        small_files.parse_json(text)


@pytest.mark.parametrize("value", ['"[[{{"', '"\\"[["', '"\\\\"', '""', "[]", "{}", '"[\\\\\\"["'])
def test_brackets_in_texts_are_no_depth(value: str) -> None:
    text = f"[{', '.join([value] * 200)}]"
    assert small_files.parse_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 20_000 + " = 1",
        "[a" + " . a" * DEPTH + "]",
        "[[a" + '."b.c"' * DEPTH + "]]",
        "a = " + "[" * (DEPTH + 1) + "]" * (DEPTH + 1),
        "a = " + "{a = " * DEPTH + "{a.a = 1}" + "}" * DEPTH,
        "a = " + "[" * 100_000,
        'a = "\\"" # "\nb = ' + "[" * 100_000,
        'a = """\n"[" ""\\""""\nb = ' + "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_toml_that_is_too_deep(text: str) -> None:
    with pytest.raises(DataError, match="nested more than 64 levels"):
        small_files.parse_toml(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * (DEPTH - 1) + " = 1",
        f'a = "{"[." * 100}"',
        f"a = '{'{.' * 100}\\'",
        f'a = """{"[a.b" * 100}"""',
        f"a = '''{'[a.b' * 100}'''",
        f"# {'a.' * 100}\na = 1.5",
        "a = [" + "[], {a = 1.5}, " * 100 + "]",
    ],
    ids=lambda text: text[:20],
)
def test_toml_that_is_not_deep(text: str) -> None:
    assert "a" in small_files.parse_toml(text.encode())


@pytest.mark.parametrize("parse", [small_files.parse_json, small_files.parse_toml])
def test_one_of_many_entries_that_is_there_twice_is_named(parse) -> None:
    names = [*range(40_000), 39_999]
    lines = [f'"k{name}"' for name in names]
    if parse is small_files.parse_json:
        text = "{" + ",".join(f"{line}:1" for line in lines) + "}"
        with pytest.raises(DataError, match="'k39999' occurs twice"):
            parse(text.encode())
    else:
        with pytest.raises(DataError, match="not valid TOML"):
            parse("\n".join(f"{line} = 1" for line in lines).encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b"1" * 5000, "a number is too long"),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8"),
        (b'{"a": 1,}', r"line 1 column 9"),
        (b"", "not valid JSON"),
        (rb'"\ud800"', "only half of a character"),
        (rb'{"a": {"\uDFFF": 1}}', "only half of a character"),
        (rb'["\udc00\ud800"]', "only half of a character"),
    ],
)
def test_json_that_is_not_valid(text: bytes, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        small_files.parse_json(text)


def test_settings_of_a_vocabulary_that_are_damaged(tmp_path: Path) -> None:
    bpe_tool.train_vocab(["a"], vocab_size=256).save(tmp_path / "vocab")
    for text in (
        '{"bos_token": 1, "bos_token": 1}',
        r'{"bos_token": "\ud800"}',
        "[" * 100_000,
        "{",
    ):
        (tmp_path / "vocab" / "tokenizer_config.json").write_text(text)
        with pytest.raises(VocabError, match=r"tokenizer_config.json: "):
            bpe_tool.convert(tmp_path / "vocab", tmp_path / "other.json")


def test_a_manifest_with_a_key_twice(tmp_path: Path) -> None:
    bpe_tool.write_shards([[1]], tmp_path / "ids", vocab_size=2)
    path = tmp_path / "ids" / "manifest.json"
    path.write_text(path.read_text().replace("{", '{"tokens": 1,', 1))
    with pytest.raises(DataError, match=r"manifest.json: the entry 'tokens' occurs twice"):
        bpe_tool.open_shards(tmp_path / "ids")


def test_whole_characters_may_be_written_as_two_halves() -> None:
    assert small_files.parse_json(rb'"\ud83d\ude00 \u00e9"') == "\U0001f600 \u00e9"
