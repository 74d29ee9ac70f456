-- Rules for recipient domains; keys to sign with; policies of destinations; reports written here; what was learned of
-- recipients; the hours in which there was a network. Times as in 0001.

ALTER TABLE outgoing ADD COLUMN require_tls INTEGER NOT NULL DEFAULT 0 CHECK (require_tls IN (0, 1));

-- What follows the first piece of a message; `start` counts octets from its beginning.
CREATE TABLE outgoing_piece (
    id INTEGER NOT NULL PRIMARY KEY,
    outgoing INTEGER NOT NULL REFERENCES outgoing ON DELETE CASCADE,
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (outgoing, start)
) STRICT;
CREATE TRIGGER pieces_never_change BEFORE UPDATE ON outgoing_piece
BEGIN SELECT raise(ABORT, 'the bytes of an outgoing never change'); END;

-- Whether what a delivery waits for is on this computer or its network, or may be reached from another one: it is due when
-- that has changed.
ALTER TABLE delivery ADD COLUMN local_cause INTEGER NOT NULL DEFAULT 0 CHECK (local_cause IN (0, 1));
UPDATE delivery SET local_cause = 1 WHERE state = 'deferred' AND json_valid(diagnosis)
    AND (diagnosis ->> '$.local_cause' OR diagnosis ->> '$.class' = 'host-unreachable') AND diagnosis ->> '$.temporary';
CREATE INDEX delivery_local_cause ON delivery (next_attempt_at) WHERE state = 'deferred' AND local_cause = 1;

-- What the user is told of until it is dismissed.
CREATE INDEX delivery_refused ON delivery (outgoing) WHERE state IN ('failed', 'bounced') AND dismissed = 0;

CREATE TABLE route_rule (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    position INTEGER NOT NULL,
    domain TEXT NOT NULL COLLATE NOCASE,
    route TEXT NOT NULL,
    PRIMARY KEY (account, domain)
) STRICT, WITHOUT ROWID;

-- The private half is with the secrets.
CREATE TABLE dkim_key (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL COLLATE NOCASE,
    selector TEXT NOT NULL COLLATE NOCASE,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('rsa-sha256', 'ed25519-sha256')),
    public_key TEXT NOT NULL, -- base64, as in p= of the record
    created_at INTEGER NOT NULL,
    checked_at INTEGER, -- when DNS last gave an answer; NULL: never
    shown TEXT CHECK (shown IN ('this-key', 'nothing', 'revoked', 'another-key', 'forbidden', 'several')), -- that answer
    seen_at INTEGER, -- since when DNS shows it; NULL: it does not, and nothing is signed with it
    missing_since INTEGER, -- since when DNS no longer shows it; NULL: it does, or never did
    retired_at INTEGER, -- since when a newer one signs in its place; NULL: it signs, or is to sign
    UNIQUE (domain, selector)
) STRICT;

-- Why an outgoing that should have been signed was not.
CREATE TABLE unsigned (
    outgoing INTEGER NOT NULL PRIMARY KEY REFERENCES outgoing ON DELETE CASCADE,
    why TEXT NOT NULL
) STRICT;

-- What a domain's MTA-STS policy said (RFC 8461). It is kept until it runs out, whatever DNS says meanwhile.
CREATE TABLE sts_policy (
    domain TEXT NOT NULL PRIMARY KEY,
    policy_id TEXT NOT NULL,
    policy TEXT NOT NULL, -- as it was fetched
    fetched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tried_at INTEGER NOT NULL -- when it was last tried to fetch it
) STRICT, WITHOUT ROWID;

-- Delivery status notifications (RFC 3464) that were written here for the sender.
CREATE TABLE report (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    delivery INTEGER NOT NULL REFERENCES delivery ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('delayed', 'failed')),
    created_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX report_delivery ON report (delivery);
-- What may still need one.
CREATE INDEX delivery_failed ON delivery (id) WHERE state = 'failed' AND dismissed = 0;
CREATE INDEX delivery_late ON delivery (due_since) WHERE state = 'deferred';

-- Recipients whose own server said that they do not exist.
CREATE TABLE refused_recipient (
    address TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    refused_at INTEGER NOT NULL,
    reply TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Hours since 1970 in which this computer had a network while the queue was run: only they make a letter older.
CREATE TABLE online_hour (
    hour INTEGER NOT NULL PRIMARY KEY
) STRICT;
