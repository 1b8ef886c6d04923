/**
 * The preview's runtime. It shares its window with whatever a page's scripts do, so what it needs is taken before they run,
 * and it heeds only what the user's own hand does.
 */

import { makeEditing } from './editing';
import { watchFaults } from './faults';
import { makeHandle } from './handle';
import { inPlace } from './inplace';
import { holdLinks } from './links';
import { HELLO, type FromFrame, type Page, type ToFrame } from './messages';
import { runScripts, scriptsWait, show } from './morph';
import marks from './page.css?inline';

function begin(port: MessagePort): void {
  const post = port.postMessage.bind(port);
  const say = (message: FromFrame): void => post(message);
  let waiting: Page | null = null;
  let ran = false;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(marks);
  document.adoptedStyleSheets = [sheet];
  const handle = makeHandle(say);
  const texts = inPlace(say, () => {
    if (waiting) place(waiting);
    editing.follow();
  });
  const editing = makeEditing(handle, texts, say);
  watchFaults(say);
  holdLinks(say);

  function place(page: Page): void {
    // A text that is being typed is not pulled away from under the hand.
    if (texts.active()) {
      waiting = page;
      return;
    }
    waiting = null;
    const { scrollX, scrollY } = window;
    show(page);
    scrollTo({ left: scrollX, top: page.scroll ?? scrollY, behavior: 'instant' });
    editing.follow();
    const scripts = scriptsWait();
    say({ type: 'shown', whole: page.whole, scripts: scripts || ran });
    if (page.whole && page.run && scripts && !ran) {
      ran = true;
      void runScripts();
    }
  }

  function hear(message: ToFrame): void {
    if (message.type === 'page') place(message);
    else if (message.type === 'editing') editing.turn(message.on);
    else if (message.type === 'chosen') handle.choose(message.ref);
    else {
      const element = document.querySelector<HTMLElement>(`[data-ref="${CSS.escape(message.ref)}"]`);
      element?.scrollIntoView({ block: 'center' });
      if (element && message.type === 'begin') texts.begin(element);
    }
  }

  port.onmessage = (event: MessageEvent<ToFrame>) => hear(event.data);
  let told = false;
  addEventListener(
    'scroll',
    () => {
      if (told) return;
      told = true;
      requestAnimationFrame(() => {
        told = false;
        say({ type: 'scrolled', to: scrollY });
      });
    },
    { passive: true },
  );
  say({ type: 'ready' });
}

function hello(event: MessageEvent): void {
  const [port] = event.ports;
  // The document's own origin is opaque; `location.origin` is that of the Studio which serves it.
  if (event.source !== parent || event.origin !== location.origin || event.data !== HELLO || !port) return;
  removeEventListener('message', hello);
  begin(port);
}

addEventListener('message', hello);
