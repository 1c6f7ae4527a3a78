// What the pages do by themselves: questions can be answered, and an address can name an order of the steps.
"use strict";

function made(tag, words, attributes) {
  const element = document.createElement(tag);
  element.append(...words);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// The number of the question to which a folded answer belongs: it stands in bold print, before it.
function numberOf(answer) {
  for (let before = answer.previousElementSibling; before; before = before.previousElementSibling) {
    const number = before.querySelector("b, strong")?.textContent.match(/^\d+(?=\.$)/);
    if (number) return number[0];
  }
  return "";
}

// A button for each choice, which says why it is right or wrong; the folded answer stays folded.
function makeAnswerable(answer) {
  const reasons = [...answer.querySelectorAll("li")];
  if (!reasons.length || !reasons.every((one) => /^[a-f]\) (right|wrong): /.test(one.textContent))) return;
  const number = numberOf(answer);
  const said = made("div", [], { role: "status", class: "said" });
  const buttons = reasons.map((reason) => {
    const button = made("button", [number + reason.textContent[0]], { type: "button", class: "choice" });
    button.addEventListener("click", () => {
      const right = reason.textContent.startsWith("right", 3);
      said.className = right ? "said right" : "said wrong";
      said.replaceChildren(...(reason.querySelector("p") ?? reason).cloneNode(true).childNodes);
    });
    return button;
  });
  answer.before(made("div", buttons, { role: "group", "aria-label": `Answer question ${number}` }), said);
}

// The address names the code of an order, `?code=07:opposite-orders:2:ABAB`: show it, or say where it can be tried.
function showOrder(code) {
  const recorded = [...document.querySelectorAll("article code")].find((one) => `${one.textContent}:`.startsWith(`${code}:`));
  const asked = `?code=${encodeURIComponent(code)}`;
  const lesson = [...document.querySelectorAll("nav[aria-label=Pages] a")].find(
    (link) => link.pathname !== location.pathname && link.pathname.includes(`/${code.split(":")[0]}_`));
  if (recorded) {
    const output = recorded.closest(".output") ?? recorded;
    output.classList.add("asked-for");
    output.tabIndex = -1;
    output.focus();
  } else if (lesson) {
    location.replace(lesson.href + asked);
  } else {
    const live = `${document.documentElement.dataset.content_root}live/index.html${asked}`;
    const words = ["No run of this order was recorded here: ", made("code", [code], {}), ". "];
    const link = made("a", ["Try it in the browser"], { href: live });
    document.querySelector("article").prepend(made("p", [...words, link], { class: "asked-for" }));
  }
}

document.querySelectorAll("details").forEach(makeAnswerable);
const code = new URLSearchParams(location.search).get("code");
if (code) showOrder(code);
