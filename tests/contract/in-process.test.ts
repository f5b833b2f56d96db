import { dispatch } from '../../shared/contract/wire.ts';
import { contractSuite } from './contract-suite.ts';

contractSuite('a plain call', (core, log) => {
  const ends: (() => void)[] = [];
  return Promise.resolve({
    call: (name, input) =>
      dispatch(core.handlers, name, input, (method, error) => log.write('error', 'wire', method, { error })),
    onEvent: (listener) => void ends.push(core.subscribe(listener)),
    close() {
      ends.forEach((end) => end());
      return Promise.resolve();
    },
  });
});
