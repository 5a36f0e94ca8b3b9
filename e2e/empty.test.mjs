// A new house, by pages alone: from `sotay init` in an empty folder over the steps that Hôm nay asks for to a meeting
// that is held and written up, an article, a document, a backup and the same handbook in another folder. The steps
// share one house, and each goes on where the one before stopped. All pages are those of a small telephone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { command, findings, openBrowser, openEmptyHouse, openRestored, signIn, tooWide } from "./house.mjs";

const PICTURES = process.env.SOTAY_PICTURES;
const PHONE = { width: 360, height: 740 };
const ADMINISTRATOR = { name: "Nguyễn Văn Quản", password: "mật khẩu dài của tôi 2026" };
const SECRETARY = { name: "Lê Thị Mai", password: "mây trắng bay qua đồi chè" };
const SECOND = { name: "Trần Văn Ba", password: "con thuyền nhỏ ngoài khơi xa" };
const MEMBER = { name: "Phạm Thị Cúc", password: "ruộng bậc thang mùa lúa chín" };
const NEWCOMER = { name: "Đỗ Thị Dung" };
const ARTICLE = "Tổ dân phố 1 giúp nhau sau đợt mưa";
const CONCLUSION = "Chi bộ giúp ba hộ ở ngõ 12 dọn bùn.";
const PLACE = "Nhà văn hóa tổ dân phố 1";

let house;
let restored;
let browser;
/** The page of each person, signed in once. */
let office;
let secretary;
let second;
let member;
/** A browser that shows nothing of ours and prints what an office would send. */
let printer;
/** Where a step left what a later one comes back to. */
const left = {};
/** The first step that failed: those after it would only repeat it. */
let broken = "";
/** What the consoles of all pages said. */
const told = [];

before(async () => {
  house = await openEmptyHouse("Đảng bộ phường Thử", ADMINISTRATOR.name);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await restored?.close();
  await house?.close();
});

/** A walk beside the way: nothing later needs it. */
function aside(name, travel, options = {}) {
  test(name, { timeout: 90_000, ...options }, async (t) => {
    if (broken) return t.skip(`“${broken}” failed`);
    told.length = 0;
    await travel();
    assert.deepEqual(told, [], "the console is silent");
  });
}

/** One step of the way: a test of its own that needs those before it. */
function step(name, travel) {
  aside(name, async () => {
    try {
      await travel();
    } catch (error) {
      broken = name;
      throw error;
    }
  });
}

const link = (page, name) => page.getByRole("link", { name, exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, level = 1) => page.getByRole("heading", { level });
/** The bottom bar of a telephone. */
const bar = (page, name) => page.getByRole("navigation", { name: /thanh dưới/ }).getByRole("link", { name, exact: true });
const fold = (page, name) => page.locator("summary", { hasText: name }).first();

/** A place that the bottom bar has no room for: under “Tôi”. */
async function open(page, name) {
  await bar(page, "Tôi").click();
  await page.getByRole("main").getByRole("link", { name, exact: true }).click();
}

async function arrive() {
  const context = await browser.newContext({ locale: "vi-VN", viewport: PHONE });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on("console", (message) => {
    // A refusal is answered 409, 410 or 422, and the console says so; that is no fault of the page.
    if (message.type() === "error" && !/status of 4(09|10|22)/.test(message.text())) told.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => told.push(`${page.url()}: ${error}`));
  return page;
}

/** No accessibility finding, not wider than a small telephone; a picture when they are asked for. */
async function inspect(page, name) {
  assert.deepEqual([page.url(), await findings(page)], [page.url(), []]);
  assert.ok((await tooWide(page)) <= 0, `${page.url()} is too wide`);
  if (!PICTURES) return;
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${PICTURES}/${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize(PHONE);
}

/** A list or a file has been read, and the page says what it found. */
async function settled(page) {
  await page.waitForFunction(() => !document.querySelector(".bigprogress"), null, { timeout: 30_000 });
}

/** The day in the country of the handbook, as people there write it. */
const day = (ahead) => new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date(Date.now() + ahead * 86_400_000));

/** A PDF as an office makes one: printed from a browser. */
async function pdfOf(...lines) {
  printer ??= await browser.newPage();
  await printer.setContent(lines.map((line) => `<p>${line}</p>`).join(""));
  return printer.pdf({ format: "A4" });
}
const asPdf = (name, buffer) => ({ name, mimeType: "application/pdf", buffer });
const sheets = (pdf) => (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;

/** Presses what brings a file; answers its bytes. */
async function taken(page, control) {
  const [file] = await Promise.all([page.waitForEvent("download"), control.click()]);
  return readFileSync(await file.path());
}
function assertPdf(bytes) {
  assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");
  assert.ok(bytes.length > 5_000, `${bytes.length} bytes are no paper`);
}

/** The bytes of what a link shows. */
async function shown(page, control) {
  const reply = await page.request.get(await control.evaluate((element) => element.href));
  assert.equal(reply.status(), 200);
  return reply.body();
}

/** Prints the slip of a person on the open page of the unit; answers what stands on it. */
async function slipOf(page, person) {
  await page.getByRole("button", { name: new RegExp(`In phiếu.*${person.name}`) }).click();
  const slip = page.locator(".slip");
  assert.match(await slip.innerText(), new RegExp(person.name));
  const code = await slip.locator(".key").innerText();
  person.login = (await slip.innerText()).match(/Mã đăng nhập\s+(\S+)/)[1];
  return code;
}

async function activate(page, code, password) {
  await page.goto(`${house.address}/activate`);
  await page.getByLabel("Mã kích hoạt").fill(code);
  await button(page, "Tiếp tục").click();
  await page.locator("input[name=password]").fill(password);
  await button(page, "Đặt mật khẩu và vào").click();
  await page.waitForURL(/\/today/);
}

/** Follows the step that Hôm nay asks for. */
async function asked(page, title, action) {
  await bar(page, "Hôm nay").click();
  await page.getByText(title).first().waitFor();
  await link(page, action).first().click();
}

/** Gives a post on the open form. */
async function appoint(page, person, title, right) {
  await page.getByRole("radio", { name: new RegExp(person.name) }).check();
  await page.getByLabel("Tên chức vụ").fill(title);
  await page.getByRole("radio", { name: right }).check();
  await button(page, "Trao chức vụ").click();
}

/** Opens the page of a unit from the tree. */
async function unit(page, ...names) {
  await open(page, "Tổ chức");
  for (const name of names) await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
  await heading(page).getByText(names.at(-1), { exact: true }).waitFor();
}

/** The second person agrees to the one thing that waits, found from Hôm nay. */
async function agree(words) {
  await bar(second, "Hôm nay").click();
  const waiting = second.getByRole("main").locator("a[href^='/approvals']");
  const more = second.getByRole("link", { name: /cả tháng/ });
  await waiting.or(more).first().waitFor();
  if ((await waiting.count()) === 0) await more.click();
  await waiting.first().click();
  await second.locator("#open").getByRole("link", { name: words }).click();
  await button(second, "Đồng ý").click();
  await second.waitForURL(/\/approvals$/);
}

/** A new meeting in the form, of a kind, on a day; the rest of the form is as it came. */
async function plan(kind, on, time) {
  await bar(secretary, "Sinh hoạt").click();
  await link(secretary, "Lên lịch họp").first().click();
  if (kind) {
    await fold(secretary, "Loại buổi họp").click();
    await secretary.getByRole("button", { name: kind }).click();
    await fold(secretary, kind).waitFor();
  }
  await secretary.getByLabel("Ngày họp").fill(on);
  await secretary.getByLabel("Giờ bắt đầu").fill(time);
  await secretary.getByLabel("Nơi họp").fill(PLACE);
}

/** From the question whether to call to the meeting that is called. */
async function call() {
  await secretary.waitForURL(/\/calling$/);
  await secretary.getByRole("button", { name: /^Gửi/ }).click();
  await secretary.waitForURL(/\/meetings\/[^/]+$/);
}

/** Looks for words, as often as the index needs to follow; answers the hit. */
async function found(page, words, name) {
  await page.getByRole("banner").getByRole("link", { name: "Tìm kiếm" }).click();
  await page.getByRole("searchbox").fill(words);
  await page.keyboard.press("Enter");
  await page.waitForURL(/[?&]q=/);
  const hit = page.locator("li.hit").getByRole("link", { name });
  for (const late = Date.now() + 10_000; (await hit.count()) === 0; await page.reload()) assert.ok(Date.now() < late, `“${words}” does not find ${name}`);
  return hit.first();
}

step("an administrator comes in with the slip of `sotay init`", async () => {
  office = await arrive();
  await activate(office, house.code, ADMINISTRATOR.password);
  ADMINISTRATOR.login = house.login;
  assert.match(await office.title(), /Hôm nay/);
  await inspect(office, "today");
});

step("the first unit is made where Hôm nay asks for it", async () => {
  await asked(office, "Lập chi bộ đầu tiên", "Lập tổ chức");
  await inspect(office, "unit-new");
  await office.getByLabel("Tên đầy đủ").fill("Chi bộ Tổ dân phố 1");
  await office.getByLabel("Mã", { exact: true }).fill("CB1");
  await button(office, "Lập tổ chức này").click();
  await office.getByText("Đã lập Chi bộ Tổ dân phố 1.").waitFor();
  await inspect(office, "unit");
});

step("its members come from the list of an office", async () => {
  await asked(office, "Đưa đảng viên vào chi bộ", "Mở chi bộ");
  await link(office, "Nhận danh sách đảng viên từ tệp").click();
  const rows = ["Họ và tên,Ngày sinh", `${SECRETARY.name},19/5/1960`, `${SECOND.name},2/9/1955`, `${MEMBER.name},1/1/1950`, `${NEWCOMER.name},3/2/1990`];
  await office.setInputFiles("input[type=file]", { name: "dang-vien.csv", mimeType: "text/csv", buffer: Buffer.from(`${rows.join("\n")}\n`) });
  await button(office, "Gửi và xem thử").click();
  await settled(office);
  await button(office, "Ghi vào Sổ tay").click();
  await settled(office);
  assert.match(await office.locator(".tallies").first().innerText(), /Thêm mới: 4/);
});

step("a secretary is appointed and her slip is printed", async () => {
  await bar(office, "Hôm nay").click();
  await inspect(office, "today-people");
  await asked(office, "Trao chức vụ cho bí thư chi bộ", "Trao chức vụ");
  await inspect(office, "position-new");
  await appoint(office, SECRETARY, "Bí thư", /Lãnh đạo chi bộ/);
  await office.getByText(`Đã trao chức vụ cho ${SECRETARY.name}.`).waitFor();
  left.code = await slipOf(office, SECRETARY);
  await inspect(office, "slip");
  await office.emulateMedia({ media: "print" });
  assert.equal(await office.locator(".no-print:visible").count(), 0, "only the slip is printed");
  assert.ok(await office.locator(".slip .key").isVisible());
  const paper = await office.pdf({ preferCSSPageSize: true });
  await office.emulateMedia({ media: null });
  assertPdf(paper);
  assert.equal(sheets(paper), 1, "one slip is one sheet");
});

step("a second person is asked in, and from then on what is wide waits for both", async () => {
  await asked(office, "Mời người thứ hai cùng giữ Sổ tay", "Trao chức vụ");
  await appoint(office, SECOND, "Phó bí thư đảng ủy", /Lãnh đạo cấp ủy/);
  await office.getByText(`Đã trao chức vụ cho ${SECOND.name}.`).waitFor();
  await unit(office, "Chi bộ Tổ dân phố 1");
  const code = await slipOf(office, SECOND);
  second = await arrive();
  await activate(second, code, SECOND.password);

  await unit(office, "Đảng bộ phường Thử");
  await link(office, "Trao chức vụ").first().click();
  await office.getByText(/chờ thêm một người đồng ý: Trần Văn Ba/).waitFor();
  await appoint(office, SECRETARY, "Giám sát", /Giám sát an toàn/);
  await office.getByText(/Chờ Trần Văn Ba đồng ý/).waitFor();
  await agree(new RegExp(SECRETARY.name));
  await unit(office, "Đảng bộ phường Thử");
  await office.getByRole("main").getByText(/^Giám sát,/).waitFor();
});

step("the secretary comes in with her slip and prints those of her members", async () => {
  secretary = await arrive();
  await activate(secretary, left.code, SECRETARY.password);
  await unit(secretary, "Chi bộ Tổ dân phố 1");
  const code = await slipOf(secretary, MEMBER);
  member = await arrive();
  await activate(member, code, MEMBER.password);
  await bar(member, "Sinh hoạt").click();
  await heading(member).getByText("Sinh hoạt").waitFor();
  assert.equal(await link(member, "Lên lịch họp").count(), 0, "a member does not plan");
  await unit(secretary, "Chi bộ Tổ dân phố 1");
  left.unused = await slipOf(secretary, NEWCOMER);
});

step("a meeting is called, and a member answers that she will come", async () => {
  // No meeting before it: the form knows neither day nor place yet.
  await plan(null, day(0), "23:59");
  await button(secretary, "Gửi cho chi bộ").click();
  await secretary.waitForURL(/\/calling$/);
  await inspect(secretary, "calling");
  await call();
  await secretary.getByText("Đã gửi lịch họp cho chi bộ.").waitFor();
  await inspect(secretary, "meeting");
  left.meeting = new URL(secretary.url()).pathname;
  left.title = await heading(secretary).innerText();

  await bar(member, "Hôm nay").click();
  await button(member.getByRole("region", { name: "Buổi họp tới" }), "Tôi sẽ đến").click();
  await member.getByText("Đã ghi: đồng chí sẽ đến.").waitFor();
});

step("the meeting is held: whoever is there is marked, and one is absent with a reason", async () => {
  await bar(secretary, "Sinh hoạt").click();
  await secretary.getByRole("main").getByRole("link", { name: left.title }).first().click();
  await button(secretary, "Bắt đầu họp và điểm danh").click();
  await heading(secretary).getByText(/Điểm danh|Chưa đến giờ họp/).waitFor();
  const early = button(secretary, "Bắt đầu họp sớm");
  if (await early.count()) await early.click();
  await heading(secretary).getByText("Điểm danh").waitFor();
  const row = (person) => secretary.locator("#roll > li[data-row]").filter({ hasText: person.name });
  const kept = async (act) => {
    const saved = secretary.waitForResponse((reply) => reply.request().method() === "POST" && reply.url().endsWith("/attendance"));
    await act();
    assert.equal((await saved).status(), 200);
  };
  for (const person of [SECRETARY, MEMBER, NEWCOMER]) await kept(() => row(person).locator("label.tap").click());
  await row(SECOND).locator("summary").click();
  await kept(() => row(SECOND).locator("label.choice", { hasText: "Vắng có lý do" }).click());
  for (const [name, count] of [["present", 3], ["excused", 1], ["unexcused", 0], ["open", 0]]) assert.equal(await secretary.locator(`[data-tally=${name}]`).innerText(), String(count), name);
});

step("the meeting is closed, and the numbers are those of the roll", async () => {
  await button(secretary, "Kết thúc buổi họp").click();
  await heading(secretary).getByText("Kết thúc buổi họp").waitFor();
  await secretary.getByText(`1 vắng có lý do: ${SECOND.name}`).waitFor();
  // A meeting of a minute is asked about.
  await button(secretary, "Kết thúc buổi họp").click();
  await secretary.getByRole("checkbox", { name: /đúng/i }).check();
  await button(secretary, "Kết thúc buổi họp").click();
  await secretary.waitForURL(/\/notes$/);
});

step("what was concluded and who does it is written, and the minutes are saved", async () => {
  await secretary.getByLabel("Kết luận").first().fill(CONCLUSION);
  await secretary.getByLabel("Việc 1", { exact: true }).fill("Lập danh sách người giúp");
  await secretary.getByLabel("Người chịu trách nhiệm").first().selectOption({ label: MEMBER.name });
  await secretary.getByLabel("Hạn").first().fill(day(7));
  await button(secretary, "Lưu và mở biên bản").click();
  const minutes = secretary.getByRole("article", { name: "Biên bản" });
  for (const words of [CONCLUSION, "Lập danh sách người giúp", "Có mặt: 3", `Vắng có lý do: 1 (${SECOND.name})`]) await minutes.getByText(words).first().waitFor();
  await button(secretary, "Lưu biên bản").click();
  await secretary.getByText(/^Bản 1, Lê Thị Mai lưu/).waitFor();

  await bar(member, "Hôm nay").click();
  await member.getByText("Lập danh sách người giúp").first().waitFor();
});

step("the minutes are printed from the page and taken as PDF", async () => {
  await link(secretary, "In biên bản").click();
  await secretary.emulateMedia({ media: "print" });
  assert.equal(await secretary.locator(".no-print:visible").count(), 0, "only the minutes are printed");
  for (const words of ["BIÊN BẢN", CONCLUSION, "CHỦ TRÌ"]) assert.ok(await secretary.getByText(words).filter({ visible: true }).count(), words);
  const paper = await secretary.pdf({ preferCSSPageSize: true });
  await secretary.emulateMedia({ media: null });
  assert.equal(sheets(paper), 1);
  assert.equal(await secretary.getByText("DỰ THẢO").count(), 0, "what is saved is no draft");
  assertPdf(await taken(secretary, link(secretary, "Tải PDF")));
  // A sheet to print has no bottom bar.
  await link(secretary, "Biên bản").click();
});

step("an article is written, published, and read by somebody who is nobody here", async () => {
  await open(office, "Soạn tin");
  await link(office, "Viết bài mới").click();
  await inspect(office, "article-new");
  await office.getByRole("radio").first().check();
  await office.getByLabel("Tên bài").fill(ARTICLE);
  await office.getByLabel("Câu mở đầu").fill("Ba hộ ở ngõ 12 được dọn bùn trong một buổi sáng.");
  await office.getByLabel("Nội dung").fill("Hai mươi người mang xẻng đến ngõ 12.\n\nNhà văn hóa mở cửa làm nơi nghỉ.");
  await button(office, "Lưu bài").click();
  await button(office, "Đăng bài").click();
  await link(office, "Xem trên trang tin").waitFor();

  const guest = await arrive();
  await guest.goto(house.address);
  await inspect(guest, "portal");
  await link(guest, ARTICLE).first().click();
  await guest.getByText("Nhà văn hóa mở cửa làm nơi nghỉ.").waitFor();
  assert.deepEqual(await guest.context().cookies(), [], "reading leaves no cookie");
  await guest.context().close();
});

step("a document is published, and a member finds it by its words", async () => {
  await bar(office, "Văn bản").click();
  await link(office, "Thêm văn bản").click();
  await office.getByLabel("Số ký hiệu", { exact: true }).fill("05-KH/ĐU");
  await office.getByLabel("Trích yếu").fill("giúp các hộ bị ngập dọn nhà");
  await office.getByLabel("Ngày ban hành").fill(day(-3));
  await office.getByRole("radio", { name: "Mọi đảng viên" }).check();
  await office.getByLabel("Nội dung").fill("Điều 1. Mục đích\n1. Ba hộ ở ngõ 12 có nhà khô ráo.\nĐiều 2. Tổ chức thực hiện\n1. Chi bộ chủ trì.");
  await button(office, "Công bố văn bản").click();
  await office.getByText("05-KH/ĐU").first().waitFor();
  left.document = office.url();

  await (await found(member, "ho bi ngap", /giúp các hộ bị ngập dọn nhà/)).click();
  await member.getByText("Ba hộ ở ngõ 12 có nhà khô ráo.").waitFor();
  assert.equal(await link(member, "Sửa văn bản").count(), 0, "a member reads it");
});

aside("an extraordinary meeting says that it is one, to whoever is asked to come", async () => {
  await plan(/Bất thường/, day(7), "19:30");
  await secretary.getByLabel("Mục 1", { exact: true }).fill("Bàn việc đê bao");
  await secretary.getByLabel("Số phút").first().fill("30");
  await button(secretary, "Gửi cho chi bộ").click();
  await call();
  await heading(secretary).getByText(/bất thường/i).waitFor();

  await bar(member, "Hôm nay").click();
  const card = member.getByRole("region", { name: "Buổi họp tới" });
  await card.getByRole("link", { name: /bất thường/i }).click();
  await member.getByText("Bàn việc đê bao").first().waitFor();
});

aside("a PDF goes onto a meeting from its form, and a member is shown the very same file", async () => {
  const paper = await pdfOf("Danh sách hộ ngập", "Ba hộ ở ngõ 12");
  await plan(/Chuyên đề/, day(14), "19:30");
  await fold(secretary, "Tài liệu").click();
  await secretary.getByRole("button", { name: /thêm ảnh/ }).click();
  await secretary.waitForURL(/\/files$/);
  await secretary.getByLabel("Chọn tệp").setInputFiles(asPdf("danh sách hộ ngập.pdf", paper));
  await button(secretary, "Thêm tệp").click();
  await secretary.getByRole("main").getByText("danh sách hộ ngập.pdf").first().waitFor();
  await secretary.getByRole("link", { name: /về buổi họp/ }).click();
  await link(secretary, "Gửi cho chi bộ").click();
  await call();
  left.theme = new URL(secretary.url()).pathname;
  left.paper = paper;

  await bar(member, "Sinh hoạt").click();
  await member.locator(`a[href="${left.theme}"]`).first().click();
  assert.ok((await shown(member, member.getByRole("link", { name: /danh sách hộ ngập\.pdf/ }))).equals(paper), "not a byte is another");
});

aside("a document that came as a PDF is given a better file", async () => {
  const version = (hour) => pdfOf("ĐẢNG BỘ PHƯỜNG THỬ", "Số 07-QC/ĐU", "Thử, ngày 10 tháng 9 năm 2026", "QUY CHẾ", "về trực nhà văn hóa", "Điều 1. Phạm vi", `1. Nhà văn hóa mở cửa từ ${hour} giờ sáng.`);
  await bar(office, "Văn bản").click();
  await link(office, "Nhận văn bản từ tệp").click();
  await office.setInputFiles("input[type=file]", asPdf("quy-che.pdf", await version("bảy")));
  await office.getByRole("radio", { name: "Mọi đảng viên" }).check();
  await button(office, "Gửi và xem thử").click();
  await settled(office);
  assert.match(await office.getByRole("main").innerText(), /07-QC\/ĐU[\s\S]*10\/0?9\/2026/, "number and day are read from the file");
  await button(office, "Ghi vào Sổ tay").click();
  await settled(office);

  await bar(office, "Văn bản").click();
  await office.getByRole("link", { name: /trực nhà văn hóa/ }).first().click();
  await office.getByText("mở cửa từ bảy giờ sáng").waitFor();
  await link(office, "Sửa văn bản").click();
  await office.getByRole("link", { name: /Thay tệp/ }).click();
  const better = await version("sáu");
  await office.getByLabel("Tệp mới").setInputFiles(asPdf("quy-che-moi.pdf", better));
  await button(office, "Thay tệp").click();
  await office.getByText("mở cửa từ sáu giờ sáng").waitFor();
  assert.equal(await office.getByText("bảy giờ").count(), 0);
  assert.ok((await shown(office, office.getByRole("link", { name: /Tệp gốc/ }))).equals(better), "the new file is the one that is shown");
});

aside("a document of articles without a chapter has its headings in order", async () => {
  await office.goto(left.document);
  await inspect(office, "document");
});

aside("a day of twice the same digit is read from a PDF that a browser printed", async () => {
  await bar(office, "Văn bản").click();
  await link(office, "Nhận văn bản từ tệp").click();
  await office.setInputFiles("input[type=file]", asPdf("thong-bao.pdf", await pdfOf("Số 11-TB/ĐU", "Thử, ngày 22 tháng 11 năm 2025", "THÔNG BÁO", "về lịch trực", "55 người trực.")));
  await office.getByRole("radio", { name: "Mọi đảng viên" }).check();
  await button(office, "Gửi và xem thử").click();
  await settled(office);
  const read = await office.getByRole("main").innerText();
  await button(office, "Bỏ lần gửi này").click();
  assert.match(read, /11-TB\/ĐU[\s\S]*22\/11\/2025/);
});

aside("a unit is named anew, and what keeps another from being closed is said", async () => {
  const make = async (name, kind) => {
    await unit(office, "Đảng bộ phường Thử");
    await link(office, "Lập tổ chức bên dưới").click();
    await office.getByLabel("Tên đầy đủ").fill(name);
    await office.getByRole("radio", { name: kind, exact: true }).check();
    await button(office, "Lập tổ chức này").click();
    await heading(office).getByText(name).waitFor();
  };
  await make("Đảng bộ bộ phận Chợ", "Đảng bộ bộ phận");
  await make("Chi bộ Chợ", "Chi bộ");
  await link(office, "Sửa tên, mã, địa danh").click();
  await inspect(office, "unit-edit");
  await office.getByLabel("Tên đầy đủ").fill("Chi bộ Chợ Mới");
  await button(office, "Lưu thay đổi").click();
  await heading(office).getByText("Chi bộ Chợ Mới").waitFor();
  await link(office, "Đóng tổ chức").click();
  await inspect(office, "unit-closing");
  await unit(office, "Chi bộ Tổ dân phố 1");
  await link(office, "Đóng tổ chức").click();
  assert.match(await office.locator("#kept-members").innerText(), new RegExp(SECRETARY.name));
  await inspect(office, "unit-closing-kept");
});

aside("a unit moves to another parent when the second person agrees", async () => {
  await unit(office, "Chi bộ Chợ Mới");
  await link(office, "Chuyển sang nơi khác").click();
  await inspect(office, "unit-move");
  // A second person leads by now, so a move waits; the page says for whom.
  await office.locator("#second").getByText(SECOND.name).waitFor();
  await office.getByRole("radio", { name: "Đảng bộ bộ phận Chợ" }).check();
  await button(office, "Chuyển đến đó").click();
  await office.getByText(/người thứ hai đồng ý: Trần Văn Ba/).waitFor();
  await unit(office, "Đảng bộ bộ phận Chợ");
  assert.equal(await link(office, "Chi bộ Chợ Mới").count(), 0, "it has not moved yet");
  await agree(/Chi bộ Chợ Mới/);
  await unit(office, "Đảng bộ bộ phận Chợ");
  await office.locator("#children").getByRole("link", { name: "Chi bộ Chợ Mới" }).click();
  await heading(office).getByText("Chi bộ Chợ Mới").waitFor();
});

aside("the pages of the settings open", async () => {
  await open(office, "Quản trị");
  await inspect(office, "admin");
  await link(office, "Trang tin").first().click();
  await office.waitForURL(/portal/);
  await inspect(office, "admin-portal");
});

step("a backup is made while the handbook is open, and opens in another empty folder", async () => {
  await open(office, "Quản trị");
  await office.getByText("chưa có lần nào").waitFor();
  const archive = join(house.folder, "sotay.tar.zst");
  const made = command("backup", "--data", house.data, archive);
  assert.equal(made.status, 0, made.stderr);
  await office.reload();
  assert.equal(await office.getByText("chưa có lần nào").count(), 0, "the page of the settings knows of it");
  assert.equal(command("archives", "check", archive).status, 0);
  restored = await openRestored(archive);
  const checked = command("check", "--data", restored.data);
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
});

step("in the restored handbook nobody is signed in any more, and a printed slip is void", async () => {
  // A cookie knows the computer, not the port: these pages bring the sessions of before.
  for (const page of [office, secretary, second, member]) {
    assert.notEqual((await page.context().cookies()).length, 0);
    await page.goto(`${restored.address}/today`);
    assert.match(page.url(), /\/sign-in/);
  }
  await secretary.goto(`${restored.address}/activate`);
  await secretary.getByLabel("Mã kích hoạt").fill(left.unused);
  await button(secretary, "Tiếp tục").click();
  await secretary.getByText(/Phiếu này/).first().waitFor();
  assert.equal(await secretary.locator("input[name=password]").count(), 0);
});

step("whoever signs in again finds meeting, minutes, article and documents there", async () => {
  const people = [[secretary, SECRETARY], [member, MEMBER]];
  const passwords = new Map(people.map(([, person]) => [person.login, person.password]));
  for (const [page, person] of people) await signIn(page, { address: restored.address, passwords }, person.login);

  await bar(secretary, "Sinh hoạt").click();
  await secretary.locator(`a[href="${left.meeting}"]`).first().click();
  await heading(secretary).getByText(left.title, { exact: true }).waitFor();
  await secretary.getByText(CONCLUSION).first().waitFor();
  await link(secretary, "Biên bản").first().click();
  await secretary.getByText(/^Bản 1, Lê Thị Mai lưu/).waitFor();
  await secretary.getByRole("article", { name: "Biên bản" }).getByText(CONCLUSION).first().waitFor();
  assertPdf(await taken(secretary, link(secretary, "Tải PDF")));

  await (await found(member, "ho bi ngap", /giúp các hộ bị ngập dọn nhà/)).click();
  await member.getByText("Ba hộ ở ngõ 12 có nhà khô ráo.").waitFor();
  await (await found(member, "truc nha van hoa", /trực nhà văn hóa/)).click();
  await member.getByText("mở cửa từ sáu giờ sáng").waitFor();
  await bar(member, "Sinh hoạt").click();
  await member.locator(`a[href="${left.theme}"]`).first().click();
  assert.ok((await shown(member, member.getByRole("link", { name: /danh sách hộ ngập\.pdf/ }))).equals(left.paper), "the file came along, byte by byte");

  const guest = await arrive();
  await guest.goto(restored.address);
  await link(guest, ARTICLE).first().click();
  await guest.getByText("Nhà văn hóa mở cửa làm nơi nghỉ.").waitFor();
});
