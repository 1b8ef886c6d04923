import { expect, test } from 'vitest';

import { hashOf, placeOf } from './route';

test('an address is read as it is written', () => {
  for (const place of [{ at: 'home' }, { at: 'project', id: 'a b/c' }] as const) expect(placeOf(hashOf(place))).toEqual(place);
});

test('what is no address is the first page', () => {
  for (const hash of ['', '#', '#/p/', '#/p/%', '#/p/a/b', '#wish']) expect(placeOf(hash)).toEqual({ at: 'home' });
});
