import { Client, Refused } from '../api/client';
import type { Studio } from '../api/types';

/** Where the key lies: it goes with the tab. */
const KEY = 'tierfall.key';

export interface Notice {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
}

/** What holds for the whole Studio: its server, the key, what is said to the user beside the page. */
class Session {
  studio = $state<Studio | null>(null);
  /** Whether the user is asked for a key, and whether the one before was refused. */
  asksKey = $state<'no' | 'first' | 'again'>('no');
  online = $state(navigator.onLine);
  notices = $state<Notice[]>([]);
  /** What a screen reader says next. */
  announced = $state('');

  readonly client = new Client(
    () => sessionStorage.getItem(KEY),
    () => (this.asksKey = sessionStorage.getItem(KEY) ? 'again' : 'first'),
  );
  private count = 0;

  async begin(): Promise<void> {
    addEventListener('online', () => (this.online = true));
    addEventListener('offline', () => (this.online = false));
    await this.look();
  }

  /** Asks the server what it is; again and again where it cannot be reached. */
  private async look(): Promise<void> {
    for (let wait = 500; ; wait = Math.min(wait * 2, 8_000)) {
      try {
        this.studio = await this.client.studio();
        this.online = true;
        if (this.studio.needs_key && !sessionStorage.getItem(KEY)) this.asksKey = 'first';
        return;
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'offline') this.fail(error);
        this.online = false;
        await new Promise((later) => setTimeout(later, wait));
      }
    }
  }

  /** Takes the user's key. What was refused is then asked for again by whoever needs it. */
  keep(key: string): void {
    sessionStorage.setItem(KEY, key.trim());
    this.asksKey = 'no';
  }

  announce(text: string): void {
    this.announced = text;
  }

  notice(text: string, tone: Notice['tone'] = 'plain'): void {
    const id = ++this.count;
    this.notices = [...this.notices.filter((one) => one.text !== text), { id, text, tone }].slice(-3);
    setTimeout(() => this.dismiss(id), 9_000);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((one) => one.id !== id);
  }

  /** Says what went wrong. A missing key has a dialog of its own. */
  fail(error: unknown): void {
    if (error instanceof Refused && error.status === 401) return;
    this.notice(error instanceof Error ? error.message : 'That did not work.', 'bad');
  }
}

export const session = new Session();
