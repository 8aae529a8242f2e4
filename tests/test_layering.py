"""Who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bpe_tool

PACKAGE = Path(bpe_tool.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Where a dependency may be imported, as the starts of module paths.
ALLOWED = {
    "click": ("cli/",),
    "rich": ("cli/console.py", "rendering/terminal.py"),
    "orjson": ("io/ndjson.py",),
    "regex": ("preprocess/", "rendering/tokens.py"),
    "ftfy": ("preprocess/steps/fix.py",),
    "Stemmer": ("preprocess/steps/stem.py",),
    "snowballstemmer": ("preprocess/steps/stem.py",),
    "simplemma": ("preprocess/steps/lemma.py",),
    "wn": ("preprocess/",),
    "multiprocessing": ("streams/workers.py",),
    # What only some systems have.
    "fcntl": ("runtime/system.py",),
    "select": ("runtime/system.py",),
    "numpy": (
        "tokenizer.py",
        "trimming.py",
        "ragged.py",
        "id_arrays.py",
        "encoding.py",
        "streams/gather.py",
        "io/id_writers.py",
        "batching/",
        "shards/",
        "inspect/",
        "io/alignment.py",
        "streams/alignment.py",
        "streams/reshard.py",
        "distributed/batches.py",
        "distributed/joining.py",
    ),
    "http": ("inspect/live/server.py",),
    # To find out soon that nothing listens at the address of a cluster.
    "socket": ("distributed/on_ray.py", "inspect/live/server.py"),
    "pyarrow": (
        "shards/layouts/pyarrow_tables.py",
        "io/arrow_tables.py",
        "io/arrow_values.py",
        "counts/tables.py",
        "distributed/batches.py",
        "distributed/datasets.py",
    ),
    "pathspec": ("io/ignored.py",),
    "ray": ("distributed/on_ray.py", "distributed/datasets.py"),
    "tokenizers": ("vocab/huggingface.py",),
    "transformers": ("vocab/huggingface.py",),
    "torch": ("batching/batch.py",),
}
FORBIDDEN = {"pickle", "marshal", "shelve", "urllib", "requests"}
# What puts stages together. No stage knows of these.
COMPOSERS = {
    "counts", "encoding", "tokenizer", "incremental", "train", "trimming", "vocab",
    "preprocess", "streams", "inspect", "distributed",
    "cli", "__main__",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """The modules that a file imports, those of the package with its name in full."""
    package = "bpe_tool" + "".join(f".{part}" for part in path.relative_to(PACKAGE).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dependencies_are_imported_where_they_belong(path: Path):
    place = str(path.relative_to(PACKAGE))
    tops = {name.split(".")[0] for name in imports(path)}
    for dependency, places in ALLOWED.items():
        if dependency in tops:
            assert place.startswith(places), f"{place} imports {dependency}"
    assert not tops & FORBIDDEN


def known_modules(path: Path) -> set[str]:
    """The modules of the package that a file imports, by their first name."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("bpe_tool.")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_stages_do_not_know_what_is_made_of_them(path: Path):
    stage = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if stage not in {*COMPOSERS, "__init__"}:
        assert not known_modules(path) & COMPOSERS


def test_modules_do_not_import_each_other_in_circles():
    graph: dict[str, set[str]] = {}
    for path in SOURCES:
        stage = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        graph.setdefault(stage, set()).update(known_modules(path) - {stage})
    while graph:
        free = [stage for stage in graph if not graph[stage] & graph.keys()]
        assert free, f"a circle among {sorted(graph)}"
        for stage in free:
            del graph[stage]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_knows_the_command_line(path: Path):
    place = str(path.relative_to(PACKAGE))
    if place.startswith(("cli/", "__main__.py")):
        return
    assert not [name for name in imports(path) if name.startswith("bpe_tool.cli")]


@pytest.mark.parametrize(
    "module",
    ["numpy", "click", "rich", "orjson", "regex", "bpe_tool.preprocess", "multiprocessing"],
)
def test_importing_the_package_imports_nothing_heavy(module: str):
    code = f"import sys, bpe_tool; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["encode", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]):
    heavy = {"numpy", "rich", "orjson", "regex", "multiprocessing", "bpe_tool.streams"}
    code = (
        "import sys; from bpe_tool.cli import main; main(sys.argv[2:]); "
        "sys.exit(bool(set(sys.argv[1].split()) & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", code, " ".join(heavy), *arguments]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_line_is_encoded_without_anything_heavy(tmp_path: Path):
    import bpe_tool

    vocab = tmp_path / "vocab.json"
    bpe_tool.train_vocab(["a rose is a rose"], vocab_size=260).save(vocab)
    (tmp_path / "line.txt").write_text("a rose\n")
    code = (
        "import sys; from bpe_tool.cli import main; code = main(sys.argv[1:]); "
        "heavy = {'numpy', 'rich', 'orjson', 'regex', 'multiprocessing', 'hashlib'}; "
        "sys.exit(code or bool(heavy & sys.modules.keys()))"
    )
    arguments = ["encode", "-t", str(vocab), str(tmp_path / "line.txt")]
    command = [sys.executable, "-c", code, *arguments]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_modules_of_shards_do_not_import_each_other_in_circles():
    """Layouts are made of files, and sets of layouts; imports within functions count, too."""
    names = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in SOURCES
    }
    room = {name: path for name, path in names.items() if name.startswith("bpe_tool.shards.")}
    graph = {name: imports(path) & room.keys() for name, path in room.items()}
    assert any(graph.values())
    while graph:
        free = [name for name in graph if not graph[name] & graph.keys()]
        assert free, f"a circle among {sorted(graph)}"
        for name in free:
            del graph[name]
    for name, path in room.items():
        above = {
            each
            for each in imports(path) & room.keys()
            if not each.startswith("bpe_tool.shards.files.")
        }
        if name.startswith("bpe_tool.shards.files."):
            assert not above
        if name.startswith("bpe_tool.shards.layouts."):
            assert all(each.startswith("bpe_tool.shards.layouts.") for each in above)
