"""The checks of manifests: whatever is wrong with one is found, and said."""

import json

import pytest
from calls import ok
from commands import END
from shard_sets import DOCUMENTS, damages, read_all

import bpe_tool
from bpe_tool import BpeToolError, DataError
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.verify import problems

pytestmark = pytest.mark.usefixtures("hasty_disk")


def test_damaged_manifests_are_clear_errors(tmp_path):
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10, shard_tokens=2)
    whole = (tmp_path / MANIFEST).read_bytes()
    refused = 0
    for data in damages(whole, 400):
        (tmp_path / MANIFEST).write_bytes(data)
        try:
            read_all(tmp_path)
        except BpeToolError as error:
            assert str(tmp_path) in str(error)
            refused += 1
    assert refused > 100


CHANGES = {
    "another format": {"format": "something"},
    "a later version": {"version": 3},
    "an earlier version": {"version": 1},
    "no version": {"version": 0},
    "a version that is no number": {"version": True},
    "an unknown field": {"more": 1},
    "an unknown format of shards": {"shard_format": "zip"},
    "another type": {"dtype": "uint32"},
    "a wrong total": {"tokens": 13},
    "no list": {"shards": {}},
    "no digest": {"vocab_sha256": "x"},
    "no id": {"max_id": -1},
    "no ids": {"before": ["a"]},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_manifest_cannot_say(tmp_path, change):
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10)
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    (tmp_path / MANIFEST).write_text(json.dumps(manifest | change))
    with pytest.raises(BpeToolError):
        read_all(tmp_path)


def changed(value: object) -> list[object]:
    """The values next to a value of a manifest."""
    if isinstance(value, bool | None):
        return [0, {}]
    if isinstance(value, int):
        return [value + 1, -value - 1, None]
    if isinstance(value, str):
        return [value[:-1], value[:-1] + ("0" if value[-1:] != "0" else "1"), None]
    if isinstance(value, list):
        indices = range(len(value))
        inner = [[*value[:i], new, *value[i + 1 :]] for i in indices for new in changed(value[i])]
        return [*inner, value[:-1] if value else [0], value[::-1] if value != value[::-1] else [1]]
    inner = [value | {key: new} for key, each in value.items() for new in changed(each)]
    without = [{k: each for k, each in value.items() if k != key} for key in value]
    return [*inner, *without, value | {"<new>": 1}]


def test_whatever_is_changed_in_a_manifest_is_found(tmp_path, encode):
    """Ids of special tokens, digests of pipelines, versions: nothing else would tell of them."""
    text = tmp_path / "text"
    text.write_bytes(b"one\ntwo\n")
    folder = tmp_path / "set"
    ok(*encode, "--format", "npy", "--shard-tokens", 2, "--lines", "--eos", END, "-o", folder, text)
    record = json.loads((folder / MANIFEST).read_bytes())
    times = 0
    for changes in changed(record):
        (folder / MANIFEST).write_text(json.dumps(changes))
        with pytest.raises(BpeToolError, match=MANIFEST):
            bpe_tool.open_shards(folder)
        times += 1
    assert times > 100
    # How it is written does not matter.
    (folder / MANIFEST).write_text(json.dumps(dict(reversed(record.items())), indent=7))
    assert bpe_tool.open_shards(folder).documents == 2
    assert json.loads(ok("shards", "info", "--json", folder)) == record


def test_sets_of_the_first_version_are_read(tmp_path):
    """Their manifests have no digest of their own."""
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10)
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    del manifest["sha256"]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest | {"version": 1}))
    read_all(tmp_path)
    assert list(problems(bpe_tool.open_shards(tmp_path))) == []
    again = ["shards", "merge", tmp_path, "-o", tmp_path / "again"]
    ok(*again)
    assert json.loads((tmp_path / "again" / MANIFEST).read_bytes())["version"] == 2


@pytest.mark.parametrize("missing", ["version", "tool", "shards", "seed", "max_id", "sha256"])
def test_what_a_manifest_must_say(tmp_path, missing):
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10)
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    del manifest[missing]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=f"{missing} is missing"):
        read_all(tmp_path)


@pytest.mark.parametrize("name", ["../other.npy", "/etc/passwd", ".hidden", "", "a/b", "a\n"])
def test_files_lie_in_the_directory(tmp_path, name):
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10)
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    manifest["shards"][0]["files"][0]["name"] = name
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="not a name"):
        read_all(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[" * 10**5, '{"a":1,"a":2}', '{"a":NaN}', "9" * 10**4, "{}", "\xff", "null"]
)
def test_what_is_no_manifest(tmp_path, text):
    (tmp_path / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=MANIFEST):
        read_all(tmp_path)
