/** What the Studio's server says and takes, as JSON. */

export type Kind = 'words' | 'html';

/** How a first page is made: as words that are laid out, as free HTML, or as the request suits best. */
export type Mode = 'auto' | 'words' | 'free';

export interface Studio {
  version: string;
  needs_key: boolean;
  ready: boolean;
  looks: { id: string; name: string }[];
  fonts: string[];
  tiers: { tier: number; name: string; pages: 'words' | 'html' | 'none' }[];
  pages: Kind;
}

export interface Summary {
  id: string;
  slug: string;
  name: string;
  updated_at: string | number;
  head: number;
  generating: boolean;
}

export interface Style {
  look: string;
  colour: string | null;
  fonts: string | null;
}

export interface Version {
  number: number;
  parent: number | null;
  at: string | number;
  cause: 'request' | 'wish' | 'hand';
  prompt: string | null;
  summary: string | null;
  tier: { number: number; name: string } | null;
  ms: number | null;
  first_paint_ms: number | null;
  tokens: number | null;
  cost_usd: number | null;
  partial: boolean;
}

export interface Said {
  role: 'user' | 'studio';
  text: string;
  version: number | null;
}

export interface Project extends Omit<Summary, 'updated_at'> {
  newest: number;
  kind: Kind;
  style: Style | null;
  network: boolean;
  talk: Said[];
  versions: Version[];
}

export interface Preview {
  path: string;
  html: string;
}

export interface MadeUp {
  spot: string;
  text: string;
  kind: 'price' | 'date' | 'day' | 'time' | 'number' | 'email' | 'phone' | 'link' | 'address' | 'name' | 'place';
}

export interface Content {
  number: number;
  kind: Kind;
  words: string | null;
  style: Style | null;
  pages: Preview[];
  preview: Preview;
  made_up: MadeUp[];
}

export interface DiffLine {
  op: 'same' | 'removed' | 'added';
  text: string;
}

export interface Edited {
  version: number;
  preview: Preview;
  style: Style | null;
  lines: DiffLine[];
  summary: string;
}

export type Edit =
  | { kind: 'text'; ref: string; text: string }
  | { kind: 'delete' | 'double' | 'confirm'; ref: string }
  | { kind: 'move'; ref: string; by: -1 | 1 }
  | { kind: 'style'; look?: string; colour?: string | null; fonts?: string | null }
  | { kind: 'source'; path: string; content: string }
  | { kind: 'words'; text: string };

export interface Request {
  prompt: string;
  base: number;
  ref?: string;
  /** The page that the element is on, where there are several. */
  path?: string;
  mode?: Mode;
}

/** Something that a wish may have meant, as a wish that is understood without a model. */
export interface Choice {
  label: string;
  prompt: string;
}

/** What is told of a generation while it runs. */
export type Told =
  | { event: 'tier'; tier: number; name: string; state: 'trying' | 'answering' | 'failed' | 'skipped'; reason: string | null; ms: number | null }
  | { event: 'token'; text: string }
  | { event: 'file'; path: string; html: string; whole: boolean }
  | { event: 'patch'; version: number; lines: DiffLine[]; summary: string }
  | { event: 'check'; facts_kept: string[]; facts_put_in: string[]; facts_missing: string[]; made_up: MadeUp[]; checks: { name: string; passed: boolean }[] }
  | { event: 'choices'; question: string; choices: Choice[] }
  | { event: 'error'; code: string; message: string }
  | {
      event: 'done';
      version: number;
      tier: number | null;
      name: string | null;
      ms: number | null;
      first_paint_ms: number | null;
      tokens: number | null;
      tokens_per_second: number | null;
      cost_usd: number | null;
    };
