// What the window says of conversations, senders, lists and files.

import type { SenderMark, Care } from '../engine/types';

const many = (count: number, one: string, other: string) => (count === 1 ? `1 ${one}` : `${count} ${other}`);

const marks: Record<SenderMark, string> = {
  proven: 'The sender is proven',
  plausible: 'The sender is plausible',
  unproven: 'Nothing shows who sent this',
  failed: 'This may not be from whom it says',
};

const careful: Record<Care, string> = {
  open: '',
  ask: 'Postrider does not know this kind of file. Open it only if you expected it.',
  'save-only': 'This file could run as a program. It can be saved, and is not opened from here.',
};

export const reading = {
  marks,
  careful,
  whyMark: 'Why',
  checkSignature: 'Check the signature',
  notChecked: 'Who sent this was not checked',

  threads: 'Group into conversations',
  compact: 'One line for each letter',
  listMenu: 'View of the list',

  conversation: (subject: string) => `Conversation: ${subject}`,
  letters: (count: number) => many(count, 'letter', 'letters'),
  inConversation: (count: number) => `conversation of ${count}`,
  letterFrom: (who: string, date: string) => `Letter from ${who}, ${date}`,
  unfoldAll: 'Unfold all',
  foldAll: 'Fold read ones',
  draft: 'Draft',
  fold: 'Fold',

  list: (name: string) => `Mailing list ${name}`,
  leave: 'Leave this list',
  left: (date: string) => `You asked to leave this list on ${date}.`,
  leaveHeading: 'Leave this mailing list?',
  leaveOneClick: (host: string) => `${host} is asked once to take you off the list. Nothing else is sent.`,
  leaveLetter: (address: string) => `A letter is sent to ${address} that asks to take you off the list.`,
  leaveSubject: 'It says nothing but its subject, which the list chose:',
  leaveEmpty: 'It is empty.',
  leavePage: 'The list has a page for this. It is opened in your browser:',
  leaveAsked: 'The list was asked to let you go.',
  leaveWritten: 'The letter to the list is in the outbox.',
  leaveOtherwise:
    'Nothing shows that this request would be the list’s own wish, so it was not sent. There may be another way.',
  leaveNoWay: 'Nothing shows that this request would be the list’s own wish, so it was not sent.',

  previewOf: (name: string) => `Preview of ${name}`,
  look: (name: string, size: string) => `Look at ${name}, ${size}`,
  fileMenu: (name: string) => `Actions for ${name}`,
  open: 'Open',
  openAnyway: 'Open anyway',
  openAsk: (name: string) => `Open ${name}?`,
  save: 'Save',
  saveAll: 'Save all',
  saveAllTitle: 'Save all attachments to a folder',
  savedAll: (count: number) => `${many(count, 'file was', 'files were')} saved.`,
  saveWarn: (name: string) => `Save ${name}?`,
  saveWarnText: 'This file could run as a program. Save it only if you know what it is.',
  noPreview: 'There is nothing to look at here.',
  cut: 'There is more of it. Save it to read it whole.',
  pdfPage: (page: number, pages: number) => `Page ${page} of ${pages}`,
  pdfFailed: 'This PDF could not be read.',
  pdfMore: (pages: number) => `The first ${pages} pages are shown.`,
  attachedLetter: 'Attached letter',

  print: 'Print',
  savePdf: 'Save as PDF',
  savePdfTitle: 'Save the letter as PDF',
  pdfSaved: 'The letter was saved as PDF.',
  untitled: 'Letter',
};
