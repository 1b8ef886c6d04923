import { expect, test } from 'vitest';

import { ago } from './when';

const NOW = Date.parse('2026-03-10T12:00:00Z');

test('a moment is said as somebody would say it', () => {
  expect(ago('2026-03-10T11:59:40Z', NOW)).toBe('just now');
  expect(ago(NOW - 5 * 60_000, NOW)).toBe('5 minutes ago');
  expect(ago(NOW - 26 * 3_600_000, NOW)).toBe('yesterday');
  expect(ago('2026-01-02T12:00:00Z', NOW)).toBe('January 2, 2026');
});

test('a clock that is ahead, or no date, does no harm', () => {
  expect(ago(NOW + 60_000, NOW)).toBe('just now');
  expect(ago('soon', NOW)).toBe('');
});
