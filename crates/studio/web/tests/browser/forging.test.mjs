/** A page's script shares its window with the preview's runtime: what can it make the Studio believe that its user did? */

import assert from 'node:assert/strict';

import { forThisFile, freely, inside, made, studio, test, until, untilInside } from './browser.mjs';

const browser = forThisFile();

const edits = (at) => at.standIn.calls.filter((call) => /(edits|requests|head)$/.test(call)).length;
const PAGE = (script) =>
  `<!doctype html><body><h1 data-ref="e3">Mine</h1><p data-ref="e4" tabindex="0">Some text</p><script>${script}; document.body.dataset.ran = ''</script></body>`;

/** A page with `script`, whose script has run. */
async function running(script) {
  const at = await studio(browser);
  await freely(at, 'A page with a script', PAGE(script));
  await at.frame().locator('body[data-ran]').waitFor();
  return at;
}

/** What is asked for comes before this does: the Studio has heard all that was said until then. */
async function heardAll(at) {
  await (await inside(at)).evaluate(() => console.error('the last word'));
  await at.page.getByText('the last word').first().waitFor();
}

test("events that a script makes are no hand of the user's", async () => {
  const at = await made(browser);
  const page = await inside(at);
  const before = edits(at);
  await page.evaluate(() => {
    const line = document.querySelector('[data-ref="s0.0.detail"]');
    const section = document.querySelector('[data-ref="s0.heading"]');
    line.focus();
    for (const options of [{ key: 'Delete' }, { key: 'ArrowDown', altKey: true }, { key: 'ArrowUp', altKey: true }]) {
      for (const one of [line, section]) one.dispatchEvent(new KeyboardEvent('keydown', { ...options, bubbles: true, composed: true, cancelable: true }));
    }
    for (const type of ['dblclick', 'pointerover', 'pointerup', 'click']) line.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: 'mouse' }));
    for (const key of ['Enter', 'F2']) line.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    console.error('the last word');
  });
  await at.page.getByText('the last word').first().waitFor();
  assert.equal(await at.frame().locator('[contenteditable]').count(), 0, 'no text is being edited');
  assert.equal(edits(at), before);
  await at.frame().getByText('Espresso').hover();
  await page.evaluate(() => {
    const handle = document.querySelector('tierfall-handle');
    for (const type of ['click', 'pointerup']) handle.dispatchEvent(new PointerEvent(type, { bubbles: true, composed: true }));
  });
  await at.frame().getByText('2.50 €').dblclick();
  await page.evaluate(() => {
    const text = document.querySelector('[contenteditable]');
    text.textContent = 'forged';
    text.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  });
  assert.equal(await at.frame().locator('[contenteditable]').count(), 1, 'the user has not ended it');
  assert.equal(edits(at), before);
});

test('whoever holds the line to the Studio from a page whose scripts run can change nothing by it', async () => {
  // As if a script had got hold of it: this one is there before the runtime.
  const spy = () => addEventListener('message', ({ ports }) => (globalThis.line ??= ports[0]), { capture: true });
  await browser.context.addInitScript(spy);
  const at = await running('');
  const before = edits(at);
  await (await inside(at)).evaluate(() => {
    for (const edit of [
      { kind: 'text', ref: 'e3', text: 'forged' },
      { kind: 'delete', ref: 'e3' },
      { kind: 'double', ref: 'e3' },
      { kind: 'move', ref: 'e4', by: -1 },
      { kind: 'source', ref: 'e3', path: 'index.html', content: '' },
      { kind: 'words', ref: 'e3', text: '' },
    ]) {
      globalThis.line.postMessage({ type: 'edit', edit, was: edit.ref === 'e4' ? 'Some text' : 'Mine' });
    }
    globalThis.line.postMessage({ type: 'choose', ref: 'e3', text: 'Mine', was: 'Mine' });
    globalThis.line.postMessage({ type: 'link', href: 'https://example.org/' });
    globalThis.line.postMessage({ type: 'fault', text: 'the last word' });
  });
  await at.page.getByText('the last word').first().waitFor();
  assert.equal(edits(at), before);
  assert.equal(await at.page.getByText('About:').count(), 0, 'nor is anything chosen');
  // The same line does work where nothing of the page runs, so the test can fail.
  await at.page.getByRole('button', { name: 'Edit on the page' }).click();
  await at.frame().locator('body:not([data-ran])').waitFor();
  await (await inside(at)).evaluate(() => globalThis.line.postMessage({ type: 'edit', edit: { kind: 'text', ref: 'e3', text: 'by hand' }, was: 'Mine' }));
  await until(() => edits(at) === before + 1, 'the edit');
  // The Studio gives the focus some time to come. What is not told by then never is.
  await at.page.waitForTimeout(1_000);
  assert.equal(await at.page.getByText('does not follow links').count(), 0, 'nor was a link clicked');
});

test("a script that puts its own in the place of the browser's gets hold of nothing", async () => {
  const at = await running(`
    const take = (prototype, name) => {
      const { get } = Object.getOwnPropertyDescriptor(prototype, name);
      Object.defineProperty(prototype, name, { get() {
        const line = this.currentTarget ?? this.target;
        if (line instanceof MessagePort) { line.postMessage({ type: 'edit', edit: { kind: 'delete', ref: 'e3' }, was: 'Mine' }); globalThis.got = true; }
        return get.call(this);
      } });
    };
    take(MessageEvent.prototype, 'data'); take(MessageEvent.prototype, 'ports');
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (...words) { globalThis.got = true; return post.apply(this, words) };
    Element.prototype.closest = function () { return document.querySelector('h1') };
    Object.defineProperty(Event.prototype, 'target', { get: () => document.querySelector('h1') });
  `);
  const before = edits(at);
  await at.page.getByLabel('What should change?').fill('x');
  await at.frame().locator('h1').dblclick();
  await at.page.getByText('This page runs scripts of its own.').waitFor();
  for (const key of ['Delete', 'Enter', 'F2', 'Alt+ArrowUp', ' ']) await at.frame().locator('p').press(key);
  await heardAll(at);
  assert.equal(await (await inside(at)).evaluate(() => globalThis.got), undefined);
  assert.equal(edits(at), before);
});

test('while a page is edited nothing of it runs, whatever way to run it the page has found', async () => {
  const at = await studio(browser);
  await freely(
    at,
    'A page with many scripts',
    `<!doctype html><body><h1 data-ref="e3">Mine</h1><script>globalThis.ran = 'script'</script><img src="data:," onerror="globalThis.ran = 'handler'">
    <a id="link" href="javascript:globalThis.ran = 'link'">link</a><a id="odd" href=" java&#9;script:globalThis.ran = 'odd'">odd</a>
    <svg width="60" height="20"><a id="drawn" xlink:href="javascript:globalThis.ran = 'drawn'"><text y="15">drawn</text></a></svg>
    <iframe id="within" srcdoc="&lt;script>parent.ran = 'srcdoc'&lt;/script>"></iframe>
    <form action="javascript:globalThis.ran = 'form'"><button>form</button></form></body>`,
  );
  await untilInside(at, () => globalThis.ran !== undefined, true);
  await at.page.getByRole('button', { name: 'Edit on the page' }).click();
  await untilInside(at, () => globalThis.ran === undefined && document.querySelector('h1') !== null, true);
  const page = await inside(at);
  for (const name of ['link', 'odd', 'form', 'drawn']) await at.frame().getByText(name, { exact: true }).click();
  // Past all that is taken out of a page: what if something were forgotten?
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', `<img src="data:," onerror="globalThis.ran = 'forgotten'">`);
    const script = document.createElement('script');
    script.textContent = `globalThis.ran = 'inserted'`;
    document.body.append(script);
    document.querySelector('h1').setAttribute('onclick', `globalThis.ran = 'set'`);
  });
  await at.frame().locator('h1').click();
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
});

test('a page with scripts is edited while they rest, and they run again after that', async () => {
  const at = await running(`document.querySelector('p').textContent = 'by the script'`);
  await at.frame().getByText('by the script').waitFor();
  await at.page.getByRole('button', { name: 'Edit on the page' }).click();
  await at.frame().getByText('Some text').dblclick();
  await at.page.keyboard.type('Other text');
  await at.page.keyboard.press('Enter');
  await at.page.getByText('Version 2', { exact: true }).waitFor();
  assert.match(at.standIn.newest().content(2).preview.html, /Other text/);
  await at.frame().getByText('Other text').waitFor();
  await at.page.getByRole('button', { name: 'Edit on the page' }).click();
  await at.frame().getByText('by the script').waitFor();
});

test("no rule of a page moves or hides the handle's buttons", async () => {
  const at = await studio(browser);
  await freely(
    at,
    'A page with rules for all',
    `<!doctype html><style>tierfall-handle, * { opacity: 0 !important; transform: scale(40) !important; position: static !important; pointer-events: auto !important }</style><body><h1 data-ref="e3">Mine</h1></body>`,
  );
  const page = await inside(at);
  const handle = await page.evaluate(() => {
    const { opacity, transform, position, pointerEvents } = getComputedStyle(document.querySelector('tierfall-handle'));
    return { opacity, transform, position, pointerEvents };
  });
  assert.deepEqual(handle, { opacity: '1', transform: 'none', position: 'fixed', pointerEvents: 'none' });
});
