// The wall as it lives, one creature with its tree, and the visitor's second act. The code never stands in an address
// that is sent: it comes after #, is taken off at once, and goes out in the body of a POST alone.
"use strict";

const $ = (id) => document.getElementById(id);
let code = "";

function made(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  Object.assign(element, attributes);
  return element;
}

// ---- the wall: the next picture is asked for when the last one is shown, so nobody slow is sent what he cannot take

let shown = "";

function look() {
  const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/wall`);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => socket.send("next"));
  socket.addEventListener("message", (event) => show(event.data, socket));
  socket.addEventListener("close", () => { away(true); setTimeout(look, 2000); });
}

async function show(data, socket) {
  const words = new DataView(data).getUint32(0);
  const jpeg = data.byteLength - 4 - words;
  away(!jpeg && JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, words))).away === true);
  if (jpeg) {
    const url = URL.createObjectURL(new Blob([new Uint8Array(data, 4 + words)], { type: "image/jpeg" }));
    const image = $("live");
    image.src = url;
    await image.decode().catch(() => {});
    if (shown) URL.revokeObjectURL(shown);
    shown = url;
  }
  const next = () => { if (socket.readyState === WebSocket.OPEN) socket.send("next"); };
  if (document.hidden) document.addEventListener("visibilitychange", next, { once: true });
  else setTimeout(next, jpeg ? 0 : 300);
}

function away(is) { $("away").hidden = !is; }

// ---- creatures

function face(name, visitor) {
  const link = made("a", "", { href: `#creature:${name}`, className: visitor ? "visitor" : "" });
  link.append(made("img", "", { src: `/portrait/${encodeURIComponent(name)}`, alt: "", loading: "lazy" }), name);
  const item = made("li");
  item.append(link);
  return item;
}

async function newest() {
  const answer = await fetch("/newest").catch(() => null);
  if (answer?.ok) $("newest").replaceChildren(...(await answer.json()).map((one) => face(one.name, one.visitor)));
}

function row(title, names) {
  if (!names.length) return [];
  const list = made("ul", "", { className: "faces" });
  list.append(...names.map((name) => face(name, false)));
  return [made("h3", title), list];
}

async function open(name) {
  const answer = await fetch(`/about/${encodeURIComponent(name)}`).catch(() => null);
  $("one").hidden = false;
  $("name").textContent = name;
  $("portrait").hidden = !answer?.ok;
  for (const id of ["invented", "guessed", "tree"]) $(id).replaceChildren();
  if (!answer?.ok) {
    $("kin").textContent = "Nobody of this name is known here any more.";
    return;
  }
  const { tree, profile } = await answer.json();
  $("portrait").src = `/portrait/${encodeURIComponent(name)}`;
  $("kin").textContent = kin(tree, profile);
  if (profile) told(profile);
  const parents = tree.parents.map((one) => one.name);
  const grandparents = tree.parents.flatMap((one) => one.parents.map((two) => two.name));
  $("tree").append(...row("Parents", parents), ...row("Grandparents", [...new Set(grandparents)]),
    ...row("Children", tree.children.slice(-24)));
  $("one").scrollIntoView({ block: "start" });
}

function kin(tree, profile) {
  const hangs = tree.alive ? "Hangs on the wall now." : "Has given way to another.";
  if (profile) return `${hangs} A visitor's, until ${clock(profile.until)}.`;
  return tree.parents.length ? hangs : `${hangs} An immigrant: it has no parents here.`;
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function told(profile) {
  $("name").textContent = profile.name;
  for (const [name, value] of profile.invented) $("invented").append(made("dt", name), made("dd", value));
  if (profile.guessed.length) $("guessed").append(made("h3", "What the machine really guesses"));
  $("guessed").append(...profile.guessed.map((line) => made("p", line, { className: "quiet" })));
}

// ---- the second act

async function post(where, words) {
  const answer = await fetch(where, { method: "POST", body: words }).catch(() => null);
  if (!answer) return { fault: "The page cannot be reached." };
  return answer.ok ? answer.json() : { fault: (await answer.text()).trim() };
}

async function keep() {
  $("keep").disabled = true;
  $("answer").textContent = "…";
  const { name, fault } = await post("/keep", code);
  $("answer").textContent = fault ?? "It stays. Write the four words down, or leave this page open.";
  $("keep").disabled = !fault;
  if (name) { open(name); newest(); }
}

async function remove(words, line) {
  line.textContent = "…";
  const { fault } = await post("/delete", words);
  line.textContent = fault ?? "Deleted, for ever. Nothing of it is kept.";
  if (!fault) { $("one").hidden = true; newest(); }
}

function follow() { // what stands after #: a code from the wall, or a creature's name
  const said = decodeURIComponent(location.hash.slice(1));
  if (said.startsWith("creature:")) open(said.slice("creature:".length));
  else if (said) {
    code = said.replaceAll("-", " ");
    history.replaceState(null, "", "/creatures"); // nobody who is shown this browser finds it in its list of pages
    $("words").textContent = code;
    $("mine").hidden = false;
  }
}

$("keep").addEventListener("click", keep);
$("undo").addEventListener("click", () => remove(code, $("answer")));
$("say").addEventListener("submit", (event) => { event.preventDefault(); remove($("four").value, $("said")); });
addEventListener("hashchange", follow);
follow();
look();
newest();
setInterval(newest, 10000);
