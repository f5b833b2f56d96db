import { openPlace, type Store } from '../store/open-store.ts';
import { renewEpoch } from '../store/meta.ts';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

/** `backup --to`: says in words what is in the file. */
export async function backUp({ database }: Store, to: string, app: string): Promise<void> {
  const { file, bytes, header, rows, sha256 } = await writeBackup(database.url, to, app);
  const events = rows['event'] ?? 0;
  say(
    `已备份 ${header.halls.length} 个大厅、${events} 条事件到 ${file}(${megabytes(bytes)} MB),并已读回核对。`,
    `Backed up ${header.halls.length} halls with ${events} events into ${file}, and read it back.`,
  );
  console.log(`SHA-256 ${sha256}`);
}

/** `restore --from`: with every server stopped; our own PostgreSQL is started for it and ended again. */
export async function restore(args: {
  data: string;
  databaseUrl: string | undefined;
  file: string;
}): Promise<void> {
  const place = await openPlace({ folder: args.data, databaseUrl: args.databaseUrl });
  try {
    const { header, halls, epoch, renamedTo } = await restoreBackup(place.url, args.file);
    say(
      `已恢复 ${header.takenAt} 的备份,每个大厅的事件流均已逐条核对:`,
      `Restored the backup of ${header.takenAt}; every hall's stream was checked event by event:`,
    );
    for (const { hall, name, head } of halls) console.log(`  ${hall} ${name}  ${head}`);
    if (renamedTo !== null)
      say(
        `原有数据库没有删除,现名 ${renamedTo};确认无误后可由管理员删除。`,
        `What was there is kept as ${renamedTo}; remove it when you are sure.`,
      );
    say(
      `纪元已更换为 ${epoch}。启动服务器后,各窗口会自动补传备份之后的事件。备份之后停用的设备须重新停用,未用的登记码须重新生成。`,
      'The epoch is new: start the server, and the windows send by themselves what came later. Devices retired since must be retired again, unused codes made again.',
    );
  } finally {
    await place.close();
  }
}

/** `epoch renew`: for those who restored the database with PostgreSQL's own tools. */
export async function renewTheEpoch({ database }: Store): Promise<void> {
  const epoch = await database.transaction(async (client) => {
    await client.query('delete from session');
    return renewEpoch(client);
  });
  say(
    `纪元已更换为 ${epoch}。请现在重启正在运行的服务器。`,
    `The epoch is ${epoch} now. Restart the servers that are running.`,
  );
}

const say = (chinese: string, english: string): void => console.log(`${chinese} ${english}`);
const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
