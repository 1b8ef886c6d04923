/** What the user has done in the page themselves stays through a morph. */

import assert from 'node:assert/strict';

import { forThisFile, freely, inside, studio, test } from './browser.mjs';

const browser = forThisFile();

const line = (question) => `<details><summary>${question}</summary><p>Because.</p></details>`;
const page = (title, lines, more = '') => `<!doctype html><html><body><h1 data-ref="e3">${title}</h1>${lines.map(line).join('')}
  <form><input name="who" value="nobody"><input type="checkbox" name="sure"><select name="size"><option>S<option>M<option>L</select><textarea name="why">none</textarea></form>
  <div id="box" style="height:80px;overflow:auto"><p style="height:900px">long</p></div>${more}</body></html>`;

/** Makes the page another one, as a change in another tab does. */
async function become(at, html, title) {
  at.standIn.newest().save({ kind: 'html', text: html, madeUp: [], cause: 'hand', summary: 'Changed' });
  await at.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await at.frame().getByRole('heading', { name: title }).waitFor();
}

async function form() {
  const at = await studio(browser);
  await freely(at, 'A form', page('First', ['Why?', 'When?', 'Where?']));
  await at.frame().getByText('When?').click();
  await at.frame().locator('details[open]').waitFor();
  return at;
}

const open = (at) => at.frame().locator('details[open] summary').allTextContents();

test('details that the user opened stay open, beside what was added and under other words', async () => {
  const at = await form();
  await become(at, page('Second', ['New?', 'Why?', 'When?', 'Where?']), 'Second');
  assert.deepEqual(await open(at), ['When?']);
  await become(at, page('Third', ['Why?', 'When?']), 'Third');
  assert.deepEqual(await open(at), ['When?']);
  await become(at, page('Fourth', ['Why?', 'At what time?']), 'Fourth');
  assert.deepEqual(await open(at), ['At what time?']);
});

test('details that the user closed stay closed, and what the page itself opens is open', async () => {
  const at = await form();
  await become(at, page('Second', ['Why?', 'When?']).replaceAll('<details>', '<details open>'), 'Second');
  assert.deepEqual(await open(at), ['Why?', 'When?']);
  await at.frame().getByText('Why?').click();
  await at.frame().locator('details:not([open])').waitFor();
  await become(at, page('Third', ['Why?', 'When?']).replaceAll('<details>', '<details open>'), 'Third');
  assert.deepEqual(await open(at), ['When?']);
});

test('what was typed, ticked, chosen and scrolled within the page stays, with the focus and the caret', async () => {
  const at = await form();
  const frame = at.frame();
  await frame.locator('[name=sure]').check();
  await frame.locator('[name=size]').selectOption('L');
  await frame.locator('[name=why]').fill('because');
  await frame.locator('#box').evaluate((box) => box.scrollTo(0, 300));
  await frame.locator('[name=who]').fill('Mira Sand');
  await frame.locator('[name=who]').evaluate((field) => field.setSelectionRange(4, 4));
  // So that the scroll has been told.
  await frame.locator('body').evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
  await become(at, page('Second', ['New?', 'Why?', 'When?'], '<p>More</p>'), 'Second');
  const now = await (await inside(at)).evaluate(() => {
    const { who, sure, size, why } = document.forms[0].elements;
    const focused = document.activeElement;
    return [who.value, sure.checked, size.value, why.value, document.getElementById('box').scrollTop, focused.name, focused.selectionStart];
  });
  assert.deepEqual(now, ['Mira Sand', true, 'L', 'because', 300, 'who', 4]);
});
