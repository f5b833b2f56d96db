/** Scans, signatures and PDFs, named by the SHA-256 of their bytes; in the database, so that a backup has them too. */
export const blobs = `
alter table hall
  add column blob_bytes bigint not null default 0,
  add column blob_quota bigint not null default 21474836480;

create table blob (
  hall text not null references hall,
  hash text not null,
  size bigint not null,
  received bigint not null default 0,
  complete boolean not null default false,
  dev text not null,
  begun_at timestamptz not null default now(),
  primary key (hall, hash)
);

create table blob_part (
  hall text not null,
  hash text not null,
  start bigint not null,
  bytes bytea not null,
  primary key (hall, hash, start),
  foreign key (hall, hash) references blob on delete cascade
);
-- Pictures and PDFs are compressed already.
alter table blob_part alter column bytes set storage external;
`;
