// What is said of an invitation that came in a letter.

import type { Answer, Method } from '../engine/types';

const kinds: Record<Method, string> = {
  request: 'Invitation',
  reply: 'Answer to an invitation',
  cancel: 'Called off',
  counter: 'Another time is proposed',
  publish: 'Event',
};

const answers: Record<Answer, string> = {
  none: 'no answer yet',
  accepted: 'comes',
  declined: 'does not come',
  tentative: 'may come',
  delegated: 'sends somebody else',
};

const counts: Record<Answer, (count: number) => string> = {
  accepted: (count) => `${count} ${count === 1 ? 'comes' : 'come'}`,
  tentative: (count) => `${count} may come`,
  declined: (count) => `${count} ${count === 1 ? 'does' : 'do'} not come`,
  delegated: (count) => `${count} ${count === 1 ? 'sends' : 'send'} somebody else`,
  none: (count) => `${count} did not answer yet`,
};

export const calendar = {
  kinds,
  answers,
  counts,
  untitled: 'Event without a name',
  answered: (who: string, answer: Answer) => `${who} ${answer === 'none' ? 'did not answer yet' : answers[answer]}`,
  cancelled: 'It does not take place.',
  when: 'When',
  allDay: 'all day',
  from: (start: string, end: string) => `${start} to ${end}`,
  there: (time: string, zone: string) => `${time} in ${zone}`,
  noZone: 'The sender does not say in which time zone.',
  oddZone: (zone: string) => `By the sender’s time zone, “${zone}”, which is not known here.`,
  repeats: 'Repeats',
  where: 'Where',
  link: 'Online',
  organiser: 'From',
  attendees: 'Invited',
  invited: (count: number) => (count === 1 ? '1 person' : `${count} people`),
  more: (count: number) => (count === 1 ? '1 more event' : `${count} more events`),
  about: 'About it',
};
