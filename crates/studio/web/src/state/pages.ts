/** The several pages of one version. */

/** Whether a file is a page, and no style or script of one. */
export function isPage(path: string): boolean {
  return /\.html?$/i.test(path);
}

/** Which of `pages` a link on the page `from` leads to; none where it leads elsewhere. */
export function pageAt(href: string, from: string, pages: string[]): string | null {
  // Any host does, as long as no page can mean it.
  const root = 'https://pages.invalid/';
  let url: URL;
  try {
    url = new URL(href, root + from);
  } catch {
    return null;
  }
  if (url.origin !== new URL(root).origin) return null;
  const path = decoded(url.pathname.slice(1));
  const names = [path, `${path}.html`, path === '' || path.endsWith('/') ? `${path}index.html` : `${path}/index.html`];
  return names.map((name) => pages.find((page) => page === name)).find((page) => page !== undefined) ?? null;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
