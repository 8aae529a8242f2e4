"""Files that belong together are of one run, whatever happens while they are replaced."""

import errno
import fcntl
import os
import resource
import threading
from pathlib import Path

import pytest
from commands import END, fails, ok, train
from faults import failures, kills

import bpe_tool
from bpe_tool import VocabError
from bpe_tool.io import temporaries, together
from bpe_tool.io.together import write_files

pytestmark = pytest.mark.usefixtures("hasty_disk")

NAMES = ("first", "second", "third")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def visible(folder: Path) -> dict[str, bytes]:
    found = contents(folder)
    return {name: data for name, data in found.items() if not temporaries.is_temporary(name)}


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Let these files be there, and no others."""
    for path in folder.iterdir():
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def a_run(folder: Path, text: bytes) -> dict[Path, bytes]:
    return {folder / name: text + name.encode() for name in NAMES}


@pytest.fixture(params=[NAMES, NAMES[:2], NAMES[:1], ()], ids=len)
def old(request, tmp_path) -> dict[str, bytes]:
    """What is there before: everything, something, nothing."""
    for name in request.param:
        (tmp_path / name).write_bytes(b"old " + name.encode())
    return contents(tmp_path)


def test_order_on_disk(tmp_path, monkeypatch):
    """Everything is synchronized before any name changes, and names after that."""
    calls = []
    write_files(a_run(tmp_path, b"old "))
    for name in ("fsync", "replace", "unlink"):
        real = getattr(os, name)

        def recorded(*arguments, real=real, name=name):
            calls.append(name)
            return real(*arguments)

        monkeypatch.setattr(os, name, recorded)
    write_files(a_run(tmp_path, b"new "))
    middle = ["unlink", "unlink", "replace", "replace", "replace", "fsync"]
    start = calls.index("unlink")
    assert calls[start : start + len(middle)] == middle
    # The new files, and copies of the old ones.
    assert calls[:start] == ["fsync"] * 6


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_whatever_fails_all_is_as_it_was(tmp_path, old, error):
    new = {path.name: data for path, data in a_run(tmp_path, b"new ").items()}
    times = 0
    for raised in failures(
        lambda: put(tmp_path, old), lambda: write_files(a_run(tmp_path, b"new ")), error=error
    ):
        times += 1
        assert visible(tmp_path) == (new if raised is None else old)
        if raised is not None:
            assert raised.errno == error
            assert str(tmp_path) in str(raised.filename)
            assert ".tmp" not in str(raised)
            # Nothing is left but what the system does not remove; the next run does.
            assert len(contents(tmp_path)) - len(old) <= 1
    assert times > 9


def test_an_interruption_is_a_failure(tmp_path, old):
    real = os.replace
    for interrupted in range(3):
        turns = iter(range(interrupted))

        def interrupt(*arguments, turns=turns):
            # It comes once the file has been renamed.
            real(*arguments)
            if next(turns, None) is None:
                patch.undo()
                raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "replace", interrupt)
            with pytest.raises(KeyboardInterrupt):
                write_files(a_run(tmp_path, b"new "))
        assert contents(tmp_path) == old


def test_where_nothing_can_be_renamed_anymore_the_old_files_are_written(tmp_path):
    write_files(a_run(tmp_path, b"old "))
    before = contents(tmp_path)
    real = os.replace

    def broken(source: Path, target: Path) -> None:
        if Path(target).name != "first":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(source, target)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="Input/output"):
        patch.setattr(os, "replace", broken)
        write_files(a_run(tmp_path, b"new "))
    assert contents(tmp_path) == before


def test_killed_at_any_step(tmp_path, old):
    """The first file is there, and no other one of another run."""
    for _ in kills(lambda: put(tmp_path, old), lambda: write_files(a_run(tmp_path, b"new "))):
        found = visible(tmp_path)
        runs = {data.split()[0] for data in found.values()}
        assert len(runs) <= 1
        assert "first" in found or not old
        if runs == {b"old"} and len(found) == len(old):
            assert found == old
        write_files(a_run(tmp_path, b"again "))
        assert sorted(contents(tmp_path)) == sorted(NAMES)


def test_removed_files_go_with_the_others(tmp_path):
    def work() -> None:
        write_files({tmp_path / "first": b"new first"}, remove=[tmp_path / "second"])

    old = {"first": b"old first", "second": b"old second"}
    for raised in failures(lambda: put(tmp_path, old), work):
        assert visible(tmp_path) == ({"first": b"new first"} if raised is None else old)


def test_two_runs_do_not_mix(tmp_path):
    """Each waits until the other has put all its files in place."""

    def work(text: bytes) -> None:
        for _ in range(20):
            write_files(a_run(tmp_path, text))

    threads = [threading.Thread(target=work, args=(text,)) for text in (b"one ", b"two ")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = contents(tmp_path)
    assert sorted(found) == sorted(NAMES)
    assert len({data.split()[0] for data in found.values()}) == 1


def test_a_run_that_never_ends_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(together, "PATIENCE", 0.05)
    file = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_EX)
    with pytest.raises(OSError, match="another process") as raised:
        write_files(a_run(tmp_path, b"new "))
    os.close(file)
    assert raised.value.filename == str(tmp_path)
    assert contents(tmp_path) == {}


def saved(path: Path, run: bytes, vocab_size: int) -> bpe_tool.Tokenizer:
    tokenizer = bpe_tool.train_vocab([run * 50], vocab_size=vocab_size)
    tokenizer.save(path)
    return tokenizer


@pytest.mark.parametrize("name", ["merges.txt", "vocab"])
def test_a_vocabulary_of_several_files_is_of_one_run(tmp_path, name):
    """Both runs have the same tokens, so that nothing but the order tells them apart."""
    old = bpe_tool.train_vocab(["abab abab cdcdcd"] * 3, vocab_size=262)
    new = bpe_tool.train_vocab(["cdcd cdcd ababab"] * 3, vocab_size=262)
    text = "abcdcdab abab cdcd"
    path = tmp_path / name
    options = {"pattern": "cl100k"} if name == "merges.txt" else {}
    expected = [tokenizer.encode(text) for tokenizer in (old, new)]
    assert expected[0] != expected[1]
    refused = 0
    for _ in kills(lambda: old.save(path), lambda: new.save(path)):
        try:
            assert bpe_tool.Tokenizer.load(path, **options).encode(text) in expected
        except (VocabError, FileNotFoundError):
            refused += 1
    assert bpe_tool.Tokenizer.load(path, **options).encode(text) == expected[1]
    assert refused == (2 if name == "merges.txt" else 0)


def test_a_failed_training_leaves_the_old_record(tmp_path):
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.files import expand
    from bpe_tool.streams.train import TrainOptions, train

    text = tmp_path / "text"
    text.write_text("abab abab cdcdcd")

    def trained(vocab_size: int):
        options = TrainOptions(vocab_size=vocab_size, special_tokens=("<s>",), roles={"bos": "<s>"})
        return train(expand([str(text)]), Unit(), options)

    folder = tmp_path / "vocab"
    old, new = trained(260), trained(262)
    old.save(folder)
    before = contents(folder)
    assert len(before) == 3
    for save in (new.save, bpe_tool.Tokenizer(new.tokenizer).save):
        for raised in failures(lambda: old.save(folder), lambda save=save: save(folder)):
            assert (visible(folder) == before) == (raised is not None)


@pytest.mark.parametrize("name", ["vocab", "merges.txt", "v.json", "v.tiktoken"])
def test_commands_on_a_full_disk_leave_the_old_vocabulary(tmp_path, vocab, name):
    """A limit on the size of files stands for it."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    text = tmp_path / "text"
    text.write_text("some other text")
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / name
    if name == "vocab":
        train(text, "--vocab-size", 258, "--eos", END, "-o", path)
    else:
        ok("convert", vocab, path, "-q")
    before = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    commands = [
        ["convert", vocab, path, "-q"],
        ["train-vocab", text, "--vocab-size", 257, "--force", "-o", path],
    ]
    for command in commands:
        message = fails(5, *command, preexec_fn=limited)
        assert str(folder) in message and ".tmp" not in message
        assert {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()} == before


def test_a_pair_that_is_replaced_while_it_is_read(tmp_path, monkeypatch):
    """Both files are read again."""
    old = bpe_tool.train_vocab(["abab abab cdcdcd"] * 3, vocab_size=262)
    new = bpe_tool.train_vocab(["cdcd cdcd ababab"] * 3, vocab_size=262)
    old.save(tmp_path / "merges.txt")
    real = bpe_tool.vocab.reading._content
    times = []

    def read(path: Path) -> object:
        times.append(path.name)
        found = real(path)
        if len(times) == 1:
            new.save(tmp_path / "merges.txt")
        return found

    monkeypatch.setattr(bpe_tool.vocab.reading, "_content", read)
    tokenizer = bpe_tool.Tokenizer.load(tmp_path, pattern="cl100k")
    assert tokenizer.merges == new.merges
    assert times == ["vocab.json", "merges.txt"] * 2


def test_a_vocabulary_that_always_changes_is_told(tmp_path, monkeypatch):
    saved(tmp_path / "v.json", b"some text", 260)
    real = bpe_tool.vocab.reading._content
    monkeypatch.setattr(bpe_tool.vocab.reading, "PAUSE", 0)

    def read(path: Path) -> object:
        found = real(path)
        path.write_bytes(path.read_bytes() + b" ")
        return found

    monkeypatch.setattr(bpe_tool.vocab.reading, "_content", read)
    with pytest.raises(OSError, match="changes while"):
        bpe_tool.Tokenizer.load(tmp_path / "v.json")
