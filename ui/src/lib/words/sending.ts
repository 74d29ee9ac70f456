// What the settings of the sending engine say, its pause, and what was learned of destinations.

import type { Class } from '../engine/types';

/** A setting: its name, what it does, and its choices in words where it has any. */
type SettingWords = { name: string; text: string; choices?: Record<string, string> };

const options: Record<string, SettingWords> = {
  'outbound.undo_seconds': {
    name: 'Seconds to take a letter back after Send',
    text: 'From 0 to 120. It waits here for so long before it leaves.',
  },
  'outbound.schedule': {
    name: 'Pauses between tries',
    text: 'For a server that cannot take a letter now. A number with s, m, h or d each; the last one repeats.',
  },
  'outbound.greylist_schedule': {
    name: 'Pauses for greylisting',
    text: 'For a server that lets newcomers wait and does not say how long.',
  },
  'outbound.max_age': {
    name: 'Give up after',
    text: 'Only hours in which this computer was on line count.',
  },
  'outbound.delay_notice': {
    name: 'Say in the window that a letter is late after',
    text: 'A line beside the recipient. Nothing else happens.',
  },
  'outbound.delay_report': {
    name: 'Report a late letter after',
    text: 'A notification, and a report with all that is known.',
  },
  'outbound.dane': {
    name: 'Certificates published in DNS (DANE)',
    text: 'Some domains publish, signed in DNS, which certificate their server has.',
    choices: {
      off: 'Do not look',
      'when-proven': 'Hold to them where they are proven',
      strict: 'Also wait where the proof is broken',
    },
  },
  'outbound.downgrade': {
    name: 'A server that used to encrypt and no longer does',
    text: 'It may be a mistake over there, or somebody in between.',
    choices: { show: 'Send, and say so in the timeline', refuse: 'Do not send without encryption' },
  },
  'window.on_closing': {
    name: 'When Postrider is closed while letters wait',
    text: 'Where the choice cannot be carried out, it asks. With nothing waiting it closes without a question.',
    choices: {
      ask: 'Ask',
      stay: 'Go on without the window',
      'hand-over': 'Hand over to the smart host, then quit',
      quit: 'Quit, and send when next on',
    },
  },
};

export const sending = {
  heading: 'Sending',
  options,
  groups: {
    leaving: 'Before it leaves',
    again: 'When to try again',
    late: 'When it is late',
    encryption: 'Encryption',
    closing: 'Closing',
  },
  usual: (value: string) => `Usual: ${value}.`,
  backToUsual: 'Back to usual',
  backToUsualFor: (name: string) => `Back to usual: ${name}`,
  then: (pauses: string, last: string) => (pauses === '' ? `Every ${last}` : `After ${pauses}, then every ${last}`),
  thenUsual: (pauses: string) => `After ${pauses}, then as between other tries`,
  badPauses: 'Write numbers with s, m, h or d, such as 5m,10m,2h.',
  badSeconds: 'A whole number from 0 to 120.',

  pause: 'Pause sending',
  resume: 'Resume sending',
  resumeShort: 'Resume',
  pauseText: 'Nothing leaves while sending is paused. What you send waits in the Outbox.',
  runs: 'Sending is on. Letters leave when it is their turn.',
  paused: 'Sending is paused',
  pausedText: 'Nothing leaves until you resume. What you send waits here.',
  saidPaused: 'Sending is paused.',
  saidResumed: 'Sending goes on.',
};

export const destinations = {
  heading: 'What was learned of destinations',
  lead: 'From earlier letters, so that the next one goes better. It stays on this computer.',
  label: 'Destinations',
  none: 'Nothing yet. It comes with the first letters that leave from here.',
  domain: 'Domain',
  forget: 'Forget',
  forgetOne: (domain: string) => `Forget what was learned of ${domain}`,
  forgotten: (domain: string) => `What was learned of ${domain} is forgotten.`,
  success: 'Last taken',
  failure: 'Last trouble',
  encryption: 'Encryption',
  encrypts: 'offered',
  plain: 'not offered',
  greylist: 'Lets newcomers wait',
  size: 'Takes up to',
  refusedUs: 'Refused this computer',
  classes: {
    'sender-blocklisted': 'its address is on a list',
    'sender-dynamic-ip': 'its address is one of a home',
    'sender-no-rdns': 'its address has no name',
    'sender-unauthenticated': 'without SPF or DKIM',
  } as Partial<Record<Class, string>>,
  never: 'never',
};
