import type { MadeUp } from '../api/types';

export interface Found {
  spot: string;
  /** What was made up there, one after the other. */
  text: string;
}

/** What was made up, place by place: what holds at a place is looked at in one go. */
export function bySpot(found: MadeUp[]): Found[] {
  const spots = new Map<string, string[]>();
  for (const { spot, text } of found) spots.set(spot, [...(spots.get(spot) ?? []), text]);
  return [...spots].map(([spot, texts]) => ({ spot, text: texts.join(', ') }));
}
