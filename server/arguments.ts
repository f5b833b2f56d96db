import { resolve } from 'node:path';
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { ServerFault } from './server-fault.ts';

export const SERVER_PORT = 21861;

const DEMO_HALL = { hall: '330102', name: '演示政务服务大厅' };
/** Halls and stations are written into every event and on paper: short and plain. */
const PLACE_ID = /^[0-9A-Za-z._-]{1,32}$/;

const COMMANDS = [
  'serve',
  'code',
  'backup',
  'restore',
  'epoch',
  'clerk',
  'master',
  'device',
  'import',
  'rebuild',
  'help',
] as const;

export interface ServerArguments {
  command: (typeof COMMANDS)[number];
  /** The word after the command, as `add` in `clerk add`; '' when there is none. */
  action: string;
  /** The file of backup, restore or master data; '' for the other commands. */
  file: string;
  /** Those of import, as they were given; [] for the other commands. */
  files: string[];
  data: string;
  databaseUrl: string | undefined;
  host: string;
  port: number;
  demo: boolean;
  place: { hall: string; hallName: string; station: string; stationName: string };
  /** Of a clerk, or of the master data. */
  named: { id: string; name: string; roles: string[] };
}

export const HELP = `综窗中央服务器 Zongchuang central server

  serve              启动服务器(默认) start the server (default)
  code               生成一次性登记码 make a one-time enrolment code for a window PC
  backup --to 文件或目录
                     备份,服务器可以继续运行;文件含个人信息,请妥善保管
                     back up while the server runs; the file holds persons' data, keep it safe
  restore --from 文件  停止服务器后从备份恢复;原有数据改名保留,各窗口会自动补传备份之后的事件
                     restore with the server stopped; the data there is kept under another name,
                     and the windows send by themselves what came after the backup
  epoch renew        用其他工具恢复数据库之后必须执行,然后重启服务器
                     needed after the database was restored with other tools; then restart the server
  clerk add --hall 330102 --id w01 --name 姓名 --role window,office
                     添加人员并显示一次口令;角色 window 窗口,office 后台,manager 大厅管理,admin 系统管理
                     add a clerk and print the secret once; clerk list | reset | retire --id w01
  master set --hall 330102 --name calendar --file 文件
                     设置大厅数据 catalogue, policy, calendar, appointments,各窗口自动取用
                     set data of a hall, fetched by its devices; master list | clear --name calendar
  import 文件…        导入窗口电脑导出到 U 盘的记录,重复导入没有影响
                     take exports of window PCs from a USB stick; twice changes nothing

  device list --hall 330102
                     列出设备、最近一次联系和需要注意的情况(例如两台电脑使用同一登记)
                     devices, when they last spoke, and what to look at, as two PCs with one key
  device retire --hall 330102 --id 设备编号
                     停用丢失或报废的电脑;它未送出的记录不会被删除
                     shut out a lost PC; what it has not sent is not deleted on it
  rebuild            从事件重新计算案件、排队号、文书等查询表,服务器可以继续运行
                     fold the tables that back offices query again from the events

  后台办理页面 /office  back-office pages at /office, for clerks with the role office

  --data 目录         数据目录,含内置 PostgreSQL  data folder with its own PostgreSQL
                     (默认 default ~/.local/share/zongchuang-server)
  --port 端口         默认 default ${SERVER_PORT}
  --host 地址         监听地址,默认只限本机  address to listen on, default 127.0.0.1
  --demo             建立演示大厅并备好一个登记码  set up a demo hall with a code ready for it
  --hall 330102 --hall-name 名称 --station 3 --station-name 综合窗口3
                     登记码对应的大厅与窗口,新大厅须给出名称;默认演示大厅
                     place the code is for, a new hall needs its name; default: the demo hall

  DATABASE_URL       使用已有的 PostgreSQL  use an existing PostgreSQL instead of the bundled one
`;

/** @throws ServerFault BAD_ARGUMENTS */
export function readArguments(args: string[], env: Record<string, string | undefined>): ServerArguments {
  let found;
  try {
    found = parseArgs({
      args,
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        demo: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        hall: { type: 'string' },
        'hall-name': { type: 'string' },
        to: { type: 'string' },
        from: { type: 'string' },
        file: { type: 'string' },
        id: { type: 'string', default: '' },
        name: { type: 'string', default: '' },
        role: { type: 'string', default: 'window' },
        station: { type: 'string', default: '3' },
        'station-name': { type: 'string', default: '' },
      },
    });
  } catch (error) {
    throw bad((error as Error).message.split('. ')[0] ?? '');
  }
  const { values } = found;
  const asked = values.help ? 'help' : (found.positionals[0] ?? 'serve');
  const command = COMMANDS.find((known) => known === asked);
  if (command === undefined) throw bad(asked);
  if (command === 'epoch' && found.positionals[1] !== 'renew') throw bad('epoch');
  const file = { backup: values.to, restore: values.from, master: values.file }[command as string];
  if (command === 'import' && found.positionals.length < 2) throw bad('import');
  if (command === 'backup' && !file) throw bad('--to');
  if (command === 'restore' && !file) throw bad('--from');
  const port = values.port === undefined ? SERVER_PORT : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw bad(`--port ${values.port ?? ''}`);
  const hall = values.hall ?? DEMO_HALL.hall;
  if (!PLACE_ID.test(hall)) throw bad(`--hall ${hall}`);
  if (!PLACE_ID.test(values.station)) throw bad(`--station ${values.station}`);
  return {
    command,
    action: found.positionals[1] ?? '',
    file: file ? resolve(file) : '',
    files: command === 'import' ? found.positionals.slice(1).map((name) => resolve(name)) : [],
    data: resolve(values.data ?? `${homedir()}/.local/share/zongchuang-server`),
    databaseUrl: env['DATABASE_URL'] || undefined,
    host: values.host,
    port,
    demo: values.demo,
    place: {
      hall,
      hallName: values['hall-name'] ?? (values.hall === undefined ? DEMO_HALL.name : ''),
      station: values.station,
      stationName: values['station-name'] || `综合窗口${values.station}`,
    },
    named: {
      id: values.id,
      name: values.name,
      roles: values.role.split(',').map((role) => role.trim()),
    },
  };
}

const bad = (what: string): ServerFault =>
  new ServerFault(
    'BAD_ARGUMENTS',
    `无法识别的参数:${what}。用 --help 查看用法。`,
    `Unknown argument: ${what}. See --help.`,
  );
