// Answers the window's calls from the samples, as the shell would.

import { emit } from '@tauri-apps/api/event';
import { mockIPC, mockWindows } from '@tauri-apps/api/mocks';
import type {
  Account,
  Calls,
  DkimDomain,
  Draft,
  DraftView,
  LetterRow,
  OutgoingOrder,
  Server,
  TransferView,
} from '../src/lib/engine/types';
import { addingAnswers } from './adding';
import { askLeaving, handOver } from './leaving';
import { networkAnswers } from './networks';
import { peopleAnswers } from './people';
import { practiceAnswers } from './practice';
import * as findings from './findings';
import * as samples from './samples';
import { writingAnswers } from './writing';
import { warningPage } from './warnings';

type Answers = { [N in keyof Calls]?: (args: Calls[N]['args']) => Calls[N]['answer'] | Promise<Calls[N]['answer']> };

/** Puts the samples where the shell would be. Scenes: full, empty, welcome, busy, error, signin, nokeyring, paused. */
export function installBridge(scene: string): void {
  mockWindows('main');
  const answers = answersFor(scene);
  mockIPC(
    async (command, payload) => {
      if (command === 'plugin:dialog|open') return chosen(payload);
      if (command === 'plugin:dialog|save') return '/home/robin/saved.pdf';
      if (command === 'waiting') return [];
      if (command === 'starts_at_login') return false;
      if (command === 'start_at_login') return (payload as { on: boolean }).on;
      if (command === 'leave') return (payload as { choice: string }).choice === 'hand-over' ? handOver(scene) : null;
      if (command === 'attachment_octets') return (await fetch('/letters/sample.pdf')).arrayBuffer();
      if (command !== 'call') return null;
      const { name, args } = payload as { name: keyof Calls; args: never };
      await new Promise((resolve) => setTimeout(resolve, 15));
      const answer = answers[name];
      if (!answer) throw { code: 'no-such-call', message: `No sample for ${name}.`, hint: '' };
      return answer(args);
    },
    { shouldMockEvents: true },
  );
  const internals = (window as unknown as { __TAURI_INTERNALS__: { convertFileSrc: (path: string) => string } })
    .__TAURI_INTERNALS__;
  internals.convertFileSrc = (path) => `/letters/${path}`;
  if (scene.startsWith('leaving')) askLeaving(scene);
  Object.assign(window, { sampleEvent: (event: unknown) => emit('engine', event), sampleEmit: emit });
}

/** What the dialogs for files and folders would give. */
function chosen(payload: unknown): string | string[] {
  const { options } = payload as { options: { multiple: boolean; directory: boolean } };
  if (options.directory) return '/home/robin/Old mail';
  return options.multiple ? ['/home/robin/minutes.pdf'] : '/home/robin/archive-2019.mbox';
}

function answersFor(scene: string): Answers {
  const empty = scene === 'empty';
  let accounts =
    scene === 'welcome' || scene === 'nokeyring'
      ? []
      : [scene === 'signin' ? samples.signedInAccount : samples.account, samples.practiceAccount];
  const set = new Map<string, string>(scene === 'paused' ? [['outbound.paused', 'true']] : []);
  let next = 50;
  let saved = empty
    ? []
    : [
        { id: 1, name: 'Unread minutes', query: 'subject:minutes is:unread' },
        { id: 2, name: 'Large, older than a year', query: 'larger:2M older:1y' },
      ];
  const failing = (what: string) => {
    if (scene === 'error') throw { code: 'internal', message: `${what} could not be read from the disk.`, hint: '' };
  };
  let domains: DkimDomain[] = empty
    ? [{ domain: 'example.org', keys: [] }]
    : [
        {
          domain: 'example.org',
          keys: [
            samples.dkimKey(7, 'example.org', 'waiting'),
            samples.dkimKey(8, 'example.org', 'waiting', false),
            samples.dkimKey(1, 'example.org', 'signing'),
            samples.dkimKey(2, 'example.org', 'missing', false),
          ],
        },
        { domain: 'library.example', keys: [samples.dkimKey(3, 'library.example', 'retired')] },
        { domain: 'garden.example', keys: [] },
      ];
  let destinations = empty ? [] : samples.destinationList;
  let transfers = empty ? [] : samples.transfers;
  let permissions = empty ? [] : samples.imagePermissions;
  const changedDomain = (domain: string, change: (one: DkimDomain) => DkimDomain) => {
    domains = domains.map((one) => (one.domain === domain ? change(one) : one));
    return domains.find((one) => one.domain === domain)!;
  };
  const stored = (account: Account) => {
    const smart_hosts = account.smart_hosts.map((host) => ({ ...host, id: host.id || next++ }));
    accounts = accounts.map((one) => (one.id === account.id ? { ...account, smart_hosts } : one));
    return { ...account, smart_hosts };
  };
  const inbox: LetterRow[] = empty ? [] : Array.from({ length: 1200 }, (_, index) => samples.letterRow(index));
  const sent: LetterRow[] = empty ? [] : Array.from({ length: 180 }, (_, index) => samples.sentRow(index));
  const drafts: DraftView[] = empty
    ? []
    : [
        samples.draft(1, 'To the editor', '<p>Sir, I write concerning the matter of the missing tram stop.</p>'),
        samples.draft(2, '', 'Dear Jonas,<br>the chairs', [{ name: 'Jonas', address: 'jonas@example.org' }]),
      ];
  const find = (id: number) =>
    [...inbox, ...sent].find((row) => row.letter === id) ??
    inbox.flatMap((row) => (row.thread ? samples.threadOf(row) : [])).find((row) => row.letter === id);
  const draftOf = (id: number) => {
    const found = drafts.find((draft) => draft.id === id);
    if (!found) throw { code: 'not-found', message: 'This draft is gone.', hint: '' };
    return found;
  };
  const made = (change: Partial<Draft> = {}) => {
    const view = samples.draft(100 + drafts.length, '', '<div><br></div><div>Robin</div>');
    Object.assign(view.draft, change);
    drafts.unshift(view);
    return view;
  };
  const order = ({ outgoing, order }: { outgoing: number; order: OutgoingOrder }) => {
    const view = samples.outgoingView(outgoing);
    const to = {
      retry: 'sending',
      'retry-failed': 'sending',
      hold: 'held',
      release: 'queued',
      cancel: 'cancelled',
    } as const;
    if (order.order in to)
      view.outgoing.deliveries.forEach((one) => (one.state = to[order.order as keyof typeof to]));
    return view;
  };
  const needsKeyring = () => {
    if (scene === 'nokeyring' && set.get('secrets.store') !== 'file')
      throw { code: 'no-keyring', message: 'There is no keyring.', hint: 'Start one, or choose a file.' };
  };

  const told = (transfer: TransferView) => {
    transfers = transfers.map((one) => (one.id === transfer.id ? transfer : one));
    void emit('engine', { event: 'transfer', transfer });
  };
  /** Goes on for a while, as one would. */
  const begun = (kind: TransferView['kind'], path: string, total: number): TransferView => {
    const id = next++;
    const first: TransferView = {
      id,
      kind,
      path,
      state: { state: 'running' },
      total,
      done: 0,
      passed_over: 0,
      failed: 0,
      refused: 0,
      refusals: [],
    };
    transfers = [first, ...transfers];
    const timer = setInterval(() => {
      const now = transfers.find((one) => one.id === id)!;
      const done = Math.min(total, now.done + Math.ceil(total / 20));
      if (now.state.state !== 'running') clearInterval(timer);
      else
        told({ ...now, done, failed: done > total / 2 ? 2 : 0, state: { state: done < total ? 'running' : 'done' } });
    }, 300);
    return first;
  };

  return {
    ...peopleAnswers(empty),
    ...networkAnswers(scene),
    ...addingAnswers,
    ...writingAnswers,
    sidebar: () => ({ ...samples.sidebar(scene), paused: set.get('outbound.paused') === 'true' }),
    account_list: () => accounts,
    account_suggest: ({ address }) => ({
      address,
      name: '',
      imap: { host: `imap.${address.split('@')[1]}`, port: 993, security: 'tls', user: '', login: 'password' },
      smtp: { host: `smtp.${address.split('@')[1]}`, port: 465, security: 'tls', user: '', login: 'password' },
      user: address,
    }),
    oauth_begin: () => ({ sign_in: 1, url: 'https://provider.example/authorize', by_hand: false }),
    oauth_wait: async () => {
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return { provider: 'Provider', lasting: true };
    },
    oauth_cancel: () => null,
    account_add: () => {
      needsKeyring();
      accounts = [samples.account];
      return samples.account;
    },
    account_update: stored,
    smart_host_presets: () => samples.presets,
    smart_host_add: ({ account, name, server }) => {
      const found = accounts.find(({ id }) => id === account) ?? samples.account;
      return stored({ ...found, smart_hosts: [...found.smart_hosts, { id: 0, name, server }] });
    },
    smart_host_test: async ({ server, secret }) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return secret === 'right' || secret === null || server.user === ''
        ? { ok: true, message: `Logged in at ${server.host}.`, hint: '', code: '' }
        : {
            ok: false,
            code: 'auth-failed',
            message: `${server.host} refused the login: 535 5.7.8 Username and Password not accepted`,
            hint: 'Make an app password at your provider and enter that.',
          };
    },
    check_identity: () => findings.identity,
    dkim_list: () => {
      failing('The keys');
      return scene === 'welcome' ? [] : domains;
    },
    dkim_make: async ({ domain }) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      return changedDomain(domain, (one) => ({
        ...one,
        keys: [
          samples.dkimKey(next++, domain, 'waiting'),
          samples.dkimKey(next++, domain, 'waiting', false),
          ...one.keys,
        ],
      }));
    },
    dkim_check: async ({ domain }) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return changedDomain(domain, (one) => ({
        ...one,
        keys: one.keys.map((key) => (key.state === 'waiting' ? { ...key, state: 'signing' } : key)),
      }));
    },
    dkim_remove: ({ key }) => {
      const { domain } = domains.find(({ keys }) => keys.some(({ id }) => id === key))!;
      return changedDomain(domain, (one) => ({ ...one, keys: one.keys.filter(({ id }) => id !== key) }));
    },
    recipient_warnings: ({ addresses }) =>
      addresses
        .filter((address) => address.endsWith('@nobody.test'))
        .map((address) => ({
          address,
          refused_at: samples.ago(3000),
          reply: '550 5.1.1 No such user here',
          message: `On 22 November 2026 the server of nobody.test said that ${address} does not exist.`,
        })),
    destination_list: () => {
      failing('What was learned');
      return destinations;
    },
    destination_forget: ({ domain }) => {
      destinations = destinations.filter((one) => one.domain !== domain);
      return destinations;
    },
    report_show: ({ report }) => ({
      report: samples.outgoingView(1).reports.find(({ id }) => id === report)!,
      letter: {
        row: { ...samples.letterRow(0), letter: null, outgoing: 1 },
        cc: [],
        bcc: [],
        reply_to: [],
        message_id: 'report@example.org',
        document: 'report.html',
        remote_images: 0,
        trackers: 0,
        look: samples.plainLook,
        page: samples.page,
        attachments: [],
      },
      source:
        'From: Postrider <robin@example.org>\r\nContent-Type: multipart/report; report-type=delivery-status\r\n',
    }),
    link_look: () => ({ shown_host: null, warning: null }),
    image_permission_list: () => {
      failing('Whose images are shown');
      return permissions;
    },
    image_permission_grant: ({ scope, name }) => {
      permissions = [...permissions, { scope, name, granted_at: samples.ago(1) }];
      return permissions;
    },
    image_permission_revoke: ({ scope, name }) => {
      permissions = permissions.filter((one) => one.scope !== scope || one.name !== name);
      return permissions;
    },
    import_look: async ({ path }) => {
      if (path !== null) await new Promise((resolve) => setTimeout(resolve, 500));
      if (path?.includes('nowhere'))
        throw { code: 'not-found', message: `${path} is not there.`, hint: 'Choose another file or folder.' };
      if (path === null) return empty ? [] : [samples.thunderbird];
      return [path.endsWith('.mbox') ? samples.mbox(path) : { ...samples.thunderbird, path, kind: 'maildir' }];
    },
    import_begin: ({ path, folders }) => {
      const of = [samples.thunderbird, samples.mbox(path)].find((source) => source.path === path);
      const wanted = of?.folders.filter(({ name }) => folders?.includes(name)) ?? [];
      return begun('import', path, wanted.reduce((sum, { letters }) => sum + letters, 0) || 900);
    },
    export_begin: ({ path }) => {
      if (path.endsWith('taken'))
        throw { code: 'invalid', message: `${path} is there already.`, hint: 'Choose another name.' };
      return begun('export', path, 1200);
    },
    transfer_list: () => transfers,
    transfer_cancel: ({ transfer }) => {
      const one = transfers.find(({ id }) => id === transfer)!;
      told({ ...one, state: { state: 'cancelled' } });
      return null;
    },
    letter_save: () => null,
    invitation_show: ({ letter }) => samples.invitations[letter] ?? null,
    account_trust: ({ account, smart_host }) => {
      const one = accounts.find(({ id }) => id === account)!;
      const plain = (server: Server) => {
        const copy = { ...server };
        delete copy.trusted;
        return copy;
      };
      const imap = smart_host === null && one.imap ? plain(one.imap) : one.imap;
      const smart_hosts = one.smart_hosts.map((host) =>
        host.name === smart_host ? { ...host, server: plain(host.server) } : host,
      );
      return stored({ ...one, imap, smart_hosts });
    },
    report_save: () => null,
    report_forward: () => made({ subject: 'Fwd: Not delivered: Invitation to the opening' }),
    account_password: async ({ password, untested }) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (untested || password === 'right') return null;
      throw {
        code: 'auth-failed',
        message: 'imap.example.org refused the login: 535 5.7.8 Username and Password not accepted',
        hint: 'Make an app password at your provider and enter that.',
      };
    },
    account_remove: ({ account }) => {
      accounts = accounts.filter(({ id }) => id !== account);
      return null;
    },
    practice_start: () => {
      needsKeyring();
      accounts = [samples.practiceAccount];
      return samples.practiceAccount;
    },
    practice_places: () => samples.places,
    ...practiceAnswers(scene),
    sync_now: () => null,
    letter_list: ({ source, offset, limit }) => {
      if (scene === 'error' && source.list === 'mailbox')
        throw {
          code: 'offline',
          message: 'This mailbox could not be read from the disk.',
          hint: 'Start Postrider again.',
        };
      if (scene === 'huge') {
        const rows = Array.from({ length: limit }, (_, at) => ({
          ...samples.letterRow(at % 40),
          letter: 10_000 + offset + at,
          subject: `Letter ${offset + at}`,
        }));
        return { total: 1_000_000, offset, rows: rows.slice(0, 1_000_000 - offset) };
      }
      const all = source.list === 'role' && source.role === 'sent' ? sent : inbox;
      return { total: all.length, offset, rows: all.slice(offset, offset + limit) };
    },
    letter_search: ({ query, limit }) => {
      const words = query
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '' && !/^-?[a-z]+:/.test(word));
      const text = (row: LetterRow) =>
        `${row.subject} ${row.snippet} ${[...row.from, ...row.to].map(({ name, address }) => `${name} ${address}`).join(' ')}`;
      const spans = (text: string): [number, number][] =>
        words
          .map((word): [number, number] => [
            text.toLowerCase().indexOf(word),
            text.toLowerCase().indexOf(word) + word.length,
          ])
          .filter(([from]) => from >= 0);
      const all = [...inbox, ...sent]
        .filter((row) => words.every((word) => text(row).toLowerCase().includes(word)))
        .sort((a, b) => b.date.localeCompare(a.date));
      const rows = all.slice(0, limit);
      const message = 'There is no “form:”.';
      const hint = 'Did you mean “from:”? It is looked for as words.';
      return {
        rows,
        marks: rows.map((row) => ({
          subject: spans(row.subject),
          from: row.from.map(({ name, address }) => spans(name ?? address)),
          to: [],
        })),
        total: all.length,
        more: all.length > rows.length,
        problems: query.includes('form:') ? [{ kind: 'wrong' as const, at: 0, length: 5, message, hint }] : [],
      };
    },
    search_snippets: ({ query, letters }) => {
      const word =
        query
          .toLowerCase()
          .split(/\s+/)
          .find((word) => !word.includes(':')) ?? '';
      return letters.flatMap((letter) => {
        const row = find(letter);
        const at = row?.snippet.toLowerCase().indexOf(word) ?? -1;
        return row && at >= 0
          ? [{ letter, text: row.snippet, marks: [[at, at + word.length] as [number, number]] }]
          : [];
      });
    },
    letter_search_server: () => ({ rows: [], marks: [], total: 0, more: false, problems: [] }),
    search_saved_list: () => saved,
    search_save: ({ name, query }) => {
      const one = { id: next++, name, query };
      saved = [...saved, one];
      return one;
    },
    search_rename: ({ search, name }) => {
      saved = saved.map((one) => (one.id === search ? { ...one, name } : one));
      return null;
    },
    search_remove: ({ search }) => {
      saved = saved.filter(({ id }) => id !== search);
      return null;
    },
    search_move: ({ search, to }) => {
      const one = saved.filter(({ id }) => id === search);
      const others = saved.filter(({ id }) => id !== search);
      saved = [...others.slice(0, to), ...one, ...others.slice(to)];
      return null;
    },
    thread_show: ({ letter }) => {
      const row = find(letter);
      return row?.thread ? samples.threadOf(row) : row ? [row] : [];
    },
    letter_authenticity: ({ letter }) => {
      const row = find(letter);
      const news = row?.from[0]?.address.startsWith('news') ?? false;
      if (news)
        return {
          mark: 'failed',
          reasons: ['The signature of news.example is not right: the text is not what was signed.'],
          unchecked: false,
        };
      const marks = ['proven', 'plausible', 'unproven'] as const;
      if (letter % 3 === 2)
        return {
          mark: 'unproven',
          reasons: [
            'It carries a signature of example.org that was not checked: to look its key up tells example.org that somebody looks at this letter.',
          ],
          unchecked: true,
        };
      return {
        mark: marks[letter % 3]!,
        unchecked: false,
        reasons: [
          'Signed by example.org, and unchanged since.',
          'Your server mx.example.org found that it meets the policy of example.org (DMARC).',
        ],
      };
    },
    letter_check: () => ({
      mark: 'proven',
      reasons: ['Signed by example.org, and unchanged since.'],
      unchecked: false,
    }),
    list_show: ({ letter }) =>
      (find(letter)?.from[0]?.address.startsWith('news') ?? false)
        ? {
            name: 'news.library.example',
            left_at: set.get('left') ?? null,
            way: { way: 'one-click', host: 'lists.library.example' },
          }
        : null,
    list_leave: () => {
      set.set('left', new Date().toISOString());
      return { left: 'asked' };
    },
    attachment_preview: ({ part, within }) => {
      const care = part === 3 ? 'ask' : part === 4 ? 'save-only' : 'open';
      const name =
        ['', 'Minutes of the meeting.pdf', 'piano.jpg', 'notes.txt', 'invitation.exe', 'An attached letter.eml'][
          part
        ] ?? 'file';
      const look =
        part === 1
          ? ({ look: 'pdf' } as const)
          : part === 2
            ? ({ look: 'image', path: 'piano.svg' } as const)
            : part === 3
              ? ({
                  look: 'text',
                  text: 'Index cards\n===========\n\n1. Maps\n2. Letters\n'.repeat(12),
                  cut: true,
                } as const)
              : part === 5 && !within
                ? ({ look: 'letter' } as const)
                : ({ look: 'nothing' } as const);
      return { name, size: 184_000, care, look };
    },
    attachment_save_all: () => ['a.pdf', 'b.jpg', 'c.ods'],
    attached_show: () => ({
      row: { ...samples.letterRow(1), letter: null },
      cc: [],
      bcc: [],
      reply_to: [],
      message_id: null,
      document: 'plain.html',
      remote_images: 0,
      trackers: 0,
      look: samples.plainLook,
      page: samples.page,
      attachments: [],
    }),
    letter_show: ({ letter }) => {
      const row = find(letter);
      if (!row) throw { code: 'not-found', message: 'This letter is gone.', hint: 'It was deleted elsewhere.' };
      const news = row.from[0]?.address.startsWith('news') ?? false;
      const files = [
        {
          part: 1,
          name: 'Minutes of the meeting on Tuesday, final version.pdf',
          content_type: 'application/pdf',
          size: 184_000,
        },
        { part: 2, name: 'piano.jpg', content_type: 'image/jpeg', size: 2_340_000 },
        {
          part: 3,
          name: 'index cards.ods',
          content_type: 'application/vnd.oasis.opendocument.spreadsheet',
          size: 812,
        },
      ];
      return {
        row,
        cc: row.attachments > 0 ? [{ name: 'Jonas', address: 'jonas@example.org' }] : [],
        bcc: [],
        reply_to: [],
        message_id: `${letter}@example.org`,
        ...(letter === 1008
          ? { withheld: { reason: '[SERVERBUG] mailbox file is broken there', next_at: samples.ahead(1440) } }
          : {}),
        document: letter === 1005 || letter === 1008 ? null : news ? 'news.html' : 'plain.html',
        remote_images: news ? 7 : 0,
        trackers: news ? 1 : 0,
        look: samples.plainLook,
        page: samples.page,
        attachments: files.slice(0, row.attachments),
      };
    },
    letter_source: () =>
      'From: Anna <anna@example.org>\r\nTo: robin@example.org\r\nSubject: Minutes\r\n\r\nDear all,\r\n',
    letter_change: ({ letters, change }) => {
      for (const id of letters) {
        const row = find(id);
        if (!row) continue;
        if (change.change === 'seen') row.unread = !change.on;
        else if (change.change === 'flagged') row.flagged = change.on;
        else if (change.change !== 'unlabel') inbox.splice(inbox.indexOf(row), 1);
      }
      void emit('engine', { event: 'letters', mailboxes: [1] });
      return { undo: next++ };
    },
    letter_undo: () => null,
    attachment_save: () => null,
    draft_list: () => drafts,
    draft_new: ({ mailto }) =>
      made({
        to: (mailto ?? '')
          .replace('mailto:', '')
          .split(',')
          .filter(Boolean)
          .map((address) => ({ name: null, address: decodeURIComponent(address) })),
      }),
    draft_answer: ({ letter, kind }) => {
      const row = find(letter);
      return made({
        to: kind === 'forward' ? [] : (row?.from ?? []),
        subject: `${kind === 'forward' ? 'Fwd' : 'Re'}: ${row?.subject}`,
        html:
          '<div><br></div><div>Robin</div><div><br></div><p>On Tuesday Anna wrote:</p><blockquote type="cite"><p>The minutes are attached.</p><script>alert(1)</' +
          'script><img src="https://tracker.example/x.gif"></blockquote>',
      });
    },
    draft_show: ({ draft }) => draftOf(draft),
    draft_save: ({ draft, content }) => {
      const view = draftOf(draft);
      view.draft = content;
      view.saved_at = new Date().toISOString();
      return view;
    },
    draft_attach: ({ draft, paths }) => {
      const view = draftOf(draft);
      const files = paths.map((path, at) => ({
        id: Date.now() + at,
        name: path.split('/').at(-1) ?? path,
        content_type: 'application/pdf',
        size: 184_000,
        content_id: null,
      }));
      view.attachments = [...view.attachments, ...files];
      return { ...view };
    },
    draft_detach: ({ draft, attachment }) => {
      const view = draftOf(draft);
      view.attachments = view.attachments.filter(({ id }) => id !== attachment);
      return { ...view };
    },
    draft_discard: ({ draft }) => {
      drafts.splice(drafts.indexOf(draftOf(draft)), 1);
      return null;
    },
    draft_send: ({ draft }) => {
      if (scene === 'error')
        throw { code: 'disk-full', message: 'The disk is full.', hint: 'Make room and send again.' };
      drafts.splice(drafts.indexOf(draftOf(draft)), 1);
      return 1;
    },
    route_preview: ({ route, recipients }) =>
      [...new Set(recipients.map((address) => address.split('@')[1] ?? ''))].map((domain) => ({
        domain,
        route: route === 'auto' ? (domain.endsWith('.test') ? 'direct' : 'Fastmail') : route,
        reason: domain.endsWith('.test') ? 'Direct works from this network.' : 'This network blocks port 25.',
      })),
    outgoing_list: ({ filter }) => (empty ? [] : filter === 'scheduled' ? [samples.scheduledRow] : samples.outgoings),
    outgoing_show: ({ outgoing }) => samples.outgoingView(outgoing),
    outgoing_order: order,
    outgoing_undo: () => made({ subject: 'Taken back', to: [{ name: null, address: 'ben@prompt.test' }] }),
    outgoing_edit: () =>
      made({ subject: 'Invitation to the opening', to: [{ name: null, address: 'anna@nobody.test' }] }),
    warning_show: warningPage,
    attempt_transcript: ({ attempt }) => ({
      attempt,
      text: 'S: 220 mx.greylist.test ESMTP\nC: EHLO [127.0.0.1]\nS: 250-mx.greylist.test\nS: 250 STARTTLS\nC: MAIL FROM:<robin@example.org>\nS: 250 2.1.0 Ok\nC: RCPT TO:<layla@greylist.test>\nS: 451 4.7.1 Greylisted, please come back in 300 seconds\n',
    }),
    setting_list: () => {
      failing('The settings');
      return Object.entries(samples.usualSettings).map(([key, usual]) => ({
        key,
        what: '',
        value: set.get(key) ?? null,
        default: usual,
      }));
    },
    setting_get: ({ key }) => set.get(key) ?? samples.usualSettings[key] ?? null,
    setting_set: ({ key, value }) => {
      if (value === '3d,x') throw { code: 'invalid', message: 'This is no schedule.', hint: '' };
      if (value === null) set.delete(key);
      else set.set(key, value);
      return null;
    },
  };
}
