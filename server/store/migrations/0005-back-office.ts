/** What a back office asks of cases beyond their row, and who sits there. */
export const backOffice = `
-- Sheets of paper of a case (文书) and what became of each.
create table document_row (
  hall text not null,
  agg text not null,
  key text not null,
  kind text not null,
  state text not null,
  primary key (hall, agg, key)
);

create table case_step (
  hall text not null,
  agg text not null,
  no integer not null,
  step text not null,
  text text not null,
  clerk text not null,
  at text not null,
  primary key (hall, agg, no)
);

create table conflict_row (
  hall text not null,
  id text not null,
  agg text not null,
  kind text not null,
  mine text not null,
  theirs text not null,
  state text not null,
  choice text not null,
  primary key (hall, agg, id)
);
create index conflict_row_open on conflict_row (hall) where state = 'open';

create index case_row_newest on case_row (hall, accepted_at desc, agg desc);

-- Who, when, what of every case, line by line (痕迹). Read from the events themselves: it cannot differ from them and
-- costs a push nothing. Text with a NUL cannot leave json, and no honest event has one.
create view ledger as
  select hall, agg, cursor, type, dev, flag, received_at,
    case when strpos(bytes, '\\u0000') > 0 then '' else bytes::json ->> 'at' end as at,
    case when strpos(bytes, '\\u0000') > 0 then '' else bytes::json ->> 'user' end as clerk,
    case when strpos(bytes, '\\u0000') > 0 then '' else bytes::json ->> 'station' end as station
  from event where agg like 'case/%';

-- The server's own place in a hall: what a back office does is an event like all others.
create table office_device (
  hall text primary key references hall,
  dev text not null unique,
  -- PKCS #8, base64.
  private_key text not null
);

create table office_session (
  token_hash text primary key,
  hall text not null,
  clerk text not null,
  opened_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  foreign key (hall, clerk) references clerk
);
`;
