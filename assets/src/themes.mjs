// Every colour of the product, and nothing else. The build writes them as custom
// properties; `npm run check` fails when a pair below falls under its contrast.
// Not here: sizes, type, space (css/tokens.css). Rule that surprises: the accent (lacquer
// red) means "your turn" or "you are here"; errors are crimson (`bad`), never the accent.

const light = {
  'color-scheme': 'light',
  '--paper': '#fbf7f0', '--surface': '#fff', '--sunken': '#f2ece1',
  '--ink': '#1f1a17', '--ink-2': '#4b423a', '--ink-3': '#675c51',
  '--line': '#dfd5c6', '--edge': '#857766',
  '--accent': '#8f1d1a', '--accent-fill': '#8f1d1a', '--accent-deep': '#731411',
  '--on-accent': '#fff', '--accent-soft': '#faf1ea',
  '--link': '#174a73', '--link-deep': '#0c2f4d', '--visited': '#5b3a78',
  '--ok': '#185a3b', '--ok-bg': '#e6f2ea',
  '--warn': '#640', '--warn-bg': '#fcf0cf',
  '--bad': '#9c0c3e', '--bad-bg': '#fce8ee',
  '--info': '#174a73', '--info-bg': '#e6eff6',
  '--mark': '#ffe58a', '--focus': '#0b3a8f', '--veil': 'rgb(31 26 23/.45)',
  '--sheet': '0 -12px 40px rgb(31 26 23/.22)',
};

const dark = {
  'color-scheme': 'dark',
  '--paper': '#171310', '--surface': '#211c18', '--sunken': '#100d0b',
  '--ink': '#f5eee4', '--ink-2': '#d6cbbd', '--ink-3': '#aea293',
  '--line': '#3d352d', '--edge': '#928575',
  '--accent': '#f2938a', '--accent-fill': '#b8403a', '--accent-deep': '#a2342f',
  '--on-accent': '#fff', '--accent-soft': '#3a1f1b',
  '--link': '#9ccbf2', '--link-deep': '#c6e2fa', '--visited': '#cdb2ea',
  '--ok': '#86d3a9', '--ok-bg': '#16301f',
  '--warn': '#f0c767', '--warn-bg': '#372a0b',
  '--bad': '#ff9db8', '--bad-bg': '#3f1422',
  '--info': '#9ccbf2', '--info-bg': '#142b3d',
  '--mark': '#5c4a00', '--focus': '#ffd65c', '--veil': 'rgb(0 0 0/.6)',
  '--sheet': '0 -12px 40px rgb(0 0 0/.6)',
};

const contrast = {
  'color-scheme': 'light',
  '--paper': '#fff', '--surface': '#fff', '--sunken': '#fff',
  '--ink': '#000', '--ink-2': '#000', '--ink-3': '#1f1f1f',
  '--line': '#000', '--edge': '#000',
  '--accent': '#7a0000', '--accent-fill': '#7a0000', '--accent-deep': '#000',
  '--on-accent': '#fff', '--accent-soft': '#fff',
  '--link': '#00308f', '--link-deep': '#000', '--visited': '#4b0082',
  '--ok': '#004b23', '--ok-bg': '#fff',
  '--warn': '#4d3300', '--warn-bg': '#fff',
  '--bad': '#80002f', '--bad-bg': '#fff',
  '--info': '#00308f', '--info-bg': '#fff',
  '--mark': '#fff04d', '--focus': '#00308f', '--veil': 'rgb(0 0 0/.75)',
  '--sheet': 'none',
  '--hair': '2px', '--stroke': '2px', '--rule': '4px',
};

/** The reader's "old paper": light, with warmer grounds. */
const sepia = {
  ...light,
  '--paper': '#f4e9d2', '--surface': '#fbf3e2', '--sunken': '#efe4cd',
  '--ink': '#2b2118', '--ink-2': '#54452f', '--ink-3': '#655438',
  '--line': '#d9c9a8', '--edge': '#7d6a48',
};

/** Covers and banners: dyes and earths under white text, the same in every theme. */
const dyes = {
  '--dye-1': '#1f3f5e', '--dye-2': '#2f5d62', '--dye-3': '#5a4632',
  '--dye-4': '#6b5b2a', '--dye-5': '#3e5138', '--dye-6': '#4a3a55', '--on-dye': '#fff',
};

export const themes = { light, dark, contrast, sepia };

const block = (theme) => Object.entries(theme).map(([name, value]) => `${name}:${value}`).join(';');

/**
 * The colour part of the `tokens` layer. Without a choice the device decides; a choice stands
 * in `data-theme` on the root or `data-ground` on the reader. The `:has()` rules are a bonus:
 * they show a choice before it is saved, also without script, and older browsers skip them.
 */
export function themesCss() {
  const picked = (value) => `[name="theme"][value="${value}"]:checked`;
  const ground = (value) => `[name="r-ground"][value="${value}"]:checked`;
  return `@layer tokens{
:root{${block({ ...light, ...dyes })}}
@media (prefers-color-scheme:dark){:root:not([data-theme]){${block(dark)}}}
@media (prefers-contrast:more){:root:not([data-theme]){${block(contrast)}}}
:root[data-theme="dark"],.reader[data-ground="dark"]{${block(dark)}}
:root[data-theme="contrast"]{${block(contrast)}}
.reader[data-ground="light"]{${block(light)}}
.reader[data-ground="sepia"]{${block(sepia)}}
:root:has(${picked('light')}),.reader:has(${ground('light')}){${block(light)}}
:root:has(${picked('dark')}),.reader:has(${ground('dark')}){${block(dark)}}
:root:has(${picked('contrast')}){${block(contrast)}}
.reader:has(${ground('sepia')}){${block(sepia)}}
}`;
}

const channel = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

function luminance(hex) {
  const digits = hex.slice(1);
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const [r, g, b] = [0, 2, 4].map((at) => channel(parseInt(full.slice(at, at + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG contrast ratio of two `#rgb` or `#rrggbb` colours, 1 to 21. */
export function contrastOf(a, b) {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

/** Pairs that meet on a page: text, ground, least ratio (7 body, 4.5 other text, 3 borders and marks). */
export const pairs = [
  ...['--paper', '--surface', '--sunken'].flatMap((on) => [
    ['--ink', on, 7], ['--ink-2', on, 7], ['--link', on, 7], ['--accent', on, 7],
    ['--ink-3', on, 4.5], ['--visited', on, 4.5], ['--edge', on, 3], ['--focus', on, 3],
  ]),
  ...['ok', 'warn', 'bad', 'info'].flatMap((state) => [
    [`--${state}`, `--${state}-bg`, 4.5], [`--${state}`, '--surface', 4.5], [`--${state}`, '--paper', 4.5],
    ['--ink', `--${state}-bg`, 7],
  ]),
  ['--link', '--ok-bg', 4.5], ['--link', '--warn-bg', 4.5], ['--link', '--bad-bg', 4.5], ['--link', '--info-bg', 4.5],
  ['--ink-2', '--ok-bg', 7], ['--ink-2', '--accent-soft', 7], ['--accent', '--accent-soft', 4.5],
  ['--ink', '--mark', 7], ['--on-accent', '--accent-fill', 4.5], ['--on-accent', '--accent-deep', 4.5],
];

/** Sentences about every pair under its limit; an empty list is the goal. */
export function contrastFaults() {
  const faults = [];
  for (const [name, theme] of Object.entries(themes)) {
    for (const [text, ground, least] of pairs) {
      const ratio = contrastOf(theme[text], theme[ground]);
      if (ratio < least) faults.push(`${name}: ${text} on ${ground} is ${ratio.toFixed(2)}, needs ${least}`);
    }
  }
  for (const [name, dye] of Object.entries(dyes)) {
    if (name !== '--on-dye' && contrastOf(dyes['--on-dye'], dye) < 4.5) faults.push(`${name} is too light for white text`);
  }
  return faults;
}
