"""Damaged sets of shards: clear errors and nothing else."""

import json
import random
import shutil
from pathlib import Path

import pytest
from calls import ok
from commands import END

import bpe_tool
from bpe_tool import BpeToolError, DataError
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.checks import problems
from bpe_tool.shards.layouts.registry import FORMATS

pytestmark = pytest.mark.usefixtures("hasty_disk")

DOCUMENTS = [[1, 2, 3, 0], [], [4, 0], [5, 6, 7, 8, 9, 0]]


def use(path: Path, **options: object) -> None:
    """Look at everything in a set."""
    shards = bpe_tool.open_shards(path, **options)
    for shard in shards.shards:
        for ids, ends in shard.blocks():
            ids.sum()
            ends.sum()
    list(problems(shards))


def damages(data: bytes, count: int) -> list[bytes]:
    """The data cut off, and with bytes changed, most of them near the beginning or the end."""
    generator = random.Random(len(data))
    found = [data[:length] for length in {0, 1, 7, 8, 9, 33, len(data) // 2, len(data) - 1}]
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(generator.randrange(1, 4)):
            near = generator.choice([len(data), min(len(data), 64)])
            place = generator.randrange(near) * generator.choice([1, -1])
            changed[place] = generator.choice([0, 0x7F, 0x80, 0xFF, changed[place] ^ 1])
        found.append(bytes(changed))
    return found


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("with_manifest", [True, False])
def test_damaged_files_are_clear_errors(tmp_path, format, with_manifest):
    """Whatever happens to a file, reading the set is right, or an error of this package."""
    whole = tmp_path / "whole"
    bpe_tool.write_shards(DOCUMENTS, whole, vocab_size=10, format=format)
    if not with_manifest:
        (whole / MANIFEST).unlink()
    use(whole)
    refused = 0
    for name in sorted(path.name for path in whole.iterdir() if path.name != MANIFEST):
        folder = tmp_path / "damaged"
        shutil.copytree(whole, folder)
        for data in damages((whole / name).read_bytes(), 60):
            (folder / name).write_bytes(data)
            try:
                use(folder)
            except BpeToolError as error:
                assert str(folder) in str(error)
                refused += 1
        shutil.rmtree(folder)
    assert refused


def test_damaged_manifests_are_clear_errors(tmp_path):
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10, shard_tokens=2)
    whole = (tmp_path / MANIFEST).read_bytes()
    refused = 0
    for data in damages(whole, 400):
        (tmp_path / MANIFEST).write_bytes(data)
        try:
            use(tmp_path)
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
        use(tmp_path)


def changed(value: object) -> list[object]:
    """The values next to a value of a manifest."""
    if isinstance(value, bool | None):
        return [0, {}]
    if isinstance(value, int):
        return [value + 1, -value - 1, None]
    if isinstance(value, str):
        return [value[:-1], value[:-1] + ("0" if value[-1:] != "0" else "1"), None]
    if isinstance(value, list):
        places = range(len(value))
        inner = [[*value[:i], new, *value[i + 1 :]] for i in places for new in changed(value[i])]
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
    use(tmp_path)
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
        use(tmp_path)


@pytest.mark.parametrize("name", ["../other.npy", "/etc/passwd", ".hidden", "", "a/b", "a\n"])
def test_files_lie_in_the_directory(tmp_path, name):
    bpe_tool.write_shards(DOCUMENTS, tmp_path, vocab_size=10)
    manifest = json.loads((tmp_path / MANIFEST).read_bytes())
    manifest["shards"][0]["files"][0]["name"] = name
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="not a name"):
        use(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[" * 10**5, '{"a":1,"a":2}', '{"a":NaN}', "9" * 10**4, "{}", "\xff", "null"]
)
def test_what_is_no_manifest(tmp_path, text):
    (tmp_path / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=MANIFEST):
        use(tmp_path)


def test_sizes_that_lie_are_found_before_memory_is_taken(tmp_path):
    """Headers that promise more than there is."""
    huge = 2**60
    (tmp_path / "a.npy").write_bytes(bpe_tool.io.npy.header("<u4", huge))
    with pytest.raises(DataError, match="the header says"):
        use(tmp_path / "a.npy")
    idx = b"MMIDIDX\0\0" + b"".join(
        number.to_bytes(size, "little") for number, size in ((1, 8), (4, 1), (huge, 8), (huge, 8))
    )
    (tmp_path / "b.idx").write_bytes(idx)
    (tmp_path / "b.bin").touch()
    with pytest.raises(DataError, match="the header says"):
        use(tmp_path / "b")
