/** What a name of an element (`s2.3.detail`, `e17`) stands for on the page. */

/** What a hand takes hold of at `ref`: of an item's name or detail the whole line, of a heading the whole section. */
export function thing(ref: string): string {
  const item = /^(s\d+\.\d+)\.(?:name|detail)$/.exec(ref);
  if (item?.[1]) return item[1];
  const heading = /^(s\d+)\.heading$/.exec(ref);
  return heading?.[1] ?? ref;
}

/** How a user calls it. */
export function called(ref: string): string {
  if (ref === 'name') return 'Name';
  if (ref === 'sentence') return 'Sentence';
  if (ref === 'button') return 'Button';
  if (/^s\d+$/.test(ref)) return 'Section';
  if (/^s\d+\./.test(ref)) return 'Line';
  return 'Element';
}

/** Whether it has neighbours that it could change places with, or stand beside a double of itself. */
export function isOneOfMany(ref: string): boolean {
  return ref !== 'name' && ref !== 'sentence' && ref !== 'button';
}

/** Whether the kit has made the element of a page's words; others are elements of a page that was written freely. */
export function isMadeOfWords(ref: string): boolean {
  return ref !== '' && !/^e\d+$/.test(ref);
}
