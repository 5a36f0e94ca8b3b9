import { openBrowser, openHouse, signIn, LAN, HOA } from "./house.mjs";
const house = await openHouse();
const browser = await openBrowser();
const shot = async (page, name) => { await page.screenshot({ path: `/tmp/second-${name}.png` }); };
try {
  const ctx = await browser.newContext({ locale: "vi-VN", viewport: { width: 360, height: 800 } });
  const page = await ctx.newPage();
  await signIn(page, house, LAN);
  await page.goto(house.address + "/meetings/new");
  await page.locator("#f-agenda").click();
  await page.locator("#f-agenda").scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollBy(0, 500));
  await shot(page, "plan");
  await page.goto(house.address + "/meetings/new?kind=extraordinary");
  await shot(page, "extra");
  await page.goto(house.address + "/meetings");
  const links = await page.locator("main a[href^='/meetings/']").evaluateAll((all) => [...new Set(all.map((a) => a.getAttribute("href")).filter((h) => /^\/meetings\/[0-9a-f-]{36}$/.test(h)))]);
  let n = 0;
  for (const to of links.slice(0, 4)) {
    await page.goto(house.address + to);
    await shot(page, `meeting${n}`);
    for (const sub of ["notes", "minutes", "closing", "attendance", "postponing"]) {
      const r = await page.goto(house.address + to + "/" + sub);
      if (r.status() === 200 && page.url().endsWith(sub)) await shot(page, `meeting${n}-${sub}`);
    }
    n += 1;
  }
  await page.setViewportSize({ width: 320, height: 640 });
  n = 0;
  for (const to of links.slice(0, 3)) {
    for (const sub of ["", "/minutes", "/notes"]) {
      const r = await page.goto(house.address + to + sub);
      if (r.status() !== 200) continue;
      await page.evaluate(() => { document.documentElement.dataset.size = "largest"; });
      await shot(page, `large${n}${sub.replace("/", "-")}`);
    }
    n += 1;
  }
  await page.setViewportSize({ width: 360, height: 800 });
  for (const [name, path] of [["search", "/search?q=qu%C3%BD"], ["me", "/me"], ["search2", "/search?q=qu%C3%BD&kind=documents&page=2"]]) {
    await page.goto(house.address + path);
    await shot(page, name);
  }
  const units = await page.goto(house.address + "/units");
  await shot(page, "units");
  const guest = await (await browser.newContext({ viewport: { width: 360, height: 800 } })).newPage();
  await guest.goto(house.address + "/khong-co");
  await shot(guest, "404");
  const member = await (await browser.newContext({ viewport: { width: 360, height: 800 } })).newPage();
  await signIn(member, house, HOA);
  await shot(member, "hoa-today");
  await member.goto(house.address + "/meetings");
  const to = await member.locator("main a[href^='/meetings/']").first().getAttribute("href");
  await member.goto(house.address + to + "?answer=no#answer");
  await shot(member, "hoa-answer");
  await member.goto(house.address + to + "?answer=no");
  await member.evaluate(() => scrollTo(0, 0));
  await shot(member, "hoa-answer-top");
} finally {
  await browser.close();
  await house.close();
}
