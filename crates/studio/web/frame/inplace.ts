/** Edits a text where it stands: double-click or Enter, then Enter or a click elsewhere keeps it, Escape gives it up. */

import { seenAt } from './again';
import type { FromFrame } from './messages';
import { isMadeOfWords } from './parts';

export interface InPlace {
  /** Whether a text is being edited just now. */
  active(): boolean;
  begin(element: HTMLElement): void;
}

export function inPlace(say: (message: FromFrame) => void, ended: () => void): InPlace {
  let edited: HTMLElement | null = null;

  function begin(at: HTMLElement): void {
    if (edited) return;
    const element = editable(at);
    const ref = element?.dataset.ref;
    if (!element || !ref) {
      say({ type: 'cannot', why: 'parts' });
      return;
    }
    edited = element;
    const { was } = seenAt(document, ref);
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
      if (keep && now !== text) say({ type: 'edit', edit: { kind: 'text', ref, text: now }, was });
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

/** The element at `at` whose text can be typed anew; none where plain text would take the place of more than text. */
function editable(at: HTMLElement): HTMLElement | null {
  if (isMadeOfWords(at.dataset.ref ?? '')) return at.querySelector(':scope [data-ref] [data-ref]') ? null : (at.querySelector<HTMLElement>('[data-ref]') ?? at);
  return [...at.children].every(({ tagName }) => tagName === 'BR') ? at : null;
}

function plain(element: HTMLElement): string {
  return element.innerText.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
}
