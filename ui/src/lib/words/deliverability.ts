// What the page about deliverability says. What was found is said by the engine.

import type { DirectVerdict, FindingStatus } from '../engine/types';

const verdicts: Record<DirectVerdict, string> = { good: 'Good', risky: 'Risky', blocked: 'Blocked' };

const statuses: Record<FindingStatus, string> = {
  pass: 'In order',
  warn: 'May go wrong',
  fail: 'Will go wrong',
  unknown: 'Not known',
};

export const deliverability = {
  heading: 'Deliverability',
  lead: 'Will a letter arrive if it goes directly from this computer? Postrider looks up what receivers would see, and says what to do where something is in the way.',
  whom: 'Mail servers of your own domains and of people you write to are greeted for a moment at port 25, and your smart host at its ports; nothing is sent. They are left alone for ten minutes then, unless you check again. A connection to 192.0.2.1, which belongs to nobody, shows whether something answers in the place of others. Lists of senders of spam learn that somebody asks about your address.',
  run: 'Check now',
  again: 'Check again',
  running: 'Looking around. This takes up to fifteen seconds…',
  done: (verdict: DirectVerdict) => `Checked: direct sending is ${verdicts[verdict].toLowerCase()}.`,
  checkedAt: (time: string) => `Checked ${time}`,
  copyAll: 'Copy as text',
  network: 'This network',
  identity: (address: string) => `As ${address}`,
  verdicts,
  statuses,
  groups: {
    port: 'The way out',
    address: 'Your address',
    names: 'Name servers',
    computer: 'This computer',
    sender: 'Your domain',
  },
  evidence: 'What was seen',
  took: (time: string) => ` (${time})`,
  fix: 'What mends it',
  alternative: 'What else you can do',
  why: 'Why this matters',
  stun: {
    heading: 'How do others see this computer?',
    text: 'Nobody who was asked said from which address your letters would come. A STUN server tells everybody their address; your telephone provider may run one. It learns your address and nothing else, and is asked this once.',
    server: 'STUN server',
    example: 'stun.example.org:3478',
    ask: 'Ask it and check again',
  },
  copyOf: (label: string) => `Copy: ${label}`,
};
