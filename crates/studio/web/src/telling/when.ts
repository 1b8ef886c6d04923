const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long before `now` the moment `at` was, both of them moments in milliseconds since 1970; `at` may be a date as text. */
export function ago(at: string | number, now: number): string {
  const moment = typeof at === 'number' ? at : Date.parse(at);
  if (!Number.isFinite(moment)) return '';
  const passed = Math.max(0, now - moment);
  if (passed > 6 * 86_400_000) return new Date(moment).toLocaleDateString('en', { day: 'numeric', month: 'long', year: 'numeric' });
  for (const [unit, span] of UNITS) if (passed >= span) return format.format(-Math.floor(passed / span), unit);
  return 'just now';
}
