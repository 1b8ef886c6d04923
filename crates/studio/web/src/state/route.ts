/** Where in the Studio one is, as the address says it after `#`. */
export type Place = { at: 'home' } | { at: 'project'; id: string };

export function placeOf(hash: string): Place {
  const id = /^#\/p\/([^/]+)$/.exec(hash)?.[1];
  try {
    return id ? { at: 'project', id: decodeURIComponent(id) } : { at: 'home' };
  } catch {
    return { at: 'home' };
  }
}

export function hashOf(place: Place): string {
  return place.at === 'home' ? '#/' : `#/p/${encodeURIComponent(place.id)}`;
}
