// What is known while one writes: marks on recipients by their domains, and what the way means.

import type { Calls, MarkEncryption, MarkKind, MarkTone, Outlook, RecipientMark } from '../src/lib/engine/types';

type Answers = { [N in 'recipient_marks' | 'letter_outlook']: (args: Calls[N]['args']) => Calls[N]['answer'] };
type Sample = [MarkKind, MarkTone, MarkEncryption, string, string];

const SAMPLES: Record<string, Sample> = {
  'prompt.test': [
    'fine',
    'quiet',
    'verified',
    'can receive mail, encrypts and is verified',
    'Earlier letters to prompt.test were encrypted, and its server proved who it is.',
  ],
  'oldcert.test': [
    'fine',
    'quiet',
    'unverified',
    'can receive mail, encrypts without proof',
    'Earlier letters to oldcert.test were encrypted. Its server did not prove who it is, which is common.',
  ],
  'notls.test': [
    'fine',
    'caution',
    'none',
    'can receive mail, does not encrypt',
    'When a letter last went to notls.test directly, its server offered no encryption: others on the way could read along.',
  ],
  'nullmx.test': [
    'null-mx',
    'stop',
    'unknown',
    'nullmx.test takes no mail',
    'nullmx.test says itself that it takes no mail at all. Check how it is written.',
  ],
  'servfail.test': [
    'not-answered',
    'quiet',
    'unknown',
    'could not be looked up now',
    'The name servers gave no answer about servfail.test. A letter would wait and be tried by itself.',
  ],
  'nobody.test': [
    'refused',
    'caution',
    'unknown',
    'was refused before',
    'On 22 November 2026 the server of nobody.test said that cleo@nobody.test does not exist: “550 5.1.1 No such user here”.',
  ],
  'large.test': [
    'too-large',
    'stop',
    'unknown',
    'too large for this recipient',
    'This letter has about 1.4 MB. large.test takes 1.0 MB at most, so it would come back.',
  ],
  'gmial.com': [
    'misspelt',
    'caution',
    'unknown',
    'did you mean gmail.com?',
    'gmial.com is much like gmail.com, which is better known here. If it is right as it is, leave it.',
  ],
};
const FINE: Sample = [
  'fine',
  'quiet',
  'unknown',
  'can receive mail',
  'Takes mail. Whether it encrypts shows when a letter goes there directly.',
];

function sample(address: string): RecipientMark {
  const domain = address.split('@')[1] ?? '';
  const [kind, tone, encryption, label, text] = SAMPLES[domain] ?? FINE;
  const instead = domain === 'gmial.com' ? address.replace('gmial', 'gmail') : null;
  return { address, settled: true, kind, tone, encryption, label, text, instead };
}

const unproven =
  'example.org asks receivers to refuse letters that nothing proves (DMARC), and nothing proves those that go direct.';

const blocked: Outlook = {
  kind: 'port-25',
  tone: 'stop',
  message: 'Direct is blocked on this network: port 25 does not answer.',
  meaning: 'Mail servers can not be reached from here. The letter would wait until they can.',
  better: { choice: 'route', route: 'Fastmail' },
  better_label: 'Send through Fastmail',
  warning: 'port-25',
  domain: null,
  finding: null,
};

const greylisting: Outlook = {
  ...blocked,
  kind: 'greylisting',
  tone: 'caution',
  message: 'greylist.test lets newcomers wait: expect about 5 minutes.',
  meaning: 'Nothing is wrong then. The letter is tried again by itself.',
  warning: 'greylisting',
  domain: 'greylist.test',
};

export const writingAnswers: Answers = {
  recipient_marks: ({ addresses }) => addresses.map(sample),
  letter_outlook: ({ route, recipients, identity }) => {
    const domains = [...new Set(recipients.map((address) => address.split('@')[1] ?? ''))];
    const choices = domains.map((domain) => ({
      domain,
      route: route === 'auto' ? (domain.endsWith('.test') ? 'direct' : 'Fastmail') : route,
      reason: domain.endsWith('.test') ? 'Direct works from this network.' : 'This network blocks port 25.',
    }));
    const grey = route === 'auto' && domains.includes('greylist.test');
    const banner = route === 'direct' ? blocked : grey ? greylisting : null;
    return identity === 2 ? { choices, banner, no_direct: unproven } : { choices, banner };
  },
};
