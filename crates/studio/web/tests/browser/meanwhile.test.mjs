/** What the user takes hold of may move before their edit is sent: another edit of theirs is still on its way. */

import assert from 'node:assert/strict';

import { forThisFile, made, test, until, untilInside } from './browser.mjs';

const browser = forThisFile();

const words = (at) => at.standIn.newest().content(at.standIn.newest().head).words;
const lines = (at) => [...words(at).matchAll(/- \*\*(.+?)\*\*: (.+ €)/g)].map(([, name, price]) => `${name} ${price}`);

/** A page whose edits reach the server when `pass` is called. */
async function held() {
  const at = await made(browser);
  let pass;
  const passed = new Promise((now) => (pass = now));
  await at.page.route('**/edits', async (route) => {
    await passed;
    await route.continue();
  });
  return { ...at, pass };
}

async function focus(at, ref) {
  await at.frame().locator(`[data-ref="${ref}"]`).focus();
  await untilInside(at, () => document.activeElement?.dataset?.ref, ref);
}

test('a line that is moved twice at once goes two places down, and the focus goes with it', async () => {
  const at = await held();
  await focus(at, 's0.0.detail');
  await at.page.keyboard.press('Alt+ArrowDown');
  await at.page.keyboard.press('Alt+ArrowDown');
  at.pass();
  await at.page.getByText('Version 3', { exact: true }).waitFor();
  assert.deepEqual(lines(at), ['Flat white 3.80 €', 'Filter of the day 3.20 €', 'Espresso 2.50 €', 'Cinnamon bun 3.40 €']);
  await untilInside(at, () => document.activeElement?.dataset?.ref, 's0.2.detail');
});

test('a text that is typed while a line above it goes stays the text of its own line', async () => {
  const at = await held();
  await focus(at, 's0.0.detail');
  await at.page.keyboard.press('Delete');
  await at.frame().getByText('3.80 €').dblclick();
  await at.page.keyboard.type('4 €');
  at.pass();
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  await at.page.keyboard.press('Enter');
  await at.page.getByText('Version 3', { exact: true }).waitFor();
  assert.deepEqual(lines(at), ['Flat white 4 €', 'Filter of the day 3.20 €', 'Cinnamon bun 3.40 €']);
});

test('what has gone meanwhile is not edited in the place of something else, and that is said', async () => {
  const at = await held();
  await focus(at, 's0.0.detail');
  await at.page.keyboard.press('Delete');
  await at.page.keyboard.press('Delete');
  at.pass();
  await at.page.getByText('The page had changed there meanwhile.').waitFor();
  assert.deepEqual(lines(at), ['Flat white 3.80 €', 'Filter of the day 3.20 €', 'Cinnamon bun 3.40 €']);
});

test('what the next wish is about is still that after a line above it has gone, and no more when it goes itself', async () => {
  const at = await made(browser);
  await at.frame().getByText('Flat white').hover();
  await at.pressHandle('Change this…');
  await at.page.getByText('About: “Flat white 3.80 €”').waitFor();
  await at.frame().getByText('Espresso').hover();
  await at.pressHandle('Delete');
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  const asked = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await at.page.getByLabel('What should change?').fill('cheaper, please');
  await at.page.getByLabel('What should change?').press('Enter');
  assert.equal((await asked).postDataJSON().ref, 's0.0');
  await at.page.getByText('Version 3', { exact: true }).waitFor();
  await at.frame().locator('[data-ref="s0.0.name"]').hover();
  await at.pressHandle('Change this…');
  await at.page.getByText('About: “').waitFor();
  await at.pressHandle('Delete');
  await until(async () => (await at.page.getByText('About: “').count()) === 0, 'about the whole page');
});
