// What the demonstration shows before anybody has done anything: everyone has something true to do, the shelves
// look like shelves, the articles were read.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HOA, openBrowser, openHouse, signIn } from "./house.mjs";

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

/** A page of a fresh browser; signed in as somebody where a code is given. */
async function arrive(code) {
  const context = await browser.newContext({ locale: "vi-VN" });
  const page = await context.newPage();
  if (code) await signIn(page, house, code);
  return page;
}

test("Hôm nay of everyone who can sign in has something to do that leads to a page of theirs", { timeout: 300_000 }, async () => {
  assert.ok(house.passwords.size >= 9, "a secretary, a deputy, members, an office, editors, an operator, an auditor");
  for (const code of house.passwords.keys()) {
    const page = await arrive(code);
    const tasks = await page.$$eval("li.task .actions a", (all) => all.map((link) => link.getAttribute("href")));
    assert.ok(tasks.length > 0, `${code} has nothing to do`);
    for (const to of tasks) {
      const reply = await page.goto(house.address + to);
      assert.ok(reply.status() < 400, `${code}: ${to} answered ${reply.status()}`);
    }
    await page.context().close();
  }
});

test("a newcomer's slip is good, and two members of the guided cell have no telephone", { timeout: 120_000 }, async () => {
  const slip = house.said().split("\n").map((line) => /^\s+MH\d+\s+([A-Z0-9]{4} [A-Z0-9]{4} [A-Z0-9]{4})\s/.exec(line)).find(Boolean);
  assert.ok(slip, "an unused slip is printed");
  const page = await arrive();
  await page.goto(`${house.address}/activate`);
  await page.locator("[name=code]").fill(slip[1]);
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await page.locator("[name=new], [name=password]").first().waitFor();
  await page.context().close();
});

test("three shelves hold a dozen titles with covers, and the articles were read", { timeout: 120_000 }, async () => {
  const page = await arrive(HOA);
  await page.goto(`${house.address}/library`);
  const shelves = await page.$$eval("ul.wall", (all) => all.map((wall) => wall.querySelectorAll("li").length));
  assert.ok(shelves.length >= 3 && shelves.every((count) => count >= 3), `${shelves}`);
  assert.ok(shelves.reduce((sum, count) => sum + count) >= 12, `${shelves}`);
  const bare = await page.$$eval("ul.wall li", (all) => all.filter((item) => !item.querySelector("img, svg")).length);
  assert.equal(bare, 0, "every title has a cover");
  await page.goto(house.address);
  const articles = await page.$$eval("a[href^='/articles/']", (all) => [...new Set(all.map((link) => link.getAttribute("href")))]);
  assert.ok(articles.length >= 5, `${articles}`);
  let read = 0;
  for (const to of articles) {
    await page.goto(house.address + to);
    const views = await page.locator(".views").first().textContent();
    if (/[1-9]/.test(views)) read += 1;
  }
  assert.ok(read >= articles.length - 1, "only what came out today may be unread");
  await page.context().close();
});
