-- Once, on the primary, as a superuser: psql --file roles.sql
-- Passwords are set afterwards, where no history keeps them:  \password chancery

-- No standby is there yet, and a commit would wait for one.
SET synchronous_commit = local;

-- Makes and changes tables, and serves nothing.
CREATE ROLE chancery_migrate LOGIN;
-- What nodes run as: reads and writes rows, changes no table.
CREATE ROLE chancery LOGIN CONNECTION LIMIT 100;
CREATE ROLE chancery_replication LOGIN REPLICATION;

CREATE DATABASE chancery OWNER chancery_migrate ENCODING 'UTF8' TEMPLATE template0;
\connect chancery
SET synchronous_commit = local;

REVOKE ALL ON DATABASE chancery FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE chancery TO chancery;

CREATE SCHEMA chancery AUTHORIZATION chancery_migrate;
GRANT USAGE ON SCHEMA chancery TO chancery;
ALTER DEFAULT PRIVILEGES FOR ROLE chancery_migrate IN SCHEMA chancery
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO chancery;
ALTER DEFAULT PRIVILEGES FOR ROLE chancery_migrate IN SCHEMA chancery
    GRANT USAGE ON SEQUENCES TO chancery;

-- Whether replication is synchronous is seen in pg_stat_replication, which hides it from others.
GRANT pg_read_all_stats TO chancery;

-- What a standby has not fetched yet is kept for it. The first passwords need "SET synchronous_commit = local", too.
SELECT pg_create_physical_replication_slot('standby1');
SELECT pg_create_physical_replication_slot('standby2');
