/** A generation as its events tell of it. Pure: what was heard so far, and one more event, give what is known now. */

import type { Choice, DiffLine, MadeUp, Preview, Told } from '../api/types';

export interface Attempt {
  tier: number;
  name: string;
  state: 'trying' | 'answering' | 'failed' | 'skipped' | 'done';
  reason: string | null;
  /** Whether it goes on with what another one has begun. */
  goesOn: boolean;
}

export interface Generation {
  attempts: Attempt[];
  /** What the model has said, as it said it. */
  text: string;
  tokens: number;
  page: (Preview & { whole: boolean }) | null;
  patch: { version: number; lines: DiffLine[]; summary: string } | null;
  check: Extract<Told, { event: 'check' }> | null;
  madeUp: MadeUp[];
  choices: Choice[];
  error: { code: string; message: string } | null;
  done: Extract<Told, { event: 'done' }> | null;
}

export const nothingYet: Generation = {
  attempts: [],
  text: '',
  tokens: 0,
  page: null,
  patch: null,
  check: null,
  madeUp: [],
  choices: [],
  error: null,
  done: null,
};

export function heard(before: Generation, told: Told): Generation {
  switch (told.event) {
    case 'tier':
      return { ...before, attempts: attempted(before, told) };
    case 'token':
      return { ...before, text: before.text + told.text, tokens: before.tokens + 1 };
    case 'file':
      return { ...before, page: { path: told.path, html: told.html, whole: told.whole } };
    case 'patch':
      return { ...before, patch: { version: told.version, lines: told.lines, summary: told.summary } };
    case 'check':
      return { ...before, check: told, madeUp: told.made_up };
    case 'choices':
      return { ...before, choices: told.choices };
    case 'error':
      return { ...before, error: { code: told.code, message: told.message } };
    case 'done':
      return { ...before, done: told, attempts: before.attempts.map((one) => (one.state === 'answering' ? { ...one, state: 'done' } : one)) };
  }
}

function attempted(before: Generation, told: Extract<Told, { event: 'tier' }>): Attempt[] {
  const { tier, name, state, reason } = told;
  const open = before.attempts.findLastIndex((one) => one.tier === tier && (one.state === 'trying' || one.state === 'answering'));
  const next: Attempt = { tier, name, state, reason, goesOn: before.text.length > 0 };
  if (open < 0) return [...before.attempts, next];
  const goesOn = before.attempts[open]?.goesOn ?? false;
  return before.attempts.with(open, { ...next, goesOn });
}

/** Whether it has come to its end. */
export function hasEnded(generation: Generation): boolean {
  return generation.done !== null || generation.error !== null;
}
