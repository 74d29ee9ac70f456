// What is said when the program is about to end while letters wait.

const letters = (count: number) => (count === 1 ? '1 letter' : `${count} letters`);

export const leaving = {
  heading: (count: number) => (count === 1 ? '1 letter is still waiting' : `${count} letters are still waiting`),
  lead: 'Nobody tries again while Postrider is not running. Nothing is lost: what waits here goes on when it runs again.',
  waiting: 'What waits',
  to: (recipients: string) => `to ${recipients}`,
  more: (count: number) => `And ${count} more.`,
  sending: 'A server is taking it at this moment',
  leaves: (left: string) => `Leaves in ${left}`,
  leavesAt: (at: string) => `Leaves ${at}`,
  next: (at: string, left: string) => `Next try ${at} (in ${left})`,
  nextNow: 'To be tried now',
  until: (at: string) => `Tried until ${at}, if this computer stays on line`,

  choices: 'What to do with it',
  stay: 'Stay in the tray',
  stayHint: 'The window closes and sending goes on. The icon in the tray brings it back.',
  keepRunning: 'Keep running without a window',
  keepRunningHint: 'Sending goes on until nothing waits. Start Postrider again to see the window.',
  handOver: (hosts: string) => `Hand over to ${hosts} now`,
  handOverAll: 'Then Postrider quits. What is not taken stays here, and you are told.',
  handOverSome: (count: number, total: number) =>
    `It can take ${count} of ${letters(total)}. Then Postrider quits. What is not taken stays here, and you are told.`,
  quit: 'Quit, and send when next on',
  quitHint: 'The next try is when Postrider runs again.',
  remember: 'Do this every time, without asking',
  rememberHint: 'Settings, Sending, changes it.',

  handingOver: (hosts: string) => `Handing over to ${hosts}`,
  handingOverText: 'This takes a moment. What is not taken stays here, as it was.',
  smartHosts: 'the smart hosts',
  quitNow: 'Quit without waiting',
  taken: (hosts: string, count: number) => `${hosts} has ${letters(count)} now`,
  nothingWaits: 'Nothing waits any more',
  closes: 'Postrider closes.',
  left: (count: number) => (count === 1 ? '1 letter was not taken' : `${count} letters were not taken`),
  leftText: 'It stays queued here, and goes on when Postrider runs.',
  leftLabel: 'What was not taken',
  unanswered: 'nobody has answered yet',
  failed: 'It could not be handed over',
  stayOpen: 'Stay open',
  quitShort: 'Quit',
  and: ' and ',
};

export const atLogin = {
  heading: 'With the session',
  name: 'Start Postrider when I log in',
  hint: 'In the tray, where there is one. So what waits goes on by itself.',
};
