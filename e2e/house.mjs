// Starts the real program with a fresh demo organisation in a temporary folder, and a real browser.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const binary = process.env.SOTAY_BIN;
if (!binary || !existsSync(binary)) {
  throw new Error("SOTAY_BIN does not name the program: run make test, or SOTAY_BIN=…/sotay npm test");
}

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
if (!browserPath) throw new Error("Chromium is missing: install Debian's package chromium, or run make setup as root");

/** Starts the program; answers its address, the sign-ins by member code, and how to stop it. */
export async function openHouse() {
  const folder = mkdtempSync(join(tmpdir(), "sotay-e2e-"));
  const child = spawn(binary, ["demo", "--data", join(folder, "data"), "--listen", "127.0.0.1:0"], {
    cwd: folder,
    env: { ...process.env, SOTAY_LOG_LEVEL: "warn" },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let said = "";
  const address = await new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error(`the program did not start:\n${said}`)), 180_000);
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text) => {
      said += text;
      const match = said.match(/(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ctrl-C/);
      if (match) {
        clearTimeout(late);
        found(match[1]);
      }
    });
    child.on("exit", (code) => failed(new Error(`the program ended with ${code}:\n${said}`)));
  });
  const passwords = new Map([...said.matchAll(/^\s+(MH\d+)\s+(\S+-\S+)\s{2,}/gm)].map((m) => [m[1], m[2]]));
  return {
    address,
    passwords,
    said: () => said,
    async close() {
      const ended = new Promise((done) => child.on("exit", done));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one command to its end; answers what it printed and how it ended. */
export function command(...args) {
  const { status, stdout, stderr } = spawnSync(binary, ["--lang", "en", ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** A folder that goes when the house closes. */
const emptyFolder = () => mkdtempSync(join(tmpdir(), "sotay-e2e-"));

/** Serves the handbook of a folder; answers its address and how to stop it. */
async function serve(folder) {
  const data = join(folder, "data");
  const child = spawn(binary, ["serve", "--data", data, "--listen", "127.0.0.1:0"], { cwd: folder, env: { ...process.env, SOTAY_LOG_LEVEL: "warn" } });
  let said = "";
  const address = await new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error(`the program did not start:\n${said}`)), 60_000);
    const hear = (text) => {
      said += text;
      const match = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (match) {
        clearTimeout(late);
        found(match[0]);
      }
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.on("exit", (end) => failed(new Error(`the program ended with ${end}:\n${said}`)));
  });
  return {
    address,
    folder,
    data,
    async close() {
      if (child.exitCode === null) {
        const ended = new Promise((done) => child.on("exit", done));
        child.kill("SIGTERM");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A handbook as `sotay init` makes it, served: nobody in it but its first administrator, whose slip is answered. */
export async function openEmptyHouse(organisation, administrator) {
  const folder = emptyFolder();
  const { stdout } = command("init", "--data", join(folder, "data"), "--organisation", organisation, "--administrator", administrator);
  const code = stdout.match(/Activation code:\s+(.+)/)?.[1].trim();
  const login = stdout.match(/Sign-in code:\s+(\S+)/)?.[1];
  if (!code || !login) throw new Error(`no slip was printed:\n${stdout}`);
  return { code, login, ...(await serve(folder)) };
}

/** The handbook of an archive, in an empty folder of its own, served. */
export async function openRestored(archive) {
  const folder = emptyFolder();
  const done = command("restore", "--data", join(folder, "data"), archive);
  if (done.status !== 0) throw new Error(`the archive was not restored:\n${done.stdout}${done.stderr}`);
  return { restored: done, ...(await serve(folder)) };
}

/** A headless browser that talks to nobody but us. */
export function openBrowser() {
  return chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** The demo's characters by member code. */
export const LAN = "MH0001";
export const HOA = "MH0004";
export const TUAN = "MH0009";
export const THU = "MH0010";
export const HUONG = "MH0011";
export const BINH = "MH0012";
export const TAM = "MH0014";

/** Signs in through the page, as a person would. */
export async function signIn(page, house, code) {
  await page.goto(`${house.address}/sign-in`);
  await page.getByLabel("Mã đăng nhập", { exact: false }).fill(code);
  await page.getByLabel("Mật khẩu", { exact: true }).fill(house.passwords.get(code));
  await page.getByRole("button", { name: "Đăng nhập" }).click();
  await page.waitForURL(/\/today/);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds on the page: WCAG 2.2 AA and best practice. Empty is good. */
export async function findings(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`);
}

/** By how many pixels the page is wider than the screen; 0 or less is good. */
export function tooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
}
