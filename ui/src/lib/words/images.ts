// What the window says about what a letter brings: remote images, trackers, colours, and what looks odd.

const many = (count: number, one: string, other: string) => (count === 1 ? `1 ${one}` : `${count} ${other}`);

/** Names in a sentence: “a”, “a and b”, “a, b and 3 others”. */
function named(names: string[]): string {
  const [first = '', second = '', ...rest] = names;
  if (names.length <= 1) return first;
  return rest.length === 0
    ? `${first} and ${second}`
    : `${first}, ${second} and ${many(rest.length, 'other', 'others')}`;
}

export const images = {
  page: 'Images',
  heading: 'Remote images',
  lead: 'Images that lie elsewhere tell their sender that a letter was opened. They are loaded when you ask for them, and always for those listed here. Tracking pixels are never loaded.',
  label: 'Senders whose images are always loaded',
  none: 'Nobody is listed. “Always” above a letter lists its sender.',
  domain: (name: string) => `Everybody at ${name}`,
  since: (date: string) => `since ${date}`,
  askAgain: 'Ask again',
  askAgainFor: (name: string) => `Ask again for ${name}`,
  askedAgain: (name: string) => `Images from ${name} wait for you again.`,

  waiting: (count: number) =>
    count === 1 ? '1 remote image is not loaded.' : `${count} remote images are not loaded.`,
  shownOnce: 'Remote images are shown this once.',
  shownFor: (name: string) => `Remote images are always shown for ${name}.`,
  once: 'Load once',
  always: 'Always',
  alwaysMenu: 'Always load images',
  alwaysSender: (address: string) => `For ${address}`,
  alwaysDomain: (domain: string) => `For everybody at ${domain}`,
  granted: (name: string) => `Images from ${name} are always loaded from now on.`,
  trackers: (count: number, services: string[]) =>
    services.length === 0
      ? `${count === 1 ? '1 tracking pixel was' : `${count} tracking pixels were`} removed.`
      : `${many(count, 'tracking pixel', 'tracking pixels')} of ${named(services)} ${count === 1 ? 'was' : 'were'} removed.`,

  warnings: 'What looks odd about this letter',
  more: (count: number) => `${count} more`,
  less: 'Show less',

  readAs: (host: string) => `(reads ${host})`,

  asSent: 'Show as sent',
  inDark: 'Show in dark',
};
