/** Links within the page scroll; others are told to the Studio and not followed. Forms send nothing. */

import type { FromFrame } from './messages';

export function holdLinks(say: (message: FromFrame) => void): void {
  addEventListener(
    'click',
    (event) => {
      const link = (event.target as Element | null)?.closest?.('a, area');
      // In a drawing a link may be written in the older way.
      const href = link?.getAttribute('href') ?? link?.getAttributeNS('http://www.w3.org/1999/xlink', 'href');
      if (href == null || /^javascript:/i.test(href.trim())) return;
      event.preventDefault();
      if (href.startsWith('#')) scrollToAnchor(href);
      else if (event.isTrusted) say({ type: 'link', href });
    },
    { capture: true },
  );
  addEventListener('submit', (event) => event.preventDefault(), { capture: true });
}

function scrollToAnchor(href: string): void {
  const name = decode(href.slice(1));
  if (name === '' || name === 'top') {
    scrollTo({ top: 0 });
    return;
  }
  const target = document.getElementById(name) ?? document.getElementsByName(name)[0];
  target?.scrollIntoView();
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
