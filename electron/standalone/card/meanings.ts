import { FAULTS } from '../../core/id-card/admin/faults.ts';

/** The status codes as the field names them (GA/T 467). */
const STATUSES: Readonly<Record<string, string>> = {
  '10': '接收业务终端数据的校验和错误',
  '11': '接收业务终端数据的长度错误',
  '21': '接收业务终端的命令错误',
  '23': '越权操作',
  '24': '无法识别的错误',
  '31': '证件认证安全模块失败',
  '32': '安全模块认证证件失败',
  '33': '信息验证失败',
  '37': '指纹信息验证失败',
  '3F': '信息长度错误',
  '40': '无法识别的证件类型',
  '41': '读证件操作失败',
  '47': '取随机数失败',
  '60': '安全模块自检失败',
  '66': '安全模块没有经过授权',
  '67': '远程安全模块出错',
  '69': '没有可用的远程安全模块',
  '80': '没有找到证件',
  '81': '选取证件失败',
  '90': '操作成功',
  '91': '证件中没有这一项内容',
  '9F': '找到证件',
};

/** The faults in the order of their table. */
const FAULT_WORDS = [
  '没有连接读卡器',
  '读卡器被拔下,包括正在读取时',
  '一条命令没有应答',
  '连续两条命令没有应答:重新打开读卡器',
  '应答一再损坏(校验和、长度、封装)',
  '设备打不开或写不进',
  '设备被别的程序占用',
  '系统不让当前用户打开(没有装 udev 规则)',
  '没有驱动(WinUSB),或找不到厂商组件',
  '厂商组件是 32 位的',
  '设备服务一分钟内出错三次',
  '德科模块没有自己的安全模块',
  '正在用真实读卡器时放演示证件',
] as const;

/** What a status code or a fault means, in Chinese; null for one without words. */
export function chineseMeaning({ status, meaning }: { status: string; meaning: string }): string | null {
  if (status !== '') return STATUSES[status] ?? null;
  return FAULT_WORDS[FAULTS.findIndex(({ fault }) => fault === meaning)] ?? null;
}
