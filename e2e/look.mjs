// Takes pictures of pages to look at: node look.mjs OUT_FOLDER CODE PATH… (SOTAY_BIN names the program).
import { mkdirSync } from "node:fs";
import { openBrowser, openHouse, signIn } from "./house.mjs";

const [, , out, code, ...paths] = process.argv;
mkdirSync(out, { recursive: true });
const house = process.env.SOTAY_AT ? { address: process.env.SOTAY_AT, passwords: new Map([[code, process.env.SOTAY_PASSWORD]]), close() {} } : await openHouse();
const browser = await openBrowser();
for (const [width, look] of [[360, "vi.light.normal"], [1280, "vi.light.normal"], [360, "vi.dark.largest"]]) {
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 800 : 900 }, locale: "vi-VN" });
  await context.addCookies([{ name: "sotay_look", value: look, url: house.address }]);
  const page = await context.newPage();
  if (code !== "-") await signIn(page, house, code);
  for (const path of paths) {
    await page.goto(house.address + path);
    const name = `${path.replaceAll(/[^\w]+/g, "_")}-${width}-${look.split(".").slice(1).join("-")}`;
    await page.screenshot({ path: `${out}/${name}.png`, fullPage: process.env.SOTAY_FULL === "1" });
  }
  await context.close();
}
await browser.close();
await house.close();
