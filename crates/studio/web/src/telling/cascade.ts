/** What the tiers do, in words. */

import type { Attempt } from '../state/generation';

/** "Tier 1: Your HF Space" and "Your HF Space" alike. */
export function tierName(tier: number, name: string): string {
  const own = name.replace(/^tier \d+:\s*/i, '').trim();
  return own === '' || own.toLowerCase() === `tier ${tier}` ? `Tier ${tier}` : `Tier ${tier}: ${own}`;
}

/** One line for one attempt. */
export function attemptLine(attempt: Attempt): string {
  const tier = `Tier ${attempt.tier}`;
  switch (attempt.state) {
    case 'trying':
      return attempt.goesOn ? `${tier} takes over` : `${tier} is asked`;
    case 'answering':
      return (attempt.goesOn ? `${tier} goes on` : `${tier} is writing`) + mended(attempt.reason);
    case 'done':
      return (attempt.goesOn ? `${tier} finished it` : `${tier} wrote it`) + mended(attempt.reason);
    case 'skipped':
      return `${tier} was left out: ${because(attempt.reason)}`;
    case 'failed':
      return `${tier} ${failure(attempt.reason)}`;
  }
}

/** What is happening now, as one sentence. */
export function nowLine(attempts: Attempt[]): string {
  const now = attempts.at(-1);
  if (!now) return 'Waiting for a tier';
  const lost = attempts.slice(0, -1).findLast(({ state }) => state === 'failed');
  if (lost && (now.state === 'answering' || now.state === 'trying')) return `${attemptLine(lost)}, ${attemptLine(now)}`;
  return attemptLine(now);
}

function failure(reason: string | null): string {
  const silent = /^timeout after (\d+) ?ms$/i.exec(reason ?? '');
  if (silent) return `was silent for ${seconds(Number(silent[1]))}`;
  return reason ? `failed (${reason})` : 'failed';
}

/** What the gateway mended for an answer, such as a model that is gone. */
function mended(note: string | null): string {
  return note ? ` (${note})` : '';
}

function because(reason: string | null): string {
  return reason ?? 'not available';
}

/** Milliseconds as somebody would say them: `0.4 s`, `5 s`, `1 min 5 s`. */
export function seconds(ms: number): string {
  if (ms < 9_950) return `${Math.round(ms / 100) / 10} s`;
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** What something cost; nothing where the provider did not say. */
export function cost(usd: number | null): string | null {
  if (usd === null) return null;
  if (usd === 0) return 'free';
  return usd < 0.01 ? 'under 1 ¢' : `$${usd.toFixed(2)}`;
}
