import { describe, expect, it } from 'vitest';
import { choicesTogether, domainsShown, routeOptions, routeShown, routeWay } from './routes';

const choice = (domain: string, route: string, reason = 'Because.') => ({ domain, route, reason });

describe('what is chosen', () => {
  it('is told once for domains that go the same way for the same reason', () => {
    const choices = [
      choice('a.test', 'direct'),
      choice('b.test', 'post.example', 'It refused us.'),
      choice('c.test', 'direct'),
      choice('d.test', 'direct', 'A rule.'),
    ];
    expect(choicesTogether(choices)).toEqual([
      { domains: ['a.test', 'c.test'], route: 'direct', reason: 'Because.' },
      { domains: ['b.test'], route: 'post.example', reason: 'It refused us.' },
      { domains: ['d.test'], route: 'direct', reason: 'A rule.' },
    ]);
    expect(routeShown('auto', choices)).toBe('Auto · direct, post.example');
  });

  it('names many domains in short', () => {
    expect(domainsShown(['a', 'b', 'c', 'd'])).toBe('a, b, c, d');
    expect(domainsShown(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 others');
  });

  it('ends a sentence', () => {
    expect(['auto', 'direct', 'post.example'].map(routeWay)).toEqual([
      'as Auto decides',
      'direct',
      'through post.example',
    ]);
  });
});

describe('what can be chosen', () => {
  it('shows direct with the reason why it is not offered, and all else as ever', () => {
    const why = 'Receivers expect letters from gmail.com from the servers of Gmail alone.';
    const barred = routeOptions(['Gmail'], 'auto', why);
    expect(barred.map(({ value, barred }) => [value, barred])).toEqual([
      ['auto', false],
      ['direct', true],
      ['Gmail', false],
    ]);
    expect(barred[1]?.text).toBe(why);
    expect(routeOptions(['Gmail']).some(({ barred }) => barred)).toBe(false);
  });
});
