// What the pages of the warnings have around what the engine says of each.

const many = (count: number, one: string, other: string) => (count === 1 ? one : `${count} ${other}`);

export const warnings = {
  means: 'What this means',
  seen: 'What was seen',
  todo: 'What to do',
  alternative: 'What else you can do',
  why: 'Why this matters',
  actions: 'What you can do now',
  next: (time: string, left: string) => `Next try ${time} (in ${left}), by itself.`,
  nextNow: 'It is being tried again now.',
  nextPaused: 'It is tried again when you resume sending.',
  at: (place: string, time: string) => `${place}, ${time}`,
  took: (time: string) => `took ${time}`,
  copyOf: (label: string) => `Copy: ${label}`,
  more: 'More about this',
  moreAbout: (title: string) => `More about this: ${title}`,
  handOver: (count: number, route: string) =>
    count === 1 ? `Hand over to ${route}` : `Hand over to ${route}, for ${count} recipients`,
  handOverSeveral: (count: number, route: string) =>
    `Hand ${many(count, 'the waiting letter', 'waiting letters')} over to ${route}`,
  handedOver: (count: number, route: string) =>
    `${many(count, 'The letter goes', 'letters go')} through ${route} now.`,
  choose: (route: string) => `Send this letter through ${route}`,
  chosen: (route: string) => `This letter will go through ${route}.`,
  sendThrough: (route: string) => `Send through ${route} from now on`,
  sentThrough: (senders: string, route: string) => `Letters from ${senders} go through ${route} from now on.`,
  addSmartHost: 'Add a smart host',
  edit: 'Edit and send again',
  signing: 'Go to the keys',
  checkNetwork: 'Check this network',
  checkIdentity: (address: string) => `Check ${address}`,
  checking: 'Looking. This takes up to fifteen seconds…',
  foundAgain: 'Looked again: it is still so.',
  goneNow: 'Looked again: nothing of the kind was found this time.',
};
