import { expect, test } from 'vitest';

import type { Told } from '../api/types';
import { hasEnded, heard, nothingYet } from './generation';

const tier = (tier: number, state: 'trying' | 'answering' | 'failed' | 'skipped', reason: string | null = null): Told => ({
  event: 'tier',
  tier,
  name: `T${tier}`,
  state,
  reason,
  ms: null,
});

test('a tier that is tried, answers and fails is one attempt, and the next one goes on with what it said', () => {
  const told: Told[] = [
    tier(1, 'trying'),
    tier(1, 'answering'),
    { event: 'token', text: '# No' },
    tier(1, 'failed', 'timeout after 5000ms'),
    tier(3, 'trying'),
    tier(3, 'answering'),
    { event: 'token', text: 'rd\n' },
  ];
  const generation = told.reduce(heard, nothingYet);
  expect(generation.text).toBe('# Nord\n');
  expect(generation.attempts).toEqual([
    { tier: 1, name: 'T1', state: 'failed', reason: 'timeout after 5000ms', goesOn: false },
    { tier: 3, name: 'T3', state: 'answering', reason: null, goesOn: true },
  ]);
});

test('a tier that is asked once more after it failed is a second attempt', () => {
  const attempts = [tier(1, 'trying'), tier(1, 'failed', 'busy'), tier(1, 'trying')].reduce(heard, nothingYet).attempts;
  expect(attempts.map(({ state }) => state)).toEqual(['failed', 'trying']);
});

test('it has ended with done or with an error, and not before', () => {
  const whole = heard(nothingYet, { event: 'file', path: 'index.html', html: '<p>', whole: true });
  expect(hasEnded(whole)).toBe(false);
  expect(hasEnded(heard(whole, { event: 'error', code: 'all_tiers_failed', message: 'No.' }))).toBe(true);
  const done: Told = { event: 'done', version: 1, tier: 1, name: 'T1', ms: 1, first_paint_ms: 1, tokens: 1, tokens_per_second: 1, cost_usd: 0 };
  expect(hasEnded(heard(whole, done))).toBe(true);
});

test('what was heard before is not changed by what comes', () => {
  const before = heard(nothingYet, tier(1, 'trying'));
  heard(before, tier(1, 'answering'));
  expect(before.attempts[0]?.state).toBe('trying');
});
