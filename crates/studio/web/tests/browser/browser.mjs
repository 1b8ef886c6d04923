/** One Chromium for a file of tests, and the stand-in's Studio in it. Whatever fails, a file ends by itself. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test as nodeTest } from 'node:test';

import { chromium } from 'playwright-core';

import { StandIn } from '../stand-in/server.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

// So long, in ms, is a busy machine given. Nothing passes by it: what is not done by then has failed.
const STEP = 30_000;
const TEST = 120_000;
const HOOK = 90_000;
const FILE = 600_000;

/**
 * So late, in ms, come the Studio's words to its frames, and its requests to the server. `SLOW=700 npm run test:browser` shows
 * which tests rely on a machine that is quick enough.
 */
const SLOW = Number(process.env.SLOW ?? 0);

/** What the running test has opened. A test that fails leaves it open, and an open server keeps its process alive. */
const left = new Set();

export function test(name, run) {
  return nodeTest(name, { timeout: TEST }, run);
}

/** The browser of a file: there before its first test, gone after its last one. */
export function forThisFile() {
  const browser = {};
  before(async () => Object.assign(browser, await startBrowser()), { timeout: HOOK });
  afterEach(async () => {
    await Promise.all([...left].map((close) => close()));
  }, { timeout: HOOK });
  after(() => browser.close?.(), { timeout: HOOK });
  const over = setTimeout(() => {
    console.error(`${process.argv[1]} has not ended within ${FILE / 1000} s: something was left open, or the machine is far too busy`);
    process.exit(1);
  }, FILE);
  over.unref();
  return browser;
}

/** Has `close` called when the running test is over, if nobody has called it before then. */
export function whenOver(close) {
  const once = async () => {
    if (left.delete(once)) await close();
  };
  left.add(once);
  return once;
}

async function startBrowser(options = {}) {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
  if (!executablePath) throw new Error('chromium is missing: scripts/setup tests installs it');
  const folder = mkdtempSync(join(tmpdir(), 'studio-browser-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(STEP);
  if (SLOW > 0) await context.addInitScript(slow, SLOW);
  // No host but this machine is asked for anything, whatever a page wants.
  const foreign = [];
  const leaves = (url) => url.startsWith('http') && new URL(url).hostname !== '127.0.0.1';
  context.on('response', (response) => leaves(response.url()) && foreign.push(response.url()));
  context.on('requestfailed', (request) => {
    // What a policy refused never left.
    if (leaves(request.url()) && !/csp/i.test(request.failure()?.errorText ?? '')) foreign.push(request.url());
  });
  return {
    context,
    foreign,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Has the Studio's document, not its frames', say everything `ms` later. */
function slow(ms) {
  if (globalThis.top !== globalThis) return;
  const later = () => new Promise((now) => setTimeout(now, ms));
  const { fetch } = globalThis;
  globalThis.fetch = (...asked) => later().then(() => fetch(...asked));
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (...said) {
    void later().then(() => postMessage.apply(this, said));
  };
}

/** A stand-in with a tab on its Studio. */
export async function studio(browser, { path = '/', media = {}, size = null, ...options } = {}) {
  const standIn = await new StandIn(options).start();
  let page = null;
  const close = whenOver(async () => {
    await page?.close().catch(() => {});
    await standIn.stop();
  });
  page = await browser.context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  if (size) await page.setViewportSize(size);
  await page.emulateMedia(media);
  await page.goto(standIn.url + path);
  return {
    standIn,
    page,
    errors,
    frame: () => page.frameLocator('iframe.front'),
    pressHandle: (name) => pressHandle(page, name),
    close,
  };
}

/** Types a request on the first page and sends it. */
export async function ask(page, prompt) {
  const field = page.getByLabel(/Describe a page|What should change/).first();
  await field.fill(prompt);
  await field.press('Enter');
}

/** Waits until `holds` does. */
export async function until(holds, what) {
  for (const end = Date.now() + STEP; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((later) => setTimeout(later, 25));
  }
  throw new Error(`it never came: ${what}`);
}

/** Waits until `look` gives `wanted` in the frame that is seen. One frame may just be taking another one's place. */
export async function untilInside(at, look, wanted) {
  const between = (error) => /detached|navigat|destroyed/.test(error.message);
  const seen = async () => (await inside(at)).evaluate(look).catch((error) => (between(error) ? null : Promise.reject(error)));
  await until(async () => (await seen()) === wanted, `${wanted} from ${look}`);
}

/** Waits until the page in sight can be edited: the frame has been told so. */
export async function editable(at) {
  await at.frame().locator('[data-ref][tabindex="0"]').first().waitFor({ state: 'attached' });
}

/** Waits until the version is there and nothing is being written. */
export async function finished(page, version) {
  await page.getByText(`Version ${version}`, { exact: true }).waitFor();
}

/** A Studio with a page that was made from words. */
export async function made(browser, options = {}) {
  const at = await studio(browser, options);
  await ask(at.page, 'A landing page for a coffee shop called Nord');
  await finished(at.page, 1);
  await at.frame().getByText('Espresso').waitFor();
  await editable(at);
  return at;
}

/** The document of the frame that is seen. */
export async function inside(at) {
  let frame = null;
  // One frame may just be taking another one's place.
  await until(async () => (frame = (await (await at.page.$('iframe.front'))?.contentFrame()) ?? null) !== null, 'the frame');
  return frame;
}

/** Has `html` (or several pages: the first one, and others with their paths) written freely. */
export async function freely(at, prompt, html) {
  at.standIn.options.pages.set(prompt, html);
  await ask(at.page, prompt);
  await finished(at.page, 1);
}

/**
 * Clicks a button of the preview's handle. Its tree is closed to scripts, so to the test's: the browser's own protocol finds
 * the button, and the mouse presses it.
 */
async function pressHandle(page, name) {
  const frame = await (await page.$('iframe.front')).contentFrame();
  // An opaque origin mostly has a process, and so a session, of its own; its places are then counted from the frame's corner.
  const own = await page.context().newCDPSession(frame).catch(() => null);
  const protocol = own ?? (await page.context().newCDPSession(page));
  await protocol.send('DOM.enable');
  const { nodes } = await protocol.send('DOM.getFlattenedDocument', { depth: -1, pierce: true });
  const attribute = (node, wanted) => node.attributes?.[node.attributes.indexOf(wanted) + 1];
  const wanted = { 'Change this…': 'choose', 'Move up': 'up', 'Move down': 'down', Double: 'double', Delete: 'remove' }[name];
  const button = nodes.find((node) => node.nodeName === 'BUTTON' && attribute(node, 'data-do') === wanted);
  const { model } = await protocol.send('DOM.getBoxModel', { nodeId: button.nodeId });
  const [left, top, right, , , bottom] = model.border;
  await protocol.detach();
  const corner = own ? await page.locator('iframe.front').boundingBox() : { x: 0, y: 0 };
  await page.mouse.click(corner.x + (left + right) / 2, corner.y + (top + bottom) / 2);
}
