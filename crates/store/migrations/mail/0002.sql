-- The second edition: a message once, however many mailboxes it lies in. Everything here can be fetched again, so the
-- first edition's letters go and are synced afresh; their numbers are never used again (sqlite_sequence goes on).

DROP TABLE letter_text;
DROP TABLE pending;
DROP TABLE raw;
DROP TABLE letter;
DROP TABLE thread_reference;
DROP TABLE thread;
DROP TRIGGER role_changed;

-- A number for each role, which is what letters carry.
ALTER TABLE mailbox ADD COLUMN role_code INTEGER AS (CASE role
    WHEN 'inbox' THEN 1 WHEN 'drafts' THEN 2 WHEN 'sent' THEN 3 WHEN 'archive' THEN 4
    WHEN 'junk' THEN 5 WHEN 'trash' THEN 6 WHEN 'all' THEN 7 END);
UPDATE mailbox SET uid_validity = NULL, uid_next = NULL, highest_modseq = NULL, total = 0, unread = 0;

CREATE TABLE thread (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    merged INTEGER -- the thread that it became one with; NULL: it is one
) STRICT;

-- Which thread a Message-ID belongs to, whether its message is here or was only referred to.
CREATE TABLE reference (
    name INTEGER NOT NULL PRIMARY KEY, -- a hash of account and Message-ID
    thread INTEGER NOT NULL -- which may have been merged since
) STRICT;

-- A message, once for an account.
CREATE TABLE content (
    -- Its date in seconds since 1970, or the next number that is free: what is newest is found first, and its row in
    -- the index is the same.
    id INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    date INTEGER NOT NULL, -- its Date, or its INTERNALDATE
    internal_date INTEGER NOT NULL,
    size INTEGER NOT NULL,
    attachments INTEGER NOT NULL,
    raw INTEGER, -- its row in raw; NULL: it is not here as a whole
    topic INTEGER, -- a hash of account, subject and month, to join letters that name no other; NULL: no subject
    orphan INTEGER NOT NULL CHECK (orphan IN (0, 1)), -- a reply by its subject that names no other letter
    message_id TEXT, -- NULL: it has none
    email_id TEXT, -- EMAILID or X-GM-MSGID; NULL: the server has no such thing
    list_id TEXT, -- NULL: it came through no list
    subject TEXT NOT NULL,
    snippet TEXT NOT NULL,
    people TEXT NOT NULL, -- JSON: from, to, cc, reply_to
    ancestors TEXT NOT NULL -- JSON: in_reply_to, references
) STRICT;
CREATE INDEX content_thread ON content (thread, size);
CREATE INDEX content_email_id ON content (email_id) WHERE email_id IS NOT NULL;
CREATE INDEX content_nameless ON content (size) WHERE message_id IS NULL;
CREATE INDEX content_topic ON content (topic) WHERE topic IS NOT NULL;

-- Whole messages, compressed. Rows are in the order in which they came.
CREATE TABLE raw (
    id INTEGER NOT NULL PRIMARY KEY,
    coding INTEGER NOT NULL, -- how it is compressed; 0: not at all
    bytes BLOB NOT NULL
) STRICT;

-- A message in a mailbox.
CREATE TABLE letter (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid INTEGER, -- NULL: moved here, or renumbered, and not found on the server yet
    content INTEGER NOT NULL,
    thread INTEGER NOT NULL, -- that of its content
    date INTEGER NOT NULL, -- that of its content
    role INTEGER, -- role_code of its mailbox, so that all inboxes are one index; NULL: none
    server_flags INTEGER NOT NULL, -- as the server was last seen to have them
    flags INTEGER NOT NULL, -- with what was done here
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)), -- deleted here, not yet on the server
    head INTEGER NOT NULL DEFAULT 0 CHECK (head IN (0, 1)), -- the newest of its thread in its mailbox
    lacking INTEGER NOT NULL DEFAULT 0 CHECK (lacking IN (0, 1)), -- whether its content is not here as a whole
    sought INTEGER NOT NULL DEFAULT 0 CHECK (sought IN (0, 1)) -- without a UID since before the present pass began
) STRICT;
CREATE UNIQUE INDEX letter_uid ON letter (mailbox, uid) WHERE uid IS NOT NULL;
CREATE INDEX letter_unplaced ON letter (mailbox) WHERE uid IS NULL;
CREATE INDEX letter_by_date ON letter (mailbox, date DESC, id DESC) WHERE hidden = 0;
CREATE INDEX letter_by_role ON letter (role, date DESC, id DESC) WHERE hidden = 0 AND role IS NOT NULL;
CREATE INDEX letter_heads_by_date ON letter (mailbox, date DESC, id DESC) WHERE head = 1;
CREATE INDEX letter_heads_by_role ON letter (role, date DESC, id DESC) WHERE head = 1 AND role IS NOT NULL;
CREATE INDEX letter_thread ON letter (thread, mailbox, hidden, date, id);
CREATE INDEX letter_content ON letter (content);
CREATE INDEX letter_lacking ON letter (mailbox, date DESC, id DESC) WHERE lacking = 1;

-- How many letters a list has in each span of time (2^36 microseconds, some 19 hours), so that the place of any row is
-- found without counting those before it. A list is a mailbox by its number, or a role by its code below zero.
CREATE TABLE tally (
    list INTEGER NOT NULL,
    span INTEGER NOT NULL,
    letters INTEGER NOT NULL, -- those that are not hidden
    heads INTEGER NOT NULL, -- and of these, the heads
    PRIMARY KEY (list, span)
) STRICT, WITHOUT ROWID;

-- Messages that lie in no mailbox any more. They may have been moved by another program, and be found where they are
-- now; until every mailbox was looked through, they are kept.
CREATE TABLE stray (
    content INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- Who wrote and was written to, each message counted once.
CREATE TABLE correspondent (
    account INTEGER NOT NULL,
    address TEXT NOT NULL, -- in lower case
    name TEXT, -- as it was last written; NULL: never
    sent INTEGER NOT NULL, -- messages to it
    received INTEGER NOT NULL, -- messages from it
    last_sent INTEGER, -- NULL: never
    last_received INTEGER, -- NULL: never
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

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

-- The index of what letters say (`mail::index`).
CREATE TABLE word_fresh (
    doc INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    content INTEGER NOT NULL,
    words BLOB NOT NULL
) STRICT;
CREATE TABLE word_doc (
    content INTEGER NOT NULL PRIMARY KEY,
    doc INTEGER NOT NULL
) STRICT;
CREATE TABLE word_gone (
    doc INTEGER NOT NULL PRIMARY KEY
) STRICT;
CREATE TABLE word_segment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    level INTEGER NOT NULL, -- 0: made of fresh messages; others of segments of the level below
    base INTEGER NOT NULL, -- no document is below; a multiple of 64
    end INTEGER NOT NULL, -- all documents are below
    state INTEGER NOT NULL -- 1: it counts; 0: it is being written, or removed
) STRICT;
CREATE TABLE word_block (
    id INTEGER NOT NULL PRIMARY KEY,
    segment INTEGER NOT NULL,
    first BLOB NOT NULL, -- the first key in it
    entries BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX word_block_first ON word_block (segment, first);
CREATE TABLE word_fact (
    id INTEGER NOT NULL PRIMARY KEY, -- which fact, and which page of documents
    octets BLOB NOT NULL
) STRICT;
-- Letters that a search may ask for, and that are few.
CREATE INDEX letter_unread ON letter (content, flags, hidden) WHERE flags & 1 = 0 AND hidden = 0;
CREATE INDEX letter_flagged ON letter (content, flags, hidden) WHERE flags & 2 = 2 AND hidden = 0;
CREATE INDEX letter_answered ON letter (content, flags, hidden) WHERE flags & 4 = 4 AND hidden = 0;

-- Letters come in batches, and whoever brings them counts them (`mail::arrive`); what changes or goes afterwards is
-- counted here. Differences are added up, so that it does not matter who comes first.
CREATE TRIGGER letter_went AFTER DELETE ON letter BEGIN
    UPDATE mailbox SET total = total - 1, unread = unread - (old.flags & 1 = 0)
        WHERE id = old.mailbox AND old.hidden = 0;
    INSERT INTO tally (list, span, letters, heads)
        SELECT old.mailbox, old.date >> 36, -1, -old.head WHERE old.hidden = 0
        UNION ALL SELECT -old.role, old.date >> 36, -1, -old.head WHERE old.hidden = 0 AND old.role IS NOT NULL
        ON CONFLICT (list, span) DO UPDATE
            SET letters = letters + excluded.letters, heads = heads + excluded.heads;
    UPDATE letter SET head = 1 WHERE old.head = 1 AND id =
        (SELECT id FROM letter WHERE thread = old.thread AND mailbox = old.mailbox AND hidden = 0
         ORDER BY date DESC, id DESC LIMIT 1);
    INSERT OR IGNORE INTO stray (content) SELECT old.content
        WHERE NOT EXISTS (SELECT 1 FROM letter WHERE content = old.content);
END;
CREATE TRIGGER letter_changed AFTER UPDATE OF mailbox, flags, hidden ON letter
    WHEN new.mailbox <> old.mailbox OR new.flags <> old.flags OR new.hidden <> old.hidden BEGIN
    UPDATE mailbox SET total = total - 1, unread = unread - (old.flags & 1 = 0)
        WHERE id = old.mailbox AND old.hidden = 0;
    UPDATE mailbox SET total = total + 1, unread = unread + (new.flags & 1 = 0)
        WHERE id = new.mailbox AND new.hidden = 0;
END;
CREATE TRIGGER letter_recounted AFTER UPDATE OF mailbox, role, hidden, head ON letter
    WHEN new.mailbox <> old.mailbox OR new.role IS NOT old.role OR new.hidden <> old.hidden OR new.head <> old.head BEGIN
    INSERT INTO tally (list, span, letters, heads)
        SELECT old.mailbox, old.date >> 36, -1, -old.head WHERE old.hidden = 0
        UNION ALL SELECT -old.role, old.date >> 36, -1, -old.head WHERE old.hidden = 0 AND old.role IS NOT NULL
        UNION ALL SELECT new.mailbox, new.date >> 36, 1, new.head WHERE new.hidden = 0
        UNION ALL SELECT -new.role, new.date >> 36, 1, new.head WHERE new.hidden = 0 AND new.role IS NOT NULL
        ON CONFLICT (list, span) DO UPDATE
            SET letters = letters + excluded.letters, heads = heads + excluded.heads;
END;
-- A letter that was hidden, shown or moved leaves one group and joins another, and each has one head.
CREATE TRIGGER letter_regrouped AFTER UPDATE OF mailbox, hidden ON letter
    WHEN new.mailbox <> old.mailbox OR new.hidden <> old.hidden BEGIN
    UPDATE letter SET head = 0 WHERE thread = new.thread AND mailbox IN (old.mailbox, new.mailbox) AND head = 1
        AND id NOT IN
            (SELECT id FROM (SELECT id FROM letter WHERE thread = new.thread AND mailbox = old.mailbox AND hidden = 0
                             ORDER BY date DESC, id DESC LIMIT 1)
             UNION ALL
             SELECT id FROM (SELECT id FROM letter WHERE thread = new.thread AND mailbox = new.mailbox AND hidden = 0
                             ORDER BY date DESC, id DESC LIMIT 1));
    UPDATE letter SET head = 1 WHERE head = 0 AND id IN
        (SELECT id FROM (SELECT id FROM letter WHERE thread = new.thread AND mailbox = old.mailbox AND hidden = 0
                         ORDER BY date DESC, id DESC LIMIT 1)
         UNION ALL
         SELECT id FROM (SELECT id FROM letter WHERE thread = new.thread AND mailbox = new.mailbox AND hidden = 0
                         ORDER BY date DESC, id DESC LIMIT 1));
END;
CREATE TRIGGER letter_moved AFTER UPDATE OF mailbox ON letter WHEN new.mailbox <> old.mailbox BEGIN
    UPDATE letter SET role = (SELECT role_code FROM mailbox WHERE id = new.mailbox), sought = 0 WHERE id = new.id;
END;
CREATE TRIGGER role_changed AFTER UPDATE OF role ON mailbox WHEN new.role IS NOT old.role BEGIN
    UPDATE letter SET role = new.role_code WHERE mailbox = new.id;
END;
CREATE TRIGGER mailbox_went AFTER DELETE ON mailbox BEGIN
    DELETE FROM tally WHERE list = old.id;
END;
CREATE TRIGGER content_went AFTER DELETE ON content BEGIN
    DELETE FROM raw WHERE id = old.raw;
    DELETE FROM word_doc WHERE content = old.id;
END;
CREATE TRIGGER raw_came AFTER UPDATE OF raw ON content WHEN new.raw IS NOT NULL BEGIN
    UPDATE letter SET lacking = 0 WHERE content = new.id AND lacking = 1;
END;
CREATE TRIGGER word_doc_went AFTER DELETE ON word_doc BEGIN
    INSERT INTO word_gone (doc) VALUES (old.doc);
    DELETE FROM word_fresh WHERE doc = old.doc;
END;
