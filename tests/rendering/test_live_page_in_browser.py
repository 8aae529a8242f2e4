"""The live page in a real browser, as the command serves it."""

import json
import re
import subprocess
from contextlib import contextmanager

import pytest
from browser import CHROMIUM, MISSING, browser
from commands import COMMAND, train
from hostile import SPECIAL, TEXT, write_vocabulary

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]

#: Types a text, and waits until the page shows what belongs to it.
TYPE = """(async () => {
  const field = document.querySelector("#text");
  field.value = TEXT;
  field.dispatchEvent(new Event("input"));
  const wanted = `${[...field.value].length.toLocaleString("en")} character`;
  const shown = document.querySelector("#lengths");
  while (!shown.textContent.startsWith(wanted)) await new Promise(done => setTimeout(done, 20));
})()"""
TEXTS = (
    "[...document.querySelectorAll('.tokens')[AT].querySelectorAll('.t')].map(t => t.textContent)"
)
DETAILS = "[...document.querySelectorAll('.detail')].map(each => each.textContent)"


class Served:
    """An address that the browser opens like a file."""

    def __init__(self, url: str) -> None:
        self._url = url

    def as_uri(self) -> str:
        return self._url


@contextmanager
def served(*arguments: object):
    """The address of the page that a command serves."""
    command = [*COMMAND, "inspect", "serve", "--no-browser", *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Served(process.stdout.readline().strip())
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    (folder / "text").write_text("the cat sat on the mat, the naïve cat\n" * 9)
    for name, size in (("a", 258), ("b", 275)):
        train(
            folder / "text", "--vocab-size", size, "--special-token", "<|end|>", "-o", folder / name
        )
    with served("-t", folder / "a", "-t", folder / "b") as url:
        yield url


def typed(page, text: str) -> None:
    page.run(TYPE.replace("TEXT", json.dumps(text)))


def texts(page, at: int) -> list[str]:
    return page.run(TEXTS.replace("AT", str(at)))


@pytest.fixture(autouse=True)
def quiet(page):
    """The page says nothing on its console, and asks nobody but its own server."""
    page.messages.clear()
    page.requests.clear()
    yield
    assert page.messages == []
    assert len({url.split("/")[2] for url in page.requests}) == 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1400])
def test_typing(page, two, width, dark):
    page.open(two, width=width, dark=dark)
    typed(page, "the cat\n")
    assert [len(texts(page, at)) for at in (0, 1)] == [
        int(page.run(f"document.querySelectorAll('#counts tbody tr')[{at}].cells[1].textContent"))
        for at in (0, 1)
    ]
    assert "".join(texts(page, 1)) == "the␣cat⏎"
    assert page.run("document.querySelector('#lengths').textContent") == "8 characters, 8 bytes"
    assert page.run("document.documentElement.scrollWidth") <= width
    typed(page, "")
    assert texts(page, 0) == texts(page, 1) == []


def test_what_differs_is_marked(page, two):
    page.open(two)
    typed(page, "the zz")
    shared = "[...document.querySelectorAll('.tokens')[AT].querySelectorAll('.shared')]"
    assert len(texts(page, 0)) > len(texts(page, 1))
    for at in (0, 1):
        found = page.run(f"{shared.replace('AT', str(at))}.map(t => t.textContent)")
        assert found[-2:] == ["z", "z"] and len(found) < len(texts(page, at))
    plain = f"getComputedStyle({shared.replace('AT', '0')}[0]).backgroundColor"
    assert page.run(plain) == "rgba(0, 0, 0, 0)"
    page.run("document.querySelector('#differences').click()")
    assert page.run(plain) != "rgba(0, 0, 0, 0)"


def test_a_token_and_what_others_have_in_its_place(page, two):
    page.open(two)
    typed(page, "the cat")
    page.run("document.querySelectorAll('.tokens')[1].focus()")
    page.key("ArrowRight")
    own, other = page.run(DETAILS)[::-1]
    assert re.fullmatch(r"the · id \d+ · bytes 0–3: 74 68 65", own)
    assert re.fullmatch(r"\d tokens here, ids [\d ]+|the · .*", other)
    same = page.run("[...document.querySelectorAll('.same')].map(t => t.textContent).join('')")
    assert same.startswith("the")
    page.key("ArrowRight")
    assert len(page.run("[...document.querySelectorAll('.on')].map(t => t.textContent)")) == 1


def test_special_tokens_and_ids(page, two):
    page.open(two)
    typed(page, "<|end|>")
    many = len(texts(page, 0))
    page.run("document.querySelector('#special').value = 'token'")
    page.run("document.querySelector('#special').dispatchEvent(new Event('change'))")
    page.run(
        "(async () => { while (!document.querySelector('.t.special'))"
        "  await new Promise(done => setTimeout(done, 20)) })()"
    )
    assert (many > 1, texts(page, 0)) == (True, ["<|end|>"])
    page.run("document.querySelector('#ids').click()")
    assert texts(page, 0) == ["257"]


def test_long_texts(page, two):
    page.open(two)
    text = "the cat sat on a mat, xyz\n" * 4000
    typed(page, text)
    count = page.run("document.querySelector('#counts td.n').textContent")
    assert int(count.replace(",", "")) > 20_000
    assert len(texts(page, 0)) < 20_000
    page.run(
        "(async () => { const box = document.querySelector('.tokens');"
        "const before = box.querySelectorAll('.t').length;"
        "while (box.querySelectorAll('.t').length === before) {"
        "  box.scrollTop = box.scrollHeight; await new Promise(done => setTimeout(done, 20)) } })()"
    )


def test_texts_that_are_too_long_say_so(page, two):
    page.open(two)
    typed(page, "a")
    page.run("document.querySelector('#text').value = 'é'.repeat(600_000)")
    page.run("document.querySelector('#text').dispatchEvent(new Event('input'))")
    said = page.run(
        "(async () => { const trouble = document.querySelector('#trouble');"
        "while (trouble.hidden) await new Promise(done => setTimeout(done, 20));"
        "return trouble.textContent })()"
    )
    assert said.startswith("The text has 1,200,000 bytes")
    typed(page, "ab")
    assert page.run("document.querySelector('#trouble').hidden")


def test_the_last_text_wins(page, two):
    """However texts follow each other, the page ends with the last one."""
    page.open(two)
    page.run(
        "for (const text of ['x'.repeat(50_000), 'yy', 'z'.repeat(9000)]) {"
        "  document.querySelector('#text').value = text; ask() }"
    )
    typed(page, "the last")
    assert "".join(texts(page, 0)) == "the␣last"
    page.run("new Promise(done => setTimeout(done, 200))")
    assert "".join(texts(page, 0)) == "the␣last"


def test_hostile_texts(page, tmp_path):
    with served("-t", *write_vocabulary(tmp_path / "<b>.tiktoken")) as url:
        page.open(url)
        typed(page, (TEXT + SPECIAL.encode()).decode("utf-8", "replace"))
        assert "<script>alert(1)</script>" in "".join(texts(page, 0))
        assert page.run("document.querySelectorAll('img, b, script').length") == 1
        assert page.run("document.querySelector('h2[id=v0]').textContent") == "<b>.tiktoken"


def test_lone_surrogates_become_replacement_characters(page, two):
    page.open(two)
    typed(page, "a\ud800")
    assert "".join(texts(page, 0)).startswith("a�<EF>")


def test_a_server_that_has_ended(page, two, vocab):
    with served("-t", vocab) as url:
        page.open(url)
        typed(page, "a")
    page.run("document.querySelector('#text').value = 'b'")
    said = page.run(
        "(async () => { await ask(); return document.querySelector('#trouble').textContent })()"
    )
    assert said.startswith("The server does not answer")
    # The browser itself reports that it could not connect.
    assert "ERR_CONNECTION" in page.messages.pop()
