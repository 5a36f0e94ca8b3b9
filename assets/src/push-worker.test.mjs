// The push worker in a small world of its own: what it shows, and where a click leads.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { runInNewContext } from 'node:vm';

const code = await readFile(new URL('push-worker.js', import.meta.url), 'utf8');

function push(data) {
  const heard = {}, shown = [], opened = [];
  const self = {
    location: { origin: 'https://sotay.example' },
    addEventListener: (name, f) => { heard[name] = f; },
    registration: { showNotification: async (title, options) => { shown.push({ title, ...options }); } },
    clients: { openWindow: async (url) => { opened.push(url); } },
  };
  runInNewContext(code, { self, URL });
  heard.push({ data, waitUntil: () => {} });
  heard.notificationclick({ notification: { close: () => {}, data: shown[0]?.data }, waitUntil: () => {} });
  return { shown, opened };
}
const says = (value) => ({ json: () => JSON.parse(value) });

test('a push shows its sentence and a click opens its link', () => {
  const { shown, opened } = push(says('{"title":"Sổ tay","body":"You have news.","link":"/n/1?a=b"}'));
  assert.equal(shown.length, 1);
  assert.equal(shown[0].body, 'You have news.');
  assert.deepEqual(opened, ['https://sotay.example/n/1?a=b']);
});

test('a push that cannot be read still shows a notice', () => {
  for (const data of [null, says('broken'), says('null'), says('7'), says('{"title":3,"body":""}')]) {
    const { shown, opened } = push(data);
    assert.equal(shown.length, 1);
    assert.match(shown[0].body, /Mở để xem/);
    assert.deepEqual(opened, ['https://sotay.example/notices']);
  }
});

test('a link to another site is never opened', () => {
  for (const link of ['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
    const { opened } = push(says(JSON.stringify({ link })));
    assert.deepEqual(opened, ['https://sotay.example/notices']);
  }
});
