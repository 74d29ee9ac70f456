import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ContactSuggestion } from '../engine/types';

const call = vi.hoisted(() => vi.fn());
vi.mock('../engine/call', () => ({ call }));

const { Completion, lastPart } = await import('./completion.svelte');

const anna: ContactSuggestion = { name: 'Anna', address: 'anna@example.org', kept: true };
const anton: ContactSuggestion = { name: 'Anton', address: 'anton@example.net', kept: false };

beforeEach(() => {
  vi.useFakeTimers();
  call.mockReset().mockResolvedValue([anna, anton]);
});

afterEach(() => vi.useRealTimers());

async function typed(text: string, without: string[] = []) {
  const completion = new Completion();
  completion.look(text, without);
  await vi.runAllTimersAsync();
  return completion;
}

test.each([
  ['an', 'an'],
  ['ben@example.org, an', 'an'],
  ['ben@example.org;\nan ', 'an'],
  ['ben@example.org, ', ''],
])('of %j the last recipient is looked up', (text, expected) => {
  expect(lastPart(text)).toBe(expected);
});

test('what is typed is asked for once it stands still, without those who are there', async () => {
  const completion = new Completion();
  completion.look('a', []);
  completion.look('an', ['ben@example.org']);
  await vi.runAllTimersAsync();
  expect(call.mock.calls).toEqual([['contact_complete', { typed: 'an', without: ['ben@example.org'], limit: 8 }]]);
});

test('a name means the first who is suggested', async () => {
  const completion = await typed('an');
  expect(completion.means('an')).toBe(anna);
});

test('an address that is typed whole is taken as it is typed', async () => {
  const completion = await typed('an@example.com');
  expect(completion.open).toBe(true);
  expect(completion.means('an@example.com')).toBeUndefined();
});

test('an address that is typed whole and known is the person with their name', async () => {
  const completion = await typed('Anna@Example.org');
  expect(completion.means('Anna@Example.org')).toBe(anna);
});

test('whoever was picked is meant, whatever is typed', async () => {
  const completion = await typed('an@example.com');
  completion.step(1);
  expect(completion.means('an@example.com')).toBe(anton);
});

test('the arrows go around', async () => {
  const completion = await typed('an');
  completion.step(-1);
  expect(completion.chosen).toBe(anton);
  completion.step(1);
  expect(completion.chosen).toBe(anna);
});

test('closing leaves nobody, and an answer that comes later opens nothing', async () => {
  let answer: (found: ContactSuggestion[]) => void = () => undefined;
  call.mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const completion = await typed('an');
  completion.close();
  answer([anna]);
  await vi.runAllTimersAsync();
  expect(completion.open).toBe(false);
  expect(completion.means('an')).toBeUndefined();
});

test('the answer to what was typed before is not shown', async () => {
  const answers: ((found: ContactSuggestion[]) => void)[] = [];
  call.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  const completion = await typed('a');
  completion.look('ant', []);
  await vi.runAllTimersAsync();
  answers[1]?.([anton]);
  answers[0]?.([anna]);
  await vi.runAllTimersAsync();
  expect(completion.list).toEqual([anton]);
});

test('knowing nobody disturbs nothing', async () => {
  call.mockRejectedValue({ code: 'internal', message: '', hint: '' });
  const completion = await typed('an');
  expect(completion.open).toBe(false);
});
