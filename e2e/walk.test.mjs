// Every page that each kind of visitor can reach by links: no accessibility finding (axe-core, WCAG 2.2 AA and best
// practice), nothing wider than the screen at 320 px with the largest type, no message in the console (a broken
// content policy would speak there), no error page, in light, dark and high contrast.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BINH, HOA, HUONG, LAN, THU, findings, openBrowser, openHouse, signIn, tooWide } from "./house.mjs";

const most = 60;
let house;
let browser;

before(async () => {
  house = await openHouse();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await house?.close();
});

/** One address stands for all of its kind: /meetings/{id} is walked twice (or as often as said), not a hundred times. */
function kind(path) {
  return path
    .split("?")[0]
    .split("/")
    .map((part) => (/\d/.test(part) || part.includes("-") ? "*" : part))
    .join("/");
}

async function walk(context, starts, look, each = 2) {
  const page = await context.newPage();
  const told = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) told.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => told.push(`${page.url()}: ${error}`));
  const seen = new Map();
  const open = [...starts];
  const visited = new Set();
  while (open.length && visited.size < most) {
    const path = open.shift();
    if (visited.has(path)) continue;
    const count = seen.get(kind(path)) ?? 0;
    if (count >= each) continue;
    const reply = await page.goto(house.address + path, { waitUntil: "load" });
    visited.add(path);
    if (!(reply?.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    seen.set(kind(path), count + 1);
    assert.ok(reply.status() < 400, `${path} answered ${reply.status()}`);
    await look(page, path);
    const links = await page.$$eval("a[href^='/']", (all) => all.map((link) => link.getAttribute("href")));
    for (const link of links) {
      const plain = link.split("#")[0];
      // Files to keep are no pages: a browser that is sent to one starts a download and stays where it is.
      const isFile = plain.includes("/file") || plain.includes("/samples/") || /\.(atom|docx|ics|json|pdf|xlsx)$/.test(plain.split("?")[0]);
      if (plain && !isFile && !plain.startsWith("/assets") && !plain.startsWith("/api")) open.push(plain);
    }
  }
  await page.close();
  assert.deepEqual(told, [], "the console is silent");
  return visited.size;
}

const visitors = [
  ["a passer-by", null, ["/", "/sign-in", "/activate", "/display", "/search?q=chi+bo"]],
  ["a member", HOA, ["/today", "/me", "/library", "/documents", "/search?q=dang+vien+vang+mat"]],
  ["a secretary", LAN, ["/today", "/meetings", "/meetings/new", "/me", "/units"]],
  ["a committee officer", THU, ["/units", "/today", "/documents"]],
  ["an editor", HUONG, ["/news", "/today"]],
  ["an administrator", BINH, ["/admin", "/today"]],
];

async function enter(code, options, look) {
  const context = await browser.newContext({ locale: "vi-VN", ...options });
  if (look) await context.addCookies([{ name: "sotay_look", value: look, url: house.address }]);
  if (code) {
    const page = await context.newPage();
    await signIn(page, house, code);
    await page.close();
  }
  return context;
}

for (const [who, code, starts] of visitors) {
  test(`${who} meets no accessibility finding`, { timeout: 600_000 }, async () => {
    const found = [];
    // What stands on a page is looked at on two of each kind; what another width and other colours do to it, on one.
    for (const [width, look, each] of [[360, "vi.light.normal", 2], [1280, "vi.dark.normal", 1]]) {
      const context = await enter(code, { viewport: { width, height: 800 } }, look);
      const pages = await walk(context, starts, async (page, path) => {
        for (const finding of await findings(page)) found.push(`${width} ${look} ${path}: ${finding}`);
      }, each);
      assert.ok(pages >= starts.length, `${pages} pages walked`);
      await context.close();
    }
    assert.deepEqual(found, []);
  });

  test(`${who} never scrolls sideways at 320 px in the largest type`, { timeout: 600_000 }, async () => {
    const wide = [];
    const context = await enter(code, { viewport: { width: 320, height: 640 } }, "vi.contrast.largest");
    await walk(context, starts, async (page, path) => {
      const over = await tooWide(page);
      if (over > 0) wide.push(`${path}: ${over} px too wide`);
    });
    await context.close();
    assert.deepEqual(wide, []);
  });
}
