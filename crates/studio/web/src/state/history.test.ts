import { expect, test } from 'vitest';

import type { Version } from '../api/types';
import { back, forward } from './history';

const version = (number: number, parent: number | null) => ({ number, parent }) as Version;
// 1 ── 2 ── 3
//      └─── 4 ── 5
const versions = [version(1, 0), version(2, 1), version(3, 2), version(4, 2), version(5, 4)];

test('back goes to what a version was made from, across what was made in between', () => {
  expect([5, 4, 3, 2].map((head) => back(versions, head))).toEqual([4, 2, 2, 1]);
});

test('there is nothing before the first version', () => {
  expect(back(versions, 1)).toBeNull();
  expect(back([], 0)).toBeNull();
});

test('forward takes the newest branch, and ends at its end', () => {
  expect([1, 2, 4].map((head) => forward(versions, head))).toEqual([2, 4, 5]);
  expect(forward(versions, 5)).toBeNull();
  expect(forward(versions, 3)).toBeNull();
});
