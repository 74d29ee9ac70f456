// Generated from the engine's types. Do not edit.

export type AccountId = number;
export type IdentityId = number;
export type SmartHostId = number;
export type MailboxId = number;
export type LetterId = number;
export type ThreadId = number;
export type OutgoingId = number;
export type DeliveryId = number;
export type AttemptId = number;
export type DraftId = number;
export type AttachmentId = number;

export type EmailAddress = string;
export type Address = { name: string | null; address: string };
export type RoutePolicy = string;
export type Route = string;

export type Security = 'tls' | 'starttls' | 'none';
export type Server = { host: string; port: number; security: Security; user: string };
export type Account = {
  id: AccountId;
  address: EmailAddress;
  imap: Server | null;
  identities: Array<Identity>;
  smart_hosts: Array<SmartHost>;
  practice: boolean;
};
export type Identity = { id: IdentityId; address: EmailAddress; name: string; signature: string; route: RoutePolicy };
export type SmartHost = { id: SmartHostId; name: string; server: Server };

export type Role = 'inbox' | 'drafts' | 'sent' | 'archive' | 'junk' | 'trash' | 'all';
export type Mailbox = {
  id: MailboxId;
  account: AccountId;
  path: string;
  name: string;
  separator: string | null;
  role: Role | null;
  selectable: boolean;
  total: number;
  unread: number;
};

export type DeliveryState =
  | 'held'
  | 'queued'
  | 'sending'
  | 'accepted'
  | 'relayed'
  | 'deferred'
  | 'failed'
  | 'cancelled'
  | 'confirmed'
  | 'delayed'
  | 'bounced';
export type Mark = { state: DeliveryState; total: number; taken: number; refused: number; open: number };
export type HoldReason = 'undo' | 'scheduled' | 'paused';
export type Class =
  | 'greylisted'
  | 'throttled'
  | 'mailbox-full'
  | 'no-such-recipient'
  | 'no-such-domain'
  | 'null-mx'
  | 'message-too-large'
  | 'content-refused'
  | 'sender-blocklisted'
  | 'sender-dynamic-ip'
  | 'sender-no-rdns'
  | 'sender-unauthenticated'
  | 'recipient-policy'
  | 'auth-failed'
  | 'tls-policy'
  | 'port-25-blocked'
  | 'network-down'
  | 'dns-failure'
  | 'host-unreachable'
  | 'receiver-misconfigured'
  | 'protocol-error'
  | 'suppressed'
  | 'expired'
  | 'unknown';
export type WhoActs = 'nobody' | 'you' | 'your-provider' | 'recipients-provider' | 'recipient';
export type Diagnosis = {
  class: Class;
  temporary: boolean;
  who_acts: WhoActs;
  would_other_route_help: boolean;
  local_cause: boolean;
  retry_after: number | null;
  title: string;
  explanation: string;
  advice: string;
};
export type Phase =
  | 'prepare'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body';
export type EnhancedCode = string;
export type Reply = { code: number; enhanced: EnhancedCode | null; lines: Array<string> };
export type TlsPolicy = 'opportunistic' | 'verified' | 'plain';
export type TlsReport = {
  policy: TlsPolicy;
  verified: boolean;
  unverified_because: string | null;
  version: string;
  cipher: string;
  names: Array<string>;
  not_after: string | null;
};
export type Outgoing = {
  id: OutgoingId;
  account: AccountId | null;
  message_id: string;
  sender: EmailAddress | null;
  from: string;
  subject: string;
  size: number;
  created_at: string;
  route: RoutePolicy;
  deliveries: Array<Delivery>;
};
export type Delivery = {
  id: DeliveryId;
  address: EmailAddress;
  state: DeliveryState;
  hold: HoldReason | null;
  route: RoutePolicy | null;
  next_attempt_at: string | null;
  tries: number;
  diagnosis: Diagnosis | null;
  changed_at: string;
};
export type Attempt = {
  id: AttemptId;
  delivery: DeliveryId;
  started_at: string;
  ended_at: string;
  route: Route;
  route_reason: string | null;
  host: string | null;
  address: string | null;
  port: number | null;
  source: string | null;
  helo: string | null;
  tls: TlsReport | null;
  phase: Phase;
  reply: Reply | null;
  error: string | null;
  diagnosis: Diagnosis | null;
};

export type Draft = {
  account: AccountId;
  identity: IdentityId;
  to: Array<Address>;
  cc: Array<Address>;
  bcc: Array<Address>;
  subject: string;
  html: string;
  in_reply_to: string | null;
  references: Array<string>;
  answers: LetterId | null;
  forwards: LetterId | null;
  route: RoutePolicy;
};
export type AttachmentInfo = {
  id: AttachmentId;
  name: string;
  content_type: string;
  size: number;
  content_id: string | null;
};

export type Nothing = Record<string, never>;
export type ListSource = { list: 'mailbox'; mailbox: MailboxId } | { list: 'role'; role: Role };
export type LetterPage = { total: number; offset: number; rows: Array<LetterRow> };
export type LetterRow = {
  letter: LetterId | null;
  outgoing: OutgoingId | null;
  mailbox: MailboxId | null;
  from: Array<Address>;
  to: Array<Address>;
  subject: string;
  snippet: string;
  date: string;
  unread: boolean;
  flagged: boolean;
  answered: boolean;
  forwarded: boolean;
  attachments: number;
  mark: Mark | null;
};
export type LetterView = {
  row: LetterRow;
  cc: Array<Address>;
  bcc: Array<Address>;
  reply_to: Array<Address>;
  message_id: string | null;
  document: string | null;
  remote_images: number;
  trackers: number;
  attachments: Array<AttachmentView>;
};
export type AttachmentView = { part: number; name: string; content_type: string; size: number };
export type LetterChange =
  | { change: 'seen'; on: boolean }
  | { change: 'flagged'; on: boolean }
  | { change: 'file'; role: Role }
  | { change: 'move'; mailbox: MailboxId }
  | { change: 'delete' };
export type AnswerKind = 'reply' | 'reply-all' | 'forward';
export type DraftView = { id: DraftId; draft: Draft; attachments: Array<AttachmentInfo>; saved_at: string };
export type OutgoingRow = {
  id: OutgoingId;
  from: string;
  to: Array<string>;
  subject: string;
  created_at: string;
  mark: Mark;
  next_attempt_at: string | null;
  title: string;
};
export type OutgoingView = {
  outgoing: Outgoing;
  attempts: Array<Attempt>;
  document: string;
  copy: LetterId | null;
};
export type OutgoingFilter = 'outbox' | 'scheduled' | 'all';
export type OutgoingOrder =
  | { order: 'retry' }
  | { order: 'hold' }
  | { order: 'release' }
  | { order: 'cancel' }
  | { order: 'route'; route: RoutePolicy }
  | { order: 'dismiss' };
export type RouteChoice = { domain: string; route: Route; reason: string };
export type Sidebar = {
  inbox_unread: number;
  outbox: number;
  outbox_mark: Mark | null;
  scheduled: number;
  drafts: number;
  accounts: Array<SidebarAccount>;
};
export type SidebarAccount = {
  id: AccountId;
  address: string;
  practice: boolean;
  mailboxes: Array<Mailbox>;
  sync: SyncState;
};
export type SyncState =
  | { sync: 'up-to-date' }
  | { sync: 'syncing'; mailbox: string; done: number; total: number }
  | { sync: 'offline'; reason: string }
  | { sync: 'login-refused'; reason: string }
  | { sync: 'send-only' };
export type AccountForm = {
  address: string;
  name: string;
  imap: ServerForm | null;
  smtp: ServerForm | null;
  user: string;
};
export type ServerForm = { host: string; port: number; security: Security };
export type AccountWithPassword = { form: AccountForm; password: string };
export type AccountTest = { imap: ServerTest | null; smtp: ServerTest | null };
export type ServerTest = { ok: boolean; message: string; hint: string };
export type PracticePlace = { address: string; what: string };
export type Event =
  | { event: 'accounts' }
  | { event: 'letters'; mailboxes: Array<MailboxId> }
  | { event: 'new-mail'; rows: Array<LetterRow> }
  | { event: 'outgoing'; id: OutgoingId }
  | { event: 'refused'; id: OutgoingId; delivery: DeliveryId; address: string; subject: string; title: string }
  | { event: 'drafts' }
  | { event: 'sync'; account: AccountId; state: SyncState }
  | { event: 'settings' };
export type Transcript = { attempt: AttemptId; text: string };
export type CallError = { code: string; message: string; hint: string };

export type AddressArgs = { address: string };
export type AccountArgs = { account: AccountId };
export type PasswordArgs = { account: AccountId; password: string };
export type SyncArgs = { account: AccountId | null };
export type ListArgs = { source: ListSource; offset: number; limit: number };
export type LetterArgs = { letter: LetterId };
export type LetterChangeArgs = { letters: Array<LetterId>; change: LetterChange };
export type AttachmentSaveArgs = { letter: LetterId; part: number; path: string };
export type DraftNewArgs = { account: AccountId | null; mailto: string | null };
export type DraftAnswerArgs = { letter: LetterId; kind: AnswerKind };
export type DraftArgs = { draft: DraftId };
export type DraftSaveArgs = { draft: DraftId; content: Draft };
export type DraftAttachArgs = { draft: DraftId; paths: Array<string> };
export type DraftDetachArgs = { draft: DraftId; attachment: AttachmentId };
export type DraftSendArgs = { draft: DraftId; at: string | null };
export type RoutePreviewArgs = { account: AccountId; route: RoutePolicy; recipients: Array<string> };
export type OutgoingListArgs = { filter: OutgoingFilter };
export type OutgoingArgs = { outgoing: OutgoingId };
export type OutgoingOrderArgs = { outgoing: OutgoingId; delivery: DeliveryId | null; order: OutgoingOrder };
export type AttemptArgs = { attempt: AttemptId };
export type SettingArgs = { key: string };
export type SettingSetArgs = { key: string; value: string | null };

export interface Calls {
  sidebar: { args: Nothing; answer: Sidebar };
  account_list: { args: Nothing; answer: Array<Account> };
  account_suggest: { args: AddressArgs; answer: AccountForm };
  account_test: { args: AccountWithPassword; answer: AccountTest };
  account_add: { args: AccountWithPassword; answer: Account };
  account_update: { args: Account; answer: Account };
  account_password: { args: PasswordArgs; answer: null };
  account_remove: { args: AccountArgs; answer: null };
  practice_start: { args: Nothing; answer: Account };
  practice_places: { args: Nothing; answer: Array<PracticePlace> };
  sync_now: { args: SyncArgs; answer: null };
  letter_list: { args: ListArgs; answer: LetterPage };
  letter_show: { args: LetterArgs; answer: LetterView };
  letter_source: { args: LetterArgs; answer: string };
  letter_change: { args: LetterChangeArgs; answer: null };
  attachment_save: { args: AttachmentSaveArgs; answer: null };
  draft_list: { args: Nothing; answer: Array<DraftView> };
  draft_new: { args: DraftNewArgs; answer: DraftView };
  draft_answer: { args: DraftAnswerArgs; answer: DraftView };
  draft_show: { args: DraftArgs; answer: DraftView };
  draft_save: { args: DraftSaveArgs; answer: DraftView };
  draft_attach: { args: DraftAttachArgs; answer: DraftView };
  draft_detach: { args: DraftDetachArgs; answer: DraftView };
  draft_discard: { args: DraftArgs; answer: null };
  draft_send: { args: DraftSendArgs; answer: OutgoingId };
  route_preview: { args: RoutePreviewArgs; answer: Array<RouteChoice> };
  outgoing_list: { args: OutgoingListArgs; answer: Array<OutgoingRow> };
  outgoing_show: { args: OutgoingArgs; answer: OutgoingView };
  outgoing_order: { args: OutgoingOrderArgs; answer: OutgoingView };
  outgoing_undo: { args: OutgoingArgs; answer: DraftView };
  outgoing_edit: { args: OutgoingArgs; answer: DraftView };
  attempt_transcript: { args: AttemptArgs; answer: Transcript };
  setting_get: { args: SettingArgs; answer: string | null };
  setting_set: { args: SettingSetArgs; answer: null };
}
