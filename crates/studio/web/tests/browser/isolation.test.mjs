import assert from 'node:assert/strict';

import { ask, finished, forThisFile, freely, inside, studio, test, until } from './browser.mjs';
import { HOSTILE } from './hostile.mjs';

const browser = forThisFile();

test("a generated page gets at nothing of the Studio's: storage, cookies, document, API", async () => {
  const at = await studio(browser);
  await freely(at, 'A hostile page', HOSTILE);
  const output = at.frame().locator('#said');
  await until(async () => (await output.textContent()) !== '', 'what the page tried');
  const said = JSON.parse(await output.textContent());
  for (const [name, got] of Object.entries(said)) {
    if (name === 'top' || name === 'popup') continue;
    assert.match(got, /^(SecurityError|TypeError|NetworkError)$/, `${name}: ${got}`);
  }
  assert.match(said.popup, /Error/);
  assert.ok(at.page.url().startsWith(at.standIn.url), 'the Studio is still there');
  assert.deepEqual(at.standIn.calls.filter((call) => /edits$/.test(call)), []);
  assert.equal(at.standIn.calls.filter((call) => call === 'GET /api/projects').length, 1, 'the Studio asked once, by itself');
  assert.deepEqual(browser.foreign, []);
  await at.close();
});

test('scripts rest while the page is written, and run once when it is whole', async () => {
  const at = await studio(browser);
  const page = `<!doctype html><html><head><script>document.title = 'ran'; globalThis.runs = (globalThis.runs ?? 0) + 1;</script></head>
    <body onload="document.body.dataset.loaded = 'yes'"><p id="count">0</p><img src="data:," onerror="globalThis.failed = true">
    <script>document.addEventListener('DOMContentLoaded', () => { document.getElementById('count').textContent = String(globalThis.runs) })</script></body></html>`;
  at.standIn.options.pages.set('A page with scripts', page);
  at.standIn.options.scripts.set('A page with scripts', { steps: [{ token: 'x\n' }, { token: 'y\n' }, { gate: 'end' }], by: { tier: 1, name: 'Tier 1' } });
  await ask(at.page, 'A page with scripts');
  await at.frame().locator('#count').waitFor();
  const now = async () => (await inside(at)).evaluate(() => [globalThis.runs, globalThis.failed, document.querySelector('#count').textContent]);
  assert.deepEqual(await now(), [undefined, undefined, '0']);
  at.standIn.pass('end');
  await finished(at.page, 1);
  await until(async () => (await at.frame().locator('#count').textContent()) === '1', 'the script');
  assert.deepEqual(await now(), [1, true, '1']);
  await at.close();
});

test('a page whose scripts have run gives its place to the next version without a gap', async () => {
  const at = await studio(browser);
  const page = (text) => `<!doctype html><body><p data-ref="e2">${text}</p><script>const only = 1; document.body.append('ran')</script></body>`;
  await freely(at, 'One', page('first'));
  await at.frame().getByText('ran').waitFor();
  const project = at.standIn.newest();
  await at.page.evaluate(() => {
    globalThis.gaps = 0;
    const look = () => {
      if (!document.querySelector('iframe.front')) globalThis.gaps += 1;
      requestAnimationFrame(look);
    };
    look();
  });
  at.standIn.options.pages.set('Two', page('second'));
  await ask(at.page, 'Two');
  await finished(at.page, 2);
  await at.frame().getByText('second').waitFor();
  await until(async () => (await at.frame().locator('body').innerText()).includes('ran'), 'its script');
  assert.equal(await at.page.evaluate(() => globalThis.gaps), 0);
  assert.equal(await at.page.locator('iframe').count(), 1);
  assert.deepEqual(await at.page.getByText(/already been declared/).count(), 0);
  assert.equal(project.head, 2);
  await at.close();
});

test("errors in the page's console are shown, and can be given to the model", async () => {
  const at = await studio(browser);
  await freely(at, 'A broken page', '<!doctype html><body><h1>Broken</h1><script>console.error("first"); nothingOfThatName();</script></body>');
  await at.page.getByText('The page has 2 errors').waitFor();
  const asked = at.page.waitForRequest((request) => request.url().endsWith('/requests'));
  await at.page.getByRole('button', { name: 'Fix this' }).click();
  assert.equal((await asked).postDataJSON().prompt, 'Fix this error of the page: first');
  await at.close();
});

test('without a network nothing is loaded from elsewhere, and that is said', async () => {
  const at = await studio(browser);
  await freely(at, 'A page with a picture', '<!doctype html><body><h1>Picture</h1><img src="https://example.org/a.png"></body>');
  await at.page.getByText(/this page has no network: img from example\.org/).first().waitFor();
  assert.deepEqual(browser.foreign, []);
  await at.close();
});

test('a page that goes elsewhere is put back, and its scripts are stopped', async () => {
  const at = await studio(browser);
  await freely(at, 'A page that leaves', '<!doctype html><body><h1>Here</h1><script>location.href = "/api/studio"</script></body>');
  await at.page.getByText('The page tried to go elsewhere.').waitFor();
  assert.ok(at.page.url().startsWith(at.standIn.url));
  await at.frame().getByRole('heading', { name: 'Here' }).waitFor();
  await at.close();
});

test('links within the page scroll, and others are told and not followed', async () => {
  const at = await studio(browser);
  await freely(at, 'Links', '<!doctype html><body><a href="#far">down</a> <a href="https://example.org/">away</a><p style="height:3000px"><h2 id="far">Far</h2></body>');
  await at.frame().getByText('down').click();
  const page = await inside(at);
  await until(() => page.evaluate(() => scrollY > 1000), 'the anchor');
  await page.evaluate(() => scrollTo(0, 0));
  await at.frame().getByText('away').click();
  await at.page.getByText('The preview does not follow links: https://example.org/').waitFor();
  assert.deepEqual(browser.foreign, []);
  await at.close();
});
