// What the page of the practice post office says.

import type { PracticeDnsList, PracticePort25, PracticePortal, PracticeReverseDns } from '../engine/types';

/** What a switch plays, said of where it stands now; nothing where it stands as it begins. */
const turned = {
  port_25: {
    open: '',
    blocked: 'Port 25 is blocked here, by you.',
    intercepted: 'Port 25 is intercepted here, by you.',
  } satisfies Record<PracticePort25, string>,
  reverse_dns: {
    confirmed: '',
    missing: 'Your address has no name here, by you.',
    generic: 'Your address has a name like one of thousands here, by you.',
  } satisfies Record<PracticeReverseDns, string>,
  dns_list: {
    absent: '',
    listed: 'Your address is on block lists here, by you.',
    policy: 'Your address is listed here as one that should not send mail, by you.',
  } satisfies Record<PracticeDnsList, string>,
  portal: {
    off: '',
    on: 'A login page stands before everything here, by you.',
  } satisfies Record<PracticePortal, string>,
};

export const practice = {
  heading: 'Practice post office',
  lead: 'Write to any of these addresses and watch what their server does. Everything happens inside this computer.',
  places: 'Places to write to',
  write: (address: string) => `Write to ${address}`,
  three: 'One letter, three answers',
  threeText: 'One server takes it, one asks it to come back, one does not find the recipient.',
  threeWrite: 'Write to three at once',

  turned,
  inForce: 'Turned by you',
  reset: 'Turn everything off',
  resetDone: 'Every switch of the practice post office is off.',

  story: {
    heading: 'A story in three minutes',
    done: 'Done',
    underWay: 'Under way',
    todo: 'To do',
    look: 'See what happened',
    watch: 'Watch it wait',
    greylist: {
      title: 'A server that asks you to come back',
      text: (address: string) =>
        `Write to ${address}. Its server does not know you yet and says: come back in half a minute. Nothing is wrong, and there is nothing to do.`,
      waits: (time: string, left: string) => `The letter waits. It goes by itself at ${time}, in ${left}.`,
      goes: 'The letter is on its way.',
      done: 'It waited, came back by itself, and was taken.',
    },
    detour: {
      title: 'A network that blocks port 25',
      text: (address: string) =>
        `Many providers block it. Block it here, then write to ${address}: the letter takes the smart host by itself, and its timeline says why.`,
      turn: 'Block port 25',
      done: 'It could not go direct, so it went through the smart host.',
    },
    direct: {
      title: 'And open again',
      text: (address: string) => `Open port 25, then write to ${address} once more: the letter goes direct.`,
      turn: 'Open port 25',
      done: 'It went direct again.',
    },
    end: 'That was the story. The switches below have more to try.',
  },

  switches: {
    heading: 'What this network does to you',
    text: 'Turn a switch, and this world behaves like a network where that is so. Nothing of it is real, and all of it ends when you close Postrider.',
    port_25: {
      title: 'Port 25',
      options: { open: 'Open', blocked: 'Blocked', intercepted: 'Intercepted' },
      notes: {
        open: 'Every mail server can be reached.',
        blocked: 'Every connection to a mail server is refused, as by the firewall of a provider.',
        intercepted: 'A gateway answers in place of every mail server, and takes the offer to encrypt away.',
      },
    },
    reverse_dns: {
      title: 'The name of your address',
      options: { confirmed: 'Its own', missing: 'None', generic: 'One of thousands' },
      notes: {
        confirmed: 'Your address, 203.0.113.25, has a name that leads back to it (reverse DNS).',
        missing: 'Your address has no name. Many servers turn such senders away.',
        generic: 'Your address is called dsl-203-0-113-25, as those of homes are.',
      },
    },
    dns_list: {
      title: 'Lists of addresses',
      options: { absent: 'On none', listed: 'For spam', policy: 'By policy' },
      notes: {
        absent: 'Nobody lists your address.',
        listed: 'Your address is listed because spam came from it.',
        policy: 'Your provider lists your address as one that should not send mail itself.',
      },
    },
    portal: {
      title: 'Login page',
      options: { off: 'Not here', on: 'In the way' },
      notes: {
        off: 'The way out is free.',
        on: 'Nothing is sent until it is gone, direct or through the smart host.',
      },
    },
    sleep: {
      title: 'Sleep',
      button: 'Sleep for an hour',
      note: 'The clock of this world jumps. What waits here is due an hour earlier.',
      slept: (hours: number) => `It has slept for ${hours === 1 ? '1 hour' : `${hours} hours`} so far.`,
    },
  },
};
