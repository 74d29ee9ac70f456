-- What exists only here. Times are microseconds since 1970, UTC. A column without NOT NULL says by NULL that there is
-- no such thing, and its comment says what that means.

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How often mail.db was made afresh: its numbers start above those of the one before.
CREATE TABLE mail_generation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO mail_generation VALUES (1, -1);

-- Numbers are never used again (AUTOINCREMENT): mail.db and the keyring refer to them.
CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE COLLATE NOCASE,
    practice INTEGER NOT NULL CHECK (practice IN (0, 1)),
    imap TEXT -- JSON of the server; NULL: an account that only sends
) STRICT;

CREATE TABLE identity (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    signature TEXT NOT NULL,
    route TEXT NOT NULL
) STRICT;
CREATE INDEX identity_account ON identity (account, position);
CREATE INDEX identity_address ON identity (address);

CREATE TABLE smart_host (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name NOT IN ('auto', 'direct', '')),
    server TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX smart_host_account ON smart_host (account, position);

CREATE TABLE draft (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    body TEXT NOT NULL, -- JSON
    saved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_account ON draft (account);

CREATE TABLE attachment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    draft INTEGER NOT NULL REFERENCES draft ON DELETE CASCADE,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_id TEXT, -- NULL: not an image in the text
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_draft ON attachment (draft);

CREATE TABLE outgoing (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER REFERENCES account ON DELETE SET NULL, -- NULL: none, or removed since
    message_id TEXT NOT NULL,
    sender TEXT, -- NULL: the null sender
    people TEXT NOT NULL, -- JSON: from, to
    subject TEXT NOT NULL,
    snippet TEXT NOT NULL,
    attachments INTEGER NOT NULL,
    size INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    route TEXT NOT NULL,
    answers INTEGER, -- a letter in mail.db; NULL: answers none
    -- The copy in the account's Sent: ordered, seen here since, or none because there is no server to put it on, which
    -- makes this the only one. NULL: no server has taken the message yet.
    copy TEXT CHECK (copy IN ('ordered', 'here', 'only'))
) STRICT;
CREATE INDEX outgoing_unfiled ON outgoing (created_at DESC, id DESC) WHERE copy IN ('ordered', 'only');
CREATE INDEX outgoing_message_id ON outgoing (message_id);
CREATE INDEX outgoing_account ON outgoing (account);

CREATE TABLE outgoing_bytes (
    outgoing INTEGER NOT NULL PRIMARY KEY REFERENCES outgoing ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;
CREATE TRIGGER bytes_never_change BEFORE UPDATE ON outgoing_bytes
BEGIN SELECT raise(ABORT, 'the bytes of an outgoing never change'); END;

CREATE TABLE delivery (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    outgoing INTEGER NOT NULL REFERENCES outgoing ON DELETE CASCADE,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    bcc INTEGER NOT NULL CHECK (bcc IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sending', 'accepted', 'relayed', 'deferred', 'failed',
        'cancelled', 'confirmed', 'delayed', 'bounced')),
    hold TEXT, -- why; NULL: not held
    route TEXT, -- NULL: that of the outgoing
    next_attempt_at INTEGER, -- NULL: nothing will happen by itself
    due_since INTEGER NOT NULL, -- the age at which it is given up counts from here
    tries INTEGER NOT NULL DEFAULT 0,
    interruptions INTEGER NOT NULL DEFAULT 0, -- in a row
    diagnosis TEXT, -- JSON; NULL: nothing to explain
    changed_at INTEGER NOT NULL,
    dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)),
    lease_owner TEXT, -- NULL: in nobody's hands
    lease_until INTEGER, -- NULL: in nobody's hands
    wish TEXT CHECK (wish IN ('hold', 'cancel')), -- ordered while it was on the wire; NULL: nothing
    UNIQUE (outgoing, address),
    CHECK ((state = 'held') = (hold IS NOT NULL)),
    CHECK ((state = 'sending') = (lease_owner IS NOT NULL)),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    CHECK (wish IS NULL OR state = 'sending'),
    CHECK (state NOT IN ('queued', 'sending', 'deferred') OR next_attempt_at IS NOT NULL)
) STRICT;
CREATE INDEX delivery_due ON delivery (next_attempt_at)
    WHERE state IN ('held', 'queued', 'deferred') AND next_attempt_at IS NOT NULL;
CREATE INDEX delivery_sending ON delivery (lease_until) WHERE state = 'sending';
CREATE INDEX delivery_unfinished ON delivery (outgoing)
    WHERE state IN ('held', 'queued', 'sending', 'deferred', 'failed', 'bounced') AND dismissed = 0;

CREATE TABLE transcript (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE attempt (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    delivery INTEGER NOT NULL REFERENCES delivery ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    what TEXT NOT NULL, -- JSON: route, host, TLS, phase, reply, diagnosis
    transcript INTEGER REFERENCES transcript -- NULL: it never came to a conversation
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery, id);
CREATE INDEX attempt_transcript ON attempt (transcript) WHERE transcript IS NOT NULL;

-- What was done here and is still to be done on the server, in the order of its numbers.
CREATE TABLE journal (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    op TEXT NOT NULL, -- JSON
    bytes BLOB, -- of a message that is no outgoing; NULL: none
    created_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    last_error TEXT, -- NULL: has not failed
    next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_account ON journal (account, id);

CREATE TABLE learned (
    domain TEXT NOT NULL PRIMARY KEY,
    what TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
