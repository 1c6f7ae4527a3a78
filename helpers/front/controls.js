// What keeps a panel usable by keyboard and by screen reader, where ipywidgets and the page around it do not.
// A widget without a face of its own: `render` looks after the panel that carries it until its view goes.

const NO_SHORTCUTS = "data-lm-suppress-shortcuts"; // JupyterLab and Notebook 7 look for it, from an event's target upward
// Where there is no room beside its words, a control goes below them.
const CSS = `
.course-controls :is(.widget-slider, .widget-dropdown) { flex-wrap: wrap; height: auto }
.course-controls .widget-dropdown > select { height: var(--jp-widgets-inline-height, 28px) }
.course-controls .widget-slider .slider-container { flex-basis: 5em }`;
const STATUS = ".course-screen > .widget-html:first-child > .widget-html-content";

/** Set an attribute that is not so yet: a change would be observed again. */
function has(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** A key that a control may mean for itself; of the page's own, what saves, searches or opens a palette goes on. */
function isForControls(event) {
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.length === 1;
  return !isCommand || "acvxyz".includes(event.key.toLowerCase());
}

/** Names for what ipywidgets leaves nameless: the handle of a slider, and the number beside it, which can be typed over. */
function nameControls(panel) {
  for (const slider of panel.querySelectorAll(".widget-slider")) {
    const parts = [".widget-label", "[role=slider]", ".widget-readout"];
    const [label, handle, number] = parts.map(part => slider.querySelector(part));
    if (!label || !handle || !number) continue;
    has(handle, "aria-label", label.textContent);
    has(handle, "aria-valuetext", number.textContent);
    has(number, "role", "textbox");
    has(number, "aria-label", `type: ${label.textContent}`);
  }
}

/** The status line's role, from what is put in anew with each sentence to what stays: only a region that stays is read out. */
function keepRegions(panel) {
  for (const region of panel.querySelectorAll(STATUS)) {
    has(region, "role", "status");
    region.querySelector("[role=status]")?.removeAttribute("role");
  }
}

/** Hand the focus of a button that was turned off to the next of its group; where all are off, to the next in the panel. */
function handOn(panel, button) {
  const enabled = [...panel.querySelectorAll("button:enabled")];
  const isLater = other => button.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  const group = enabled.filter(other => button.closest(".widget-vbox").contains(other));
  const next = group.find(isLater) ?? group[0] ?? enabled.find(isLater) ?? enabled[0];
  next?.focus();
}

/** "light" or "dark": as JupyterLab and Notebook 7 say, VS Code, Colab, or else the reader's system. */
function themeOf({ body, documentElement: root }) {
  const says = body.dataset.jpThemeLight ?? body.dataset.vscodeThemeKind ?? root.getAttribute("theme");
  const isDark = says ? /^false$|dark|^vscode-high-contrast$/.test(says) : matchMedia("(prefers-color-scheme: dark)").matches;
  return isDark ? "dark" : "light";
}

function render({ model, el }) {
  el.style.display = "none";
  el.append(Object.assign(document.createElement("style"), { textContent: CSS }));
  const gone = new AbortController(), { signal } = gone;
  const observe = (callback, node, what) => {
    const observer = new MutationObserver(callback);
    observer.observe(node, what);
    signal.addEventListener("abort", () => observer.disconnect());
  };
  const keep = panel => {
    panel.classList.add("course-controls");
    // On the control itself, since many shortcuts are for what has the focus; and before any other listener hears of the key,
    // since Notebook 7 acts on keys on their way down to the panel.
    const onKey = event => {
      if (panel.contains(event.target)) event.target.toggleAttribute(NO_SHORTCUTS, isForControls(event));
    };
    addEventListener("keydown", onKey, { capture: true, signal });
    const look = () => { nameControls(panel); keepRegions(panel); };
    observe(records => {
      const turnedOff = records.find(({ target }) => target === document.activeElement && target.disabled);
      if (turnedOff) handOn(panel, turnedOff.target);
      // The timeline looks after itself, and changes with each step of its play head.
      if (records.some(({ target }) => !target.closest(".course-tl"))) look();
    }, panel, { subtree: true, childList: true, attributeFilter: ["disabled", "aria-valuetext"] });
    look();
  };
  const tell = () => {
    if (model.get("theme") === themeOf(document)) return;
    model.set("theme", themeOf(document));
    model.save_changes();
  };
  observe(tell, document.body, { attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind"] });
  observe(tell, document.documentElement, { attributeFilter: ["theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell, { signal });
  tell();
  // The element stands in its panel only after this.
  requestAnimationFrame(() => { if (!signal.aborted) keep(el.closest(".widget-vbox")); });
  return () => gone.abort();
}

export default { render };
