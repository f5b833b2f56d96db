/** What the bench of the card reader takes from the program, bundled for plain Node. */
export { createReplyDecoder } from '../../electron/core/id-card/sam-frame.ts';
export { createSystemClock } from '../../electron/adapters/node/clock.ts';
export { demoPeople } from '../../electron/adapters/simulated/card-reader/people.ts';
export { createSam } from '../../electron/adapters/simulated/card-reader/sam.ts';
export { createRequestDecoder, replyFrame } from '../../electron/adapters/simulated/card-reader/sam-wire.ts';
