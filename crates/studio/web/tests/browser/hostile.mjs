/** A page that tries to reach all that is not its own, and writes what came of it into `#said`. */
export const HOSTILE = `<!doctype html><html><head><title>Hostile</title></head><body><h1 data-ref="e5">Hello</h1><output id="said"></output><script>
(async () => {
  const tries = {
    storage: () => localStorage.length,
    session: () => sessionStorage.length,
    cookies: () => document.cookie,
    parent: () => parent.document.title,
    key: () => parent.sessionStorage.getItem('tierfall.key'),
    top: () => { top.location = 'about:blank'; return 'asked' },
    popup: () => open('/').document.title,
    databases: () => indexedDB.open('x').readyState,
    api: async () => (await fetch('/api/projects')).status,
    apiAsText: async () => (await fetch(location.origin + '/api/projects', { mode: 'no-cors' })).type,
    elsewhere: async () => (await fetch('https://example.org/')).status,
    worker: () => new Promise((ran, refused) => {
      const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
      worker.onmessage = () => ran('a worker');
      worker.onerror = () => refused(new TypeError());
    }),
  };
  const said = {};
  for (const [name, attempt] of Object.entries(tries)) {
    try { said[name] = 'GOT ' + await attempt(); } catch (error) { said[name] = error.name; }
  }
  for (const message of [{ type: 'edit', edit: { kind: 'delete', ref: 'e5' } }, 'tierfall-preview']) {
    parent.postMessage(message, '*');
    parent.postMessage(message, '*', [new MessageChannel().port1]);
  }
  const heading = document.querySelector('h1');
  for (const type of ['dblclick', 'focusin', 'pointerover']) heading.dispatchEvent(new MouseEvent(type, { bubbles: true }));
  for (const key of ['Delete', 'Enter']) heading.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  document.getElementById('said').textContent = JSON.stringify(said);
})();
</script></body></html>`;
