-- Orders about mailboxes, and copies.

ALTER TABLE mailbox ADD COLUMN subscribed INTEGER NOT NULL DEFAULT 1 CHECK (subscribed IN (0, 1));

-- Of which letter an order made this one a copy; NULL: of none.
ALTER TABLE pending ADD COLUMN copy_of INTEGER;
CREATE INDEX pending_copy ON pending (copy_of) WHERE copy_of IS NOT NULL;

-- What entries of the journal did to mailboxes here. It goes when the entry is done or abandoned.
CREATE TABLE mailbox_order (
    journal INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL,
    removes INTEGER REFERENCES mailbox ON DELETE SET NULL, -- a mailbox that is no longer shown; NULL: none
    what TEXT NOT NULL -- JSON: the order
) STRICT;
CREATE INDEX mailbox_order_removes ON mailbox_order (removes) WHERE removes IS NOT NULL;

-- Whether every mailbox was looked through since it went.
ALTER TABLE stray ADD COLUMN seen INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1));
