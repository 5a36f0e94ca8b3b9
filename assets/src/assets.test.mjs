import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';
import { contrastFaults, contrastOf, themesCss } from './themes.mjs';

/** A TypeScript module of ours, as node can import it. */
async function load(name) {
  const out = await build({ entryPoints: [new URL(name, import.meta.url).pathname], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(out.outputFiles[0].text)}`);
}

test('contrast is measured as WCAG measures it', () => {
  assert.equal(contrastOf('#000', '#ffffff'), 21);
  assert.equal(contrastOf('#767676', '#fff').toFixed(2), '4.54');
});

test('no colour pair falls under its limit', () => {
  assert.deepEqual(contrastFaults(), []);
});

test('a chosen light theme is not overruled by a dark device', () => {
  const css = themesCss();
  assert.match(css, /prefers-color-scheme:dark\)\{:root:not\(\[data-theme\]\)/);
});

test('names are found without their marks, by the start of any word', async () => {
  const { fold, matches } = await load('fold.ts');
  assert.equal(fold('  Đỗ  Văn BẰNG '), 'do van bang');
  assert.equal(fold('Ỷ'.normalize('NFD')), 'y');
  assert.ok(matches(fold('Hoàng Thị Thơm'), fold('thơ ho')));
  assert.ok(!matches(fold('Hoàng Thị Thơm'), fold('om')));
});

test('days are read day first and stay on their day', async () => {
  const { read, shown } = await load('day.ts');
  for (const text of ['5/1/2027', '05-01-2027', '5.1.2027', '05012027', '2027-01-05']) {
    assert.equal(read(text).iso, '2027-01-05', text);
  }
  for (const text of ['', '5.1.27', '31/2/2027', '13/13/2027', 'mai']) assert.equal(read(text), null, text);
  const day = read('31/01/2027');
  assert.equal(day.weekday, 6);
  assert.equal(shown(day.months(1)), '28/02/2027');
  assert.equal(shown(day.months(-12)), '31/01/2026');
  assert.equal(shown(day.plus(1)), '01/02/2027');
});
