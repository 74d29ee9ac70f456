import { describe, expect, it } from 'vitest';
import { moved } from './order';
import { ruleDomain, ruleFor, whyNoRule } from './rules';

describe('a rule', () => {
  it.each([
    ['example.org', 'example.org', 'example.org'],
    [' @Example.ORG. ', 'example.org', 'example.org'],
    ['*.example.org', '*.example.org', 'All below example.org'],
    ['*', '*', 'Everybody else'],
    ['bücher.example', 'bücher.example', 'bücher.example'],
  ])('for “%s” is kept as %s and said as “%s”', (typed, kept, said) => {
    expect(whyNoRule(typed, [])).toBe(null);
    expect(ruleDomain(typed)).toBe(kept);
    expect(ruleFor(kept)).toBe(said);
  });

  it.each(['', '*.', 'a b', 'x*.org', 'anna@example.org', 'Example.org'])('cannot be for “%s”', (typed) => {
    expect(whyNoRule(typed, [{ domain: 'example.org', route: 'direct' }])).not.toBe(null);
  });
});

it('moving keeps everything, and stays within the list', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
});
