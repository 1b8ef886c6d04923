/** What the model made up, in the user's words. */

import type { MadeUp } from '../api/types';

export interface Found {
  spot: string;
  /** What was made up there, one after the other. */
  text: string;
  /** What it is, in a word. */
  what: string;
}

export interface Group {
  /** What they are; empty where it is one alone. */
  title: string;
  found: Found[];
}

/** So many of one kind are told as one line. */
const MANY = 3;

// Days and times are one thing to whoever looks at opening hours.
const WORDS: Record<MadeUp['kind'], [one: string, many: string]> = {
  price: ['Price', 'prices'],
  date: ['Date', 'dates'],
  day: ['Day', 'days and times'],
  time: ['Time', 'days and times'],
  number: ['Figure', 'figures'],
  email: ['E-mail', 'e-mail addresses'],
  phone: ['Phone', 'phone numbers'],
  link: ['Link', 'links'],
  address: ['Address', 'addresses'],
  name: ['Person', 'people'],
  place: ['Place', 'places'],
};

/** What was made up, place by place: what holds at a place is looked at in one go. Of many of a kind one line is made. */
export function groups(found: MadeUp[]): Group[] {
  const places = new Map<string, Found & { many: string }>();
  for (const { spot, text, kind } of found) {
    // A server may know more kinds than this.
    const [what, many] = WORDS[kind] ?? ['Text', 'texts'];
    const place = places.get(spot);
    places.set(spot, place ? { ...place, text: `${place.text}, ${text}` } : { spot, text, what, many });
  }
  const kinds = new Map<string, Found[]>();
  for (const { many, ...one } of places.values()) kinds.set(many, [...(kinds.get(many) ?? []), one]);
  return [...kinds].flatMap(([many, all]) =>
    all.length < MANY ? all.map((one) => ({ title: '', found: [one] })) : [{ title: `${all.length} ${many}`, found: all }],
  );
}

/** The places that have to be said to hold for all of them to: what stands in several of them is asked for once. */
export function eachOnce(found: Found[]): string[] {
  return found.filter(({ text }, at) => found.findIndex((other) => other.text === text) === at).map(({ spot }) => spot);
}

/** What a line for many says of them: the first few. */
export function fewOf(found: Found[]): string {
  const texts = [...new Set(found.map(({ text }) => text))];
  return texts.length > MANY ? `${texts.slice(0, MANY).join(', ')}, …` : texts.join(', ');
}
