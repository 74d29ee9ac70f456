import { describe, expect, it } from 'vitest';
import type { DirectVerdict, NetworkNow } from '../engine/types';
import { ageWords, footLine, networkWords } from './networks';

const NOW = new Date('2026-11-22T14:00:00Z');
const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

function known(verdict: DirectVerdict | null, more: { fresh?: boolean; whole?: number | null } = {}): NetworkNow {
  const report = { verdict: verdict ?? 'good', because: '', findings: [], took_ms: 1, for_support: '' };
  const { fresh = true, whole = 1 } = more;
  const whole_at = whole === null ? null : ago(whole);
  const latest = verdict === null ? null : { at: ago(1), whole_at, fresh, report };
  return { here: 'recognised', network: null, latest, identities: [] };
}

describe('what there is to say of a network', () => {
  it.each([
    [null, null],
    [known('good'), 'direct works here'],
    [known('risky'), 'direct is risky here'],
    [known('blocked'), 'direct is blocked here'],
    [known(null), 'not checked yet'],
    [known('good', { fresh: false }), 'not checked lately'],
    [{ ...known('good'), here: 'nowhere' } satisfies NetworkNow, 'offline'],
    [{ ...known(null), here: 'unrecognised' } satisfies NetworkNow, 'not checked yet'],
  ])('claims nothing that nobody looked at (%#)', (now, expected) => {
    expect(networkWords(now)).toBe(expected);
  });

  it('stands behind the sync where that is in order, and not beside what needs a person', () => {
    const line = (tone: 'good' | 'busy' | 'refused') => ({ text: 'Up to date', tone, wants: null });
    expect(footLine(line('good'), known('good'))).toEqual({
      ...line('good'),
      text: 'Up to date · direct works here',
    });
    expect(footLine(line('good'), known('blocked')).tone).toBe('waiting');
    expect(footLine(line('good'), null)).toEqual(line('good'));
    for (const tone of ['busy', 'refused'] as const) expect(footLine(line(tone), known('good'))).toEqual(line(tone));
  });

  it('says how old it is', () => {
    const latest = (now: NetworkNow) => now.latest!;
    expect(ageWords(latest(known('good')), NOW)).toMatch(/^Checked \S+, 1 h 0 min ago\.$|^Checked \S+, 1 h ago\.$/);
    expect(ageWords(latest(known('good')), new Date(ago(1)))).toMatch(/^Checked \S+, just now\.$/);
    expect(ageWords(latest(known('good', { whole: 5 })), NOW)).toContain('everything was looked at');
    expect(ageWords(latest(known('good', { fresh: false })), NOW)).toContain('more than a day old');
    expect(ageWords(latest(known('risky', { whole: null })), NOW)).toContain('what mail servers said');
  });
});
