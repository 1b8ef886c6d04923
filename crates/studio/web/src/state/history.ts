/** Back and forward through versions, of which each knows the one that it was made from. */

import type { Version } from '../api/types';

/** The version that `head` was made from. */
export function back(versions: Version[], head: number): number | null {
  const parent = versions.find(({ number }) => number === head)?.parent ?? null;
  // A project begins with nothing, which is no version that one could see.
  return versions.some(({ number }) => number === parent) ? parent : null;
}

/** The newest version that was made from `head`. */
export function forward(versions: Version[], head: number): number | null {
  const made = versions.filter(({ parent }) => parent === head).map(({ number }) => number);
  return made.length > 0 ? Math.max(...made) : null;
}
