import { expect, test } from 'vitest';

import type { DiffLine } from '../api/types';
import { rows } from './diff';

const lines = (text: string): DiffLine[] =>
  [...text].map((one, at) => ({ op: one === '+' ? 'added' : one === '-' ? 'removed' : 'same', text: String(at) }));
const ops = (text: string) => rows(lines(text)).map(({ op }) => op[0]).join('');

test('only what changed is shown, with a line round it', () => {
  expect(ops('=====-+=====')).toBe('sras');
  expect(ops('=-=====+=')).toBe('srsgsas');
});

test('nothing that changed is nothing to show', () => {
  expect(rows(lines('====='))).toEqual([]);
  expect(rows([])).toEqual([]);
});
