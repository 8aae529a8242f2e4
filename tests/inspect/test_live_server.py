"""The live page's server: what it answers, and what hostile and careless clients get."""

import json
import socket
import threading
from contextlib import contextmanager, suppress
from functools import partial

import pytest
from hostile import HOSTILE, SPECIAL, TEXT, is_printable

import bpe_tool
from bpe_tool.inspect.live import answers, server
from bpe_tool.inspect.live.answers import answer
from bpe_tool.inspect.live.page import live_page
from bpe_tool.inspect.live.server import MOST_BYTES, LiveServer

PAGE = b"<!doctype html>a page"


@pytest.fixture(scope="module")
def cores():
    texts = ["the cat sat on the mat, naïve €5 "] * 9
    sizes = {"small": 262, "large": 290}
    return {
        name: bpe_tool.train_vocab(texts, vocab_size=size, special_tokens=["<|end|>"])._core
        for name, size in sizes.items()
    }


@contextmanager
def serving(cores):
    with LiveServer(PAGE, partial(answer, cores)) as live:
        thread = threading.Thread(target=live.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield live
        finally:
            live.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def live(cores):
    with serving(cores) as live:
        yield live


def connected(live) -> socket.socket:
    return socket.create_connection(("127.0.0.1", live.port), timeout=60)


def received(client: socket.socket) -> bytes:
    """All that a client gets until the other side hangs up."""
    parts = []
    with suppress(ConnectionResetError):
        while part := client.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def sent(live, request: bytes) -> tuple[int, bytes, bytes]:
    """The status, the head and the content that answer a request."""
    with connected(live) as client:
        with suppress(ConnectionError):
            client.sendall(request)
        answer = received(client)
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, head, content


def request(live, method="GET", path=None, body=b"", host=None, **headers) -> bytes:
    """A request; headers that are `None` are left out."""
    path = f"/{live.token}/" if path is None else path
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{live.port}'}"]
    headers = {"Content-Length": len(body), **headers} if method == "POST" else headers
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([*lines, "", ""]).encode() + body


def tokens(live, text: bytes, special: str = "text", **headers) -> tuple[int, bytes, bytes]:
    path = f"/{live.token}/tokens?special={special}"
    return sent(live, request(live, "POST", path, text, **headers))


def test_the_page(live):
    code, head, content = sent(live, request(live))
    assert (code, content) == (200, PAGE)
    assert b"text/html" in head and b"frame-ancestors 'none'" in head and b"no-store" in head
    assert sent(live, request(live, host=f"localhost:{live.port}"))[0] == 200
    assert live.url == f"http://127.0.0.1:{live.port}/{live.token}/"
    assert len(live.token) >= 32


def test_it_listens_on_this_computer_only(live):
    assert live.socket.getsockname()[0] == "127.0.0.1"


def test_every_run_has_its_own_token(live, cores):
    with LiveServer(PAGE, partial(answer, cores)) as other:
        assert other.token != live.token


def test_tokens(live, cores):
    text = "the cat, naïve € <|end|>\n".encode() + b"\xff"
    code, head, content = tokens(live, text, Origin=f"http://127.0.0.1:{live.port}")
    assert code == 200 and b"application/json" in head
    value = json.loads(content)
    assert (value["bytes"], value["characters"]) == (len(text), len(text) - 3)
    for found, core in zip(value["vocabularies"], cores.values(), strict=True):
        ids, offsets = core.encode_with_offsets(text, "text", False)
        assert (found["count"], found["ids"]) == (len(ids), ids)
        assert [*zip(found["starts"], found["ends"], strict=True)] == offsets
        assert b"".join(map(bytes.fromhex, found["hex"])) == text
        assert found["special"] == []
    assert value["vocabularies"][0]["shown"][-2:] == ["⏎", "<FF>"]


def test_special_tokens(live, cores):
    value = json.loads(tokens(live, b"the<|end|>the<|end|>", "token")[2])
    for found, core in zip(value["vocabularies"], cores.values(), strict=True):
        end = core.special_tokens["<|end|>"]
        assert [found["ids"][at] for at in found["special"]] == [end, end]


def test_no_text(live):
    value = json.loads(tokens(live, b"")[2])
    assert [each["count"] for each in value["vocabularies"]] == [0, 0]


def test_what_is_shown_is_safe(live):
    value = json.loads(tokens(live, TEXT + SPECIAL.encode())[2])
    for found in value["vocabularies"]:
        assert all(map(is_printable, found["shown"]))


def test_many_tokens(cores, monkeypatch):
    monkeypatch.setattr(answers, "LISTED", 10)
    value = json.loads(answer(cores, b"xyz" * 100, "text"))
    for found in value["vocabularies"]:
        assert found["count"] == 300
        assert {len(each) for key, each in found.items() if key not in ("count", "special")} == {10}


def test_a_vocabulary_that_gives_up_does_not_silence_the_others(cores):
    """From every `a` on, the pattern looks for a `b` up to the end."""
    slow = bpe_tool.train_vocab(["ab"], vocab_size=256, pattern="a*b|c")._core
    content = json.loads(answer({"slow": slow, **cores}, b"a" * 200_000, "text"))
    first, *others = content["vocabularies"]
    assert first.keys() == {"error"} and "work" in first["error"]
    assert [each["count"] for each in others] == [200_000, 200_000]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:{port}",
     "localhost.evil.example:{port}", "127.0.0.1:{port}.evil.example", "user@127.0.0.1:{port}",
     "[::1]:{port}", "0.0.0.0:{port}"],
)  # fmt: skip
def test_other_hosts_are_refused(live, host):
    host = host.format(port=live.port)
    assert sent(live, request(live, host=host))[0] == 403
    assert tokens(live, b"a", host=host)[0] == 403


def test_no_host_or_several_are_refused(live):
    own = f"Host: 127.0.0.1:{live.port}"
    for hosts in ["X: y", f"{own}\r\n{own}", f"{own}\r\nHost: evil.example"]:
        head = f"GET /{live.token}/ HTTP/1.1\r\n{hosts}\r\n\r\n"
        assert sent(live, head.encode())[0] == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1",
     "http://127.0.0.1:1", "http://localhost:{port}", "http://127.0.0.1:{port}.evil.example", ""],
)  # fmt: skip
def test_requests_of_other_pages_are_refused(live, origin):
    origin = origin.format(port=live.port)
    assert tokens(live, b"a", Origin=origin)[0] == 403
    assert sent(live, request(live, Origin=origin))[0] == 403


@pytest.mark.parametrize(
    "path",
    ["/", "/x/", "/{token}x/", "/{short}/", "/?{token}", "/x/{token}/",
     "/{token}", "{token}/", "/é/", "*", "http://127.0.0.1/{token}/", "/tokens",
     "/../{token}/", "/%2e/"],
)  # fmt: skip
def test_requests_without_the_token_are_refused(live, path):
    path = path.format(token=live.token, short=live.token[:-1])
    for method in ("GET", "POST"):
        code, _, content = sent(live, request(live, method, path, host=None))
        assert code in (400, 403)
        assert live.token.encode() not in content and PAGE not in content


@pytest.mark.parametrize(
    "path", ["x", "../", "../../etc/passwd", "%2e%2e/", "..\\..\\", "tokens", "report.css", "/"]
)
def test_there_is_nothing_but_the_page(live, path):
    code, _, content = sent(live, request(live, path=f"/{live.token}/{path}"))
    assert (code, content) == (404, b"404 Not Found\n")


@pytest.mark.parametrize("path", ["", "x", "tokens/", "../tokens"])
def test_texts_are_sent_to_one_place(live, path):
    code = sent(live, request(live, "POST", f"/{live.token}/{path}?special=text", b"a"))[0]
    assert code == 404


@pytest.mark.parametrize(
    "query", ["", "?", "?special=error", "?special=text&x=1", "?special=", "?x"]
)
def test_other_queries_are_refused(live, query):
    assert sent(live, request(live, "POST", f"/{live.token}/tokens{query}", b"a"))[0] == 400


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "get", "X" * 99])
def test_other_methods_are_refused(live, method):
    code, _, content = sent(live, request(live, method))
    assert code == 501
    assert b"X" not in content


@pytest.mark.parametrize(
    ("length", "code"),
    [(None, 411), ("-1", 400), ("1e9", 400), ("0x10", 400), ("", 400), ("1, 1", 400), ("٣", 400),
     ("9" * 19, 400)],
)  # fmt: skip
def test_bad_lengths_are_refused(live, length, code):
    assert tokens(live, b"a", **{"Content-Length": length})[0] == code


def test_texts_without_a_length_are_refused(live):
    for length in (None, 1):
        chunked = {"Transfer-Encoding": "chunked", "Content-Length": length}
        assert tokens(live, b"1\r\na\r\n0\r\n\r\n", **chunked)[0] == 411


def test_the_largest_text(live):
    value = json.loads(tokens(live, b"a" * MOST_BYTES)[2])
    assert value["vocabularies"][0]["count"] == MOST_BYTES
    assert len(value["vocabularies"][0]["ids"]) == answers.LISTED


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 5 * MOST_BYTES])
def test_larger_texts_are_refused_in_a_way_that_their_sender_sees(live, size):
    assert tokens(live, b"a" * size)[0] == 413


def test_texts_that_end_early_are_refused(live):
    with connected(live) as client:
        client.sendall(request(live, "POST", f"/{live.token}/tokens?special=text", b"a" * 9)[:-1])
        client.shutdown(socket.SHUT_WR)
        assert received(client).startswith(b"HTTP/1.0 400")


@pytest.mark.parametrize(
    "head",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"\r\n\r\n", b"GET\r\n\r\n",
     b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
     b"GET / HTTP/1.1\r\nA: " + b"a" * 100_000 + b"\r\n\r\n", b"", b"\xff" * 500 + b"\r\n"],
)  # fmt: skip
def test_what_is_no_request(live, capfd, head):
    with connected(live) as client:
        with suppress(OSError):
            client.sendall(head)
            client.shutdown(socket.SHUT_WR)
        answer = received(client)
    assert b" 200 " not in answer and live.token.encode() not in answer
    assert sent(live, request(live))[0] == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("part", [0, 20, -1])
def test_slow_clients_are_hung_up_on(cores, monkeypatch, part):
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    with serving(cores) as live, connected(live) as client:
        whole = request(live, "POST", f"/{live.token}/tokens?special=text", b"a" * 9)
        client.sendall(whole[:part])
        assert received(client) == b""
        assert sent(live, request(live))[0] in (200, 0)


def test_there_is_a_limit_on_connections(cores, monkeypatch):
    monkeypatch.setattr(server, "CONNECTIONS", 2)
    with serving(cores) as live:
        idle = [connected(live) for _ in range(2)]
        assert sent(live, request(live))[0] == 0
        for each in idle:
            each.close()
        while sent(live, request(live))[0] != 200:
            pass


def test_clients_that_hang_up_are_no_matter(live, capfd):
    for _ in range(5):
        with connected(live) as client:
            client.sendall(request(live, "POST", f"/{live.token}/tokens?special=text", b"a" * 9))
    assert sent(live, request(live))[0] == 200
    assert capfd.readouterr() == ("", "")


def test_bugs_do_not_tell_what_was_typed(capfd):
    def broken(text: bytes, special: str) -> bytes:
        raise ValueError(text)

    with LiveServer(PAGE, broken) as live:
        thread = threading.Thread(target=live.serve_forever, args=(0.01,))
        thread.start()
        code, _, content = tokens(live, b"secret")
        live.shutdown()
        thread.join()
    assert (code, content) == (500, b"500 Internal Server Error\n")
    assert capfd.readouterr() == ("", "")


def test_the_page_is_safe_whatever_vocabularies_are_called():
    names = [each.decode("utf-8", "replace") for each in HOSTILE]
    page = live_page(names, MOST_BYTES, "bpe-tool inspect serve")
    assert b"<script>alert" not in page and b"<img" not in page
    assert page.count(b"<script>") == 1
    assert b"connect-src 'self'" in page
