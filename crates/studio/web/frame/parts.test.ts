import { expect, test } from 'vitest';

import { called, isMadeOfWords, isOneOfMany, thing } from './parts';

test('a hand takes the whole line by its name, and the whole section by its heading', () => {
  expect(['s2.3.detail', 's2.3.name', 's2.3', 's2.heading', 's2', 'e17', 'name'].map(thing)).toEqual(['s2.3', 's2.3', 's2.3', 's2', 's2', 'e17', 'name']);
});

test('each has a name for the user', () => {
  expect(['name', 'sentence', 'button', 's1', 's1.2', 'e4'].map(called)).toEqual(['Name', 'Sentence', 'Button', 'Section', 'Line', 'Element']);
});

test('what a page has once cannot be moved or doubled', () => {
  expect(['name', 'sentence', 'button', 's1', 's1.2', 'e4'].map(isOneOfMany)).toEqual([false, false, false, true, true, true]);
});

test('elements of words and of free pages are told apart', () => {
  expect(['name', 's1.2.detail', 'e4', ''].map(isMadeOfWords)).toEqual([true, true, false, false]);
});
