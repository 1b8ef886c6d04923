import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { ask, editable, finished, forThisFile, made, studio, test, until, untilInside } from './browser.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const browser = forThisFile();

/** What axe finds wrong with the Studio's own document. */
async function wrong(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`);
  });
}

test('everything is done with the keyboard alone', async () => {
  const at = await studio(browser);
  const { keyboard } = at.page;
  await at.page.getByLabel('Describe a page').waitFor();
  await keyboard.type('A page for Nord');
  await keyboard.press('Enter');
  await finished(at.page, 1);
  await editable(at);
  const inFrame = () => at.page.evaluate(() => document.activeElement?.tagName === 'IFRAME');
  for (let tabs = 0; tabs < 40 && !(await inFrame()); tabs++) {
    await at.page.evaluate(() => (globalThis.had = document.activeElement));
    await keyboard.press('Tab');
    await until(() => at.page.evaluate(() => document.activeElement !== globalThis.had), 'the next element');
  }
  assert.ok(await inFrame(), 'Tab reaches the preview');
  // The frame is a process of its own: what a key did there is seen a little later.
  const focused = (ref) => untilInside(at, () => document.activeElement?.dataset?.ref, ref);
  for (const ref of ['name', 'sentence', 'button', 's0.heading', 's0.0.name', 's0.0.detail']) {
    await focused(ref);
    if (ref !== 's0.0.detail') await keyboard.press('ArrowDown');
  }
  await keyboard.press('Enter');
  await at.frame().locator('[contenteditable]').waitFor();
  await keyboard.type('2.80 €');
  await keyboard.press('Enter');
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  await at.frame().getByText('2.80 €').waitFor();
  await focused('s0.0.detail');
  await keyboard.press('Alt+ArrowDown');
  await at.page.getByText('Version 3', { exact: true }).waitFor();
  await at.frame().locator('[data-ref="s0.1.name"]', { hasText: 'Espresso' }).waitFor();
  await keyboard.press('Space');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Enter');
  await at.page.getByText('Version 4', { exact: true }).waitFor();
  assert.equal(at.standIn.newest().versions.at(-1).summary, 'Taken away');
  await at.close();
});

test('it works at 375 px', async () => {
  const at = await studio(browser, { size: { width: 375, height: 740 } });
  await ask(at.page, 'A page, slowly');
  await until(() => at.standIn.waitsAt('middle'), 'the middle');
  await at.frame().getByText('Espresso').waitFor();
  await at.page.getByText('Tier 1 is writing').last().waitFor();
  at.standIn.pass('middle');
  await until(() => at.standIn.newest().head === 1, 'the page');
  const sideways = () => at.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(await sideways(), false);
  await at.page.getByRole('button', { name: 'Talk', exact: true }).click();
  await at.page.getByText('Version 1', { exact: true }).waitFor();
  assert.equal(await sideways(), false);
  await at.page.getByRole('button', { name: 'Change 040 123456' }).click();
  await at.frame().locator('[contenteditable]').waitFor();
  await at.close();
});

test('progress is told politely, and not token by token', async () => {
  const at = await studio(browser);
  await at.page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(document.querySelector('[aria-live]').textContent)).observe(document.querySelector('[aria-live]'), {
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
  await ask(at.page, 'A page with a fallback');
  const said = () => at.page.evaluate(() => globalThis.said);
  await until(async () => (await said()).includes('Tier 3 takes over'), 'the third tier');
  at.standIn.pass('third');
  await until(async () => (await said()).at(-1) === 'The page is finished.', 'the end');
  assert.ok((await said()).includes('Tier 1 was silent for 5 s, Tier 3 goes on'), (await said()).join('\n'));
  assert.ok((await said()).length < 10, (await said()).join('\n'));
  await at.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing wrong in ${colorScheme}`, async () => {
    const at = await studio(browser, { media: { colorScheme } });
    const check = async (what) => assert.deepEqual(await wrong(at.page), [], what);
    await at.page.getByLabel('Describe a page').waitFor();
    await check('the first page');
    await ask(at.page, 'A page with a fallback');
    await until(() => at.standIn.waitsAt('third'), 'the third tier');
    await check('while it is written');
    at.standIn.pass('third');
    await finished(at.page, 1);
    await check('the finished page');
    for (const name of ['Project', 'Versions', 'Style']) {
      await at.page.getByRole('button', { name, exact: true }).click();
      await check(name);
      await at.page.keyboard.press('Escape');
    }
    await at.page.getByRole('button', { name: 'Code' }).click();
    await at.page.locator('.cm-content').waitFor();
    await check('the code');
    await at.close();
  });
}

test('with a project there, the first page leads to it', async () => {
  const at = await made(browser);
  await at.page.getByRole('link', { name: 'All projects' }).click();
  await at.page.getByRole('link', { name: /Nord/ }).click();
  await at.frame().getByText('Espresso').waitFor();
  await at.close();
});

test('all of the front end is under 300 KB compressed', () => {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const sizes = files.map((one) => gzipSync(readFileSync(join(one.parentPath ?? one.path, one.name)), { level: 9 }).length);
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(files.length > 4 && whole < 300_000, `${files.length} files, ${whole} bytes`);
});
