// Runs the test programs of the workspace, as many at once as there are cores, the longest first, and
// notes how long each took (scripts/stage.sh prints it). `cargo test` runs them one after the other, so
// that at the end of each a core waits.
//
//   node scripts/side-by-side.mjs [words for the test programs]
//
// SOTAY_AT_ONCE: how many at once. Not here: PostgreSQL (scripts/postgres.sh, around this).
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

const target = process.env.CARGO_TARGET_DIR || 'target';
const notes = process.env.SOTAY_STAGES || join(target, 'stages');
const memory = join(target, 'test-times.json');
const atOnce = Number(process.env.SOTAY_AT_ONCE) || availableParallelism();
const words = process.argv.slice(2);

/** Runs a program to its end; gives its exit code and all that it said. */
function run(program, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const said = [];
    child.stdout.on('data', (part) => said.push(part));
    child.stderr.on('data', (part) => (options.tell ? process.stderr.write(part) : said.push(part)));
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? 1, said: Buffer.concat(said).toString() }));
  });
}

/** The test programs as cargo built them, each with the folder in which cargo would run it. */
async function programs() {
  const built = await run('cargo', ['test', '--workspace', '--no-run', '--quiet', '--message-format=json'], { tell: true });
  if (built.code) process.exit(built.code);
  return built.said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((told) => told.reason === 'compiler-artifact' && told.executable && told.profile.test)
    .map((told) => {
      const folder = dirname(told.manifest_path);
      const kind = told.target.kind.includes('test') ? `, ${told.target.name}` : '';
      return {
        name: told.package_id.replace(/^.*[#/]([^#/@]+)(@.*)?$/, (_, name) => (/^\d/.test(name) ? folder.split('/').pop() : name)) + kind,
        run: () => run(told.executable, ['--quiet', ...words], { cwd: folder, env: { ...process.env, CARGO_MANIFEST_DIR: folder } }),
      };
    });
}

const known = (() => {
  try {
    return JSON.parse(readFileSync(memory, 'utf8'));
  } catch {
    return {}; // a first run knows nothing
  }
})();
const waiting = await programs();
if (!words.length) waiting.push({ name: 'examples in the docs', run: () => run('cargo', ['test', '--workspace', '--doc', '--quiet']) });
waiting.sort((a, b) => (known[b.name] ?? Infinity) - (known[a.name] ?? Infinity));

const failed = [];
async function work() {
  for (let one = waiting.shift(); one; one = waiting.shift()) {
    const began = performance.now();
    const { code, said } = await one.run();
    const took = (performance.now() - began) / 1000;
    known[one.name] = took;
    if (took >= 1) appendFileSync(notes, `${took.toFixed(1)}\t    tests of ${one.name}\n`);
    const tally = said.match(/\d+ passed; \d+ failed[^;]*/g)?.join(' + ') ?? 'nothing to run';
    if (code) {
      failed.push(one.name);
      console.log(`\n${one.name}: failed after ${took.toFixed(1)} s\n${said}`);
    } else if (/[1-9]\d* passed/.test(tally)) {
      console.log(`${one.name}: ${tally}, ${took.toFixed(1)} s`);
    }
  }
}
await Promise.all(Array.from({ length: atOnce }, work));
if (!words.length) writeFileSync(memory, JSON.stringify(known, null, 1));
if (failed.length) {
  console.error(`\nFailed: ${failed.sort().join('; ')}`);
  process.exit(1);
}
