"""Files are whole or not there; what was there before is kept until then."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bpe_tool.io import atomic, disk
from bpe_tool.io.atomic import AtomicFile, check_writable, make_directory


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_writes_a_new_file_with_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        with AtomicFile(tmp_path / "new") as file:
            file.write(b"one ")
            file.write(bytearray(b"two"))
            assert names(tmp_path) != ["new"]
    finally:
        os.umask(old)
    assert (tmp_path / "new").read_bytes() == b"one two"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert names(tmp_path) == ["new"]


def test_replaces_a_file_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(b"old")
    path.chmod(0o604)
    with AtomicFile(path) as file:
        file.write(b"new, longer")
        file.patch(0, b"NEW")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"NEW, longer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path, error):
    (tmp_path / "old").write_bytes(b"old")
    for name in ("old", "new"):
        with pytest.raises(error), AtomicFile(tmp_path / name) as file:
            file.write(b"half")
            raise error
    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, call):
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "old").write_bytes(b"old")
    monkeypatch.setattr(Path if call == "replace" else os, call, full)
    with pytest.raises(OSError, match="No space left") as raised, AtomicFile(tmp_path / "old") as f:
        f.write(b"new")
    monkeypatch.undo()
    assert str(raised.value).endswith(f"No space left on device: '{tmp_path / 'old'}'")
    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_directories_that_are_made_stay(tmp_path, monkeypatch):
    """Every directory is synchronized that got a new one, after it got it."""
    synchronized = []

    def recorded(directory: Path) -> None:
        synchronized.append((directory, names(directory)))

    monkeypatch.setattr(atomic, "sync_directory", recorded)
    make_directory(tmp_path / "a/b")
    assert dict(synchronized) == {tmp_path: ["a"], tmp_path / "a": ["b"]}
    make_directory(tmp_path / "a/b")
    assert len(synchronized) == 2


@pytest.fixture
def slow_disk(monkeypatch):
    """A disk that gets what is written a byte at a time; returns what waits for its turn."""
    turns = threading.Semaphore(0)
    real = os.fsync

    def slow(file: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            assert turns.acquire(timeout=60)
        real(file)

    monkeypatch.setattr(disk, "SYNC_BYTES", 1)
    monkeypatch.setattr(os, "fsync", slow)
    return turns


def test_the_disk_gets_data_while_more_is_written(tmp_path, slow_disk):
    before = threading.active_count()
    with AtomicFile(tmp_path / "new") as file:
        for byte in range(9):
            file.write(bytes([byte]))
            # There is never more than one at work, and nobody waits for it.
            assert threading.active_count() == before + 1
        slow_disk.release()
        file._disk._thread.join()
        file.write(b"rest")
        assert threading.active_count() == before + 1
        slow_disk.release()
    assert threading.active_count() == before
    assert (tmp_path / "new").read_bytes() == bytes(range(9)) + b"rest"


def test_what_did_not_get_to_the_disk_is_told(tmp_path, monkeypatch):
    def broken(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write_more(file: AtomicFile) -> None:
        file.write(b"more")

    (tmp_path / "old").write_bytes(b"old")
    monkeypatch.setattr(disk, "SYNC_BYTES", 1)
    for then in (write_more, AtomicFile.prepare, AtomicFile.commit):
        file = AtomicFile(tmp_path / "old")
        with monkeypatch.context() as patch:
            # Once: the system does not say it again.
            patch.setattr(os, "fsync", broken)
            file.write(b"new")
            file._disk.wait()
        with pytest.raises(OSError, match="Input/output") as raised:
            then(file)
        assert raised.value.filename == str(tmp_path / "old")
        file.discard()
        assert names(tmp_path) == ["old"]
        assert (tmp_path / "old").read_bytes() == b"old"


def test_a_file_that_is_given_up_waits_for_the_disk(tmp_path, slow_disk):
    """Its number may be that of another file afterwards."""
    file = AtomicFile(tmp_path / "new")
    file.write(b"half")
    thread = file._disk._thread
    threading.Timer(0.05, slow_disk.release).start()
    file.discard()
    assert not thread.is_alive()
    assert names(tmp_path) == []


def test_without_threads_all_is_left_to_the_end(tmp_path, monkeypatch):
    def none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(disk, "SYNC_BYTES", 1)
    monkeypatch.setattr(threading.Thread, "start", none)
    with AtomicFile(tmp_path / "new") as file:
        for _ in range(3):
            file.write(b"some")
    assert (tmp_path / "new").read_bytes() == b"some" * 3


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "target"
    for link in ("to_file", "dangling"):
        (tmp_path / link).symlink_to(target)
        with AtomicFile(tmp_path / link) as file:
            file.write(link.encode())
        assert (tmp_path / link).is_symlink()
        assert target.read_bytes() == link.encode()
    assert names(tmp_path / "there") == ["target"]


def test_pipes_and_devices_are_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    with AtomicFile(pipe) as file:
        assert not file.replaces
        file.write(b"x" * 200_000)
    reader.join()
    assert got == [b"x" * 200_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with AtomicFile("/dev/null") as file:
        file.write(b"x")


def test_errors_name_the_target(tmp_path):
    for path, error in [
        (tmp_path, IsADirectoryError),
        (tmp_path / "missing" / "file", FileNotFoundError),
    ]:
        with pytest.raises(error) as raised:
            AtomicFile(path)
        assert raised.value.filename == str(path)
        assert str(raised.value).endswith(f": '{path}'")


def test_long_names(tmp_path):
    name = "n" * 255
    with AtomicFile(tmp_path / name) as file:
        file.write(b"x")
    assert names(tmp_path) == [name]


def test_check_writable(tmp_path):
    check_writable(tmp_path / "new")
    check_writable(tmp_path / "to" / "be" / "made")
    (tmp_path / "file").touch()
    check_writable(tmp_path / "file")
    assert names(tmp_path) == ["file"]
    with pytest.raises(NotADirectoryError):
        check_writable(tmp_path / "file" / "below")
    with pytest.raises(IsADirectoryError):
        check_writable(tmp_path)


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    program = (
        "import sys; from bpe_tool.io.atomic import AtomicFile\n"
        "with AtomicFile(sys.argv[1]) as file:\n"
        "    file.write(b'new'); print('written', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    assert path.read_bytes() == b"old"
