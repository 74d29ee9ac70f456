import { describe, expect, it } from 'vitest';
import { isAddress, readRecipient, readRecipients, shownNames, splitList, withoutDoubles } from './address';

describe('an address', () => {
  it.each([
    'anna@example.org',
    'Anna.B+x@Example.ORG',
    '"odd name"@example.org',
    'anna@bücher.example',
    'a@[192.0.2.1]',
  ])('%s can be written to', (text) => expect(isAddress(text)).toBe(true));

  it.each([
    'anna',
    '@example.org',
    'a..b@example.org',
    'an na@example.org',
    'anna@',
    'anna@exa mple.org',
    'anna@-x.org',
    '',
  ])('“%s” cannot be written to', (text) => expect(isAddress(text)).toBe(false));

  it('is no longer than a server takes', () => {
    expect(isAddress(`${'a'.repeat(64)}@example.org`)).toBe(true);
    expect(isAddress(`${'a'.repeat(65)}@example.org`)).toBe(false);
  });
});

describe('what is typed or pasted', () => {
  it('is split where a new recipient begins, not inside a name', () => {
    expect(splitList('a@x.test, "Doe, Jane" <j@x.test>; b@x.test\nc@x.test,,')).toEqual([
      'a@x.test',
      '"Doe, Jane" <j@x.test>',
      'b@x.test',
      'c@x.test',
    ]);
  });

  it.each([
    ['anna@example.org', null, 'anna@example.org', true],
    ['Anna Berg <anna@example.org>', 'Anna Berg', 'anna@example.org', true],
    ['"Doe, \\"J\\"" <j@x.test>', 'Doe, "J"', 'j@x.test', true],
    ['<anna@example.org>', null, 'anna@example.org', true],
    ['mailto:anna@example.org', null, 'anna@example.org', true],
    ['anna@', null, 'anna@', false],
  ])('%s is read', (text, name, address, valid) => {
    expect(readRecipient(text)).toEqual({ name, address, valid });
  });

  it('names nobody twice', () => {
    const list = withoutDoubles(readRecipients('a@x.test, A@X.test, b@x.test'));
    expect(list.map(({ address }) => address)).toEqual(['a@x.test', 'b@x.test']);
  });
});

it('many names are shortened', () => {
  const people = ['Anna', 'Ben', 'Cleo', 'Dan'].map((name) => ({ name, address: `${name}@x.test` }));
  expect(shownNames(people.slice(0, 3))).toBe('Anna, Ben, Cleo');
  expect(shownNames(people)).toBe('Anna, Ben and 2 others');
});
