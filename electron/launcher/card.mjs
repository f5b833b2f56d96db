// `npm run card -- …`: the card reader from the command line.
import { standaloneCommand } from './standalone-command.mjs';

const { startCard } = await standaloneCommand('card.js');
process.exit(await startCard(process.argv.slice(2)));
