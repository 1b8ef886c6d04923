import { expect, test } from 'vitest';

import type { Said, Version } from '../api/types';
import { entries } from './talk';

const version = (number: number, cause: Version['cause']) => ({ number, cause }) as Version;
const said = (role: Said['role'], text: string, version: number | null = null): Said => ({ role, text, version });

test('changes by hand stand between what was said before and after them', () => {
  const all = entries({
    talk: [said('user', 'a café'), said('studio', 'done', 1), said('user', 'greener'), said('studio', 'green', 4)],
    versions: [version(1, 'request'), version(2, 'hand'), version(3, 'hand'), version(4, 'wish'), version(5, 'hand')],
  });
  expect(all.map((one) => (one.kind === 'said' ? one.said.text : one.version.number))).toEqual(['a café', 'done', 2, 3, 'greener', 'green', 4 + 1]);
});

test('a change by hand that the talk speaks of is not told twice', () => {
  const all = entries({ talk: [said('studio', 'moved', 1)], versions: [version(1, 'hand')] });
  expect(all).toHaveLength(1);
});

test('a request without an answer stays last', () => {
  const all = entries({ talk: [said('user', 'first'), said('studio', 'done', 1), said('user', 'more')], versions: [version(1, 'request'), version(2, 'hand')] });
  expect(all.map(({ kind }) => kind)).toEqual(['said', 'said', 'said', 'hand']);
});
