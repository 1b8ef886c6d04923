/** The small handle beside the element under the pointer or with the focus: delete, move, double, change. */

import { byHand, seenAt } from './again';
import styles from './handle.css?inline';
import type { FromFrame } from './messages';
import { called, isOneOfMany, thing } from './parts';

const ICONS = {
  up: '<path d="M8 13V3M3.500 7.500 8 3l4.500 4.500"/>',
  down: '<path d="M8 3v10M3.500 8.500 8 13l4.500-4.500"/>',
  double: '<rect x="5.500" y="5.500" width="8" height="8" rx="1.500"/><path d="M3 10.500a.8.8 0 0 1-.5-.8V4A1.500 1.500 0 0 1 4 2.500h5.700a.8.8 0 0 1 .8.5"/>',
  remove: '<path d="M2.500 4.500h11M6.500 4.500v-2h3v2M4 4.500l.6 9h6.800l.6-9"/>',
};

export interface Handle {
  /** Shows the handle at `element`, or takes it away. */
  at(element: HTMLElement | null): void;
  /** The element that the next wish is about. */
  choose(ref: string | null): void;
  /** Finds its elements again: the page has changed under it. */
  follow(): void;
  /** Moves the focus from the page to the handle's first button. */
  enter(): void;
  /** Whether `event` came from the handle itself. */
  owns(event: Event): boolean;
}

export function makeHandle(say: (message: FromFrame) => void): Handle {
  const host = document.createElement('tierfall-handle');
  const root = host.attachShadow({ mode: 'closed' });
  root.innerHTML =
    `<style>${styles}</style><div class="ring chosen" hidden></div><div class="ring" hidden></div>` +
    '<div class="bar" role="toolbar" aria-label="This part of the page" hidden><span></span>' +
    '<button data-do="choose">Change this…</button>' +
    button('up', 'Move up') + button('down', 'Move down') + button('double', 'Double') + button('remove', 'Delete', 'danger') +
    '</div>';
  document.documentElement.append(host);
  const [chosenRing, ring] = [...root.querySelectorAll<HTMLElement>('.ring')] as [HTMLElement, HTMLElement];
  const bar = root.querySelector<HTMLElement>('.bar') as HTMLElement;
  const name = bar.querySelector('span') as HTMLElement;
  let held: { ref: string; from: HTMLElement } | null = null;
  let chosen: string | null = null;

  const whole = (ref: string): HTMLElement | null => document.querySelector<HTMLElement>(`[data-ref="${ref}"]`);

  function place(): void {
    around(chosenRing, chosen === null ? null : whole(chosen));
    const element = held && (whole(held.ref) ?? (held.from.isConnected ? held.from : null));
    around(ring, element);
    bar.hidden = !element;
    if (!element || !held) return;
    name.textContent = called(held.ref);
    for (const one of bar.querySelectorAll<HTMLElement>('[data-do]:not([data-do="choose"])')) {
      one.hidden = !(isOneOfMany(held.ref) || (one.dataset.do === 'remove' && held.ref !== 'name'));
    }
    const box = element.getBoundingClientRect();
    const top = box.top >= 46 ? box.top - 42 : Math.min(Math.max(box.top + 6, 6), innerHeight - 44);
    const left = Math.max(6, Math.min(box.right - bar.offsetWidth, document.documentElement.clientWidth - bar.offsetWidth - 6));
    bar.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  function act(what: string | undefined): void {
    if (!held) return;
    const { ref } = held;
    if (what === 'choose') {
      const text = (whole(ref) ?? held.from).innerText.replace(/\s+/g, ' ').slice(0, 160);
      say({ type: 'choose', ref, text, was: seenAt(document, ref).was });
    }
    if (what === 'up') say(byHand({ kind: 'move', ref, by: -1 }));
    if (what === 'down') say(byHand({ kind: 'move', ref, by: 1 }));
    if (what === 'double') say(byHand({ kind: 'double', ref }));
    if (what === 'remove') say(byHand({ kind: 'delete', ref }));
  }

  bar.addEventListener('click', (event) => {
    // A page's script must not press the user's buttons.
    if (event.isTrusted) act((event.target as Element).closest<HTMLElement>('[data-do]')?.dataset.do);
  });
  bar.addEventListener('keydown', (event) => {
    const buttons = [...bar.querySelectorAll<HTMLElement>('button:not([hidden])')];
    const now = buttons.indexOf(root.activeElement as HTMLElement);
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0) buttons[(now + step + buttons.length) % buttons.length]?.focus();
    else if (event.key === 'Escape') held?.from.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  addEventListener('scroll', place, { passive: true, capture: true });
  addEventListener('resize', place);

  return {
    at(element) {
      held = element?.dataset.ref ? { ref: thing(element.dataset.ref), from: element } : null;
      place();
    },
    choose(ref) {
      chosen = ref;
      place();
    },
    follow: place,
    enter: () => bar.querySelector<HTMLElement>('button:not([hidden])')?.focus(),
    owns: (event) => event.composedPath().includes(host),
  };
}

function around(ring: HTMLElement, element: HTMLElement | null): void {
  ring.hidden = element === null;
  if (element === null) return;
  const box = element.getBoundingClientRect();
  Object.assign(ring.style, {
    left: `${box.left - 4}px`,
    top: `${box.top - 4}px`,
    width: `${box.width + 8}px`,
    height: `${box.height + 8}px`,
  });
}

function button(what: keyof typeof ICONS, label: string, kind = ''): string {
  return `<button data-do="${what}" class="${kind}" aria-label="${label}" title="${label}"><svg viewBox="0 0 16 16" aria-hidden="true">${ICONS[what]}</svg></button>`;
}
