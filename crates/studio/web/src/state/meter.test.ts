import { expect, test } from 'vitest';

import { Meter } from './meter';

test('a token every 40 ms is 25 a second', () => {
  const meter = new Meter();
  for (let at = 0; at <= 1000; at += 40) meter.token(at);
  expect(meter.rate(1000)).toBeCloseTo(25);
});

test('too few tokens give no rate', () => {
  const meter = new Meter();
  for (const at of [0, 40, 80]) meter.token(at);
  expect(meter.rate(80)).toBeNull();
});

test('what is long past no longer counts, so that a pause shows', () => {
  const meter = new Meter(3000);
  for (let at = 0; at < 400; at += 10) meter.token(at);
  expect(meter.rate(2000)).toBeLessThan(25);
  expect(meter.rate(5000)).toBeNull();
});
