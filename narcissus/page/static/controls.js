// One live setting as something to be turned by pointer, finger or key. What it takes stands in `control`, which the
// mirror has told; `set(value)` asks for a value, `show(value)` shows the one that holds.

const digits = (step) => Math.max(0, Math.min(2, -Math.floor(Math.log10(step) + 1e-9)));

function make(kind, properties = {}, ...children) {
  const element = Object.assign(document.createElement(kind), properties);
  element.append(...children);
  return element;
}

function head(control, ...beside) {
  return make("div", { className: "head" }, make("span", { className: "label", textContent: control.label }), ...beside);
}

function number(control, set) {
  const range = make("input", { type: "range", min: control.low, max: control.high, step: control.step });
  range.setAttribute("aria-label", control.label);
  const value = make("button", { type: "button", className: "value" });
  const words = control.words.map((word) => make("button", { type: "button", className: "word", textContent: word }));
  const element = make("div", {}, head(control, ...words, value), range);
  const write = (now) => (typeof now === "number" ? now.toFixed(digits(control.step)) : now);
  const show = (now) => {
    const isNumber = typeof now === "number";
    element.classList.toggle("auto", !isNumber);
    if (isNumber) range.value = now;
    range.style.setProperty("--at", `${(100 * (range.value - control.low)) / (control.high - control.low)}%`);
    range.setAttribute("aria-valuetext", write(now));
    value.textContent = isNumber ? write(now) : "";
    value.classList.toggle("changed", now !== control.default);
    value.title = now === control.default ? "as it comes" : `back to ${write(control.default)}`;
    value.setAttribute("aria-label", `${control.label}: ${write(now)}; ${value.title}`);
    words.forEach((button) => button.setAttribute("aria-pressed", button.textContent === now));
  };
  const turn = (now) => { show(now); set(now); };
  range.addEventListener("input", () => turn(Number(range.value)));
  value.addEventListener("click", () => turn(control.default));
  words.forEach((button) => button.addEventListener("click", () => turn(button.textContent)));
  return { element, show };
}

function switched(control, set) {
  const box = make("input", { type: "checkbox", className: "switch" });
  box.setAttribute("role", "switch");
  box.setAttribute("aria-label", control.label);
  box.addEventListener("change", () => set(box.checked));
  return { element: make("div", {}, head(control, box)), show: (now) => { box.checked = now; } };
}

function choice(control, set) {
  if (control.words.length > 9) return menu(control, set);
  const name = `choice ${control.name}`;
  const boxes = control.words.map((word) => make("input", { type: "radio", name, value: word }));
  boxes.forEach((box, place) => box.addEventListener("change", () => set(control.words[place])));
  const words = boxes.map((box, place) => make("label", {}, box, make("span", { textContent: control.words[place] })));
  const element = make("fieldset", {}, make("legend", {}, head(control)), make("div", { className: "words" }, ...words));
  return { element, show: (now) => boxes.forEach((box, place) => { box.checked = control.words[place] === now; }) };
}

function menu(control, set) {
  const select = make("select", {}, ...control.words.map((word) => make("option", { value: word, textContent: word })));
  select.setAttribute("aria-label", control.label);
  select.addEventListener("change", () => set(select.value));
  return { element: make("div", {}, head(control), select), show: (now) => { select.value = now; } };
}

function several(control, set) {
  const boxes = control.words.map((word) => make("input", { type: "checkbox", value: word }));
  const chosen = () => control.words.filter((_, place) => boxes[place].checked);
  boxes.forEach((box) => box.addEventListener("change", () => set(chosen())));
  const words = boxes.map((box, place) => make("label", {}, box, make("span", { textContent: control.words[place] })));
  const element = make("fieldset", {}, make("legend", {}, head(control)), make("div", { className: "words" }, ...words));
  return { element, show: (now) => boxes.forEach((box, place) => { box.checked = now.includes(control.words[place]); }) };
}

function colour(control, set) {
  const well = make("input", { type: "color" });
  well.setAttribute("aria-label", control.label);
  well.addEventListener("input", () => set(well.value));
  return { element: make("div", {}, head(control, well)), show: (now) => { well.value = now; } };
}

function text(control, set) {
  const field = make("input", { type: "text" });
  field.setAttribute("aria-label", control.label);
  field.addEventListener("change", () => set(field.value));
  return { element: make("div", {}, head(control), field), show: (now) => { field.value = now; } };
}

const KINDS = { number, switch: switched, choice, several, colour, text };

export function build(control, set) {
  const fault = make("p", { className: "fault", hidden: true });
  fault.setAttribute("role", "alert");
  const made = KINDS[control.kind](control, set);
  made.element.classList.add("control");
  made.element.dataset.name = control.name;
  made.element.title = control.name;
  made.element.append(make("p", { className: "comment", textContent: control.comment }), fault);
  return {
    ...made,
    refuse: (reason) => { fault.hidden = !reason; fault.textContent = reason ?? ""; },
  };
}
