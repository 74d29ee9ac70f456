// What is said of bringing letters in from files, and of writing them into files.

import type { ExportFormat, SourceKind, TransferKind } from '../engine/types';

const number = new Intl.NumberFormat('en-GB');
const many = (count: number, one: string, other: string) => `${number.format(count)} ${count === 1 ? one : other}`;

const kinds: Record<SourceKind, string> = {
  mbox: 'mbox, one file for each mailbox',
  maildir: 'Maildir',
  thunderbird: 'Thunderbird',
  eml: 'letters as files (.eml)',
};

const formats: Record<ExportFormat, string> = {
  mbox: 'One file for all (mbox)',
  maildir: 'A Maildir',
  eml: 'A folder with a file for each letter (.eml)',
};

const running: Record<TransferKind, string> = { import: 'Bringing in', export: 'Writing' };

export const importing = {
  heading: 'Import',
  lead: 'Bring in letters from mbox files, a Maildir, .eml files, or another program. They are put into your account on its server, with their dates and marks. What is there already is not brought in twice.',
  found: 'Found on this computer',
  take: 'Look inside',
  takeOf: (path: string) => `Look inside ${path}`,
  path: 'File or folder',
  file: 'Choose a file…',
  folder: 'Choose a folder…',
  chooseFile: 'File with letters',
  chooseFolder: 'Folder with letters',
  look: 'Look',
  looking: 'Counting the letters…',
  nothing: 'No letters were found there. Choose another file or folder.',
  kinds,
  mailboxes: 'What to bring in',
  all: 'All',
  none: 'None',
  folderOf: (name: string, letters: number) => `${name}, ${many(letters, 'letter', 'letters')}`,
  amount: (letters: number, size: string) => `${many(letters, 'letter', 'letters')}, ${size}`,
  account: 'Account',
  noAccount: 'Letters are kept on a server. Add an account that reads mail first.',
  into: 'Into',
  intoNew: 'Imported (a mailbox for it)',
  intoNewNote: 'Each comes into a mailbox of its own inside “Imported”.',
  intoOne: (mailbox: string) => `Its letters come into ${mailbox}, among those that are there.`,
  intoSeveral: (mailbox: string) => `Each comes into a mailbox of its own inside ${mailbox}.`,
  begin: (letters: number) => `Bring in ${many(letters, 'letter', 'letters')}`,

  export: {
    heading: 'Export',
    lead: 'Write a mailbox into files that other programs read. Nothing changes in the mailbox.',
    mailbox: 'Mailbox',
    of: (mailbox: string, letters: number) => `${mailbox}, ${many(letters, 'letter', 'letters')}`,
    noMailbox: 'There is no mailbox yet.',
    format: 'As',
    formats,
    path: 'Write to',
    pathNote: 'A name that is not in use yet.',
    choose: 'Choose…',
    chooseTitle: 'Where to write the letters',
    begin: 'Export',
  },

  under: 'Under way and done',
  running: (kind: TransferKind, done: number, total: number | null) =>
    total === null
      ? `${running[kind]}…`
      : `${running[kind]}: ${number.format(done)} of ${many(total, 'letter', 'letters')}`,
  waiting: 'It waits for the server, and goes on by itself.',
  brought: (count: number) =>
    count === 1 ? '1 letter was brought in' : `${number.format(count)} letters were brought in`,
  written: (count: number) => (count === 1 ? '1 letter was written' : `${number.format(count)} letters were written`),
  passedOver: (count: number) => (count === 1 ? '1 was there already' : `${number.format(count)} were there already`),
  unread: (count: number) => (count === 1 ? '1 could not be read' : `${number.format(count)} could not be read`),
  refused: (count: number) =>
    count === 1
      ? '1 was refused by the server and is nowhere but in the file'
      : `${number.format(count)} were refused by the server and are nowhere but in the file`,
  untitled: 'A letter without a subject',
  moreRefused: (count: number) => `and ${many(count, 'letter', 'letters')} more`,
  notHere: (count: number) =>
    count === 1 ? '1 is not on this computer' : `${number.format(count)} are not on this computer`,
  stopped: (said: string) => `Stopped. ${said}`,
  failed: 'It ended early.',
  stop: 'Stop',
  stopOf: (path: string) => `Stop ${path}`,
  progressOf: (path: string) => `Progress of ${path}`,
  importOf: (path: string) => `Import of ${path}`,
  exportTo: (path: string) => `Export to ${path}`,

  saveAs: 'Save as…',
  saveAsTitle: 'Save the letter as a file',
  savedAs: 'The letter was saved.',
};
