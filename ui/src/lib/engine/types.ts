// Generated from the engine's types. Do not edit.

export type Account = { 
/**
 * Its number here.
 */
id: AccountId, 
/**
 * The address it was added with; also its name in lists.
 */
address: EmailAddress, 
/**
 * The IMAP server; `None` for an account that only sends.
 */
imap: Server | null, 
/**
 * From addresses, the default first. Never empty.
 */
identities: Array<Identity>, 
/**
 * Smart hosts, in the order in which they are tried.
 */
smart_hosts: Array<SmartHost>, 
/**
 * Routes for recipient domains, which come before the identity's default.
 */
rules: Array<RouteRule>, 
/**
 * Whether this is the account of the practice post office, whose ports are new at every start.
 */
practice: boolean, };

export type AccountArgs = { 
/**
 * Which.
 */
account: AccountId, };

export type AccountForm = { 
/**
 * The address.
 */
address: string, 
/**
 * The name in From.
 */
name: string, 
/**
 * IMAP; `None` for an account that only sends.
 */
imap: ServerForm | null, 
/**
 * The smart host; `None` for direct only.
 */
smtp: ServerForm | null, 
/**
 * Login name; empty means the address.
 */
user: string, };

export type AccountId = number;

export type AccountTest = { 
/**
 * The IMAP login; `None` where there is no IMAP.
 */
imap: ServerTest | null, 
/**
 * The smart host's login; `None` where there is none.
 */
smtp: ServerTest | null, };

export type AccountWithPassword = { 
/**
 * Everything else.
 */
form: AccountForm, 
/**
 * The password.
 */
password: string, 
/**
 * The sign-in that is used for the servers that want a token.
 */
sign_in?: SignInId, };

export type Address = { 
/**
 * The display name, decoded; `None` where there is none.
 */
name: string | null, 
/**
 * The address itself, as text: a letter that came in may hold one that is not valid, and it must be shown.
 */
address: string, };

export type AddressArgs = { 
/**
 * As typed.
 */
address: string, };

export type Answer = "none" | "accepted" | "declined" | "tentative" | "delegated";

export type AnswerKind = "reply" | "reply-all" | "forward";

export type AskedSource = { 
/**
 * The source.
 */
source: string, 
/**
 * What it said.
 */
said: string, };

export type AttachedArgs = { 
/**
 * The outer one.
 */
letter: LetterId, 
/**
 * The attached letters down to it, by their numbers, from the outermost.
 */
within: Array<number>, };

export type AttachmentId = number;

export type AttachmentInfo = { 
/**
 * Its number here.
 */
id: AttachmentId, 
/**
 * File name.
 */
name: string, 
/**
 * Media type.
 */
content_type: string, 
/**
 * Octets.
 */
size: number, 
/**
 * The Content-ID of an image in the text, without the angle brackets.
 */
content_id: string | null, };

export type AttachmentRef = { 
/**
 * Of which letter.
 */
letter: LetterId, 
/**
 * The attached letters it lies within, by their numbers, from the outermost; none for most.
 */
within?: Array<number>, 
/**
 * Its number there.
 */
part: number, };

export type AttachmentSaveAllArgs = { 
/**
 * Of which letter.
 */
letter: LetterId, 
/**
 * The attached letters they lie within.
 */
within?: Array<number>, 
/**
 * The folder.
 */
folder: string, };

export type AttachmentSaveArgs = { 
/**
 * The file to write.
 */
path: string, 
/**
 * Of which letter.
 */
letter: LetterId, 
/**
 * The attached letters it lies within, by their numbers, from the outermost; none for most.
 */
within?: Array<number>, 
/**
 * Its number there.
 */
part: number, };

export type AttachmentView = { 
/**
 * Its number in the letter.
 */
part: number, 
/**
 * File name; made up where the letter gives none.
 */
name: string, 
/**
 * Media type.
 */
content_type: string, 
/**
 * Octets, decoded.
 */
size: number, };

export type Attempt = { 
/**
 * Its number here; 0 before it is stored.
 */
id: AttemptId, 
/**
 * The delivery it was for.
 */
delivery: DeliveryId, 
/**
 * Beginning.
 */
started_at: string, 
/**
 * End.
 */
ended_at: string, 
/**
 * The way it went.
 */
route: Route, 
/**
 * Why this way, where Postrider chose it.
 */
route_reason: string | null, 
/**
 * The host's name, where one was reached or tried.
 */
host: string | null, 
/**
 * The host's IP address.
 */
address: string | null, 
/**
 * The TCP port.
 */
port: number | null, 
/**
 * Our address on the connection, and the name given in EHLO: greylisting keys on both.
 */
source: string | null, 
/**
 * The name given in EHLO.
 */
helo: string | null, 
/**
 * The rule that the encryption had to obey; `None` where it did not come to that.
 */
tls_policy: TlsPolicy | null, 
/**
 * What was found out for that rule, a sentence each: a policy fetched or failed, records proven or not, a downgrade.
 */
tls_notes: Array<string>, 
/**
 * The encryption that was reached; `None` is clear text (or no connection).
 */
tls: TlsReport | null, 
/**
 * Where it ended.
 */
phase: Phase, 
/**
 * What the server said.
 */
reply: Reply | null, 
/**
 * What went wrong where it was not a reply, in words.
 */
error: string | null, 
/**
 * What it means; `None` for a success.
 */
diagnosis: Diagnosis | null, };

export type AttemptArgs = { 
/**
 * Which.
 */
attempt: AttemptId, };

export type AttemptId = number;

export type Attendee = { 
/**
 * Who.
 */
who: Address, 
/**
 * What they said.
 */
answer: Answer, };

export type Better = { "choice": "route", 
/**
 * Which: a smart host by name, or `direct`.
 */
route: Route, } | { "choice": "add-smart-host" };

export type Block = { 
/**
 * Text, with the breaks of its lines; wrapped where the page is too narrow for it.
 */
text: string, 
/**
 * The size of its type.
 */
font: number, 
/**
 * How far it is moved in.
 */
inset: number, 
/**
 * How far what stands before is from what comes behind, at least. Such a block is empty.
 */
gap: number, 
/**
 * How tall it is, where it is no text.
 */
height: number, };

export type CalendarEvent = { 
/**
 * What it is; may be empty.
 */
summary: string, 
/**
 * More about it; plain text, may be empty.
 */
description: string, 
/**
 * Where; may be empty.
 */
location: string, 
/**
 * The address of a meeting on the net, where one is named.
 */
link: string | null, 
/**
 * When it begins.
 */
start: CalendarTime | null, 
/**
 * When it ends: the first moment, or the first day, that is no longer part of it.
 */
end: CalendarTime | null, 
/**
 * How it repeats, in words: `every week on Monday, until 3 March 2027`.
 */
repeats: string | null, 
/**
 * Who calls it.
 */
organiser: Address | null, 
/**
 * Who is invited.
 */
attendees: Array<Attendee>, 
/**
 * Whether it is called off.
 */
cancelled: boolean, };

export type CalendarTime = { "form": "day", 
/**
 * `2026-11-03`.
 */
date: string, } | { "form": "moment", 
/**
 * Which.
 */
at: string, 
/**
 * The time on the clock there: `2026-11-03T14:30:00`.
 */
local: string, 
/**
 * The zone it was written in, by its name in the time zone database; `None` for UTC.
 */
zone: string | null, } | { "form": "local", 
/**
 * `2026-11-03T14:30:00`.
 */
local: string, 
/**
 * What the sender calls the zone; `None` where they name none.
 */
zone: string | null, };

export type CallError = { 
/**
 * A stable word: `not-found`, `invalid`, `offline`, `auth-failed`, `no-keyring`, `disk-full`, `busy`,
 * `internal`, …
 */
code: string, 
/**
 * What happened, in one sentence.
 */
message: string, 
/**
 * What to do about it, in one sentence; empty where there is nothing to be done.
 */
hint: string, };

export type Care = "open" | "ask" | "save-only";

export type CertificateView = { 
/**
 * SHA-256 of it: 64 hexadecimal digits.
 */
sha256: string, 
/**
 * The names that it is for.
 */
names: Array<string>, 
/**
 * Whom it names as its owner.
 */
subject: string, 
/**
 * Who signed it.
 */
issuer: string, 
/**
 * Whether nobody but itself vouches for it.
 */
self_signed: boolean, 
/**
 * The beginning of its validity.
 */
not_before: string | null, 
/**
 * The end of its validity.
 */
not_after: string | null, };

export type Changed = { 
/**
 * The number by which it can be undone; `None` where there is nothing to undo.
 */
undo: number | null, };

export type Check = "way-out" | "port-25-ipv4" | "port-25-ipv6" | "submission" | "public-address" | "reverse-name" | "address-list" | "resolver-truth" | "resolver-proof" | "resolver-tcp" | "clock" | "vpn" | "sender-domain" | "sender-provider" | "spf" | "dkim" | "dmarc" | "syntax" | "spelling" | "domain" | "mx" | "addresses" | "mta-sts" | "dane" | "connect" | "greeting" | "ehlo" | "starttls" | "greylisting" | "quit";

export type CheckDomainArgs = { 
/**
 * The domain.
 */
domain: string, 
/**
 * The account from which it would be written to; `None` stands for the real network.
 */
account: AccountId | null, };

export type CheckIdentityArgs = { 
/**
 * Its address; one that belongs to no account is looked at as if it had no smart host.
 */
address: string, 
/**
 * The account that sends as it; `None` is the first that does.
 */
account?: AccountId, };

export type CheckLine = { 
/**
 * Its number.
 */
id: NetworkCheckId, 
/**
 * When.
 */
at: string, 
/**
 * Whether everything was looked at, not only what Postrider looks at again by itself.
 */
whole: boolean, 
/**
 * What direct sending was worth.
 */
verdict: DirectVerdict, 
/**
 * Why, in a sentence.
 */
because: string, };

export type CheckNetworkArgs = { 
/**
 * The account whose network it is; `None` is the real one.
 */
account: AccountId | null, 
/**
 * Whether the mail hosts are asked again, though they were asked some minutes ago: only where the user wants it.
 */
again: boolean, 
/**
 * A STUN server (`host` or `host:port`) that is asked how others see this computer: only where the user names one.
 */
stun: string | null, };

export type CheckRecipientArgs = { 
/**
 * The address.
 */
address: string, 
/**
 * The account from which it would be written to; `None` stands for the real network.
 */
account: AccountId | null, 
/**
 * Octets of the letter, where there is one.
 */
size: number | null, };

export type CheckReport = { 
/**
 * What direct sending is worth by it.
 */
verdict: DirectVerdict, 
/**
 * Why, in a sentence.
 */
because: string, 
/**
 * What was found, in the order in which it is read.
 */
findings: Array<Finding>, 
/**
 * How long it took, in milliseconds.
 */
took_ms: number, 
/**
 * The same as text, as others may read it: without mail hosts of correspondents and inside addresses.
 */
for_support: string, };

export type Class = "greylisted" | "throttled" | "mailbox-full" | "no-such-recipient" | "no-such-domain" | "null-mx" | "message-too-large" | "content-refused" | "sender-blocklisted" | "sender-dynamic-ip" | "sender-no-rdns" | "sender-unauthenticated" | "recipient-policy" | "auth-failed" | "tls-policy" | "port-25-blocked" | "network-down" | "dns-failure" | "host-unreachable" | "receiver-misconfigured" | "protocol-error" | "suppressed" | "expired" | "unknown";

export type ContactCard = { 
/**
 * The name that is shown; empty where only addresses are known.
 */
name: string, 
/**
 * Where they work; empty for none.
 */
organisation: string, 
/**
 * What the user noted; empty for nothing.
 */
note: string, 
/**
 * Their addresses, the one to write to first.
 */
addresses: Array<string>, 
/**
 * What else their vCard says (telephone numbers, birthdays …), as lines of one; kept for export.
 */
extra: string, };

export type ContactCompleteArgs = { 
/**
 * What was typed so far; empty for those who are written to most.
 */
typed: string, 
/**
 * Addresses that are in the letter already.
 */
without: Array<string>, 
/**
 * How many, at most 50.
 */
limit: number, };

export type ContactExportArgs = { 
/**
 * The file.
 */
path: string, 
/**
 * Whom; empty for everybody whom the user keeps.
 */
contacts: Array<ContactId>, };

export type ContactId = number;

export type ContactImport = { 
/**
 * People who are new here.
 */
added: number, 
/**
 * People of whom more is known now.
 */
completed: number, 
/**
 * Cards that say nothing new.
 */
unchanged: number, };

export type ContactImportArgs = { 
/**
 * The file.
 */
path: string, };

export type ContactListArgs = { 
/**
 * Beginnings of words of names and addresses; empty for everybody.
 */
query: string, 
/**
 * Only those whom the user keeps.
 */
kept: boolean, 
/**
 * Index of the first row.
 */
offset: number, 
/**
 * How many rows, at most 500.
 */
limit: number, };

export type ContactMergeArgs = { 
/**
 * All of them; the first gives the name where it has one.
 */
who: Array<ContactWho>, };

export type ContactPage = { 
/**
 * How many rows there are in all.
 */
total: number, 
/**
 * Index of the first row here.
 */
offset: number, 
/**
 * The rows: by name.
 */
rows: Array<ContactRow>, };

export type ContactRow = { 
/**
 * Their number; `None` where they were only learned.
 */
contact: ContactId | null, 
/**
 * Their name; empty where none is known.
 */
name: string, 
/**
 * Where they work.
 */
organisation: string, 
/**
 * Their addresses, the one to write to first.
 */
addresses: Array<string>, 
/**
 * What passed.
 */
dealings: Dealings, };

export type ContactSaveArgs = { 
/**
 * Of whom; `None` for somebody new.
 */
contact: ContactId | null, 
/**
 * What.
 */
card: ContactCard, };

export type ContactSuggestion = { 
/**
 * Their name; empty where none is known.
 */
name: string, 
/**
 * The address.
 */
address: string, 
/**
 * Whether the user keeps them, or they were only learned.
 */
kept: boolean, };

export type ContactView = { 
/**
 * Their number; `None` where they were only learned.
 */
contact: ContactId | null, 
/**
 * What is known of them.
 */
card: ContactCard, 
/**
 * What passed, address by address.
 */
dealings: Array<Dealings>, 
/**
 * When it was last changed here; `None` where nothing is kept.
 */
changed_at: string | null, };

export type ContactWho = { "who": "kept", 
/**
 * Their number.
 */
contact: ContactId, } | { "who": "learned", 
/**
 * The address.
 */
address: string, };

export type Copyable = { 
/**
 * What it is.
 */
label: string, 
/**
 * The text.
 */
text: string, };

export type Dealings = { 
/**
 * Letters that went there.
 */
sent: number, 
/**
 * Letters that came from there.
 */
received: number, 
/**
 * When the last one went.
 */
last_sent: string | null, 
/**
 * When the last one came.
 */
last_received: string | null, };

export type Delivery = { 
/**
 * Its number here.
 */
id: DeliveryId, 
/**
 * The recipient.
 */
address: EmailAddress, 
/**
 * Where it is.
 */
state: DeliveryState, 
/**
 * Why it is held, while it is.
 */
hold: HoldReason | null, 
/**
 * A route for this recipient alone; `None` follows the outgoing.
 */
route: RoutePolicy | null, 
/**
 * When it is tried next (or released, while held); `None` when nothing will happen by itself.
 */
next_attempt_at: string | null, 
/**
 * Since when it has been due: the age at which it is given up counts from here. Time in which it was held is not
 * in it, and to try again what was given up begins it anew.
 */
due_since: string, 
/**
 * How many attempts count towards the schedule (a local cause does not count).
 */
tries: number, 
/**
 * What the last attempt, or the giving up, means.
 */
diagnosis: Diagnosis | null, 
/**
 * When it came to its state.
 */
changed_at: string, };

export type DeliveryId = number;

export type DeliveryState = "held" | "queued" | "sending" | "accepted" | "relayed" | "deferred" | "failed" | "cancelled" | "confirmed" | "delayed" | "bounced";

export type DestinationArgs = { 
/**
 * The recipient domain, as listed or typed.
 */
domain: string, };

export type DestinationView = { 
/**
 * The recipient domain.
 */
domain: string, 
/**
 * When it was first contacted.
 */
first_seen: string | null, 
/**
 * When it last took a message.
 */
last_success: string | null, 
/**
 * When it last did not.
 */
last_failure: string | null, 
/**
 * Seconds for which its greylisting let an unknown sender wait.
 */
greylist_seconds: number | null, 
/**
 * Whether it ever offered TLS.
 */
tls_offered: boolean, 
/**
 * The encryption of the last conversation; `None` was clear text.
 */
tls_version: string | null, 
/**
 * The largest message it says to take, in octets.
 */
size_limit: number | null, 
/**
 * How it last refused us for what we are.
 */
refused_us: Class | null, };

export type Diagnosis = { 
/**
 * The kind of trouble.
 */
class: Class, 
/**
 * Whether another try can help. The code does not decide it alone: see the table.
 */
temporary: boolean, 
/**
 * Who has to do something.
 */
who_acts: WhoActs, 
/**
 * Whether another sender (a smart host instead of us, or the other way round) would be treated better.
 */
would_other_route_help: boolean, 
/**
 * Whether the cause is on this computer or its network: then no try is used up and no host is blamed.
 */
local_cause: boolean, 
/**
 * Seconds after which to come back, where the server said so.
 */
retry_after: number | null, 
/**
 * What happened, in a few words.
 */
title: string, 
/**
 * What happened and what it means.
 */
explanation: string, 
/**
 * What to do.
 */
advice: string, };

export type DirectVerdict = "good" | "risky" | "blocked";

export type DiscoverArgs = { 
/**
 * As typed.
 */
address: string, 
/**
 * Whether Mozilla's database is asked, which tells its keeper the domain; `None` as in the settings.
 */
database?: boolean, };

export type Discovery = { 
/**
 * The address.
 */
address: string, 
/**
 * What was found, the most believable first. The first is what one would take.
 */
found: Array<FoundAccount>, 
/**
 * What each source said, in words.
 */
asked: Array<AskedSource>, 
/**
 * What is known of the provider; `None` where it is none that is known.
 */
provider: ProviderHelp | null, 
/**
 * Whether Mozilla's database was asked.
 */
database: boolean, };

export type DkimAlgorithm = "rsa-sha256" | "ed25519-sha256";

export type DkimDomain = { 
/**
 * The domain.
 */
domain: string, 
/**
 * Its keys, newest first; none where nothing is signed for it here.
 */
keys: Array<DkimKeyView>, };

export type DkimDomainArgs = { 
/**
 * As typed; an address of it will do.
 */
domain: string, };

export type DkimKeyArgs = { 
/**
 * Which.
 */
key: DkimKeyId, };

export type DkimKeyId = number;

export type DkimKeyView = { 
/**
 * Its number.
 */
id: DkimKeyId, 
/**
 * The name under which DNS shows it.
 */
selector: string, 
/**
 * How it signs.
 */
algorithm: DkimAlgorithm, 
/**
 * Where it stands.
 */
state: DkimState, 
/**
 * The name of the TXT record.
 */
record_name: string, 
/**
 * The text of the TXT record.
 */
record_value: string, 
/**
 * The record as a line of a zone file, in strings of at most 255 octets.
 */
zone_line: string, 
/**
 * When it was made.
 */
created_at: string, 
/**
 * When DNS last gave an answer about it.
 */
checked_at: string | null, 
/**
 * Since when DNS shows it.
 */
seen_at: string | null, 
/**
 * Its state in words, and what there is to do.
 */
what: string, };

export type DkimState = "waiting" | "signing" | "missing" | "retired";

export type Draft = { 
/**
 * The account it is written from.
 */
account: AccountId, 
/**
 * The identity it is written as.
 */
identity: IdentityId, 
/**
 * To, as typed.
 */
to: Array<Address>, 
/**
 * Cc, as typed.
 */
cc: Array<Address>, 
/**
 * Bcc, as typed.
 */
bcc: Array<Address>, 
/**
 * Subject.
 */
subject: string, 
/**
 * The text as the editor holds it.
 */
html: string, 
/**
 * The Message-ID that it answers, without the angle brackets.
 */
in_reply_to: string | null, 
/**
 * The References of the answer, oldest first.
 */
references: Array<string>, 
/**
 * The letter that it answers.
 */
answers: LetterId | null, 
/**
 * The letter that it forwards.
 */
forwards: LetterId | null, 
/**
 * The route asked for; auto follows the account's rules and the identity's default.
 */
route: RoutePolicy, 
/**
 * Whether it may travel only over verified encryption (REQUIRETLS, RFC 8689).
 */
require_tls: boolean, };

export type DraftAnswerArgs = { 
/**
 * Which letter.
 */
letter: LetterId, 
/**
 * How.
 */
kind: AnswerKind, };

export type DraftArgs = { 
/**
 * Which.
 */
draft: DraftId, };

export type DraftAttachArgs = { 
/**
 * Which.
 */
draft: DraftId, 
/**
 * The files.
 */
paths: Array<string>, };

export type DraftDetachArgs = { 
/**
 * Which draft.
 */
draft: DraftId, 
/**
 * Which file.
 */
attachment: AttachmentId, };

export type DraftId = number;

export type DraftNewArgs = { 
/**
 * From which account; `None` for the first.
 */
account: AccountId | null, 
/**
 * A mailto: link (RFC 6068).
 */
mailto: string | null, };

export type DraftSaveArgs = { 
/**
 * Which.
 */
draft: DraftId, 
/**
 * Everything but the files.
 */
content: Draft, };

export type DraftSendArgs = { 
/**
 * Which draft.
 */
draft: DraftId, 
/**
 * Not before this time (RFC 3339); `None` for now, after the undo window.
 */
at: string | null, };

export type DraftView = { 
/**
 * Its number.
 */
id: DraftId, 
/**
 * What is written.
 */
draft: Draft, 
/**
 * Its files.
 */
attachments: Array<AttachmentInfo>, 
/**
 * When it was last saved.
 */
saved_at: string, };

export type EmailAddress = string;

export type EnhancedCode = string;

export type Event = { "event": "accounts" } | { "event": "letters", 
/**
 * Which.
 */
mailboxes: Array<MailboxId>, } | { "event": "new-mail", 
/**
 * The new letters.
 */
rows: Array<LetterRow>, } | { "event": "outgoing", 
/**
 * Which.
 */
id: OutgoingId, } | { "event": "refused", 
/**
 * The outgoing.
 */
id: OutgoingId, 
/**
 * The delivery.
 */
delivery: DeliveryId, 
/**
 * The recipient.
 */
address: string, 
/**
 * The subject.
 */
subject: string, 
/**
 * What happened, in a few words.
 */
title: string, } | { "event": "delayed", 
/**
 * The outgoing.
 */
id: OutgoingId, 
/**
 * The delivery.
 */
delivery: DeliveryId, 
/**
 * The recipient.
 */
address: string, 
/**
 * The subject.
 */
subject: string, 
/**
 * What stands in the way, in a few words.
 */
title: string, } | { "event": "contacts" } | { "event": "drafts" } | { "event": "network" } | { "event": "direct-verdict", 
/**
 * What it is worth now.
 */
verdict: DirectVerdict, 
/**
 * Why, in a sentence.
 */
because: string, 
/**
 * How many letters wait.
 */
waiting: number, } | { "event": "practice" } | { "event": "marks" } | { "event": "sync", 
/**
 * Which account.
 */
account: AccountId, 
/**
 * What it does.
 */
state: SyncState, } | { "event": "note", 
/**
 * Whose server.
 */
account: AccountId, 
/**
 * What became of it, in a sentence.
 */
text: string, } | { "event": "settings" } | { "event": "dkim", 
/**
 * The domain.
 */
domain: string, } | { "event": "transfer", 
/**
 * How far it is.
 */
transfer: TransferView, } | { "event": "stale" };

export type Evidence = { 
/**
 * What was asked, and whom.
 */
asked: string, 
/**
 * What came back.
 */
answer: string, 
/**
 * How long that took, in milliseconds; `None` where nobody was asked.
 */
took_ms: number | null, };

export type ExportBeginArgs = { 
/**
 * What.
 */
source: ExportSource, 
/**
 * How.
 */
format: ExportFormat, 
/**
 * The file or folder. It must not be there yet.
 */
path: string, };

export type ExportFormat = "mbox" | "maildir" | "eml";

export type ExportSource = { "what": "mailbox", 
/**
 * Which.
 */
mailbox: MailboxId, } | { "what": "letters", 
/**
 * Which.
 */
letters: Array<LetterId>, } | { "what": "search", 
/**
 * As typed.
 */
query: string, };

export type Finding = { 
/**
 * What was looked at.
 */
check: Check, 
/**
 * Which one, where there are several: an address, a list, a host, a route. Empty otherwise.
 */
subject: string, 
/**
 * How it came out.
 */
status: FindingStatus, 
/**
 * A word for what was found, the same for ever: programs go by it.
 */
found: string, 
/**
 * What was found, in a few words.
 */
title: string, 
/**
 * What it was seen by.
 */
evidence: Array<Evidence>, 
/**
 * What it means.
 */
cause: string, 
/**
 * What mends it; `None` where nothing needs to be mended.
 */
fix: string | null, 
/**
 * What else can be done meanwhile.
 */
alternative: string | null, 
/**
 * Why anybody looks at this.
 */
why: string, 
/**
 * What can be copied to mend it.
 */
copy: Array<Copyable>, 
/**
 * The warning that it is about, whose page says more.
 */
warning: WarningName | null, };

export type FindingStatus = "pass" | "warn" | "fail" | "unknown";

export type FoundAccount = { 
/**
 * The source: `provider`, `domain`, `services`, `database`, `mail-hosts` or `guess`.
 */
origin: string, 
/**
 * Where it is from, in a sentence.
 */
words: string, 
/**
 * What the provider calls itself, where it says so.
 */
name: string | null, 
/**
 * A page of the provider about it.
 */
page: string | null, 
/**
 * The IMAP server.
 */
imap: FoundServerView | null, 
/**
 * The smart host.
 */
smtp: FoundServerView | null, };

export type FoundServerView = { 
/**
 * Ready for the form.
 */
server: ServerForm, 
/**
 * What it takes, the best first.
 */
logins: Array<LoginForm>, 
/**
 * Whether it answered, encrypted and proven. Nobody has logged in yet.
 */
answers: ServerTest, 
/**
 * Whether nothing but unsigned DNS names it, outside the address's domain: no password is sent there before the user
 * said that it is right.
 */
hearsay: boolean, };

export type HandedOver = { 
/**
 * How many letters somebody has now.
 */
taken: number, 
/**
 * The smart hosts that were asked for those.
 */
smart_hosts: Array<string>, 
/**
 * What stays queued here, or was refused.
 */
left: Array<LeftBehind>, };

export type HoldReason = "undo" | "scheduled" | "paused";

export type Identity = { 
/**
 * Its number here.
 */
id: IdentityId, 
/**
 * The address in From and in the envelope.
 */
address: EmailAddress, 
/**
 * The name in From; empty for none.
 */
name: string, 
/**
 * Text put under new letters; empty for none.
 */
signature: string, 
/**
 * Default route.
 */
route: RoutePolicy, };

export type IdentityId = number;

export type IdentityReport = { 
/**
 * Its address.
 */
address: string, 
/**
 * When.
 */
at: string, 
/**
 * What was found.
 */
report: CheckReport, };

export type ImagePermissionArgs = { 
/**
 * How far it reaches.
 */
scope: ImageScope, 
/**
 * The address or the domain.
 */
name: string, };

export type ImagePermissionView = { 
/**
 * How far it reaches.
 */
scope: ImageScope, 
/**
 * The address or the domain.
 */
name: string, 
/**
 * Since when.
 */
granted_at: string, };

export type ImageScope = "sender" | "domain";

export type ImportBeginArgs = { 
/**
 * The file or folder.
 */
path: string, 
/**
 * Into which account.
 */
account: AccountId, 
/**
 * Into which mailbox, by its path. One folder goes into it, several go into mailboxes inside it. `None` for
 * `Imported`.
 */
into?: string, 
/**
 * Which folders; `None` for all.
 */
folders?: Array<string>, };

export type ImportFolder = { 
/**
 * Its name, with those around it, between slashes. Tells it from the others.
 */
name: string, 
/**
 * How many letters it has.
 */
letters: number, 
/**
 * How large it is, in octets.
 */
octets: number, };

export type ImportLookArgs = { 
/**
 * A file or a folder; `None` for what other programs keep where they usually do.
 */
path: string | null, };

export type ImportSource = { 
/**
 * The file or folder.
 */
path: string, 
/**
 * What it is.
 */
kind: SourceKind, 
/**
 * The mailboxes in it.
 */
folders: Array<ImportFolder>, };

export type Invitation = { 
/**
 * The part of the letter that holds it.
 */
part: number, 
/**
 * What its sender wants.
 */
method: Method, 
/**
 * The events, as they stand.
 */
events: Array<CalendarEvent>, };

export type InvitationArgs = { 
/**
 * Which letter.
 */
letter: LetterId, 
/**
 * The attached letters it lies within, by their numbers, from the outermost; none for most.
 */
within?: Array<number>, };

export type LabelView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its mailbox; `None` where the server shows none, and it cannot be taken off.
 */
mailbox: MailboxId | null, };

export type LeaveWay = { "way": "one-click", 
/**
 * The host.
 */
host: string, } | { "way": "letter", 
/**
 * The address.
 */
address: string, 
/**
 * What it says in its subject; may be empty.
 */
subject: string, } | { "way": "page", 
/**
 * Its address.
 */
url: string, };

export type Leaving = { 
/**
 * How many letters are on the wire at this moment.
 */
on_the_wire: number, 
/**
 * How many letters wait in all.
 */
total: number, 
/**
 * How many of them a smart host could take now.
 */
can_be_handed_over: number, 
/**
 * The smart hosts that would take them, by name.
 */
smart_hosts: Array<string>, 
/**
 * The letters, the next to be tried first; of very many, the first ones.
 */
letters: Array<LeavingLetter>, };

export type LeavingLetter = { 
/**
 * Its number.
 */
id: OutgoingId, 
/**
 * Subject.
 */
subject: string, 
/**
 * The recipients that do not have it yet.
 */
recipients: Array<string>, 
/**
 * Where the first of them is: `held`, `queued`, `sending` or `deferred`.
 */
state: DeliveryState, 
/**
 * Whether the user chose its time.
 */
scheduled: boolean, 
/**
 * Why it waits, in a few words; empty where nobody has been asked yet.
 */
title: string, 
/**
 * When it is tried next, or leaves; `null` while it is on the wire.
 */
next_attempt_at: string | null, 
/**
 * When it is given up, if this computer stays on line; later where it does not. `null` for what has its own time.
 */
given_up_at: string | null, 
/**
 * The smart host that could take it now.
 */
smart_host: string | null, };

export type Left = { "left": "asked" } | { "left": "written", 
/**
 * Which.
 */
outgoing: OutgoingId, } | { "left": "otherwise", 
/**
 * Which.
 */
way: LeaveWay | null, };

export type LeftBehind = { 
/**
 * The outgoing.
 */
id: OutgoingId, 
/**
 * Its subject.
 */
subject: string, 
/**
 * The recipient.
 */
address: string, 
/**
 * Where it is.
 */
state: DeliveryState, 
/**
 * Why, in a few words; empty while nobody has answered.
 */
title: string, };

export type LetterArgs = { 
/**
 * Which.
 */
letter: LetterId, };

export type LetterChange = { "change": "seen", 
/**
 * Whether it is read.
 */
on: boolean, } | { "change": "flagged", 
/**
 * Whether it is marked.
 */
on: boolean, } | { "change": "file", 
/**
 * `archive`, `trash`, `junk` or `inbox`.
 */
role: Role, } | { "change": "move", 
/**
 * Which.
 */
mailbox: MailboxId, } | { "change": "copy", 
/**
 * Which.
 */
mailbox: MailboxId, } | { "change": "unlabel", 
/**
 * Which.
 */
mailbox: MailboxId, } | { "change": "delete" };

export type LetterChangeArgs = { 
/**
 * Which.
 */
letters: Array<LetterId>, 
/**
 * What.
 */
change: LetterChange, };

export type LetterColours = "none" | "own" | "fixed";

export type LetterId = number;

export type LetterLook = { 
/**
 * The hosts that its remote images come from.
 */
image_hosts: Array<string>, 
/**
 * Why its remote images are shown without asking; `None` where they wait.
 */
images_by: ImageScope | null, 
/**
 * The address that images can be allowed for; `None` where they can be shown once alone.
 */
images_of: string | null, 
/**
 * Why a permission that there is for its sender does not count for this letter, in a sentence.
 */
images_doubt: string | null, 
/**
 * The services whose trackers were taken out.
 */
tracked_by: Array<string>, 
/**
 * What it says of colours.
 */
colours: LetterColours, 
/**
 * What looks odd about it, what matters most first.
 */
warnings: Array<LetterWarning>, };

export type LetterOutlook = { 
/**
 * The way to each domain, and why.
 */
choices: Array<RouteChoice>, 
/**
 * What to say before it is sent; `None` where there is nothing to say.
 */
banner: Outlook | null, 
/**
 * Why direct sending is not offered for its sender, in a sentence; left out where it is.
 */
no_direct?: string, };

export type LetterOutlookArgs = { 
/**
 * From which account.
 */
account: AccountId, 
/**
 * As which identity; `None` for the first.
 */
identity?: IdentityId, 
/**
 * What the composer's route control says.
 */
route: RoutePolicy, 
/**
 * To, Cc and Bcc; what is not an address is left out.
 */
recipients: Array<string>, 
/**
 * Octets of the letter as it travels, where that is known.
 */
size: number | null, };

export type LetterPage = { 
/**
 * How many rows the whole list has.
 */
total: number, 
/**
 * Index of the first row here.
 */
offset: number, 
/**
 * The rows, newest first.
 */
rows: Array<LetterRow>, };

export type LetterRow = { 
/**
 * The stored letter; `None` for an outgoing that is not filed on the server yet.
 */
letter: LetterId | null, 
/**
 * The outgoing, where the letter was sent from here.
 */
outgoing: OutgoingId | null, 
/**
 * The mailbox it is in.
 */
mailbox: MailboxId | null, 
/**
 * From.
 */
from: Array<Address>, 
/**
 * To.
 */
to: Array<Address>, 
/**
 * Subject, decoded; may be empty.
 */
subject: string, 
/**
 * The first words.
 */
snippet: string, 
/**
 * When it came in, or was sent.
 */
date: string, 
/**
 * Not read yet.
 */
unread: boolean, 
/**
 * Marked by the user.
 */
flagged: boolean, 
/**
 * Answered.
 */
answered: boolean, 
/**
 * Forwarded.
 */
forwarded: boolean, 
/**
 * How many attachments it has.
 */
attachments: number, 
/**
 * The delivery mark of a letter sent from here.
 */
mark: Mark | null, 
/**
 * What the row says of its thread, in a list of threads.
 */
thread?: ThreadSummary, 
/**
 * Its labels, where the server has such a thing, but for that of the mailbox it is in.
 */
labels?: Array<LabelView>, };

export type LetterSaveArgs = { 
/**
 * Which letter.
 */
letter: LetterId, 
/**
 * The file to write.
 */
path: string, };

export type LetterView = { 
/**
 * Its row.
 */
row: LetterRow, 
/**
 * Cc.
 */
cc: Array<Address>, 
/**
 * Bcc: known only for what was sent from here.
 */
bcc: Array<Address>, 
/**
 * Reply-To, where it differs from From.
 */
reply_to: Array<Address>, 
/**
 * Message-ID without brackets.
 */
message_id: string | null, 
/**
 * Path of the document for the frame, below the scheme `letter`; `None` while the body is not here yet.
 */
document: string | null, 
/**
 * Why it is not, where the server does not hand it out.
 */
withheld?: WithheldView, 
/**
 * Remote images that are not loaded.
 */
remote_images: number, 
/**
 * Tracking pixels, which are never loaded.
 */
trackers: number, 
/**
 * What the window says about its frame.
 */
look: LetterLook, 
/**
 * Files.
 */
attachments: Array<AttachmentView>, 
/**
 * What of its page is in sight at first, for its height.
 */
page: Array<Block>, };

export type LetterWarning = { 
/**
 * How much there is to it.
 */
weight: Weight, 
/**
 * A sentence.
 */
text: string, };

export type LinkArgs = { 
/**
 * Where it leads.
 */
url: string, };

export type LinkView = { 
/**
 * The host in the letters of its language, where it is written otherwise in the link.
 */
shown_host: string | null, 
/**
 * What is wrong with it.
 */
warning: LetterWarning | null, };

export type ListArgs = { 
/**
 * Which letters.
 */
source: ListSource, 
/**
 * Index of the first row.
 */
offset: number, 
/**
 * How many rows, at most 500.
 */
limit: number, 
/**
 * Whether a row is a thread. Sent and Drafts list their letters one by one in any case: each has a fate of its own.
 */
threaded: boolean, };

export type ListLeaveArgs = { 
/**
 * A letter of it.
 */
letter: LetterId, 
/**
 * The way that was shown and agreed to.
 */
way: LeaveWay, };

export type ListSource = { "list": "mailbox", 
/**
 * Which.
 */
mailbox: MailboxId, } | { "list": "role", 
/**
 * Which role.
 */
role: Role, };

export type ListView = { 
/**
 * Its name: the List-Id, or the address that it writes from.
 */
name: string, 
/**
 * When it was asked to let go.
 */
left_at: string | null, 
/**
 * How it can be left; `None` where the letter does not say.
 */
way: LeaveWay | null, };

export type LoginForm = "password" | "token";

export type Look = { "look": "image", 
/**
 * The path.
 */
path: string, } | { "look": "text", 
/**
 * The text.
 */
text: string, 
/**
 * Whether there is more of it.
 */
cut: boolean, } | { "look": "pdf" } | { "look": "letter" } | { "look": "nothing" };

export type Mailbox = { 
/**
 * Its number here.
 */
id: MailboxId, 
/**
 * The account it belongs to.
 */
account: AccountId, 
/**
 * The name on the server, decoded from modified UTF-7, with the server's own separators.
 */
path: string, 
/**
 * The last part of the path.
 */
name: string, 
/**
 * The separator of the hierarchy, where the server has one.
 */
separator: string | null, 
/**
 * What it is for, where that is known.
 */
role: Role | null, 
/**
 * Whether it can be opened (`false` for `\Noselect`).
 */
selectable: boolean, 
/**
 * Whether it is subscribed to: among those that the user wants to see.
 */
subscribed: boolean, 
/**
 * Letters here.
 */
total: number, 
/**
 * Letters here without `\Seen`.
 */
unread: number, };

export type MailboxArgs = { 
/**
 * Which.
 */
mailbox: MailboxId, };

export type MailboxCreateArgs = { 
/**
 * In which account.
 */
account: AccountId, 
/**
 * Inside which mailbox; `None` for none.
 */
parent: MailboxId | null, 
/**
 * Its name, without those around it.
 */
name: string, };

export type MailboxId = number;

export type MailboxRenameArgs = { 
/**
 * Of which mailbox.
 */
mailbox: MailboxId, 
/**
 * Its name, without those around it.
 */
name: string, };

export type MailboxSubscribeArgs = { 
/**
 * Which.
 */
mailbox: MailboxId, 
/**
 * Whether they are.
 */
on: boolean, };

export type Mark = { 
/**
 * The state that most needs to be seen: refused before waiting before under way before done.
 */
state: DeliveryState, 
/**
 * How many recipients there are.
 */
total: number, 
/**
 * How many of them a server took.
 */
taken: number, 
/**
 * How many were refused.
 */
refused: number, 
/**
 * How many are still open.
 */
open: number, };

export type MarkEncryption = "unknown" | "none" | "unverified" | "verified";

export type MarkKind = "not-known" | "fine" | "refused" | "no-such-domain" | "null-mx" | "nowhere" | "too-large" | "misspelt" | "not-answered";

export type MarkTone = "quiet" | "caution" | "stop";

export type Method = "request" | "reply" | "cancel" | "counter" | "publish";

export type NetworkArgs = { 
/**
 * Which.
 */
network: NetworkId, };

export type NetworkCheckArgs = { 
/**
 * Which.
 */
check: NetworkCheckId, };

export type NetworkCheckId = number;

export type NetworkHere = "nowhere" | "unrecognised" | "recognised";

export type NetworkHistory = { 
/**
 * The network.
 */
network: NetworkView, 
/**
 * Whether this computer is on it now.
 */
here: boolean, 
/**
 * Its checks, the newest first.
 */
checks: Array<CheckLine>, };

export type NetworkId = number;

export type NetworkKind = "wired" | "wi-fi" | "mobile" | "tunnel" | "here";

export type NetworkNow = { 
/**
 * Whether it is known on which.
 */
here: NetworkHere, 
/**
 * The network, where it is known and something was kept of it.
 */
network: NetworkView | null, 
/**
 * What was last found of it. `None` where nobody looked.
 */
latest: NetworkReport | null, 
/**
 * What was last found of the user's identities on it, by address.
 */
identities: Array<IdentityReport>, };

export type NetworkNowArgs = { 
/**
 * An account; `None` stands for the real network.
 */
account: AccountId | null, };

export type NetworkRenameArgs = { 
/**
 * Which.
 */
network: NetworkId, 
/**
 * What the user calls it; empty for the name that it has by itself.
 */
name: string, };

export type NetworkReport = { 
/**
 * When it was last looked at.
 */
at: string, 
/**
 * When everything was last looked at: before `at` where some of it was looked at again since. `None` where nobody
 * looked, and all that is known is what mail servers said.
 */
whole_at: string | null, 
/**
 * Whether it is new enough to go by.
 */
fresh: boolean, 
/**
 * What was found.
 */
report: CheckReport, };

export type NetworkView = { 
/**
 * Its number.
 */
id: NetworkId, 
/**
 * What it is called: by the user, or else by its kind.
 */
name: string, 
/**
 * Whether the user gave it that name.
 */
named: boolean, 
/**
 * How this computer is on it.
 */
kind: NetworkKind, 
/**
 * When it was first seen.
 */
first_seen: string, 
/**
 * When it was last seen.
 */
last_seen: string, };

export type Nothing = Record<symbol, never>;

export type OAuthAnswerArgs = { 
/**
 * Of which sign-in.
 */
sign_in: SignInId, 
/**
 * The whole address.
 */
address: string, };

export type OAuthArgs = { 
/**
 * The address that is shown to the provider.
 */
address: string, 
/**
 * The account that signs in again. Without a provider, it is the one it has.
 */
account?: AccountId, 
/**
 * The provider's word.
 */
provider?: string, 
/**
 * The client that the user registered; `None` for the one of the settings, or the built-in one.
 */
client_id?: string, 
/**
 * Its secret, where it has one.
 */
client_secret?: string, 
/**
 * A server of one's own, in the place of a provider.
 */
server?: OAuthServer, };

export type OAuthBegun = { 
/**
 * Its number.
 */
sign_in: SignInId, 
/**
 * What the browser is to show.
 */
url: string, 
/**
 * Whether the user hands over the address at which the browser ends.
 */
by_hand: boolean, };

export type OAuthDevice = { 
/**
 * Its number.
 */
sign_in: SignInId, 
/**
 * The code.
 */
code: string, 
/**
 * Where it is typed in.
 */
url: string, 
/**
 * How long it is good for, in seconds.
 */
seconds: number, };

export type OAuthProviderView = { 
/**
 * The word for it.
 */
provider: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it knows this program: by a client of the user's in the settings, or by one that was built in.
 */
has_client: boolean, 
/**
 * Whether one can sign in with a code that is typed in elsewhere.
 */
by_code: boolean, 
/**
 * Whether the user has to hand the browser's last address over.
 */
by_hand: boolean, 
/**
 * Where a client is registered.
 */
register: string, };

export type OAuthServer = { 
/**
 * The client's identifier there.
 */
client_id: string, 
/**
 * Where the user signs in.
 */
authorize_url: string, 
/**
 * Where tokens are had.
 */
token_url: string, 
/**
 * Where a code for another device is had.
 */
device_url?: string, 
/**
 * What is asked for.
 */
scopes: Array<string>, 
/**
 * The mail servers that are shown its tokens: hosts without a port. No other server ever is.
 */
hosts: Array<string>, };

export type OAuthSignInArgs = { 
/**
 * Which.
 */
sign_in: SignInId, 
/**
 * The account that it is for at once; `None` where the account is added after it.
 */
account?: AccountId, };

export type OAuthSignedIn = { 
/**
 * Where.
 */
provider: string, 
/**
 * Whether it lasts: without, it holds for an hour or so, and no account can be made of it.
 */
lasting: boolean, };

export type Outgoing = { 
/**
 * Its number here.
 */
id: OutgoingId, 
/**
 * The account it is sent from; `None` for what came through the sendmail interface without one.
 */
account: AccountId | null, 
/**
 * Its Message-ID, without the angle brackets.
 */
message_id: string, 
/**
 * MAIL FROM; `None` is the null sender.
 */
sender: EmailAddress | null, 
/**
 * From, as shown.
 */
from: string, 
/**
 * Subject, decoded.
 */
subject: string, 
/**
 * Octets of the message.
 */
size: number, 
/**
 * When Send was pressed.
 */
created_at: string, 
/**
 * What the sender asked for.
 */
route: RoutePolicy, 
/**
 * Whether it may travel only over verified encryption, here and beyond (REQUIRETLS, RFC 8689).
 */
require_tls: boolean, 
/**
 * One per recipient, in the order of the envelope.
 */
deliveries: Array<Delivery>, };

export type OutgoingArgs = { 
/**
 * Which.
 */
outgoing: OutgoingId, };

export type OutgoingFilter = "outbox" | "scheduled" | "all";

export type OutgoingId = number;

export type OutgoingListArgs = { 
/**
 * Which.
 */
filter: OutgoingFilter, };

export type OutgoingOrder = { "order": "retry" } | { "order": "retry-failed" } | { "order": "hold" } | { "order": "release" } | { "order": "cancel" } | { "order": "route", 
/**
 * Which.
 */
route: RoutePolicy, } | { "order": "dismiss" };

export type OutgoingOrderArgs = { 
/**
 * Which outgoing.
 */
outgoing: OutgoingId, 
/**
 * One delivery, or all.
 */
delivery: DeliveryId | null, 
/**
 * What to do.
 */
order: OutgoingOrder, };

export type OutgoingRow = { 
/**
 * Its number.
 */
id: OutgoingId, 
/**
 * From, as shown.
 */
from: string, 
/**
 * Recipients, as text.
 */
to: Array<string>, 
/**
 * Subject.
 */
subject: string, 
/**
 * When Send was pressed.
 */
created_at: string, 
/**
 * Its mark.
 */
mark: Mark, 
/**
 * The next thing that will happen by itself.
 */
next_attempt_at: string | null, 
/**
 * Why it waits or was refused, in a few words; empty where there is nothing to say.
 */
title: string, 
/**
 * Whether a delivery has waited for longer than `outbound.delay_notice`.
 */
late: boolean, };

export type OutgoingView = { 
/**
 * The message and its deliveries.
 */
outgoing: Outgoing, 
/**
 * Attempts of all deliveries, newest first.
 */
attempts: Array<Attempt>, 
/**
 * Path of the document for the frame, below the scheme `letter`.
 */
document: string, 
/**
 * The letter it answers or forwards, and its copy in Sent, where they are here.
 */
copy: LetterId | null, 
/**
 * The reports that were written here for the sender, oldest first.
 */
reports: Array<ReportView>, 
/**
 * The deliveries that have waited for longer than `outbound.delay_notice`.
 */
late: Array<DeliveryId>, 
/**
 * The DKIM keys that signed it, by the names under which DNS shows them.
 */
signed_by: Array<string>, 
/**
 * Why it was not signed, where it should have been.
 */
unsigned: string | null, 
/**
 * The warnings with a name that its deliveries have met.
 */
warnings: Array<RaisedWarning>, };

export type Outlook = { 
/**
 * What it is about.
 */
kind: OutlookKind, 
/**
 * How it is to be seen.
 */
tone: OutlookTone, 
/**
 * In a sentence.
 */
message: string, 
/**
 * What that means, in another.
 */
meaning: string, 
/**
 * The better choice, where there is one.
 */
better: Better | null, 
/**
 * What to call that.
 */
better_label: string | null, 
/**
 * The warning whose page tells more.
 */
warning: WarningName | null, 
/**
 * The domain of the recipients that it is about, where it is about one.
 */
domain: string | null, 
/**
 * What it was seen by, where a check saw it.
 */
finding: Finding | null, };

export type OutlookKind = "too-large" | "sender-provider" | "sender-domain" | "port-25" | "name-servers" | "submission" | "refused-us" | "listed-address" | "dynamic-address" | "reverse-dns" | "unproven" | "no-smart-host" | "clock" | "greylisting" | "offline";

export type OutlookTone = "stop" | "caution";

export type PasswordArgs = { 
/**
 * Of which account.
 */
account: AccountId, 
/**
 * Of this smart host alone, by its name; `None` means the IMAP server and every smart host that has the same login
 * name.
 */
smart_host: string | null, 
/**
 * The password.
 */
password: string, 
/**
 * Stores it without a test.
 */
untested?: boolean, };

export type PasswordHelpView = { 
/**
 * In a sentence or two.
 */
text: string, 
/**
 * The provider's page about it.
 */
link: string, };

export type Phase = "prepare" | "dns" | "connect" | "tls" | "greeting" | "ehlo" | "starttls" | "auth" | "mail" | "rcpt" | "data" | "body";

export type PracticeDnsList = "absent" | "listed" | "policy";

export type PracticePlace = { 
/**
 * An address to write to.
 */
address: string, 
/**
 * What happens to letters there.
 */
what: string, };

export type PracticePort25 = "open" | "blocked" | "intercepted";

export type PracticePortal = "off" | "on";

export type PracticeReverseDns = "confirmed" | "missing" | "generic";

export type PracticeStory = { 
/**
 * A letter waits at a greylist, and arrives.
 */
greylist: StoryStep, 
/**
 * A letter takes the smart host by itself.
 */
detour: StoryStep, 
/**
 * After that, a letter goes direct again.
 */
direct: StoryStep, };

export type PracticeSwitches = { 
/**
 * `port-25`.
 */
port_25: PracticePort25, 
/**
 * `reverse-dns`.
 */
reverse_dns: PracticeReverseDns, 
/**
 * `dns-list`.
 */
dns_list: PracticeDnsList, 
/**
 * `portal`.
 */
portal: PracticePortal, 
/**
 * How many hours the world has slept since the post office opened. It is no switch, and is never taken back.
 */
hours_slept: number, };

export type PracticeTurn = { "switch": "port-25", "to": PracticePort25 } | { "switch": "reverse-dns", "to": PracticeReverseDns } | { "switch": "dns-list", "to": PracticeDnsList } | { "switch": "portal", "to": PracticePortal };

export type PresetUser = { "form": "address" } | { "form": "fixed", 
/**
 * This.
 */
name: string, } | { "form": "issued" };

export type Preview = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its size in octets.
 */
size: number, 
/**
 * Whether it may be opened.
 */
care: Care, 
/**
 * What there is to look at.
 */
look: Look, };

export type Problem = { 
/**
 * Whether it is wrong, or may be right when it is typed to its end.
 */
kind: ProblemKind, 
/**
 * Where it begins in the text, in UTF-16 units, as text fields count.
 */
at: number, 
/**
 * How long it is, in the same.
 */
length: number, 
/**
 * What is wrong, as a sentence.
 */
message: string, 
/**
 * What to type instead, or what was done; may be empty.
 */
hint: string, };

export type ProblemKind = "wrong" | "incomplete";

export type ProviderHelp = { 
/**
 * Its name.
 */
name: string, 
/**
 * Which password it wants; `None` where it is simply the account's.
 */
password: PasswordHelpView | null, 
/**
 * Whether it takes passwords at all.
 */
takes_passwords: boolean, 
/**
 * The word of its sign-in in a browser; `None` where it has none that is known.
 */
oauth: string | null, };

export type RaisedWarning = { 
/**
 * The delivery.
 */
delivery: DeliveryId, 
/**
 * The attempt that met it; `None` is what the delivery itself is about now.
 */
attempt: AttemptId | null, 
/**
 * Which.
 */
name: WarningName, };

export type RecipientMark = { 
/**
 * The recipient, as the call named it.
 */
address: string, 
/**
 * Whether all that can be asked was.
 */
settled: boolean, 
/**
 * What it says.
 */
kind: MarkKind, 
/**
 * How it is to be seen.
 */
tone: MarkTone, 
/**
 * What it says of encryption.
 */
encryption: MarkEncryption, 
/**
 * In a few words; empty while nothing is known.
 */
label: string, 
/**
 * In a sentence or more; empty while nothing is known.
 */
text: string, 
/**
 * The address that was probably meant.
 */
instead: string | null, };

export type RecipientMarksArgs = { 
/**
 * From which account; `None` stands for the real network.
 */
account: AccountId | null, 
/**
 * All of them, those that came last at the end; what is not an address is passed over. Only what is named by the last
 * call is asked about.
 */
addresses: Array<string>, 
/**
 * Octets of the letter as it travels, where that is known.
 */
size: number | null, };

export type RecipientWarning = { 
/**
 * The address.
 */
address: string, 
/**
 * When that was said last.
 */
refused_at: string, 
/**
 * In which words, on one line.
 */
reply: string, 
/**
 * The warning, in a sentence.
 */
message: string, };

export type RecipientWarningsArgs = { 
/**
 * As typed; what is no address is passed over.
 */
addresses: Array<string>, };

export type Refusal = { 
/**
 * Its subject; empty where it has none.
 */
subject: string, 
/**
 * Why, as the server said it.
 */
reason: string, };

export type Reply = { 
/**
 * The three digits.
 */
code: number, 
/**
 * The enhanced code of the first line that has one.
 */
enhanced: EnhancedCode | null, 
/**
 * The text of each line, without the codes; what was not UTF-8 is shown as U+FFFD.
 */
lines: Array<string>, };

export type ReportArgs = { 
/**
 * Which.
 */
report: ReportId, };

export type ReportId = number;

export type ReportKind = "delayed" | "failed";

export type ReportOpened = { 
/**
 * Which it is.
 */
report: ReportView, 
/**
 * The report as a letter. Its row names no stored letter, but the outgoing.
 */
letter: LetterView, 
/**
 * The message as text, headers and all.
 */
source: string, };

export type ReportSaveArgs = { 
/**
 * Which.
 */
report: ReportId, 
/**
 * The file to write.
 */
path: string, };

export type ReportView = { 
/**
 * Its number.
 */
id: ReportId, 
/**
 * The delivery that it is about.
 */
delivery: DeliveryId, 
/**
 * What it says.
 */
kind: ReportKind, 
/**
 * When it was written.
 */
created_at: string, };

export type Role = "inbox" | "drafts" | "sent" | "archive" | "junk" | "trash" | "all";

export type Route = string;

export type RouteChoice = { 
/**
 * The recipient domain.
 */
domain: string, 
/**
 * The way.
 */
route: Route, 
/**
 * Why.
 */
reason: string, };

export type RoutePolicy = string;

export type RoutePreviewArgs = { 
/**
 * From which account.
 */
account: AccountId, 
/**
 * As which identity; `None` for the first.
 */
identity?: IdentityId, 
/**
 * What the composer's route control says.
 */
route: RoutePolicy, 
/**
 * To, Cc and Bcc; what is not an address is left out.
 */
recipients: Array<string>, };

export type RouteRule = { 
/**
 * The domain: `example.org`; with all below it, `*.example.org`; everything else, `*`. Here in A-labels, as DNS has
 * them; as JSON in the script of its owner, which [`RouteRule::new`] reads as well.
 */
domain: string, 
/**
 * The way.
 */
route: RoutePolicy, };

export type RowMarks = { 
/**
 * In the subject.
 */
subject: Array<[number, number]>, 
/**
 * In the name, or the address where there is none, of each sender.
 */
from: Array<Array<[number, number]>>, 
/**
 * The same of each recipient.
 */
to: Array<Array<[number, number]>>, };

export type SavedSearch = { 
/**
 * Its number.
 */
id: SavedSearchId, 
/**
 * How it is called; no two are called the same, whatever the case.
 */
name: string, 
/**
 * What was typed.
 */
query: string, };

export type SavedSearchArgs = { 
/**
 * Which.
 */
search: SavedSearchId, };

export type SavedSearchId = number;

export type SearchArgs = { 
/**
 * As typed.
 */
query: string, 
/**
 * In which order.
 */
order?: SearchOrder, 
/**
 * How many to pass over.
 */
offset?: number, 
/**
 * How many rows, at most 500.
 */
limit: number, };

export type SearchMoveArgs = { 
/**
 * Which.
 */
search: SavedSearchId, 
/**
 * Its place among the others, counted from 0.
 */
to: number, };

export type SearchOrder = "newest" | "relevance";

export type SearchPage = { 
/**
 * The letters.
 */
rows: Array<LetterRow>, 
/**
 * What of each row is to be marked, in the same order.
 */
marks: Array<RowMarks>, 
/**
 * How many there are in all; `None` where nobody counted.
 */
total: number | null, 
/**
 * Whether there are more than these.
 */
more: boolean, 
/**
 * What is wrong with the query.
 */
problems: Array<Problem>, };

export type SearchRenameArgs = { 
/**
 * Which.
 */
search: SavedSearchId, 
/**
 * How to call it.
 */
name: string, };

export type SearchSaveArgs = { 
/**
 * How to call it; one of this name is replaced.
 */
name: string, 
/**
 * What was typed.
 */
query: string, };

export type SearchSnippet = { 
/**
 * Of which letter.
 */
letter: LetterId, 
/**
 * The text, on one line.
 */
text: string, 
/**
 * What is to be marked in it.
 */
marks: Array<[number, number]>, };

export type Security = "tls" | "starttls" | "none";

export type SenderMark = "proven" | "plausible" | "unproven" | "failed";

export type SenderView = { 
/**
 * The mark.
 */
mark: SenderMark, 
/**
 * Each a sentence, the weightiest first.
 */
reasons: Array<string>, 
/**
 * Whether a signature waits to be checked, which may say more: its key is looked up when the user says so.
 */
unchecked: boolean, };

export type Server = { 
/**
 * Host name or address.
 */
host: string, 
/**
 * TCP port.
 */
port: number, 
/**
 * Protection of the connection.
 */
security: Security, 
/**
 * Login name.
 */
user: string, 
/**
 * What the login is made with.
 */
login: LoginForm, 
/**
 * The certificate that the user trusts although no authority vouches for it: SHA-256 of its DER, 64 hexadecimal
 * digits in lower case. `None`: what the system trusts, and nothing else.
 */
trusted?: string, };

export type ServerForm = { 
/**
 * Host name.
 */
host: string, 
/**
 * TCP port.
 */
port: number, 
/**
 * Protection.
 */
security: Security, 
/**
 * Its login name; empty for the account's.
 */
user: string, 
/**
 * What the login is made with.
 */
login: LoginForm, 
/**
 * The certificate that is trusted although no authority vouches for it: its SHA-256.
 */
trusted?: string, };

export type ServerSearchArgs = { 
/**
 * As typed.
 */
query: string, };

export type ServerTest = { 
/**
 * Whether the login worked.
 */
ok: boolean, 
/**
 * What happened, with the server's own words.
 */
message: string, 
/**
 * What to do about it; empty where it worked.
 */
hint: string, 
/**
 * The code of the error that it is on the command line; empty where it worked.
 */
code: string, 
/**
 * The certificate that was refused, where that is why it did not work.
 */
certificate?: CertificateView, };

export type SettingArgs = { 
/**
 * Its name, as on the command line.
 */
key: string, };

export type SettingSetArgs = { 
/**
 * Its name, as on the command line.
 */
key: string, 
/**
 * The value; `None` unsets it.
 */
value: string | null, };

export type SettingView = { 
/**
 * Its name, as on the command line.
 */
key: string, 
/**
 * What it is for, its form, and its default.
 */
what: string, 
/**
 * What it is set to; `None` where it is not.
 */
value: string | null, 
/**
 * What holds where it is not set; `None` where that is found out as it is needed.
 */
default: string | null, };

export type Sidebar = { 
/**
 * Unread letters in all inboxes.
 */
inbox_unread: number, 
/**
 * What is in the Outbox: how many, and the most urgent state.
 */
outbox: number, 
/**
 * The mark of the whole Outbox.
 */
outbox_mark: Mark | null, 
/**
 * Scheduled letters.
 */
scheduled: number, 
/**
 * Drafts.
 */
drafts: number, 
/**
 * Whether the user has paused the queue (`outbound.paused`).
 */
paused: boolean, 
/**
 * Each account with its mailboxes.
 */
accounts: Array<SidebarAccount>, };

export type SidebarAccount = { 
/**
 * Its number.
 */
id: AccountId, 
/**
 * Its address.
 */
address: string, 
/**
 * Whether it is the practice account.
 */
practice: boolean, 
/**
 * Its mailboxes, roles first.
 */
mailboxes: Array<Mailbox>, 
/**
 * What the sync is doing.
 */
sync: SyncState, };

export type Sighting = { 
/**
 * When; `None` where it was not kept.
 */
at: string | null, 
/**
 * Where: a host and its address, or a network.
 */
place: string, 
/**
 * What was asked or done.
 */
asked: string, 
/**
 * What came back, in the words in which it came.
 */
answer: string, 
/**
 * How long that took, in milliseconds.
 */
took_ms: number | null, };

export type SignInId = number;

export type SmartHost = { 
/**
 * Its number here.
 */
id: SmartHostId, 
/**
 * The name by which routes call it; unique, and neither `auto` nor `direct`.
 */
name: string, 
/**
 * Where it is. An empty user means that no login is asked for.
 */
server: Server, };

export type SmartHostAddArgs = { 
/**
 * To which account.
 */
account: AccountId, 
/**
 * The name by which routes call it; empty for the name of the host.
 */
name: string, 
/**
 * Where it is. An empty user means that no login is asked for.
 */
server: Server, 
/**
 * The password or token; `None` or empty where no login is asked for.
 */
secret: string | null, };

export type SmartHostId = number;

export type SmartHostPreset = { 
/**
 * Its name; also the name that is suggested for routes.
 */
name: string, 
/**
 * Host name; empty where everybody has another.
 */
host: string, 
/**
 * TCP port.
 */
port: number, 
/**
 * Protection.
 */
security: Security, 
/**
 * What the login is made with.
 */
login: LoginForm, 
/**
 * What to fill in as the login name.
 */
user: PresetUser, 
/**
 * What the login name is, in a few words.
 */
user_is: string, 
/**
 * What is typed as the password, in a few words.
 */
secret_is: string, 
/**
 * Recipients a day, where the provider states them.
 */
recipients_a_day: number | null, 
/**
 * The largest message, in MB (10⁶ octets) as it travels, where the provider states it.
 */
megabytes: number | null, 
/**
 * The limits in words; empty where there are none to state.
 */
limits: string, 
/**
 * What to do before it works.
 */
set_up: string, 
/**
 * The provider's own page about it.
 */
link: string, };

export type SmartHostTestArgs = { 
/**
 * Of which account; `None` for one that is not added yet.
 */
account?: AccountId, 
/**
 * Its name there: without a `secret` it is tested with the stored one.
 */
smart_host?: string, 
/**
 * Where it is. An empty user means that no login is asked for.
 */
server: Server, 
/**
 * The password or token.
 */
secret: string | null, };

export type SnippetArgs = { 
/**
 * As typed.
 */
query: string, 
/**
 * Which letters; at most a hundred are answered.
 */
letters: Array<LetterId>, };

export type SourceKind = "mbox" | "maildir" | "thunderbird" | "eml";

export type StoryProgress = "to-do" | "under-way" | "done";

export type StoryStep = { 
/**
 * How far it is.
 */
progress: StoryProgress, 
/**
 * The letter that plays in it.
 */
outgoing: OutgoingId | null, 
/**
 * When that one is tried next, where it waits.
 */
next_attempt_at: string | null, };

export type SyncArgs = { 
/**
 * One account, or all.
 */
account: AccountId | null, };

export type SyncState = { "sync": "up-to-date" } | { "sync": "syncing", 
/**
 * The mailbox.
 */
mailbox: string, 
/**
 * Letters done.
 */
done: number, 
/**
 * Letters in all.
 */
total: number, 
/**
 * Seconds until every mailbox is through, as it goes now; `null` while nobody can say.
 */
seconds_left: number | null, } | { "sync": "offline", 
/**
 * Why, in a sentence.
 */
reason: string, } | { "sync": "login-refused", 
/**
 * The server's words.
 */
reason: string, } | { "sync": "send-only" };

export type ThreadSummary = { 
/**
 * The letters of the thread in the mailbox of the row, newest first: what is done to the row is done to these.
 */
letters: Array<LetterId>, 
/**
 * How many letters the conversation has, wherever they lie.
 */
count: number, 
/**
 * Who wrote, by their first letters, oldest first.
 */
people: Array<Address>, 
/**
 * Whether one of the letters in this mailbox is not read yet.
 */
unread: boolean, 
/**
 * Whether one of them is marked.
 */
flagged: boolean, };

export type TlsPolicy = "opportunistic" | "encrypted" | "verified" | "mta-sts" | "dane" | "plain";

export type TlsReport = { 
/**
 * The rule that applied.
 */
policy: TlsPolicy, 
/**
 * Whether it is known who answered: by a certificate that is valid for the host's name and signed by a trusted
 * authority, or by one that its proven TLSA records speak of.
 */
verified: boolean, 
/**
 * By what; `None` where it is not, and in records from before this was kept.
 */
verified_by: VerifiedBy | null, 
/**
 * Why it is not, in the verifier's words; `None` where it is.
 */
unverified_because: string | null, 
/**
 * `TLSv1.3` or `TLSv1.2`.
 */
version: string, 
/**
 * The cipher suite, by its IANA name.
 */
cipher: string, 
/**
 * Names in the certificate.
 */
names: Array<string>, 
/**
 * The end of the certificate's validity.
 */
not_after: string | null, };

export type Transcript = { 
/**
 * Of which attempt.
 */
attempt: AttemptId, 
/**
 * Both directions, secrets replaced; empty where no conversation took place.
 */
text: string, };

export type TransferArgs = { 
/**
 * Which.
 */
transfer: number, };

export type TransferKind = "import" | "export";

export type TransferState = { "state": "running" } | { "state": "waiting" } | { "state": "done" } | { "state": "cancelled" } | { "state": "failed", 
/**
 * Why, in a sentence.
 */
reason: string, };

export type TransferView = { 
/**
 * Its number, in this run of the program.
 */
id: number, 
/**
 * Which of the two.
 */
kind: TransferKind, 
/**
 * The file or folder.
 */
path: string, 
/**
 * How it stands.
 */
state: TransferState, 
/**
 * Letters in all, where they were counted.
 */
total: number | null, 
/**
 * Letters that are through: brought in, written, or not.
 */
done: number, 
/**
 * Of these, letters that were there already.
 */
passed_over: number, 
/**
 * Of these, letters that could not be read or are not here.
 */
failed: number, 
/**
 * Of these, letters that the server refused: they are nowhere but in the file.
 */
refused: number, 
/**
 * The first of them.
 */
refusals: Array<Refusal>, };

export type TrustArgs = { 
/**
 * Of which account.
 */
account: AccountId, 
/**
 * Of which of its smart hosts, by name; `None` for the IMAP server.
 */
smart_host: string | null, 
/**
 * Its SHA-256, with or without colons; `None` to trust this computer's authorities alone again.
 */
sha256: string | null, };

export type UndoArgs = { 
/**
 * Its number; `None` for what was done last.
 */
undo: number | null, };

export type VerifiedBy = "authority" | "tlsa" | "pinned";

export type WaitingLetter = { 
/**
 * The message.
 */
outgoing: OutgoingId, 
/**
 * Its delivery to one recipient.
 */
delivery: DeliveryId, 
/**
 * The recipient.
 */
address: EmailAddress, };

export type WarningAction = { "action": "hand-over", 
/**
 * Its name.
 */
route: string, 
/**
 * What waits.
 */
letters: Array<WaitingLetter>, } | { "action": "send-through", 
/**
 * Their account.
 */
account: AccountId, 
/**
 * Who they are.
 */
senders: Array<EmailAddress>, 
/**
 * The smart host.
 */
route: string, } | { "action": "add-smart-host", 
/**
 * To this account.
 */
account: AccountId, } | { "action": "edit", 
/**
 * Which.
 */
outgoing: OutgoingId, } | { "action": "signing" } | { "action": "check-identity", 
/**
 * The address.
 */
address: string, } | { "action": "check-network", 
/**
 * The account whose network it is; `None` is the real one.
 */
account: AccountId | null, };

export type WarningName = "greylisting" | "reverse-dns" | "port-25" | "dynamic-address" | "listed-address" | "spf" | "dkim" | "dmarc" | "no-smart-host" | "null-mx";

export type WarningPage = { 
/**
 * Which it is.
 */
name: WarningName, 
/**
 * What it is called.
 */
heading: string, 
/**
 * What it is, in a sentence.
 */
what: string, 
/**
 * What it means here: for this letter, for this network.
 */
means: Array<string>, 
/**
 * When the letter is tried next.
 */
next_attempt_at: string | null, 
/**
 * By what it was seen.
 */
seen: Array<Sighting>, 
/**
 * What to do.
 */
todo: Array<string>, 
/**
 * What can be done here and now, the best first.
 */
actions: Array<WarningAction>, 
/**
 * What can be copied for that.
 */
copy: Array<Copyable>, 
/**
 * What else there is.
 */
alternative: string | null, 
/**
 * Why anybody minds.
 */
why: string, 
/**
 * The smart host that letters could go through.
 */
smart_host: string | null, };

export type WarningShowArgs = { 
/**
 * Which.
 */
name: WarningName, 
/**
 * The letter that met it.
 */
outgoing?: OutgoingId, 
/**
 * Its delivery; `None` is the first that met it.
 */
delivery?: DeliveryId, 
/**
 * The attempt; `None` is the last that met it.
 */
attempt?: AttemptId, 
/**
 * What a check found.
 */
finding?: Finding, 
/**
 * When it was found.
 */
found_at?: string, 
/**
 * Who would be written to: an address or a domain.
 */
recipient?: string, 
/**
 * Who would send it.
 */
sender?: string, 
/**
 * The account; `None` is that of the letter, else that of the sender, else the first one.
 */
account?: AccountId, };

export type Weight = "note" | "warning";

export type WhoActs = "nobody" | "you" | "your-provider" | "recipients-provider" | "recipient";

export type WithheldView = { 
/**
 * The server's words.
 */
reason: string, 
/**
 * When it is asked again.
 */
next_at: string, };

export interface Calls {
  sidebar: { args: Nothing; answer: Sidebar };
  account_list: { args: Nothing; answer: Array<Account> };
  account_suggest: { args: AddressArgs; answer: AccountForm };
  account_discover: { args: DiscoverArgs; answer: Discovery };
  account_trust: { args: TrustArgs; answer: Account };
  oauth_providers: { args: Nothing; answer: Array<OAuthProviderView> };
  oauth_begin: { args: OAuthArgs; answer: OAuthBegun };
  oauth_device: { args: OAuthArgs; answer: OAuthDevice };
  oauth_answer: { args: OAuthAnswerArgs; answer: null };
  oauth_wait: { args: OAuthSignInArgs; answer: OAuthSignedIn };
  oauth_cancel: { args: OAuthSignInArgs; answer: null };
  account_test: { args: AccountWithPassword; answer: AccountTest };
  account_add: { args: AccountWithPassword; answer: Account };
  account_update: { args: Account; answer: Account };
  account_password: { args: PasswordArgs; answer: null };
  smart_host_presets: { args: Nothing; answer: Array<SmartHostPreset> };
  smart_host_add: { args: SmartHostAddArgs; answer: Account };
  smart_host_test: { args: SmartHostTestArgs; answer: ServerTest };
  account_remove: { args: AccountArgs; answer: null };
  practice_start: { args: Nothing; answer: Account };
  practice_places: { args: Nothing; answer: Array<PracticePlace> };
  practice_story: { args: Nothing; answer: PracticeStory };
  practice_switches: { args: Nothing; answer: PracticeSwitches };
  practice_switch: { args: PracticeTurn; answer: PracticeSwitches };
  practice_reset: { args: Nothing; answer: PracticeSwitches };
  practice_sleep: { args: Nothing; answer: PracticeSwitches };
  sync_now: { args: SyncArgs; answer: null };
  letter_list: { args: ListArgs; answer: LetterPage };
  letter_search: { args: SearchArgs; answer: SearchPage };
  letter_search_server: { args: ServerSearchArgs; answer: SearchPage };
  search_snippets: { args: SnippetArgs; answer: Array<SearchSnippet> };
  search_saved_list: { args: Nothing; answer: Array<SavedSearch> };
  search_save: { args: SearchSaveArgs; answer: SavedSearch };
  search_rename: { args: SearchRenameArgs; answer: null };
  search_remove: { args: SavedSearchArgs; answer: null };
  search_move: { args: SearchMoveArgs; answer: null };
  letter_show: { args: LetterArgs; answer: LetterView };
  letter_source: { args: LetterArgs; answer: string };
  letter_change: { args: LetterChangeArgs; answer: Changed };
  letter_undo: { args: UndoArgs; answer: null };
  thread_show: { args: LetterArgs; answer: Array<LetterRow> };
  letter_authenticity: { args: LetterArgs; answer: SenderView | null };
  letter_check: { args: LetterArgs; answer: SenderView | null };
  list_show: { args: LetterArgs; answer: ListView | null };
  list_leave: { args: ListLeaveArgs; answer: Left };
  attachment_preview: { args: AttachmentRef; answer: Preview };
  attachment_save: { args: AttachmentSaveArgs; answer: null };
  attachment_save_all: { args: AttachmentSaveAllArgs; answer: Array<string> };
  attached_show: { args: AttachedArgs; answer: LetterView };
  link_look: { args: LinkArgs; answer: LinkView };
  image_permission_list: { args: Nothing; answer: Array<ImagePermissionView> };
  image_permission_grant: { args: ImagePermissionArgs; answer: Array<ImagePermissionView> };
  image_permission_revoke: { args: ImagePermissionArgs; answer: Array<ImagePermissionView> };
  mailbox_create: { args: MailboxCreateArgs; answer: Mailbox };
  mailbox_rename: { args: MailboxRenameArgs; answer: Mailbox };
  mailbox_remove: { args: MailboxArgs; answer: null };
  mailbox_subscribe: { args: MailboxSubscribeArgs; answer: null };
  mailbox_empty: { args: MailboxArgs; answer: Changed };
  invitation_show: { args: InvitationArgs; answer: Invitation | null };
  import_look: { args: ImportLookArgs; answer: Array<ImportSource> };
  import_begin: { args: ImportBeginArgs; answer: TransferView };
  export_begin: { args: ExportBeginArgs; answer: TransferView };
  transfer_list: { args: Nothing; answer: Array<TransferView> };
  transfer_cancel: { args: TransferArgs; answer: null };
  letter_save: { args: LetterSaveArgs; answer: null };
  draft_list: { args: Nothing; answer: Array<DraftView> };
  draft_elsewhere: { args: Nothing; answer: Array<LetterRow> };
  draft_adopt: { args: LetterArgs; answer: DraftView };
  draft_new: { args: DraftNewArgs; answer: DraftView };
  draft_answer: { args: DraftAnswerArgs; answer: DraftView };
  draft_show: { args: DraftArgs; answer: DraftView };
  draft_save: { args: DraftSaveArgs; answer: DraftView };
  draft_attach: { args: DraftAttachArgs; answer: DraftView };
  draft_detach: { args: DraftDetachArgs; answer: DraftView };
  draft_discard: { args: DraftArgs; answer: null };
  draft_send: { args: DraftSendArgs; answer: OutgoingId };
  route_preview: { args: RoutePreviewArgs; answer: Array<RouteChoice> };
  letter_outlook: { args: LetterOutlookArgs; answer: LetterOutlook };
  recipient_marks: { args: RecipientMarksArgs; answer: Array<RecipientMark> };
  outgoing_list: { args: OutgoingListArgs; answer: Array<OutgoingRow> };
  outgoing_show: { args: OutgoingArgs; answer: OutgoingView };
  outgoing_order: { args: OutgoingOrderArgs; answer: OutgoingView };
  outgoing_undo: { args: OutgoingArgs; answer: DraftView };
  outgoing_edit: { args: OutgoingArgs; answer: DraftView };
  attempt_transcript: { args: AttemptArgs; answer: Transcript };
  leaving: { args: Nothing; answer: Leaving };
  hand_over: { args: Nothing; answer: HandedOver };
  report_show: { args: ReportArgs; answer: ReportOpened };
  report_save: { args: ReportSaveArgs; answer: null };
  report_forward: { args: ReportArgs; answer: DraftView };
  recipient_warnings: { args: RecipientWarningsArgs; answer: Array<RecipientWarning> };
  destination_list: { args: Nothing; answer: Array<DestinationView> };
  destination_forget: { args: DestinationArgs; answer: Array<DestinationView> };
  contact_complete: { args: ContactCompleteArgs; answer: Array<ContactSuggestion> };
  contact_list: { args: ContactListArgs; answer: ContactPage };
  contact_show: { args: ContactWho; answer: ContactView };
  contact_save: { args: ContactSaveArgs; answer: ContactView };
  contact_merge: { args: ContactMergeArgs; answer: ContactView };
  contact_remove: { args: ContactWho; answer: null };
  contact_import: { args: ContactImportArgs; answer: ContactImport };
  contact_export: { args: ContactExportArgs; answer: number };
  dkim_list: { args: Nothing; answer: Array<DkimDomain> };
  dkim_make: { args: DkimDomainArgs; answer: DkimDomain };
  dkim_check: { args: DkimDomainArgs; answer: DkimDomain };
  dkim_remove: { args: DkimKeyArgs; answer: DkimDomain };
  setting_list: { args: Nothing; answer: Array<SettingView> };
  setting_get: { args: SettingArgs; answer: string | null };
  setting_set: { args: SettingSetArgs; answer: null };
  network_now: { args: NetworkNowArgs; answer: NetworkNow };
  network_history: { args: NetworkNowArgs; answer: Array<NetworkHistory> };
  network_check_show: { args: NetworkCheckArgs; answer: NetworkReport };
  network_rename: { args: NetworkRenameArgs; answer: null };
  network_forget: { args: NetworkArgs; answer: null };
  check_network: { args: CheckNetworkArgs; answer: CheckReport };
  check_identity: { args: CheckIdentityArgs; answer: CheckReport };
  check_domain: { args: CheckDomainArgs; answer: CheckReport };
  check_recipient: { args: CheckRecipientArgs; answer: CheckReport };
  warning_show: { args: WarningShowArgs; answer: WarningPage };
}
