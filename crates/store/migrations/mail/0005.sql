-- What a server says of an account as a whole.
CREATE TABLE server (
    account INTEGER NOT NULL PRIMARY KEY,
    prefix TEXT, -- what mailboxes of the user begin with (NAMESPACE); NULL: it does not say
    labels INTEGER NOT NULL DEFAULT 0 CHECK (labels IN (0, 1)) -- whether it was seen to have labels
) STRICT;

-- Labels of a message, where the server has such a thing (X-GM-EXT-1): the paths of their mailboxes.
CREATE TABLE label (
    content INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (content, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_name ON label (name);
CREATE TRIGGER label_went AFTER DELETE ON content BEGIN
    DELETE FROM label WHERE content = old.id;
END;
-- A label goes by the name of its mailbox.
CREATE TRIGGER label_renamed AFTER UPDATE OF path ON mailbox WHEN new.path <> old.path BEGIN
    UPDATE OR REPLACE label SET name = new.path
        WHERE name = old.path AND (SELECT account FROM content WHERE id = label.content) = new.account;
END;
CREATE TRIGGER label_removed AFTER DELETE ON mailbox BEGIN
    DELETE FROM label WHERE name = old.path AND (SELECT account FROM content WHERE id = label.content) = old.account;
END;
CREATE TRIGGER label_taken AFTER DELETE ON letter
    WHEN NOT EXISTS (SELECT 1 FROM letter WHERE content = old.content AND mailbox = old.mailbox) BEGIN
    DELETE FROM label WHERE content = old.content AND name = (SELECT path FROM mailbox WHERE id = old.mailbox);
END;
