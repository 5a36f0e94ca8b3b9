// Builds `src/` into `dist/`: hashed files, and `manifest.json`, which the server embeds and
// reads to turn a logical name ("app.css") into the file to link ("app.3f2a….css").
// `--check` builds in memory and only judges: colour contrast, size of the script, sprite.
// Surprising: the style sheet is joined here in the order of STYLES, not by @import, and its
// colours come from src/themes.mjs, so that no second file names a colour.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import { contrastFaults, themesCss } from './src/themes.mjs';

const here = new URL('./', import.meta.url);
const SCRIPT_LIMIT = 12 * 1024;
const STYLES = [
  'tokens', 'base', 'frame', 'page', 'buttons', 'ruled', 'states', 'forms', 'meeting',
  'documents', 'shelves', 'reader', 'roster', 'portal', 'quiet', 'paper', 'utilities', 'print',
];
const FONTS = [
  ['be-vietnam-pro', 'Be Vietnam Pro', [[400, 'normal'], [600, 'normal'], [700, 'normal']]],
  ['literata', 'Literata', [[400, 'normal'], [400, 'italic'], [600, 'normal']]],
];
const SUBSETS = ['latin', 'vietnamese'];
/** What the first screen shows before anything else: body text in both subsets. */
const PRELOAD = ['be-vietnam-pro-latin-400-normal.woff2', 'be-vietnam-pro-vietnamese-400-normal.woff2'];

const files = new Map(); // hashed name → bytes
const manifest = {}; // logical name → hashed name

/** Puts `bytes` into the output under a name that changes with them; returns that name. */
function keep(name, bytes) {
  const body = Buffer.from(bytes);
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10);
  const dot = name.lastIndexOf('.');
  const hashed = `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
  files.set(hashed, body);
  manifest[name] = hashed;
  return hashed;
}

async function fonts() {
  let css = '';
  for (const [pkg, family, faces] of FONTS) {
    const root = new URL(`node_modules/@fontsource/${pkg}/`, here);
    const ranges = JSON.parse(await readFile(new URL('unicode.json', root), 'utf8'));
    for (const [weight, style] of faces) {
      for (const subset of SUBSETS) {
        const name = `${pkg}-${subset}-${weight}-${style}.woff2`;
        const hashed = keep(name, await readFile(new URL(`files/${name}`, root)));
        css += `@font-face{font-family:"${family}";font-weight:${weight};font-style:${style};font-display:swap;`
          + `src:url("${hashed}") format("woff2");unicode-range:${ranges[subset]}}\n`;
      }
    }
    keep(`OFL-${pkg}.txt`, await readFile(new URL('LICENSE', root)));
  }
  return css;
}

async function styles(fontFaces) {
  const parts = ['@layer tokens, base, components, utilities, print;', fontFaces, themesCss()];
  for (const name of STYLES) parts.push(await readFile(new URL(`src/css/${name}.css`, here), 'utf8'));
  const { code, warnings } = await transform(parts.join('\n'), {
    loader: 'css', minify: true, target: 'chrome99', legalComments: 'none', charset: 'utf8',
  });
  if (warnings.length) throw new Error(warnings.map((w) => `css: ${w.text} (${w.location?.lineText?.trim()})`).join('\n'));
  keep('app.css', code);
  return Buffer.byteLength(code);
}

async function script() {
  const result = await build({
    entryPoints: [new URL('src/main.ts', here).pathname], bundle: true, minify: true, write: false,
    format: 'iife', target: ['es2019', 'chrome80'], legalComments: 'none', charset: 'utf8', logLevel: 'error',
  });
  const code = result.outputFiles[0].contents;
  if (code.length > SCRIPT_LIMIT) throw new Error(`app.js is ${code.length} bytes, the limit is ${SCRIPT_LIMIT}`);
  keep('app.js', code);
  return code.length;
}

/** What only some pages load: the calendar those with a field for a day, the roll those with rows to tap. */
async function alone(name) {
  const result = await build({
    entryPoints: [new URL(`src/islands/${name}.ts`, here).pathname], bundle: true, minify: true, write: false,
    format: 'iife', target: ['es2019', 'chrome80'], legalComments: 'none', charset: 'utf8', logLevel: 'error',
  });
  keep(`${name}.js`, result.outputFiles[0].contents);
}

/** The push worker stands alone: a browser runs it without a page, from a path of its own. */
async function worker() {
  const { code } = await transform(await readFile(new URL('src/push-worker.js', here), 'utf8'), {
    minify: true, target: 'chrome80', legalComments: 'none', charset: 'utf8',
  });
  keep('push-worker.js', code);
}

/** One `<symbol id="i-name">` per line of src/icons.txt: a name, a space, the shapes. */
async function sprite() {
  const names = new Set();
  let symbols = '';
  for (const line of (await readFile(new URL('src/icons.txt', here), 'utf8')).split('\n')) {
    if (!line.trim() || line.startsWith('#')) continue;
    const [, name, shapes] = /^([a-z-]+) (<.+\/>)$/.exec(line) ?? [];
    if (!name) throw new Error(`icons.txt: cannot read "${line}"`);
    if (names.has(name)) throw new Error(`icons.txt: ${name} stands twice`);
    names.add(name);
    symbols += `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes}</symbol>\n`;
  }
  keep('icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}</svg>\n`);
  return names;
}

async function pictures() {
  const dir = new URL('src/img/', here);
  for (const name of (await readdir(dir)).sort()) keep(name, await readFile(new URL(name, dir)));
}

const faults = contrastFaults();
const cssBytes = await styles(await fonts());
const jsBytes = await script();
await alone('day');
await alone('roll');
await worker();
const icons = await sprite();
await pictures();
manifest.preload = PRELOAD.map((name) => manifest[name]);

if (faults.length) {
  console.error(`Contrast too low:\n  ${faults.join('\n  ')}`);
  process.exitCode = 1;
} else if (!process.argv.includes('--check')) {
  const dist = new URL('dist/', here);
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  for (const [name, body] of files) await writeFile(new URL(name, dist), body);
  await writeFile(new URL('manifest.json', dist), `${JSON.stringify(manifest, null, 2)}\n`);
}
console.log(`app.css ${cssBytes} B, app.js ${jsBytes} B, ${icons.size} icons, ${files.size} files`);
