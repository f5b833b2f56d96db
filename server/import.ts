import { readFile } from 'node:fs/promises';
import { ServerFault } from './server-fault.ts';
import type { Store } from './store/open-store.ts';
import { takeExport, type TakenExport } from './store/take-export.ts';

type Refused = Extract<TakenExport, { ok: false }>['why'];

const SENTENCES: Record<Refused, [chinese: string, english: string]> = {
  'not-an-export': ['不是综窗导出的文件', 'not an export of Zongchuang'],
  'cut-off': ['文件不完整,请重新复制或重新导出', 'it is cut off: copy or export it again'],
  changed: ['文件被改动过,没有导入,请重新导出', 'it was changed: export it again'],
  'other-server': ['文件是为另一台服务器导出的,请交给那台服务器', 'it was made for another server'],
  'other-hall': ['文件属于另一个大厅', 'it belongs to another hall'],
  'unknown-device': [
    '本服务器没有登记过导出它的电脑,请先登记那台电脑',
    'its PC is not enrolled here: enrol it first',
  ],
};

/** `import FILE…`: exports of window PCs from a USB stick into their halls' streams, while the server may run. */
export async function importExports(store: Store, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new ServerFault(
        'EXPORT_UNREADABLE',
        `读不了 ${path},请检查 U 盘和文件名。`,
        `Cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? ''}).`,
      );
    });
    const taken = await takeExport(store.database, store.identity.exportKey, bytes);
    if (!taken.ok) {
      const [chinese, english] = SENTENCES[taken.why];
      throw new ServerFault('EXPORT_REFUSED', `${path}:${chinese}。`, `${path}: ${english}.`);
    }
    const { hall, dev, events, added, left } = taken;
    console.log(`${path}: ${hall} ${dev}  共 ${events} 条,新增 ${added} 条  ${events} events, ${added} new`);
    for (const { inc, from, why } of left)
      console.log(
        why === 'gap'
          ? `  ${inc.slice(0, 8)} 第 ${from} 条起没有导入:之前的还没有收到,请在原电脑上导出全部记录  events before ${from} are missing: export everything`
          : `  ${inc.slice(0, 8)} 第 ${from} 条起没有导入:与已有的不同,原电脑联网后会自动处理  another event stands there: its PC will settle this online`,
      );
  }
}
