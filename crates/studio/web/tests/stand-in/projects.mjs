/** Projects in memory: versions that are never overwritten, a head that moves, one generation at a time. */

import { diff, edit, page, parse, print } from './words.mjs';
import { scriptFor } from './scripts.mjs';

export class Trouble extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    Object.assign(this, { status, code, more });
  }
}

const LOOK = { look: 'harbour', colour: null, fonts: null };

export class Project {
  constructor(id, options) {
    Object.assign(this, { id, slug: id, name: 'A new page', head: 0, network: false, talk: [], versions: [], generation: null, options });
    this.at = Date.now();
  }

  summary() {
    const { id, slug, name, head } = this;
    return { id, slug, name, head, updated_at: new Date(this.at).toISOString(), generating: this.running() };
  }

  whole() {
    const own = this.versions.find(({ number }) => number === this.head);
    return {
      ...this.summary(),
      newest: this.versions.length,
      kind: own?.kind ?? 'words',
      style: own?.style ?? null,
      network: this.network,
      talk: this.talk,
      versions: this.versions.map(({ number, parent, at, cause, prompt, summary, tier, ms, tokens, cost_usd, partial }) => ({
        number, parent, at, cause, prompt, summary, tier, ms, first_paint_ms: null, tokens, cost_usd, partial,
      })),
    };
  }

  running() {
    return this.generation !== null && !this.generation.ended;
  }

  version(number) {
    const found = this.versions.find((one) => one.number === number);
    if (!found) throw new Trouble(404, 'not_found', 'There is no such version.');
    return found;
  }

  /** A version, with the preview of its page at `path`. Tests mark free pages themselves: they are their own preview. */
  content(number, path = null) {
    const { kind, text, more, style, madeUp } = this.version(number);
    const own = (marked) => (kind === 'html' ? text : page(parse(text), style, marked, madeUp.map(({ spot }) => spot)));
    const previews = [{ path: 'index.html', html: own(true) }, ...more];
    const preview = path === null ? previews[0] : previews.find((one) => one.path === path);
    if (!preview) throw new Trouble(404, 'not_found', `There is no page ${path} in this version.`);
    return {
      number, kind, style: kind === 'html' ? null : style, words: kind === 'html' ? null : text, made_up: madeUp,
      pages: [{ path: 'index.html', html: own(false) }, ...more],
      preview,
    };
  }

  diff(from, to) {
    return diff(this.version(from).text, this.version(to).text);
  }

  check(base) {
    if (this.running()) throw new Trouble(409, 'busy', 'This project is being written just now.');
    if (base !== this.head) throw new Trouble(409, 'conflict', 'The project has changed in the meantime.', { head: this.head });
  }

  save(version) {
    const number = this.versions.length + 1;
    const parent = this.head === 0 ? null : this.head;
    const before = this.versions.find((one) => one.number === parent);
    this.versions.push({
      kind: 'words', more: before?.more ?? [], style: before?.style ?? LOOK, madeUp: before?.madeUp ?? [], prompt: null, tier: null, ms: null, tokens: null, cost_usd: null, partial: false,
      ...version, number, parent, at: new Date().toISOString(),
    });
    this.head = number;
    this.at = Date.now();
    return number;
  }

  edited({ base, edit: change, path = null }) {
    this.check(base);
    const before = this.version(this.head);
    const next = { cause: 'hand', kind: before.kind, text: before.text, style: before.style, madeUp: before.madeUp };
    if (change.kind === 'style') {
      const { kind, ...own } = change;
      next.style = { ...before.style, ...own };
      next.summary = 'The style is another one';
    } else if (change.kind === 'confirm') {
      before.madeUp = before.madeUp.filter(({ spot }) => spot !== change.ref);
      const { preview, style } = this.content(this.head);
      return { version: this.head, preview, style, lines: [], summary: 'It holds.' };
    } else if (before.kind === 'html' && change.kind === 'text') {
      // As much of a free page as one test needs: the text of an element without children.
      const typed = (html) => html.replace(new RegExp(`(data-ref="${change.ref}"[^>]*>)[^<]*`), `$1${change.text}`);
      if (path === null || path === 'index.html') next.text = typed(before.text);
      else next.more = before.more.map((one) => (one.path === path ? { ...one, html: typed(one.html) } : one));
      next.summary = 'A text is another one';
    } else if (change.kind === 'source' && change.path !== 'index.html') {
      next.more = before.more.map((one) => (one.path === change.path ? { ...one, html: change.content } : one));
      next.summary = 'Edited in the code';
    } else if (change.kind === 'words' || change.kind === 'source') {
      next.text = change.text ?? change.content;
      next.summary = 'Edited in the code';
    } else {
      const words = parse(before.text);
      try {
        edit(words, change);
      } catch (error) {
        throw new Trouble(422, 'changed_nothing', error.message);
      }
      next.text = print(words);
      next.madeUp = before.madeUp.filter(({ spot }) => spot !== change.ref);
      next.summary = { text: 'A text is another one', delete: 'Taken away', move: 'Moved', double: 'Doubled' }[change.kind];
    }
    const version = this.save(next);
    const content = this.content(version, path);
    return { version, preview: content.preview, style: content.style, lines: diff(before.text, next.text), summary: next.summary };
  }

  goTo(number) {
    if (this.running()) throw new Trouble(409, 'busy', 'This project is being written just now.');
    this.version(number);
    this.head = number;
    return this.whole();
  }

  request({ prompt, base, path = null, mode = 'auto' }) {
    this.mode = mode;
    if (prompt.trim() === '') throw new Trouble(400, 'empty_prompt', 'Say what the page is for.');
    this.check(base);
    this.talk.push({ role: 'user', text: prompt, version: null });
    if (/make it green/i.test(prompt)) {
      const answer = this.edited({ base, edit: { kind: 'style', colour: '#2e7d32' } });
      const summary = 'It is green now.';
      Object.assign(this.versions.at(-1), { cause: 'wish', prompt, summary });
      this.talk.push({ role: 'studio', text: summary, version: answer.version });
      return { status: 200, body: { ...answer, summary } };
    }
    this.generation = new Generation(this, prompt, path);
    void this.generation.run();
    return { status: 202, body: { generation: `${this.id}-g` } };
  }
}

/** A generation: it goes on whoever listens, and tells everyone from its beginning. */
class Generation {
  constructor(project, prompt, path) {
    Object.assign(this, { project, prompt, path, told: [], listeners: new Set(), ended: false, stopped: false, gates: new Map() });
  }

  tell(event, data) {
    const text = `event: ${event}\nid: ${this.told.length + 1}\ndata: ${JSON.stringify(data)}\n\n`;
    this.told.push(text);
    for (const listen of this.listeners) listen(text);
  }

  async run() {
    const { project, prompt } = this;
    const { pause } = project.options;
    const [free, ...more] = [project.options.pages.get(prompt) ?? []].flat();
    const { steps, by } = project.options.scripts.get(prompt) ?? scriptFor(prompt, pause);
    const style = project.versions.at(-1)?.style ?? LOOK;
    let text = '';
    const begun = performance.now();
    for (const step of steps) {
      if (this.stopped) break;
      if (step.pause !== undefined) await new Promise((later) => setTimeout(later, step.pause));
      else if (step.gate) await new Promise((open) => this.gates.set(step.gate, open));
      else if (step.token !== undefined) {
        text += step.token;
        this.tell('token', { text: step.token });
        if (step.token.includes('\n')) this.file(text, style, false, free);
      } else {
        const { event, ...data } = step;
        this.tell(event, data);
        if (event === 'error') {
          this.end();
          return;
        }
      }
    }
    const madeUp = free ? [] : by.madeUp ?? [{ spot: 's3.0.detail', text: '040 123456', kind: 'phone' }].filter(() => text.includes('040 123456'));
    const before = project.versions.find(({ number }) => number === project.head)?.text ?? '';
    const ms = Math.round(performance.now() - begun);
    const summary = this.stopped ? 'Stopped: what was there is kept.' : 'The page is finished.';
    const version = project.save({
      kind: free ? 'html' : 'words', text: free ?? text, more, style, madeUp, prompt, summary, ms, cause: 'request', partial: this.stopped,
      tier: { number: by.tier, name: by.name }, tokens: steps.length, cost_usd: by.cost_usd ?? 0,
    });
    project.name = free ? 'A free page' : parse(text).name || project.name;
    const seen = more.find(({ path }) => path === this.path);
    if (seen) this.tell('file', { ...seen, whole: true });
    else this.file(text, style, true, free, madeUp);
    this.tell('check', { facts_kept: ['Nord'], facts_put_in: [], facts_missing: by.missing ?? [], made_up: madeUp, checks: [{ name: 'a whole page', passed: true }] });
    if (before) this.tell('patch', { version, lines: diff(before, text), summary });
    project.talk.push({ role: 'studio', text: summary, version });
    this.tell('done', { version, tier: by.tier, name: by.name, ms, first_paint_ms: 500, tokens: 120, tokens_per_second: 24, cost_usd: by.cost_usd ?? 0 });
    this.end();
  }

  file(text, style, whole, free, madeUp = []) {
    const html = free ?? page(parse(text), style, true, madeUp.map(({ spot }) => spot));
    this.tell('file', { path: 'index.html', html, whole });
  }

  end() {
    this.ended = true;
    for (const listen of this.listeners) listen(null);
  }
}
