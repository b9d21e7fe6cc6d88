CREATE TABLE store_job (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    node  TEXT    NOT NULL, -- that does the jobs which only one may do; empty before the first
    until BIGINT  NOT NULL  -- another one may take them from then on
);
INSERT INTO store_job (id, node, until) VALUES (1, '', 0);

DROP TABLE store_probe;
CREATE TABLE store_probe (
    node    TEXT   NOT NULL PRIMARY KEY, -- that looks whether the store can be written
    process TEXT   NOT NULL,             -- of that node; another one after each start
    number  BIGINT NOT NULL,             -- of its probes
    at      BIGINT NOT NULL
);
