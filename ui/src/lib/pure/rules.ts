// Rules for recipient domains, as they are typed and shown. The engine decides in the end.

import type { RouteRule } from '../engine/types';
import { words } from '../words';
import { isAddress } from './address';

/** The domain of a rule as it will be stored. */
export function ruleDomain(typed: string): string {
  return typed
    .trim()
    .replace(/^@/, '')
    .replace(/(?<=[^*])\.$/, '')
    .toLowerCase();
}

/** Why a rule cannot be for this, or `null`. */
export function whyNoRule(typed: string, rules: RouteRule[]): string | null {
  const say = words.settings.rules;
  const domain = ruleDomain(typed);
  if (domain.includes('@')) return say.address;
  if (domain !== '*' && !isAddress(`somebody@${domain.replace(/^\*\./, '')}`)) return say.bad;
  return rules.some((rule) => rule.domain.toLowerCase() === domain) ? say.taken : null;
}

/** The rules with this one, in the place of one for the same domain. */
export function withRule(rules: RouteRule[], rule: RouteRule): RouteRule[] {
  const same = (one: RouteRule) => one.domain.toLowerCase() === rule.domain.toLowerCase();
  return rules.some(same) ? rules.map((one) => (same(one) ? rule : one)) : [...rules, rule];
}

/** The domains for which this route would be a new rule. Without a rule, there is none to be taken back. */
export function newRules(rules: RouteRule[], domains: string[], route: RouteRule['route']): string[] {
  const ruleOf = (domain: string) => rules.find((rule) => rule.domain.toLowerCase() === domain.toLowerCase());
  return domains.filter((domain) => (ruleOf(domain)?.route ?? 'auto') !== route);
}

/** Whom a rule is for, in words. */
export function ruleFor(domain: string): string {
  const say = words.settings.rules;
  if (domain === '*') return say.everybody;
  return domain.startsWith('*.') ? say.below(domain.slice(2)) : domain;
}
