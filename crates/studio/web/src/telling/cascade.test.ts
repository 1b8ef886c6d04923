import { expect, test } from 'vitest';

import type { Attempt } from '../state/generation';
import { attemptLine, cost, nowLine, seconds, tierName } from './cascade';

const attempt = (tier: number, state: Attempt['state'], reason: string | null = null, goesOn = false): Attempt => ({
  tier,
  name: `Tier ${tier}: T`,
  state,
  reason,
  goesOn,
});

test('a fallback is told in words', () => {
  expect(nowLine([attempt(1, 'failed', 'timeout after 5000ms'), attempt(3, 'answering', null, true)])).toBe(
    'Tier 1 was silent for 5 s, Tier 3 goes on',
  );
  expect(nowLine([attempt(1, 'failed', '401 Unauthorized'), attempt(2, 'skipped', 'no budget'), attempt(3, 'answering')])).toBe(
    'Tier 1 failed (401 Unauthorized), Tier 3 is writing',
  );
});

test('without a failure only the tier that writes is named', () => {
  expect(nowLine([])).toBe('Waiting for a tier');
  expect(nowLine([attempt(2, 'skipped', 'off'), attempt(1, 'trying')])).toBe('Tier 1 is asked');
  expect(attemptLine(attempt(2, 'skipped', 'its model writes no pages'))).toBe('Tier 2 was left out: its model writes no pages');
});

test('what was mended for an answer stands behind the tier', () => {
  const note = 'a is gone: asked b instead';
  expect(nowLine([attempt(3, 'answering', note)])).toBe('Tier 3 is writing (a is gone: asked b instead)');
  expect(attemptLine(attempt(3, 'done', note))).toBe('Tier 3 wrote it (a is gone: asked b instead)');
});

test('a tier has its number once', () => {
  expect(tierName(1, 'Tier 1: Your HF Space')).toBe('Tier 1: Your HF Space');
  expect(tierName(2, 'Workshop')).toBe('Tier 2: Workshop');
  expect(tierName(7, 'tier 7')).toBe('Tier 7');
});

test('times read as they are said', () => {
  expect([0, 449, 5000, 9949, 9950, 59_499, 65_000].map(seconds)).toEqual(['0 s', '0.4 s', '5 s', '9.9 s', '10 s', '59 s', '1 min 5 s']);
});

test('nothing is free, little is not called nothing, and what nobody said is not told', () => {
  expect([null, 0, 0.0002, 0.031].map(cost)).toEqual([null, 'free', 'under 1 ¢', '$0.03']);
});
