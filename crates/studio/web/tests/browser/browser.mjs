/** One Chromium for a file of tests, and the stand-in's Studio in it. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { StandIn } from '../stand-in/server.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export async function startBrowser(options = {}) {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
  if (!executablePath) throw new Error('chromium is missing: scripts/setup tests installs it');
  const folder = mkdtempSync(join(tmpdir(), 'studio-browser-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  // No host but this machine is asked for anything, whatever a page wants.
  const foreign = [];
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') foreign.push(request.url());
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

/** A stand-in with a tab on its Studio. */
export async function studio(browser, { path = '/', media = {}, size = null, ...options } = {}) {
  const standIn = await new StandIn(options).start();
  const page = await browser.context.newPage();
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
    async close() {
      await page.close();
      await standIn.stop();
    },
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
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return;
    await new Promise((later) => setTimeout(later, 25));
  }
  throw new Error(`it never came: ${what}`);
}
