"use strict";
// How long typing must rest before the text is sent, in milliseconds, and how many tokens are
// drawn at once: more of them follow as one scrolls.
const REST = 120;
const DRAWN = 3000;
const SHADES = 5;

const main = document.querySelector("main");
const field = document.querySelector("#text");
const special = document.querySelector("#special");
const showIds = document.querySelector("#ids");
const differences = document.querySelector("#differences");
const lengths = document.querySelector("#lengths");
const trouble = document.querySelector("#trouble");
const rows = [...document.querySelectorAll("#counts tbody tr")];
const number = (value) => value.toLocaleString("en");
const fraction = (part, whole, digits) => (whole ? (part / whole).toFixed(digits) : "");
const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

// One vocabulary: its tokens, drawn up to `drawn`, and the one that is chosen.
class View {
  constructor(section) {
    this.detail = section.querySelector(".detail");
    this.box = section.querySelector(".tokens");
    this.clear();
    this.box.addEventListener("scroll", () => this.drawSeen());
    this.box.addEventListener("pointerover", (event) => {
      const token = event.target.closest(".t");
      if (token) choose(this, [...this.elements].indexOf(token));
    });
    this.box.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const next = this.at + step;
      if (next < 0 || next >= this.elements.length) return;
      choose(this, next);
      this.elements[next].scrollIntoView({ block: "nearest" });
    });
  }

  clear() {
    this.tokens = null;
    this.drawn = 0;
    this.at = -1;
    this.chosen = [];
    this.box.replaceChildren();
    this.elements = this.box.getElementsByClassName("t");
  }

  show(tokens) {
    const top = this.box.scrollTop;
    this.clear();
    this.tokens = tokens;
    this.specials = new Set(tokens.special);
    this.detail.textContent = tokens.error ?? "Hover a token, or move among them with the arrow keys.";
    if (!tokens.error) this.draw();
    this.box.scrollTop = top;
    this.drawSeen();
  }

  // Draws the next tokens, and says at the end of the list what it lacks.
  draw() {
    const { shown, ids, count } = this.tokens;
    const last = Math.min(this.drawn + DRAWN, shown.length);
    const parts = document.createDocumentFragment();
    for (let at = this.drawn; at < last; at++) {
      const token = document.createElement("bdi");
      token.className = `t t${at % SHADES}`;
      if (this.tokens.shared?.[at]) token.classList.add("shared");
      if (this.specials.has(at)) token.classList.add("special");
      token.textContent = showIds.checked ? ids[at] : shown[at];
      parts.append(token, showIds.checked ? " " : "");
      if (!showIds.checked && this.tokens.hex[at].endsWith("0a")) parts.append(document.createElement("br"));
    }
    this.drawn = last;
    if (last === shown.length && last < count) {
      const more = document.createElement("p");
      more.className = "hint";
      more.textContent = `The first ${number(last)} of ${number(count)} tokens.`;
      parts.append(more);
    }
    this.box.append(parts);
  }

  drawSeen() {
    if (!this.tokens?.shown) return;
    const { box } = this;
    while (this.drawn < this.tokens.shown.length && box.scrollTop + 3 * box.clientHeight > box.scrollHeight) this.draw();
  }

  mark(first, last, name) {
    for (let at = first; at < Math.min(last, this.drawn); at++) {
      this.elements[at].classList.add(name);
      this.chosen.push(this.elements[at]);
    }
  }

  unmark() {
    for (const token of this.chosen) token.classList.remove("on", "same");
    this.chosen = [];
  }

  told(at) {
    const { shown, ids, starts, ends, hex } = this.tokens;
    const bytes = hex[at].slice(0, 120).replace(/../g, "$& ").toUpperCase().trim();
    const kind = this.specials.has(at) ? "special token, " : "";
    return `${shown[at]} · ${kind}id ${ids[at]} · bytes ${starts[at]}–${ends[at]}: ${bytes}${hex[at].length > 120 ? " …" : ""}`;
  }

  // The tokens that overlap bytes of the text, as a range of their numbers.
  overlapping(start, end) {
    const { starts, ends } = this.tokens;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > start) high = middle;
      else low = middle + 1;
    }
    let last = low;
    while (last < starts.length && starts[last] < end) last++;
    return [low, last];
  }
}

const views = [...document.querySelectorAll(".vocabulary")].map((section) => new View(section));

// Shows a token, and what the other vocabularies have in its place.
function choose(view, at) {
  for (const each of views) each.unmark();
  view.at = at;
  view.mark(at, at + 1, "on");
  view.detail.textContent = view.told(at);
  const { starts, ends } = view.tokens;
  for (const other of views) {
    if (other === view || !other.tokens?.shown) continue;
    const [first, last] = other.overlapping(starts[at], ends[at]);
    other.mark(first, last, "same");
    if (last - first === 1) other.detail.textContent = other.told(first);
    else {
      const some = Math.min(last, first + 20);
      const ids = other.tokens.ids.slice(first, some).join(" ");
      other.detail.textContent = `${plural(last - first, "token")} here, ids ${ids}${some < last ? " …" : ""}`;
    }
  }
}

// Tells each vocabulary which of its tokens all others have, too, at the same place.
function compare(answers) {
  const lists = answers.filter((each) => each.shown);
  if (lists.length < 2) return;
  const places = new Map();
  const key = (list, at) => list.starts[at] * 2 ** 21 + list.ends[at];
  lists.forEach((list, before) => {
    for (let at = 0; at < list.starts.length; at++) {
      const place = key(list, at);
      if ((places.get(place) ?? 0) === before) places.set(place, before + 1);
    }
  });
  for (const list of lists) {
    list.shared = list.starts.map((_, at) => places.get(key(list, at)) === lists.length);
  }
}

function count(answers, bytes, characters) {
  const counts = answers.filter((each) => each.shown).map((each) => each.count);
  const least = Math.min(...counts);
  answers.forEach((each, at) => {
    const cells = [...rows[at].cells].slice(1);
    const values = each.shown ? [
      number(each.count),
      ...(views.length > 1 ? [
        fraction(each.count, least, 2),
        each.shared ? number(each.shared.filter((shared) => !shared).length) + (each.count > each.shown.length ? "+" : "") : "",
      ] : []),
      fraction(bytes, each.count, 2),
      fraction(characters, each.count, 2),
    ] : [];
    cells.forEach((cell, index) => { cell.textContent = values[index] ?? ""; });
    rows[at].classList.toggle("best", views.length > 1 && each.shown && each.count === least && bytes > 0);
  });
}

function show(answer) {
  compare(answer.vocabularies);
  lengths.textContent = `${plural(answer.characters, "character")}, ${plural(answer.bytes, "byte")}`;
  count(answer.vocabularies, answer.bytes, answer.characters);
  views.forEach((view, at) => view.show(answer.vocabularies[at]));
}

function tell(what) {
  trouble.textContent = what;
  trouble.hidden = !what;
  main.classList.toggle("stale", Boolean(what));
}

// One request at a time, so that answers come in order; what was typed meanwhile is sent after it.
let asking = false;
let changed = false;
async function ask() {
  changed = true;
  if (asking) return;
  asking = true;
  while (changed) {
    changed = false;
    try {
      const text = new TextEncoder().encode(field.value);
      const most = Number(main.dataset.most);
      if (text.length > most) {
        tell(`The text has ${number(text.length)} bytes; at most ${number(most)} are shown here. bpe-tool count counts the tokens of any file.`);
        continue;
      }
      const response = await fetch(`tokens?special=${special.value}`, { method: "POST", body: text });
      if (response.ok) {
        show(await response.json());
        tell("");
      } else tell(`The server answers: ${(await response.text()).trim()}.`);
    } catch {
      tell("The server does not answer: it has ended, or is busy. Type on to try again.");
    }
  }
  asking = false;
}

let timer = 0;
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, REST);
});
special.addEventListener("change", ask);
showIds.addEventListener("change", () => views.forEach((view) => view.tokens && view.show(view.tokens)));
const mark = () => main.classList.toggle("marked", Boolean(differences?.checked));
differences?.addEventListener("change", mark);
mark();
field.select();
ask();
