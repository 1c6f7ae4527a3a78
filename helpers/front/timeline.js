// The timeline of one run, to walk through. `mount(element, data)` draws it; the data are those of payload.py, and
// whatever the learner then does happens here: no word goes back to Python.
//
// Three rates: `draw` fills the picture's paths (a new width, a new zoom), `choose` draws the arrows of one update, and
// `go` moves the play head. Only `go` runs for each event of a drag, so it touches few elements, and none that is drawn.

const VERSION = 1;
const LEFT = 40, RIGHT = 14, VALUE = 54, AXIS = 22; // px: beside the lanes, height of the first file's lane, of the axis
const PAGE = 12; // rows of the table that are there at a time
const MOST_LABELS = 200, MOST_FILES = 6;
const SPEEDS = [0.1, 0.3, 1, 3, 10, 30, 100];
const LOST = 0, KEPT = 1; // kinds of boxes; any other is only outlined

const CSS = `
.course-tl { color: var(--jp-ui-font-color1, inherit); font: 13px/1.4 var(--jp-ui-font-family, system-ui, sans-serif);
  --line: var(--jp-border-color1, #8886); max-width: 1200px; position: relative }
.course-tl * { box-sizing: border-box } .course-tl svg { display: block; overflow: visible; font-size: 11px }
.course-tl svg text { fill: currentColor; user-select: none }
.tl-legend, .tl-controls { display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: center; margin: 4px 0 }
.tl-legend span { display: inline-flex; gap: 5px; align-items: center; font-size: 12px } .tl-controls { gap: 4px 6px }
.tl-controls select, .tl-controls label { margin: 0 8px }
.tl-controls button, .tl-controls select { font: inherit; color: inherit; background: var(--jp-layout-color2, #8882);
  border: 1px solid var(--line); border-radius: 3px; padding: 2px 9px; min-height: 26px; min-width: 32px; cursor: pointer }
.tl-controls option { color: #222; background: #fff } .tl-controls label { display: inline-flex; gap: 5px; align-items: center }
.course-tl :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px }
.tl-plot { position: relative; touch-action: pan-y; cursor: ew-resize }
.tl-head { position: absolute; top: 0; left: -8px; width: 16px; will-change: transform; cursor: ew-resize;
  background: linear-gradient(currentColor, currentColor) 7px 0 / 2px 100% no-repeat }
.tl-head output { position: absolute; top: 0; left: 17px; padding: 0 5px; border-radius: 3px; font-weight: bold;
  background: var(--jp-ui-font-color1, #222); color: var(--jp-layout-color1, #fff) }
.tl-head.tl-far output { left: auto; right: 17px }
.tl-head::before { content: ""; position: absolute; top: -4px; left: 2px; border: 6px solid transparent; border-top: 9px solid currentColor }
.tl-kept { fill: var(--kept); stroke: var(--jp-layout-color0, Canvas); stroke-width: .7 }
.tl-lost { stroke: var(--lost); stroke-width: 1.2 }
.tl-other { fill: var(--kept); fill-opacity: .12; stroke: var(--kept); stroke-width: 1.2 }
.tl-wait { stroke: var(--wait); stroke-width: 1 } .tl-hold { stroke: currentColor; stroke-width: .7 }
.tl-grid { stroke: var(--line); stroke-width: 1; fill: none; opacity: .6 }
.tl-value { stroke: currentColor; stroke-width: 1.6; fill: none } .tl-dots { fill: currentColor }
.tl-expected { stroke: var(--good); stroke-width: 1.3; stroke-dasharray: 5 4; fill: none }
.tl-link { stroke: var(--kept); stroke-width: 1.8; fill: none } .tl-arrow { stroke: var(--lost); stroke-width: 1.6; fill: none }
.tl-thin { stroke-width: 1; opacity: .75 } .tl-tip { fill: var(--lost) }
.tl-gone { stroke: var(--lost); stroke-width: 2.4; fill: none } .tl-frame { stroke: currentColor; stroke-width: 2; fill: none }
.course-tl .tl-on { fill: #fff; font-weight: bold } .course-tl .tl-name { font-weight: bold; font-size: 12px }
.course-tl .tl-plate { paint-order: stroke; stroke: var(--jp-layout-color0, Canvas); stroke-width: 4px; font-weight: bold }
.tl-status { font-variant-numeric: tabular-nums; margin: 2px 0 6px; min-height: 1.4em }
.tl-status span:not(:empty) ~ span:not(:empty)::before { content: " · " } .tl-status span:first-child { font-weight: bold }
.tl-under { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: flex-start } .tl-now { flex: 1 1 24em }
.tl-said { min-height: 4.2em; margin-top: 6px } .tl-said:empty::before { content: attr(data-hint); opacity: .8 }
.tl-graph { margin: 0; flex: none } .tl-graph figcaption { font-size: 12px; max-width: 200px }
.tl-graph circle { fill: transparent; stroke: currentColor; stroke-width: 1.3 } .tl-graph .holds circle { fill: currentColor }
.course-tl .tl-graph .holds text { fill: var(--jp-layout-color1, Canvas) }
.tl-graph .waits circle { stroke: var(--wait); stroke-width: 2.4 }
.tl-graph .ring circle { stroke: var(--lost); stroke-width: 3 } .tl-graph text { font-weight: bold; text-anchor: middle }
.tl-graph rect { fill: var(--jp-layout-color1, Canvas); stroke: currentColor; stroke-width: 1.3 }
.tl-graph g[class=""]:has(rect) { display: none } .tl-graph path { fill: none; stroke: currentColor; stroke-width: 1.6 }
.tl-graph .wants { stroke: var(--wait); stroke-dasharray: 5 3 } .tl-graph path.ring { stroke: var(--lost); stroke-width: 2.6 }
.tl-graph marker path { fill: context-stroke; stroke: none } .tl-steps summary { cursor: pointer }
.tl-steps table { border-collapse: collapse; margin: 4px 0 }
.course-tl .tl-steps :is(td, th) { text-align: left; padding: 1px 14px 1px 4px; font-variant-numeric: tabular-nums; height: 21px }
.tl-steps tr[aria-current] { outline: 2px solid currentColor; outline-offset: -2px; font-weight: bold }
.course-walks > :not(.course-tl-of), .course-alive .widget-html img { display: none }
@media print { .course-tl { display: none } .course-walks > :not(.course-tl-of), .course-alive .widget-html img { display: block
  } }`;

function make(tag, attributes = {}, ...inside) {
  const isSvg = /^(svg|g|path|circle|text|pattern|defs|marker|clipPath|rect)$/.test(tag);
  const made = isSvg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}

const listed = names => names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
const says = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const has = (element, name, value) => { if (element.getAttribute(name) !== value) element.setAttribute(name, value); };
const covers = (span, t) => span[1] <= t && (span[2] === null || t < span[2]);

/** The index of the last of some rows, sorted by their number `at`, that is not past `t`: -1 where all are. */
function lastAt(rows, t, at = 0) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][at] <= t) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** The processes of a circle in `next`, which has for each process whom it waits for; [] without one. */
function circleIn(next) {
  for (const first of next.keys()) {
    const path = [], seen = new Set();
    const leads = at => {
      if (at === first && path.length) return true;
      if (seen.has(at) || !next.has(at)) return false;
      seen.add(at);
      path.push(at);
      return next.get(at).some(leads) || !path.pop();
    };
    if (leads(first)) return path;
  }
  return [];
}

/** What the run was like at each moment: spans by process, found by their start. */
class Story {
  constructor(data) {
    this.data = data;
    const byStart = (one, other) => one[1] - other[1];
    const mine = spans => data.processes.map((_, p) => spans.filter(span => span[0] === p).sort(byStart));
    this.boxes = mine(data.updates.map((update, index) => [...update.slice(0, 3), index]));
    const bars = [...data.holds.map(h => [...h, false]), ...data.waits.map(w => [...w, true])];
    this.lanes = Math.max(0, ...bars.map(bar => bar[4])) + 1;
    // In one lane of one process no two bars overlap.
    this.bars = mine(bars).map(all => Array.from({ length: this.lanes }, (_, lane) =>
      all.filter(bar => bar[4] === lane)));
    this.rivals = new Map(); // of a kept update: the lost ones
    data.updates.forEach((update, index) => {
      if (update[5] >= 0) this.rivals.set(update[5], [...this.rivals.get(update[5]) ?? [], index]);
    });
  }

  at(t) {
    const found = { values: [], inside: [], holders: new Map(), waits: new Map(), next: new Map() };
    for (const file of this.data.files) found.values.push(file.values[Math.max(lastAt(file.values, t), 0)][1]);
    this.data.processes.forEach((_, p) => {
      const box = this.boxes[p][lastAt(this.boxes[p], t, 1)];
      if (box && covers(box, t)) found.inside.push(p);
      for (const lane of this.bars[p]) {
        const bar = lane[lastAt(lane, t, 1)];
        if (!bar || !covers(bar, t)) continue;
        if (bar[5]) found.waits.set(p, bar[3]);
        else found.holders.set(bar[3], [...found.holders.get(bar[3]) ?? [], p]);
      }
    });
    for (const [p, lock] of found.waits) {
      const all = found.holders.get(lock) ?? [], others = all.filter(q => q !== p);
      if (all.length) found.next.set(p, others.length ? others : all);
    }
    found.circle = circleIn(found.next);
    return found;
  }
}

class Timeline {
  constructor(element, data, kept) {
    Object.assign(this, { data, kept, story: new Story(data), chosen: -1, hovered: -1 });
    // Hatchings are named by it. Each widget has a copy of this script: a number that is counted here would come again.
    this.id = `tl${Math.random().toString(36).slice(2)}`;
    this.from = 0;
    this.to = this.end = data.end;
    this.t = data.end;
    this.build(element);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.plot);
  }

  // ---- what there is

  build(element) {
    const { data } = this;
    if (!document.getElementById("course-tl-css")) document.head.append(make("style", { id: "course-tl-css" }, CSS));
    this.head = make("div", { class: "tl-head", role: "slider", tabindex: 0, "aria-label": "play head", "aria-valuemin": 0,
      "aria-valuemax": this.end }, make("output", { "aria-hidden": "true" }));
    this.svg = make("svg", { "aria-hidden": "true" });
    this.plot = make("div", { class: "tl-plot" }, this.svg, this.head);
    this.status = make("div", { class: "tl-status" }, ...Array.from({ length: 5 }, () => make("span")));
    this.said = make("div", { class: "tl-said", "data-hint": data.updates.length
      ? "Point at a box, tap it, or step to it with the arrow keys: its arrows and what it did stand here." : "" });
    const under = make("div", { class: "tl-under" }, make("div", { class: "tl-now" }, this.status, this.makeControls(), this.said),
      ...data.waits.length ? [this.makeGraph()] : []);
    const style = Object.entries(data.colours).map(([name, colour]) => `--${name}: ${colour}`).join(";");
    this.root = make("div", { class: "course-tl", style, role: "group", "aria-label": data.alt,
      "data-lm-suppress-shortcuts": "true", onkeydown: event => this.onKey(event) },
    this.makeLegend(), ...data.note ? [make("div", {}, data.note)] : [], this.plot, under, this.makeTable());
    element.append(this.root);
    this.makePaths();
    const on = (name, act, how) => this.plot.addEventListener(name, act, how);
    on("pointerdown", event => this.onDown(event));
    on("pointermove", event => this.onMove(event));
    on("pointerup", event => this.plot.releasePointerCapture(event.pointerId));
    on("pointerleave", () => this.hover(-1));
    on("wheel", event => event.ctrlKey && (event.preventDefault(), this.zoom(event.deltaY < 0 ? 1.3 : 1 / 1.3)), { passive: false });
  }

  makeLegend() {
    const { data } = this, swatch = name => {
      const shape = name === "tl-lost" ? torn(1, 2, 20, 10) : "M1 2h20v10h-20z";
      return make("svg", { width: 24, height: 14, "aria-hidden": "true" },
        make("path", { d: shape, class: name, style: `fill: ${this.fill(name)}` }));
    };
    const some = kind => data.updates.some(update => update[4] === kind), words = data.words;
    const shown = [["tl-kept", words[KEPT], some(KEPT)], ["tl-lost", words[LOST], some(LOST)], ["tl-other", words[2], some(2)],
      ["tl-wait", "waits", data.waits.length]];
    const locks = data.locks.length > 7 ? [{ words: "a lock", shade: "#5d83a3" }] : data.locks;
    const entry = (name, said) => make("span", {}, swatch(name), said);
    const entries = shown.filter(([, said, is]) => is && said).map(([name, said]) => entry(name, said));
    for (const lock of data.holds.length ? locks : []) {
      const made = entry("tl-hold", `holds ${lock.words}`);
      made.querySelector("path").style.fill = lock.shade;
      entries.push(made);
    }
    return make("div", { class: "tl-legend" }, ...entries);
  }

  fill = name => ({ "tl-lost": `url(#${this.id}x)`, "tl-wait": `url(#${this.id}w)` })[name] ?? "";

  makePaths() {
    const hatch = (name, d, colour) => make("pattern", { id: this.id + name, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      make("path", { d, stroke: `var(--${colour})`, "stroke-width": 1.1 }));
    this.svg.append(make("defs", {}, hatch("w", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "wait"),
      hatch("x", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5M-1 -1L7 7M5 -1L7 1M-1 5L1 7", "lost")));
    this.clip = make("path");
    this.svg.firstChild.append(make("clipPath", { id: `${this.id}clip` }, this.clip));
    const inside = this.svg.appendChild(make("g", { "clip-path": `url(#${this.id}clip)` }));
    this.paths = {};
    const names = "grid expected value dots wait kept lost other link arrow tip gone mylink myarrow mytip frame".split(" ");
    const looks = { mylink: "link", myarrow: "arrow", mytip: "tip", link: "link tl-thin", arrow: "arrow tl-thin" };
    for (const name of names) {
      const look = `tl-${looks[name] ?? name}`;
      this.paths[name] = inside.appendChild(make("path", { class: look, style: `fill: ${this.fill(look)}` }));
      if (name === "wait") {
        this.holds = this.data.locks.map(lock => inside.appendChild(make("path", { class: "tl-hold", style: `fill: ${lock.shade}` })));
      }
    }
    this.labels = this.svg.appendChild(make("g"));
  }

  makeControls() {
    const button = (said, name, act) => make("button", { type: "button", "aria-label": name, title: name, onclick: act }, said);
    this.player = button("▶ Play", "Play", () => this.play(!this.playing));
    this.speed = make("select", { "aria-label": "speed", onchange: () => { this.kept.speed = this.speed.value; } },
      ...SPEEDS.map(each => make("option", { value: each }, each < 1 ? `1/${Math.round(1 / each)} ×` : `${each} ×`)));
    this.speed.value = this.kept.speed ?? "1";
    // At 1 x half a second goes by from step to step on average; of a long run, a minute in all.
    this.pace = this.end / Math.min(Math.max(this.data.steps.length / 2, 4), 60);
    this.speed.title = `1 ×: one second shows ${this.pace.toPrecision(2)} ${this.data.unit === "ms" ? "ms" : "steps"}`;
    this.all = make("input", { type: "checkbox", onchange: () => { this.kept.all = this.all.checked; this.draw(); } });
    this.all.checked = this.kept.all ?? false;
    const arrows = this.data.updates.some(update => update[5] >= 0 || update[6] >= 0);
    return make("div", { class: "tl-controls" },
      button("|◀", "To the start", () => this.go(0)), button("◀", "One step back", () => this.step(-1)), this.player,
      button("▶", "One step on", () => this.step(1)), button("▶|", "To the end", () => this.go(this.end)), this.speed,
      button("−", "Zoom out", () => this.zoom(0.5)), button("+", "Zoom in", () => this.zoom(2)),
      button("all", "The whole time", () => this.zoom(0)),
      ...arrows ? [make("label", {}, this.all, "all arrows")] : []);
  }

  makeGraph() {
    const { processes, locks, waits } = this.data, n = processes.length, wanted = [...new Set(waits.map(wait => wait[3]))];
    const size = n + wanted.length > 12 ? 250 : n + wanted.length > 9 ? 220 : 170, high = n < 3 && wanted.length === 1 ? 50 : size, r = n > 12 ? 9 : 13;
    const around = size / 2 - r - 8;
    const at = (turn, far = around) => [size / 2 + far * Math.cos(turn), high / 2 + far * Math.sin(turn)];
    const circle = (place, all) => 2 * Math.PI * place / all - Math.PI * (all === 2 ? 1 : 0.5);
    // One lock stands in the middle; several stand between the processes, in their order where there is room.
    const all = wanted.length > 1 && n <= 12 ? n + wanted.length : n;
    const ring = [...processes.map((_, p) => [p, "p", p]), ...wanted.map((lock, k) => [(k + 0.5) * n / wanted.length, "l", lock])]
      .sort((one, other) => one[0] - other[0]);
    this.places = { p: [], l: [] };
    (all > n ? ring : ring.filter(node => node[1] === "p")).forEach(([, kind, number], place) => {
      this.places[kind][number] = at(circle(place, all), n === 1 && all === 1 ? -45 : around);
    });
    if (all === n) wanted.forEach((lock, k) => { this.places.l[lock] = at(circle(k, wanted.length), wanted.length > 1 ? around / 2 : n === 1 ? 45 : 0); });
    this.radius = r;
    const node = (kind, number, shape, words) => make("g", { transform: `translate(${this.places[kind][number]})` }, shape,
      make("text", { y: 4 }, words));
    this.nodes = processes.map((name, p) => node("p", p, make("circle", { r }), name));
    this.squares = new Map(wanted.map(lock => {
      const words = locks[lock].words.replace(/^(the )?lock (?=.)/, "").replace(/^the /, "").slice(0, 8), wide = Math.max(20, 7 * words.length + 8);
      return [lock, node("l", lock, make("rect", { x: -wide / 2, y: -10, width: wide, height: 20, rx: 3 }), words)];
    }));
    this.edges = make("g");
    this.graphSays = make("figcaption");
    const tip = make("marker", { id: `${this.id}tip`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9,
      markerUnits: "userSpaceOnUse", orient: "auto" }, make("path", { d: "M0 0L8 4L0 8z" }));
    return make("figure", { class: "tl-graph", role: "group", "aria-label": "wait-for graph" }, make("svg", { width: size, height: high,
      "aria-hidden": "true" }, make("defs", {}, tip), this.edges, ...this.squares.values(), ...this.nodes), this.graphSays);
  }

  makeTable() {
    const { data } = this, heads = [data.unit, "process", "does", ...data.files.slice(0, 2).map(file => `${file.name} says`)];
    const cells = () => heads.map(() => make("td"));
    this.rows = Array.from({ length: Math.min(PAGE, data.steps.length) }, (_, n) =>
      make("tr", { tabindex: -1, onclick: () => this.go(data.steps[this.first + n][0]) }, ...cells()));
    this.first = -PAGE;
    const table = make("table", { "aria-label": "the steps", "aria-rowcount": data.steps.length + 1 },
      make("thead", {}, make("tr", { "aria-rowindex": 1 }, ...heads.map(name => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...this.rows));
    this.steps = make("details", { class: "tl-steps", ontoggle: () => { this.kept.open = this.steps.open; this.showRows(); } },
      make("summary", {}, `The steps as a table (${data.steps.length})`), table);
    this.steps.open = this.kept.open ?? false;
    return this.steps;
  }

  // ---- the picture

  resize() {
    const width = this.plot.clientWidth;
    if (!width || width === this.width) return;
    const { data } = this, n = data.processes.length;
    this.width = width;
    this.files = data.files.slice(0, MOST_FILES);
    this.high = this.files.length > 1 ? 34 : VALUE; // of a file's lane
    this.top = this.files.length * (this.high + 8) + 8;
    this.rowHigh = Math.max(20, Math.min(48, Math.floor(360 / n)));
    this.bottom = this.top + n * this.rowHigh;
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", this.bottom + AXIS);
    this.clip.setAttribute("d", rect(LEFT - 3, 0, width - LEFT - RIGHT + 7, this.bottom + AXIS));
    this.head.style.height = `${this.bottom}px`;
    this.draw();
    this.go(this.t);
  }

  x = t => LEFT + (t - this.from) / (this.to - this.from) * (this.width - LEFT - RIGHT);

  /** Left, top, width and height of update number `index`: its box is solid and high, that of a lost one torn. */
  box(index) {
    const [p, start, end] = this.data.updates[index];
    const high = this.data.locks.length ? this.rowHigh * 0.58 : this.rowHigh * 0.74;
    const left = this.x(start), right = this.x(end ?? this.end);
    return [left, this.top + p * this.rowHigh + (this.data.locks.length ? 3 : this.rowHigh * 0.13), Math.max(right - left, 1), high];
  }

  bar(span, isWait) {
    const [p, start, end, , lane] = span, alone = !this.data.updates.length;
    const room = alone ? this.rowHigh - 6 : this.rowHigh * 0.26, high = room / this.story.lanes;
    const top = this.top + (p + 1) * this.rowHigh - 3 - room + lane * high;
    const left = this.x(start), thin = alone || isWait ? 1 : high * 0.2;
    return [left, top + thin, Math.max(this.x(end ?? this.end) - left, 1), Math.max(high - 2 * thin, 2)];
  }

  isSeen = span => span[1] <= this.to && (span[2] === null || span[2] >= this.from);

  draw() {
    if (!this.width) return;
    const { data, paths } = this, d = Object.fromEntries(Object.keys(paths).map(name => [name, ""]));
    this.labels.replaceChildren();
    const seen = data.updates.filter(update => this.isSeen(update)).length;
    this.isRoomy = seen * 14 < this.width * data.processes.length;
    data.updates.forEach((update, index) => {
      if (!this.isSeen(update)) return;
      const box = this.box(index), isLost = update[4] === LOST;
      d[isLost ? "lost" : update[4] === KEPT ? "kept" : "other"] += isLost ? torn(...box, !this.isRoomy) : rect(...box);
      const room = Math.min(box[0] + box[2], this.width) - Math.max(box[0], LEFT);
      if (box[3] > 13 && room > 7 * update[3].length + 6) {
        const [x, y] = [Math.max(box[0], LEFT) + room / 2, box[1] + box[3] / 2 + 4];
        this.label(update[3], x, y, update[4] === KEPT ? "tl-on" : "tl-plate");
      }
    });
    for (const wait of data.waits) if (this.isSeen(wait)) d.wait += rect(...this.bar(wait, true));
    data.locks.forEach((lock, number) => this.holds[number].setAttribute("d", data.holds
      .filter(hold => hold[3] === number && this.isSeen(hold)).map(hold => this.drawHold(hold, lock)).join("")));
    if (this.all.checked) this.drawAll(d);
    this.drawFiles(d);
    this.drawAxis(d);
    for (const [name, path] of Object.entries(paths)) if (!name.startsWith("my") && name !== "frame") path.setAttribute("d", d[name]);
    this.choose();
  }

  drawHold(hold, lock) {
    const [left, top, width, height] = this.bar(hold, false), x = Math.max(left, LEFT);
    const room = Math.min(left + width, this.width) - x;
    if (height > 11 && room > 7 * lock.words.length + 6) {
      this.label(lock.words, x + room / 2, top + height / 2 + 4, "").style.fill = lock.ink;
    }
    return rect(left, top, width, height);
  }

  label(words, x, y, look, anchor = "middle") {
    const made = make("text", { x, y, class: look, "text-anchor": anchor }, words);
    if (this.labels.childElementCount < MOST_LABELS || look === "tl-name") this.labels.append(made);
    return made;
  }

  drawAll(d) {
    this.data.updates.forEach((update, index) => {
      if (update[6] >= 0) d.link += this.link(update[6], index);
      if (update[5] < 0) return;
      const [line, tip] = this.arrow(index, update[5]);
      d.arrow += line;
      d.tip += tip;
    });
  }

  drawFiles(d) {
    this.files.forEach((file, number) => {
      const low = 6 + number * (this.high + 8) + this.high, isWhole = this.to - this.from === this.end;
      const seen = file.values.slice(Math.max(lastAt(file.values, this.from), 0), lastAt(file.values, this.to) + 1);
      const numbers = seen.map(value => value[1]), floor = isWhole ? 0 : Math.min(...numbers);
      const isNear = file.expected !== null && isWhole && file.expected <= 2 * Math.max(...numbers, 1);
      const top = Math.max(...numbers, isNear ? file.expected : 0, floor + 1), bottom = Math.min(...numbers, floor);
      const y = value => low - (value - bottom) / (top - bottom) * (this.high - 15);
      const at = t => Math.max(this.x(t), LEFT).toFixed(1);
      seen.forEach(([t, value], n) => {
        d.value += n ? `H${at(t)}V${y(value).toFixed(1)}` : `M${at(t)} ${y(value).toFixed(1)}`;
        if (seen.length < this.width / 8) d.dots += `M${at(t)} ${y(value)}m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0`;
      });
      d.value += `H${this.width - RIGHT}`;
      if (isNear) d.expected += `M${LEFT} ${y(file.expected)}H${this.width - RIGHT}`;
      const wanted = file.expected === null ? "" : ` · expected ${file.expected}${isNear || !isWhole ? "" : ", far above"}`;
      this.label(`${file.name}${wanted}`, LEFT + 4, low - this.high + 10, "tl-plate tl-name", "start");
      d.grid += `M${LEFT} ${low + 2}H${this.width - RIGHT}`;
    });
  }

  drawAxis(d) {
    const { data, bottom } = this, span = this.to - this.from, most = Math.max(2, Math.min(8, this.width / 90));
    const rough = 10 ** Math.floor(Math.log10(span / most)), ten = [1, 2, 5, 10].find(each => each * rough >= span / most);
    const gap = data.unit === "step" ? Math.max(1, ten * rough) : ten * rough;
    for (let t = Math.ceil(this.from / gap) * gap; t <= this.to + gap / 1e6; t += gap) {
      d.grid += `M${this.x(t).toFixed(1)} ${this.top}V${bottom + 4}`;
      this.label(`${+t.toPrecision(6)}`, this.x(t), bottom + 16, "tl-name");
    }
    this.label(data.unit, 2, bottom + 16, "tl-name", "start");
    data.processes.forEach((name, p) => {
      const y = this.top + p * this.rowHigh;
      d.grid += `M${LEFT} ${y}H${this.width - RIGHT}`;
      this.label(name, 12, y + this.rowHigh / 2 + 4, "tl-name");
    });
    for (const [p, words] of data.gone) { // when is not known: it stands at the end
      const x = Math.min(this.x(this.end), this.width) - 12, y = this.top + (p + 0.5) * this.rowHigh;
      if (this.to < this.end) continue;
      d.gone += `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`;
      this.label(words, x - 10, y + 4, "tl-plate tl-name", "end");
    }
  }

  // ---- arrows

  link(before, after) {
    const [x0, y0, wide, high] = this.box(before), [x1, y1, , high1] = this.box(after);
    return `M${x0 + wide} ${y0 + high / 2}L${x1} ${y1 + high1 / 2}`;
  }

  /** A bent arrow from the end of a lost update to the end of its rival: its line and its tip. */
  arrow(lost, rival) {
    const [x0, y0, wide0, high0] = this.box(lost), [x1, y1, wide1, high1] = this.box(rival), down = y1 > y0;
    const from = [x0 + wide0 - 4, down ? y0 + high0 : y0], to = [x1 + wide1 - 4, down ? y1 : y1 + high1];
    const bend = [(from[0] + to[0]) / 2 + 0.12 * Math.abs(to[1] - from[1]) + 8, (from[1] + to[1]) / 2];
    const long = Math.hypot(to[0] - bend[0], to[1] - bend[1]) || 1, ux = (to[0] - bend[0]) / long, uy = (to[1] - bend[1]) / long;
    const back = [to[0] - 10 * ux, to[1] - 10 * uy];
    return [`M${from}Q${bend} ${to}`, `M${to}L${[back[0] - 5 * uy, back[1] + 5 * ux]}L${[back[0] + 5 * uy, back[1] - 5 * ux]}z`];
  }

  /** Draw the arrows of the update that is pointed at, else of the one that the play head has reached; say what it did. */
  choose() {
    const { data, paths } = this, index = this.hovered >= 0 ? this.hovered : this.chosen;
    const d = { mylink: "", myarrow: "", mytip: "", frame: "" };
    if (index >= 0 && this.width) {
      d.frame = rect(...this.box(index).map((side, n) => side + [-2, -2, 4, 4][n]));
      const [, , , , , rival, before] = data.updates[index];
      if (before >= 0) d.mylink = this.link(before, index);
      const pairs = rival >= 0 ? [[index, rival]] : (this.story.rivals.get(index) ?? []).slice(0, 30).map(lost => [lost, index]);
      for (const [line, tip] of pairs.map(pair => this.arrow(...pair))) {
        d.myarrow += line;
        d.mytip += tip;
      }
    }
    for (const name of Object.keys(d)) has(paths[name], "d", d[name]);
    says(this.said, index >= 0 ? this.words(index) : "");
  }

  words(index) {
    const { data } = this, [p, start, end, said, kind, rival, before, line, more] = data.updates[index];
    if (more) return more;
    const name = n => `${data.processes[data.updates[n][0]]}’s ${data.updates[n][3]}`, lost = this.story.rivals.get(index) ?? [];
    const when = (t, step) => data.unit === "ms" ? `at ${t.toFixed(2)} ms` : `in step ${step}`;
    const what = `${data.processes[p]}’s update ${said}, a ${data.words[kind]}, read ${when(start, start + 1)}`;
    const wrote = end === null ? "and did not come to its end" : `and had written ${when(end, end)}`;
    return [`${what} ${wrote}${line ? `, at line ${line}` : ""}`,
      before >= 0 ? `It built on ${name(before)}` : "It built on no update",
      rival >= 0 ? `Its rival ${name(rival)} was kept: ${before >= 0 && data.updates[before][4] === LOST
        ? "the lost updates before it began" : "it started"} from the same number` : "",
      lost.length ? `It was the rival of ${listed(lost.slice(0, 6).map(name))}${lost.length > 6 ? " and others" : ""}` : "",
    ].filter(Boolean).join(". ") + ".";
  }

  // ---- the play head

  /** Move the play head to a moment, and say what there was then. */
  go(t) {
    this.t = t = Math.max(0, Math.min(t, this.end));
    if (!this.width) return;
    this.follow();
    this.head.style.transform = `translateX(${this.x(t)}px)`;
    const { data } = this, now = this.story.at(t), row = lastAt(data.steps, t);
    if (now.values.length === 1) says(this.head.firstChild, `${now.values[0]}`);
    this.head.classList.toggle("tl-far", this.x(t) > this.width - 60);
    this.show(now);
    if (row !== this.at) {
      this.at = row;
      this.chosen = row >= 0 ? data.steps[row][3] : -1;
      this.choose();
      this.showRows();
    }
    if (this.nodes) this.showGraph(now);
  }

  show(now) {
    const { data, status, t } = this, of = p => data.processes[p], at = this.data.unit === "ms" ? "ms" : "step";
    const does = (some, one, many) => some.length ? `${listed(some.map(of))} ${some.length > 1 ? many : one}` : "";
    const said = now.values.slice(0, MOST_FILES).map((value, n) => `${data.files.length > 1 ? data.files[n].name : "the file"} says ${value}`);
    const held = [...now.holders].map(([lock, some]) => `${listed(some.map(of))} ${some.length > 1 ? "hold" : "holds"} ${data.locks[lock].words}`);
    const wanted = new Map();
    for (const [p, lock] of now.waits) wanted.set(lock, [...wanted.get(lock) ?? [], p]);
    const waiting = [...wanted].map(([lock, some]) => `${does(some, "waits", "wait")} for ${data.locks[lock].words}`);
    const gone = t < this.end ? [] : data.gone.map(([p, words]) => `${of(p)}: ${words}`);
    const ring = now.circle.length > 1 ? [`${listed(now.circle.map(of))} wait in a circle`] : [];
    const nobody = data.locks.length && !held.length ? ["nobody holds a lock"] : held;
    const parts = [at === "ms" ? `${t.toFixed(2)} ms` : `after ${+t.toFixed(1)} of ${this.end} steps`, said.join(", "),
      does(now.inside, `is ${data.words.inside}`, `are ${data.words.inside}`), nobody.join(", "), [...waiting, ...ring, ...gone].join("; ")];
    parts.forEach((words, n) => says(status.children[n], words));
    has(this.head, "aria-valuenow", `${+t.toFixed(3)}`);
    const step = data.steps[lastAt(data.steps, t)];
    has(this.head, "aria-valuetext", [parts[0], step ? `${of(step[1])} ${step[2]}` : "", ...parts.slice(1)].filter(Boolean).join(". "));
  }

  showGraph(now) {
    const { data } = this, holding = new Set([...now.holders.values()].flat());
    this.nodes.forEach((node, p) => has(node, "class", [holding.has(p) && "holds", now.waits.has(p) && "waits",
      now.circle.includes(p) && "ring"].filter(Boolean).join(" ")));
    const wanted = [...new Set(now.waits.values())], edges = [...now.waits].map(([p, lock]) => ["wants", p, lock]);
    for (const lock of wanted) for (const p of now.holders.get(lock) ?? []) edges.push(["held", p, lock]);
    const key = edges.join(" ");
    if (key === this.key) return;
    this.key = key;
    for (const [lock, square] of this.squares) has(square, "class", wanted.includes(lock) ? "wanted" : "");
    const isRing = ([kind, p, lock]) => now.circle.some((q, n) => now.waits.get(q) === lock
      && p === (kind === "wants" ? q : now.circle[(n + 1) % now.circle.length]));
    this.edges.replaceChildren(...edges.map(edge => make("path", { d: this.edge(...edge), "marker-end": `url(#${this.id}tip)`,
      class: `${edge[0]}${isRing(edge) ? " ring" : ""}` })));
    const of = p => data.processes[p], short = lock => data.locks[lock].words.replace(/^the /, "");
    const lines = [...now.waits].map(([p, lock]) => [of(p), short(lock), ...now.next.has(p) ? [now.next.get(p).map(of).join("/")] : []].join(" → "));
    says(this.graphSays, lines.slice(0, 6).join(", ") + (lines.length > 6 ? " …" : "") || "nobody waits for anybody");
  }

  /** An arrow from a process to the lock that it wants, or from a lock to a process that holds it. */
  edge(kind, p, lock) {
    const ends = [this.places.p[p], this.places.l[lock]], rooms = [this.radius + 3, 15];
    const [[x0, y0], [x1, y1]] = kind === "wants" ? ends : ends.reverse(), [r0, r1] = kind === "wants" ? rooms : rooms.reverse();
    const long = Math.hypot(x1 - x0, y1 - y0), ux = (x1 - x0) / long, uy = (y1 - y0) / long, bow = Math.min(9, long / 6);
    const middle = [(x0 + x1) / 2 - bow * uy, (y0 + y1) / 2 + bow * ux];
    return `M${x0 + r0 * ux} ${y0 + r0 * uy}Q${middle} ${x1 - r1 * ux} ${y1 - r1 * uy}`;
  }

  /** The rows around the play head; the same elements, with other words in them. */
  showRows() {
    const { data, rows } = this, at = Math.max(this.at ?? 0, 0);
    if (!this.steps.open || !rows.length) return;
    if (at < this.first || at >= this.first + rows.length) {
      this.first = Math.max(0, Math.min(at - (at < this.first ? rows.length - 1 : 0), data.steps.length - rows.length));
      rows.forEach((row, n) => {
        const [t, p, does] = data.steps[this.first + n];
        const says = data.files.slice(0, 2).map(file => `${file.values[Math.max(lastAt(file.values, t), 0)][1]}`);
        row.setAttribute("aria-rowindex", this.first + n + 2);
        [data.unit === "ms" ? t.toFixed(2) : `${t}`, data.processes[p], does, ...says]
          .forEach((words, cell) => { row.children[cell].textContent = words; });
      });
    }
    rows.forEach((row, n) => {
      const isHere = this.first + n === this.at;
      if (isHere) has(row, "aria-current", "step"); else row.removeAttribute("aria-current");
      has(row, "tabindex", isHere || (n === 0 && this.at < 0) ? "0" : "-1");
    });
  }

  step(way) {
    const { steps } = this.data;
    let n = lastAt(steps, this.t);
    if (way < 0) while (n >= 0 && steps[n][0] >= this.t) n--;
    this.go(way > 0 ? steps[n + 1]?.[0] ?? this.end : steps[n]?.[0] ?? 0);
  }

  zoom(factor) {
    const span = factor ? Math.min(this.end, Math.max((this.to - this.from) / factor, this.end / 5000)) : this.end;
    const share = (this.t - this.from) / (this.to - this.from);
    this.from = Math.max(0, Math.min(this.t - share * span, this.end - span));
    this.to = this.from + span;
    this.draw();
    this.go(this.t);
  }

  /** Keep the play head in sight. */
  follow() {
    const span = this.to - this.from;
    if (this.t >= this.from && this.t <= this.to) return;
    this.from = Math.max(0, Math.min(this.t - span * (this.t < this.from ? 0.2 : 0.8), this.end - span));
    this.to = this.from + span;
    this.draw();
  }

  play(isOn) {
    this.playing = isOn;
    says(this.player, isOn ? "❚❚ Pause" : "▶ Play");
    has(this.player, "aria-label", isOn ? "Pause" : "Play");
    if (!isOn) return;
    if (this.t >= this.end) this.go(0);
    const steps = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let now = this.t, before = performance.now();
    const tick = time => {
      if (!this.playing || !this.root.isConnected) return;
      now = Math.min(now + (time - before) / 1000 * this.pace * this.speed.value, this.end);
      before = time;
      const reached = this.data.steps[lastAt(this.data.steps, now)]?.[0] ?? 0;
      if (!steps || now === this.end) this.go(now);
      else if (reached !== this.t) this.go(reached);
      if (now >= this.end) this.play(false); else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  // ---- hands

  onKey(event) {
    const { target } = event, isRow = target.closest("tbody"), far = { PageUp: 10, PageDown: -10 }[event.key];
    const acts = target === this.head || isRow ? {
      ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), Home: () => this.go(0), End: () => this.go(this.end),
      ArrowUp: () => this.step(isRow ? -1 : 1), ArrowDown: () => this.step(isRow ? 1 : -1), " ": () => this.play(!this.playing),
      "+": () => this.zoom(2), "-": () => this.zoom(0.5), 0: () => this.zoom(0),
      [far ? event.key : ""]: () => { for (let n = 0; n < 10; n++) this.step(isRow ? -far : far); },
    } : {};
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    if (event.key !== " ") this.play(false);
    acts[event.key]();
    if (isRow) this.rows[this.at - this.first]?.focus();
  }

  place(event) {
    const box = this.plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  timeAt = x => this.from + (x - LEFT) / (this.width - LEFT - RIGHT) * (this.to - this.from);

  updateAt(x, y) {
    const p = Math.floor((y - this.top) / this.rowHigh), mine = this.story.boxes[p] ?? [], n = lastAt(mine, this.timeAt(x + 3), 1);
    for (const box of mine.slice(Math.max(n - 2, 0), n + 1).reverse()) {
      const [left, , wide] = this.box(box[3]);
      if (x >= left - 3 && x <= left + wide + 3) return box[3];
    }
    return -1;
  }

  onDown(event) {
    if (event.button) return;
    event.preventDefault();
    this.plot.setPointerCapture(event.pointerId);
    this.head.focus({ preventScroll: true });
    this.play(false);
    this.dragTo(event);
    const hit = this.updateAt(...this.place(event));
    if (hit >= 0) this.choose(this.chosen = hit);
  }

  dragTo(event) {
    this.go(this.timeAt(this.place(event)[0]));
  }

  onMove(event) {
    if (this.plot.hasPointerCapture(event.pointerId)) {
      this.hovered = -1;
      this.dragTo(event);
    } else if (event.pointerType === "mouse") this.hover(this.updateAt(...this.place(event)));
  }

  hover(index) {
    if (index !== this.hovered) this.choose(this.hovered = index);
  }

  remove() {
    this.playing = false;
    this.sizes.disconnect();
    this.root.remove();
  }
}

function rect(x, y, wide, high) {
  return `M${x.toFixed(1)} ${y.toFixed(1)}h${wide.toFixed(1)}v${high.toFixed(1)}h${-wide.toFixed(1)}z`;
}

/** A box whose right edge is torn; a low one where boxes are too narrow to show that. */
function torn(x, y, wide, high, isLow = false) {
  if (isLow) return rect(x, y + high * 0.3, wide, high * 0.4);
  if (wide < 8) return rect(x, y, wide, high);
  const tooth = high / 4;
  return `M${x.toFixed(1)} ${y.toFixed(1)}h${wide.toFixed(1)}` + `l-4 ${tooth}l4 ${tooth}`.repeat(2) + `h${-wide.toFixed(1)}z`;
}

/** Draw the timeline of one run in an element; a function that takes it away. `kept` outlives it: what the learner has set. */
export function mount(element, data, kept = {}) {
  if (data.version !== VERSION) {
    const said = make("p", {}, `This timeline has version ${data.version}, and this page reads version ${VERSION}: run the cell again.`);
    element.append(said);
    return () => said.remove();
  }
  const made = new Timeline(element, data, kept);
  return () => made.remove();
}

/** Mount each timeline of the page that stands there as HTML, when it comes into view. */
export function mountPage() {
  for (const form of document.querySelectorAll(".course-timeline:not([data-seen])")) {
    form.dataset.seen = "";
    new IntersectionObserver((entries, observer) => {
      if (!entries.some(entry => entry.isIntersecting)) return;
      observer.disconnect();
      const data = JSON.parse(form.querySelector("script").textContent), place = make("div", { class: "course-tl-of" });
      form.append(place);
      mount(place, data);
      form.classList.toggle("course-walks", data.version === VERSION);
    }, { rootMargin: "300px" }).observe(form);
  }
}

function render({ model, el }) {
  const kept = {};
  let remove = () => {};
  const show = () => {
    const data = model.get("data"), hadFocus = el.contains(document.activeElement);
    remove();
    const isThere = "version" in data;
    remove = isThere ? mount(el, data, kept) : () => {};
    const screen = el.closest(".course-screen"), shows = isThere && data.version === VERSION && !data.beside;
    screen?.classList.toggle("course-alive", shows);
    if (hadFocus) el.querySelector(".tl-head")?.focus({ preventScroll: true });
  };
  model.on("change:data", show);
  // The element stands in the page, and so in its screen, only after this.
  requestAnimationFrame(show);
  return () => { model.off("change:data", show); remove(); };
}

export default { render };
