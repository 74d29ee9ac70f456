// Brings what the engine and the shell report to the states that it concerns.

import { onEvent } from '../engine/call';
import type { Event } from '../engine/types';
import {
  onBeforeLeaving,
  onDrag,
  onLeaving,
  onLink,
  onMailto,
  onShow,
  onStale,
  leavingShown,
  waitingLinks,
  type Target,
} from '../engine/shell';
import { shownNames } from '../pure/address';
import { insideSentence } from '../pure/headline';
import { words } from '../words';
import { change } from './changes';
import { composer } from './composer.svelte';
import { contacts } from './contacts.svelte';
import { conversation } from './conversation.svelte';
import { desk, focusList } from './desk.svelte';
import { deliverability } from './deliverability.svelte';
import { drafts } from './drafts.svelte';
import { found, letters } from './letters.svelte';
import { leaving } from './leaving.svelte';
import { links } from './links.svelte';
import { network } from './network.svelte';
import { attempt, notices } from './notices.svelte';
import { offerSent } from './offers';
import { practice } from './practice.svelte';
import { reader } from './reader.svelte';
import { session } from './session.svelte';
import { signing } from './signing.svelte';
import { begin as startOver } from './starting';
import { transfers } from './transfers.svelte';
import { warnings } from './warnings.svelte';

const GATHER = 100;

/** Starts to listen, then asks for everything once. */
export async function begin(): Promise<void> {
  reader.onRead = (row) => {
    if (desk.letterInSight) void change([row], { change: 'seen', on: true });
  };
  conversation.onRead = (rows) => {
    if (desk.letterInSight) void change(rows, { change: 'seen', on: true });
  };
  composer.onSent = offerSent;
  composer.onClosed = () => {
    if (!reader.isOpen) desk.inFront = false;
    setTimeout(focusList);
  };
  await Promise.all([
    onEvent(hear),
    onLink((url) => links.show(url)),
    onMailto((url) => void composer.begin(url)),
    onShow((target) => void show(target)),
    onStale(() => void attempt(lookAgain)),
    onLeaving((question) => void attempt(() => leaving.ask(question))),
    onBeforeLeaving(() => void saved()),
    onDrag(({ over, dropped }) => {
      composer.dropping = over && composer.isShown;
      if (composer.isShown) void composer.attach(dropped);
    }),
  ]);
  window.addEventListener('blur', () => void composer.save().catch(() => undefined));
  await startOver();
  void attempt(() => network.refresh());
  void practice.look();
  for (const url of await waitingLinks()) await composer.begin(url);
}

/** What is being written is saved first; that it cannot be keeps nobody here. */
async function saved(): Promise<void> {
  await composer.save().catch(() => undefined);
  await leavingShown();
}

async function show(target: Target): Promise<void> {
  if ('outgoing' in target) await desk.toOutgoing(target.outgoing);
  else await desk.toLetter(target.letter);
}

/** After missed events, or when another program wrote: everything that is shown is asked for again, where one is. */
async function lookAgain(): Promise<void> {
  await Promise.all([accountsChanged(), session.refreshSettings()]);
  await Promise.all([desk.look(), reader.refresh()]);
}

/** The network may be another one, or something else is known of it. */
const refreshNetwork = gathered(() =>
  attempt(() => (desk.place.at === 'deliverability' ? deliverability.refresh() : network.refresh())),
);

/** What waits goes another way now, or not at all: the page that says why is a click away. */
function tellOfVerdict({ verdict, because, waiting }: Extract<Event, { event: 'direct-verdict' }>): void {
  const { message, hint } = words.networks.told(verdict, because, waiting);
  notices.say(message, hint, { label: words.networks.openPage, act: () => void desk.go({ at: 'deliverability' }) });
}

/** Several events in a row make one look at the side bar. */
const refreshSidebar = gathered(() => attempt(() => session.refreshSidebar()));
const refreshAll = gathered(() => attempt(lookAgain));
const refreshStory = gathered(() => attempt(() => practice.read()));
const refreshOutgoings = gathered(async () => {
  if (desk.place.at !== 'drafts') await desk.look();
});

function hear(event: Event): void {
  switch (event.event) {
    case 'accounts':
      void attempt(accountsChanged);
      break;
    case 'letters':
      refreshSidebar();
      refreshLetters(event.mailboxes);
      refreshOpenLetter(event.mailboxes);
      break;
    case 'new-mail':
      announceMail(event.rows);
      break;
    case 'outgoing':
      refreshSidebar();
      refreshOutgoings();
      if (desk.place.at === 'practice') refreshStory();
      if (reader.outgoingId === event.id) void reader.refresh();
      if (warnings.concerns(event.id)) void warnings.refresh();
      break;
    case 'refused':
      notices.announce(words.list.refused(event.address, insideSentence(event.title)));
      break;
    case 'delayed':
      notices.announce(words.list.late(event.address, event.subject || words.common.noSubject));
      break;
    case 'dkim':
      if (desk.place.at === 'settings' && desk.place.page === 'signing') void signing.fetch();
      break;
    case 'contacts':
      if (desk.place.at === 'contacts') void contacts.refresh();
      break;
    case 'network':
      refreshNetwork();
      composer.foresight.networkChanged();
      break;
    case 'marks':
      composer.foresight.moreIsKnown();
      break;
    case 'direct-verdict':
      tellOfVerdict(event);
      break;
    case 'drafts':
      refreshSidebar();
      if (desk.place.at === 'drafts') void drafts.refresh();
      break;
    case 'sync':
      // What an account came to is told with what it has now: nothing is called up to date that is still to be shown.
      if (event.state.sync === 'syncing') session.synced(event.account, event.state);
      else refreshSidebar();
      break;
    case 'transfer':
      transfers.follow(event.transfer);
      break;
    case 'practice':
      void practice.look();
      break;
    case 'note':
      notices.say(event.text);
      break;
    case 'settings':
      void attempt(() => session.refreshSettings());
      refreshSidebar();
      break;
    case 'stale':
      refreshAll();
      break;
  }
}

/** The list behind a search stays fresh for when one comes back. */
function refreshLetters(mailboxes: number[]): void {
  if (desk.place.at !== 'letters' && desk.place.at !== 'search') return;
  for (const list of [letters, found]) {
    if (list.concerns(mailboxes)) void list.refresh();
  }
}

/** The first account may have come from elsewhere, with nothing listed yet. */
async function accountsChanged(): Promise<void> {
  await session.refreshAccounts();
  refreshNetwork();
  composer.foresight.networkChanged();
  if (session.stage === 'ready' && letters.source === null) await desk.refresh();
}

/** Its flags may have changed, or its body may have come. */
function refreshOpenLetter(mailboxes: number[]): void {
  const open = [reader.letter?.row, ...conversation.rows];
  // An answer may have come to another mailbox of the same account.
  const account = session.mailbox(reader.letter?.row.mailbox ?? null)?.account;
  const beside = conversation.isShown && mailboxes.some((id) => session.mailbox(id)?.account === account);
  const concerned = open.some((row) => typeof row?.mailbox === 'number' && mailboxes.includes(row.mailbox));
  if (concerned || beside) void reader.refresh();
}

function announceMail(rows: Extract<Event, { event: 'new-mail' }>['rows']): void {
  const [first] = rows;
  if (first) notices.announce(words.list.newMail(rows.length, shownNames(first.from), first.subject));
}

function gathered(work: () => Promise<unknown>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void work();
    }, GATHER);
  };
}
