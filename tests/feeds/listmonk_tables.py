"""listmonk's tables with rows of our own.

Columns, types and defaults as in listmonk 5 (schema.sql in github.com/knadh/listmonk); what nothing here reads or fills
is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.postgres import Cluster, Database, new_database

TABLES = """
CREATE TYPE subscriber_status AS ENUM ('enabled', 'disabled', 'blocklisted');
CREATE TYPE subscription_status AS ENUM ('unconfirmed', 'confirmed', 'unsubscribed');
CREATE TYPE campaign_status AS ENUM ('draft', 'running', 'scheduled', 'paused', 'cancelled', 'finished');
CREATE TYPE campaign_type AS ENUM ('regular', 'optin');
CREATE TYPE list_optin AS ENUM ('single', 'double');
CREATE TYPE bounce_type AS ENUM ('soft', 'hard', 'complaint');
CREATE TABLE subscribers (id SERIAL PRIMARY KEY, uuid uuid NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, attribs JSONB NOT NULL DEFAULT '{}', status subscriber_status NOT NULL DEFAULT 'enabled',
    created_at TIMESTAMPTZ DEFAULT NOW(), updated_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE lists (id SERIAL PRIMARY KEY, uuid uuid NOT NULL UNIQUE, name TEXT NOT NULL,
    optin list_optin NOT NULL DEFAULT 'single');
CREATE TABLE subscriber_lists (
    subscriber_id INTEGER REFERENCES subscribers(id) ON DELETE CASCADE,
    list_id INTEGER NULL REFERENCES lists(id) ON DELETE CASCADE, meta JSONB NOT NULL DEFAULT '{}',
    status subscription_status NOT NULL DEFAULT 'unconfirmed', created_at TIMESTAMPTZ DEFAULT NOW(),
    updated_at TIMESTAMPTZ DEFAULT NOW(), PRIMARY KEY (subscriber_id, list_id));
CREATE TABLE campaigns (id SERIAL PRIMARY KEY, uuid uuid NOT NULL UNIQUE, name TEXT NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL DEFAULT '', headers JSONB NOT NULL DEFAULT '[]',
    status campaign_status NOT NULL DEFAULT 'draft', type campaign_type DEFAULT 'regular',
    to_send INT NOT NULL DEFAULT 0, sent INT NOT NULL DEFAULT 0, max_subscriber_id INT NOT NULL DEFAULT 0,
    started_at TIMESTAMPTZ, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE campaign_lists (id BIGSERIAL PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaigns(id) ON DELETE CASCADE,
    list_id INTEGER NULL REFERENCES lists(id) ON DELETE SET NULL, list_name TEXT NOT NULL DEFAULT '');
CREATE TABLE campaign_views (id BIGSERIAL PRIMARY KEY,
    campaign_id INTEGER NOT NULL REFERENCES campaigns(id) ON DELETE CASCADE,
    subscriber_id INTEGER NULL REFERENCES subscribers(id) ON DELETE SET NULL, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE links (id SERIAL PRIMARY KEY, uuid uuid NOT NULL UNIQUE, url TEXT NOT NULL UNIQUE);
CREATE TABLE link_clicks (id BIGSERIAL PRIMARY KEY,
    campaign_id INTEGER NULL REFERENCES campaigns(id) ON DELETE CASCADE,
    link_id INTEGER NOT NULL REFERENCES links(id) ON DELETE CASCADE,
    subscriber_id INTEGER NULL REFERENCES subscribers(id) ON DELETE SET NULL, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE bounces (id SERIAL PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers(id) ON DELETE CASCADE,
    campaign_id INTEGER NULL REFERENCES campaigns(id) ON DELETE SET NULL, type bounce_type NOT NULL DEFAULT 'hard',
    source TEXT NOT NULL DEFAULT '', meta JSONB NOT NULL DEFAULT '{}', created_at TIMESTAMPTZ DEFAULT NOW());
"""

SENT = "2026-03-02T08:00:00Z"
JOINED = "2026-01-01T08:00:00Z"


class ListmonkTables:
    """listmonk's tables in a database; every method returns the new id."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._uuids = 0

    def create(self) -> None:
        """Make the tables in an empty database."""
        self.database.run(TABLES)

    def clear(self) -> None:
        """Empty the tables; ids begin anew."""
        self.database.run("TRUNCATE subscribers, lists, campaigns, links RESTART IDENTITY CASCADE")

    def url(self, **parameters: str) -> str:
        """Return what a user would give to `aftersend ingest`."""
        return self.database.url(source="listmonk", **parameters)

    def url_name(self) -> str:
        """Return what the store calls the feed of all campaigns."""
        base, _, query = self.database.url().partition("?")
        return f"{base}?source=listmonk&{query}"

    def insert(self, table: str, **columns: Any) -> int:
        names, marks = ", ".join(columns), ", ".join("%s" for _ in columns)
        returning = "list_id" if table == "subscriber_lists" else "id"
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING {returning}"
        return int(self.database.run(sql, list(columns.values()))[0][0])

    def uuid(self) -> str:
        self._uuids += 1
        return str(UUID(int=self._uuids, version=4))

    def list(self, name: str) -> int:
        return self.insert("lists", uuid=self.uuid(), name=name)

    def subscriber(self, email: str, name: str = "", lists: tuple[int, ...] = (), **columns: Any) -> int:
        id_ = self.insert("subscribers", uuid=self.uuid(), email=email, name=name, **columns)
        for list_ in lists:
            self.insert("subscriber_lists", subscriber_id=id_, list_id=list_, created_at=JOINED, updated_at=JOINED)
        return id_

    def campaign(
        self,
        name: str,
        lists: tuple[int, ...] = (),
        uuid: str | None = None,
        started_at: str | None = SENT,
        **more: Any,
    ) -> int:
        known = {"uuid": uuid or self.uuid(), "name": name, "subject": f"About {name}", "started_at": started_at}
        id_ = self.insert("campaigns", **known | more)
        for list_ in lists:
            self.insert("campaign_lists", campaign_id=id_, list_id=list_)
        return id_

    def view(self, campaign: int, subscriber: int | None, at: str = "2026-03-02T09:00:00.123Z") -> int:
        return self.insert("campaign_views", campaign_id=campaign, subscriber_id=subscriber, created_at=at)

    def link(self, url: str) -> int:
        return self.insert("links", uuid=self.uuid(), url=url)

    def click(self, campaign: int | None, link: int, subscriber: int | None, at: str = "2026-03-02T09:10:00Z") -> int:
        known = {"campaign_id": campaign, "link_id": link, "subscriber_id": subscriber, "created_at": at}
        return self.insert("link_clicks", **known)

    def bounce(
        self, campaign: int | None, subscriber: int, type_: str = "hard", meta: object = None, **columns: Any
    ) -> int:
        known: dict[str, Any] = {"campaign_id": campaign, "subscriber_id": subscriber, "type": type_}
        known |= {"meta": json.dumps({} if meta is None else meta), "created_at": "2026-03-02T08:00:30Z"}
        return self.insert("bounces", **known | columns)

    def unsubscribe(self, subscriber: int, list_: int, at: str = "2026-03-03T10:00:00Z") -> None:
        sql = "UPDATE subscriber_lists SET status = 'unsubscribed', updated_at = %s WHERE subscriber_id = %s"
        self.database.run(f"{sql} AND list_id = %s", (at, subscriber, list_))


@pytest.fixture(scope="session")
def listmonk_database(postgres: Cluster) -> Iterator[Database]:
    """The database that :func:`listmonk` empties for each test."""
    with new_database(postgres) as database:
        ListmonkTables(database).create()
        yield database


@pytest.fixture
def listmonk(listmonk_database: Database) -> ListmonkTables:
    """listmonk's tables, empty; who changes the tables themselves takes ``altered_listmonk``."""
    tables = ListmonkTables(listmonk_database)
    tables.clear()
    return tables


@pytest.fixture
def altered_listmonk(postgres_database: Database) -> ListmonkTables:
    """listmonk's tables in a database of the test's own."""
    tables = ListmonkTables(postgres_database)
    tables.create()
    return tables
