import type { DiffLine } from '../api/types';

export type Row = DiffLine | { op: 'gap'; text: string };

/** The changed lines with one line round them; what lies between is a gap. */
export function rows(lines: DiffLine[], round = 1): Row[] {
  const near = (at: number): boolean =>
    lines.slice(Math.max(0, at - round), at + round + 1).some(({ op }) => op !== 'same');
  const shown: Row[] = [];
  lines.forEach((line, at) => {
    if (near(at)) shown.push(line);
    else if (shown.at(-1)?.op !== 'gap') shown.push({ op: 'gap', text: '' });
  });
  if (shown.at(-1)?.op === 'gap') shown.pop();
  if (shown[0]?.op === 'gap') shown.shift();
  return shown;
}
