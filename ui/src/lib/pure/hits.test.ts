import { expect, it } from 'vitest';
import { piecesOf } from './hits';

it('sets hits apart from the rest of a text', () => {
  const shown = (text: string, spans: [number, number][]) =>
    piecesOf(text, spans)
      .map(({ text, hit }) => (hit ? `[${text}]` : text))
      .join('');
  expect(shown('Of bees', [[3, 7]])).toBe('Of [bees]');
  expect(shown('bees', [[0, 4]])).toBe('[bees]');
  expect(
    shown('a b a', [
      [0, 1],
      [4, 5],
    ]),
  ).toBe('[a] b [a]');
  expect(shown('other text', [[3, 70]])).toBe('other text');
  expect(shown('', [])).toBe('');
});
