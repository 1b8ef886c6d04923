import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ask, finished, made, startBrowser, studio, until } from './browser.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = fileURLToPath(new URL('../../../../../target/studio-shots/', import.meta.url));

let browser;
before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await startBrowser();
});
after(() => browser.close());

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
  const inFrame = () => at.page.evaluate(() => document.activeElement?.tagName === 'IFRAME');
  for (let tabs = 0; tabs < 40 && !(await inFrame()); tabs++) await keyboard.press('Tab');
  assert.ok(await inFrame(), 'Tab reaches the preview');
  const focused = async () => {
    const inside = await (await at.page.$('iframe.front')).contentFrame();
    return inside.evaluate(() => document.activeElement?.dataset?.ref);
  };
  assert.equal(await focused(), 'name');
  for (let steps = 0; steps < 20 && (await focused()) !== 's0.0.detail'; steps++) await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await keyboard.type('2.80 €');
  await keyboard.press('Enter');
  await at.frame().getByText('2.80 €').waitFor();
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  assert.equal(await focused(), 's0.0.detail', 'the focus stays');
  await keyboard.press('Alt+ArrowDown');
  await at.page.getByText('Version 3', { exact: true }).waitFor();
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
  await until(() => at.standIn.waitsAt('third'), 'the third tier');
  at.standIn.pass('third');
  await finished(at.page, 1);
  const said = await at.page.evaluate(() => globalThis.said);
  assert.ok(said.includes('Tier 1 was silent for 5 s, Tier 3 goes on'), said.join('\n'));
  assert.equal(said.at(-1), 'The page is finished.');
  assert.ok(said.length < 10, said.join('\n'));
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

  for (const width of [375, 768, 1280]) {
    test(`screenshots at ${width} px in ${colorScheme}`, async () => {
      const at = await studio(browser, { media: { colorScheme }, size: { width, height: width === 375 ? 740 : 860 } });
      const shot = (name) => at.page.screenshot({ path: `${SHOTS}${width}-${colorScheme}-${name}.png` });
      await at.page.getByLabel('Describe a page').waitFor();
      await shot('1-first');
      await ask(at.page, 'A page with a fallback');
      await until(() => at.standIn.waitsAt('third'), 'the third tier');
      await at.frame().getByText('Opening hours').waitFor();
      await shot('2-writing');
      if (width < 900) {
        await at.page.getByRole('button', { name: 'Talk', exact: true }).click();
        await shot('3-writing-talk');
      }
      at.standIn.pass('third');
      await at.page.getByText('Version 1', { exact: true }).waitFor();
      await shot('4-done');
      await at.page.getByLabel('What should change?').fill('make it green');
      await at.page.keyboard.press('Enter');
      await until(() => at.standIn.newest().head === 2, 'green');
      if (width < 900) await at.page.getByRole('button', { name: 'Page', exact: true }).last().click();
      await at.frame().getByText('Espresso').click();
      await shot('5-changed');
      await at.page.getByRole('button', { name: 'Style' }).click();
      await shot('6-style');
      await at.page.keyboard.press('Escape');
      await at.page.getByRole('button', { name: 'Code' }).click();
      await at.page.locator('.cm-content').waitFor();
      await shot('7-code');
      await at.page.goto(at.standIn.url);
      await at.page.getByRole('heading', { name: 'Projects' }).waitFor();
      await shot('8-projects');
      await at.close();
    });
  }
}

test('with a project there, the first page leads to it', async () => {
  const at = await made(browser);
  await at.page.getByRole('link', { name: 'All projects' }).click();
  await at.page.getByRole('link', { name: /Nord/ }).click();
  await at.frame().getByText('Espresso').waitFor();
  await at.close();
});
