import { missingGlyphs } from '../../renderer/src/printing/missing-glyphs.ts';
import { renderBlocks } from '../../renderer/src/printing/render-blocks.ts';
import { slipBlocks } from '../../shared/domain/slip/slip-blocks.ts';
import { ticketBlocks } from '../../shared/domain/slip/ticket-blocks.ts';

/** The window's printing code as the test reaches it. */
const printing = { missingGlyphs, renderBlocks, slipBlocks, ticketBlocks };
export type PrintingPage = typeof printing;

(globalThis as unknown as { printing: PrintingPage }).printing = printing;
