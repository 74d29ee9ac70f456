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
