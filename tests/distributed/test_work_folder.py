"""What is done of a unit is there as a whole or not at all, and is not done twice."""

import errno
import hashlib
import shutil
from pathlib import Path

import pytest
from faults import failures, kills
from work_units import LINES, content

from bpe_tool import DataError
from bpe_tool.distributed.planning import plan
from bpe_tool.distributed.units import WorkUnit, content_digest
from bpe_tool.distributed.work_folder import NotShared, WorkFolder, begin
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.files import expand

pytestmark = pytest.mark.usefixtures("hasty_disk")


class Copy:
    """Copies what a unit reads."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, unit: WorkUnit, folder: Path) -> tuple[str, dict]:
        self.done += 1
        (piece,) = unit.pieces
        data = Path(piece.path).read_bytes()[piece.start : piece.stop]
        with AtomicFile(folder / "copy") as file:
            file.write(data)
        return hashlib.sha256(data).hexdigest(), {"bytes": len(data)}

    def digest(self, unit: WorkUnit) -> str:
        return content_digest(unit)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_bytes(b"one\n")
    return path


def unit_of(path: Path) -> WorkUnit:
    (unit,) = plan(expand([str(path)]), LINES)
    return unit


def begun(tmp_path: Path, depends_on: str = "a") -> WorkFolder:
    folder = tmp_path / "text.work"
    folder.mkdir(exist_ok=True)
    return begin(folder, {"a": depends_on})


def check(folder: WorkFolder, unit: WorkUnit, data: bytes) -> None:
    mark = folder.is_done(unit)
    assert mark is not None
    assert content(folder.output(mark)) == {"copy": data}
    assert (mark.digest, mark.facts) == (hashlib.sha256(data).hexdigest(), {"bytes": len(data)})


def test_killed_at_every_step(tmp_path, path):
    unit = unit_of(path)
    fresh = [True]

    def prepare() -> None:
        if fresh[0]:
            shutil.rmtree(tmp_path / "text.work", ignore_errors=True)

    for fresh[0] in (True, False):
        for _ in kills(prepare, lambda: begun(tmp_path).perform(Copy(), unit)):
            folder = begun(tmp_path)
            if folder.is_done(unit):
                check(folder, unit, b"one\n")
            if fresh[0]:
                folder.perform(Copy(), unit)
                check(folder, unit, b"one\n")
                assert not list(Path(folder.path).rglob(".*"))
    check(begun(tmp_path), unit, b"one\n")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_whatever_fails_the_unit_is_done_next_time(tmp_path, path, error):
    unit = unit_of(path)
    met = 0
    for raised in failures(
        lambda: shutil.rmtree(tmp_path / "text.work", ignore_errors=True),
        lambda: begun(tmp_path).perform(Copy(), unit),
        error=error,
    ):
        met += raised is not None
        folder = begun(tmp_path)
        if folder.is_done(unit) is None:
            folder.perform(Copy(), unit)
        check(folder, unit, b"one\n")
    assert met > 9


def test_equal_input_is_not_done_twice(tmp_path, path):
    folder, work = begun(tmp_path), Copy()
    folder.perform(work, unit_of(path))
    path.write_bytes(b"one\n")
    again = unit_of(path)
    assert folder.is_done(again) is None or again.states == unit_of(path).states
    folder.perform(work, again)
    assert work.done == 1
    check(folder, again, b"one\n")
    path.write_bytes(b"two\n")
    changed = unit_of(path)
    folder.perform(work, changed)
    assert work.done == 2
    check(folder, changed, b"two\n")


def test_an_output_in_the_way_is_replaced(tmp_path, path):
    """It may be one whose files were lost."""
    folder, unit = begun(tmp_path), unit_of(path)
    mark = folder.perform(Copy(), unit)
    (folder.output(mark) / "copy").write_bytes(b"o")
    assert folder.is_done(unit) is None
    folder.perform(Copy(), unit)
    check(folder, unit, b"one\n")
    assert not list(Path(folder.path).rglob(".*"))


def test_a_machine_that_does_not_see_the_directory_says_so(tmp_path, path):
    folder = begun(tmp_path)
    shutil.rmtree(folder.path)
    with pytest.raises(NotShared, match="does not see this file") as found:
        folder.perform(Copy(), unit_of(path))
    assert found.value.filename == f"{folder.path}/work.json"
    # So does one that sees another directory of this name.
    begun(tmp_path, "b")
    with pytest.raises(NotShared):
        folder.perform(Copy(), unit_of(path))


def test_a_damaged_record_is_refused(tmp_path):
    folder = begun(tmp_path)
    for damaged in (b"", b"{}", b"[]", b"{", b'{"format": "bpe_tool work"}'):
        Path(folder.path, "work.json").write_bytes(damaged)
        with pytest.raises(DataError, match="damaged"):
            begun(tmp_path)
