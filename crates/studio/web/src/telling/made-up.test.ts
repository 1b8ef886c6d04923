import { expect, test } from 'vitest';

import { bySpot } from './made-up';

test('what was made up at one place is one thing to look at, in the order of the page', () => {
  const found = [
    { spot: 's1.0.detail', text: '7', kind: 'number' as const },
    { spot: 's0.0.detail', text: '3.20 €', kind: 'number' as const },
    { spot: 's1.0.detail', text: '18', kind: 'number' as const },
  ];
  expect(bySpot(found)).toEqual([
    { spot: 's1.0.detail', text: '7, 18' },
    { spot: 's0.0.detail', text: '3.20 €' },
  ]);
});
