"""The pages of reports in a real browser: they work, ask for nothing and complain of nothing."""

import re

import pytest
from browser import CHROMIUM, MISSING, browser
from commands import ok
from hostile import HOSTILE, SPECIAL, TEXT, write_vocabulary

from bpe_tool.rendering.tokens import visible

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(autouse=True)
def quiet(page):
    """No page says anything on its console, or asks for anything but itself."""
    page.messages.clear()
    page.requests.clear()
    yield
    assert page.messages == []
    assert len(page.requests) == 1
    assert page.run("document.querySelectorAll('body script').length") <= 2
    assert not page.run("Boolean(document.querySelector('img, iframe, object, [onload]'))")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> list[str]:
    return ["-t", *write_vocabulary(tmp_path_factory.mktemp("hostile") / "a.tiktoken")]


def test_search(page, hostile, tmp_path):
    ok("inspect", "vocab", *hostile, "--html", tmp_path / "a.html")
    page.open(tmp_path / "a.html")
    every = [bytes([byte]) for byte in range(256)] + [each for each in HOSTILE if len(each) > 1]
    count = len(every) + 1

    def found(query: str) -> list[str]:
        return page.run(
            "(async () => { const form = document.querySelector('.search');"
            "while (!document.querySelector('.found').textContent)"
            "  await new Promise(done => setTimeout(done, 10));"
            f"form.elements.query.value = {query!r};"
            "form.dispatchEvent(new Event('input'));"
            "return [...document.querySelectorAll('.hits td:first-child')].map(c => c.textContent)"
            "})()"
        )

    assert len(found("")) == 200
    assert page.run("document.querySelector('.found').textContent").startswith(f"{count} of")
    assert found("<script>alert") == ["<script>alert(1)</script>"]
    assert found("#97") == ["a"]
    for id in (97, 32, 10, 255, *range(256, count - 1)):
        assert len(found(f"#{id}")) == 1
        shown = page.run("document.querySelector('.hits td:last-child').textContent")
        assert bytes.fromhex(shown) == every[id]
    shown = [visible(token) for token in every]
    assert sorted(found("/^<[A-F]/")) == sorted(text for text in shown if re.match("<[A-F]", text))
    assert found("/(/") == found("/^<[A-F]/")
    assert "␣" in found(" ")
    assert visible(SPECIAL.encode()) in found("#" + str(count - 1))


def test_what_was_learned_comes_first(page, vocab, tmp_path):
    ok("inspect", "vocab", "-t", vocab, "--html", tmp_path / "a.html")
    page.open(tmp_path / "a.html")
    ranks = page.run(
        "(async () => { while (!document.querySelector('.hits tr'))"
        "  await new Promise(done => setTimeout(done, 10));"
        "return [...document.querySelectorAll('.hits tr')].map(row => row.cells[2].textContent)"
        "})()"
    )
    assert len(ranks) == 200
    learned = [int(rank) for rank in ranks if rank]
    assert learned == sorted(learned)
    assert len(learned) > 20 and not any(ranks[len(learned) :])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
def test_text(page, hostile, tmp_path, dark, width):
    ok("inspect", "text", *hostile, "--html", tmp_path / "a.html", stdin=TEXT)
    page.open(tmp_path / "a.html", width=width, dark=dark)
    # The page itself never scrolls sideways.
    assert page.run("document.documentElement.scrollWidth") <= width
    page.run("document.querySelector('.tokens').focus()")
    page.key("ArrowRight")
    page.key("ArrowRight")
    page.key("ArrowLeft")
    assert page.run("document.querySelectorAll('.on').length") == 1
    assert "id 27 " in page.run("document.querySelector('.detail').textContent")
    background = page.run("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(17, 20, 26)") == dark


@pytest.mark.parametrize(("width", "beside"), [(360, False), (1200, True)])
def test_tokenizers_side_by_side(page, vocab, tmp_path, width, beside):
    ok("convert", "-q", vocab, tmp_path / "b.json")
    both = ["-t", vocab, "-t", tmp_path / "b.json"]
    ok("inspect", "text", *both, "--html", tmp_path / "a.html", stdin=TEXT)
    page.open(tmp_path / "a.html", width=width)
    tops = page.run("[...document.querySelectorAll('section')].slice(0, 2).map(s => s.offsetTop)")
    assert (tops[0] == tops[1]) == beside


def test_hints(page, vocab, tmp_path):
    ok("inspect", "vocab", "-t", vocab, "--find", "it", "--html", tmp_path / "a.html")
    page.open(tmp_path / "a.html")
    hint = page.run("document.querySelector('td bdi').title")
    assert re.fullmatch(r"id \d+ · (69 74|.* 69 74.*)", hint)


@pytest.mark.parametrize("width", [360, 1200])
def test_curves_and_tables(page, hostile, tmp_path, width, vocab):
    ok("inspect", "corpus", "-t", vocab, "--html", tmp_path / "a.html", stdin=TEXT * 3)
    page.open(tmp_path / "a.html", width=width)
    assert page.run("document.documentElement.scrollWidth") <= width
    page.run("document.querySelector('[data-points]').focus()")
    page.key("ArrowRight")
    page.key("ArrowRight")
    detail = "document.querySelector('[data-points]').nextElementSibling.textContent"
    assert page.run(detail).startswith("vocabulary size ")
    assert (
        page.run("document.querySelector('[data-points] .at').getAttribute('visibility')")
        == "visible"
    )


@pytest.mark.parametrize(
    "command", [["lint"], ["vocab", "--tree", "#260"], ["vocab", "--grep", ""]]
)
def test_other_reports(page, hostile, tmp_path, command):
    ok("inspect", *command, *hostile, "--html", tmp_path / "a.html")
    page.open(tmp_path / "a.html", width=360)
    assert page.run("document.documentElement.scrollWidth") <= 360
    assert page.run("document.querySelectorAll('section').length") >= 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
def test_ways_of_batching(page, tmp_path, dark, width):
    ids = "".join("7 " * (length - 1) + "7\n" for length in (1, 3, 2, 50, 700, 1200)).encode()
    ok("batch", "--stats", "--report", tmp_path / "a.html", "--max-tokens", 1200, stdin=ids)
    page.open(tmp_path / "a.html", width=width, dark=dark)
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run("document.querySelectorAll('svg.plot').length") == 3
    # On a narrow screen, labels are higher than the room above the first bar.
    plots = "[...document.querySelectorAll('svg.plot')].map(p => getComputedStyle(p).overflow)"
    assert {*page.run(plots)} == {"visible"}
    # Labels on the axis of the histogram do not overlap.
    assert page.run(
        "(() => { const boxes = [...document.querySelectorAll('svg [text-anchor=middle]')]"
        "  .map(label => label.getBoundingClientRect());"
        "return boxes.every((box, at) => !at || boxes[at - 1].right <= box.left"
        "  || boxes[at - 1].bottom <= box.top || box.bottom <= boxes[at - 1].top) })()"
    )
    colours = "[...document.querySelectorAll('svg.key rect')].map(r => getComputedStyle(r).fill)"
    assert len({*page.run(colours)}) == 3
