import assert from 'node:assert/strict';

import { ask, finished, forThisFile, studio, test, until } from './browser.mjs';

const browser = forThisFile();

test('a page that is described appears while it is written, and stands there whole', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A landing page for a coffee shop called Nord');
  await at.frame().getByRole('heading', { name: 'Nord' }).waitFor();
  await finished(at.page, 1);
  await at.frame().getByText('Flat white').waitFor();
  assert.match(await at.page.getByText(/Version 1/).first().textContent(), /Version 1/);
  await at.page.getByText('Tier 1: On this machine').first().waitFor();
  await at.page.getByText('free', { exact: true }).waitFor();
  assert.equal(await at.page.title(), 'Nord – Tierfall Studio');
  assert.deepEqual([at.errors, browser.foreign], [[], []]);
  await at.close();
});

test('what was asked for and has no place is listed beside the page, and can be put in', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page with something that has no place');
  await finished(at.page, 1);
  const list = at.page.getByRole('region', { name: 'Not on it yet' });
  assert.deepEqual(await list.locator('li b').allTextContents(), ['20 %', '1962']);
  await list.getByRole('button', { name: 'Put in 20 %' }).click();
  assert.equal(await at.page.getByLabel('What should change?').inputValue(), 'Add 20 % ');
  await at.close();
});

test('while it is written the page never goes empty, keeps its elements and its scroll', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page, slowly');
  await until(() => at.standIn.waitsAt('middle'), 'the middle');
  await at.frame().getByText('Opening hours').waitFor();
  const inside = (await at.page.$('iframe.front')).contentFrame();
  await (await inside).evaluate(() => {
    globalThis.seen = { least: Infinity, frames: 0, heading: document.querySelector('h1'), espresso: document.querySelector('li') };
    const look = () => {
      globalThis.seen.least = Math.min(globalThis.seen.least, document.body.innerText.length);
      globalThis.seen.frames += 1;
      requestAnimationFrame(look);
    };
    look();
    scrollTo(0, 100);
    globalThis.seen.scroll = scrollY;
  });
  at.standIn.pass('middle');
  await finished(at.page, 1);
  const seen = await (await inside).evaluate(() => ({
    least: globalThis.seen.least,
    frames: globalThis.seen.frames,
    same: globalThis.seen.heading === document.querySelector('h1') && globalThis.seen.espresso === document.querySelector('li'),
    before: globalThis.seen.scroll,
    scroll: scrollY,
  }));
  assert.ok(seen.frames > 3 && seen.least >= 'NordMenuEspresso'.length, JSON.stringify(seen));
  assert.ok(seen.same, 'the elements that stood there are still the same ones');
  assert.ok(seen.before > 0, JSON.stringify(seen));
  assert.equal(seen.scroll, seen.before);
  await at.close();
});

test('a page that is written anew stays in sight until the new one is whole', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page for Nord');
  await finished(at.page, 1);
  await at.frame().getByText('Hafenstraße 12').waitFor();
  at.standIn.options.scripts.set('shorter', {
    steps: [{ token: '# North\n' }, { token: '> Coffee.\n' }, { gate: 'middle' }, { token: '## Menu\n- **Espresso**: 3 €\n' }],
    by: { tier: 1, name: 'Tier 1' },
  });
  await ask(at.page, 'shorter');
  await until(() => at.standIn.waitsAt('middle'), 'the middle');
  await at.frame().getByRole('heading', { name: 'North' }).waitFor();
  assert.equal(await at.frame().getByText('Hafenstraße 12').count(), 1, 'what the new one has not come to is still there');
  at.standIn.pass('middle');
  await finished(at.page, 2);
  await at.frame().getByText('3 €').waitFor();
  assert.equal(await at.frame().getByText('Hafenstraße 12').count(), 0);
  await at.close();
});

test('a fallback is told as it happens, and the page is finished', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page with a fallback');
  await until(() => at.standIn.waitsAt('third'), 'the third tier');
  await at.page.getByText('Tier 1 was silent for 5 s', { exact: true }).waitFor();
  await at.page.getByText('Tier 2 was left out: its model writes no pages').waitFor();
  at.standIn.pass('third');
  await finished(at.page, 1);
  await at.page.getByText('Tier 3: Groq Cloud API').first().waitFor();
  await at.frame().getByText('Hafenstraße 12').waitFor();
  await at.close();
});

test('stopping keeps what is there as a version', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page, slowly');
  await until(() => at.standIn.waitsAt('middle'), 'the middle');
  await at.page.getByRole('button', { name: 'Stop' }).first().click();
  await at.page.getByText('Stopped: what was there is kept.').waitFor();
  await at.page.getByText('unfinished').waitFor();
  await at.frame().getByText('Espresso').waitFor();
  assert.equal(await at.frame().getByText('Hafenstraße 12').count(), 0);
  await at.close();
});

test('where every tier fails that is said, and the request can be sent once more', async () => {
  const at = await studio(browser);
  await ask(at.page, 'every tier fails');
  await at.page.getByText('All LLM tiers failed. Your request is kept; try it again.').first().waitFor();
  at.standIn.options.scripts.set('every tier fails', { steps: [{ token: '# Back\n' }], by: { tier: 1, name: 'Tier 1' } });
  await at.page.getByRole('button', { name: 'Try it again' }).click();
  await at.frame().getByRole('heading', { name: 'Back' }).waitFor();
  await at.close();
});

test('a wish that came to nothing leaves the page, and opens it for editing by hand', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page for Nord');
  await finished(at.page, 1);
  await ask(at.page, 'every tier fails');
  await at.page.getByRole('button', { name: 'Edit it by hand' }).click();
  await at.page.getByRole('textbox', { name: 'The words of the page' }).waitFor();
  assert.equal(at.standIn.newest().head, 1);
  await at.close();
});

test('a wish that is not sure is asked back, and a choice is sent as a wish', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page for Nord');
  await finished(at.page, 1);
  await ask(at.page, 'something that is not sure');
  await at.page.getByText('Is this what you mean?').first().waitFor();
  assert.equal(await at.page.getByRole('button', { name: 'Try it again' }).count(), 0);
  await at.page.getByRole('button', { name: 'Delete “Menu”' }).click();
  await at.page.getByText('delete "Menu"').first().waitFor();
  await at.close();
});

test('a line that breaks off is taken up again from the beginning', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page, slowly');
  await until(() => at.standIn.waitsAt('middle'), 'the middle');
  await at.frame().getByText('Espresso').waitFor();
  at.standIn.refusesEvents = true;
  at.standIn.cutStreams();
  await at.page.getByText(/The connection is lost/).first().waitFor();
  await at.frame().getByText('Espresso').waitFor();
  at.standIn.refusesEvents = false;
  at.standIn.pass('middle');
  await finished(at.page, 1);
  await at.frame().getByText('Hafenstraße 12').waitFor();
  await at.close();
});

test('a tab that is closed and comes back sees the page go on', async () => {
  const at = await studio(browser);
  await ask(at.page, 'A page, slowly');
  await until(() => at.standIn.waitsAt('middle'), 'the middle');
  const url = at.page.url();
  await at.page.goto('about:blank');
  await at.page.goto(url);
  await at.frame().getByText('Espresso').waitFor();
  await at.page.getByRole('button', { name: 'Stop' }).first().waitFor();
  at.standIn.pass('middle');
  await finished(at.page, 1);
  await at.close();
});

test('a key is asked for where the Studio needs one, and again where it was wrong', async () => {
  const at = await studio(browser, { key: 'right' });
  const dialog = at.page.getByRole('dialog', { name: 'This Studio asks for a key' });
  await dialog.waitFor();
  await at.page.getByLabel('Key', { exact: true }).fill('wrong');
  await at.page.keyboard.press('Enter');
  await dialog.getByText('That key was not taken').waitFor();
  await at.page.getByLabel('Key', { exact: true }).fill('right');
  await at.page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await ask(at.page, 'A page for Nord');
  await finished(at.page, 1);
  assert.equal(await at.page.evaluate(() => localStorage.length), 0);
  await at.close();
});

test('how a first page is made can be chosen, where some tier writes HTML', async () => {
  const at = await studio(browser);
  await at.page.getByLabel('How the page is made').selectOption({ label: 'Free HTML' });
  await at.page.getByLabel('Describe a page').fill('A page for Nord');
  const asked = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await at.page.keyboard.press('Enter');
  assert.equal((await asked).postDataJSON().mode, 'free');
  await finished(at.page, 1);
  assert.equal(await at.page.getByLabel('How the page is made').count(), 0, 'it is made now');
  const wished = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await ask(at.page, 'shorter');
  assert.equal((await wished).postDataJSON().mode, undefined);
});

test('without a choice the server decides, and a request that failed is sent again as it was', async () => {
  const at = await studio(browser);
  await at.page.getByLabel('How the page is made').selectOption('words');
  await ask(at.page, 'every tier fails');
  const again = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await at.page.getByRole('button', { name: 'Try it again' }).click();
  assert.equal((await again).postDataJSON().mode, 'words');
});

test('where no tier writes HTML there is nothing to choose', async () => {
  const at = await studio(browser, { writes: 'words' });
  await at.page.getByText(/^Tierfall 0/).waitFor();
  assert.equal(await at.page.getByLabel('How the page is made').count(), 0);
  await at.page.getByText('Enter sends, Shift + Enter begins a line').waitFor();
});
