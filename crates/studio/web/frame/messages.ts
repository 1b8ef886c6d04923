/** What the Studio and the preview's frame say to each other. Either side checks what it hears. */

/** A page that the frame shall show. */
export interface Page {
  type: 'page';
  html: string;
  /** False while the page is still being written: nothing that stood there goes. */
  whole: boolean;
  /** The elements whose texts the request does not hold. */
  madeUp: string[];
  /** Where to scroll to, in CSS pixels; without it the page stays where it is. */
  scroll?: number;
}

export type ToFrame =
  | Page
  | { type: 'editing'; on: boolean }
  | { type: 'chosen'; ref: string | null }
  | { type: 'reveal'; ref: string }
  /** Begins to edit the text there. */
  | { type: 'begin'; ref: string };

export type HandEdit =
  | { kind: 'text'; ref: string; text: string }
  | { kind: 'delete'; ref: string }
  | { kind: 'move'; ref: string; by: -1 | 1 }
  | { kind: 'double'; ref: string };

export type FromFrame =
  | { type: 'ready' }
  | { type: 'shown' }
  /** `was` is what stood at the edit's place, before it; see `again.ts`. */
  | { type: 'edit'; edit: HandEdit; was: string }
  | { type: 'choose'; ref: string; text: string; was: string }
  | { type: 'link'; href: string }
  | { type: 'fault'; text: string }
  | { type: 'scrolled'; to: number }
  /** Something cannot be edited: it holds more than text, or its page runs scripts. */
  | { type: 'cannot'; why: 'parts' | 'runs' };

/**
 * What a frame is for, which is the first message to it; the port comes along. In a still frame nothing of a page ever runs, and
 * the page can be edited. In a running one its scripts run; they share the window with the runtime and could speak in its name,
 * so that nothing it says may change the project.
 */
export const STILL = 'tierfall-preview-still';
export const RUNNING = 'tierfall-preview-running';

const REF = /^[a-z0-9][a-z0-9.]{0,63}$/;
/** Longer texts than any that somebody types into a page, in characters. */
const LONGEST_TEXT = 20_000;
/** Enough to tell sections apart. */
export const LONGEST_WAS = 400;
const LONGEST_FAULT = 600;
const LONGEST_HREF = 2_000;

/** Whether `ref` can be the name of an element: `s2.3.detail`, `e17`. */
export function isRef(ref: unknown): ref is string {
  return typeof ref === 'string' && REF.test(ref);
}

/** What a frame said, or nothing where it is none of the things that a frame of its kind says. */
export function heardFromFrame(data: unknown, still: boolean): FromFrame | null {
  if (!isRecord(data)) return null;
  if (!still && (data.type === 'edit' || data.type === 'choose')) return null;
  switch (data.type) {
    case 'ready':
      return { type: 'ready' };
    case 'shown':
      return { type: 'shown' };
    case 'edit': {
      const edit = heardEdit(data.edit);
      const was = heardWas(data.was);
      return edit && was !== null ? { type: 'edit', edit, was } : null;
    }
    case 'choose': {
      const was = heardWas(data.was);
      return isRef(data.ref) && typeof data.text === 'string' && was !== null
        ? { type: 'choose', ref: data.ref, text: data.text.slice(0, 200), was }
        : null;
    }
    case 'link':
      return typeof data.href === 'string' ? { type: 'link', href: data.href.slice(0, LONGEST_HREF) } : null;
    case 'fault':
      return typeof data.text === 'string' ? { type: 'fault', text: data.text.slice(0, LONGEST_FAULT) } : null;
    case 'scrolled':
      return typeof data.to === 'number' && Number.isFinite(data.to) ? { type: 'scrolled', to: data.to } : null;
    case 'cannot':
      return { type: 'cannot', why: still ? 'parts' : 'runs' };
    default:
      return null;
  }
}

function heardWas(was: unknown): string | null {
  return typeof was === 'string' && was.length <= LONGEST_WAS ? was : null;
}

function heardEdit(edit: unknown): HandEdit | null {
  if (!isRecord(edit) || !isRef(edit.ref)) return null;
  const { ref } = edit;
  switch (edit.kind) {
    case 'text':
      return typeof edit.text === 'string' && edit.text.length <= LONGEST_TEXT
        ? { kind: 'text', ref, text: edit.text }
        : null;
    case 'delete':
      return { kind: 'delete', ref };
    case 'double':
      return { kind: 'double', ref };
    case 'move':
      return edit.by === 1 || edit.by === -1 ? { kind: 'move', ref, by: edit.by } : null;
    default:
      return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
