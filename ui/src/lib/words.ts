// Every sentence that the window says, in one place. Short, plain, never blaming.

import type { DeliveryState, Phase, Role, Security, WhoActs } from './engine/types';
import type { OrderName } from './pure/marks';
import { adding } from './words/adding';
import { contacts } from './words/contacts';
import { images } from './words/images';
import { deliverability } from './words/deliverability';
import { networks } from './words/networks';
import { delivery } from './words/delivery';
import { labels } from './words/labels';
import { practice } from './words/practice';
import { reading } from './words/reading';
import { destinations, sending } from './words/sending';
import { searching } from './words/searching';
import { settings } from './words/settings';
import { signing } from './words/signing';
import { warnings } from './words/warnings';

const many = (count: number, one: string, other: string) => (count === 1 ? `1 ${one}` : `${count} ${other}`);

const states: Record<DeliveryState, string> = {
  held: 'Held',
  queued: 'Queued',
  sending: 'Sending',
  accepted: 'Accepted',
  relayed: 'Relayed',
  deferred: 'Deferred',
  failed: 'Failed',
  cancelled: 'Cancelled',
  confirmed: 'Confirmed',
  delayed: 'Delayed',
  bounced: 'Bounced',
};

const stateMeanings: Record<DeliveryState, string> = {
  held: 'Kept here for now.',
  queued: 'In the outbox, ready to go.',
  sending: 'An attempt is under way.',
  accepted: 'The recipient’s own server took it.',
  relayed: 'A smart host took it. What happens beyond cannot be seen from here.',
  deferred: 'A temporary answer. It is tried again by itself.',
  failed: 'Refused for good, or given up.',
  cancelled: 'Taken back before it left.',
  confirmed: 'A report says that it is in the mailbox.',
  delayed: 'A report says that it is late.',
  bounced: 'A report says that it came back.',
};

const roles: Record<Role, string> = {
  inbox: 'Inbox',
  drafts: 'Drafts',
  sent: 'Sent',
  archive: 'Archive',
  junk: 'Junk',
  trash: 'Trash',
  all: 'All mail',
};

const phases: Record<Phase, string> = {
  prepare: 'before connecting',
  dns: 'while looking up the mail server',
  connect: 'while connecting',
  tls: 'while agreeing on encryption',
  greeting: 'at the greeting',
  ehlo: 'at the introduction (EHLO)',
  starttls: 'when asking for encryption (STARTTLS)',
  auth: 'at the login (AUTH)',
  mail: 'when naming the sender (MAIL FROM)',
  rcpt: 'when naming the recipient (RCPT TO)',
  data: 'before the content (DATA)',
  body: 'after the content',
};

const securities: Record<Security, string> = {
  tls: 'TLS from the start',
  starttls: 'STARTTLS',
  none: 'None (this computer only)',
};

const whoActs: Record<WhoActs, string> = {
  nobody: 'Nobody has to do anything.',
  you: 'You can do something about it.',
  'your-provider': 'Your provider, or whoever runs your smart host, has to act.',
  'recipients-provider': 'The people who run the recipient’s server have to act.',
  recipient: 'The recipient has to act.',
};

const orders: Record<OrderName, string> = {
  retry: 'Try now',
  'retry-failed': 'Try the failed ones again',
  route: 'Other route',
  hold: 'Hold',
  release: 'Release',
  cancel: 'Cancel',
  edit: 'Edit and send again',
  dismiss: 'Put away',
};

const filed: Record<Role, string> = {
  archive: 'Archived.',
  trash: 'Moved to Trash.',
  junk: 'Moved to Junk.',
  inbox: 'Moved to Inbox.',
  drafts: 'Moved to Drafts.',
  sent: 'Moved to Sent.',
  all: 'Moved to All mail.',
};

/** What is said of a wait: nothing of one that is over at once, minutes of a long one. */
function timeLeft(seconds: number | null): string {
  if (seconds === null || seconds < 5) return '';
  if (seconds < 90) return `, ${seconds} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `, ${minutes} min left` : `, ${Math.round(minutes / 60)} h left`;
}

export const words = {
  name: 'Postrider',
  states,
  stateMeanings,
  roles,
  phases,
  securities,
  whoActs,
  orders,

  common: {
    close: 'Close',
    cancel: 'Cancel',
    back: 'Back',
    save: 'Save',
    saved: 'Saved',
    remove: 'Remove',
    dismiss: 'Dismiss',
    open: 'Open',
    copy: 'Copy',
    copied: 'Copied',
    more: 'More',
    loading: 'Loading',
    tryAgain: 'Try again',
    noSubject: '(no subject)',
    noRecipients: '(no recipients)',
    unknownSender: '(unknown sender)',
    failedToStart: 'Postrider could not start',
  },

  welcome: {
    heading: 'Welcome to Postrider',
    lead: 'Write a letter, press Send, and see for every recipient what really happened to it.',
    doors: 'How would you like to begin?',
    addTitle: 'Add your account',
    addText:
      'Your own address. Mail is read over IMAP and kept on this computer; it is sent by yourself or through your provider.',
    practiceTitle: 'Try the practice post office',
    practiceText:
      'A small world of mail inside the program. Nothing leaves this computer, and every kind of reply can be met.',
    practiceOpening: 'Opening the post office…',
    promise: 'Nothing you write is lost, and nothing is called sent before a server said so.',
  },

  adding,

  account: {
    heading: 'Add your account',
    lead: 'Your address and password are enough to begin. The password stays in this computer’s keyring.',
    name: 'Your name',
    nameHint: 'As recipients will see it.',
    address: 'Email address',
    password: 'Password',
    passwordHint: 'Some providers want an app password here.',
    user: 'Login name',
    userHint: 'Empty means the address.',
    continue: 'Continue',
    looking: 'Looking up the servers…',
    receive: 'Reading (IMAP)',
    send: 'Sending (smart host)',
    useImap: 'Read mail of this account',
    useSmtp: 'Send through this smart host',
    directOnly: 'Without a smart host, letters go direct to each recipient’s server.',
    host: 'Server',
    port: 'Port',
    security: 'Encryption',
    check: 'Log in and add',
    checking: 'Logging in…',
    adding: 'Adding the account…',
    addAnyway: 'Add without checking',
    works: 'Login works',
    fails: 'Login did not work',
    badAddress: 'This is not an address yet. Write it as name@example.org.',
    nothingChosen: 'Choose at least reading or sending.',
  },

  keyring: {
    heading: 'There is no keyring on this computer',
    text: 'Passwords belong in the system’s keyring, and none is running. They can be kept in a file instead, readable by you alone. Whoever can read your files could read them.',
    accept: 'Store passwords in a file',
    refuse: 'Not now',
  },

  sidebar: {
    label: 'Mailboxes',
    show: 'Show mailboxes',
    compose: 'Compose',
    inbox: 'Inbox',
    outbox: 'Outbox',
    scheduled: 'Scheduled',
    sent: 'Sent',
    drafts: 'Drafts',
    practice: 'Practice post office',
    settings: 'Settings',
    unread: (count: number) => `${count} unread`,
    count: (count: number) => many(count, 'letter', 'letters'),
    syncNow: 'Sync now',
  },

  sync: {
    none: 'No account yet',
    upToDate: 'Up to date',
    syncing: (mailbox: string, done: number, total: number, left: number | null) =>
      total > 0 ? `Fetching ${mailbox}, ${done} of ${total}${timeLeft(left)}` : `Looking at ${mailbox}`,
    offline: 'Offline',
    offlineReason: (reason: string) => `Offline: ${reason}`,
    loginRefused: (address: string) => `Login refused for ${address}`,
    signInEnded: (address: string) => `The sign-in of ${address} has ended`,
    sendOnly: 'Only for sending',
    wants: { password: 'Enter a new password', 'sign-in': 'Sign in again' },
  },

  searching,

  search: {
    field: 'Search letters',
    clear: 'Leave the search',
    heading: 'Search results',
    begin: 'Search all letters',
    beginText:
      'Type words, or the beginnings of words. All of them have to be in a letter. Or say where: from: subject: in: has:attachment is:unread before:',
    nothing: (query: string) => `Nothing found for “${query}”`,
    nothingText:
      'Every word has to be in a letter, or to begin a word in it. Fewer words find more; the server may have letters that are not here yet.',
    nothingShort:
      'Words of one or two letters have to be in a letter as they are. Put a * behind them to find longer ones, or search with fewer words.',
    newest: (count: number) => `the newest ${count}`,
    in: (mailbox: string) => `in ${mailbox}`,
  },

  list: {
    pane: 'Letters',
    label: (place: string) => `Letters in ${place}`,
    empty: 'No letters here',
    emptyInbox: 'Your inbox is empty',
    emptyInboxText: 'New mail appears here by itself.',
    emptyOutbox: 'The outbox is empty',
    emptyOutboxText: 'What you send stays here until a server has taken it for everyone.',
    emptyScheduled: 'Nothing is scheduled',
    emptyScheduledText: 'Letters that wait for their time appear here.',
    emptyDrafts: 'No drafts',
    emptyDraftsText: 'What you write is saved here as you type.',
    emptySent: 'Nothing sent yet',
    count: (count: number) => many(count, 'letter', 'letters'),
    unread: 'Unread',
    flagged: 'Flagged',
    answered: 'Answered',
    forwarded: 'Forwarded',
    attachments: (count: number) => many(count, 'attachment', 'attachments'),
    you: 'you',
    threads: (count: number) => many(count, 'conversation', 'conversations'),
    to: (names: string) => `To ${names}`,
    in: (left: string) => `in ${left}`,
    next: (time: string, left: string) => `next try ${time} (in ${left})`,
    leaves: (time: string, left: string) => `leaves ${time} (in ${left})`,
    lateRow: 'Late',
    late: (address: string, subject: string) => `Late: ${subject} to ${address}`,
    newMail: (count: number, from: string, subject: string) =>
      count === 1 ? `New letter from ${from}: ${subject}` : `${count} new letters`,
    refused: (address: string, title: string) => `Not delivered to ${address}: ${title}`,
  },

  letter: {
    label: 'Letter',
    nothing: 'No letter is open',
    nothingText: 'Choose one from the list, or press C to write one.',
    nothingListed: 'Press C to write one.',
    frame: (subject: string) => `Content of ${subject}`,
    from: 'From',
    to: 'To',
    cc: 'Cc',
    bcc: 'Bcc',
    replyTo: 'Answers go to',
    showDetails: 'Show all addresses',
    hideDetails: 'Hide addresses',
    actions: 'Letter actions',
    reply: 'Reply',
    replyAll: 'Reply all',
    forward: 'Forward',
    archive: 'Archive',
    trash: 'Move to trash',
    deleteForGood: 'Delete for good',
    markUnread: 'Mark as unread',
    markRead: 'Mark as read',
    flag: 'Flag',
    unflag: 'Remove flag',
    junk: 'Move to junk',
    toInbox: 'Move to inbox',
    source: 'Show source',
    sourceHeading: 'Source of the letter',
    fetching: 'The letter is being fetched…',
    notHere: 'The letter is not here yet. It appears as soon as the server can be reached.',
    withheld: 'The server lists this letter and does not hand out its text.',
    withheldWhy: (reason: string) => `It said: “${reason}”`,
    withheldNext: 'It is asked again from time to time, and each time that you open the letter.',
    attachments: 'Attachments',
    saveAttachment: (name: string, size: string) => `Save ${name}, ${size}`,
    saveTitle: 'Save attachment',
    savedTo: (name: string) => `${name} was saved.`,
    moved: (count: number, to: Role) =>
      count === 1 ? filed[to] : `${count} letters ${filed[to].charAt(0).toLowerCase()}${filed[to].slice(1)}`,
    deleted: (count: number) => (count === 1 ? 'Deleted.' : `${count} letters deleted.`),
    deleteAsk: (count: number) =>
      count === 1 ? 'Delete this letter for good?' : `Delete ${count} letters for good?`,
    deleteText: 'Here and on the server. It cannot be brought back.',
  },

  reading,
  labels,

  images,

  several: {
    selected: (count: number) => `${count} letters selected`,
    actions: 'Actions for the selected letters',
    leave: 'Esc goes back to one.',
  },

  link: {
    heading: 'This link leads to',
    deceptive: 'Check that this is where you want to go.',
    open: 'Open in browser',
  },

  contacts,
  deliverability,
  delivery,
  networks,

  headline: {
    none: 'This letter has no recipients.',
    queued: 'In the outbox. It leaves as soon as it is its turn.',
    sending: (domain: string) => `On its way to ${domain}.`,
    accepted: (domain: string) => `Accepted by the server of ${domain}.`,
    relayed: 'Relayed: a smart host took it. What happens beyond cannot be seen from here.',
    confirmed: 'Confirmed: it is in the mailbox.',
    delayed: (why: string) => `Accepted, but a report says that it is late${why}.`,
    deferred: (why: string, next: string) => `Waiting${why}${next}.`,
    failed: (why: string) => `Not delivered${why}.`,
    bounced: (why: string) => `It came back${why}.`,
    cancelled: 'Cancelled. It was not sent.',
    scheduled: (time: string, left: string) => `Scheduled for ${time} (in ${left}).`,
    undo: (left: string) => `Held so that you can take it back; it leaves in ${left}.`,
    undoPaused: 'Held so that you can take it back. Sending is paused.',
    paused: 'Held until you release it.',
    all: (total: number, word: string) => `All ${total} ${word}.`,
    share: (count: number, total: number, word: string) => `${count} of ${total} ${word}.`,
    refused: (count: number, why: string) => `${count} ${count === 1 ? 'was' : 'were'} refused${why}.`,
    notDelivered: (count: number, why: string) => `${count} ${count === 1 ? 'was' : 'were'} not delivered${why}.`,
    cameBack: (count: number, why: string) => `${count} came back${why}.`,
    waiting: (count: number, why: string, next: string) =>
      `${count} ${count === 1 ? 'is' : 'are'} waiting${why}${next}.`,
    late: (count: number) => `${count} reported late.`,
    underWay: (count: number) => `${count} ${count === 1 ? 'is' : 'are'} on the way.`,
    heldPaused: (count: number) =>
      `${count} ${count === 1 ? 'is' : 'are'} held until you release ${count === 1 ? 'it' : 'them'}.`,
    heldUntil: (count: number, time: string, left: string) =>
      `${count} ${count === 1 ? 'is' : 'are'} held until ${time} (in ${left}).`,
    queuedPaused: 'In the outbox. Sending is paused.',
    nextPaused: '; sending is paused',
    nextNone: '; no further try is planned',
    nextNow: '; it is tried again now',
    nextAt: (time: string, left: string) => `; next try ${time} (in ${left})`,
  },

  mark: {
    taken: (count: number, total: number) => `${count} of ${total} taken`,
    refused: (count: number, total: number) => `${count} of ${total} refused`,
    open: (count: number, total: number) => `${count} of ${total} open`,
  },

  composer: {
    label: 'New letter',
    heading: 'New letter',
    from: 'From',
    to: 'To',
    cc: 'Cc',
    bcc: 'Bcc',
    addCc: 'Add Cc',
    addBcc: 'Add Bcc',
    subject: 'Subject',
    body: 'Letter',
    route: 'Route',
    routeLabel: (shown: string) => `Route: ${shown}`,
    auto: 'Auto',
    autoText: 'Your rules first, else chosen for each recipient when it is sent.',
    autoUsualText: (route: string) => `Your rules first, else the usual route of this address: ${route}.`,
    direct: 'Direct',
    directText: 'Straight to each recipient’s own server.',
    smartHostText: 'Handed to this server, which passes it on.',
    routeDefault: 'usual for this address',
    whyRoutes: 'What Auto chooses now',
    whyRoute: 'What happens then',
    requireTls: 'Only over verified encryption (REQUIRETLS)',
    requireTlsText: 'It comes back rather than travel where any server on its way cannot prove who it is.',
    requireTlsShown: 'only over verified encryption',
    choice: (domain: string, route: string) => `${domain}: ${route}`,
    format: 'Format',
    bold: 'Bold',
    italic: 'Italic',
    underline: 'Underline',
    list: 'List',
    quote: 'Quote',
    link: 'Link',
    linkAddress: 'Address of the link',
    linkAdd: 'Set link',
    linkBad: 'A link begins with https:// or mailto:.',
    attach: 'Attach files',
    attachments: 'Attachments',
    total: (size: string) => `${size} in all`,
    removeAttachment: (name: string) => `Remove ${name}`,
    dropHere: 'Drop files to attach them',
    send: 'Send',
    sendKey: 'Ctrl+Enter',
    sendLater: 'Send later',
    schedule: 'Schedule',
    scheduleAt: 'Date and time',
    schedulePast: 'Choose a time that is still to come.',
    later: { hour: 'In an hour', evening: 'This evening', tomorrow: 'Tomorrow morning', monday: 'Monday morning' },
    close: 'Close and keep as draft',
    discard: 'Throw away',
    discardAsk: 'Throw this draft away?',
    discardText: 'It cannot be brought back.',
    keep: 'Keep',
    saving: 'Saving…',
    savedAt: (time: string) => `Draft saved ${time}`,
    saveFailed: 'The draft could not be saved',
    recipients: 'recipients',
    removeRecipient: (address: string) => `Remove ${address}`,
    invalidRecipient: (address: string) => `${address} is not an address`,
    marked: (address: string, label: string) => `${address}, ${label}`,
    meant: (domain: string) => `${domain}?`,
    takeInstead: (address: string) => `Change to ${address}`,
    takeInsteadKey: 'Alt+Enter',
    outlook: 'Before you send',
    moreAbout: 'More about this',
    always: (route: string) => `Always ${route}`,
    alwaysFrom: (address: string) => `for letters from ${address}`,
    alwaysTo: (domain: string) => `for letters to ${domain}`,
    rememberedFrom: (address: string, route: string) => `Letters from ${address} usually go ${route} now.`,
    rememberedTo: (domain: string, route: string) => `Letters to ${domain} always go ${route} now.`,
    ways: { auto: 'as Auto decides', direct: 'direct', through: (name: string) => `through ${name}` },
    noRecipients: 'Add at least one recipient.',
    badRecipients: (list: string) => `Not an address: ${list}. Correct it or remove it.`,
    continueWriting: (subject: string) => `Continue writing: ${subject}`,
    untitled: 'New letter',
  },

  undo: {
    inOutbox: 'In the outbox',
    leaves: (seconds: number) => `Leaves in ${seconds} s`,
    scheduled: (time: string) => `Scheduled for ${time}`,
    undo: 'Undo',
  },

  practice,
  settings,
  signing,
  warnings,
  sending,
  destinations,

  dates: { tomorrow: (time: string) => `tomorrow ${time}`, yesterday: (time: string) => `yesterday ${time}` },
  file: { byte: '1 byte', bytes: (count: number) => `${count} bytes` },
  names: { others: (shown: string, count: number) => `${shown} and ${count} others` },
};
