import { expect, test } from 'vitest';

import { refusal } from './client';

test('a conflict names the version that stands there, wherever the server puts it', () => {
  expect(refusal(409, '{"error":{"code":"conflict","message":"Changed."},"head":5}')).toMatchObject({ code: 'conflict', head: 5 });
  expect(refusal(409, '{"error":{"code":"conflict","message":"Changed.","head":6}}')).toMatchObject({ code: 'conflict', head: 6 });
});

test('an answer that is no JSON still gives a sentence', () => {
  expect(refusal(502, '<h1>Bad gateway</h1>')).toMatchObject({ status: 502, code: 'http_502', message: 'The Studio answered with an error (502).' });
  expect(refusal(500, '[]').message).toContain('500');
});
