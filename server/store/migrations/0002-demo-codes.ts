/** Codes made by each start of a demo server, so that the next start can replace the one nobody used. */
export const demoCodes = `
alter table enrolment_code add column for_demo boolean not null default false;
`;
