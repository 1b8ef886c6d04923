import assert from 'node:assert/strict';

import { ask, finished, forThisFile, made, studio, test, until } from './browser.mjs';

const browser = forThisFile();

const words = (at) => at.standIn.newest().content(at.standIn.newest().head).words;

test('a double-click edits a text where it stands, Enter keeps it, and it can be undone', async () => {
  const at = await made(browser);
  await at.frame().getByText('2.50 €').dblclick();
  await at.page.keyboard.type('2.80 €');
  await at.page.keyboard.press('Enter');
  await at.frame().getByText('2.80 €').waitFor();
  await at.page.getByText('A text is another one').first().waitFor();
  assert.match(words(at), /- \*\*Espresso\*\*: 2\.80 €/);
  await at.page.getByLabel('What changed').getByText('- **Espresso**: 2.80 €').waitFor();
  await at.page.getByRole('button', { name: 'Undo' }).click();
  await at.frame().getByText('2.50 €').waitFor();
  await at.page.getByRole('button', { name: 'Forward to the next version' }).click();
  await at.frame().getByText('2.80 €').waitFor();
  await at.close();
});

test('Escape gives an edit up, and nothing is sent', async () => {
  const at = await made(browser);
  await at.frame().getByText('2.50 €').dblclick();
  await at.page.keyboard.type('for nothing');
  await at.page.keyboard.press('Escape');
  await at.frame().getByText('2.50 €').waitFor();
  assert.ok(!at.standIn.calls.some((call) => call.endsWith('/edits')));
  await at.close();
});

test('what is typed or pasted into a text is only text', async () => {
  const at = await made(browser);
  await at.frame().getByText('Espresso').dblclick();
  await at.page.keyboard.insertText('<img src=x onerror=alert(1)>');
  await at.page.keyboard.press('Enter');
  await at.frame().getByText('<img src=x onerror=alert(1)>').waitFor();
  assert.equal(await at.frame().locator('img').count(), 0);
  await at.close();
});

test("an element's handle moves, doubles and deletes its line", async () => {
  const at = await made(browser);
  const press = async (line, name) => {
    await at.frame().getByText(line).first().hover();
    const before = at.standIn.newest().head;
    // The handle's own document tree is closed to everybody, so to the test: it is clicked where it stands.
    await at.pressHandle(name);
    await until(() => at.standIn.newest().head > before, name);
    await until(async () => (await at.page.getByText(`Version ${before + 1}`, { exact: true }).count()) > 0, 'the version');
  };
  await press('Flat white', 'Move up');
  assert.match(words(at), /Menu\n- \*\*Flat white.*\n- \*\*Espresso/);
  await press('Cinnamon bun', 'Double');
  assert.equal(words(at).match(/Cinnamon bun/g).length, 2);
  await press('Filter of the day', 'Delete');
  assert.ok(!words(at).includes('Filter of the day'));
  await at.close();
});

test('a wish can be about one element', async () => {
  const at = await made(browser);
  await at.frame().getByText('Espresso').hover();
  await at.pressHandle('Change this…');
  await at.page.getByText('About: “Espresso 2.50 €”').waitFor();
  const asked = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await at.page.locator('textarea:focus').waitFor();
  // A click's own focus may still come: what is typed into the field itself gets there all the same.
  const field = at.page.getByLabel('What should change?');
  await field.fill('cheaper, please');
  await field.press('Enter');
  assert.deepEqual((await asked).postDataJSON(), { prompt: 'cheaper, please', base: 1, ref: 's0.0' });
  await at.close();
});

test('a wish that needs no model changes the page at once', async () => {
  const at = await made(browser);
  await at.page.getByLabel('What should change?').fill('make it green');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('It is green now.').first().waitFor();
  await until(async () => (await at.frame().locator('a').first().evaluate((one) => getComputedStyle(one).backgroundColor)) === 'rgb(46, 125, 50)', 'green');
  await at.close();
});

test('looks, colours and fonts are controls', async () => {
  const at = await made(browser);
  await at.page.getByRole('button', { name: 'Style' }).click();
  const panel = at.page.getByRole('dialog', { name: 'Style' });
  for (const name of ['Almanac', 'Plum', 'Serif']) {
    await panel.getByRole('button', { name, exact: true }).click();
    await until(async () => (await panel.getByRole('button', { name, exact: true }).getAttribute('aria-pressed')) === 'true', name);
  }
  const { style } = at.standIn.newest().whole();
  assert.deepEqual(style, { look: 'almanac', colour: '#8e2f6b', fonts: 'serif' });
  await at.close();
});

test('what the model made up is listed and marked until it was looked at', async () => {
  const at = await made(browser);
  const list = at.page.getByRole('region', { name: 'Not from your request' });
  await list.getByText('040 123456').waitFor();
  assert.equal(await at.frame().locator('[data-made-up]').textContent(), '040 123456');
  await list.getByRole('button', { name: 'Keep 040 123456' }).click();
  await list.waitFor({ state: 'detached' });
  await at.frame().locator('[data-made-up]').first().waitFor({ state: 'detached' });
  await at.close();
});

test('of many of a kind one line is made, each still to be kept or changed', async () => {
  const at = await studio(browser);
  await ask(at.page, 'It makes much up');
  await finished(at.page, 1);
  const list = at.page.getByRole('region', { name: 'Not from your request' });
  await list.getByText('4 prices').waitFor();
  assert.equal(await list.locator('> ul > li').count(), 3);
  await list.getByText('4 prices').click();
  await list.getByRole('button', { name: 'Keep 3.80 €' }).click();
  await list.getByText('3 prices').waitFor();
  await list.getByRole('button', { name: 'Keep all 4 days and times' }).click();
  await list.getByText('days and times').waitFor({ state: 'detached' });
  await list.getByRole('button', { name: 'Keep everything' }).click();
  await list.waitFor({ state: 'detached' });
  assert.equal(at.standIn.newest().head, 1, 'the page is as it was');
  await at.frame().locator('[data-made-up]').first().waitFor({ state: 'detached' });
});

test('what the model made up can be changed right there', async () => {
  const at = await made(browser);
  await at.page.getByRole('button', { name: 'Change 040 123456' }).click();
  await at.frame().locator('[contenteditable]').waitFor();
  await at.page.keyboard.type('030 99');
  await at.page.keyboard.press('Enter');
  await until(() => /030 99/.test(words(at)), 'the number');
  await at.frame().getByText('030 99').waitFor();
  await at.close();
});

test('two tabs that edit one project: the second sees the conflict, and nothing is overwritten', async () => {
  const at = await made(browser);
  const project = at.standIn.newest();
  project.edited({ base: 1, edit: { kind: 'text', ref: 'name', text: 'North' } });
  await at.page.getByLabel('What should change?').fill('say more of the yard');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('This project was changed in another tab.').waitFor();
  assert.equal(await at.page.getByLabel('What should change?').inputValue(), 'say more of the yard');
  assert.equal(project.head, 2);
  await at.page.getByRole('button', { name: 'Show what stands there now' }).click();
  await at.frame().getByRole('heading', { name: 'North' }).waitFor();
  await at.close();
});

test('an edit by hand that comes too late is taken back on the page', async () => {
  const at = await made(browser);
  at.standIn.newest().edited({ base: 1, edit: { kind: 'text', ref: 'name', text: 'North' } });
  await at.frame().getByText('2.50 €').dblclick();
  await at.page.keyboard.type('9.99 €');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('This project was changed in another tab.').waitFor();
  await at.frame().getByText('2.50 €').waitFor();
  assert.ok(!words(at).includes('9.99'));
  await at.close();
});

test('the words are edited as text, and a page that was made of them is only shown', async () => {
  const at = await made(browser);
  await at.page.getByRole('button', { name: 'Code' }).click();
  const editor = at.page.getByRole('textbox', { name: 'The words of the page' });
  await editor.click();
  await at.page.keyboard.press('Control+Home');
  await at.page.keyboard.press('End');
  await at.page.keyboard.type(' & Sons');
  await at.page.keyboard.press('Control+s');
  await until(() => words(at).startsWith('# Nord & Sons\n'), 'the new words');
  await at.page.getByRole('button', { name: 'index.html' }).click();
  await at.page.getByText('Made from the words: change those.').waitFor();
  await at.page.getByRole('button', { name: 'Page', exact: true }).first().click();
  await at.frame().getByRole('heading', { name: 'Nord & Sons' }).waitFor();
  await at.close();
});

test('versions are a list that one goes back and forth in', async () => {
  const at = await made(browser);
  await at.frame().getByText('2.50 €').dblclick();
  await at.page.keyboard.type('2.80 €');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  await at.page.getByRole('button', { name: 'Versions' }).click();
  const list = at.page.getByRole('dialog', { name: 'Versions' });
  assert.equal(await list.getByRole('button').count(), 2);
  await list.getByRole('button').nth(1).click();
  await at.frame().getByText('2.50 €').waitFor();
  assert.equal(at.standIn.newest().head, 1);
  await at.close();
});
