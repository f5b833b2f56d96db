import type { EnrolmentResult } from './first-enrolment.ts';

/**
 * What a shell says outside its window, on the terminal or in the system's error box: one sentence, Chinese first,
 * then the same in English. The window's own words stand in its message files.
 */
export const startSentences = {
  alreadyRunning:
    '综窗已在运行,已转到它的窗口。 Zongchuang is already running; its window has been brought forward.',
  profileHeld: (profile: string): string =>
    `数据目录 ${profile} 正被另一个没有响应的程序占用,请结束它后再试,或用 --profile 另选目录。 ` +
    `Another program that does not answer holds this profile; end it and try again, or choose another with --profile.`,
  /** @param detail folder and the system's reason */
  profileNotWritable: (detail: string): string =>
    `数据目录不可写:${detail}。请检查权限和磁盘空间,或用 --profile 另选目录。 ` +
    `The profile folder cannot be written; check rights and disk space, or choose another with --profile.`,
  startFailed: (code: string): string =>
    START_FAILURES[code] ??
    `启动未完成(${code}),请把数据目录中的 logs 交给管理员。 Start-up failed (${code}); give the folder logs of the profile to your administrator.`,
  serverSilent: (server: string): string =>
    `暂时连不上服务器 ${server},程序会继续尝试,窗口照常可用。 The server ${server} cannot be reached; trying on, the window can be used meanwhile.`,
  /** @returns null when there is nothing to say */
  enrolment(result: EnrolmentResult): string | null {
    switch (result.outcome) {
      case 'enrolled':
        return `本机已在服务器 ${result.server} 登记。 This device is now enrolled at ${result.server}.`;
      case 'elsewhere':
        return (
          `本机已在 ${result.server} 登记,不会改用 ${result.offered}。如需更换,请用 --profile 另选目录重新登记。 ` +
          `This device is enrolled at ${result.server} and stays there, not at ${result.offered}; to change, enrol again with another --profile.`
        );
      case 'refused':
        return `登记未成功(${result.code}),请在窗口中核对服务器地址和登记码。 Enrolment failed (${result.code}); check the server and the code in the window.`;
      case 'left-to-person':
        return '本机尚未登记,请在窗口中填写服务器地址和登记码。 This device is not enrolled yet; enter the server and the code in the window.';
      case 'already':
      case 'stopped':
        return null;
    }
  },
} as const;

const START_FAILURES: Partial<Record<string, string>> = {
  JOURNAL_LOCKED:
    '本机日志正被另一个程序写入,请先关闭它。 Another program is writing this journal; close it first.',
  JOURNAL_DISK_FULL: '磁盘已满,请腾出空间后重新启动。 The disk is full; free some space and start again.',
  JOURNAL_CORRUPT: '本机日志损坏,请联系管理员。 The journal is damaged; ask your administrator.',
  SECRETS_LOCKED:
    '密钥由系统密钥环保管,而它现在打不开:请登录桌面并解锁密钥环后重试。 The keys are in the system keyring, which is not open now; sign in to the desktop, unlock it and try again.',
};
