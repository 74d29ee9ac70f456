// What is said about mailboxes: made, renamed, deleted, and letters put into them.

function many(count: number, one: string, several: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${several}`;
}

export const mailboxes = {
  actions: (name: string) => `Actions for ${name}`,
  expand: (name: string) => `Show the mailboxes in ${name}`,
  collapse: (name: string) => `Hide the mailboxes in ${name}`,
  create: 'New mailbox',
  createIn: (account: string) => `New mailbox in ${account}`,
  createInside: 'New mailbox inside',
  rename: 'Rename',
  renameHeading: (name: string) => `Rename ${name}`,
  remove: 'Delete mailbox',
  removeAsk: (name: string) => `Delete the mailbox ${name}?`,
  removeEmpty: 'No letters are in it.',
  removeToTrash: (count: number) =>
    count === 1 ? 'The letter in it goes to Trash.' : `The ${count} letters in it go to Trash.`,
  removeForGood: (count: number) =>
    count === 1
      ? 'The letter in it is deleted for good, also on the server.'
      : `The ${count} letters in it are deleted for good, also on the server.`,
  removeInside: (count: number) =>
    count === 1 ? 'The mailbox inside it goes too.' : `The ${count} mailboxes inside it go too.`,
  removed: (name: string) => `${name} is deleted`,
  emptyTrash: 'Empty Trash',
  emptyJunk: 'Empty Junk',
  emptyAsk: (name: string) => `Empty ${name}?`,
  emptyText: (count: number) => `${many(count, 'letter is', 'letters are')} deleted for good, also on the server.`,
  emptied: (name: string) => `${name} is empty.`,
  subscribe: 'Show in other programs',
  unsubscribe: 'Hide in other programs',
  hidden: (count: number) => `${count} more`,
  hiddenLabel: (count: number) => `Show ${many(count, 'mailbox', 'mailboxes')} that you do not subscribe to`,
  name: 'Name',
  save: 'Save',
  make: 'Make mailbox',
  move: 'Move to mailbox',
  copy: 'Copy to mailbox',
  moveHeading: (count: number) => `Move ${many(count, 'letter', 'letters')} to`,
  copyHeading: (count: number) => `Copy ${many(count, 'letter', 'letters')} to`,
  find: 'Mailbox',
  targets: 'Mailboxes',
  none: (typed: string) => `No mailbox is called “${typed}”.`,
  several: 'These letters are in several accounts. Choose letters of one account.',
  moved: (count: number, name: string) => (count === 1 ? `Moved to ${name}.` : `${count} letters moved to ${name}.`),
  copied: (count: number, name: string) =>
    count === 1 ? `Copied to ${name}.` : `${count} letters copied to ${name}.`,
  draftElsewhere: 'written in another program',
  deleted: (count: number) => `${many(count, 'letter', 'letters')} deleted.`,
};
