/**
 * Stands in for the Studio's server in tests of the front end: the same addresses, the same policies, and tiers that do what
 * a script says, also what a real one cannot be made to do.
 */

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Project, Trouble } from './projects.mjs';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const STUDIO_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function framePolicy(network) {
  const more = network ? ' https:' : '';
  return [
    'sandbox allow-scripts',
    "default-src 'none'",
    `script-src 'unsafe-inline'${more}`,
    `style-src 'unsafe-inline'${more}`,
    `img-src data: blob:${more}`,
    `font-src data:${more}`,
    ...(network ? ['connect-src https:', 'media-src https:'] : []),
  ].join('; ');
}

export class StandIn {
  constructor({ key = null, pause = 4, writes = 'html' } = {}) {
    /** What the tiers write at most. */
    this.writes = writes;
    /**
     * How long the tiers take for a token, in ms; pages that are written freely (a page, or the first one and others with their
     * paths), and scripts, by their request.
     */
    this.options = { pause, pages: new Map(), scripts: new Map() };
    this.key = key;
    this.projects = new Map();
    /** Every call of the API that came, as `METHOD path`. */
    this.calls = [];
    this.open = new Set();
    this.refusesEvents = false;
  }

  async start(port = 0) {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise((ready) => this.server.listen(port, '127.0.0.1', ready));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((closed) => this.server.close(closed));
  }

  newest() {
    return [...this.projects.values()].at(-1);
  }

  /** Lets the newest project's generation go on past a gate. */
  pass(gate) {
    this.newest().generation.gates.get(gate)();
  }

  waitsAt(gate) {
    return this.newest()?.generation?.gates.has(gate) ?? false;
  }

  /** Cuts every stream of events, as a lost connection does. */
  cutStreams() {
    for (const response of this.open) response.destroy();
  }

  async answer(request, response) {
    const url = new URL(request.url, this.url);
    try {
      if (url.pathname.startsWith('/api/')) await this.api(request, url, response);
      else if (url.pathname === '/frame') this.file(response, 'frame/index.html', framePolicy(url.searchParams.has('network')));
      else if (url.pathname.startsWith('/p/')) this.page(response, url.pathname.slice(3));
      else this.file(response, url.pathname === '/' ? 'index.html' : url.pathname.slice(1), STUDIO_POLICY);
    } catch (error) {
      if (!(error instanceof Trouble)) console.error(error);
      const { status = 500, code = 'internal', message, more = {} } = error;
      send(response, status, { error: { code, message }, ...more });
    }
  }

  file(response, path, policy) {
    const file = join(DIST, normalize(path));
    if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy, 'x-content-type-options': 'nosniff' });
    createReadStream(file).pipe(response);
  }

  page(response, slug) {
    const project = [...this.projects.values()].find((one) => one.slug === slug);
    response.writeHead(project ? 200 : 404, { 'content-type': TYPES['.html'], 'content-security-policy': framePolicy(false) });
    response.end(project?.content(project.head).pages[0].html);
  }

  async api(request, url, response) {
    this.calls.push(`${request.method} ${url.pathname}`);
    const { origin } = request.headers;
    if (origin !== undefined && origin !== this.url) throw new Trouble(403, 'foreign_origin', 'Only the Studio itself may ask that.');
    if (url.pathname === '/api/studio') return send(response, 200, this.studio());
    if (this.key !== null && request.headers.authorization !== `Bearer ${this.key}`) throw new Trouble(401, 'no_key', 'A key is needed.');
    const body = await read(request);
    const [, , , id, what, number] = url.pathname.split('/');
    if (id === undefined) return this.all(request.method, response);
    const project = this.projects.get(id);
    if (!project) throw new Trouble(404, 'not_found', 'There is no such project.');
    if (what === 'events') return this.events(request, response, project);
    const [status, answer] = this.one(request.method, what, project, body, url, number);
    return send(response, status, answer);
  }

  all(method, response) {
    if (method === 'GET') return send(response, 200, { projects: [...this.projects.values()].reverse().map((one) => one.summary()) });
    const project = new Project(`page-${this.projects.size + 1}`, this.options);
    this.projects.set(project.id, project);
    return send(response, 201, project.summary());
  }

  one(method, what, project, body, url, number) {
    switch (`${method} ${what ?? ''}`) {
      case 'GET ':
        return [200, project.whole()];
      case 'PATCH ':
        Object.assign(project, body);
        return [200, project.whole()];
      case 'DELETE ':
        this.projects.delete(project.id);
        return [204];
      case 'GET versions':
        return [200, project.content(Number(number), url.searchParams.get('path'))];
      case 'GET diff':
        return [200, { lines: project.diff(Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))) }];
      case 'POST requests': {
        const { status, body: answer } = project.request(body);
        return [status, answer];
      }
      case 'POST stop':
        project.generation.stopped = true;
        for (const open of project.generation.gates.values()) open();
        return [204];
      case 'POST edits':
        return [200, project.edited(body)];
      case 'POST head':
        return [200, project.goTo(body.version)];
      default:
        throw new Trouble(404, 'not_found', 'There is nothing at that address.');
    }
  }

  events(request, response, project) {
    const { generation } = project;
    if (!generation) return response.writeHead(204).end();
    if (this.refusesEvents) return response.destroy();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.open.add(response);
    for (const text of generation.told) response.write(text);
    if (generation.ended) return response.end();
    const listen = (text) => (text === null ? response.end() : response.write(text));
    generation.listeners.add(listen);
    response.on('close', () => {
      generation.listeners.delete(listen);
      this.open.delete(response);
    });
  }

  studio() {
    const looks = ['harbour', 'almanac', 'poster', 'ledger', 'meadow', 'midnight'];
    return {
      version: '0.1.0', needs_key: this.key !== null, ready: true, pages: 'words', fonts: ['sans', 'serif', 'round', 'mono'],
      looks: looks.map((id) => ({ id, name: id.charAt(0).toUpperCase() + id.slice(1) })),
      tiers: [
        { tier: 1, name: 'Tier 1: On this machine', pages: 'words' },
        { tier: 3, name: 'Tier 3: Groq Cloud API', pages: this.writes },
      ],
    };
  }
}

async function read(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}
