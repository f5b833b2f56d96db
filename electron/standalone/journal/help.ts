export const HELP = `综窗本机记录命令行 Zongchuang journal

  npm run journal -- verify                    逐条检查,不改动任何东西 check every event, change nothing
  npm run journal -- export --to 目录 DIR [--all]
                                               导出未发送的(或全部)记录到 U 盘 what is unsent (or everything) to a USB stick
  npm run journal -- import 文件 FILE…         导入;其他电脑的由本机转交服务器 take exports; other PCs' go on to the server
  npm run journal -- restore --from 目录 DIR   从备份文件夹补回缺少的记录 write back what is missing from the second place
  npm run journal -- recovery-key --out 文件 FILE
                                               生成恢复密钥;私钥请离线保管 make a recovery key; lock the private half away
  npm run journal -- open --from 目录 DIR --key 文件 FILE --out 文件 FILE
                                               用恢复密钥打开备份(含个人信息) open copies with the recovery key (persons' data)

  --profile DIR       数据目录 profile folder (ZONGCHUANG_PROFILE)

  export、import、restore 须先退出综窗 need the program to be closed
  退出码 exit codes: 0 完成 done   1 没有成功 failed   2 参数不正确 wrong arguments   4 综窗正在运行 the program runs
`;
