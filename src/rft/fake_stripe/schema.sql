-- One file holds the whole practice Stripe, so that a restart, or a second process, sees the same money.
-- Objects are kept as the JSON the API answers; keys that begin with "_" are never shown.
create table if not exists objects (
    position integer primary key autoincrement,
    id       text    not null unique,
    kind     text    not null,
    created  integer not null,
    body     text    not null
);

create index if not exists objects_by_kind on objects (kind, position);

create index if not exists objects_by_payment_intent on objects (kind, json_extract(body, '$.payment_intent'));

create index if not exists objects_by_charge on objects (kind, json_extract(body, '$.charge'));

create index if not exists sessions_to_expire on objects (json_extract(body, '$.expires_at'))
    where kind = 'checkout.session' and json_extract(body, '$.status') = 'open';

-- A row without a status is a request still under way.
create table if not exists idempotency_keys (
    key         text primary key,
    endpoint    text not null,
    fingerprint text not null,
    started     real not null,
    status      integer,
    body        text
);

-- state: pending, delivered, failed (given up), dropped (by a test)
create table if not exists deliveries (
    position integer primary key autoincrement,
    event_id text    not null,
    due      real    not null,
    state    text    not null,
    attempts integer not null default 0,
    answer   text
);

create index if not exists deliveries_due on deliveries (due) where state = 'pending';

create index if not exists deliveries_by_event on deliveries (event_id);

-- What the world will do by itself: a delayed payment settles, a refund fails.
create table if not exists plans (
    position  integer primary key autoincrement,
    due       real not null,
    act       text not null,
    object_id text not null
);

-- What a test wants to go wrong with the next requests that match.
create table if not exists faults (
    position  integer primary key autoincrement,
    act       text    not null,
    method    text    not null,
    path      text    not null,
    status    integer not null,
    seconds   real    not null,
    remaining integer not null
);

create table if not exists settings (
    name  text primary key,
    value text not null
);
