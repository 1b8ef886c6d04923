/** What every page and state looks like, at three widths, in light and dark: for people to look at. */

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ask, forThisFile, studio, test, until } from './browser.mjs';

const SHOTS = fileURLToPath(new URL('../../../../../target/studio-shots/', import.meta.url));
const browser = forThisFile();
mkdirSync(SHOTS, { recursive: true });

for (const colorScheme of ['light', 'dark']) {
  for (const width of [375, 768, 1280]) {
    const begin = async () => {
      const at = await studio(browser, { media: { colorScheme, reducedMotion: 'reduce' }, size: { width, height: width === 375 ? 740 : 860 } });
      const side = async (name) => {
        if (width < 900) await at.page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
      };
      return { ...at, side, shot: (name) => at.page.screenshot({ path: `${SHOTS}${width}-${colorScheme}-${name}.png` }) };
    };

    test(`the way to a page, and what is changed on it, at ${width} px in ${colorScheme}`, async () => {
      const at = await begin();
      await at.page.getByLabel('Describe a page').waitFor();
      await at.page.getByText(/^Tierfall 0/).waitFor();
      await at.shot('01-first');
      await ask(at.page, 'A page with a fallback');
      await until(() => at.standIn.waitsAt('third'), 'the third tier');
      await at.frame().getByText('Opening hours').waitFor();
      await at.shot('02-writing');
      await at.side('Talk');
      await at.shot('03-writing-talk');
      at.standIn.pass('third');
      await at.page.getByText('Version 1', { exact: true }).waitFor();
      await at.shot('04-done');
      await at.page.getByLabel('What should change?').fill('make it green');
      await at.page.keyboard.press('Enter');
      await until(() => at.standIn.newest().head === 2, 'green');
      await at.side('Page');
      await at.frame().getByText('2.50 €').dblclick();
      await at.page.keyboard.type('2.80 €');
      await at.shot('05-typing');
      await at.page.keyboard.press('Enter');
      await until(() => at.standIn.newest().head === 3, 'the price');
      await at.frame().getByText('Flat white').hover();
      await at.shot('06-handle');
      await at.side('Talk');
      await at.page.getByLabel('What changed').first().waitFor();
      await at.shot('07-diff');
      await at.side('Page');
      for (const [button, name] of [['Style', '08-style'], ['Versions', '09-versions']]) {
        await at.page.getByRole('button', { name: button, exact: true }).click();
        await at.shot(name);
        await at.page.keyboard.press('Escape');
      }
      await at.page.getByRole('button', { name: 'Code' }).click();
      await at.page.locator('.cm-content').waitFor();
      await at.shot('10-code');
      await at.side('Talk');
      await at.page.getByRole('button', { name: 'Project', exact: true }).click();
      await at.shot('11-project');
      await at.page.goto(at.standIn.url);
      await at.page.getByRole('heading', { name: 'Projects' }).waitFor();
      await at.shot('12-projects');
    });

    test(`what goes wrong, and several pages, at ${width} px in ${colorScheme}`, async () => {
      const at = await begin();
      await ask(at.page, 'It makes much up');
      await until(() => at.standIn.newest()?.head === 1, 'the page');
      await at.side('Talk');
      await at.page.getByText('4 prices').click();
      await at.shot('13-made-up');
      at.standIn.newest().edited({ base: 1, edit: { kind: 'text', ref: 'name', text: 'North' } });
      await ask(at.page, 'say more of the yard');
      await at.page.getByText('This project was changed in another tab.').waitFor();
      await at.shot('14-conflict');
      await at.page.getByRole('button', { name: 'Show what stands there now' }).click();
      await ask(at.page, 'every tier fails');
      await at.page.getByRole('button', { name: 'Edit it by hand' }).waitFor();
      await at.side('Talk');
      await at.shot('15-failed');
      await at.page.goto(at.standIn.url);
      const page = (title) => `<!doctype html><meta name=viewport content="width=device-width"><body style="font:18px/1.6 Georgia,serif;margin:12vh 8vw"><h1 data-ref="e3">${title}</h1><p data-ref="e4">A page of several.</p><a href="about.html">About</a><script>broken()</script>`;
      await at.page.getByLabel('Describe a page').waitFor();
      const site = ['index.html', 'about.html', 'opening-hours.html', 'how-to-find-us.html', 'imprint.html'];
      at.standIn.options.pages.set('A site', site.map((path, nth) => (nth === 0 ? page(path) : { path, html: page(path) })));
      await ask(at.page, 'A site');
      await until(() => at.standIn.newest().head === 1, 'the site');
      await at.side('Page');
      await at.page.getByText('The page has an error').waitFor();
      await at.frame().getByText('A page of several.').waitFor();
      await at.shot('16-several');
      await at.frame().getByText('A page of several.').dblclick();
      await at.page.getByText('This page runs scripts of its own.').waitFor();
      await at.shot('17-runs');
    });
  }

  test(`a key is asked for in ${colorScheme}`, async () => {
    const at = await studio(browser, { key: 'right', media: { colorScheme } });
    await at.page.getByRole('dialog').waitFor();
    await at.page.screenshot({ path: `${SHOTS}1280-${colorScheme}-18-key.png` });
  });
}
