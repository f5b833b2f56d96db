export const HELP = `综窗读卡器命令行 Zongchuang card reader

  npm run card -- list                         已连接的设备,能不能用,怎么用 attached devices and what they can be
  npm run card -- probe <VID:PID|路径 path>     试探不认识的设备 find out which framing a device speaks
        --profile id      只试这个方案,可重复 only this profile; may be repeated
        --yes             不再询问 do not ask
  npm run card -- read                         读一张证件,打码显示 read a card, masked
        --profile CHOICE  同设置 reader.profile as the setting, e.g. miaxis, uart@COM3, probe@1a2b:3c4d
        --fingerprint     也读指纹信息(不含模板) which fingers the card holds, never the templates
        --management      也读卡体号 the chip's own number as well
        --times N         读 N 次 N cards
        --wait S          最多等 S 秒,默认 60 wait S seconds (60)
        --reveal          不打码 nothing masked
        --demo            用模拟读卡器 the simulated reader
        --card ID         模拟时放这张证件 the demo card to place
        --scene NAME|FILE 模拟时演一个场景 a scene to play
        --carrier KIND    模拟哪种连接 miaxis dk raw len8 bulk bulk-whole uart library
  npm run card -- decode <十六进制 hex|文件 file|-> [--reveal]
                                               看懂一段数据,输出 JSON what bytes are, as JSON
  npm run card -- descriptor <hidrawN|VID:PID|文件 file>
                                               HID 报告描述符(Linux) HID report descriptor
  npm run card -- profiles                     读卡器方案 reader profiles
  npm run card -- profiles check <文件 file>    检查自己写的方案 check a profile you wrote
  npm run card -- statuses [--markdown]        全部状态码与故障 every status code and fault
  npm run card -- simulate                     在串口或 TCP 上模拟读卡器 a simulated reader on a line
        --tty PATH | --tcp PORT   --scene NAME|FILE   --card ID

  --json              机器可读的输出 machine-readable (list, probe, read, profiles, statuses)
  --lang zh-CN|en     语言 language
  --data DIR          数据目录 profile folder of the program (ZONGCHUANG_PROFILE)

  退出码 exit codes
  0 完成 done   1 没有成功 failed   2 参数不正确 wrong arguments   3 没有这个设备或读卡器 no such device or reader
  4 综窗正在使用读卡器 the running program has the reader   5 没有放证件 no card in time   130 Ctrl+C
`;
