"""What the tests share: sample texts, trained tokenizers, published vocabularies."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import arguments
import generators
import pytest
from commands import END, TEXT, ok, run
from hypothesis import settings
from preprocess_example import PREPROCESS

import bpe_tool

# No test is timed: the machine may be busy. Every run tries the same examples; with the variable,
# each tries others, and ten times as many.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", deadline=None, derandomize=False, max_examples=1000)
settings.load_profile("thorough" if os.environ.get("BPE_TOOL_THOROUGH") else "same")

ROOT = Path(__file__).resolve().parent.parent
# Two of them start alike, so that "the longest wins" is always at stake.
SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<s>", "<|end", "é<特殊>"]
SCRIPTS = ["ascii", "latin", "cyrillic", "arabic", "devanagari", "thai", "hangul", "han", "emoji"]


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> Iterator[None]:
    """Signals end the processes that tests start, also where the tests run in the background.

    There, shells and `nohup` have them ignored or blocked, which every process hands on to those
    it starts.
    """
    usual = dict.fromkeys((signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM), signal.SIG_DFL)
    usual[signal.SIGINT] = signal.default_int_handler
    ignored = [number for number in usual if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, usual[number])
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, usual)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="module")
def hasty_disk() -> Iterator[None]:
    """Nothing is brought to the disk, which takes most of the time where many sets are written.

    That matters when a machine loses its power, not when a process is killed.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="session")
def corpora() -> list[Path]:
    """The sample texts that come with the project."""
    files = sorted(path for path in (ROOT / "corpora").rglob("*") if path.is_file())
    files = [path for path in files if not path.name.startswith("README")]
    assert files, "corpora/ is part of the project and holds no texts"
    return files


# Published vocabularies are too large to come with the project.
VOCABS = Path(os.environ.get("BPE_TOOL_VOCABS", ROOT.parent / "shared" / "vocabs"))


@pytest.fixture
def vocabs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of published vocabularies, in which their names are looked up."""
    if not (VOCABS / "cl100k_base.tiktoken").is_file():
        pytest.skip("no published vocabularies: name their folder in BPE_TOOL_VOCABS")
    monkeypatch.setenv("BPE_TOOL_VOCABS", str(VOCABS))
    return VOCABS


@pytest.fixture(scope="session")
def documents(corpora: list[Path]) -> list[str]:
    """Texts to train on: the sample texts and invented ones in many scripts."""
    samples = [path.read_bytes().decode() for path in corpora]
    return samples + generators.documents(1, 100_000, SCRIPTS)


@pytest.fixture(scope="session", params=["byte", "gpt2"])
def tokenizer(request: pytest.FixtureRequest, documents: list[str]) -> bpe_tool.Tokenizer:
    """A trained tokenizer, once with each alphabet."""
    return bpe_tool.train_vocab(
        documents, vocab_size=2000, special_tokens=SPECIAL_TOKENS, alphabet=request.param
    )


@pytest.fixture(scope="session")
def bytes_only() -> bpe_tool.Tokenizer:
    """A tokenizer without merges."""
    return bpe_tool.train_vocab([], vocab_size=256)


@pytest.fixture(scope="session")
def vocab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary directory."""
    folder = tmp_path_factory.mktemp("vocab")
    text = folder / "text.txt"
    text.write_bytes(TEXT * 5)
    run("train-vocab", text, "--vocab-size", 300, "--eos", END, "-o", folder / "vocab")
    return folder / "vocab"


@pytest.fixture
def encode(vocab: Path) -> list[object]:
    """The verb with its vocabulary, for `commands.run` and its like."""
    return ["encode", "-t", vocab, "--special", "text"]


@pytest.fixture
def decode(vocab: Path) -> list[object]:
    """Likewise."""
    return ["decode", "-t", vocab]


def token_ids(tokenizer: bpe_tool.Tokenizer) -> dict[bytes, int]:
    """The ids of all tokens that are not special, by their bytes."""
    special = set(tokenizer.special_tokens.values())
    ids = [id for id in range(len(tokenizer)) if id not in special]
    return {tokenizer.id_to_bytes(id): id for id in ids}


def special_ids(tokenizer: bpe_tool.Tokenizer) -> dict[bytes, int]:
    """The ids of special tokens by their bytes."""
    return {text.encode(): id for text, id in tokenizer.special_tokens.items()}


@pytest.fixture
def argument_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that calls in tables of arguments name."""
    monkeypatch.chdir(tmp_path)
    arguments.tokenizer().save("tokenizer.json")
    Path("ids.bin").write_bytes(b"\1\0\0\0")
    Path("text.txt").write_bytes(b"a")


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A pipeline file."""
    path = tmp_path / "pipeline.toml"
    ok(*PREPROCESS, "--save-pipeline", path)
    return path
