/** Makes the document that stands there into another one, node by node, so that nothing flashes or jumps. */

import { Idiomorph } from 'idiomorph';

import { isRef, type Page } from './messages';
import { keepOwn } from './own';
import { acts, isScript, WAITING } from './scripts';

let wasWhole = false;

/** Shows `page`. Its scripts wait for {@link runScripts}, its handlers are taken out where it is `still`. */
export function show(page: Page, still: boolean): void {
  const next = new DOMParser().parseFromString(page.html, 'text/html');
  calm(next, still);
  mark(next, page.madeUp);
  // While a page is written anew over one that is whole, what it has not come to yet stays in sight.
  const keep = !page.whole && wasWhole;
  if (keep && next.body.childElementCount === 0) return;
  sameAttributes(document.documentElement, next.documentElement);
  const callbacks = { beforeNodeRemoved: () => !keep };
  const restoreOwn = keepOwn();
  if (!keep) Idiomorph.morph(document.head, next.head, { morphStyle: 'outerHTML', head: { style: 'morph' } });
  Idiomorph.morph(document.body, next.body, { morphStyle: 'outerHTML', callbacks });
  restoreOwn();
  if (page.whole) wasWhole = true;
}

/** Runs the page's scripts, in their order, as a browser would have on loading it. */
export async function runScripts(): Promise<void> {
  const later: Promise<unknown>[] = [];
  for (const waiting of document.querySelectorAll<HTMLScriptElement>(`script[type="${WAITING}"]`)) {
    const script = document.createElement('script');
    for (const { name, value } of waiting.attributes) script.setAttribute(name, value);
    const type = waiting.dataset.waitingType;
    if (type === undefined) script.removeAttribute('type');
    else script.type = type;
    delete script.dataset.waitingType;
    script.textContent = waiting.textContent;
    script.async = waiting.hasAttribute('async');
    if (script.src || script.type === 'module') {
      later.push(new Promise((settled) => (script.onload = script.onerror = settled)));
    }
    waiting.replaceWith(script);
  }
  await Promise.all(later);
  // Both have long passed for this document, but not for scripts that wait for them.
  document.dispatchEvent(new Event('DOMContentLoaded', { bubbles: true }));
  window.dispatchEvent(new Event('load'));
}

/** Takes out of `page` whatever would act on its own: scripts, a redirection, and where it is `still` handlers too. */
function calm(page: Document, still: boolean): void {
  for (const script of page.querySelectorAll('script')) {
    const type = script.getAttribute('type');
    if (!isScript(type)) continue;
    if (type !== null) script.setAttribute('data-waiting-type', type);
    script.setAttribute('type', WAITING);
  }
  for (const acting of page.querySelectorAll('meta[http-equiv], base')) acting.remove();
  if (!still) return;
  for (const element of page.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) {
      if (acts(name) || name === 'autofocus') element.removeAttribute(name);
    }
  }
}

/** Marks the texts that are not from the request, and gives every element with a name a place for the keyboard. */
function mark(page: Document, madeUp: string[]): void {
  for (const ref of madeUp.filter(isRef)) page.querySelector(`[data-ref="${ref}"]`)?.setAttribute('data-made-up', '');
  for (const element of page.querySelectorAll('[data-ref]')) {
    if (!element.matches('a[href], button, input, select, textarea, summary, [tabindex]')) element.setAttribute('tabindex', '-1');
  }
}

function sameAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
}
