"use strict";
const SHOWN = 200;

for (const box of document.querySelectorAll(".tokens")) {
  const tokens = [...box.querySelectorAll(".t")];
  const detail = box.previousElementSibling;
  let at = -1;
  const choose = (next, scroll) => {
    if (next < 0 || next >= tokens.length) return;
    tokens[at]?.classList.remove("on");
    at = next;
    tokens[at].classList.add("on");
    if (scroll) tokens[at].scrollIntoView({ block: "nearest" });
    detail.textContent = `${tokens[at].textContent} · ${tokens[at].dataset.detail}`;
  };
  box.addEventListener("pointerover", (event) => {
    const token = event.target.closest(".t");
    if (token) choose(tokens.indexOf(token), false);
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(at + step, true);
  });
}

for (const plot of document.querySelectorAll("[data-points]")) {
  const points = JSON.parse(plot.dataset.points);
  const dot = plot.querySelector(".at");
  const rule = plot.querySelector(".rule");
  const detail = plot.nextElementSibling;
  let at = -1;
  const choose = (next) => {
    at = Math.min(Math.max(next, 0), points.length - 1);
    const [x, y, text] = points[at];
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
    rule.setAttribute("x1", x);
    rule.setAttribute("x2", x);
    for (const mark of [dot, rule]) mark.setAttribute("visibility", "visible");
    detail.textContent = text;
  };
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * plot.viewBox.baseVal.width;
    let best = 0;
    points.forEach((point, index) => {
      if (Math.abs(point[0] - x) < Math.abs(points[best][0] - x)) best = index;
    });
    choose(best);
  });
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(at + step);
  });
}

async function unpack(element) {
  const packed = Uint8Array.from(atob(element.textContent), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [numbers, ...texts] = (await new Response(stream).text()).split("\n");
  const sums = (steps) => { let sum = 0; return steps.map((step) => (sum += step)); };
  const [ids, ranks, other] = JSON.parse(numbers);
  return { texts, ids: sums(ids), ranks: sums(ranks), other };
}

// The bytes of a token, from what is shown of it or, where that is not enough, as they are given.
const plain = { "␣": " ", "⏎": "\n", "⇥": "\t", "␍": "\r" };
function bytes(text, hex) {
  const raw = hex?.match(/../g)?.map((pair) => parseInt(pair, 16))
    ?? [...new TextEncoder().encode(text.replace(/[␣⏎⇥␍]/g, (mark) => plain[mark]))];
  return raw.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
}

// What a query means: a test of a token's text and id, or null if it is not a regex.
function test(query) {
  if (/^#\d+$/.test(query)) return (text, id) => id === Number(query.slice(1));
  const regex = /^\/(.+)\/(i?)$/.exec(query);
  const shown = (text) => text.replaceAll(" ", "␣");
  if (!regex) return (text) => text.includes(shown(query));
  try {
    const pattern = new RegExp(shown(regex[1]), regex[2] + "u");
    return (text) => pattern.test(text);
  } catch {
    return null;
  }
}

async function searchable(form) {
  const section = form.closest("section");
  const found = section.querySelector(".found");
  const hits = section.querySelector(".hits");
  const { texts, ids, ranks, other } = await unpack(section.querySelector(".data"));
  // What was learned comes first, in the order in which it was learned: more of it is worth reading
  // than of the single bytes.
  const order = [...texts.keys()].sort((a, b) => (ranks[a] || Infinity) - (ranks[b] || Infinity) || a - b);
  const show = () => {
    const matches = test(form.elements.query.value);
    if (!matches) {
      found.textContent = "This is not a regex.";
      return;
    }
    let count = 0;
    const rows = [];
    for (const at of order) {
      if (!matches(texts[at], ids[at])) continue;
      count++;
      if (rows.length >= SHOWN) continue;
      const row = document.createElement("tr");
      const cells = [texts[at], ids[at], ranks[at] || "", bytes(texts[at], other[at])];
      for (const [index, value] of cells.entries()) {
        const cell = row.insertCell();
        if (index === 1 || index === 2) cell.className = "n";
        const text = document.createElement("bdi");
        text.textContent = value;
        cell.append(text);
      }
      rows.push(row);
    }
    hits.replaceChildren(...rows);
    const more = count > SHOWN ? `, the first ${SHOWN} are shown` : "";
    found.textContent = `${count.toLocaleString("en")} of ${texts.length.toLocaleString("en")} tokens${more}`;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  show();
}

for (const form of document.querySelectorAll(".search")) searchable(form);
