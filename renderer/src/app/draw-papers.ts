import { slipBlocks } from '../../../shared/domain/slip/slip-blocks.ts';
import { testPageBlocks } from '../../../shared/domain/slip/test-page-blocks.ts';
import { ticketBlocks } from '../../../shared/domain/slip/ticket-blocks.ts';
import type { Papers } from './services.ts';

/**
 * Joins what stands on a slip with how it is drawn. Drawing is fetched when the first paper is needed.
 * @param hallName stands at the head of a queue number; a case carries its own
 */
export function createPapers(hallName: string): Papers {
  const draw = async () => (await import('../printing/render-blocks.ts')).renderBlocks;
  return {
    slip: async (state, key, dots) => (await draw())(slipBlocks(state, state.acceptedAt, { key }), dots),
    ticket: async ({ no, class: kind, takenAt }, waitingBefore, key, dots) =>
      (await draw())(ticketBlocks({ no, class: kind, hallName, waitingBefore, takenAt }, { key }), dots),
    testPage: async (page, key) => (await draw())(testPageBlocks(page, { key }), page.dots),
  };
}
