// Sample letters that look like real life, made up as needed.

import type {
  Account,
  Address,
  Attempt,
  Block,
  Delivery,
  DestinationView,
  Diagnosis,
  DkimKeyView,
  DraftView,
  ImagePermissionView,
  ImportSource,
  Invitation,
  LetterLook,
  LetterRow,
  Mailbox,
  OutgoingRow,
  OutgoingView,
  PracticePlace,
  Sidebar,
  SmartHostPreset,
  TlsReport,
  TransferView,
} from '../src/lib/engine/types';

const MINUTE = 60_000;
export const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();
export const ahead = (minutes: number) => ago(-minutes);

const people: Address[] = [
  { name: 'Anna Bergström', address: 'anna@example.org' },
  { name: 'Ben Okafor', address: 'ben.okafor@example.net' },
  { name: 'The Garden Post', address: 'news@garden.example' },
  { name: '山田 花子', address: 'hanako@example.jp' },
  { name: null, address: 'no-reply@parcels.example' },
  { name: 'ليلى حداد', address: 'layla@example.com' },
  { name: 'Municipal Library, Reading Room', address: 'readingroom@library.example' },
  { name: 'Jonas', address: 'jonas@example.org' },
  {
    name: null,
    address: 'the-committee-for-the-restoration-of-the-reading-room@friends-of-the-municipal-library.example',
  },
];
const subjects = [
  [
    'Minutes of Tuesday',
    'The minutes are attached. Three things came out of it: the reading room opens on the ninth',
  ],
  ['Re: The piano', 'It can stay where it is, if somebody finds the key. I have looked in all the usual places'],
  ['What to sow in November', 'Broad beans and garlic, if the ground is not frozen. Everything else can wait'],
  ['来週の予定', '火曜日の午後三時にお会いできますか。場所はいつもの喫茶店で'],
  ['Your parcel is on its way', 'It was handed over this morning and is expected on Thursday between 10 and 14'],
  ['اجتماع يوم الأحد', 'صباح الخير، أردت فقط أن أؤكد موعدنا يوم الأحد القادم'],
  ['Your loan ends on Friday', 'The Compleat Angler can be extended twice more, either here or at the desk'],
  ['', 'Sorry, sent too early. Second try in a minute'],
  [
    'Aufstellung der Donaudampfschifffahrtsgesellschaftskapitänswitwenpensionsauszahlungen, zweite und letzte Fassung',
    'As promised',
  ],
];

const you: Address = { name: 'Robin Vale', address: 'robin@example.org' };

/** A letter about whose looks there is nothing to say. */
/** Some paragraphs. */
export const page: Block[] = Array.from({ length: 6 }, (_, at) => ({
  text: `Paragraph ${at + 1}. ${'The piano stays where it is until the hall has dried. '.repeat(2)}\n`,
  font: 15,
  inset: 0,
  gap: 0,
  height: 0,
}));

export const plainLook: LetterLook = {
  image_hosts: [],
  images_by: null,
  images_of: null,
  images_doubt: null,
  tracked_by: [],
  colours: 'own',
  warnings: [],
};

/** A conversation among some people, its newest letter that of a row. */
export function threadOf(row: LetterRow): LetterRow[] {
  const words = [
    ['Shall we meet on Thursday? I could bring the old maps.', people[0]!, 1],
    ['Thursday suits me. Could Jonas bring the index cards?', you, 3],
    ['I can, but not before eleven. The archive opens late that day.', people[2]!, 1],
    ['Eleven it is. I will reserve the small room, the one with the window.', people[0]!, 1],
  ] as const;
  const earlier = words.map(([snippet, from, mailbox], at) => ({
    ...row,
    letter: row.letter! + 5000 + at * 1000,
    from: [from],
    snippet,
    mailbox,
    unread: false,
    flagged: at === 2,
    attachments: at === 0 ? 2 : 0,
    date: ago(9000 - at * 2000),
    subject: at === 0 ? row.subject : `Re: ${row.subject}`,
    mark: null,
  }));
  return [...earlier, { ...row, subject: `Re: ${row.subject}` }];
}

const labelsOf = (index: number) =>
  ['Library', 'Choir/Concerts in the old town hall', 'Hidden', 'Receipts']
    .slice(0, index % 4 === 1 ? 1 : 4)
    .map((name, at) => ({ name, mailbox: name === 'Hidden' ? null : 40 + at }));

export function letterRow(index: number): LetterRow {
  const [subject, snippet] = subjects[index % subjects.length] ?? ['', ''];
  return {
    letter: 1000 + index,
    outgoing: null,
    mailbox: 1,
    from: [people[index % people.length] ?? you],
    to: [you],
    subject: subject ?? '',
    snippet: snippet ?? '',
    date: ago(4 + index * index * 3 + index * 7),
    unread: index < 3 || index === 9,
    flagged: index === 1 || index === 12,
    answered: index % 7 === 5,
    forwarded: index === 6,
    attachments: index % 8 === 0 ? 3 : 0,
    mark: null,
    ...(index % 6 === 1 ? { labels: labelsOf(index) } : {}),
    ...(index % 5 === 2
      ? {
          thread: {
            letters: [1000 + index, 6000 + index],
            count: 5,
            people: [people[0]!, you, people[2]!],
            unread: index < 3,
            flagged: false,
          },
        }
      : {}),
  };
}

export function sentRow(index: number): LetterRow {
  const marks = [
    { state: 'deferred', total: 3, taken: 1, refused: 1, open: 1 },
    { state: 'accepted', total: 1, taken: 1, refused: 0, open: 0 },
    { state: 'relayed', total: 2, taken: 2, refused: 0, open: 0 },
    { state: 'failed', total: 1, taken: 0, refused: 1, open: 0 },
    { state: 'confirmed', total: 1, taken: 1, refused: 0, open: 0 },
    { state: 'bounced', total: 1, taken: 0, refused: 1, open: 0 },
    { state: 'sending', total: 1, taken: 0, refused: 0, open: 1 },
    { state: 'queued', total: 1, taken: 0, refused: 0, open: 1 },
    { state: 'cancelled', total: 1, taken: 0, refused: 0, open: 0 },
    { state: 'delayed', total: 1, taken: 1, refused: 0, open: 0 },
  ] as const;
  const row = letterRow(index + 40);
  const mark = index < marks.length ? { ...marks[index]! } : { ...marks[1] };
  const to = [people[index % people.length]!, people[(index + 3) % people.length]!].slice(0, mark.total > 1 ? 2 : 1);
  delete row.thread;
  return {
    ...row,
    letter: 3000 + index,
    outgoing: 1,
    mailbox: 3,
    from: [you],
    to,
    date: ago(2 + index * 90),
    unread: false,
    mark,
  };
}

const boxes: [number, string, Mailbox['role'], number, number][] = [
  [1, 'INBOX', 'inbox', 1200, 4],
  [2, 'Drafts', 'drafts', 2, 0],
  [3, 'Sent', 'sent', 180, 0],
  [4, 'Archive', 'archive', 8400, 0],
  [5, 'Junk', 'junk', 12, 12],
  [6, 'Trash', 'trash', 30, 0],
  [7, 'Reading room', null, 64, 2],
  [8, 'Reading room/Accounts', null, 8, 0],
  [9, 'Family', null, 310, 0],
];

const mailboxes: Mailbox[] = boxes.map(([id, path, role, total, unread]) => ({
  id,
  account: 1,
  path,
  name: path.split('/').at(-1) ?? path,
  separator: '/',
  role,
  selectable: true,
  subscribed: true,
  total,
  unread,
}));

export const account: Account = {
  id: 1,
  address: 'robin@example.org',
  imap: { host: 'imap.example.org', port: 993, security: 'tls', user: 'robin@example.org', login: 'password' },
  identities: [
    { id: 1, address: 'robin@example.org', name: 'Robin Vale', signature: 'Robin', route: 'auto' },
    { id: 2, address: 'library@example.org', name: 'Friends of the Library', signature: '', route: 'Fastmail' },
  ],
  smart_hosts: [
    {
      id: 1,
      name: 'Fastmail',
      server: { host: 'smtp.example.org', port: 465, security: 'tls', user: 'robin@example.org', login: 'password' },
    },
    {
      id: 2,
      name: 'Gmail',
      server: { host: 'smtp.gmail.com', port: 465, security: 'tls', user: 'robin.vale@gmail.com', login: 'token' },
    },
    {
      id: 3,
      name: 'Office relay',
      server: { host: 'relay.office.example', port: 587, security: 'starttls', user: '', login: 'password' },
    },
  ],
  rules: [
    { domain: 'example.net', route: 'direct' },
    { domain: '*.library.example', route: 'Office relay' },
  ],
  practice: false,
};

export const practiceAccount: Account = {
  ...account,
  id: 2,
  address: 'you@practice.test',
  identities: [{ id: 3, address: 'you@practice.test', name: 'You', signature: '', route: 'auto' }],
  smart_hosts: [],
  rules: [],
  practice: true,
};

export function sidebar(scene: string): Sidebar {
  const empty = scene === 'empty';
  const busy = { sync: 'syncing', mailbox: 'Archive', done: 3120, total: 8400, seconds_left: 240 } as const;
  return {
    inbox_unread: empty ? 0 : 4,
    outbox: empty ? 0 : 2,
    outbox_mark: empty ? null : { state: 'failed', total: 4, taken: 1, refused: 1, open: 2 },
    paused: scene === 'paused',
    scheduled: empty ? 0 : 1,
    drafts: empty ? 0 : 2,
    accounts: [
      {
        id: 1,
        address: account.address,
        practice: false,
        mailboxes,
        sync:
          scene === 'error' || scene === 'signin'
            ? { sync: 'login-refused', reason: '[AUTHENTICATIONFAILED] Invalid credentials' }
            : scene === 'busy'
              ? busy
              : { sync: 'up-to-date' },
      },
      ...(empty
        ? []
        : [
            {
              id: 2,
              address: practiceAccount.address,
              practice: true,
              mailboxes: mailboxes
                .slice(0, 3)
                .map((mailbox) => ({ ...mailbox, id: mailbox.id + 20, account: 2, unread: 0 })),
              sync: { sync: 'up-to-date' } as const,
            },
          ]),
    ],
  };
}

const greylisted: Diagnosis = {
  class: 'greylisted',
  temporary: true,
  who_acts: 'nobody',
  would_other_route_help: true,
  local_cause: false,
  retry_after: 300,
  title: 'greylist.test asks us to come back',
  explanation:
    'Nothing is wrong. The server of greylist.test (mx.greylist.test) lets first-time senders wait a little, because senders of junk mail rarely come back.',
  advice: 'There is nothing to do: Postrider comes back by itself, and later letters usually go through at once.',
};
const unknownUser: Diagnosis = {
  class: 'no-such-recipient',
  temporary: false,
  who_acts: 'you',
  would_other_route_help: false,
  local_cause: false,
  retry_after: null,
  title: 'nobody.test did not find anna@nobody.test',
  explanation:
    'The server of nobody.test (mx.nobody.test) knows no mailbox of this name. The address may be misspelt, or no longer exist.',
  advice: 'Check the address, then edit and send again.',
};

const tls: TlsReport = {
  policy: 'opportunistic',
  verified: true,
  verified_by: 'authority',
  unverified_because: null,
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  names: ['mx.prompt.test'],
  not_after: ahead(100_000),
};

const delivery = (id: number, address: string, state: Delivery['state'], more: Partial<Delivery> = {}): Delivery => ({
  id,
  address,
  state,
  hold: null,
  route: null,
  next_attempt_at: null,
  due_since: ago(3),
  tries: 1,
  diagnosis: null,
  changed_at: ago(2),
  ...more,
});

const attempt = (id: number, of: number, host: string, more: Partial<Attempt>): Attempt => ({
  id,
  delivery: of,
  started_at: ago(2 + id),
  ended_at: new Date(Date.parse(ago(2 + id)) + 830).toISOString(),
  route: 'direct',
  route_reason: 'Direct works from this network',
  host,
  address: '127.0.0.1',
  port: 2525,
  source: '127.0.0.1',
  helo: '[127.0.0.1]',
  tls_policy: 'opportunistic',
  tls_notes: [],
  tls: { ...tls, names: [host] },
  phase: 'rcpt',
  reply: null,
  error: null,
  diagnosis: null,
  ...more,
});

export function outgoingView(id: number): OutgoingView {
  const single = id > 1;
  const deliveries = [
    delivery(1, 'ben@prompt.test', 'accepted'),
    delivery(2, 'layla@greylist.test', 'deferred', {
      next_attempt_at: ahead(3.1),
      diagnosis: greylisted,
      tries: 2,
      due_since: ago(80),
    }),
    delivery(3, 'anna@nobody.test', 'failed', { diagnosis: unknownUser }),
  ];
  const scheduled = delivery(9, 'jonas@example.org', 'held', {
    hold: 'scheduled',
    next_attempt_at: ahead(1300),
    tries: 0,
  });
  return {
    outgoing: {
      id,
      account: 1,
      message_id: `letter-${id}@example.org`,
      sender: 'robin@example.org',
      from: 'Robin Vale <robin@example.org>',
      subject: single ? (id === 3 ? 'Birthday' : 'Re: The piano') : 'Invitation to the opening',
      size: 48_213,
      created_at: ago(6),
      route: 'auto',
      require_tls: id === 2,
      deliveries: id === 3 ? [scheduled] : single ? [deliveries[1]!] : deliveries,
    },
    attempts:
      id === 3
        ? []
        : [
            attempt(1, 1, 'mx.prompt.test', {
              phase: 'body',
              route_reason: 'Direct works from this network',
              tls_policy: 'dane',
              tls_notes: ['prompt.test publishes TLSA records for mx.prompt.test, and DNSSEC proves them.'],
              tls: { ...tls, policy: 'dane', verified_by: 'tlsa', names: ['mx.prompt.test', 'mx2.prompt.test'] },
              reply: { code: 250, enhanced: '2.0.0', lines: ['Ok: queued as 4F3A21'] },
            }),
            attempt(2, 2, 'mx.greylist.test', {
              reply: { code: 451, enhanced: '4.7.1', lines: ['Greylisted, please come back in 300 seconds'] },
              diagnosis: greylisted,
            }),
            attempt(3, 3, 'mx.nobody.test', {
              tls: {
                ...tls,
                verified: false,
                verified_by: null,
                unverified_because: 'the certificate has expired',
                names: ['mx.nobody.test'],
                not_after: ago(9000),
              },
              tls_notes: ['nobody.test used to show a valid certificate.'],
              reply: { code: 550, enhanced: '5.1.1', lines: ['No such user here'] },
              diagnosis: unknownUser,
            }),
            attempt(5, 2, 'mx.greylist.test', {
              tls: null,
              phase: 'connect',
              error: 'mx.greylist.test did not answer',
              diagnosis: { ...greylisted, class: 'host-unreachable', title: 'greylist.test does not answer' },
            }),
          ],
    document: 'plain.html',
    copy: null,
    late: id === 3 ? [] : [2],
    warnings:
      id === 3
        ? []
        : [
            { delivery: 2, attempt: null, name: 'greylisting' },
            { delivery: 2, attempt: 2, name: 'greylisting' },
          ],
    signed_by: id === 1 ? ['pr202611r1._domainkey.example.org', 'pr202611e2._domainkey.example.org'] : [],
    unsigned: id === 2 ? 'the letter could not be signed for example.org: the keyring is locked' : null,
    reports:
      id === 1
        ? [
            { id: 1, delivery: 3, kind: 'failed', created_at: ago(2) },
            { id: 2, delivery: 2, kind: 'delayed', created_at: ago(1) },
          ]
        : [],
  };
}

export const outgoings: OutgoingRow[] = [
  {
    id: 1,
    from: 'Robin Vale <robin@example.org>',
    to: ['ben@prompt.test', 'layla@greylist.test', 'anna@nobody.test'],
    subject: 'Invitation to the opening',
    created_at: ago(6),
    mark: { state: 'failed', total: 3, taken: 1, refused: 1, open: 1 },
    next_attempt_at: ahead(3.1),
    title: 'nobody.test did not find anna@nobody.test',
    late: true,
  },
  {
    id: 2,
    from: 'Robin Vale <robin@example.org>',
    to: ['layla@greylist.test'],
    subject: 'Re: The piano',
    created_at: ago(9),
    mark: { state: 'deferred', total: 1, taken: 0, refused: 0, open: 1 },
    next_attempt_at: ahead(3.1),
    title: 'greylist.test asks us to come back',
    late: true,
  },
];

export const scheduledRow: OutgoingRow = {
  id: 3,
  from: 'Robin Vale <robin@example.org>',
  to: ['jonas@example.org'],
  subject: 'Birthday',
  created_at: ago(60),
  mark: { state: 'held', total: 1, taken: 0, refused: 0, open: 1 },
  next_attempt_at: ahead(1300),
  title: '',
  late: false,
};

export function draft(id: number, subject: string, html: string, to: Address[] = []): DraftView {
  return {
    id,
    draft: {
      account: 1,
      identity: 1,
      to,
      cc: [],
      bcc: [],
      subject,
      html,
      in_reply_to: null,
      references: [],
      answers: null,
      forwards: null,
      route: 'auto',
      require_tls: false,
    },
    attachments: [],
    saved_at: ago(12),
  };
}

export const places: PracticePlace[] = [
  { address: 'anna@prompt.test', what: 'Accepts every letter at once.' },
  { address: 'anna@greylist.test', what: 'Asks newcomers to come back after 30 seconds, then accepts.' },
  { address: 'anna@nobody.test', what: 'Says that there is no such recipient.' },
  { address: 'anna@full.test', what: 'The mailbox is full.' },
  { address: 'anna@dynamic.test', what: 'Refuses this computer’s address in its greeting.' },
  { address: 'yes@partial.test', what: 'Accepts yes@, refuses no@ and defers later@ in one letter.' },
  { address: 'anna@echo.test', what: 'Accepts, and answers into your inbox.' },
  { address: 'anna@down.test', what: 'Nothing listens there.' },
];

export const presets: SmartHostPreset[] = [
  {
    name: 'Gmail',
    host: 'smtp.gmail.com',
    port: 465,
    security: 'tls',
    login: 'password',
    user: { form: 'address' },
    user_is: 'Your whole address',
    secret_is: 'An app password',
    recipients_a_day: 500,
    megabytes: 25,
    limits: '500 recipients a day (2,000 with Google Workspace), 25 MB a message.',
    set_up: 'Turn on 2-Step Verification for the Google account, then make an app password for Postrider.',
    link: 'https://support.google.com/accounts/answer/185833',
  },
  {
    name: 'Amazon SES',
    host: '',
    port: 465,
    security: 'tls',
    login: 'password',
    user: { form: 'issued' },
    user_is: 'The SMTP user name',
    secret_is: 'The SMTP password',
    recipients_a_day: 200,
    megabytes: 40,
    limits: '200 letters a day until the account is out of the sandbox.',
    set_up: 'Verify your domain, then make SMTP credentials. The host has your region in its name.',
    link: 'https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html',
  },
  {
    name: 'SendGrid',
    host: 'smtp.sendgrid.net',
    port: 465,
    security: 'tls',
    login: 'password',
    user: { form: 'fixed', name: 'apikey' },
    user_is: 'The word apikey',
    secret_is: 'The API key',
    recipients_a_day: null,
    megabytes: 30,
    limits: '',
    set_up: 'Make an API key that may send mail, and verify your sender.',
    link: 'https://www.twilio.com/docs/sendgrid',
  },
];

const publicKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw7J2xkxwN0g5dXcKPv0l9m7bS9Q8mVQ0pXH3tT6y5cJ9Z4H1bJm2mQm1nW3r6kq8Yb1dYzqWb2l9VhKf0m3T5xJq8n1X7r2mJ9y4w6o0aQz5fK3sB7tN8cL2vR4eHqPzXyWk';

/** A key of a domain. */
export function dkimKey(id: number, domain: string, state: DkimKeyView['state'], rsa = true): DkimKeyView {
  const selector = `pr202611${rsa ? 'r' : 'e'}${id}`;
  const value = rsa
    ? `v=DKIM1; k=rsa; p=${publicKey}`
    : 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
  return {
    id,
    selector,
    algorithm: rsa ? 'rsa-sha256' : 'ed25519-sha256',
    state,
    record_name: `${selector}._domainkey.${domain}`,
    record_value: value,
    zone_line: `${selector}._domainkey.${domain}. IN TXT "${value}"`,
    created_at: ago(3000),
    checked_at: state === 'waiting' && id > 6 ? null : ago(12),
    seen_at: state === 'waiting' ? null : ago(2800),
    what: '',
  };
}

export const destinationList: DestinationView[] = [
  {
    domain: 'greylist.test',
    first_seen: ago(90_000),
    last_success: ago(300),
    last_failure: ago(4),
    greylist_seconds: 305,
    tls_offered: true,
    tls_version: 'TLSv1.3',
    size_limit: 26_214_400,
    refused_us: null,
  },
  {
    domain: 'friends-of-the-municipal-library-and-its-reading-room.example',
    first_seen: ago(90),
    last_success: null,
    last_failure: ago(50),
    greylist_seconds: null,
    tls_offered: false,
    tls_version: null,
    size_limit: null,
    refused_us: 'sender-dynamic-ip',
  },
];

export const usualSettings: Record<string, string> = {
  'outbound.undo_seconds': '10',
  'outbound.schedule': '5m,10m,20m,40m,80m,2h',
  'outbound.greylist_schedule': '1m,5m,10m,20m',
  'outbound.max_age': '5d',
  'outbound.delay_notice': '1h',
  'outbound.delay_report': '4h',
  'outbound.dane': 'when-proven',
  'outbound.downgrade': 'show',
};

/** What the window says about the frame of a letter. */
export function look(news = false, sender: string | null = null): LetterLook {
  return {
    image_hosts: news ? ['images.example'] : [],
    images_by: null,
    images_of: sender,
    images_doubt: null,
    tracked_by: news ? ['Mailchimp'] : [],
    colours: news ? 'own' : 'none',
    warnings: news
      ? [{ weight: 'note', text: 'A link says www.garden.example but leads to click.mailer.example.' }]
      : [],
  };
}

export const imagePermissions: ImagePermissionView[] = [
  { scope: 'domain', name: 'club.example', granted_at: ago(60 * 24 * 9) },
  { scope: 'sender', name: 'news@garden.example', granted_at: ago(60 * 24 * 2) },
];

export const thunderbird: ImportSource = {
  path: '/home/robin/.thunderbird',
  kind: 'thunderbird',
  folders: [
    { name: 'Local Folders/Inbox', letters: 1240, octets: 96_400_000 },
    { name: 'Local Folders/Sent', letters: 812, octets: 41_000_000 },
    { name: 'Local Folders/Archive/2019', letters: 5210, octets: 702_000_000 },
    { name: 'Local Folders/Archive/2019/Friends of the Municipal Library', letters: 1, octets: 3_100 },
    { name: 'imap.example.org/Drafts', letters: 0, octets: 0 },
  ],
};

export function mbox(path: string): ImportSource {
  return { path, kind: 'mbox', folders: [{ name: 'archive-2019', letters: 903, octets: 77_000_000 }] };
}

export const transfers: TransferView[] = [
  {
    id: 4,
    kind: 'import',
    path: '/home/robin/Old mail',
    state: { state: 'waiting' },
    total: 4200,
    done: 1830,
    passed_over: 12,
    failed: 0,
    refused: 0,
    refusals: [],
  },
  {
    id: 3,
    kind: 'export',
    path: '/home/robin/archive',
    state: { state: 'failed', reason: 'The disk is full. Make room and export again.' },
    total: 9000,
    done: 312,
    passed_over: 0,
    failed: 0,
    refused: 0,
    refusals: [],
  },
  {
    id: 2,
    kind: 'import',
    path: '/home/robin/archive-2018.mbox',
    state: { state: 'done' },
    total: 2310,
    done: 2310,
    passed_over: 48,
    failed: 3,
    refused: 2,
    refusals: [
      { subject: 'The drawings, all of them', reason: 'imap.example.org: NO [TOOBIG] Message exceeds 30 MB' },
      { subject: '', reason: 'imap.example.org: NO Invalid message header' },
    ],
  },
  {
    id: 1,
    kind: 'export',
    path: '/home/robin/letters',
    state: { state: 'cancelled' },
    total: 100,
    done: 40,
    passed_over: 0,
    failed: 0,
    refused: 0,
    refusals: [],
  },
];

const meeting: Invitation['events'][number] = {
  summary: 'Opening of the reading room',
  description: 'Bring a cup.\n\nThe door at the back is open from six.',
  location: 'Municipal Library, 2 Harbour Street',
  link: 'https://meet.library.example/reading-room',
  start: { form: 'moment', at: '2026-12-09T18:00:00Z', local: '2026-12-09T13:00:00', zone: 'America/New_York' },
  end: { form: 'moment', at: '2026-12-09T19:30:00Z', local: '2026-12-09T14:30:00', zone: 'America/New_York' },
  repeats: 'every month on the second Wednesday',
  organiser: { name: 'Anna Bergström', address: 'anna@example.org' },
  attendees: [
    { who: you, answer: 'none' },
    { who: { name: 'Jonas', address: 'jonas@example.org' }, answer: 'accepted' },
    { who: { name: null, address: 'ben.okafor@example.net' }, answer: 'declined' },
    { who: { name: 'ليلى حداد', address: 'layla@example.com' }, answer: 'tentative' },
  ],
  cancelled: false,
};

/** By the letter they are in. */
export const invitations: Record<number, Invitation> = {
  1000: { part: 2, method: 'request', events: [meeting] },
  1001: {
    part: 2,
    method: 'cancel',
    events: [
      {
        ...meeting,
        link: null,
        repeats: null,
        description: '',
        attendees: [],
        cancelled: true,
        start: { form: 'day', date: '2026-12-09' },
        end: { form: 'day', date: '2026-12-11' },
      },
    ],
  },
  1002: { part: 2, method: 'request', events: [meeting] },
  1003: {
    part: 2,
    method: 'reply',
    events: [
      {
        ...meeting,
        start: { form: 'local', local: '2026-12-09T18:00:00', zone: null },
        end: null,
        attendees: [{ who: people[3]!, answer: 'accepted' }],
      },
    ],
  },
};

/** An account that signed in at its provider, and has a server of one's own. */
export const signedInAccount: Account = {
  ...account,
  address: 'robin@provider.example',
  imap: { host: 'imap.provider.example', port: 993, security: 'tls', user: 'robin@provider.example', login: 'token' },
  smart_hosts: [
    {
      id: 9,
      name: 'Attic',
      server: {
        host: 'attic.local',
        port: 465,
        security: 'tls',
        user: 'robin',
        login: 'password',
        trusted: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      },
    },
  ],
  rules: [],
};
