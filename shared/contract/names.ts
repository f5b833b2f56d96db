/**
 * The names of everything the window may ask and hear, without the schemas: the preload imports this file
 * and nothing else, so a compromised page can reach no channel that is not on the list.
 */
export const METHOD_NAMES = [
  'app.boot',
  'app.report',
  'card.status',
  'card.photoStatus',
  'card.demoCards',
  'card.placeDemo',
  'card.liftDemo',
  'reader.devices',
  'reader.probe',
  'reader.testRead',
  'reader.endTest',
  'reader.frames',
  'journal.append',
  'journal.head',
  'journal.read',
  'journal.status',
  'journal.compare',
  'journal.restore',
  'journal.export',
  'journal.import',
  'central.status',
  'central.enrol',
  'central.hello',
  'central.push',
  'central.pull',
  'central.snapshot',
  'central.want',
  'central.donate',
  'central.ask',
  'print.submit',
  'print.list',
  'print.resolve',
  'print.preview',
  'print.check',
  'print.find',
  'clerk.state',
  'clerk.signIn',
  'clerk.signOut',
  'clerk.list',
  'master.read',
  'settings.read',
  'settings.write',
  'diagnostics.run',
] as const;

export const EVENT_NAMES = [
  'card.state',
  'card.read',
  'card.photo',
  'central.state',
  'central.hint',
  'print.state',
  'clerk.changed',
  'master.changed',
  'settings.changed',
] as const;

export type MethodName = (typeof METHOD_NAMES)[number];
export type EventName = (typeof EVENT_NAMES)[number];
