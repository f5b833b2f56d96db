/** Who works in a hall, and the data its devices keep a copy of. */
export const clerksAndMaster = `
create table clerk (
  hall text not null references hall,
  id text not null,
  name text not null,
  roles text[] not null,
  -- argon2id; the secret itself is nowhere.
  verifier text not null,
  state text not null default 'active' check (state in ('active', 'retired')),
  -- Wrong secrets at the back-office page since the last right one.
  wrong integer not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null default now(),
  primary key (hall, id)
);

create table master (
  hall text not null references hall,
  name text not null,
  tag text not null,
  -- JSON text as it is given out.
  value text not null,
  changed_at timestamptz not null default now(),
  primary key (hall, name)
);
`;
