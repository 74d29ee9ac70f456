// What the page about signing says.

import type { DkimState } from '../engine/types';

const states: Record<DkimState, string> = {
  waiting: 'Waiting',
  signing: 'Signing',
  missing: 'Missing',
  retired: 'Retired',
};

const meanings: Record<DkimState, string> = {
  waiting: 'Made, and not in DNS yet. Nothing is signed with it until DNS shows the record.',
  signing: 'DNS shows the record. Every letter from this domain is signed with it.',
  missing: 'It was in DNS and is not any more. Nothing is signed with it until the record is back.',
  retired: 'A newer key signs in its place. Keep the record for a week, so that letters under way can be checked.',
};

export const signing = {
  heading: 'Signing (DKIM)',
  lead: 'A signature proves that a letter is from your domain and was not changed on its way. Many servers trust letters less, or refuse them, without it.',
  states,
  meanings,
  domains: 'Domains',
  nobody: 'Add an account first. Each domain that you write from can have keys.',
  none: 'Letters from this domain are not signed here. A smart host may sign them for you.',
  make: 'Make keys',
  makeFor: (domain: string) => `Make keys for ${domain}`,
  again: 'Make new keys',
  againFor: (domain: string) => `Make new keys for ${domain}`,
  againAsk: (domain: string) => `Make new keys for ${domain}?`,
  againText: 'The keys of now go on signing until DNS shows the new ones. Then they retire.',
  making: 'Making the keys…',
  made: (domain: string) => `Keys for ${domain} are made. Put their records into DNS.`,
  check: 'Check now',
  checkFor: (domain: string) => `Check ${domain} now`,
  checking: 'Asking DNS…',
  checked: (domain: string) => `DNS was asked about ${domain}.`,
  keys: (domain: string) => `Keys of ${domain}`,
  key: (algorithm: string, selector: string) => `${algorithm}, ${selector}`,
  algorithms: { 'rsa-sha256': 'RSA 2048', 'ed25519-sha256': 'Ed25519' } as Record<string, string>,
  selector: (selector: string) => `selector ${selector}`,
  record: 'The record',
  name: 'Name',
  value: 'Value (TXT)',
  zoneLine: 'Or both',
  zoneLineText: 'As one line for a zone file.',
  copyName: (key: string) => `Copy the name of ${key}`,
  copyValue: (key: string) => `Copy the value of ${key}`,
  copyLine: (key: string) => `Copy the zone line of ${key}`,
  remove: 'Remove',
  removeKey: (key: string) => `Remove ${key}`,
  removeAsk: (key: string) => `Remove the key ${key}?`,
  removeText: 'It is destroyed here and signs nothing any more. Then take its record out of DNS.',
  removeTextOnly: 'It is the key that signs now. It is destroyed here, and letters leave without its signature.',
  removed: 'The key is gone.',
  madeAt: (time: string) => `made ${time}`,
  seenAt: (time: string) => `seen in DNS since ${time}`,
  checkedAt: (time: string) => `checked ${time}`,
  neverChecked: 'not checked yet',
};
