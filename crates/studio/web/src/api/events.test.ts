import { expect, test } from 'vitest';

import { Events } from './events';

const STREAM =
  'event: tier\nid: 1\ndata: {"tier":1,"name":"A","state":"trying","reason":null,"ms":null}\n\n: quiet\n\nevent: token\r\nid: 2\r\ndata: {"text":"# Nörd\\n"}\r\n\r\n';

test('a stream that is cut anywhere tells the same', () => {
  const whole = new Events().push(STREAM);
  expect(whole.map(({ event }) => event)).toEqual(['tier', 'token']);
  for (let cut = 1; cut < STREAM.length; cut++) {
    const events = new Events();
    expect([...events.push(STREAM.slice(0, cut)), ...events.push(STREAM.slice(cut))]).toEqual(whole);
  }
});

test('what is no event of the Studio is passed over', () => {
  expect(new Events().push('event: surprise\ndata: {}\n\nevent: token\ndata: {broken\n\ndata: {"text":"x"}\n\n')).toEqual([]);
});

test('an event that is not whole yet is not told', () => {
  expect(new Events().push('event: token\ndata: {"text":"x"}\n')).toEqual([]);
});
