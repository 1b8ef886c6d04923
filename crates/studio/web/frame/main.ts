/**
 * The preview's runtime. A page's scripts share its window, and can put their own in the place of whatever the browser gives to
 * scripts. So there are two kinds of frames: a still one, where pages are written and edited and nothing of them ever runs, and a
 * running one, which edits nothing.
 */

import { makeEditing, type Editing } from './editing';
import { watchFaults } from './faults';
import { makeHandle } from './handle';
import { inPlace } from './inplace';
import { holdLinks } from './links';
import { RUNNING, STILL, type FromFrame, type Page, type ToFrame } from './messages';
import { runScripts, show } from './morph';
import { watchScrolling } from './own';
import marks from './page.css?inline';

type Say = (message: FromFrame) => void;

function begin(port: MessagePort, still: boolean): void {
  const post = port.postMessage.bind(port);
  const say: Say = (message) => post(message);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(marks);
  document.adoptedStyleSheets = [sheet];
  watchFaults(say, still);
  holdLinks(say);
  watchScrolling();
  const hear = still ? beStill(say) : run(say);
  port.onmessage = (event: MessageEvent<ToFrame>) => hear(event.data);
  tellScroll(say);
  say({ type: 'ready' });
}

/** Shows pages of which nothing runs, and lets the user's hand edit them. */
function beStill(say: Say): (message: ToFrame) => void {
  forbidScripts();
  let waiting: Page | null = null;
  const handle = makeHandle(say);
  const texts = inPlace(say, () => {
    if (waiting) place(waiting);
    else editing.follow()();
  });
  const editing: Editing = makeEditing(handle, texts, say);

  function place(page: Page): void {
    // A text that is being typed is not pulled away from under the hand.
    if (texts.active()) {
      waiting = page;
      return;
    }
    waiting = null;
    const follow = editing.follow();
    showAt(page, true);
    follow();
    say({ type: 'shown' });
  }

  return (message) => {
    if (message.type === 'page') place(message);
    else if (message.type === 'editing') editing.turn(message.on);
    else if (message.type === 'chosen') handle.choose(message.ref);
    else {
      const element = document.querySelector<HTMLElement>(`[data-ref="${CSS.escape(message.ref)}"]`);
      element?.scrollIntoView({ block: 'center' });
      if (element && message.type === 'begin') texts.begin(element);
    }
  };
}

/** Shows one page, whose scripts run. */
function run(say: Say): (message: ToFrame) => void {
  let ran = false;
  addEventListener('dblclick', (event) => {
    if (event.isTrusted) say({ type: 'cannot', why: 'runs' });
  });
  return (message) => {
    if (message.type !== 'page' || ran) return;
    ran = true;
    showAt(message, false);
    say({ type: 'shown' });
    void runScripts();
  };
}

/** From here on the browser itself runs nothing of a page, whatever way to run it the page may have found. */
function forbidScripts(): void {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "script-src 'none'";
  document.head.append(policy);
}

function showAt(page: Page, still: boolean): void {
  const { scrollX, scrollY } = window;
  show(page, still);
  scrollTo({ left: scrollX, top: page.scroll ?? scrollY, behavior: 'instant' });
}

function tellScroll(say: Say): void {
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    requestAnimationFrame(() => {
      told = false;
      say({ type: 'scrolled', to: scrollY });
    });
  };
  addEventListener('scroll', tell, { passive: true });
}

function hello(event: MessageEvent): void {
  const [port] = event.ports;
  // The document's own origin is opaque; `location.origin` is that of the Studio which serves it.
  if (event.source !== parent || event.origin !== location.origin || !port) return;
  if (event.data !== STILL && event.data !== RUNNING) return;
  removeEventListener('message', hello);
  begin(port, event.data === STILL);
}

addEventListener('message', hello);
