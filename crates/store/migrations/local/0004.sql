-- Networks that this computer was on, what was found there, and what mail servers said there. Times as in 0001.

-- What identifies a network is kept as a hash with this key: no list of hashes fits, and two stores cannot be compared.
CREATE TABLE network_key (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL
) STRICT;
INSERT INTO network_key VALUES (1, randomblob(32));

CREATE TABLE network (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    practice INTEGER NOT NULL CHECK (practice IN (0, 1)),
    mark BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT, -- NULL: the user gave it none
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    UNIQUE (practice, mark)
) STRICT;

CREATE TABLE network_check (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    network INTEGER NOT NULL REFERENCES network ON DELETE CASCADE,
    identity TEXT NOT NULL COLLATE NOCASE, -- an address of the user's; empty: the network itself
    at INTEGER NOT NULL,
    whole_at INTEGER NOT NULL, -- when everything was looked at; before `at` where some of it was looked at again since
    verdict TEXT NOT NULL,
    because TEXT NOT NULL,
    report TEXT NOT NULL -- JSON
) STRICT;
CREATE INDEX network_check_network ON network_check (network, identity, id);

-- How mail servers last refused this computer for what it is, by the kind of refusal and the domain of the server.
CREATE TABLE network_lesson (
    network INTEGER NOT NULL REFERENCES network ON DELETE CASCADE,
    class TEXT NOT NULL,
    host TEXT NOT NULL COLLATE NOCASE, -- the domain of the server; empty: several that could not be reached
    sender TEXT NOT NULL COLLATE NOCASE, -- the domain of the user's that it was about; empty: about none
    reply TEXT NOT NULL, -- its words, without anybody's address; empty: none
    at INTEGER NOT NULL,
    PRIMARY KEY (network, class, host, sender)
) STRICT, WITHOUT ROWID;
