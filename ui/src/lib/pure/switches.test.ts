import { expect, test } from 'vitest';
import type { PracticeStory, PracticeSwitches, StoryProgress } from '../engine/types';
import { currentStep, inForce, SWITCHES, turnOf } from './switches';
import { practice } from '../words/practice';

const off: PracticeSwitches = {
  port_25: 'open',
  reverse_dns: 'confirmed',
  dns_list: 'absent',
  portal: 'off',
  hours_slept: 0,
};

test('what is turned is said, and what is off is not', () => {
  expect(inForce(null)).toEqual([]);
  expect(inForce({ ...off, hours_slept: 2 })).toEqual([]);
  expect(inForce({ ...off, port_25: 'blocked', portal: 'on' })).toEqual([
    'Port 25 is blocked here, by you.',
    'A login page stands before everything here, by you.',
  ]);
});

test('every position of a switch has its words', () => {
  for (const { name, field } of SWITCHES) {
    const { options, notes } = practice.switches[field];
    expect(Object.keys(options)).toEqual(Object.keys(notes));
    expect(Object.keys(options)).toEqual(Object.keys(practice.turned[field]));
    const [first, ...others] = Object.keys(options);
    expect(off[field]).toBe(first);
    for (const to of others) expect(turnOf(field, to)).toEqual({ switch: name, to });
  }
});

test('a letter that waits does not hold the story up', () => {
  const story = (...progress: StoryProgress[]): PracticeStory => {
    const step = (progress: StoryProgress) => ({ progress, outgoing: null, next_attempt_at: null });
    return { greylist: step(progress[0]!), detour: step(progress[1]!), direct: step(progress[2]!) };
  };
  expect(currentStep(story('to-do', 'to-do', 'to-do'))).toBe('greylist');
  expect(currentStep(story('under-way', 'to-do', 'to-do'))).toBe('detour');
  expect(currentStep(story('done', 'done', 'to-do'))).toBe('direct');
  expect(currentStep(story('done', 'done', 'done'))).toBeNull();
});
