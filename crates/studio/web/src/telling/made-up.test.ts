import { expect, test } from 'vitest';

import type { MadeUp } from '../api/types';
import { eachOnce, fewOf, groups } from './made-up';

const made = (spot: string, text: string, kind: MadeUp['kind']): MadeUp => ({ spot, text, kind });

test('what was made up is told place by place, with a plain word for what it is', () => {
  expect(groups([made('s0.0.detail', '2.50 €', 'price'), made('s1.0', '7:30', 'time'), made('s1.0', '18:00', 'time')])).toEqual([
    { title: '', found: [{ spot: 's0.0.detail', text: '2.50 €', what: 'Price' }] },
    { title: '', found: [{ spot: 's1.0', text: '7:30, 18:00', what: 'Time' }] },
  ]);
});

test('three of a kind are one line, and days and times are one kind', () => {
  const found = [made('a', 'Monday', 'day'), made('p', '040 1', 'phone'), made('b', '7:30', 'time'), made('c', 'Sunday', 'day')];
  expect(groups(found).map(({ title, found }) => [title, found.map(({ spot }) => spot).join()])).toEqual([
    ['3 days and times', 'a,b,c'],
    ['', 'p'],
  ]);
});

test('every kind that the server knows has a word of its own', () => {
  const kinds: MadeUp['kind'][] = ['price', 'date', 'day', 'time', 'number', 'email', 'phone', 'link', 'address', 'name', 'place'];
  expect(new Set(kinds.map((kind) => groups([made('a', 'x', kind)])[0]?.found[0]?.what)).size).toBe(kinds.length);
  expect(groups([made('a', 'x', 'colour' as MadeUp['kind'])])[0]?.found[0]?.what).toBe('Text');
});

test('what stands at several places is asked for once, and a line for many says the first few', () => {
  const found = ['3 €', '4 €', '3 €', '5 €', '6 €'].map((text, at) => ({ spot: `s${at}`, text, what: 'Price' }));
  expect(eachOnce(found)).toEqual(['s0', 's1', 's3', 's4']);
  expect(fewOf(found)).toBe('3 €, 4 €, 5 €, …');
  expect(fewOf(found.slice(0, 3))).toBe('3 €, 4 €');
});
