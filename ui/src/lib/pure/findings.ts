// Findings in the order and the groups in which they are read, and as text for a support request.

import type { Check, CheckReport, Finding } from '../engine/types';
import { deliverability as say } from '../words/deliverability';

export type GroupName = keyof typeof say.groups;

export interface FindingGroup {
  name: GroupName;
  findings: Finding[];
}

const GROUPS: [GroupName, Check[]][] = [
  ['port', ['way-out', 'port-25-ipv4', 'port-25-ipv6', 'submission']],
  ['address', ['public-address', 'reverse-name', 'address-list']],
  ['sender', ['sender-domain', 'sender-provider', 'spf', 'dkim', 'dmarc']],
  ['names', ['resolver-truth', 'resolver-proof', 'resolver-tcp']],
  ['computer', ['vpn', 'clock']],
];

/** The findings by what they are about; what belongs to no group is left out. */
export function grouped(findings: readonly Finding[]): FindingGroup[] {
  return GROUPS.map(([name, checks]) => ({
    name,
    findings: findings.filter(({ check }) => checks.includes(check)),
  })).filter(({ findings: found }) => found.length > 0);
}

/** Whether a finding is to be open from the start: what is in order is told by its title. */
export function isTrouble({ status }: Finding): boolean {
  return status === 'warn' || status === 'fail';
}

/** Milliseconds as people say them. */
export function shownMillis(millis: number): string {
  return millis < 1000 ? `${millis} ms` : `${(Math.floor(millis / 100) / 10).toFixed(1)} s`;
}

/** A report as plain text that others may read. */
export function asText(title: string, report: CheckReport): string {
  return `${title}: ${say.verdicts[report.verdict]}\n${report.for_support}`;
}
