-- Letters that a server lists and does not hand out, whether they are listed here by what it does hand out of them or not.
CREATE TABLE unreadable (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    tries INTEGER NOT NULL, -- how often it was refused
    reason TEXT NOT NULL, -- the server's words
    next_at INTEGER NOT NULL, -- it is not asked for before
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;

-- It came, with the letter or with another place of the same message.
CREATE TRIGGER unreadable_came AFTER UPDATE OF lacking ON letter WHEN old.lacking = 1 AND new.lacking = 0 BEGIN
    DELETE FROM unreadable WHERE mailbox = new.mailbox AND uid = new.uid;
END;
CREATE TRIGGER unreadable_went AFTER DELETE ON letter WHEN old.lacking = 1 BEGIN
    DELETE FROM unreadable WHERE mailbox = old.mailbox AND uid = old.uid;
END;
