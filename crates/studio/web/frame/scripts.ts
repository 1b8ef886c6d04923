/** What in a page acts of itself: scripts, handlers, links that are scripts. */

/** The type of a script that waits. No browser runs it. */
export const WAITING = 'text/x-waiting';

/** Whether a script element of this `type` is run by a browser; others only hold data. */
export function isScript(type: string | null): boolean {
  const plain = (type ?? '').trim().toLowerCase();
  return plain === '' || plain === 'module' || plain === 'importmap' || /^(text|application)\/(x-)?(java|ecma)script\b/.test(plain);
}

/** Whether an attribute acts: a handler, or a document within the document. */
export function acts(name: string): boolean {
  return name.startsWith('on') || name === 'srcdoc';
}

/** Whether this HTML, shown in a browser, would run anything. Nothing of it runs here. */
export function runsSomething(html: string): boolean {
  // Most pages hold none of this, and need not be read.
  if (!/<script|on\w+\s*=|javascript:|srcdoc/i.test(html)) return false;
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const script of page.querySelectorAll('script')) if (isScript(script.getAttribute('type'))) return true;
  for (const element of page.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) if (acts(name) || /^\s*javascript:/i.test(value)) return true;
  }
  return false;
}
