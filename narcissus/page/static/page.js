// The page: a picture is taken in here, a small grey copy of it is sent, and the answer is painted.
import { css, paint, readAnswer } from "./colour.js";

const SENT = 768; // pixels of the longer side of the copy
const SHOWN = 1600; // pixels of the longer side of what is shown
const SAVED = 16e6; // pixels of a download at most: what every phone's canvas holds
const THUMB = 160;
const STRIP = 128; // rows painted at a time for a download
const TRIES = 6; // times that a full server is asked again
const SWATCH = 65; // L* of a swatch: hue and chroma compare when lightness is the same

const ABOUT = {
  all: "The whole pile: portraits and photographs of everything else.",
  lighter: "The third of the portraits with the lightest measured skin.",
  middle: "The third of the portraits between the lightest and the darkest measured skin.",
  darker: "The third of the portraits with the darkest measured skin.",
  younger: "The third of the portraits labelled youngest.",
  older: "The third of the portraits labelled oldest.",
  faces: "Portraits only: it has hardly seen the world.",
  world: "General photographs only: it has hardly seen a face.",
};

const the = (id) => document.getElementById(id);
const state = { picture: null, copy: null, answer: null, slice: "all", asking: null };

// ── taking a picture in ──────────────────────────────────────────────────────────────────────────────────────────

the("choose").onclick = () => the("file").click();
the("file").onchange = () => {
  const [file] = the("file").files;
  the("file").value = "";
  if (file) take(file);
};
the("another").onclick = () => begin();

for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => { event.preventDefault(); the("drop").classList.add("over"); });
}
addEventListener("dragleave", (event) => { if (!event.relatedTarget) the("drop").classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  the("drop").classList.remove("over");
  const [file] = event.dataTransfer.files;
  if (file) take(file);
});

function clear() { // no result in view, nothing asked, and nothing that is still to be
  webcamOff();
  clearTimeout(pending);
  state.asking?.abort();
  state.picture?.close();
  Object.assign(state, { picture: null, copy: null, answer: null, asking: null });
  the("result").hidden = true;
  the("start").hidden = false;
}

function begin() {
  clear();
  say("");
  the("choose").focus();
}

async function take(file) {
  say("Reading the picture…");
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return say("This browser cannot read that file; give a JPEG, PNG or WebP picture.", true);
  }
  if (Math.min(picture.width, picture.height) < 16) return say("That picture is too small to be looked at.", true);
  await show(picture);
}

async function show(picture) {
  clear();
  state.picture = picture;
  const copy = await greyCopy(picture);
  if (state.picture !== picture) return; // something else was chosen meanwhile
  state.copy = copy;
  the("temperature").dataset.touched = "";
  await ask();
}

// A JPEG of the picture without its colours, its place and its date.
function greyCopy(picture) {
  const canvas = drawn(picture, SENT, true);
  const context = canvas.getContext("2d");
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  paint(image, null, null);
  context.putImageData(image, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

// ── the webcam, by a deliberate click ────────────────────────────────────────────────────────────────────────────

let wish = 0; // the newest for the webcam; whatever comes in between calls it off

the("webcam").hidden = !navigator.mediaDevices?.getUserMedia;
the("webcam").onclick = async () => {
  begin();
  const mine = wish;
  the("webcam").disabled = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1920 } } });
    if (mine !== wish) return stop(stream);
    the("video").srcObject = stream;
    await the("video").play();
    if (mine !== wish) return;
    the("live").hidden = false;
    the("drop").hidden = true;
    the("take").focus();
  } catch {
    if (mine !== wish) return;
    webcamOff();
    say("The webcam could not be opened; choose a picture instead.", true);
  }
};
the("leave").onclick = begin;
the("take").onclick = async () => {
  const video = the("video");
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  const context = canvas.getContext("2d");
  context.scale(-1, 1); // as in a mirror
  context.drawImage(video, -canvas.width, 0);
  await show(await createImageBitmap(canvas));
};

const stop = (stream) => stream?.getTracks().forEach((track) => track.stop());

function webcamOff() {
  wish += 1;
  the("webcam").disabled = false;
  stop(the("video").srcObject);
  the("video").srcObject = null;
  the("live").hidden = true;
  the("drop").hidden = false;
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function ask(temperature) {
  state.asking?.abort();
  const asking = (state.asking = new AbortController());
  say(state.answer ? "" : "Asking what the pile assumes…");
  the("stage").classList.add("asking");
  try {
    const answer = await answered(temperature, asking.signal);
    if (state.asking !== asking) return;
    state.answer = answer;
    showAnswer();
    say(answer.faces ? "" : "No face was found: the picture is coloured as a whole.");
  } catch (fault) {
    if (fault.name !== "AbortError") say(fault.message || "The server does not answer; try again later.", true);
  } finally {
    if (state.asking === asking) the("stage").classList.remove("asking");
  }
}

async function answered(temperature, signal) {
  const address = temperature === undefined ? "/assume" : `/assume?temperature=${temperature}`;
  for (let left = TRIES; ; left--) {
    const response = await fetch(address, {
      method: "POST", body: state.copy, signal, headers: { "Content-Type": "image/jpeg" }, credentials: "omit",
    }).catch((fault) => {
      throw fault.name === "AbortError" ? fault : new Error("The server does not answer; try again later.");
    });
    if (response.ok) return readAnswer(await response.arrayBuffer());
    if (response.status !== 503 || left === 0) throw new Error((await response.text()).trim());
    say("Many are asking just now; yours is next in a moment…");
    await new Promise((done) => setTimeout(done, 1000 * (Number(response.headers.get("Retry-After")) || 2)));
  }
}

// ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────────

function showAnswer() {
  the("start").hidden = true;
  the("result").hidden = false;
  showSlices();
  showPictures();
  showPalette();
  showTemperature();
}

function showPictures() {
  const wide = drawn(state.picture, SHOWN);
  const size = { width: wide.width, height: wide.height };
  const source = wide.getContext("2d").getImageData(0, 0, size.width, size.height);
  for (const [id, slice] of [["grey", null], ["assumed", state.slice]]) {
    const image = new ImageData(new Uint8ClampedArray(source.data), size.width);
    paint(image, state.answer, slice);
    Object.assign(the(id), size).getContext("2d").putImageData(image, 0, 0);
  }
  the("assumed").setAttribute("aria-label", `The picture in the colours that “${state.slice}” assumes`);
}

function showSlices() {
  const group = the("slices");
  if (!group.children.length) group.append(...state.answer.slices.map(sliceChoice));
  const small = drawn(state.picture, THUMB);
  const source = small.getContext("2d").getImageData(0, 0, small.width, small.height);
  for (const canvas of group.querySelectorAll("canvas")) {
    const image = new ImageData(new Uint8ClampedArray(source.data), small.width);
    paint(image, state.answer, canvas.dataset.slice);
    Object.assign(canvas, { width: small.width, height: small.height }).getContext("2d").putImageData(image, 0, 0);
  }
  the("about").textContent = ABOUT[state.slice] ?? "";
}

function sliceChoice(name) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "slice", value: name, checked: name === state.slice });
  const canvas = document.createElement("canvas");
  canvas.dataset.slice = name;
  input.onchange = () => {
    state.slice = name;
    the("about").textContent = ABOUT[name] ?? "";
    showPictures();
    showPalette();
  };
  label.append(input, canvas, name);
  return label;
}

function showPalette() {
  const table = document.createElement("table");
  for (const [region, colours] of Object.entries(state.answer.palettes[state.slice])) {
    const row = table.insertRow();
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: region }));
    const list = document.createElement("ol");
    list.append(...colours.map(swatch));
    row.insertCell().append(list);
  }
  the("palette").replaceChildren(table);
  the("palettenote").textContent = "The likeliest colours of each place, and how likely the pile holds them to be.";
}

function swatch([a, b, probability]) {
  const item = document.createElement("li");
  const colour = document.createElement("i");
  colour.style.background = css(SWATCH, a, b);
  colour.style.setProperty("--share", probability);
  const share = probability < 0.01 ? "<1" : Math.round(probability * 100);
  item.append(colour, `${share} %`);
  return item;
}

// ── the dials ────────────────────────────────────────────────────────────────────────────────────────────────────

const warmth = (dial, [low, high]) => low * (high / low) ** (dial / 1000); // equal steps look alike
const dialled = (value, [low, high]) => (1000 * Math.log(value / low)) / Math.log(high / low);

function showTemperature() {
  const dial = the("temperature");
  const { temperature, temperatures, default: usual } = state.answer;
  if (!dial.dataset.touched) dial.value = dialled(temperature, temperatures);
  the("degrees").textContent = temperature.toFixed(2) + (Math.abs(temperature - usual) < 0.005 ? ", the pile’s own" : "");
}

let pending;
the("temperature").oninput = () => {
  the("temperature").dataset.touched = "yes";
  const value = warmth(the("temperature").value, state.answer.temperatures);
  the("degrees").textContent = value.toFixed(2);
  clearTimeout(pending);
  pending = setTimeout(() => ask(value.toFixed(4)), 160);
};

const compare = the("compare");
compare.oninput = () => {
  the("stage").style.setProperty("--at", `${compare.value}%`);
  compare.setAttribute("aria-valuetext", `${compare.value} % in assumed colours`);
};

// ── taking it home ───────────────────────────────────────────────────────────────────────────────────────────────

the("download").onclick = async () => {
  const button = the("download");
  button.disabled = true;
  try {
    const download = `assumed-${state.slice}.png`;
    const blob = await painted();
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch {
    say("This browser has no room for the whole picture; try a smaller one.", true);
  } finally {
    button.disabled = false;
  }
};

// The picture at its own size, in assumed colours, as a PNG.
async function painted() {
  const { picture, answer, slice } = state; // another may be chosen while it is painted
  const { width, height } = picture;
  const canvas = drawn(picture, Math.max(width, height) * Math.min(1, Math.sqrt(SAVED / (width * height))));
  const context = canvas.getContext("2d");
  for (let top = 0; top < canvas.height; top += STRIP) {
    const image = context.getImageData(0, top, canvas.width, Math.min(STRIP, canvas.height - top));
    paint(image, answer, slice, top, canvas.height);
    context.putImageData(image, 0, top);
    await new Promise((done) => setTimeout(done));
  }
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail()), "image/png"));
}

// ── small things ─────────────────────────────────────────────────────────────────────────────────────────────────

// A canvas with the picture, its longer side at most `side`; on white where a copy must have no transparency.
function drawn(picture, side, onWhite = false) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((length) => Math.max(1, Math.round(length * scale)));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  if (onWhite) {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

function say(words, fault = false) {
  the("status").textContent = words;
  the("status").classList.toggle("fault", fault);
}
