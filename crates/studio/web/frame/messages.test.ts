import { expect, test } from 'vitest';

import { heardFromFrame, isRef } from './messages';

test('what the frame says is read', () => {
  for (const message of [
    { type: 'ready' },
    { type: 'shown' },
    { type: 'edit', edit: { kind: 'text', ref: 's2.3.detail', text: '2.80 €' }, was: 'Espresso 2.50 €' },
    { type: 'edit', edit: { kind: 'move', ref: 'e17', by: -1 }, was: '' },
    { type: 'choose', ref: 's2', text: 'Menu', was: 'Menu Espresso' },
    { type: 'link', href: 'https://example.org/' },
    { type: 'fault', text: 'x is not defined' },
    { type: 'scrolled', to: 12 },
  ]) {
    expect(heardFromFrame(message, true)).toEqual(message);
  }
});

test('what has another form is not heard', () => {
  for (const message of [
    null,
    'edit',
    { type: 'open', url: '/api/projects' },
    { type: 'edit', edit: { kind: 'source', ref: 'e1', content: '' }, was: '' },
    { type: 'edit', edit: { kind: 'delete', ref: '../versions' }, was: '' },
    { type: 'edit', edit: { kind: 'move', ref: 'e1', by: 40 }, was: '' },
    { type: 'edit', edit: { kind: 'text', ref: 'e1', text: 'x'.repeat(20_001) }, was: '' },
    { type: 'edit', edit: { kind: 'delete', ref: 'e1' } },
    { type: 'edit', edit: { kind: 'delete', ref: 'e1' }, was: 'x'.repeat(401) },
    { type: 'choose', ref: 's2', text: {}, was: '' },
    { type: 'scrolled', to: Number.NaN },
  ]) {
    expect(heardFromFrame(message, true)).toBeNull();
  }
});

test('where a page runs scripts, nothing that is said changes the project', () => {
  const edits = ['text', 'delete', 'double', 'move'].map((kind) => ({ type: 'edit', edit: { kind, ref: 'e1', text: 'x', by: 1 }, was: '' }));
  for (const message of [...edits, { type: 'choose', ref: 's2', text: 'Menu', was: '' }]) expect(heardFromFrame(message, false)).toBeNull();
});

test('long texts are cut, and what more is said is left out', () => {
  expect(heardFromFrame({ type: 'fault', text: 'x'.repeat(5_000), more: 1 }, false)).toEqual({ type: 'fault', text: 'x'.repeat(600) });
});

test('an element is called as the server calls it', () => {
  expect(['name', 's0', 's12.heading', 's2.3.detail', 'e17'].every(isRef)).toBe(true);
  expect(['', 'S2', '"]', 's2 s3', '.a', 7, null].some(isRef)).toBe(false);
});
