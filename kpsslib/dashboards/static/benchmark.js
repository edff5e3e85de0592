// Draws the views that Python sends. Every text in a view is ready to be read; here only places and sizes are computed.
const SVG = "http://www.w3.org/2000/svg";
const MARKS = { better: "M0 -6.5 6.5 5 -6.5 5Z", worse: "M0 6.5 6.5 -5 -6.5 -5Z", outside: "M-5.5 -5.5H5.5V5.5H-5.5Z", level: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z" };
const CONTROLS = ["group", "service_type", "form", "year", "indicator", "peers"];
const PATIENCE = 8000;

function make(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function draw(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function field(texts, name, className = "kb-field") {
  const select = make("select", { name });
  return { box: make("label", { className }, make("span", { textContent: texts[name] }), select), select };
}

function fillSelect(select, options, chosen) {
  const signature = JSON.stringify(options);
  if (select.dataset.options !== signature) {
    const option = ([value, label]) => make("option", { value, textContent: label });
    select.replaceChildren(...options.map(([first, second]) => Array.isArray(second)
      ? make("optgroup", { label: first }, ...second.map(option)) : option([first, second])));
    select.dataset.options = signature;
  }
  select.value = chosen;
}

// The share of an axis at which a value stands, in per cent, kept within it.
const place = (axis, value) => Math.min(100, Math.max(0, (100 * (value - axis.min)) / (axis.max - axis.min)));
const percent = (axis, value) => `${place(axis, value)}%`;

function track(dots, row) {
  const { axis } = dots, svg = draw("svg", { class: "kb-track", "aria-hidden": "true" });
  for (const [at] of axis.ticks) svg.append(draw("line", { class: "kb-grid", x1: percent(axis, at), x2: percent(axis, at), y1: 0, y2: "100%" }));
  if (dots.q1 !== null && dots.q3 !== null)
    svg.append(draw("rect", { class: "kb-band", x: percent(axis, dots.q1), width: `${place(axis, dots.q3) - place(axis, dots.q1)}%`, y: 0, height: "100%" }));
  if (dots.median !== null)
    svg.append(draw("line", { class: "kb-median", x1: percent(axis, dots.median), x2: percent(axis, dots.median), y1: 0, y2: "100%" }));
  if (row.low !== null && row.high !== null)
    svg.append(draw("line", { class: `kb-whisker kb-${row.mark}`, x1: percent(axis, row.low), x2: percent(axis, row.high), y1: "50%", y2: "50%" }));
  if (row.high > axis.max) svg.append(draw("svg", { x: "100%", y: "50%", overflow: "visible" }, draw("path", { class: `kb-whisker kb-${row.mark}`, d: "M-5 -4 0 0-5 4", fill: "none" })));
  svg.append(draw("svg", { x: percent(axis, row.value), y: "50%", overflow: "visible" }, draw("path", { class: `kb-mark kb-${row.mark}`, d: MARKS[row.mark] })));
  return make("span", { className: "kb-room" }, svg);
}

function axisLine(axis, side, unit) {
  const labels = axis.ticks.map(([, text]) => make("span", { textContent: text }));
  labels.forEach((label, i) => { label.style.left = percent(axis, axis.ticks[i][0]); });
  const line = make("div", { className: `kb-axis kb-axis-${side}` }, make("div", { className: "kb-unit", textContent: unit }), make("div", { className: "kb-axis-room" }, ...labels));
  line.setAttribute("aria-hidden", "true");
  return line;
}

function legend(dots, texts) {
  if (!dots.legend.length) return "";
  const sign = (mark) => draw("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" }, draw("path", { class: `kb-mark kb-${mark}`, d: MARKS[mark] }));
  const items = dots.legend.map(([mark, text]) => make("span", {}, sign(mark), text));
  const median = draw("svg", { width: 16, height: 16, "aria-hidden": "true" }, draw("line", { class: "kb-median", x1: 8, x2: 8, y1: 0, y2: 16 }));
  const band = draw("svg", { width: 16, height: 16, "aria-hidden": "true" }, draw("rect", { class: "kb-band", x: 0, y: 2, width: 16, height: 12 }));
  return make("p", { className: "kb-legend" }, ...items, make("span", {}, median, texts.median), make("span", {}, band, texts.quartiles));
}

// The ordered services: one native button a row, one tab stop for all of them, details on hover and on focus.
function dotRows(view, texts, choose) {
  const { dots } = view, tip = make("div", { className: "kb-tip", hidden: true });
  const hide = () => { tip.hidden = true; };
  const show = (button, row) => {
    tip.replaceChildren(...row.details.map((textContent, i) => make(i ? "span" : "strong", { textContent })));
    tip.hidden = false;
    const room = list.getBoundingClientRect(), at = button.getBoundingClientRect(), rail = button.querySelector("svg").getBoundingClientRect();
    const x = rail.left - room.left + (rail.width * place(dots.axis, row.value)) / 100 - tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(0, x), room.width - tip.offsetWidth)}px`;
    const below = at.bottom - room.top + 4;
    tip.style.top = `${below + tip.offsetHeight > room.height ? at.top - room.top - tip.offsetHeight - 4 : below}px`;
  };
  const buttons = dots.rows.map((row) => {
    const name = make("span", { className: "kb-name", textContent: row.name });
    const button = make("button", { type: "button", className: row.other ? "kb-row kb-other" : "kb-row", tabIndex: -1 },
      name, track(dots, row), make("span", { className: "kb-value", textContent: row.text }));
    button.dataset.service = row.id;
    button.setAttribute("aria-label", [row.name, ...row.details].join(", "));
    button.setAttribute("aria-pressed", String(row.chosen));
    button.addEventListener("click", () => choose({ service: row.id }));
    button.addEventListener("pointerenter", () => show(button, row));
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) show(button, row); });
    button.addEventListener("pointerleave", hide);
    button.addEventListener("blur", hide);
    return button;
  });
  const stop = Math.max(0, dots.rows.findIndex((row) => row.chosen));
  if (buttons.length) buttons[stop].tabIndex = 0;
  const list = make("div", { className: "kb-rows" }, make("ol", {}, ...buttons.map((button) => make("li", {}, button))), tip);
  list.addEventListener("keydown", (event) => {
    const now = buttons.indexOf(document.activeElement), last = buttons.length - 1;
    const next = { ArrowDown: Math.min(now + 1, last), ArrowUp: Math.max(now - 1, 0), Home: 0, End: last }[event.key];
    if (event.key === "Escape") hide();
    if (next === undefined || now < 0) return;
    event.preventDefault();
    buttons[now].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  });
  return list;
}

function drawDots(figure, view, texts, choose) {
  const { dots } = view, focused = figure.contains(document.activeElement) && document.activeElement.dataset.service;
  const caption = make("figcaption", {}, make("h3", { textContent: texts.figure }), make("p", { textContent: `${dots.summary} · ${dots.order}` }), legend(dots, texts));
  const missing = dots.missing.length ? [make("details", { className: "kb-missing" }, make("summary", { textContent: dots.missing_title }),
    make("ul", {}, ...dots.missing.map((text) => make("li", { textContent: text }))))] : [];
  const body = dots.rows.length ? [axisLine(dots.axis, "top", dots.unit), dotRows(view, texts, choose), axisLine(dots.axis, "bottom", ""),
    make("p", { className: "kb-hint", textContent: texts.keys })] : [make("p", { className: "kb-empty", textContent: texts.empty })];
  figure.replaceChildren(caption, ...body, ...missing);
  if (focused) figure.querySelector(`[data-service="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// Own value against the set's median and quartiles; a year without a value breaks the line.
function drawSeries(box, view, texts) {
  const { axis, points, now } = view.series, width = Math.max(260, box.clientWidth), height = 210;
  const left = 12 + 7 * Math.max(2, ...axis.ticks.map(([, text]) => text.length)), right = width - 14, top = 10, bottom = height - 26;
  const x = (i) => (points.length > 1 ? left + 10 + (i * (right - left - 14)) / (points.length - 1) : (left + right) / 2);
  const y = (value) => bottom - (place(axis, value) / 100) * (bottom - top);
  const svg = draw("svg", { role: "img", class: "kb-series", width, height, viewBox: `0 0 ${width} ${height}`, "aria-labelledby": "kb-series-title kb-series-desc" },
    draw("title", { id: "kb-series-title" }, `${texts.series}: ${view.title}`), draw("desc", { id: "kb-series-desc" }, points.map((p) => p.text).join(". ")));
  for (const [at, text] of axis.ticks)
    svg.append(draw("line", { class: "kb-grid", x1: left, x2: right, y1: y(at), y2: y(at) }), draw("text", { class: "kb-tick", x: left - 6, y: y(at) + 4, "text-anchor": "end" }, text));
  const parts = (known) => points.reduce((runs, p, i) => { known(p) ? runs[runs.length - 1].push(i) : runs.push([]); return runs; }, [[]]).filter((run) => run.length);
  const path = (run, value) => run.map((i, k) => `${k ? "L" : "M"}${x(i)} ${y(value(points[i]))}`).join("");
  for (const run of parts((p) => p.q1 !== null && p.q3 !== null))
    svg.append(draw("path", { class: "kb-band", d: `${path(run, (p) => p.q3)}${path([...run].reverse(), (p) => p.q1).replace("M", "L")}Z` }));
  for (const run of parts((p) => p.median !== null)) svg.append(draw("path", { class: "kb-median kb-line", d: path(run, (p) => p.median) }));
  points.forEach((p, i) => {
    if (p.low !== null && p.high !== null) svg.append(draw("line", { class: "kb-whisker kb-ownline", x1: x(i), x2: x(i), y1: y(p.low), y2: y(p.high) }));
    svg.append(draw("text", { class: p.year === now ? "kb-tick kb-now" : "kb-tick", x: x(i), y: height - 8, "text-anchor": "middle" }, width < 330 && i % 2 !== (points.length - 1) % 2 ? "" : p.year));
  });
  for (const run of parts((p) => p.value !== null)) svg.append(draw("path", { class: "kb-ownline kb-line", d: path(run, (p) => p.value) }));
  points.forEach((p, i) => { if (p.value !== null) svg.append(draw("circle", { class: p.year === now ? "kb-ownpoint kb-now" : "kb-ownpoint", cx: x(i), cy: y(p.value), r: p.year === now ? 5.5 : 3.5 })); });
  const cursor = draw("line", { class: "kb-cursor", y1: top, y2: bottom, visibility: "hidden" });
  svg.append(cursor);
  const readout = make("p", { className: "kb-readout" });
  readout.setAttribute("aria-live", "polite");
  let at = Math.max(0, points.findIndex((p) => p.year === now));
  const read = (i, visible = true) => {
    at = Math.min(points.length - 1, Math.max(0, i));
    if (!points.length) return;
    readout.textContent = points[at].text;
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(at));
    cursor.setAttribute("visibility", visible ? "visible" : "hidden");
  };
  read(at, false);
  const stage = make("div", { className: "kb-stage", tabIndex: 0 }, svg);
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", texts.series);
  stage.addEventListener("pointermove", (event) => read(Math.round(((event.clientX - svg.getBoundingClientRect().left - x(0)) / (x(points.length - 1) - x(0) || 1)) * (points.length - 1))));
  stage.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); read(at + step); }
  });
  const compared = points.some((p) => p.median !== null);
  const key = make("p", { className: "kb-legend" },
    make("span", {}, draw("svg", { width: 22, height: 12, "aria-hidden": "true" }, draw("line", { class: "kb-ownline", x1: 0, x2: 22, y1: 6, y2: 6 }), draw("circle", { class: "kb-ownpoint", cx: 11, cy: 6, r: 3.5 })), texts.own),
    ...(compared ? [make("span", {}, draw("svg", { width: 22, height: 12, "aria-hidden": "true" }, draw("line", { class: "kb-median", x1: 0, x2: 22, y1: 6, y2: 6 })), texts.median),
      make("span", {}, draw("svg", { width: 22, height: 12, "aria-hidden": "true" }, draw("rect", { class: "kb-band", x: 0, y: 0, width: 22, height: 12 })), texts.quartiles)] : []));
  box.replaceChildren(stage, readout, key);
}

function table({ caption, heads, rows, numeric }) {
  const isNumber = (i) => (numeric ? numeric.includes(i) : i > 0);
  const head = make("tr", {}, ...heads.map((text, i) => make("th", { scope: "col", textContent: text, className: isNumber(i) ? "kb-num" : "" })));
  const body = rows.map((row) => make("tr", { className: row.chosen ? "kb-chosen" : "" }, ...(row.cells ?? row).map((text, i) =>
    i ? make("td", { textContent: text, className: isNumber(i) ? "kb-num" : "" }) : make("th", { scope: "row", textContent: text }))));
  const room = make("div", { className: "kb-scroll", tabIndex: 0 }, make("table", {}, make("caption", { textContent: caption }), make("thead", {}, head), make("tbody", {}, ...body)));
  room.setAttribute("role", "region");
  room.setAttribute("aria-label", caption);
  return room;
}

function terms(pairs, className) {
  return make("dl", { className }, ...pairs.flatMap(([term, text]) => [make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: text }))]));
}

function render({ model, el }) {
  const texts = model.get("texts"), root = make("div", { className: "kb", lang: texts.language });
  for (const [meaning, colour] of Object.entries(model.get("palette"))) root.style.setProperty(`--${meaning}`, colour);
  const fields = Object.fromEntries([...CONTROLS, "service"].map((name) => [name, field(texts, name)]));
  const part = (name, className) => make(name, { className });
  const title = part("h2"), subtitle = part("p", "kb-subtitle"), notes = part("p", "kb-notes"), status = part("p", "kb-hidden");
  const lost = make("p", { className: "kb-lost", textContent: texts.lost, hidden: true });
  const definition = make("details", { className: "kb-definition" }, make("summary", { textContent: texts.definition }));
  const dots = part("figure", "kb-dots"), sentence = part("p", "kb-sentence"), facts = part("div"), attention = part("div", "kb-attention"), series = part("div");
  const seriesTable = make("details", {}, make("summary", { textContent: texts.series_table })), rows = part("section", "kb-table"), footer = make("footer", { textContent: texts.footer });
  status.setAttribute("role", "status");
  lost.setAttribute("role", "alert");
  const controls = make("div", { className: "kb-controls" }, ...CONTROLS.map((name) => fields[name].box));
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", texts.controls);
  const own = make("section", { className: "kb-own" }, fields.service.box, sentence, facts, make("h3", { textContent: texts.series }), series, seriesTable, make("h3", { textContent: texts.attention }), attention);
  root.append(make("div", { className: "kb-masthead" }, make("h1", { textContent: texts.heading }), make("p", { textContent: texts.region })), controls, lost, make("header", {}, title, subtitle, notes, definition), make("div", { className: "kb-body" }, dots, own), rows, footer, status);
  let asked = 0, patience;
  const choose = (wish) => {
    asked += 1;
    clearTimeout(patience);
    patience = setTimeout(() => { lost.hidden = false; }, PATIENCE);
    root.setAttribute("aria-busy", "true");
    model.set("asked", { ...wish, n: asked });
    model.save_changes();
  };
  const update = () => {
    const view = model.get("view");
    if (view.answers !== undefined && view.answers !== asked) return;
    for (const name of [...CONTROLS, "service"]) fillSelect(fields[name].select, view.options[name], view.choice[name]);
    for (const name of ["form", "peers"]) fields[name].box.hidden = view.options[name].length < 2;
    title.textContent = view.title;
    subtitle.textContent = view.subtitle.join(" · ");
    notes.textContent = view.notes.join(" ");
    sentence.textContent = view.sentence;
    definition.replaceChildren(definition.firstChild, terms(view.definition, "kb-terms"));
    drawDots(dots, view, texts, choose);
    facts.replaceChildren(terms(view.facts, "kb-facts"));
    attention.replaceChildren(view.attention.length ? make("ul", {}, ...view.attention.map(([kind, text]) => make("li", {}, make("strong", { textContent: kind }), make("span", { textContent: text })))) : make("p", { textContent: texts.calm }));
    drawSeries(series, view, texts);
    seriesTable.replaceChildren(seriesTable.firstChild, table(view.series.table));
    rows.replaceChildren(make("h3", { textContent: texts.table }), table(view.table));
    if (asked) status.textContent = `${view.title}. ${view.sentence}`;
    root.removeAttribute("aria-busy");
    root.dataset.drawn = String(asked);
    clearTimeout(patience);
    lost.hidden = true;
  };
  for (const [name, { select }] of Object.entries(fields)) select.addEventListener("change", () => choose({ [name]: select.value }));
  el.append(root);
  update();
  model.on("change:view", update);
  let width = series.clientWidth;
  const watcher = new ResizeObserver(() => { if (series.clientWidth !== width) { width = series.clientWidth; drawSeries(series, model.get("view"), texts); } });
  watcher.observe(series);
  return () => { watcher.disconnect(); clearTimeout(patience); model.off("change:view", update); };
}

export default { render };
