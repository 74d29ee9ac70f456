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

it('writes a report as text with the evidence, and what mends what is not in order', () => {
  const evidence = [{ asked: 'mx.example.org', answer: 'no answer', took_ms: 3200 }];
  const report: CheckReport = {
    verdict: 'blocked',
    because: 'This network blocks port 25.',
    findings: [
      finding('way-out', { evidence: [{ asked: 'the operating system', answer: 'connected', took_ms: null }] }),
      finding('port-25-ipv4', { status: 'fail', evidence, fix: 'Ask your provider.' }),
    ],
    took_ms: 3300,
  };
  expect(asText('This network', report)).toBe(
    [
      'This network: Blocked',
      'This network blocks port 25.',
      '',
      '[In order] About way-out',
      '  the operating system: connected',
      '',
      '[Will go wrong] About port-25-ipv4',
      '  mx.example.org: no answer (3.2 s)',
      '  It is so.',
      '  What mends it: Ask your provider.',
      '',
    ].join('\n'),
  );
});
