/** Words, and a page of them: as much of the kit as the front end's tests need. */

/** @typedef {{name: string, sentence: string, sections: {heading: string, lines: {name: string, detail: string}[]}[], button: string}} Words */

/** @returns {Words} */
export function parse(text) {
  const words = { name: '', sentence: '', sections: [], button: '' };
  for (const line of text.split('\n')) {
    const item = /^- \*\*(.*?)\*\*:?\s*(.*)$/.exec(line);
    const section = words.sections.at(-1);
    if (line.startsWith('# ')) words.name = line.slice(2);
    else if (line.startsWith('> ')) words.sentence = line.slice(2);
    else if (line.startsWith('## ')) words.sections.push({ heading: line.slice(3), lines: [] });
    else if (/^\[.+\]$/.test(line)) words.button = line.slice(1, -1);
    else if (item && section) section.lines.push({ name: item[1], detail: item[2] });
    else if (line.trim() && section) section.lines.push({ name: '', detail: line });
  }
  return words;
}

/** @param {Words} words */
export function print(words) {
  const lines = [`# ${words.name}`];
  if (words.sentence) lines.push(`> ${words.sentence}`);
  for (const { heading, lines: own } of words.sections) {
    lines.push(`## ${heading}`, ...own.map(({ name, detail }) => (name ? `- **${name}**: ${detail}` : detail)));
  }
  if (words.button) lines.push(`[${words.button}]`);
  return `${lines.join('\n')}\n`;
}

const COLOURS = { harbour: '#2b6a86', almanac: '#9a3b26', poster: '#b3261e', ledger: '#3046a8', meadow: '#2f6b3f', midnight: '#8aa2ff' };

/** @param {Words} words */
export function page(words, style, marked, madeUp = []) {
  const tone = style.colour ?? COLOURS[style.look];
  const dark = style.look === 'midnight';
  const escape = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
  const ref = (name) => (marked ? ` data-ref="${name}"${madeUp.includes(name) ? ' data-made-up' : ''}` : '');
  const sections = words.sections.map(({ heading, lines }, s) => {
    const items = lines.map(({ name, detail }, l) =>
      name
        ? `<li${ref(`s${s}.${l}`)}><b${ref(`s${s}.${l}.name`)}>${escape(name)}</b><span${ref(`s${s}.${l}.detail`)}>${escape(detail)}</span></li>`
        : `<p${ref(`s${s}.${l}`)}>${escape(detail)}</p>`,
    );
    return `<section id="part-${s}"${ref(`s${s}`)}><h2${ref(`s${s}.heading`)}>${escape(heading)}</h2><ul>${items.join('')}</ul></section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(words.name)}</title><style>
body{margin:0;font:17px/1.6 ${style.fonts === 'serif' ? 'Georgia,serif' : 'system-ui,sans-serif'};background:${dark ? '#10131c' : '#fdfcfa'};color:${dark ? '#e9ecf6' : '#22272a'}}
header{padding:96px 8vw 72px;border-bottom:1px solid ${tone}33}h1{margin:0;font-size:clamp(40px,8vw,88px);line-height:1;letter-spacing:-.03em;font-weight:600}
header p{max-width:32em;font-size:20px}a{display:inline-block;padding:12px 22px;background:${tone};color:${dark ? '#10131c' : '#fff'};text-decoration:none}
section{padding:48px 8vw}h2{font-size:15px;color:${tone};letter-spacing:.04em}ul{padding:0;margin:0;max-width:620px}li{display:flex;justify-content:space-between;gap:24px;padding:12px 0;border-bottom:1px solid ${tone}33}p{max-width:38em}
</style></head><body><header><h1${ref('name')}>${escape(words.name)}</h1>${words.sentence ? `<p${ref('sentence')}>${escape(words.sentence)}</p>` : ''}${words.button ? `<a href="#part-0"${ref('button')}>${escape(words.button)}</a>` : ''}</header><main>${sections.join('')}</main></body></html>`;
}

/** Makes one hand edit. Throws a sentence where nothing is there to edit. */
export function edit(words, change) {
  const nothing = () => {
    throw new Error('There is nothing at that place any more.');
  };
  const { ref } = change;
  if (ref === 'name' || ref === 'sentence' || ref === 'button') {
    if (change.kind === 'text') words[ref] = change.text;
    else if (change.kind === 'delete' && ref !== 'name') words[ref] = '';
    else throw new Error('That stays where it is.');
    return;
  }
  const [, s, rest] = /^s(\d+)(?:\.(.+))?$/.exec(ref) ?? nothing();
  const section = words.sections[s] ?? nothing();
  if (rest === 'heading' && change.kind === 'text') section.heading = change.text;
  else if (rest === undefined || rest === 'heading') reorder(words.sections, Number(s), change);
  else {
    const [l, part] = rest.split('.');
    const line = section.lines[l] ?? nothing();
    if (change.kind === 'text') line[part ?? 'detail'] = change.text;
    else reorder(section.lines, Number(l), change);
  }
}

function reorder(list, at, change) {
  if (change.kind === 'delete') list.splice(at, 1);
  else if (change.kind === 'double') list.splice(at, 0, structuredClone(list[at]));
  else {
    if (!list[at + change.by]) throw new Error('It cannot be moved further.');
    list.splice(at + change.by, 0, ...list.splice(at, 1));
  }
}

/** The lines of two texts beside each other, by their longest common part. */
export function diff(before, after) {
  const [a, b] = [before, after].map((text) => text.split('\n').filter(Boolean));
  const length = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) length[i][j] = a[i] === b[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  }
  const lines = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push({ op: 'same', text: a[i++] }) && j++;
    else if (i < a.length && (j === b.length || length[i + 1][j] >= length[i][j + 1])) lines.push({ op: 'removed', text: a[i++] });
    else lines.push({ op: 'added', text: b[j++] });
  }
  return lines;
}
