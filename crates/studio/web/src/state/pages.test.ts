import { expect, test } from 'vitest';

import { isPage, pageAt } from './pages';

const PAGES = ['index.html', 'about.html', 'menu/index.html', 'menu/lunch time.html'];

test('a link leads to another page of the same version', () => {
  const to = (href: string, from = 'index.html') => pageAt(href, from, PAGES);
  expect(to('about.html')).toBe('about.html');
  expect(to('./about.html?x=1#team')).toBe('about.html');
  expect(to('/about')).toBe('about.html');
  expect(to('/')).toBe('index.html');
  expect(to('menu')).toBe('menu/index.html');
  expect(to('menu/lunch%20time.html')).toBe('menu/lunch time.html');
  expect(to('../about.html', 'menu/index.html')).toBe('about.html');
});

test('a link that leads elsewhere leads to no page', () => {
  for (const href of ['https://example.org/about.html', '//example.org/about.html', 'mailto:a@b.c', 'javascript:alert(1)', 'gone.html', 'https://', '%zz']) {
    expect(pageAt(href, 'index.html', PAGES)).toBeNull();
  }
});

test('styles and scripts are no pages', () => {
  expect(['index.html', 'a/b.HTM', 'style.css', 'app.js', 'html'].map(isPage)).toEqual([true, true, false, false, false]);
});
