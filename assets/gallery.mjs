// Serves gallery.html for looking, on http://127.0.0.1:8099/ (PORT changes it). Never shipped.
// gallery.html holds several pages, each after a `<!-- page: name attributes -->` line;
// `{{i name}}` is an icon, `{{brand}}` the sign, `{{file}}` a built file. `?theme=dark&size=largest`
// sets the attributes a server would set. Served under the same strict policy as the product.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

const here = new URL('./', import.meta.url);
const types = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.json': 'application/json', '.txt': 'text/plain' };
const brand = '<svg viewBox="0 0 32 32" aria-hidden="true"><rect class="leaf" x="5" y="3" width="22" height="26" rx="3"/><path class="rule" d="M11.5 3v26"/><path class="line" d="M15 11h8M15 16h8M15 21h5"/></svg>';

async function page(name, query) {
  const manifest = JSON.parse(await readFile(new URL('dist/manifest.json', here), 'utf8'));
  const source = await readFile(new URL('gallery.html', here), 'utf8');
  const found = source.split(/^<!-- page: /m).slice(1).find((part) => part.startsWith(`${name} `));
  if (!found) return null;
  const [head, ...rest] = found.split('\n');
  const [, attributes, body, title] = /^\S+ \|(.*?)\|(.*?)\|(.*?) -->/.exec(head);
  const set = ['theme', 'size'].map((key) => (query.get(key) ? ` data-${key}="${query.get(key).replace(/[^a-z]/g, '')}"` : '')).join('');
  const html = rest.join('\n')
    .replace(/\{\{i ([a-z-]+)\}\}/g, (_, icon) => `<svg class="icon" aria-hidden="true"><use href="/assets/${manifest['icons.svg']}#i-${icon}"/></svg>`)
    .replace(/\{\{icons\}\}/g, () => icons(manifest))
    .replace(/\{\{brand\}\}/g, brand)
    .replace(/\{\{([\w.-]+)\}\}/g, (_, file) => manifest[file] ?? file);
  return `<!doctype html><html lang="vi"${attributes ? ` ${attributes.trim()}` : ''}${set}><head><meta charset="utf-8">`
    + '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
    + `<title>${title}</title><link rel="icon" href="/assets/${manifest['favicon.svg']}">`
    + manifest.preload.map((file) => `<link rel="preload" as="font" type="font/woff2" crossorigin href="/assets/${file}">`).join('')
    + `<link rel="stylesheet" href="/assets/${manifest['app.css']}"><script type="module" src="/assets/${manifest['app.js']}"></script>`
    + `</head><body class="${body.trim()}">${html}</body></html>`;
}

async function iconNames() {
  const lines = (await readFile(new URL('src/icons.txt', here), 'utf8')).split('\n');
  return lines.filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')[0]);
}
let names = [];
const icons = (manifest) => names.map((name) => `<li class="chip"><svg class="icon" aria-hidden="true"><use href="/assets/${manifest['icons.svg']}#i-${name}"/></svg>${name}</li>`).join('');

createServer(async (request, response) => {
  names = await iconNames();
  const url = new URL(request.url, 'http://localhost');
  const policy = { 'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'", 'X-Content-Type-Options': 'nosniff' };
  try {
    if (request.method === 'POST') {
      let body = '';
      for await (const part of request) body += part;
      const fields = new URLSearchParams(body);
      const refused = fields.get('row') === '4';
      response.writeHead(refused ? 409 : 200, { ...policy, 'Content-Type': 'application/json' });
      response.end(JSON.stringify(refused ? { said: 'Người này đã chuyển đi từ 01/11.' } : { tally: { present: 20, excused: 1, open: 4 }, got: [...fields] }));
    } else if (url.pathname.startsWith('/assets/')) {
      const name = url.pathname.slice('/assets/'.length);
      if (!/^[\w.-]+$/.test(name)) throw new Error(name);
      const body = await readFile(new URL(`dist/${name}`, here));
      response.writeHead(200, { ...policy, 'Content-Type': types[extname(name)] ?? 'application/octet-stream' });
      response.end(body);
    } else {
      const html = await page(url.pathname.slice(1) || 'app', url.searchParams);
      response.writeHead(html ? 200 : 404, { ...policy, 'Content-Type': 'text/html; charset=utf-8' });
      response.end(html ?? 'no such page in gallery.html');
    }
  } catch (fault) {
    response.writeHead(404, policy);
    response.end(String(fault));
  }
}).listen(Number(process.env.PORT ?? 8099), '127.0.0.1', () => console.log(`http://127.0.0.1:${process.env.PORT ?? 8099}/ (app, chair, reader, portal, article, door, paper, booklet)`));
