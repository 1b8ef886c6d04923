import assert from 'node:assert/strict';

import { ask, finished, forThisFile, freely, inside, studio, test, until } from './browser.mjs';

const browser = forThisFile();

const page = (title, link) =>
  `<!doctype html><html><body><h1 data-ref="e3">${title}</h1><p style="height:1500px">text</p><a href="${link}">go on</a> <a href="gone.html">nowhere</a></body></html>`;

async function site() {
  const at = await studio(browser);
  await freely(at, 'A site', [
    page('Start', 'about.html'),
    { path: 'about.html', html: page('About', './index.html#top') },
    { path: 'style.css', html: 'h1 { color: red }' },
  ]);
  await at.frame().getByRole('heading', { name: 'Start' }).waitFor();
  return at;
}

test('of several pages one chooses which is seen', async () => {
  const at = await site();
  const pages = at.page.getByRole('group', { name: 'Pages' });
  assert.deepEqual(await pages.getByRole('button').allInnerTexts(), ['index.html', 'about.html']);
  await pages.getByRole('button', { name: 'about.html' }).click();
  await at.frame().getByRole('heading', { name: 'About' }).waitFor();
  assert.equal(await pages.getByRole('button', { name: 'about.html' }).getAttribute('aria-pressed'), 'true');
});

test('a link leads to another page of the same version, and the frame goes nowhere', async () => {
  const at = await site();
  await at.frame().getByText('go on').click();
  await at.frame().getByRole('heading', { name: 'About' }).waitFor();
  assert.equal(await (await inside(at)).evaluate(() => scrollY), 0, 'another page begins at its top');
  await at.frame().getByText('go on').click();
  await at.frame().getByRole('heading', { name: 'Start' }).waitFor();
  await at.frame().getByText('nowhere').click();
  await at.page.getByText('The preview does not follow links: gone.html').waitFor();
  assert.match((await inside(at)).url(), /\/frame$/);
});

test('what is edited on a page is edited there, and the page stays in sight', async () => {
  const at = await site();
  await at.frame().getByText('go on').click();
  await at.frame().getByRole('heading', { name: 'About' }).dblclick();
  await at.page.keyboard.type('About us');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  await at.frame().getByRole('heading', { name: 'About us' }).waitFor();
  const { pages } = at.standIn.newest().content(2);
  assert.match(pages[1].html, /About us/);
  assert.match(pages[0].html, /<h1 data-ref="e3">Start</);
});

test('a wish is about the page that is seen, which stays in sight', async () => {
  const at = await site();
  await at.page.getByRole('group', { name: 'Pages' }).getByRole('button', { name: 'about.html' }).click();
  await at.frame().getByRole('heading', { name: 'About' }).waitFor();
  at.standIn.options.pages.set('More', [page('Start', 'about.html'), { path: 'about.html', html: page('About more', 'index.html') }]);
  const asked = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await ask(at.page, 'More');
  assert.equal((await asked).postDataJSON().path, 'about.html');
  await finished(at.page, 2);
  await at.frame().getByRole('heading', { name: 'About more' }).waitFor();
  await at.page.getByRole('button', { name: 'about.html', pressed: true }).waitFor();
});

test('the code view shows the page that is seen, and the other way round', async () => {
  const at = await site();
  await at.frame().getByText('go on').click();
  await at.frame().getByRole('heading', { name: 'About' }).waitFor();
  await at.page.getByRole('button', { name: 'Code' }).click();
  await at.page.getByRole('textbox', { name: 'The source of about.html' }).waitFor();
  const files = at.page.getByRole('group', { name: 'File' });
  await files.getByRole('button', { name: 'style.css' }).click();
  const style = at.page.getByRole('textbox', { name: 'The source of style.css' });
  await style.click();
  await at.page.keyboard.press('Control+End');
  await at.page.keyboard.type(' p {}');
  await at.page.keyboard.press('Control+s');
  await until(() => /p \{\}/.test(at.standIn.newest().content(at.standIn.newest().head).pages[2].html), 'the style');
  await files.getByRole('button', { name: 'index.html' }).click();
  await at.page.getByRole('textbox', { name: 'The source of index.html' }).waitFor();
  await at.page.getByRole('button', { name: 'Page', exact: true }).first().click();
  await at.frame().getByRole('heading', { name: 'Start' }).waitFor();
});

test('where a version lacks the page, its first one is shown', async () => {
  const at = await site();
  at.standIn.options.pages.set('Only one', page('Alone', '#'));
  await at.page.getByRole('group', { name: 'Pages' }).getByRole('button', { name: 'about.html' }).click();
  await at.frame().getByRole('heading', { name: 'About' }).waitFor();
  const project = at.standIn.newest();
  project.save({ kind: 'html', text: page('Alone', '#'), more: [], madeUp: [], cause: 'hand', summary: 'Only one' });
  await at.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await at.frame().getByRole('heading', { name: 'Alone' }).waitFor();
  assert.equal(await at.page.getByRole('group', { name: 'Pages' }).count(), 0);
});
