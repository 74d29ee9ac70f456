import { describe, expect, it } from 'vitest';
import type { MarkEncryption, MarkKind, MarkTone, RecipientMark } from '../engine/types';
import { markLook, markWords, meantDomain, travelling, troubles } from './recipient-marks';

const mark = (kind: MarkKind, tone: MarkTone, encryption: MarkEncryption = 'unknown'): RecipientMark => ({
  address: 'anna@example.org',
  settled: true,
  kind,
  tone,
  encryption,
  label: 'in words',
  text: '',
  instead: null,
});

describe('a mark on a recipient', () => {
  it('has a shape for each meaning', () => {
    const looks = [
      mark('fine', 'quiet'),
      mark('fine', 'quiet', 'verified'),
      mark('fine', 'quiet', 'unverified'),
      mark('fine', 'caution', 'none'),
      mark('misspelt', 'caution'),
      mark('null-mx', 'stop'),
      mark('not-answered', 'quiet'),
    ].map(markLook);
    expect(looks).toEqual([
      { icon: 'check', tone: 'quiet' },
      { icon: 'lock', tone: 'good' },
      { icon: 'lock-unverified', tone: 'quiet' },
      { icon: 'lock-open', tone: 'caution' },
      { icon: 'warning', tone: 'caution' },
      { icon: 'stop', tone: 'stop' },
      { icon: 'unknown', tone: 'quiet' },
    ]);
  });

  it('is told in words', () => {
    expect(markWords('anna@example.org', mark('fine', 'quiet'))).toBe('anna@example.org, in words');
    expect(markWords('anna@example.org', undefined)).toBe('anna@example.org');
  });

  it('is said aloud only where somebody should look', () => {
    const marks: Record<string, RecipientMark> = {
      'a@x.test': mark('fine', 'quiet'),
      'b@x.test': mark('null-mx', 'stop'),
      'c@x.test': mark('misspelt', 'caution'),
    };
    expect(troubles(['a@x.test', 'b@x.test', 'c@x.test', 'd@x.test'], (address) => marks[address])).toBe(
      'b@x.test, in words. c@x.test, in words',
    );
  });

  it('names the domain that was meant', () => {
    expect(meantDomain('"a@b"@gmail.com')).toBe('gmail.com');
  });
});

describe('the size of a letter on its way', () => {
  it('is that of its files in base64, and a little more', () => {
    expect(travelling(0)).toBe(4096);
    expect(travelling(57)).toBe(4096 + 78);
    expect(travelling(1_000_000)).toBeGreaterThan(1_333_333);
  });
});
