/**
 * A name of an element (`s2.3.detail`, `e17`) is a place in one version of a page. Where lines were moved, doubled or deleted since,
 * something else may stand there. What was seen at the place tells where it is now.
 */

import { LONGEST_WAS, type FromFrame, type HandEdit } from './messages';
import { thing } from './parts';

export interface Seen {
  ref: string;
  /** What the whole line or section said, its white space made one; its beginning where it is long. */
  was: string;
}

function said(element: Element): string {
  return (element.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, LONGEST_WAS);
}

/** What stands at `ref` on `page`. */
export function seenAt(page: ParentNode, ref: string): Seen {
  const whole = page.querySelector(`[data-ref="${thing(ref)}"]`) ?? page.querySelector(`[data-ref="${ref}"]`);
  return { ref, was: whole ? said(whole) : '' };
}

/** An edit of what the user sees in this document. */
export function byHand(edit: HandEdit): FromFrame {
  return { type: 'edit', edit, was: seenAt(document, edit.ref).was };
}

/** The name on `page` of what was seen; none where it has gone, was changed, or stands there several times. */
export function placeNow(page: ParentNode, seen: Seen): string | null {
  if (seenAt(page, seen.ref).was === seen.was) return page.querySelector(`[data-ref="${seen.ref}"]`) ? seen.ref : null;
  if (seen.was === '') return null;
  const whole = thing(seen.ref);
  const alike = [...page.querySelectorAll<HTMLElement>('[data-ref]')]
    .filter((one) => kind(one.dataset.ref ?? '') === kind(whole) && said(one) === seen.was)
    .map((one) => one.dataset.ref ?? '');
  return alike.length === 1 ? `${alike[0]}${seen.ref.slice(whole.length)}` : null;
}

/** Sections, lines, and what is there once are of different kinds. */
function kind(ref: string): string {
  return ref.replace(/\d+/g, '#');
}
