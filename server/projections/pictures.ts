import { maskText } from '../../shared/domain/masking/mask.ts';
import type { AggregatePicture } from '../../shared/sync/picture.ts';
import { storable } from '../store/storable.ts';

/** What a back office may ask of one kind of aggregate. */
export interface PictureTable {
  prefix: string;
  /** @returns null while nothing has begun that a row could show */
  columns: (picture: AggregatePicture) => string[] | null;
  /** Writes many rows; its parameters are the columns, hall and agg first. */
  write: string;
}

/** No names and no numbers of persons: those stay in the events. */
const cases: PictureTable = {
  prefix: 'case/',
  columns({ case: state }) {
    if (!state) return null;
    const columns = [
      state.caseNo,
      state.item.code,
      maskText(state.item.name),
      state.item.department,
      state.status,
      state.acceptedAt,
      state.promised.date,
      state.station,
      state.dev,
      state.conflict,
    ];
    return columns.map(storable);
  },
  write: `
    insert into case_row (hall, agg, case_no, item_code, item_name, department, status, accepted_at, promised_date, station, dev, conflict)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
    on conflict (hall, agg) do update set
      case_no = excluded.case_no, item_code = excluded.item_code, item_name = excluded.item_name,
      department = excluded.department, status = excluded.status, accepted_at = excluded.accepted_at,
      promised_date = excluded.promised_date, station = excluded.station, dev = excluded.dev, conflict = excluded.conflict`,
};

const tickets: PictureTable = {
  prefix: 'ticket/',
  columns({ ticket: state }) {
    if (!state) return null;
    return [state.no, state.day, state.status, state.station, state.conflict].map(storable);
  },
  write: `
    insert into ticket_row (hall, agg, no, day, status, station, conflict)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    on conflict (hall, agg) do update set
      no = excluded.no, day = excluded.day, status = excluded.status, station = excluded.station, conflict = excluded.conflict`,
};

export const PICTURES: readonly PictureTable[] = [cases, tickets];
