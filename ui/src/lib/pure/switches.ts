// What the switches of the practice world say of themselves.

import type { PracticeStory, PracticeSwitches, PracticeTurn } from '../engine/types';
import { practice } from '../words/practice';

/** Every switch: its name for the engine, and its field. */
export const SWITCHES = [
  { name: 'port-25', field: 'port_25' },
  { name: 'reverse-dns', field: 'reverse_dns' },
  { name: 'dns-list', field: 'dns_list' },
  { name: 'portal', field: 'portal' },
] as const;

export type SwitchField = (typeof SWITCHES)[number]['field'];

/** A sentence for every switch that is not where it began. */
export function inForce(switches: PracticeSwitches | null): string[] {
  if (!switches) return [];
  const { port_25, reverse_dns, dns_list, portal } = practice.turned;
  return [
    port_25[switches.port_25],
    reverse_dns[switches.reverse_dns],
    dns_list[switches.dns_list],
    portal[switches.portal],
  ].filter((sentence) => sentence !== '');
}

/** The order that turns a switch to a position of its own. */
export function turnOf(field: SwitchField, to: string): PracticeTurn {
  const name = SWITCHES.find((one) => one.field === field)!.name;
  return { switch: name, to } as PracticeTurn;
}

export type StepName = keyof PracticeStory;

const STEPS: readonly StepName[] = ['greylist', 'detour', 'direct'];

/** The first step that nobody has begun; none once the story is played. */
export function currentStep(story: PracticeStory): StepName | null {
  return STEPS.find((name) => story[name].progress === 'to-do') ?? null;
}
