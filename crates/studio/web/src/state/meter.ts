/** Tokens a second over the last few seconds. */
export class Meter {
  private readonly times: number[] = [];

  constructor(
    /** How far it looks back, in milliseconds. */
    private readonly span = 3000,
  ) {}

  /** A token came at `now`, in milliseconds of any clock. */
  token(now: number): void {
    this.times.push(now);
    this.forget(now);
  }

  /** Tokens a second at `now`; nothing before there are a few. */
  rate(now: number): number | null {
    this.forget(now);
    const first = this.times[0];
    if (first === undefined || this.times.length < 4 || now <= first) return null;
    return ((this.times.length - 1) * 1000) / (now - first);
  }

  private forget(now: number): void {
    while (this.times[0] !== undefined && this.times[0] < now - this.span) this.times.shift();
  }
}
