// Takes the outlines of the letters that made-up covers are set in out of our own fonts and writes them
// as text: crates/books/glyphs/*.txt. A cover that is a picture cannot load a font, so it carries the
// shapes themselves. Run after changing a font: `cd assets && npm ci`, then `node scripts/cover-glyphs.mjs`.
//
// One line a letter: the letter's code point, its advance, its outline (relative SVG path, 1000 to the em,
// y downwards). The fonts are OFL 1.1 (Literata, Be Vietnam Pro); the outlines stay under it.
import { readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

const fonts = new URL("../assets/node_modules/@fontsource/", import.meta.url);
const out = new URL("../crates/books/glyphs/", import.meta.url);
const wanted = [
  ...Array.from({ length: 95 }, (_, n) => 0x20 + n),
  ...Array.from({ length: 96 }, (_, n) => 0xa0 + n),
  ...[..."ĂăĐđĨĩŨũƠơƯư–—‘’“”…•"].map((c) => c.codePointAt(0)),
  ...Array.from({ length: 0x1ef9 - 0x1ea0 + 1 }, (_, n) => 0x1ea0 + n),
];

function open(path) {
  const file = readFileSync(new URL(path, fonts));
  const tables = {};
  for (let n = 0; n < file.readUInt16BE(12); n++) {
    const at = 44 + n * 20;
    const [offset, packed, size] = [4, 8, 12].map((by) => file.readUInt32BE(at + by));
    const bytes = file.subarray(offset, offset + packed);
    tables[file.toString("latin1", at, at + 4)] = packed < size ? inflateSync(bytes) : bytes;
  }
  const { head, hhea, hmtx, loca, glyf, cmap } = tables;
  const isLong = head.readInt16BE(50) === 1;
  const metrics = hhea.readUInt16BE(34);
  return {
    em: head.readUInt16BE(18),
    index: characters(cmap),
    advance: (glyph) => hmtx.readUInt16BE(Math.min(glyph, metrics - 1) * 4),
    glyph: (n) => {
      const place = (m) => (isLong ? loca.readUInt32BE(m * 4) : loca.readUInt16BE(m * 2) * 2);
      return glyf.subarray(place(n), place(n + 1));
    },
  };
}

// Format 4: the Basic Multilingual Plane, which is all that is asked for.
function characters(cmap) {
  for (let n = 0; n < cmap.readUInt16BE(2); n++) {
    const at = cmap.readUInt32BE(4 + n * 8 + 4);
    if (cmap.readUInt16BE(at) !== 4) continue;
    const count = cmap.readUInt16BE(at + 6) / 2;
    const part = (which, nth) => at + 14 + which * count * 2 + (which > 0 ? 2 : 0) + nth * 2;
    return (c) => {
      for (let nth = 0; nth < count; nth++) {
        if (c > cmap.readUInt16BE(part(0, nth))) continue;
        const first = cmap.readUInt16BE(part(1, nth));
        if (c < first) return 0;
        const delta = cmap.readUInt16BE(part(2, nth));
        const range = cmap.readUInt16BE(part(3, nth));
        if (range === 0) return (c + delta) & 0xffff;
        const glyph = cmap.readUInt16BE(part(3, nth) + range + (c - first) * 2);
        return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
      }
      return 0;
    };
  }
  throw new Error("no character map of format 4");
}

// Contours as lists of points [x, y, isOnCurve].
function contours(font, n, depth = 0) {
  const data = font.glyph(n);
  if (data.length === 0 || depth > 5) return [];
  const count = data.readInt16BE(0);
  return count >= 0 ? simple(data, count) : composite(font, data, depth);
}

function simple(data, count) {
  const ends = Array.from({ length: count }, (_, n) => data.readUInt16BE(10 + n * 2));
  const total = count === 0 ? 0 : ends[count - 1] + 1;
  let at = 10 + count * 2;
  at += 2 + data.readUInt16BE(at);
  const flags = [];
  while (flags.length < total) {
    const flag = data[at++];
    flags.push(flag);
    if (flag & 8) for (let again = data[at++]; again > 0; again--) flags.push(flag);
  }
  const read = (short, same) => {
    let value = 0;
    return flags.map((flag) => {
      if (flag & short) value += flag & same ? data[at++] : -data[at++];
      else if (!(flag & same)) (value += data.readInt16BE(at)), (at += 2);
      return value;
    });
  };
  const xs = read(2, 16);
  const ys = read(4, 32);
  let from = 0;
  return ends.map((end) => {
    const points = [];
    for (; from <= end; from++) points.push([xs[from], ys[from], (flags[from] & 1) === 1]);
    return points;
  });
}

function composite(font, data, depth) {
  const all = [];
  let at = 10;
  for (let flags = 0x20; flags & 0x20; ) {
    flags = data.readUInt16BE(at);
    const part = data.readUInt16BE(at + 2);
    at += 4;
    const isWord = flags & 1;
    const [dx, dy] = isWord ? [data.readInt16BE(at), data.readInt16BE(at + 2)] : [data.readInt8(at), data.readInt8(at + 1)];
    at += isWord ? 4 : 2;
    let m = [1, 0, 0, 1];
    const scale = () => ((at += 2), data.readInt16BE(at - 2) / 16384);
    if (flags & 8) m = ((s) => [s, 0, 0, s])(scale());
    else if (flags & 0x40) m = [scale(), 0, 0, scale()];
    else if (flags & 0x80) m = [scale(), scale(), scale(), scale()];
    if (!(flags & 2)) throw new Error("a part is placed by points");
    for (const points of contours(font, part, depth + 1))
      all.push(points.map(([x, y, on]) => [m[0] * x + m[2] * y + dx, m[1] * x + m[3] * y + dy, on]));
  }
  return all;
}

function path(font, n) {
  const scale = 1000 / font.em;
  const to = ([x, y]) => [Math.round(x * scale), Math.round(-y * scale)];
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, true];
  let [px, py] = [0, 0];
  let text = "";
  const pair = (x, y) => `${x}${y < 0 ? "" : " "}${y}`;
  for (const points of contours(font, n)) {
    const start = points[0][2] ? points[0] : points.at(-1)[2] ? points.at(-1) : middle(points[0], points.at(-1));
    const rest = points[0][2] ? points.slice(1) : points;
    const [sx, sy] = to(start);
    text += `m${pair(sx - px, sy - py)}`;
    [px, py] = [sx, sy];
    let bend = null;
    const go = (point) => {
      const [x, y] = to(point);
      if (bend) {
        const [bx, by] = to(bend);
        text += `q${pair(bx - px, by - py)}${x - px < 0 ? "" : " "}${pair(x - px, y - py)}`;
      } else if (x !== px || y !== py) {
        text += y === py ? `h${x - px}` : x === px ? `v${y - py}` : `l${pair(x - px, y - py)}`;
      }
      [px, py] = [x, y];
      bend = null;
    };
    for (const point of rest) {
      if (point[2]) go(point);
      else {
        if (bend) go(middle(bend, point));
        bend = point;
      }
    }
    if (bend) go(start);
    text += "z";
    [px, py] = [sx, sy];
  }
  return text;
}

function write(name, folder, weight) {
  const parts = ["latin", "vietnamese", "latin-ext"].map((set) => open(`${folder}/files/${folder}-${set}-${weight}-normal.woff`));
  const lines = [];
  for (const c of new Set(wanted)) {
    const font = parts.find((held) => held.index(c) !== 0);
    if (!font) continue;
    const glyph = font.index(c);
    lines.push(`${c.toString(16)} ${Math.round((font.advance(glyph) * 1000) / font.em)} ${path(font, glyph)}`.trimEnd());
  }
  writeFileSync(new URL(`${name}.txt`, out), `${lines.join("\n")}\n`);
  console.log(name, lines.length, "letters,", wanted.length, "asked for");
}

write("title", "literata", 600);
write("author", "be-vietnam-pro", 400);
