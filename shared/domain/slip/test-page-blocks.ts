import { beijingTime } from './beijing-time.ts';
import { gap, pair, rule, text, type SlipBlock } from './slip-block.ts';
import { endLine } from './slip-blocks.ts';

export interface TestPage {
  stationName: string;
  /** How the printer is reached, as the settings say it. */
  printer: string;
  /** Dots across the paper: 576 or 384. */
  dots: number;
  /** ISO 8601 with offset. */
  at: string;
}

/** Characters that printers' own fonts lack: a page that shows them shows that pictures are printed. */
const RARE = '𠮷 䶮 㼆 𬭚';

/**
 * A page that shows what can go wrong with a slip printer: paper width, rare characters, fine print, a code to be
 * read, and, by its last line, whether the end came out.
 */
export function testPageBlocks(page: TestPage, sheet: { key: string }): SlipBlock[] {
  return [
    gap(8),
    text('打印测试页', 'title', { align: 'center', weight: 'bold' }),
    gap(4),
    rule('heavy'),
    pair('窗口', page.stationName),
    pair('打印机', page.printer),
    pair('纸宽', `${page.dots === 384 ? '58' : '80'} 毫米(${page.dots} 点)`),
    pair('时间', beijingTime(page.at)),
    rule('thin'),
    text('左右两边应各有一个完整的方括号:', 'small'),
    pair('【', '】', { layout: 'ends' }),
    pair('生僻字', RARE, { size: 'large' }),
    text('小字:一二三四五六七八九十 0123456789 ¥100.00', 'small'),
    text('大字 A001', 'huge', { align: 'center', weight: 'bold', oneLine: true }),
    rule('thin'),
    {
      kind: 'qr',
      content: 'ZONGCHUANG TEST PAGE',
      beside: ['用手机扫左边的码', '应显示 ZONGCHUANG TEST PAGE'],
    },
    gap(8),
    endLine(sheet.key),
  ];
}
