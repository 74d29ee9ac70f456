import { describe, expect, it } from 'vitest';
import { moved } from './order';
import { newRules, ruleDomain, ruleFor, whyNoRule, withRule } from './rules';

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

describe('a rule from the composer', () => {
  const rules = [
    { domain: 'example.org', route: 'direct' },
    { domain: '*', route: 'post.example' },
  ];

  it('takes the place of one for the same domain', () => {
    expect(withRule(rules, { domain: 'Example.org', route: 'auto' })).toEqual([
      { domain: 'Example.org', route: 'auto' },
      rules[1],
    ]);
    expect(withRule(rules, { domain: 'example.net', route: 'direct' })).toHaveLength(3);
  });

  it('is offered only where it would change something', () => {
    const domains = ['example.org', 'example.net'];
    expect(newRules(rules, domains, 'direct')).toEqual(['example.net']);
    expect(newRules(rules, domains, 'post.example')).toEqual(domains);
    expect(newRules(rules, domains, 'auto')).toEqual(['example.org']);
  });
});
