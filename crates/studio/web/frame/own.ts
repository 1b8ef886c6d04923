/**
 * What the user has done in the page themselves: what they opened, typed, ticked, scrolled and focused. The page's source says
 * nothing of it, so a morph would undo it.
 */

import { placeNow, seenAt } from './again';

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** How the page itself had its `<details>` when it was last shown. */
let saidOpen = new WeakMap<HTMLDetailsElement, boolean>();
/** Elements within the page that were scrolled. */
const scrolled = new Set<Element>();

/** Begins to note what is scrolled. */
export function watchScrolling(): void {
  document.addEventListener('scroll', ({ target }) => target instanceof Element && scrolled.add(target), { capture: true, passive: true });
}

/** Takes down the user's own state. What is returned restores it, after the page has become another one. */
export function keepOwn(): () => void {
  const restore = [keepOpen(), keepFields(), keepScroll(), keepFocus()];
  return () => {
    for (const one of restore) one();
  };
}

/** A line that was added above must not open another line's details: they are known by what they say. */
function keepOpen(): () => void {
  const told = new Map<string, boolean>();
  const byElement = new Map<HTMLDetailsElement, boolean>();
  const texts = new Set<string>();
  for (const one of document.querySelectorAll('details')) {
    texts.add(title(one));
    if (one.open === (saidOpen.get(one) ?? one.open)) continue;
    told.set(title(one), one.open);
    byElement.set(one, one.open);
  }
  return () => {
    const next = new WeakMap<HTMLDetailsElement, boolean>();
    for (const one of document.querySelectorAll('details')) {
      next.set(one, one.open);
      const text = title(one);
      // Where what it says is new, it is the old one with other words.
      const own = told.get(text) ?? (texts.has(text) ? undefined : byElement.get(one));
      if (own !== undefined) one.open = own;
    }
    saidOpen = next;
  };
}

function title(details: HTMLDetailsElement): string {
  return details.querySelector(':scope > summary')?.textContent?.trim() ?? '';
}

function keepFields(): () => void {
  const restore: (() => void)[] = [];
  for (const field of document.querySelectorAll<Field>('input, textarea, select')) {
    if (field instanceof HTMLSelectElement) {
      if ([...field.options].every(({ selected, defaultSelected }) => selected === defaultSelected)) continue;
      const chosen = new Set([...field.selectedOptions].map(({ value }) => value));
      restore.push(() => {
        for (const option of field.options) option.selected = chosen.has(option.value);
      });
    } else if (field.type === 'checkbox' || field.type === 'radio') {
      const { checked, defaultChecked } = field as HTMLInputElement;
      if (checked !== defaultChecked) restore.push(() => ((field as HTMLInputElement).checked = checked));
    } else if (field.type !== 'file' && field.value !== field.defaultValue) {
      const { value } = field;
      const selection = field === document.activeElement ? [field.selectionStart, field.selectionEnd] : null;
      restore.push(() => {
        field.value = value;
        if (selection?.[0] != null) field.setSelectionRange(selection[0], selection[1] ?? selection[0]);
      });
    }
  }
  return () => {
    for (const one of restore) one();
  };
}

function keepScroll(): () => void {
  const places = new Map<Element, [number, number]>();
  for (const element of scrolled) {
    if (element.isConnected) places.set(element, [element.scrollLeft, element.scrollTop]);
    else scrolled.delete(element);
  }
  return () => {
    for (const [element, [left, top]] of places) {
      if (element.scrollLeft !== left || element.scrollTop !== top) element.scrollTo({ left, top, behavior: 'instant' });
    }
  };
}

function keepFocus(): () => void {
  const had = document.activeElement;
  if (!(had instanceof HTMLElement) || had === document.body) return () => {};
  const seen = had.dataset.ref ? seenAt(document, had.dataset.ref) : null;
  const names = [
    had.id && `#${CSS.escape(had.id)}`,
    had.getAttribute('name') && `${had.localName}[name="${CSS.escape(had.getAttribute('name') ?? '')}"]`,
  ];
  return () => {
    // The element may have become another one's: a part of the page that moved is followed by what it says.
    const ref = seen && (placeNow(document, seen) ?? seen.ref);
    const ways = ref === null && had.isConnected ? [] : [ref && `[data-ref="${CSS.escape(ref)}"]`, ...names];
    const now = ways.map((way) => (way ? document.querySelector<HTMLElement>(way) : null)).find((one) => one !== null) ?? had;
    if (now !== document.activeElement) now.focus({ preventScroll: true });
  };
}
