// Lightness and chroma: a picture painted with the colours that the server's answer assumes. The arithmetic is that of
// narcissus/networks/colour/picture.py: CIE Lab, D65; a and b follow L linearly at every place.

const STEPS = 1 << 14; // of light, in the tables below
const EDGE = 6; // L*: so near to black or white no colour can be as strong as elsewhere
const MIDDLE = 50; // L*, at which the answer states a and b
const WHITE = [0.950456, 1, 1.088754];

const linear = Float32Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});
const lightnesses = Float32Array.from({ length: STEPS + 1 }, (_, step) => {
  const light = step / STEPS;
  return light > 216 / 24389 ? 116 * Math.cbrt(light) - 16 : (light * 24389) / 27;
});
const levels = Uint8ClampedArray.from({ length: STEPS + 1 }, (_, step) => {
  const light = step / STEPS;
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
});

export function lightness(red, green, blue) {
  const light = 0.212671 * linear[red] + 0.71516 * linear[green] + 0.072169 * linear[blue];
  return lightnesses[(light * STEPS + 0.5) | 0];
}

const unfold = (t) => (t > 6 / 29 ? t * t * t : (t - 16 / 116) / 7.787);
const level = (light) => levels[light <= 0 ? 0 : light >= 1 ? STEPS : (light * STEPS + 0.5) | 0];

// CIE Lab -> three levels of sRGB, written at `at`.
export function paintPixel(out, at, L, a, b) {
  const y = (L + 16) / 116;
  const X = WHITE[0] * unfold(y + a / 500);
  const Y = L > 8 ? y * y * y : L / 903.3;
  const Z = WHITE[2] * unfold(y - b / 200);
  out[at] = level(3.240479 * X - 1.53715 * Y - 0.498535 * Z);
  out[at + 1] = level(-0.969256 * X + 1.875991 * Y + 0.041556 * Z);
  out[at + 2] = level(0.055648 * X - 0.204043 * Y + 1.057311 * Z);
}

export function css(L, a, b) {
  const out = [0, 0, 0];
  paintPixel(out, 0, L, a, b);
  return `rgb(${out.join(" ")})`;
}

// The server's answer (narcissus/page/answer.py), read: its header, and a grid of numbers for each slice.
export function readAnswer(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const [width, height] = head.grid;
  const all = new Int16Array(buffer, 4 + length);
  const size = width * height * 4;
  const grids = head.slices.map((_, index) => all.subarray(index * size, (index + 1) * size));
  return { ...head, grids: Object.fromEntries(head.slices.map((name, index) => [name, grids[index]])) };
}

// Rows of a picture in grey (no slice) or in assumed colours, in place. `image` is an ImageData whose first row is row
// `top` of a picture `height` rows high.
export function paint(image, answer, slice, top = 0, height = image.height) {
  const pixels = image.data;
  if (!slice) return drain(pixels);
  const [across, down] = answer.grid;
  const [slopes, chroma] = answer.steps;
  const grid = answer.grids[slice];
  const columns = Array.from({ length: image.width }, (_, x) => between(((x + 0.5) * across) / image.width - 0.5, across));
  const left = Int32Array.from(columns, (c) => 4 * c[0]);
  const right = Int32Array.from(columns, (c) => 4 * c[1]);
  const share = Float32Array.from(columns, (c) => c[2]);
  const row = new Float32Array(across * 4);
  for (let y = 0, at = 0; y < image.height; y++) {
    const [upper, lower, part] = between(((top + y + 0.5) * down) / height - 0.5, down);
    for (let i = 0; i < row.length; i++) {
      const above = grid[upper * row.length + i];
      row[i] = above + part * (grid[lower * row.length + i] - above);
    }
    for (let i = 0; i < row.length; i += 4) {
      row[i] /= slopes;
      row[i + 1] /= slopes;
      row[i + 2] /= chroma;
      row[i + 3] /= chroma;
    }
    for (let x = 0; x < image.width; x++, at += 4) {
      const L = lightness(pixels[at], pixels[at + 1], pixels[at + 2]);
      const room = Math.min(1, L / EDGE, (100 - L) / EDGE);
      const l = left[x], r = right[x], s = share[x], off = L - MIDDLE;
      const a = (row[l] + s * (row[r] - row[l])) * off + row[l + 2] + s * (row[r + 2] - row[l + 2]);
      const b = (row[l + 1] + s * (row[r + 1] - row[l + 1])) * off + row[l + 3] + s * (row[r + 3] - row[l + 3]);
      paintPixel(pixels, at, L, a * room, b * room);
    }
  }
}

function drain(pixels) {
  for (let at = 0; at < pixels.length; at += 4) {
    paintPixel(pixels, at, lightness(pixels[at], pixels[at + 1], pixels[at + 2]), 0, 0);
  }
}

// The two neighbours of a place in a grid of `count`, and how far it lies towards the second.
function between(place, count) {
  const held = Math.min(Math.max(place, 0), count - 1);
  const first = Math.min(Math.floor(held), Math.max(0, count - 2));
  return [first, Math.min(first + 1, count - 1), held - first];
}
