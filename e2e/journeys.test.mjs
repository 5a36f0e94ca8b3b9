// What people do with the handbook, from the first click to the last: with script and without, by mouse, by keys
// alone, in two browsers at once. One demo serves the whole file; every journey has browsers and meetings of its own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { HOA, LAN, TUAN, findings, openBrowser, openHouse, signIn, tooWide } from "./house.mjs";

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };
/** The counters leave out machines, and a headless browser says that it is one. */
const READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const OTHER_READER = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";

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

/** Runs a journey with a way to open fresh browsers; closes them all at the end. */
function journey(name, travel) {
  test(name, { timeout: 120_000 }, async () => {
    const contexts = [];
    const told = [];
    const arrive = async (options = {}) => {
      const context = await browser.newContext({ locale: "vi-VN", viewport: PHONE, ...options });
      context.setDefaultTimeout(15_000);
      contexts.push(context);
      const page = await context.newPage();
      page.on("console", (message) => {
        // A refusal is answered 409, 410 or 422, and the console says so; that is no fault of the page.
        if (message.type() === "error" && !/status of 4(09|10|22)/.test(message.text())) told.push(`${page.url()}: ${message.text()}`);
      });
      page.on("pageerror", (error) => told.push(`${page.url()}: ${error}`));
      return page;
    };
    try {
      await travel(arrive);
      assert.deepEqual(told, [], "the console is silent");
    } finally {
      for (const context of contexts) await context.close();
    }
  });
}

const link = (page, name) => page.getByRole("link", { name, exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
/** The bottom bar of a telephone. */
const bar = (page, name) => page.getByRole("navigation", { name: "Các phần chính, thanh dưới" }).getByRole("link", { name, exact: true });
const heading = (page, level = 1) => page.getByRole("heading", { level });
const go = (page, path) => page.goto(house.address + path);
const pathOf = (page) => new URL(page.url()).pathname;
/** A page that only a journey reaches: no accessibility finding, and not wider than a small telephone in any type. */
async function inspect(page) {
  assert.deepEqual([page.url(), await findings(page)], [page.url(), []]);
  const usual = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const size = await page.locator("html").getAttribute("data-size");
  await page.evaluate(() => { document.documentElement.dataset.size = "largest"; });
  assert.ok((await tooWide(page)) <= 0, `${page.url()} is too wide`);
  await page.evaluate((back) => { if (back) document.documentElement.dataset.size = back; else delete document.documentElement.dataset.size; }, size);
  await page.setViewportSize(usual);
}

/** What has the focus, and what is wrong with it: off the screen, behind another thing, not ringed. */
const focused = (page) =>
  page.evaluate(async () => {
    await Promise.all(document.getAnimations().map((one) => one.finished));
    const element = document.activeElement;
    // A box to tick is drawn by what stands beside it, a whole row by what lies over it.
    const drawn = [element, element.nextElementSibling, element.closest("label")].filter(Boolean);
    const box = element.getBoundingClientRect();
    const above = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const styles = [...drawn.map((one) => getComputedStyle(one)), getComputedStyle(element, "::after")];
    const trouble = [];
    if (element !== document.body) {
      if (box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth) trouble.push("off the screen");
      else if (above && !drawn.some((one) => one.contains(above)) && !above.contains(element)) trouble.push(`behind ${above.outerHTML.slice(0, 60)}`);
      if (!styles.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)) trouble.push("without a ring");
    }
    return { id: element.id, name: element.textContent.trim().slice(0, 60), to: element.getAttribute("href") ?? "", trouble: trouble.join(", ") };
  });
/** The day in the country of the handbook, wherever the test runs. */
const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date());

/** Presses a button of a plan; several journeys meet at one hour, which is asked about. */
async function keep(page, name) {
  await button(page, name).click();
  await page.getByText(/Tôi đã xem lại|Khi bấm gửi|Đã lưu lịch họp/).first().waitFor();
  const asked = page.getByLabel("Tôi đã xem lại, đúng như vậy");
  if ((await asked.count()) === 0) return;
  await asked.check();
  await button(page, name).click();
}

/** Begins a meeting, hours early too. */
async function begin(page) {
  await button(page, "Bắt đầu họp và điểm danh").click();
  await heading(page).getByText(/Điểm danh|Chưa đến giờ họp/).waitFor();
  const early = button(page, "Bắt đầu họp sớm");
  if (await early.count()) await early.click();
}

/** Plans a meeting that can be opened today and calls it; answers its path. */
async function callMeetingToday(page, name) {
  await go(page, "/meetings/new?kind=theme");
  await page.getByLabel("Ngày họp").fill(today());
  await page.getByLabel("Giờ bắt đầu").fill("23:59");
  await page.getByText("Tên buổi họp, chủ trì, thư ký").click();
  await page.getByLabel("Tên buổi họp").fill(name);
  await keep(page, "Gửi cho chi bộ");
  await button(page, "Gửi lịch họp").click();
  await page.getByText("Đã gửi lịch họp cho chi bộ.").waitFor();
  return pathOf(page);
}

/** Sheets of a PDF that a browser made. */
const sheets = (pdf) => (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;

const row = (page, n) => page.locator("#roll > li[data-row]").nth(n);
const tally = (page, name) => page.locator(`[data-tally=${name}]`).innerText().then(Number);

/** Does something on the roll and waits until the server has kept it. */
async function kept(page, act) {
  const saved = page.waitForResponse((reply) => reply.request().method() === "POST" && reply.url().endsWith("/attendance"));
  await act();
  assert.equal((await saved).status(), 200);
}

journey("a secretary plans next month's meeting without typing anything", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, LAN);
  await heading(page).getByText("Chào").waitFor();
  await bar(page, "Sinh hoạt").click();
  await link(page, "Lên lịch họp").click();

  const shown = await page.getByLabel("Ngày họp").inputValue();
  assert.match(shown, /^\d\d\/\d\d\/\d{4}$/, "day before month, whatever the device is set to");
  const day = shown.split("/").reverse().join("-");
  assert.ok(day > today(), `${day} is ahead`);
  assert.match(await page.getByLabel("Giờ bắt đầu").inputValue(), /^\d\d:\d\d$/);
  assert.notEqual(await page.getByLabel("Nơi họp").inputValue(), "");
  assert.ok((await page.locator("[data-agenda-row]").count()) >= 5, "the template brings its agenda");
  for (const field of await page.locator("[data-agenda-row] textarea[name=title]").all()) assert.notEqual(await field.inputValue(), "");

  assert.ok(await button(page, "Gửi cho chi bộ").isVisible());
  await button(page, "Gửi cho chi bộ").click();
  await page.getByText(/thấy buổi họp trong Sổ tay/).waitFor();
  await button(page, "Gửi lịch họp").click();
  await page.getByText("Đã gửi lịch họp cho chi bộ.").waitFor();
  const title = `Sinh hoạt thường kỳ tháng ${Number(day.slice(5, 7))}`;
  assert.equal(await heading(page).innerText(), title);
  const meeting = pathOf(page);

  const member = await arrive();
  await signIn(member, house, HOA);
  await go(member, "/meetings");
  await member.locator(`a[href="${meeting}"]`).first().click();
  assert.equal(await heading(member).innerText(), title);
  assert.equal(await link(member, "Sửa").count(), 0, "a member does not plan");
});

for (const javaScriptEnabled of [true, false]) {
  journey(`the agenda is rearranged ${javaScriptEnabled ? "with" : "without"} script`, async (arrive) => {
    const page = await arrive({ javaScriptEnabled });
    await signIn(page, house, LAN);
    await go(page, "/meetings/new?kind=theme");
    await page.getByLabel("Ngày họp").fill(today());
    await page.getByLabel("Giờ bắt đầu").fill("23:59");
    const rows = page.locator("[data-agenda-row]");
    const titles = async () => Promise.all((await rows.locator("textarea[name=title]").all()).map((field) => field.inputValue()));
    const before = await titles();
    await page.locator("#f-agenda").click();
    await rows.nth(1).locator("summary").click();
    await rows.nth(1).getByRole("button", { name: "Lên" }).click();
    assert.deepEqual(await titles(), [before[1], before[0], ...before.slice(2)]);
    await button(page, "Thêm mục").click();
    const added = rows.nth(before.length);
    await added.locator("textarea[name=title]").fill("Việc thêm vào");
    await added.locator("input[name=minutes]").fill("7");
    await keep(page, "Lưu bản nháp");
    await page.getByText("Đã lưu lịch họp.").waitFor();
    const kept = await page.getByRole("region", { name: "Sẽ bàn gì" }).getByRole("heading", { level: 3 }).allInnerTexts();
    assert.deepEqual(kept, [before[1], before[0], ...before.slice(2), "Việc thêm vào"]);
  });
}

for (const javaScriptEnabled of [true, false]) {
  journey(`keys alone reach the agenda of a plan ${javaScriptEnabled ? "with" : "without"} script`, async (arrive) => {
    const page = await arrive({ javaScriptEnabled });
    await signIn(page, house, LAN);
    await go(page, "/meetings/new?kind=theme");
    const reaches = async (wanted) => {
      for (let n = 0; n < 60; n += 1) {
        await page.keyboard.press("Tab");
        if (await page.locator(wanted).evaluate((one) => one === document.activeElement)) return true;
      }
      return false;
    };
    assert.ok(await reaches("#f-agenda"), "the folded part has a place among the keys");
    await page.keyboard.press("Enter");
    assert.ok(await reaches("#t-1"), "and so have its fields");
  });

  journey(`Back after a refused plan shows what was typed ${javaScriptEnabled ? "with" : "without"} script`, async (arrive) => {
    const page = await arrive({ javaScriptEnabled });
    await signIn(page, house, LAN);
    await go(page, "/meetings/new?kind=theme");
    await page.getByLabel("Ngày họp").fill("1/1/1999");
    await page.getByLabel("Nơi họp").fill("Sân đình làng thử");
    await button(page, "Gửi cho chi bộ").click();
    await page.getByRole("alert").waitFor();
    await page.locator(".crumb a").click();
    await heading(page).getByText("Sinh hoạt").waitFor();
    await page.goBack();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("Nơi họp").inputValue(), "Sân đình làng thử");
    // Signed out, the same address shows nothing of it.
    const kept = page.url();
    await page.context().clearCookies();
    await page.goto(kept);
    assert.equal(await page.getByText("Sân đình làng thử").count() + await page.locator("[value='Sân đình làng thử']").count(), 0);
  });
}

journey("a meeting goes from the call to the printed minutes, and every tap on the roll is kept", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, LAN);
  const meeting = await callMeetingToday(page, "Chuyên đề của hành trình");

  const member = await arrive();
  await signIn(member, house, HOA);
  const card = member.getByRole("region", { name: "Buổi họp tới" });
  await card.getByText("Chuyên đề của hành trình").waitFor();
  await button(card, "Tôi sẽ đến").click();
  await member.getByText("Đã ghi: đồng chí sẽ đến.").waitFor();

  await go(page, meeting);
  await page.getByText("2 người sẽ đến").waitFor();
  await begin(page);
  await heading(page).getByText("Điểm danh").waitFor();
  await inspect(page);
  assert.equal(await page.locator("[data-roll-save]").isVisible(), false, "with script no save button is needed");
  const [present, excused] = [await tally(page, "present"), await tally(page, "excused")];
  for (const n of [0, 1, 2]) await kept(page, () => row(page, n).locator("label.tap").click());
  await page.getByText("Đã lưu", { exact: true }).waitFor();
  await page.locator("[data-tally=present]", { hasText: String(present + 3) }).waitFor();
  await row(page, 3).locator("summary").click();
  await kept(page, () => row(page, 3).locator("label.choice", { hasText: "Vắng có lý do" }).click());
  await page.locator("[data-tally=excused]", { hasText: String(excused + 1) }).waitFor();

  await page.reload();
  await inspect(page);
  assert.equal(await tally(page, "present"), present + 3);
  for (const n of [0, 1, 2]) assert.ok(await row(page, n).getByRole("checkbox").isChecked(), `tap ${n} is kept`);
  assert.match(await row(page, 3).locator("summary").innerText(), /Vắng có lý do/, "an absence folds to a line that says which");
  // A second tap takes the first back.
  await kept(page, () => row(page, 2).locator("label.tap").click());
  await page.reload();
  assert.equal(await tally(page, "present"), present + 2);

  await button(page, "Kết thúc buổi họp").click();
  await button(page, "Kết thúc buổi họp").click();
  await page.getByRole("alert").getByText("chưa điểm danh").waitFor();
  await inspect(page);
  await page.getByRole("radio", { name: "là vắng không lý do" }).check();
  await page.getByRole("checkbox", { name: "Đúng, họp đến giờ ấy" }).check();
  await button(page, "Kết thúc buổi họp").click();
  await page.getByText("Buổi họp đã kết thúc. Ghi nốt kết luận và việc giao.").waitFor();

  // The first item without a word is open; what is typed there saves by itself.
  await page.getByLabel("Kết luận").first().fill("Chi bộ thống nhất làm thử trong ba tháng.");
  await page.getByText("Đã lưu mục này").waitFor();
  await page.getByLabel("Việc 1", { exact: true }).fill("Treo lịch ở nhà văn hóa");
  await page.locator("[name=task_owner]").first().selectOption({ index: 1 });
  await page.locator("[name=task_due]").first().fill("2099-01-31");
  await inspect(page);
  await page.getByRole("button", { name: "Lưu", exact: true }).click();
  await page.getByText("Đã lưu.", { exact: true }).waitFor();
  await button(page, "Lưu và mở biên bản").click();
  const draft = await page.getByRole("article", { name: "Biên bản" }).innerText();
  assert.match(draft, /Có mặt: 2 đồng chí/);
  assert.match(draft, /Chi bộ thống nhất làm thử trong ba tháng\./);
  assert.match(draft, /Treo lịch ở nhà văn hóa/);
  await inspect(page);
  await link(page, "Thêm một phần").click();
  await page.getByLabel("Tên phần").fill("9. Đọc biên bản");
  await page.getByRole("textbox", { name: "Nội dung" }).fill("Biên bản đã đọc trước chi bộ.");
  await inspect(page);
  await button(page, "Lưu phần này").click();
  await page.getByText("Đã lưu một bản mới của biên bản.").waitFor();
  await link(page, "In biên bản").click();
  await page.getByText("Biên bản đã đọc trước chi bộ.").waitFor();
  await inspect(page);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".no-print:visible").count(), 0, "only the minutes are printed");
  assert.equal(sheets(await page.pdf({ preferCSSPageSize: true })), 1, "twenty absent by name stay on the sheet");
  const day = page.locator(".letterhead .day");
  assert.equal(await day.evaluate((words) => words.getClientRects().length), 1, "the day is not broken");

  await go(page, `${meeting}/attendance`);
  assert.equal(await page.locator("label.tap:visible").count(), 0, "the roll of a closed meeting is locked");
});

journey("an ended session is said on the roll, and signing in again brings the ticks with a button", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, LAN);
  const meeting = await callMeetingToday(page, "Chuyên đề hết phiên");
  await begin(page);
  await heading(page).getByText("Điểm danh").waitFor();
  const other = await arrive();
  await signIn(other, house, LAN);
  await go(other, "/me/sessions");
  await button(other, "Đăng xuất mọi máy khác, hủy mã truy cập").click();
  await other.getByText(/Đã đăng xuất/).first().waitFor();
  await row(page, 0).locator("label.tap").click();
  const back = link(page, "Phiên đã hết, đăng nhập lại để lưu");
  await back.waitFor();
  await back.click();
  await page.waitForURL(/\/sign-in/);
  await page.getByLabel("Mã đăng nhập", { exact: false }).fill(LAN);
  await page.getByLabel("Mật khẩu", { exact: true }).fill(house.passwords.get(LAN));
  await button(page, "Đăng nhập").click();
  await page.waitForURL(/\/attendance/);
  assert.ok(await row(page, 0).getByRole("checkbox").isChecked(), "the tick is back");
  await page.getByText("Còn 1 người chưa lưu").waitFor();
  await button(page, "Lưu điểm danh").click();
  await page.getByText("Đã lưu", { exact: false }).first().waitFor();
  await go(page, `${meeting}/attendance`);
  assert.ok(await row(page, 0).getByRole("checkbox").isChecked(), "and kept");
});

for (const javaScriptEnabled of [true, false]) {
  journey(`the one act of a meeting's page stands on the first screen ${javaScriptEnabled ? "with" : "without"} script`, async (arrive) => {
    const page = await arrive({ javaScriptEnabled, viewport: { width: 360, height: 800 } });
    await signIn(page, house, LAN);
    const meeting = await callMeetingToday(page, `Chuyên đề nút chân ${javaScriptEnabled}`);
    const inReach = async (act) => {
      const [box, bar] = await Promise.all([act.boundingBox(), page.locator("nav.bar").boundingBox()]);
      assert.ok(box && box.y >= 0 && box.y + box.height <= bar.y + 1, `${page.url()}: ${JSON.stringify(box)} above ${bar.y}`);
    };
    await go(page, meeting);
    await inReach(button(page, "Bắt đầu họp và điểm danh"));
    await begin(page);
    await heading(page).getByText("Điểm danh").waitFor();
    await go(page, meeting);
    await inReach(page.locator("main .thumb a"));
    await go(page, `${meeting}/notes`);
    await inReach(button(page, "Lưu"));
    await go(page, `${meeting}/minutes`);
    await inReach(button(page, "Lưu biên bản"));
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await inReach(button(page, "Lưu biên bản"));
    await page.setViewportSize({ width: 320, height: 640 });
    await go(page, meeting);
    await page.evaluate(() => { document.documentElement.dataset.size = "largest"; });
    assert.ok((await page.locator("main .thumb").boundingBox()).height < 640 / 4, "the foot leaves the page to be read");
  });
}

journey("minutes of a short meeting are one sheet, and say that they are saved", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, LAN);
  const meeting = await callMeetingToday(page, "Chuyên đề ngắn");
  await begin(page);
  await heading(page).getByText("Điểm danh").waitFor();
  await page.locator("button[name=all]").click();
  await page.locator("[data-tally=open]", { hasText: /^0$/ }).waitFor();
  await button(page, "Kết thúc buổi họp").click();
  await button(page, "Kết thúc buổi họp").click();
  await page.getByRole("checkbox", { name: "Đúng, họp đến giờ ấy" }).check();
  await button(page, "Kết thúc buổi họp").click();
  await page.getByText("Buổi họp đã kết thúc.").waitFor();
  await go(page, `${meeting}/minutes/print`);
  await page.getByText("Dự thảo để in").waitFor();
  await go(page, `${meeting}/minutes`);
  await button(page, "Lưu biên bản").click();
  await page.getByText("Đã lưu một bản mới của biên bản.").waitFor();
  await link(page, "In biên bản").click();
  await page.getByText(/Biên bản đã lưu \(bản 1, .*\), để in và ký/).waitFor();
  assert.equal(await page.getByText("Bản nháp").count() + await page.getByText("DỰ THẢO").count(), 0, "what is saved is no draft");
  assert.equal(await page.locator(".minutes h2", { hasText: /^[1-5]\. / }).count(), 5, "an item without notes keeps its heading");
  await page.emulateMedia({ media: "print" });
  assert.equal(sheets(await page.pdf({ preferCSSPageSize: true })), 1);
});

journey("two take the roll, and each sees without a reload what the other marked", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, LAN);
  const meeting = await callMeetingToday(page, "Chuyên đề hai người ghi");
  await begin(page);
  await heading(page).getByText("Điểm danh").waitFor();
  await page.locator("#back").waitFor();
  const before = await tally(page, "present");
  const other = await arrive();
  await signIn(other, house, LAN);
  await go(other, `${meeting}/attendance`);
  assert.equal(await other.locator("[data-roll-reload]").isVisible(), false, "with script nothing is to be reloaded");
  await kept(other, () => row(other, 0).locator("label.tap").click());
  await other.locator("#back").waitFor({ state: "hidden" });
  // What is being touched is left alone; the rest follows.
  await row(page, 1).locator("summary").click();
  await kept(other, () => row(other, 1).locator("label.tap").click());
  // The page looks when it is seen again, and every twenty seconds.
  const looked = page.waitForResponse((reply) => reply.request().method() === "GET" && reply.url().endsWith("/attendance"));
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  assert.equal((await looked).status(), 200);
  await page.locator("[data-tally=present]", { hasText: new RegExp(`^${before + 2}$`) }).waitFor();
  assert.ok(await row(page, 0).getByRole("checkbox").isChecked(), "a mark of the other is seen");
  assert.equal(await row(page, 1).getByRole("checkbox").isChecked(), false, "a row that is open is left alone");
  assert.equal(await page.locator("#back").isVisible(), false, "after the first mark nothing is by mistake");
  const plain = await arrive({ javaScriptEnabled: false });
  await signIn(plain, house, LAN);
  await go(plain, `${meeting}/attendance`);
  await link(plain, "Tải lại để thấy điểm danh của người khác").waitFor();
});

journey("what is typed while its item is on the way is sent too, and whoever leaves before is asked", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, LAN);
  const meeting = await callMeetingToday(page, "Chuyên đề gõ nhanh");
  await begin(page);
  await go(page, `${meeting}/notes`);
  let free;
  const held = new Promise((done) => (free = done));
  await page.route("**/notes", async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  const conclusion = page.getByLabel("Kết luận").first();
  await conclusion.pressSequentially("Làm ngay");
  await page.locator("[data-row][data-state=saving]").waitFor();
  await conclusion.pressSequentially(" trong tháng");
  assert.equal(await page.locator("[data-row][data-state]").count(), 1, "it is marked as not saved");
  const asked = page.waitForEvent("dialog");
  const leaving = go(page, "/today").catch(() => {}); // stays, as the answer below wants
  await (await asked).dismiss();
  await leaving;
  free();
  await page.locator("[data-row][data-state]").waitFor({ state: "detached" });
  await page.getByText("Đã lưu mục này").waitFor();
  await page.reload();
  assert.equal(await conclusion.inputValue(), "Làm ngay trong tháng");
});

journey("the roll is taken without script by one button", async (arrive) => {
  const page = await arrive({ javaScriptEnabled: false });
  await signIn(page, house, LAN);
  await callMeetingToday(page, "Chuyên đề không kịch bản");
  await begin(page);
  const [present, unexcused] = [await tally(page, "present"), await tally(page, "unexcused")];
  for (const n of [0, 1]) await row(page, n).locator("label.tap").click();
  await row(page, 2).locator("summary").click();
  await row(page, 2).locator("label.choice", { hasText: "Vắng không lý do" }).click();
  await button(page, "Lưu điểm danh").click();
  await page.getByText("Đã lưu điểm danh.").waitFor();
  await page.reload();
  assert.equal(await tally(page, "present"), present + 2);
  for (const n of [0, 1]) assert.ok(await row(page, n).getByRole("checkbox").isChecked());
  assert.match(await row(page, 2).locator("summary").innerText(), /Vắng không lý do/);
  assert.equal(await tally(page, "unexcused"), unexcused + 1);
});

for (const javaScriptEnabled of [true, false]) {
  journey(`a reader comes back to the section where she stopped, ${javaScriptEnabled ? "with" : "without"} script`, async (arrive) => {
    const page = await arrive({ javaScriptEnabled });
    await signIn(page, house, javaScriptEnabled ? HOA : TUAN);
    await go(page, "/library");
    await page.getByRole("link", { name: /^Sổ tay cho đảng viên/ }).first().click();
    await link(page, "Đọc sách").first().click();
    const first = pathOf(page);
    await page.getByRole("main").getByRole("link", { name: /^Mục sau/ }).click();
    const second = pathOf(page);
    assert.notEqual(second, first);
    const title = await page.title();
    if (javaScriptEnabled) {
      const noted = page.waitForResponse((reply) => reply.url().endsWith("/place"));
      await page.evaluate(() => globalThis.scrollTo(0, document.documentElement.scrollHeight / 2));
      await noted;
    }
    await go(page, "/today");
    await page.getByRole("link", { name: "Đọc tiếp" }).click();
    assert.equal(pathOf(page), second);
    assert.equal(await page.title(), title);
    if (javaScriptEnabled) await page.waitForFunction(() => globalThis.scrollY > 0);
  });
}

journey("a member finds a rule without diacritics and follows what it cites", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, HOA);
  await page.getByRole("banner").getByRole("link", { name: "Tìm kiếm" }).click();
  await page.getByRole("searchbox").fill("dang vien vang mat");
  await page.keyboard.press("Enter");
  const hit = page.locator("li.hit", { hasText: "12-QĐ/ĐU" }).first();
  await hit.locator("mark").first().waitFor();
  await hit.getByRole("heading").getByRole("link").click();
  assert.match(pathOf(page), /^\/documents\//);
  const from = pathOf(page);
  const cited = page.locator("article.law a[href^='/documents/']", { hasText: "02-QC/ĐU" }).first();
  await cited.click();
  await page.waitForURL((url) => url.pathname !== from);
  await page.getByText("02-QC/ĐU").first().waitFor();
  const citing = page.getByRole("region", { name: "Ai dẫn văn bản này" });
  await citing.getByRole("link", { name: /12-QĐ\/ĐU/ }).click();
  assert.equal(pathOf(page), from, "and back the same way");
});

journey("a member sees her own record, and who else looked at it", async (arrive) => {
  const secretary = await arrive({ viewport: DESK });
  await signIn(secretary, house, LAN);
  await go(secretary, "/search?q=doan+thi+hoa");
  await secretary.getByRole("region", { name: "Người" }).getByRole("link", { name: "Đoàn Thị Hoa" }).click();
  assert.equal(await heading(secretary).innerText(), "Đoàn Thị Hoa");

  const page = await arrive();
  await signIn(page, house, HOA);
  await bar(page, "Tôi").click();
  assert.equal(await heading(page).innerText(), "Đoàn Thị Hoa");
  assert.match(await page.locator("#birth").innerText(), /\d{4}/);
  const looks = page.getByRole("region", { name: "Ai đã xem hồ sơ của tôi" });
  await looks.getByText("Vũ Thị Ngọc Lan").first().waitFor();
  const taken = async (name) => {
    const [file] = await Promise.all([page.waitForEvent("download"), link(page, name).click()]);
    return readFileSync(await file.path());
  };
  assert.equal((await taken("Tải hồ sơ của tôi (PDF)")).subarray(0, 5).toString(), "%PDF-");
  await page.getByText("Dành cho phần mềm khác").click();
  const record = JSON.parse((await taken("Hồ sơ để chương trình khác đọc")).toString());
  assert.ok(JSON.stringify(record).includes("Đoàn Thị Hoa"), "her record is hers to take along");
});

journey("a passer-by reads the portal, and is counted without being known", async (arrive) => {
  const page = await arrive({ userAgent: READER, viewport: DESK });
  const figure = async (on, name) => Number((await on.locator(".counters > div", { hasText: name }).locator("dd").innerText()).replaceAll(".", ""));
  const views = async (on) => Number((await on.locator("article .views").innerText()).replaceAll(".", "").match(/\d+/)[0]);
  await go(page, "/");
  const first = page.locator(".lead-story h2 a");
  const title = await first.innerText();
  await first.click();
  assert.equal(await heading(page).innerText(), title);
  assert.deepEqual(await page.context().cookies(), [], "reading leaves no cookie");
  const article = pathOf(page);
  const [seen, people] = [await views(page), await figure(page, "hôm nay")];
  assert.ok(people >= 1);

  const other = await arrive({ userAgent: OTHER_READER });
  await go(other, article);
  assert.ok((await views(other)) > seen, "another reader is another view");
  assert.ok((await figure(other, "hôm nay")) > people, "and another visitor");

  const feed = await page.request.get(`${house.address}/feed.atom`);
  assert.match(feed.headers()["content-type"], /^application\/atom\+xml/);
  const entries = await page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, "application/xml");
    return xml.querySelector("parsererror") ? null : Array.from(xml.querySelectorAll("entry > title"), (one) => one.textContent);
  }, await feed.text());
  assert.ok(entries?.includes(title), "the feed is well formed and holds the article");
});

journey("a slip lets a member in, a weak password does not", async (arrive) => {
  const page = await arrive({ viewport: DESK });
  await signIn(page, house, LAN);
  await link(page, "Tổ chức").click();
  await page.getByRole("main").getByRole("link", { name: /Tổ dân phố 4/ }).first().click();
  const line = page.locator("#roster-rows tr").filter({ hasText: "Đảng viên" }).filter({ hasNotText: /Đoàn Thị Hoa|Nguyễn Anh Tuấn/ }).last();
  const name = await line.getByRole("rowheader").innerText();
  await line.getByRole("rowheader").getByRole("link").click();
  await button(page, "In phiếu kích hoạt").click();
  const slip = page.locator(".slip");
  assert.equal(await slip.count(), 1);
  assert.equal(await slip.locator(".who").innerText(), name);
  await inspect(page);
  const code = await slip.locator(".key").innerText();

  const member = await arrive();
  await go(member, "/sign-in");
  await link(member, "Tôi có phiếu kích hoạt").click();
  await member.getByLabel("Mã kích hoạt").fill(code.toLowerCase().replaceAll(" ", ""));
  await button(member, "Tiếp tục").click();
  assert.equal(await heading(member).innerText(), `Chào đồng chí ${name.split(" ").at(-1)}`);
  await member.getByLabel("Mật khẩu mới").fill("12345678");
  await button(member, "Đặt mật khẩu và vào").click();
  await member.getByRole("alert").getByText("dễ đoán").waitFor();
  await inspect(member);
  await member.getByLabel("Mật khẩu mới").fill("xe đạp qua cầu ăn bún");
  await button(member, "Đặt mật khẩu và vào").click();
  await member.waitForURL(/\/today/);
  const login = (await member.getByText("Đã đặt mật khẩu.").innerText()).match(/mã (\S+?)\./)[1];

  await go(member, "/me");
  assert.equal(await heading(member).innerText(), name);
  await button(member, "Đăng xuất").click();
  await go(member, "/activate");
  await member.getByLabel("Mã kích hoạt").fill(code);
  await button(member, "Tiếp tục").click();
  await member.getByText("Phiếu này đã dùng rồi.").first().waitFor();
  await go(member, "/sign-in");
  await member.getByLabel("Mã đăng nhập").fill(login);
  await member.getByLabel("Mật khẩu", { exact: true }).fill("xe đạp qua cầu ăn bún");
  await button(member, "Đăng nhập").click();
  await member.waitForURL(/\/today/);
});

for (const [device, viewport] of [["a desk", DESK], ["a telephone", PHONE]]) {
  journey(`at ${device} one can sign in with the keyboard alone and always see where one is`, async (arrive) => {
    const page = await arrive({ viewport });
    await go(page, "/sign-in");
    const tabTo = async (is, what) => {
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press("Tab");
        const at = await focused(page);
        assert.deepEqual([at.trouble, at.name], ["", at.name]);
        if (is(at)) return;
      }
      assert.fail(`no way to ${what} by Tab`);
    };
    const skip = async () => {
      await page.keyboard.press("Tab");
      const first = await focused(page);
      assert.deepEqual([first.name, first.trouble], ["Đến nội dung chính", ""], "the first stop is the skip link, and it shows");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement.id === "content");
    };
    await skip();
    await tabTo((at) => at.id === "f-login", "the code");
    await page.keyboard.type(HOA);
    await tabTo((at) => at.id === "f-password", "the password");
    await page.keyboard.type(house.passwords.get(HOA));
    await tabTo((at) => at.name === "Đăng nhập", "the button");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/today/);
    await skip();
    await tabTo((at) => /^\/meetings\/[^#]+$/.test(at.to), "the next meeting");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/meetings\//);
    await skip();
    for (let stop = 0; stop < 12; stop += 1) {
      await page.keyboard.press("Tab");
      const at = await focused(page);
      assert.deepEqual([at.trouble, at.name], ["", at.name]);
    }
  });
}

journey("large type on dark ground is remembered without script", async (arrive) => {
  const page = await arrive({ javaScriptEnabled: false });
  const root = page.locator("html");
  const size = () => page.locator("body").evaluate((body) => parseFloat(getComputedStyle(body).fontSize));
  await go(page, "/sign-in");
  const usual = await size();
  await link(page, "Chữ to hơn").click();
  await page.locator("label.choice", { hasText: "Rất lớn" }).click();
  await page.locator("label.choice", { hasText: "Tối" }).click();
  await button(page, "Giữ lại").click();
  assert.equal(pathOf(page), "/sign-in", "one is led back to where one was");
  for (const path of ["/sign-in", "/", "/activate"]) {
    await go(page, path);
    assert.equal(await root.getAttribute("data-size"), "largest", path);
    assert.equal(await root.getAttribute("data-theme"), "dark", path);
  }
  assert.ok((await size()) > usual * 1.2, "the type is really larger");
});

journey("what a member chose for her eyes follows her to another device", async (arrive) => {
  const page = await arrive();
  await signIn(page, house, TUAN);
  await go(page, "/display");
  await page.locator("label.choice", { hasText: "Lớn" }).first().click();
  await page.locator("html[data-size=large]").waitFor();
  await button(page, "Giữ lại").click();
  await page.getByText("Đã giữ cỡ chữ và nền.").waitFor();
  const other = await arrive();
  await signIn(other, house, TUAN);
  await other.locator("html[data-size=large]").waitFor();
});

journey("a stranger comes back to the page asked for, and leaves for good", async (arrive) => {
  const page = await arrive();
  await go(page, "/today");
  assert.equal(pathOf(page), "/sign-in");
  await go(page, "/library");
  assert.equal(pathOf(page), "/sign-in");
  await page.getByLabel("Mã đăng nhập").fill(HOA);
  await page.getByLabel("Mật khẩu", { exact: true }).fill("sai rồi");
  await button(page, "Đăng nhập").click();
  await page.getByRole("alert").getByText("Chưa đăng nhập được").waitFor();
  await page.getByText("Mã hoặc mật khẩu chưa đúng").waitFor();
  await inspect(page);
  assert.equal(await page.getByLabel("Mã đăng nhập").inputValue(), HOA, "what was typed stays");
  await page.getByLabel("Mật khẩu", { exact: true }).fill(house.passwords.get(HOA));
  await button(page, "Đăng nhập").click();
  await page.waitForURL(`${house.address}/library`);
  await go(page, "/me");
  await button(page, "Đăng xuất").click();
  await page.getByText("Đã đăng xuất.").waitFor();
  await go(page, "/me");
  assert.equal(pathOf(page), "/sign-in");
  await page.goBack();
  assert.equal(await page.getByText("Đoàn Thị Hoa").count(), 0, "the back button shows nothing of her");
});

journey("a member ends the session of a lost telephone", async (arrive) => {
  const lost = await arrive();
  await signIn(lost, house, TUAN);
  const page = await arrive({ viewport: DESK });
  await signIn(page, house, TUAN);
  await go(page, "/me/sessions");
  const others = page.locator("li[data-session]:not([data-this])");
  assert.ok((await others.count()) >= 1);
  while (await others.count()) {
    await others.first().getByRole("button", { name: /^Cho đăng xuất/ }).click();
    await page.getByText("Máy ấy đã đăng xuất.").waitFor();
  }
  await bar(lost, "Tủ sách").click();
  assert.equal(pathOf(lost), "/sign-in");
  await go(page, "/library");
  assert.equal(pathOf(page), "/library", "the own session goes on");
});
