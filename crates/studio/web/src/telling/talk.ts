/** The talk, with what was changed by hand in between. */

import type { Project, Said, Version } from '../api/types';

export type Entry = { kind: 'said'; said: Said; version: Version | null } | { kind: 'hand'; version: Version };

export function entries({ talk, versions }: Pick<Project, 'talk' | 'versions'>): Entry[] {
  const spoken = new Set(talk.map(({ version }) => version));
  const hands = versions.filter(({ cause, number }) => cause === 'hand' && !spoken.has(number)).sort((a, b) => a.number - b.number);
  const all: Entry[] = [];
  talk.forEach((said, index) => {
    if (said.role === 'user') {
      const answer = talk.slice(index).find(({ version }) => version !== null)?.version;
      while (answer != null && hands[0] && hands[0].number < answer) all.push({ kind: 'hand', version: hands.shift() as Version });
    }
    all.push({ kind: 'said', said, version: versions.find(({ number }) => number === said.version) ?? null });
  });
  return [...all, ...hands.map((version): Entry => ({ kind: 'hand', version }))];
}
