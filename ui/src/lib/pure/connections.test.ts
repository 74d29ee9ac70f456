import { expect, it } from 'vitest';
import { connectionsOf, withConnections } from './connections';

it('counts for all accounts what is not said of one', () => {
  expect(connectionsOf('', 'a@example.org')).toBe(2);
  expect(connectionsOf('4', 'a@example.org')).toBe(4);
  expect(connectionsOf('4, A@example.org 6', 'a@example.org')).toBe(6);
  expect(connectionsOf('a@example.org 6', 'b@example.org')).toBe(2);
});

it('changes one account and leaves the others', () => {
  expect(withConnections('', 'a@example.org', 5)).toBe('a@example.org 5');
  expect(withConnections('3, b@example.org 5', 'a@example.org', 4)).toBe('3, b@example.org 5, a@example.org 4');
  expect(withConnections('3, a@example.org 5', 'a@example.org', 3)).toBe('3');
  expect(withConnections('a@example.org 5', 'a@example.org', 2)).toBe(null);
});
