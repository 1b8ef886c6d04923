/** The pointer and the keys over the page: what they take hold of, and what follows. */

import { byHand, placeNow, seenAt } from './again';
import type { Handle } from './handle';
import type { InPlace } from './inplace';
import type { FromFrame } from './messages';
import { thing } from './parts';

export interface Editing {
  turn(on: boolean): void;
  /** The page is about to become another one: what is returned holds what was held, where it is then. */
  follow(): () => void;
}

export function makeEditing(handle: Handle, texts: InPlace, say: (message: FromFrame) => void): Editing {
  // The Studio says when: while a page is written nothing of it is edited.
  let on = false;
  let at: HTMLElement | null = null;

  const named = (target: EventTarget | null): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>('[data-ref]') : null;

  function hold(element: HTMLElement | null): void {
    if (!on || texts.active()) return;
    at = element;
    handle.at(element);
  }

  /** What the keyboard steps through: the elements that hold a text, not those round them. */
  const texted = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-ref]:not(:has([data-ref]))')];

  /** The keyboard has one way into the page; arrows go on from there. */
  function reachable(): void {
    const parts = texted();
    const own = at?.isConnected ? at : parts[0];
    for (const part of parts) if (part.tabIndex === 0 && part.getAttribute('tabindex') === '0' && part !== own) part.tabIndex = -1;
    if (on && own?.getAttribute('tabindex') === '-1') own.tabIndex = 0;
  }

  function step(from: HTMLElement, by: number): void {
    const parts = texted();
    const at = parts.findIndex((part) => part === from || from.contains(part));
    const next = parts[at + by];
    if (!next) return;
    hold(next);
    reachable();
    next.focus();
  }

  function key(event: KeyboardEvent): boolean {
    const element = named(event.target);
    const ref = element?.dataset.ref;
    if (!element || !ref) return false;
    const whole = thing(ref);
    if (event.altKey && event.key === 'ArrowUp') say(byHand({ kind: 'move', ref: whole, by: -1 }));
    else if (event.altKey && event.key === 'ArrowDown') say(byHand({ kind: 'move', ref: whole, by: 1 }));
    else if (event.altKey || event.ctrlKey || event.metaKey) return false;
    else if (event.key === 'ArrowDown') step(element, 1);
    else if (event.key === 'ArrowUp') step(element, -1);
    else if (event.key === 'Enter' || event.key === 'F2') texts.begin(element);
    else if (event.key === 'Delete') say(byHand({ kind: 'delete', ref: whole }));
    else if (event.key === ' ') handle.enter();
    else if (event.key === 'Escape') hold(null);
    else return false;
    return true;
  }

  addEventListener('pointerover', (event) => {
    if (event.isTrusted && event.pointerType === 'mouse' && !handle.owns(event)) hold(named(event.target));
  });
  addEventListener('pointerup', (event) => {
    if (event.isTrusted && event.pointerType !== 'mouse' && !handle.owns(event)) hold(named(event.target));
  });
  document.addEventListener('pointerleave', () => hold(named(document.activeElement)));
  addEventListener('focusin', (event) => {
    if (event.isTrusted && !handle.owns(event)) hold(named(event.target));
  });
  addEventListener('dblclick', (event) => {
    const element = named(event.target);
    if (!on || !event.isTrusted || !element || handle.owns(event)) return;
    event.preventDefault();
    handle.at(null);
    texts.begin(element);
  });
  addEventListener(
    'keydown',
    (event) => {
      if (!on || !event.isTrusted || texts.active() || handle.owns(event)) return;
      if (event.target instanceof Element && event.target.matches('input, textarea, select')) return;
      if (key(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true },
  );

  return {
    turn(to) {
      if (!to) hold(null);
      on = to;
      reachable();
    },
    follow() {
      const seen = at?.dataset.ref ? seenAt(document, at.dataset.ref) : null;
      return () => {
        at = seen && document.querySelector<HTMLElement>(`[data-ref="${placeNow(document, seen) ?? seen.ref}"]`);
        reachable();
        handle.at(on && !texts.active() ? at : null);
      };
    },
  };
}
