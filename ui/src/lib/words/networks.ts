// What the window says of networks. What was found on them is said by the engine.

import type { DirectVerdict } from '../engine/types';

const here: Record<DirectVerdict, string> = {
  good: 'direct works here',
  risky: 'direct is risky here',
  blocked: 'direct is blocked here',
};

const letters = (count: number) => (count === 1 ? '1 letter waits' : `${count} letters wait`);

export const networks = {
  /** The second half of the line at the foot. */
  foot: { ...here, offline: 'offline', unknown: 'not checked yet', old: 'not checked lately' },
  openPage: 'Open Deliverability',
  joined: (sync: string, network: string) => `${sync} · ${network}`,
  on: 'You are here:',
  nowhere: 'This computer is on no network.',
  unrecognised: 'The system does not say which network this is. What is found counts until it changes.',
  unnamed: 'This network',
  rename: 'Rename',
  renameOf: (name: string) => `Rename ${name}`,
  name: 'Name of the network',
  placeholder: 'Home, office, this café',
  save: 'Save',
  cancel: 'Cancel',
  never: 'Nobody has looked at this network yet.',
  checked: (when: string, ago: string) => `Checked ${when}, ${ago} ago`,
  checkedNow: (when: string) => `Checked ${when}, just now`,
  partly: (when: string) => `That was a look at names and lists; everything was looked at ${when}.`,
  heard: 'Nobody has looked at this network yet. This is what mail servers said when letters went out.',
  old: 'This is more than a day old, so nothing goes by it any more.',
  byItself: {
    heading: 'Automatic checks',
    name: 'Check networks automatically',
    on: 'When the network changes, Postrider asks your router, your smart host, name servers and lists of senders of spam how this computer looks to others. On a new network, and once a day, it also greets the mail servers of your own domains and tries 192.0.2.1, which belongs to nobody.',
    off: 'Nobody is asked about a network unless you check it here. Auto goes by your own checks for a day, and by what mail servers answer.',
    always:
      'Either way, name servers are asked about recipients while you write, and name servers and lists about your address when a letter goes directly.',
  },
  earlier: 'Checks of this network',
  earlierOf: (when: string) => `Check of ${when}`,
  back: 'Back to the latest',
  again: 'some of it again',
  open: (when: string, verdict: string) => `${when}: ${verdict}. Open this check`,
  others: 'Other networks',
  seen: (when: string) => `last seen ${when}`,
  unchecked: 'not checked',
  forget: 'Forget',
  forgetOf: (name: string) => `Forget ${name}`,
  forgetting: {
    heading: (name: string) => `Forget ${name}?`,
    text: 'Its name and what was found there go. When you are there again, it is a new network.',
    accept: 'Forget it',
    refuse: 'Keep it',
  },
  told: (verdict: DirectVerdict, because: string, waiting: number) => ({
    message: `${capital(here[verdict])}. ${because}`,
    hint: `${letters(waiting)} to go directly.`,
  }),
};

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
