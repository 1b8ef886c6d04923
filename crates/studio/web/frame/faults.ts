/** Tells of what goes wrong in the page: errors in its console, and what its policy refuses. */

import type { FromFrame } from './messages';

/** More are not told of for one page: a loop could say thousands. */
const MOST = 20;

export function watchFaults(say: (message: FromFrame) => void, still: boolean): void {
  let told = 0;
  const tell = (text: string): void => {
    if (told++ < MOST) say({ type: 'fault', text: text.slice(0, 500) });
  };
  const { error } = console;
  console.error = (...words: unknown[]) => {
    tell(words.map(inWords).join(' '));
    error.apply(console, words);
  };
  addEventListener('error', (event) => {
    if (event instanceof ErrorEvent) tell(event.lineno ? `${event.message} (line ${event.lineno})` : event.message);
  });
  addEventListener('unhandledrejection', (event) => tell(`Not caught: ${inWords(event.reason)}`));
  document.addEventListener('securitypolicyviolation', (event) => {
    // That a still page runs no script is no fault of the page's.
    if (still && event.effectiveDirective.startsWith('script-src')) return;
    const from = /^https?:/.test(event.blockedURI) ? ` from ${new URL(event.blockedURI).host}` : '';
    tell(`Not loaded, since this page has no network: ${event.effectiveDirective.replace(/-src.*/, '')}${from}`);
  });
}

function inWords(value: unknown): string {
  if (value instanceof Error) return value.message || value.name;
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
