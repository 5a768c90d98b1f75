"""Create the tables of the first version."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
CREATE TABLE contact (
    id {serial}, ident TEXT NOT NULL UNIQUE, crm_id TEXT, email TEXT NOT NULL, email_key TEXT NOT NULL,
    name TEXT NOT NULL, company TEXT NOT NULL, language TEXT NOT NULL, responsible TEXT NOT NULL,
    consent BOOLEAN, tracking_consent BOOLEAN, former BOOLEAN NOT NULL,
    sort_key TEXT NOT NULL, company_key TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
CREATE INDEX contact_email ON contact (email_key);
CREATE INDEX contact_sort ON contact (sort_key, id);

CREATE TABLE contact_search (contact_id {key}, s TEXT NOT NULL);

CREATE TABLE campaign (
    id {serial}, name TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, keyed BOOLEAN NOT NULL,
    started_at BIGINT, ended_at BIGINT, created_at BIGINT NOT NULL);

CREATE TABLE recipient (
    id {serial}, campaign_id INTEGER NOT NULL, contact_id INTEGER NOT NULL,
    address TEXT NOT NULL, address_key TEXT NOT NULL, occurrence INTEGER NOT NULL, skip_reason SMALLINT,
    delivery SMALLINT NOT NULL, engagement SMALLINT NOT NULL, triage SMALLINT NOT NULL, partly BOOLEAN NOT NULL,
    bounce_kind SMALLINT, reason TEXT, status TEXT, reply INTEGER,
    sent_at BIGINT, deferred_at BIGINT, delivered_at BIGINT, bounced_at BIGINT, failed_at BIGINT,
    opened_at BIGINT, machine_opened_at BIGINT, clicked_at BIGINT, machine_clicked_at BIGINT, engaged_at BIGINT,
    replied_at BIGINT, complained_at BIGINT, unsubscribed_at BIGINT,
    clicks INTEGER NOT NULL, outcome_min BIGINT, outcome_max BIGINT,
    override SMALLINT, override_at BIGINT, cleared_at BIGINT,
    decision SMALLINT, decided_at BIGINT, decided_by TEXT);
CREATE UNIQUE INDEX recipient_address ON recipient (address_key, campaign_id, occurrence);
CREATE INDEX recipient_campaign ON recipient (campaign_id, delivery, id);
CREATE INDEX recipient_contact ON recipient (contact_id);
CREATE INDEX recipient_bounced ON recipient (campaign_id, bounced_at) WHERE bounced_at IS NOT NULL;
CREATE INDEX recipient_opened ON recipient (campaign_id, opened_at) WHERE opened_at IS NOT NULL;
CREATE INDEX recipient_clicked ON recipient (campaign_id, clicked_at) WHERE clicked_at IS NOT NULL;

CREATE TABLE event (
    id {serial}, campaign_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL, type SMALLINT NOT NULL,
    ts BIGINT NOT NULL, source SMALLINT NOT NULL, feed_id INTEGER, location TEXT NOT NULL, address TEXT,
    message_id TEXT, outcome BIGINT, link_id INTEGER, kind SMALLINT, expired BOOLEAN NOT NULL, reason TEXT,
    status TEXT, reply INTEGER, diagnostic TEXT, actor SMALLINT NOT NULL, hop SMALLINT NOT NULL,
    attribution SMALLINT NOT NULL, dedupe {blob} NOT NULL UNIQUE);
CREATE INDEX event_recipient ON event (recipient_id, ts);

CREATE TABLE link (id {serial}, campaign_id INTEGER NOT NULL, url TEXT NOT NULL);
CREATE UNIQUE INDEX link_url ON link (campaign_id, url);

CREATE TABLE clicker (
    campaign_id INTEGER NOT NULL, link_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL,
    clicks INTEGER NOT NULL, machine_clicks INTEGER NOT NULL, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, link_id, recipient_id)) {rowless};

CREATE TABLE address (
    id {serial}, key TEXT NOT NULL UNIQUE, address TEXT NOT NULL, consecutive INTEGER NOT NULL,
    last_bounce_at BIGINT, last_success_at BIGINT, blocked_at BIGINT, block_reason SMALLINT,
    operator_blocked_at BIGINT, operator_blocked_by TEXT, unsubscribed_at BIGINT, complained_at BIGINT);
CREATE INDEX address_blocked ON address (key) WHERE blocked_at IS NOT NULL;

CREATE TABLE mail_list (
    id {serial}, kind SMALLINT NOT NULL, name TEXT NOT NULL, campaign_id INTEGER, note TEXT NOT NULL,
    created_at BIGINT NOT NULL, created_by TEXT NOT NULL, deleted_at BIGINT);
CREATE UNIQUE INDEX mail_list_name ON mail_list (kind, name) WHERE deleted_at IS NULL;

CREATE TABLE list_member (
    list_id INTEGER NOT NULL, contact_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL,
    PRIMARY KEY (list_id, contact_id)) {rowless};

CREATE TABLE journal (
    id {serial}, ts BIGINT NOT NULL, operator TEXT NOT NULL, host TEXT NOT NULL, verb TEXT NOT NULL,
    sentence TEXT NOT NULL, subjects INTEGER NOT NULL, undoable BOOLEAN NOT NULL, undone_at BIGINT, undone_by TEXT);

CREATE TABLE journal_line (
    journal_id INTEGER NOT NULL, subject TEXT NOT NULL, subject_id INTEGER NOT NULL, before TEXT, after TEXT,
    PRIMARY KEY (journal_id, subject, subject_id)) {rowless};
CREATE INDEX journal_line_subject ON journal_line (subject, subject_id);

CREATE TABLE feed (
    id {serial}, path TEXT NOT NULL UNIQUE, format TEXT NOT NULL, inode BIGINT NOT NULL, size_bytes BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL, fingerprint TEXT NOT NULL, position BIGINT NOT NULL, records INTEGER NOT NULL,
    defects INTEGER NOT NULL, read_at BIGINT NOT NULL);

CREATE TABLE feed_defect (id {serial}, feed_id INTEGER NOT NULL, location TEXT NOT NULL, sentence TEXT NOT NULL);
CREATE INDEX feed_defect_feed ON feed_defect (feed_id);

CREATE TABLE stranger (
    id {serial}, campaign_id INTEGER, type SMALLINT NOT NULL, ts BIGINT NOT NULL, address_key TEXT NOT NULL,
    message_id TEXT, feed_id INTEGER, record TEXT NOT NULL, dedupe {blob} NOT NULL UNIQUE);
CREATE INDEX stranger_address ON stranger (address_key);
CREATE INDEX stranger_campaign ON stranger (campaign_id, address_key);

CREATE TABLE mapping (name TEXT NOT NULL PRIMARY KEY, spec TEXT NOT NULL, created_at BIGINT NOT NULL);

CREATE TABLE campaign_stat (
    campaign_id INTEGER NOT NULL, delivery SMALLINT NOT NULL, triage SMALLINT NOT NULL, facts SMALLINT NOT NULL,
    n INTEGER NOT NULL, PRIMARY KEY (campaign_id, delivery, triage, facts)) {rowless};
"""


def up(migrator: Any, db: Any) -> None:
    """Create every table and index."""
    sqlite = isinstance(db, SqliteDatabase)
    ddl = TABLES.format(
        serial="INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL PRIMARY KEY",
        key="INTEGER NOT NULL PRIMARY KEY",
        blob="BLOB" if sqlite else "BYTEA",
        rowless="WITHOUT ROWID" if sqlite else "",
    )
    for statement in ddl.split(";"):
        if statement.strip():
            db.execute_sql(statement)
