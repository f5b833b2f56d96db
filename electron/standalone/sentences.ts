import { startSentences } from '../core/boot/start-sentences.ts';

/** What the plain shell says on the terminal: one line each, Chinese first, then the same in English. */
export const sentences = {
  ...startSentences,
  profileOfElectron: (profile: string): string =>
    `数据目录 ${profile} 由 Electron 版建立,密钥只有它能打开。请用 Electron 版启动,或用 --profile 另选目录。 ` +
    `This profile was made by the Electron shell and only it can open the keys; start that, or choose another with --profile.`,
  portTaken: (port: number): string =>
    `端口 ${port} 被其他程序占用。请关闭它,或用 --port 另选端口(界面数据会从本机日志自动重建)。 ` +
    `Port ${port} is taken by another program; close it, or choose another with --port (the window's store is then rebuilt from this machine's journal).`,
  notBuilt: '程序尚未构建,请先运行 npm run build。 The window has not been built; run npm run build first.',
  noDisplay:
    '没有图形界面(DISPLAY 和 WAYLAND_DISPLAY 均未设置),请在本机浏览器中打开下面的地址,5 分钟内有效,只能用一次。 ' +
    'There is no display; open the address below in a browser on this machine, within 5 minutes, once.',
  noBrowser:
    '没有找到 Chromium、Chrome 或 Edge:请安装其一,或用 ZONGCHUANG_BROWSER 指定;也可打开下面的地址,5 分钟内有效,只能用一次。 ' +
    'No Chromium, Chrome or Edge was found; install one or name it in ZONGCHUANG_BROWSER, or open the address below within 5 minutes, once.',
  windowCrashed:
    '浏览器连续异常退出,程序仍在运行:可打开下面的地址,或按 Ctrl+C 结束。 ' +
    'The browser keeps crashing and the program still runs; open the address below, or press Ctrl+C.',
  ready: (address: string): string => `综窗 ready: ${address}`,
} as const;
