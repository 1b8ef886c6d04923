import { placeNow, type Seen } from '../../frame/again';
import type { HandEdit } from '../../frame/messages';
import { Refused } from '../api/client';
import { read } from '../api/events';
import type { Choice, Content, DiffLine, Edit, Mode, Project, Told } from '../api/types';
import { attemptLine, nowLine } from '../telling/cascade';
import { hasEnded, heard, nothingYet, type Generation } from './generation';
import { Meter } from './meter';
import { session } from './session.svelte';

/** What the preview shows. */
export interface Shown {
  /** Which of the version's pages it is. */
  path: string;
  html: string;
  whole: boolean;
  madeUp: string[];
  /** Counts how often the same page had to be shown once more: what a hand did to it there was not taken. */
  again: number;
}

/** What the next wish is about. */
export interface Chosen extends Seen {
  text: string;
}

/** What the last change was, for the talk to show. */
export interface Change {
  version: number;
  lines: DiffLine[];
  summary: string;
}

const { client } = session;

/** One project, as it stands on the server, and what is done to it here. */
export class OpenProject {
  project = $state.raw<Project | null>(null);
  content = $state.raw<Content | null>(null);
  shown = $state.raw<Shown | null>(null);
  generation = $state.raw<Generation>(nothingYet);
  /** Whether a generation runs on the server, as far as is known here. */
  writing = $state(false);
  /** Whether the line to a running generation is broken just now. */
  lost = $state(false);
  /** When the generation began, on `performance.now()`'s clock; known only where it began in this tab. */
  began = $state<number | null>(null);
  tokensASecond = $state<number | null>(null);
  chosen = $state.raw<Chosen | null>(null);
  /** How the first page is to be made; its changes are made as it was. */
  mode = $state<Mode>('auto');
  change = $state.raw<Change | null>(null);
  /** Whether another tab was quicker, and what it left. */
  conflict = $state<number | null>(null);
  faults = $state.raw<string[]>([]);
  /** Why the last generation came to nothing, and what was asked of it. */
  failure = $state.raw<{ message: string; prompt: string | null; choices: Choice[] } | null>(null);
  /** Which of several pages is shown; the first one without it. */
  private path: string | null = null;
  missing = $state(false);
  /** The request that is being sent, until the server's talk holds it. */
  sending = $state<string | null>(null);

  private meter = new Meter();
  private readonly closed = new AbortController();
  private following = false;
  private changing: Promise<unknown> = Promise.resolve();

  constructor(readonly id: string) {}

  async open(): Promise<void> {
    await this.reload();
    if (this.project?.generating) await this.follow();
  }

  close(): void {
    this.closed.abort();
  }

  /** Reads the project and its page again. */
  async reload(): Promise<void> {
    try {
      const project = await client.project(this.id);
      const content = project.head > 0 ? await this.read(project.head) : null;
      if (this.closed.signal.aborted) return;
      this.project = project;
      this.sending = null;
      this.take(content);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.missing = true;
      else session.fail(error);
    }
  }

  /** Reads a version, with the page that is shown of it; with its first page where it has that one no more. */
  private async read(version: number): Promise<Content> {
    if (this.path !== null) {
      try {
        return await client.content(this.id, version, this.path);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404) throw error;
        this.path = null;
      }
    }
    return client.content(this.id, version);
  }

  /** Shows another one of the version's pages. */
  async show(path: string): Promise<void> {
    if (!this.project || this.writing || path === this.shown?.path) return;
    this.path = path;
    this.chosen = null;
    try {
      this.take(await this.read(this.project.head));
      session.announce(path);
    } catch (error) {
      session.fail(error);
    }
  }

  /** Where an element is that is spoken of: said only where there are several pages. */
  private get page(): { path?: string } {
    return this.path === null || (this.content?.pages.length ?? 0) < 2 ? {} : { path: this.path };
  }

  /** Looks whether another tab has changed the project, as when this one comes back into sight. */
  async lookAgain(): Promise<void> {
    if (this.writing || this.missing || !this.project) return;
    await this.reload();
    if (this.project?.generating) await this.follow();
  }

  private take(content: Content | null): void {
    this.content = content;
    if (!content) return;
    const madeUp = content.made_up.map(({ spot }) => spot);
    if (this.shown?.html !== content.preview.html || !this.shown.whole) this.faults = [];
    this.shown = { path: content.preview.path, html: content.preview.html, whole: true, madeUp, again: this.shown?.again ?? 0 };
    this.keepChosen();
  }

  /** What the next wish is about may have moved. Where it has gone or changed, the user chooses anew. */
  private keepChosen(): void {
    if (!this.chosen) return;
    const ref = this.now(this.chosen);
    this.chosen = ref === null ? null : { ...this.chosen, ref };
  }

  /** Sends a request or a wish. Says whether the server took it; where not, the user still has the text. */
  send(prompt: string): Promise<boolean> {
    return this.inTurn(() => this.sendNow(prompt));
  }

  private async sendNow(prompt: string): Promise<boolean> {
    const { project } = this;
    if (!project) return false;
    const ref = this.chosen?.ref;
    this.sending = prompt;
    this.failure = null;
    try {
      const mode = project.head === 0 && this.mode !== 'auto' ? { mode: this.mode } : {};
      const answer = await client.request(this.id, { prompt, base: project.head, ...(ref ? { ref } : {}), ...this.page, ...mode });
      this.chosen = null;
      this.conflict = null;
      if ('generation' in answer) void this.follow(performance.now());
      else await this.changed(answer);
      return true;
    } catch (error) {
      this.sending = null;
      this.refused(error);
      return false;
    }
  }

  async stop(): Promise<void> {
    await client.stop(this.id).catch((error: unknown) => session.fail(error));
  }

  /** Makes one change by hand. */
  edit(edit: Edit): Promise<boolean> {
    return this.inTurn(() => this.editNow(edit));
  }

  /** Makes one change to what the user saw on the page, which may have moved meanwhile. */
  editSeen(edit: HandEdit, was: string): Promise<boolean> {
    return this.inTurn(async () => {
      const ref = this.now({ ref: edit.ref, was });
      if (ref !== null) return this.editNow({ ...edit, ref });
      session.notice('The page had changed there meanwhile. Nothing was changed now; do it once more.');
      this.showAgain();
      return false;
    });
  }

  /** Each change is made on what the one before it left. */
  private inTurn<Made>(change: () => Promise<Made>): Promise<Made> {
    const made = this.changing.then(change);
    this.changing = made;
    return made;
  }

  /** Where on the page what was seen stands now. */
  private now(seen: Seen): string | null {
    return this.shown && placeNow(new DOMParser().parseFromString(this.shown.html, 'text/html'), seen);
  }

  /** The frame may show what was not taken. */
  private showAgain(): void {
    if (this.shown) this.shown = { ...this.shown, again: this.shown.again + 1 };
  }

  private async editNow(edit: Edit): Promise<boolean> {
    if (!this.project) return false;
    try {
      await this.changed(await client.edit(this.id, this.project.head, edit, this.page));
      return true;
    } catch (error) {
      this.refused(error);
      this.showAgain();
      return false;
    }
  }

  private async changed(change: Change): Promise<void> {
    // That a made-up text holds is noted, and makes no version.
    if (change.version !== this.project?.head) this.change = { version: change.version, lines: change.lines, summary: change.summary };
    session.announce(change.summary);
    await this.reload();
  }

  goTo(version: number): Promise<void> {
    return this.inTurn(() => this.goNow(version));
  }

  private async goNow(version: number): Promise<void> {
    try {
      this.project = await client.goTo(this.id, version, this.project?.head ?? 0);
      this.change = null;
      this.chosen = null;
      this.take(await this.read(this.project.head));
      session.announce(`Version ${version}`);
    } catch (error) {
      this.refused(error);
    }
  }

  /** Shows what another tab left, after a conflict. */
  async showNewest(): Promise<void> {
    this.conflict = null;
    await this.inTurn(() => this.reload());
    if (this.project?.generating) await this.follow();
  }

  private refused(error: unknown): void {
    if (error instanceof Refused && error.code === 'conflict') this.conflict = error.head ?? 0;
    else session.fail(error);
  }

  /** Follows the running generation to its end, through broken lines. */
  async follow(began: number | null = null): Promise<void> {
    if (this.following) return;
    this.following = true;
    this.writing = true;
    this.began = began;
    this.generation = nothingYet;
    this.change = null;
    try {
      for (let wait = 1_000; !(await this.hearAll()); wait = Math.min(wait * 2, 10_000)) {
        this.lost = true;
        await this.pause(wait);
      }
    } catch (error) {
      if (!this.closed.signal.aborted) session.fail(error);
    } finally {
      this.following = false;
      this.writing = false;
      this.lost = false;
    }
    if (!this.closed.signal.aborted) await this.ended();
  }

  /** Reads what the generation says, from its beginning. Says whether that came to an end. */
  private async hearAll(): Promise<boolean> {
    let generation = nothingYet;
    this.meter = new Meter();
    try {
      const body = await client.events(this.id, this.closed.signal);
      if (!body) return true;
      this.lost = false;
      for await (const batch of read(body)) {
        for (const told of batch) {
          generation = heard(generation, told);
          this.tell(told, generation);
        }
        this.generation = generation;
        if (generation.page) {
          const { path, html, whole } = generation.page;
          this.shown = { path, html, whole, madeUp: generation.madeUp.map(({ spot }) => spot), again: this.shown?.again ?? 0 };
        }
      }
    } catch (error) {
      if (this.closed.signal.aborted || (error instanceof Refused && error.status > 0)) throw error;
    }
    return hasEnded(generation);
  }

  private tell(told: Told, { attempts }: Generation): void {
    if (told.event === 'token') {
      this.meter.token(performance.now());
      this.tokensASecond = this.meter.rate(performance.now());
    }
    if (told.event === 'tier') {
      const last = attempts.at(-1);
      if (last) session.announce(last.state === 'answering' ? nowLine(attempts) : attemptLine(last));
    }
  }

  private async ended(): Promise<void> {
    const { page, patch, choices, error, done } = this.generation;
    // What was written last stays in sight.
    if (page) this.path = page.path;
    await this.reload();
    if (error) {
      const prompt = this.project?.talk.findLast(({ role }) => role === 'user')?.text ?? null;
      this.failure = { message: error.message, prompt, choices };
    } else if (patch) session.announce(patch.summary);
    else if (done) session.announce('The page is finished.');
    if (patch) this.change = patch;
  }

  /** Waits, at most until the network is back. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        removeEventListener('online', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      addEventListener('online', end);
    });
  }
}
