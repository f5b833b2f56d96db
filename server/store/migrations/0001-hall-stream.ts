/**
 * The hall's stream and the pictures made from it. Every key carries the hall first, so that a province can shard by
 * hall; no transaction crosses halls.
 */
export const hallStream = `
create table meta (key text primary key, value text not null);

create table hall (
  hall text primary key,
  name text not null,
  -- The stream: number and rolling hash of the newest event. Locked by each push, so order = commit order.
  head bigint not null default 0,
  stream_hash text not null default repeat('0', 64),
  devices integer not null default 0
);

create table device (
  dev text primary key,
  hall text not null references hall,
  station text not null,
  station_name text not null,
  series text not null,
  public_key text not null,
  state text not null default 'active' check (state in ('active', 'retired')),
  enrolled_at timestamptz not null default now(),
  unique (hall, series)
);

create table enrolment_code (
  code_hash text primary key,
  hall text not null references hall,
  station text not null,
  station_name text not null,
  expires_at timestamptz not null,
  used_by text
);

create table session (
  token_hash text primary key,
  dev text not null references device,
  expires_at timestamptz not null
);

create table incarnation (
  hall text not null,
  dev text not null,
  inc text not null,
  seq bigint not null,
  hash text not null,
  primary key (hall, dev, inc)
);

create table event (
  hall text not null,
  cursor bigint not null,
  dev text not null,
  inc text not null,
  seq bigint not null,
  hash text not null,
  -- The exact text: jsonb would reorder keys and break the hash.
  bytes text not null,
  type text not null,
  agg text not null,
  stream_hash text not null,
  flag text not null default '',
  received_at timestamptz not null default now(),
  primary key (hall, cursor),
  unique (hall, dev, inc, seq)
);
create index event_agg on event (hall, agg, cursor);

create table case_row (
  hall text not null,
  agg text not null,
  case_no text not null,
  item_code text not null,
  item_name text not null,
  department text not null,
  status text not null,
  accepted_at text not null,
  promised_date text not null,
  station text not null,
  dev text not null,
  conflict text not null,
  primary key (hall, agg)
);
create index case_row_no on case_row (hall, case_no);

create table ticket_row (
  hall text not null,
  agg text not null,
  no text not null,
  day text not null,
  status text not null,
  station text not null,
  conflict text not null,
  primary key (hall, agg)
);
`;
