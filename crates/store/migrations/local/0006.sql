-- Letters of an import that the server refused for good, until the import has told of them. Times as in 0001.

CREATE TABLE import_refused (
    journal INTEGER NOT NULL PRIMARY KEY, -- the order, which is there no more
    subject TEXT NOT NULL, -- '': none
    reason TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
