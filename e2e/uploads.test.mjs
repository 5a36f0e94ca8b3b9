// An office sends lists from its browser: in pieces over a line that breaks, and with script off; looks at what
// would change, decides, writes, takes back. One demo serves the file.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TAM, findings, openBrowser, openEmptyHouse, openHouse, signIn, tooWide } from "./house.mjs";

const PICTURES = process.env.SOTAY_PICTURES;
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

async function office(options = {}) {
  const context = await browser.newContext({ locale: "vi-VN", viewport: { width: 360, height: 740 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await signIn(page, house, "MH0010");
  return page;
}

async function picture(page, name) {
  if (!PICTURES) return;
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${PICTURES}/${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 360, height: 740 });
}

/** A unit below which the office may take in lists, by pages alone. */
async function toForm(page) {
  await page.goto(`${house.address}/units`);
  const units = await page.locator(".tree ul a[href^='/units/']").evaluateAll((links) => links.map((link) => link.href));
  for (const unit of units) {
    await page.goto(unit);
    const link = page.getByRole("link", { name: "Nhận danh sách đảng viên từ tệp" });
    if (await link.count()) {
      await link.click();
      return;
    }
  }
  assert.fail("no unit offers to take in a list");
}

/** The secretary of the committee agrees to the list that waits. */
async function agree() {
  const context = await browser.newContext({ locale: "vi-VN", viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  await signIn(page, house, TAM);
  await page.goto(`${house.address}/approvals`);
  await page.locator("#open a").first().click();
  assert.equal(await tooWide(page), 0);
  assert.deepEqual(await findings(page), []);
  await picture(page, "second");
  await page.getByRole("button", { name: "Đồng ý", exact: true }).click();
  await page.waitForURL(/\/approvals$/);
  await context.close();
}

/** Sends the list to whoever must agree, who agrees. */
const writes = (page) => waits(page, "Gửi để duyệt rồi ghi");

async function waits(page, name) {
  await page.getByRole("button", { name }).click();
  await page.locator("#waits").getByText(/Đang chờ người thứ hai đồng ý/).waitFor();
  await agree();
  await page.reload();
}

const list = (rows) => Buffer.from(`Mã đảng viên,Họ và tên,Ngày sinh,Ghi chú\n${rows.join("\n")}\n`);

async function settled(page) {
  await page.waitForFunction(() => !document.querySelector(".bigprogress"), null, { timeout: 30_000 });
}

test("a large list arrives over a line that breaks, is looked at, written and taken back", { timeout: 120_000 }, async () => {
  const page = await office();
  await toForm(page);
  assert.equal(await tooWide(page), 0);
  assert.deepEqual(await findings(page), []);
  await picture(page, "form");
  // 1.4 MB: three pieces. The second one is lost on the way, then the answer of the third.
  const note = "x".repeat(700);
  const rows = Array.from({ length: 2000 }, (_, nth) => `T${nth},Đinh Văn Thử ${"abcdefghijklmnopqrstuvwxyz"[nth % 26]}${"abcdefghijklmnopqrstuvwxyz"[Math.floor(nth / 26) % 26]}${"abcdefghijklmnopqrstuvwxyz"[Math.floor(nth / 676)]},${(nth % 28) + 1}/3/${1950 + (nth % 50)},${note}`);
  let calls = 0;
  await page.route("**/piece**", async (route) => {
    calls += 1;
    if (calls === 3) return route.abort("connectionreset");
    if (calls === 4) {
      await route.fetch();
      return route.abort("connectionreset");
    }
    return route.continue();
  });
  await page.setInputFiles("input[type=file]", { name: "danh sách.csv", mimeType: "text/csv", buffer: list(rows) });
  await page.getByRole("button", { name: "Gửi và xem thử" }).click();
  await page.waitForURL(/\/uploads\/[^/]+$/, { timeout: 30_000 });
  await settled(page);
  assert.ok(calls > 4, "pieces were sent again");
  await picture(page, "preview");
  assert.equal(await tooWide(page), 0);
  assert.deepEqual(await findings(page), []);
  assert.match(await page.locator(".tallies").first().innerText(), /Thêm mới: 2.000/);
  await writes(page);
  await settled(page);
  assert.match(await page.locator(".tallies").first().innerText(), /Thêm mới: 2.000/);
  await picture(page, "done");
  await page.getByRole("link", { name: "Rút lại những gì đã ghi" }).click();
  await picture(page, "undo");
  await waits(page, "Gửi để duyệt rồi rút lại");
  await settled(page);
  assert.match(await page.locator("#rows").innerText(), /Đã rút lại \(2.000\)/);
  await page.context().close();
});

test("with script off a small list is sent, doubtful rows are decided, the rest is left out", { timeout: 120_000 }, async () => {
  const page = await office({ javaScriptEnabled: false });
  const settles = async () => {
    for (let nth = 0; nth < 40 && (await page.locator(".bigprogress").count()); nth += 1) {
      await new Promise((done) => setTimeout(done, 500));
      await page.reload();
    }
  };
  const send = async (rows) => {
    await toForm(page);
    await page.setInputFiles("input[type=file]", { name: "ds.csv", mimeType: "text/csv", buffer: list(rows) });
    await page.getByRole("button", { name: "Gửi và xem thử" }).click();
    await settles();
  };
  await send(["K1,Đinh Văn Khê,1/2/1960,"]);
  await writes(page);
  await settles();
  await send(["K1,Đinh Văn Khế,1/2/1960,", "K2,Đinh Văn Lê,31/2/1961,"]);
  await picture(page, "doubtful");
  await page.getByRole("radio", { name: "Lấy theo tệp" }).check();
  await page.getByRole("button", { name: "Lưu quyết định" }).click();
  await page.getByRole("button", { name: "Gửi để duyệt rồi ghi" }).click();
  assert.match(await page.locator("#errors").innerText(), /đánh dấu để bỏ qua/);
  await page.getByRole("checkbox").check();
  await writes(page);
  await settles();
  await picture(page, "mixed");
  assert.match(await page.locator(".tallies").first().innerText(), /Có thay đổi: 1/);
  await page.context().close();
});

test("a file of another kind is refused beside the field", { timeout: 60_000 }, async () => {
  const page = await office();
  await toForm(page);
  await page.setInputFiles("input[type=file]", { name: "ảnh.png", mimeType: "image/png", buffer: Buffer.from("x") });
  await page.getByRole("button", { name: "Gửi và xem thử" }).click();
  assert.match(await page.locator("#errors").innerText(), /Không nhận tệp “ảnh.png”/);
  await picture(page, "refused");
  await page.context().close();
});

test("from an empty folder, by pages alone: units and their members from two files", { timeout: 120_000 }, async () => {
  const empty = await openEmptyHouse("Đảng bộ phường Thử", "Nguyễn Văn Quản");
  const context = await browser.newContext({ locale: "vi-VN", viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(15_000);
  try {
    const page = await context.newPage();
    await page.goto(`${empty.address}/activate`);
    await page.getByLabel("Mã kích hoạt").fill(empty.code);
    await page.locator("main button, form button").first().click();
    await page.locator("input[name=password]").fill("mật khẩu dài của tôi 2026");
    await page.locator("form button").first().click();
    await page.waitForURL(/\/today/);
    const send = async (link, name, text) => {
      await page.getByRole("link", { name: link }).click();
      await page.setInputFiles("input[type=file]", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
      await page.getByRole("button", { name: "Gửi và xem thử" }).click();
      await settled(page);
      await picture(page, `init-${name}`);
      await page.getByRole("button", { name: "Ghi vào Sổ tay" }).click();
      await settled(page);
      return page.locator(".tallies").first().innerText();
    };
    await page.goto(`${empty.address}/units`);
    const units = await send("Nhận danh sách tổ chức đảng từ tệp", "to-chuc.csv", "Tên tổ chức,Mã\nChi bộ Tổ 1,CB1\nChi bộ Tổ 2,CB2\n");
    assert.match(units, /Thêm mới: 2/);
    await page.goto(`${empty.address}/units`);
    await page.getByRole("link", { name: "Chi bộ Tổ 1" }).click();
    const people = await send("Nhận danh sách đảng viên từ tệp", "dang-vien.csv", "Họ và tên,Ngày sinh\nLê Thị Mai,19/5/1960\nTrần Văn Ba,2/9/1955\n");
    assert.match(people, /Thêm mới: 2/);
    await page.getByRole("link", { name: "Quay lại" }).last().click();
    assert.match(await page.locator(".roster").innerText(), /Lê Thị Mai/);
  } finally {
    await context.close();
    await empty.close();
  }
});
