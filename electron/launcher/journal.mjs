// `npm run journal -- …`: the record of this PC from the command line.
import { standaloneCommand } from './standalone-command.mjs';

const { startJournal } = await standaloneCommand('journal.js');
process.exit(await startJournal(process.argv.slice(2)));
