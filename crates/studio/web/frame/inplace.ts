/** Edits a text where it stands: double-click or Enter, then Enter or a click elsewhere keeps it, Escape gives it up. */

import type { FromFrame } from './messages';

export interface InPlace {
  /** Whether a text is being edited just now. */
  active(): boolean;
  begin(element: HTMLElement): void;
}

export function inPlace(say: (message: FromFrame) => void, ended: () => void): InPlace {
  let edited: HTMLElement | null = null;

  function begin(element: HTMLElement): void {
    const ref = element.dataset.ref;
    if (!ref || edited) return;
    // Plain text would take the place of what is inside: links, bold words, other named elements.
    if ([...element.children].some((child) => child.tagName !== 'BR')) {
      say({ type: 'cannot', why: 'parts' });
      return;
    }
    edited = element;
    const before = element.innerHTML;
    const text = plain(element);
    element.setAttribute('contenteditable', 'plaintext-only');
    element.focus({ preventScroll: true });
    getSelection()?.selectAllChildren(element);
    const kept = new AbortController();
    const end = (keep: boolean): void => {
      if (!edited) return;
      edited = null;
      kept.abort();
      const now = plain(element);
      element.removeAttribute('contenteditable');
      getSelection()?.removeAllRanges();
      if (keep && now !== text) say({ type: 'edit', edit: { kind: 'text', ref, text: now } });
      else element.innerHTML = before;
      ended();
    };
    const options = { signal: kept.signal };
    element.addEventListener('blur', () => end(true), options);
    element.addEventListener(
      'keydown',
      (event) => {
        // What is typed belongs to the text, whatever the page listens to.
        event.stopPropagation();
        if (!event.isTrusted || event.isComposing) return;
        if (event.key === 'Enter' || event.key === 'Escape') {
          event.preventDefault();
          end(event.key === 'Enter');
          element.focus({ preventScroll: true });
        }
      },
      { ...options, capture: true },
    );
  }

  return { active: () => edited !== null, begin };
}

function plain(element: HTMLElement): string {
  return element.innerText.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
}
