// The switches of `npm start`. Plain JavaScript on Node alone: it runs when nothing is installed or built.
import { parseArgs } from 'node:util';

export const HELP = `综窗 Zongchuang

  npm start                                  打开综窗;首次会自动安装、构建,并在本机启动服务器
                                             open the counter; the first time it installs, builds and starts a server here
  npm start -- --server 地址 --code 登记码     连接已有服务器,登记码只需给一次
                                             use an existing server; the code is given once

  --server URL       服务器地址 address of the central server
  --code CODE        一次性登记码 one-time enrolment code
  --profile DIR      数据目录 folder for everything this machine keeps (default: XDG_DATA_HOME/zongchuang,
                     %LOCALAPPDATA%\\Zongchuang, ~/Library/Application Support/Zongchuang)
  --port N           界面端口,默认 21860;界面数据随端口走 port of the window in the plain shell (default 21860)
  --server-port N    本机服务器端口,默认为界面端口加一 port of the server started here (default: port + 1)
  --shell NAME       auto、electron 或 plain;默认 auto 优先 Electron auto (default), electron or plain
  --no-window        不打开窗口,只给出地址 open no window, print its address
  --no-apt           缺浏览器时不自动安装 never install a browser with apt
  --help             显示此说明 show this

  环境变量 environment:
  ZONGCHUANG_PROFILE, ZONGCHUANG_SHELL       同 as --profile, --shell
  ZONGCHUANG_BROWSER                         浏览器路径 path of the browser that shows the window
  ELECTRON_MIRROR, ELECTRON_OVERRIDE_DIST_PATH  Electron 的下载镜像与现成目录 where to fetch Electron, where it is
`;

/**
 * @returns {{ok: true, options: StartOptions} | {ok: false, sentence: string}}
 * @typedef {{server: string|null, code: string|null, profile: string|null, port: number, serverPort: number|null,
 *   shell: 'auto'|'electron'|'plain', window: boolean, apt: boolean, help: boolean}} StartOptions
 */
export function readOptions(args, env) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        server: { type: 'string' },
        code: { type: 'string' },
        profile: { type: 'string' },
        port: { type: 'string', default: '21860' },
        'server-port': { type: 'string' },
        shell: { type: 'string', default: env.ZONGCHUANG_SHELL || 'auto' },
        'no-window': { type: 'boolean', default: false },
        'no-apt': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return fault(
      '无法识别的启动参数,请用 npm start -- --help 查看。',
      `${error.message.split('. ')[0]}; see npm start -- --help.`,
    );
  }
  const server = values.server?.trim() || null;
  if (values.server !== undefined && !isServerAddress(server)) {
    return fault(
      `服务器地址“${values.server}”不正确,应形如 http://10.0.0.8:21861。`,
      'The server address is not valid; it should look like http://10.0.0.8:21861.',
    );
  }
  for (const name of ['port', 'server-port']) {
    const value = values[name];
    if (value !== undefined && !(/^\d{1,5}$/.test(value) && Number(value) <= 65_535)) {
      return fault(
        `--${name} “${value}”不正确,应为 1–65535。`,
        `--${name} must be a number from 1 to 65535.`,
      );
    }
  }
  if (!['auto', 'electron', 'plain'].includes(values.shell)) {
    return fault(`--shell “${values.shell}”不正确。`, '--shell is auto, electron or plain.');
  }
  const options = {
    server,
    code: values.code?.trim() || null,
    profile: values.profile?.trim() || null,
    port: Number(values.port),
    serverPort: values['server-port'] === undefined ? null : Number(values['server-port']),
    shell: values.shell,
    window: !values['no-window'],
    apt: !values['no-apt'],
    help: values.help,
  };
  return { ok: true, options };
}

/** The same rule as `serverAddress` in adapters/node/start-options.ts, which does the real parsing later. */
function isServerAddress(text) {
  if (text === null || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

const fault = (chinese, english) => ({ ok: false, sentence: `${chinese} ${english}` });
