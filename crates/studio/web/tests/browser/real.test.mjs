/** The page before the real binary, whose first tier is `tierfall wall`. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ask, finished, forThisFile, test, until, whenOver } from './browser.mjs';
import { HOSTILE } from './hostile.mjs';

const BINARY = process.env.TIERFALL ?? fileURLToPath(new URL('../../../../../target/debug/tierfall', import.meta.url));

/** Starts the binary, and waits until it says where it listens. */
function start(args, said, options = {}) {
  const child = spawn(BINARY, args, options);
  running.add(child);
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk) => {
      text += chunk;
      const found = said.exec(text);
      if (found) resolve({ child, url: found[1] });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`tierfall ${args[0]} has ended:\n${text}`)));
  });
}

const browser = forThisFile();
let wall;
const folder = mkdtempSync(join(tmpdir(), 'studio-real-'));
const running = new Set();
// However this ends, nothing of it goes on.
process.on('exit', stopAll);

function stopAll() {
  for (const child of running) child.removeAllListeners('exit').kill();
}

/** A gateway whose one tier is the wall's `model`, with a tab on its Studio. */
async function studio(model) {
  const data = mkdtempSync(join(folder, 'data-'));
  const env = { PATH: process.env.PATH, HOME: data, TIERFALL_DATA_DIR: data, CUSTOM_LLM_BASE_URL: wall.url, CUSTOM_LLM_MODEL: model };
  const gateway = await start(['serve', '--listen', '127.0.0.1:0'], /Studio: (http:\/\/[\d.:]+)\//, { cwd: data, env });
  const page = await browser.context.newPage();
  whenOver(async () => {
    await page.close();
    gateway.child.removeAllListeners('exit').kill();
  });
  await page.goto(gateway.url);
  return { url: gateway.url, page, frame: () => page.frameLocator('iframe.front') };
}

before(async () => {
  wall = await start(['wall', '--listen', '127.0.0.1:0', '--quiet'], /(http:\/\/[\d.:]+\/v1)/);
});
after(() => {
  stopAll();
  rmSync(folder, { recursive: true, force: true });
});

test('a page is described, appears, is changed by hand and by a control, and is there after a reload', async () => {
  const at = await studio('markdown');
  await ask(at.page, 'A landing page for a coffee shop called Nord with a menu');
  await finished(at.page, 1);
  await at.frame().getByText('Espresso').first().waitFor();
  const begun = async () => {
    await at.frame().getByText('2.50 €').first().dblclick();
    return (await at.frame().locator('[contenteditable]').count()) === 1;
  };
  await until(begun, 'the edit');
  await at.page.keyboard.type('2.80 €');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  await at.frame().getByText('2.80 €').first().waitFor();
  await at.page.getByRole('button', { name: 'Style' }).click();
  await at.page.getByRole('dialog', { name: 'Style' }).getByRole('button', { name: 'Plum' }).click();
  await at.page.getByText('Version 3', { exact: true }).waitFor();
  await at.page.reload();
  await at.frame().getByText('2.80 €').first().waitFor();
  await at.page.getByText('Version 3', { exact: true }).waitFor();
  assert.deepEqual(browser.foreign, []);
});

test('a hostile page gets at nothing of the real Studio', async () => {
  const at = await studio('page');
  await ask(at.page, 'A calculator that adds two numbers, with buttons');
  await finished(at.page, 1);
  const [{ id, head }] = (await (await fetch(`${at.url}/api/projects`)).json()).projects;
  const answer = await fetch(`${at.url}/api/projects/${id}/edits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ base: head, edit: { kind: 'source', path: 'index.html', content: HOSTILE } }),
  });
  assert.equal(answer.status, 200, await answer.text());
  await at.page.reload();
  const output = at.frame().locator('#said');
  await until(async () => (await output.textContent()) !== '', 'what the page tried');
  for (const [name, got] of Object.entries(JSON.parse(await output.textContent()))) {
    if (name !== 'top') assert.match(got, /Error$/, `${name}: ${got}`);
  }
  assert.ok(at.page.url().startsWith(at.url));
  const { newest } = await (await fetch(`${at.url}/api/projects/${id}`)).json();
  assert.equal(newest, 2, 'nothing was edited by the page');
  assert.deepEqual(browser.foreign, []);
});
