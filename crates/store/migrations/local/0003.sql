-- Access by OAuth 2.0; searches that are kept; whose images are loaded; lists that were left. Times as in 0001.

-- How an account gets its access tokens; the tokens themselves are among the secrets.
CREATE TABLE oauth (
    account INTEGER NOT NULL PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    what TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE saved_search (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    query TEXT NOT NULL
) STRICT;

-- Remote images that are loaded without asking: of letters from an address, or from any address of a domain.
CREATE TABLE image_permission (
    kind TEXT NOT NULL CHECK (kind IN ('sender', 'domain')),
    name TEXT NOT NULL COLLATE NOCASE,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE left_list (
    list TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, -- List-Id, or the address that it writes from
    left_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- People whom the user keeps. Those who were only written to or wrote are in mail.db, where they are learned.
CREATE TABLE contact (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    note TEXT NOT NULL,
    extra TEXT NOT NULL, -- what else its vCard says, as lines of one
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE contact_address (
    address TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, -- of one contact alone
    contact INTEGER NOT NULL REFERENCES contact ON DELETE CASCADE,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_address_contact ON contact_address (contact, position);

-- Addresses that were learned and are not to be offered.
CREATE TABLE unwanted_address (
    address TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether the server may have heard of an order, so that it can no longer be withdrawn; and what was noted before it was
-- first tried, by which a second try sees what the first one did.
ALTER TABLE journal ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1));
UPDATE journal SET begun = 1; -- nobody noted whether the server heard of these
ALTER TABLE journal ADD COLUMN baseline TEXT; -- JSON; NULL: none is needed, or not begun

-- The copy of a draft in the account's Drafts. It outlives the draft until that copy is ordered away.
CREATE TABLE draft_copy (
    draft INTEGER NOT NULL PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    message_id TEXT, -- of the copy that was ordered last; NULL: the letter that the draft was made of has none
    letter INTEGER, -- a letter in mail.db that the first copy takes the place of; NULL: none
    saved_at INTEGER NOT NULL -- the state of the draft that the copy shows
) STRICT;
CREATE INDEX draft_copy_account ON draft_copy (account);

-- What was done to letters last, to be taken back.
CREATE TABLE undoable (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL, -- JSON
    done_at INTEGER NOT NULL
) STRICT;

-- What was found out of who wrote a letter, so that nobody is asked again.
CREATE TABLE authenticity (
    letter BLOB NOT NULL PRIMARY KEY, -- what names the letter and the account it came to: a hash of both
    what TEXT NOT NULL, -- JSON
    found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authenticity_found_at ON authenticity (found_at);
