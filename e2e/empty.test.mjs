// A new house, by pages alone: from `sotay init` over the steps that Hôm nay asks for to the first meeting that is
// called by a secretary who came in with a slip. Each page is looked at by axe and measured on a small telephone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findings, openBrowser, openEmptyHouse, tooWide } from "./house.mjs";

const PICTURES = process.env.SOTAY_PICTURES;
let house;
let browser;
before(async () => {
  house = await openEmptyHouse("Đảng bộ phường Thử", "Nguyễn Văn Quản");
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await house?.close();
});

const link = (page, name) => page.getByRole("link", { name, exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });

async function arrive() {
  const context = await browser.newContext({ locale: "vi-VN", viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(15_000);
  return context.newPage();
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
  await page.setViewportSize({ width: 360, height: 740 });
}

async function settled(page) {
  await page.waitForFunction(() => !document.querySelector(".bigprogress"), null, { timeout: 30_000 });
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
async function step(page, title, action) {
  await page.goto(`${house.address}/today`);
  await page.getByText(title).first().waitFor();
  await link(page, action).first().click();
}

/** Gives a post on the open form. */
async function appoint(page, name, title, right) {
  await page.getByRole("radio", { name }).check();
  await page.getByLabel("Tên chức vụ").fill(title);
  await page.getByRole("radio", { name: right }).check();
  await button(page, "Trao chức vụ").click();
}

test("from an empty folder to the first meeting, by pages alone", { timeout: 180_000 }, async () => {
  const page = await arrive();
  await activate(page, house.code, "mật khẩu dài của tôi 2026");
  assert.match(await page.title(), /Hôm nay/);
  await inspect(page, "today");

  await step(page, "Lập chi bộ đầu tiên", "Lập tổ chức");
  await inspect(page, "unit-new");
  await page.getByLabel("Tên đầy đủ").fill("Chi bộ Tổ dân phố 1");
  await page.getByLabel("Mã", { exact: true }).fill("CB1");
  await button(page, "Lập tổ chức này").click();
  await page.getByText("Đã lập Chi bộ Tổ dân phố 1.").waitFor();
  await inspect(page, "unit");

  await step(page, "Đưa đảng viên vào chi bộ", "Mở chi bộ");
  await link(page, "Nhận danh sách đảng viên từ tệp").click();
  const rows = "Họ và tên,Ngày sinh\nLê Thị Mai,19/5/1960\nTrần Văn Ba,2/9/1955\n";
  await page.setInputFiles("input[type=file]", { name: "dang-vien.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
  await button(page, "Gửi và xem thử").click();
  await settled(page);
  await button(page, "Ghi vào Sổ tay").click();
  await settled(page);
  assert.match(await page.locator(".tallies").first().innerText(), /Thêm mới: 2/);

  await page.goto(`${house.address}/today`);
  await inspect(page, "today-people");
  await step(page, "Trao chức vụ cho bí thư chi bộ", "Trao chức vụ");
  await inspect(page, "position-new");
  await appoint(page, /Lê Thị Mai/, "Bí thư", /Lãnh đạo chi bộ/);
  await page.getByText("Đã trao chức vụ cho Lê Thị Mai.").waitFor();
  const cell = page.url();

  await page.getByRole("button", { name: /In phiếu.*Lê Thị Mai/ }).click();
  await inspect(page, "slip");
  const code = await page.locator(".slip .key").innerText();

  await step(page, "Mời người thứ hai cùng giữ Sổ tay", "Trao chức vụ");
  await appoint(page, /Trần Văn Ba/, "Phó bí thư đảng ủy", /Lãnh đạo cấp ủy/);
  await page.getByText("Đã trao chức vụ cho Trần Văn Ba.").waitFor();

  const above = page.url();
  await page.goto(cell);
  await page.getByRole("button", { name: /In phiếu.*Trần Văn Ba/ }).click();
  const second = await arrive();
  await activate(second, await page.locator(".slip .key").innerText(), "con thuyền nhỏ ngoài khơi xa");
  await page.goto(above);

  // From now on what is wide waits for him.
  await link(page, "Trao chức vụ").first().click();
  await page.getByText(/chờ thêm một người đồng ý: Trần Văn Ba/).waitFor();
  await appoint(page, /Lê Thị Mai/, "Giám sát", /Giám sát an toàn/);
  await page.getByText("Đã ghi lại. Chờ Trần Văn Ba đồng ý thì chức vụ có hiệu lực.").waitFor();

  const secretary = await arrive();
  await activate(secretary, code, "mây trắng bay qua đồi chè");
  await secretary.goto(`${house.address}/meetings`);
  await link(secretary, "Lên lịch họp").first().click();
  // No meeting before it: the form knows neither day nor place yet.
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date(Date.now() + 7 * 86_400_000));
  await secretary.getByLabel("Ngày họp").fill(day);
  await secretary.getByLabel("Giờ bắt đầu").fill("19:30");
  await secretary.getByLabel("Nơi họp").fill("Nhà văn hóa tổ dân phố 1");
  await button(secretary, "Gửi cho chi bộ").click();
  await inspect(secretary, "calling");
  await button(secretary, "Gửi lịch họp").click();
  await secretary.getByText("Đã gửi lịch họp cho chi bộ.").waitFor();
  await inspect(secretary, "meeting");

  // The second person agrees; then the first administrator publishes a document and makes a shelf.
  await second.goto(`${house.address}/approvals`);
  await second.locator("#open a").first().click();
  await inspect(second, "approval");
  await second.getByRole("button", { name: /Đồng ý|Duyệt/ }).first().click();
  await second.waitForURL(/\/approvals$/);

  for (const path of ["/admin", "/admin/portal"]) {
    await page.goto(house.address + path);
    await inspect(page, path.replaceAll("/", "_"));
  }
  for (const path of ["/documents/new", "/library/shelves/new"]) {
    const reply = await page.goto(house.address + path);
    assert.equal(reply.status(), 200, path);
  }
});

test("a unit is named anew, moved and closed by pages alone", { timeout: 120_000 }, async () => {
  const page = await arrive();
  await page.goto(`${house.address}/sign-in`);
  await page.getByLabel("Mã đăng nhập", { exact: false }).fill(house.login);
  await page.getByLabel("Mật khẩu", { exact: true }).fill("mật khẩu dài của tôi 2026");
  await button(page, "Đăng nhập").click();
  await page.waitForURL(/\/today/);
  await page.goto(`${house.address}/units`);
  await page.locator(".tree a[href^='/units/']").first().click();
  const root = page.url();
  const make = async (name, kind) => {
    await page.goto(root);
    await link(page, "Lập tổ chức bên dưới").click();
    await page.getByLabel("Tên đầy đủ").fill(name);
    await page.getByRole("radio", { name: kind, exact: true }).check();
    await button(page, "Lập tổ chức này").click();
    await page.getByText(`Đã lập ${name}.`).waitFor();
    return page.url();
  };
  await make("Đảng bộ bộ phận Chợ", "Đảng bộ bộ phận");
  await make("Chi bộ Chợ", "Chi bộ");
  await link(page, "Sửa tên, mã, địa danh").click();
  await inspect(page, "unit-edit");
  await page.getByLabel("Tên đầy đủ").fill("Chi bộ Chợ Mới");
  await button(page, "Lưu thay đổi").click();
  await page.getByText("Đã lưu thay đổi.").waitFor();
  assert.equal(await page.locator("h1").innerText(), "Chi bộ Chợ Mới");
  await link(page, "Chuyển sang nơi khác").click();
  await inspect(page, "unit-move");
  // A second person leads by now, so a move waits; the page says for whom.
  await page.locator("#second").getByText("Trần Văn Ba").waitFor();
  await page.getByRole("radio", { name: "Đảng bộ bộ phận Chợ" }).check();
  await button(page, "Chuyển đến đó").click();
  await page.getByText("Việc này được làm khi người thứ hai đồng ý: Trần Văn Ba.").waitFor();
  await link(page, "Đóng tổ chức").click();
  await inspect(page, "unit-closing");
  await page.goto(root);
  await page.locator("#children").getByRole("link", { name: "Chi bộ Tổ dân phố 1" }).click();
  await link(page, "Đóng tổ chức").click();
  assert.match(await page.locator("#kept-members").innerText(), /Lê Thị Mai/);
  await inspect(page, "unit-closing-kept");
});
