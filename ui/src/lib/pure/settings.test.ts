import { describe, expect, it } from 'vitest';
import { durationWords, pausesWords, SETTINGS, valueWords, whyNot, type SettingOf } from './settings';

const all = SETTINGS.flatMap(({ settings }) => settings);
const of = (key: string) => all.find((setting) => setting.key === key) as SettingOf;

it.each([
  [90, '90 s'],
  [300, '5 min'],
  [305, '5 min 5 s'],
  [4800, '1 h 20 min'],
  [7200, '2 h'],
  [86_400, '1 day'],
  [129_600, '36 h'],
  [432_000, '5 days'],
])('%s seconds are %s', (seconds, shown) => {
  expect(durationWords(seconds)).toBe(shown);
});

describe('pauses', () => {
  it.each([
    ['5m,10m,80m,2h', 'After 5 min, 10 min, 1 h 20 min, then every 2 h'],
    ['90s', 'Every 90 s'],
    [' 5m , 2h ', 'After 5 min, then every 2 h'],
    ['5m,', null],
    ['', null],
    ['0m', null],
    ['soon', null],
  ])('“%s” are read as “%s”', (text, said) => {
    expect(pausesWords({ kind: 'pauses' }, text)).toBe(said);
  });

  it('for greylisting go on with those between other tries', () => {
    expect(pausesWords({ kind: 'first-pauses' }, '1m,5m')).toBe('After 1 min, 5 min, then as between other tries');
  });
});

describe('a setting', () => {
  it('can be each of its choices, and each of them has words', () => {
    for (const setting of all) {
      for (const value of setting.choices) {
        expect(whyNot(setting, value), setting.key).toBe(null);
        expect(valueWords(setting, value), setting.key).not.toBe(value);
      }
    }
  });

  it.each([
    ['outbound.undo_seconds', '121'],
    ['outbound.undo_seconds', '-1'],
    ['outbound.undo_seconds', ''],
    ['outbound.schedule', '5 parsecs'],
  ])('%s cannot be “%s”', (key, value) => {
    expect(whyNot(of(key), value)).not.toBe(null);
  });

  it('says its values in words, also one that came from the command line', () => {
    expect(valueWords(of('outbound.dane'), 'when-proven')).toBe('Hold to them where they are proven');
    expect(valueWords(of('outbound.max_age'), '5d')).toBe('5 days');
    expect(valueWords(of('outbound.max_age'), '36h')).toBe('36 h');
    expect(valueWords(of('outbound.schedule'), '5m,2h')).toBe('5m,2h');
  });
});
