-- What can be fetched again. Times are microseconds since 1970, UTC; accounts are those of local.db. A column without
-- NOT NULL says by NULL that there is no such thing.

CREATE TABLE mailbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    separator TEXT, -- NULL: the server has no hierarchy
    role TEXT, -- NULL: none
    selectable INTEGER NOT NULL CHECK (selectable IN (0, 1)),
    uid_validity INTEGER, -- NULL: never synced
    uid_next INTEGER, -- NULL: never synced
    highest_modseq INTEGER, -- NULL: never synced, or the server has none
    total INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, path)
) STRICT;

CREATE TABLE thread (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT
) STRICT;

-- Which thread a Message-ID belongs to, whether its letter is here or was only referred to.
CREATE TABLE thread_reference (
    account INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    thread INTEGER NOT NULL REFERENCES thread,
    PRIMARY KEY (account, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_reference_thread ON thread_reference (thread);

CREATE TABLE letter (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid INTEGER, -- NULL: moved here, or renumbered, and not found on the server yet
    role TEXT, -- that of its mailbox, so that all inboxes are one index; NULL: none
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)), -- deleted here, not yet on the server
    has_raw INTEGER NOT NULL DEFAULT 0 CHECK (has_raw IN (0, 1)), -- whether the whole letter is here
    server_flags INTEGER NOT NULL, -- as the server was last seen to have them
    flags INTEGER NOT NULL, -- with what was done here
    date INTEGER NOT NULL, -- its Date, or its INTERNALDATE
    internal_date INTEGER NOT NULL,
    size INTEGER NOT NULL,
    thread INTEGER NOT NULL REFERENCES thread,
    text_row INTEGER NOT NULL UNIQUE, -- its row in letter_text; by date, so that the newest are found first
    message_id TEXT, -- NULL: it has none
    subject TEXT NOT NULL,
    snippet TEXT NOT NULL,
    attachments INTEGER NOT NULL,
    people TEXT NOT NULL, -- JSON: from, to, cc, reply_to
    ancestors TEXT NOT NULL, -- JSON: in_reply_to, references
    UNIQUE (mailbox, uid)
) STRICT;
CREATE INDEX letter_by_date ON letter (mailbox, date DESC, id DESC) WHERE hidden = 0;
CREATE INDEX letter_by_role ON letter (role, date DESC, id DESC) WHERE hidden = 0 AND role IS NOT NULL;
CREATE INDEX letter_message_id ON letter (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX letter_thread ON letter (thread);
CREATE INDEX letter_without_raw ON letter (mailbox, date DESC, id DESC) WHERE hidden = 0 AND has_raw = 0;
CREATE INDEX letter_unplaced ON letter (mailbox) WHERE uid IS NULL;

CREATE TABLE raw (
    letter INTEGER NOT NULL PRIMARY KEY REFERENCES letter ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

-- What entries of the journal did to letters here. It goes when the entry is done or abandoned.
CREATE TABLE pending (
    journal INTEGER NOT NULL,
    letter INTEGER NOT NULL REFERENCES letter ON DELETE CASCADE,
    set_flags INTEGER NOT NULL DEFAULT 0,
    clear_flags INTEGER NOT NULL DEFAULT 0,
    deletes INTEGER NOT NULL DEFAULT 0 CHECK (deletes IN (0, 1)),
    origin INTEGER REFERENCES mailbox ON DELETE CASCADE, -- where a move took it from; NULL: not a move
    origin_uid INTEGER, -- its UID there; NULL: not a move, or not known
    PRIMARY KEY (journal, letter)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_letter ON pending (letter);
CREATE INDEX pending_origin ON pending (origin, origin_uid) WHERE origin IS NOT NULL;

CREATE VIRTUAL TABLE letter_text USING fts5 (
    subject, sender, recipients, body,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER raw_came AFTER INSERT ON raw BEGIN
    UPDATE letter SET has_raw = 1 WHERE id = new.letter AND has_raw = 0;
END;

CREATE TRIGGER letter_came AFTER INSERT ON letter WHEN new.hidden = 0 BEGIN
    UPDATE mailbox SET total = total + 1, unread = unread + (new.flags & 1 = 0) WHERE id = new.mailbox;
END;
CREATE TRIGGER letter_went AFTER DELETE ON letter BEGIN
    UPDATE mailbox SET total = total - 1, unread = unread - (old.flags & 1 = 0)
        WHERE id = old.mailbox AND old.hidden = 0;
    DELETE FROM letter_text WHERE rowid = old.text_row;
END;
CREATE TRIGGER letter_changed AFTER UPDATE OF mailbox, flags, hidden ON letter BEGIN
    UPDATE mailbox SET total = total - 1, unread = unread - (old.flags & 1 = 0)
        WHERE id = old.mailbox AND old.hidden = 0;
    UPDATE mailbox SET total = total + 1, unread = unread + (new.flags & 1 = 0)
        WHERE id = new.mailbox AND new.hidden = 0;
END;
CREATE TRIGGER letter_moved AFTER UPDATE OF mailbox ON letter WHEN new.mailbox <> old.mailbox BEGIN
    UPDATE letter SET role = (SELECT role FROM mailbox WHERE id = new.mailbox) WHERE id = new.id;
END;
CREATE TRIGGER role_changed AFTER UPDATE OF role ON mailbox WHEN new.role IS NOT old.role BEGIN
    UPDATE letter SET role = new.role WHERE mailbox = new.id;
END;
