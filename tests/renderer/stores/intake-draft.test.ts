import { describe, expect, it } from 'vitest';
import { newIntake } from '../../../shared/domain/case/intake-steps.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import { createDraftKeeper } from '../../../renderer/src/stores/intake-draft.ts';

const draft = (n: number): Intake => newIntake({ agg: `case/${n}`, cmd: `cmd-${n}` }, n, '');

describe('the draft keeper', () => {
  it('writes one at a time and always the last word', async () => {
    const written: string[] = [];
    let writing = 0;
    const keeper = createDraftKeeper(
      {
        async writeDraft(intake) {
          writing += 1;
          expect(writing).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          written.push(intake?.agg ?? 'none');
          writing -= 1;
        },
      },
      () => undefined,
    );
    for (let n = 1; n <= 50; n++) {
      keeper.keep(draft(n));
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    }
    keeper.keep(null);
    await keeper.settled();
    expect(written.at(-1)).toBe('none');
    expect(written.length).toBeLessThan(12);
  });

  it('goes on after a write that failed', async () => {
    const failures: unknown[] = [];
    let fail = true;
    const written: string[] = [];
    const keeper = createDraftKeeper(
      {
        writeDraft(intake) {
          if (fail) return Promise.reject(new Error('full'));
          written.push(intake?.agg ?? 'none');
          return Promise.resolve();
        },
      },
      (error) => failures.push(error),
    );
    keeper.keep(draft(1));
    await keeper.settled();
    fail = false;
    keeper.keep(draft(2));
    await keeper.settled();
    expect(failures).toHaveLength(1);
    expect(written).toEqual(['case/2']);
  });
});
