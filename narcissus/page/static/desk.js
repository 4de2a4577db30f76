// The desk. The wall holds the one truth: what is turned here is asked for, and what is shown is what holds, but for
// the moment in which a hand is on a control.
import { build } from "/controls.js";

const $ = (id) => document.getElementById(id);
const BUSY = 167; // ms at least between two pictures of the wall while a hand turns something: the page is drawn anew too
const REST = 600; // ms after the last touch until a control shows what holds again
const AGAIN = 1000; // ms until a line that broke is tried anew
const GROUPS = { work: "the work" };

if (location.hash.length > 1) {
  sessionStorage.setItem("token", location.hash.slice(1));
  history.replaceState(null, "", location.pathname); // nobody need read it off the screen
}
const token = sessionStorage.getItem("token") ?? "none";

const controls = new Map(); // name -> what controls.js has built
const touched = new Map(); // name -> when a hand was on it last
const waiting = new Map(); // name -> the value still to be asked for
let holds = { values: {}, presets: [] }; // what the wall has told
let asking = false;
let hand;

function line(path, heard) {
  const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}${path}`, ["narcissus", token]);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", (event) => heard(event.data, socket));
  return socket;
}

// ---- what is asked

let number = 0;
const answers = new Map();

function ask(question) {
  if (hand?.readyState !== WebSocket.OPEN) return Promise.resolve({ fault: "the wall is away" });
  number += 1;
  hand.send(JSON.stringify({ ...question, number }));
  return new Promise((resolve) => answers.set(number, resolve));
}

function set(name, value) {
  touched.set(name, performance.now());
  shown.delete(name);
  waiting.set(name, value);
  flush();
}

async function flush() { // one question at a time: what is turned meanwhile is asked for together, the newest of each
  if (asking || !waiting.size) return;
  asking = true;
  const values = Object.fromEntries(waiting);
  waiting.clear();
  const { refused = {}, fault } = await ask({ ask: "set", values });
  asking = false;
  for (const name of Object.keys(values)) {
    const reason = refused[name] ?? fault;
    controls.get(name)?.refuse(reason);
    if (reason && !waiting.has(name)) touched.delete(name);
  }
  show();
  flush();
}

async function change(question) {
  const { fault } = await ask({ ask: "presets", ...question });
  $("refused").hidden = !fault;
  $("refused").textContent = fault ?? "";
  return !fault;
}

// ---- what holds

function heard(text) {
  const told = JSON.parse(text);
  if ("answers" in told) {
    answers.get(told.answers)?.(told);
    answers.delete(told.answers);
  }
  if (!told.present) return;
  const news = told.present;
  const back = holds.away && news.away === false;
  holds = { ...holds, ...news };
  document.body.classList.toggle("away", holds.away);
  $("status").textContent = holds.away ? "No mirror answers. It is awaited." : (holds.health?.on_wall ?? "");
  if (news.controls) lay(news.controls);
  if (news.values) turnedAt = performance.now();
  if (back) controls.forEach((control) => control.refuse());
  if (news.values || news.controls || back) show();
  if (news.presets || "preset" in news) looks();
  if (news.health) health(news.health);
  $("freeze").setAttribute("aria-pressed", Boolean(holds.frozen));
  for (const id of ["save", "film", "cut"]) $(id).hidden = Boolean(holds.unattended);
}

function lay(told) {
  controls.clear();
  shown.clear();
  hung = undefined; // what is laid anew is put in order anew
  const groups = new Map();
  for (const control of told) {
    const made = build(control, (value) => set(control.name, value));
    controls.set(control.name, made);
    if (!groups.has(control.group)) groups.set(control.group, group(control.group));
    groups.get(control.group).append(made.element);
  }
  $("groups").replaceChildren(...groups.values());
}

function group(name) {
  const details = document.createElement("details");
  details.id = `group-${name}`;
  details.innerHTML = "<summary><h2></h2><small></small></summary>";
  details.querySelector("h2").textContent = GROUPS[name] ?? name;
  return details;
}

let hung; // the scene whose settings stand in front
let due; // the one look that is still to come
const shown = new Map(); // name -> the value that its control shows, as text; a hand may have turned it since

function show() { // only what changes is drawn anew: a page of sliders is slow to lay out
  const now = performance.now();
  for (const [name, value] of Object.entries(holds.values)) {
    const told = JSON.stringify(value);
    if (shown.get(name) === told) continue;
    const rested = now - (touched.get(name) ?? -Infinity) > REST && !waiting.has(name);
    if (rested) {
      controls.get(name)?.show(value);
      shown.set(name, told);
    } else due ??= setTimeout(() => { due = undefined; show(); }, REST);
  }
  if (hung !== holds.values.scene) front(holds.values.scene);
}

function front(scene) { // the settings of the work on the wall first, those of works that do not hang closed and last
  hung = scene;
  const parent = $("groups");
  const scenes = new Set([...controls.keys()].filter((name) => name.startsWith("scenes.")).map((name) => name.split(".")[1]));
  const place = (id) => (id === "work" ? 0 : id === scene ? 1 : scenes.has(id) ? 3 : 2);
  const all = [...parent.children].sort((a, b) => place(a.id.slice(6)) - place(b.id.slice(6)));
  for (const one of all) {
    const name = one.id.slice(6);
    one.open = place(name) < 3 || (name === "dream" && scene === "mirror");
    one.querySelector("small").textContent = name === scene ? "on the wall" : "";
  }
  parent.replaceChildren(...all);
}

// ---- presets

let arranging = false;

function tool(text, label, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: label });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => act(button));
  return button;
}

function look(name, place) {
  const item = document.createElement("li");
  item.classList.toggle("chosen", name === holds.preset);
  const choose = tool("", name, () => ask({ ask: "choose", name }));
  choose.className = "choose";
  choose.title = `Key: ${place + 1}`;
  choose.innerHTML = '<span class="key"></span><span></span>';
  choose.firstChild.textContent = place + 1;
  choose.lastChild.textContent = name;
  item.append(choose);
  if (arranging) item.append(tools(name, item));
  return item;
}

function tools(name, item) {
  const row = document.createElement("span");
  row.className = "tools";
  const sure = (act) => (button) => {
    if (button.classList.contains("sure")) act();
    button.classList.add("sure");
    button.textContent = `${button.textContent.replace("?", "")}?`;
    setTimeout(looks, 3000);
  };
  row.append(
    tool("↑", `${name}: up`, () => change({ change: "move", name, by: -1 })),
    tool("↓", `${name}: down`, () => change({ change: "move", name, by: 1 })),
    tool("name", `${name}: another name`, () => rename(name, item)),
    tool("now", `${name}: as the wall looks now`, sure(() => change({ change: "anew", name }))),
    tool("×", `${name}: remove`, sure(() => change({ change: "remove", name }))),
  );
  return row;
}

function rename(name, item) {
  const field = Object.assign(document.createElement("input"), { type: "text", value: name, maxLength: 40 });
  field.setAttribute("aria-label", `Another name for ${name}`);
  item.replaceChildren(field);
  field.select();
  const done = () => { field.remove(); looks(); };
  field.addEventListener("keydown", async (event) => {
    if (event.key === "Escape") done();
    if (event.key === "Enter" && (field.value.trim() === name || (await change({ change: "rename", name, to: field.value })))) done();
  });
}

function looks() {
  if ($("looks").querySelector("input")) return; // a name is being written
  const focused = document.activeElement?.getAttribute("aria-label");
  $("looks").replaceChildren(...holds.presets.map(look));
  $("looks").querySelector(`[aria-label="${CSS.escape(focused ?? "")}"]`)?.focus();
}

$("arrange").addEventListener("click", () => {
  arranging = !arranging;
  $("arrange").setAttribute("aria-pressed", arranging);
  $("looks").replaceChildren();
  looks();
});
$("keep").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await change({ change: "keep", name: $("name").value })) $("name").value = "";
});

// ---- health

let rate;

function health(told) {
  const faults = Object.entries(told.faults).map(([name, reason]) => `${name}: ${reason}`);
  $("faults").replaceChildren(...(faults.length ? faults : ["All is well."]).map((textContent) => {
    return Object.assign(document.createElement("li"), { textContent, className: faults.length ? "" : "well" });
  }));
  const ms = ({ p50, p95 }) => `${p50.toFixed(1)} ms, 95 % under ${p95.toFixed(1)}`;
  const stages = Object.entries(told.stages_ms).filter(([, taken]) => taken.p50 !== null);
  const rows = [
    ["new pictures a second", rate?.toFixed(0) ?? "–"],
    ["screen, pictures a second", told.screen_fps?.toFixed(0) ?? "–"],
    ...stages.map(([name, taken]) => [name, ms(taken)]),
    ...(told.latency_ms.p50 === null ? [] : [["latency", ms(told.latency_ms)]]),
    ["processor, cores busy", told.cores_busy?.toFixed(2) ?? "–"],
    ["memory", `${told.memory_mb.toFixed(0)} MB`],
  ];
  $("figures").replaceChildren(...rows.map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((textContent) => Object.assign(document.createElement("td"), { textContent })));
    return row;
  }));
}

// ---- the wall

async function picture(data, socket) {
  const words = new DataView(data).getUint32(0);
  const told = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, words)));
  rate = told.rate;
  $("caption").textContent = told.refused ?? "";
  const canvas = $("picture");
  if (data.byteLength > 4 + words) {
    const image = await createImageBitmap(new Blob([new Uint8Array(data, 4 + words)], { type: "image/jpeg" }));
    if (canvas.width !== image.width) canvas.width = image.width; // each time it is set, all is laid out anew
    if (canvas.height !== image.height) canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    image.close();
  } else if (told.refused) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  next(socket);
}

let askedAt = -Infinity; // when the last picture was asked for
let turnedAt = -Infinity; // when a value changed last, by whosever hand

function next(socket) { // nobody looks: nothing is asked
  if (document.hidden) document.addEventListener("visibilitychange", () => next(socket), { once: true });
  else {
    const now = performance.now();
    const pause = now - turnedAt < REST ? Math.max(0, askedAt + BUSY - now) : 0;
    setTimeout(() => {
      askedAt = performance.now();
      if (socket.readyState === WebSocket.OPEN) socket.send("next");
    }, pause);
  }
}

// ---- keys, and the two lines

$("freeze").addEventListener("click", () => ask({ ask: "do", what: "freeze", on: !holds.frozen }));
$("save").addEventListener("click", () => ask({ ask: "do", what: "save" }));
$("film").addEventListener("click", () => ask({ ask: "do", what: "record", on: true }));
$("cut").addEventListener("click", () => ask({ ask: "do", what: "record", on: false }));
document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey || at.matches("input[type=text], select")) return;
  if (/^[1-9]$/.test(event.key) && holds.presets[event.key - 1]) ask({ ask: "choose", name: holds.presets[event.key - 1] });
  if (event.key === " " && !at.closest("button, summary, input")) {
    event.preventDefault();
    $("freeze").click();
  }
});

function open() {
  let let_in = false;
  hand = line("/hand", heard);
  hand.addEventListener("open", () => { let_in = true; });
  hand.addEventListener("close", () => {
    for (const resolve of answers.values()) resolve({ fault: "the desk is away" });
    answers.clear();
    document.body.classList.add("away");
    $("status").textContent = let_in ? "The desk has gone. It is awaited." : "Open the link that make desk has printed: it is another one after each start.";
    setTimeout(open, AGAIN);
  });
}

function watch() {
  const wall = line("/wall", picture);
  wall.addEventListener("open", () => next(wall));
  wall.addEventListener("close", () => setTimeout(watch, AGAIN));
}

open();
watch();
