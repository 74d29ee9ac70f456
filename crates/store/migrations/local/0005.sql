-- What is being handed over to a smart host for this once, and where it stood before. Times as in 0001.

CREATE TABLE handing_over (
    delivery INTEGER NOT NULL PRIMARY KEY REFERENCES delivery ON DELETE CASCADE,
    given TEXT NOT NULL, -- the route that it was given
    due_at INTEGER NOT NULL, -- and when it was due by it
    route TEXT, -- the one before; NULL: that of the outgoing
    state TEXT NOT NULL,
    hold TEXT, -- NULL: not held
    next_attempt_at INTEGER, -- NULL: nothing would have happened by itself
    due_since INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
