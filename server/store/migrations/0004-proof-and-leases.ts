/** What proves an event's origin, who works with which key, and what an administrator should hear of devices. */
export const proofAndLeases = `
-- The author's signature over the head it had with this event; '' for most events, their chain leads to one that has it.
alter table event add column sig text not null default '';

alter table device add column changed_at timestamptz not null default now();
alter table session add column boot_nonce text not null default '', add column inc text not null default '';

-- Each start of a machine with a key. The newest of an incarnation works with it; an older one that speaks again is a
-- second machine with the same key.
create table lease (
  hall text not null,
  dev text not null,
  inc text not null,
  boot_nonce text not null,
  machine text not null,
  address text not null,
  since timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  primary key (hall, dev, inc, boot_nonce)
);

create table device_notice (
  hall text not null,
  dev text not null,
  at timestamptz not null default clock_timestamp(),
  name text not null,
  detail text not null,
  primary key (hall, dev, at, name)
);

-- An aggregate held for the device whose command was granted, until its fact arrives or the time is over.
create table command_grant (
  hall text not null,
  agg text not null,
  dev text not null,
  cmd text not null,
  until timestamptz not null,
  primary key (hall, agg)
);

-- Halls a device belonged to before: what it had not sent from there may still come.
create table former_place (
  hall text not null references hall,
  dev text not null,
  series text not null,
  left_at timestamptz not null default now(),
  primary key (hall, dev)
);

-- One round trip for what every push asks first. Each statement inside sees what was committed while it waited for the
-- hall's row, which one statement with both would not.
create function lock_for_push(of_hall text, of_dev text, of_inc text)
returns table (head bigint, stream_hash text, seq bigint, hash text) language plpgsql volatile as $$
begin
  select h.head, h.stream_hash into head, stream_hash from hall h where h.hall = of_hall for update;
  select i.seq, i.hash into seq, hash from incarnation i where i.hall = of_hall and i.dev = of_dev and i.inc = of_inc;
  seq := coalesce(seq, 0);
  hash := coalesce(hash, '');
  return next;
end $$;
`;
