import { expect, it } from 'vitest';
import type { Check, CheckReport, Finding } from '../engine/types';
import { asText, grouped, shownMillis } from './findings';

const finding = (check: Check, more: Partial<Finding> = {}): Finding => ({
  check,
  subject: '',
  status: 'pass',
  found: 'x',
  title: `About ${check}`,
  evidence: [],
  cause: 'It is so.',
  fix: null,
  alternative: null,
  why: 'It matters.',
  copy: [],
  warning: null,
  ...more,
});

it('puts findings into groups in the order in which they are read, and leaves empty groups out', () => {
  const groups = grouped([finding('clock'), finding('reverse-name'), finding('port-25-ipv4'), finding('way-out')]);
  expect(groups.map(({ name, findings }) => [name, findings.map(({ check }) => check)])).toEqual([
    ['port', ['port-25-ipv4', 'way-out']],
    ['address', ['reverse-name']],
    ['computer', ['clock']],
  ]);
});

it('tells times in the unit that fits', () => {
  expect([0, 999, 1000, 5260].map(shownMillis)).toEqual(['0 ms', '999 ms', '1.0 s', '5.2 s']);
});

it('gives others what the engine says that others may read', () => {
  const report: CheckReport = {
    verdict: 'blocked',
    because: 'This network blocks port 25.',
    findings: [
      finding('port-25-ipv4', { status: 'fail', evidence: [{ asked: 'mx.friend.test', answer: '', took_ms: 1 }] }),
    ],
    took_ms: 3300,
    for_support: 'This network blocks port 25.\n\n[fail] Port 25 is blocked\n',
  };
  expect(asText('This network', report)).toBe(
    'This network: Blocked\nThis network blocks port 25.\n\n[fail] Port 25 is blocked\n',
  );
});
