; What the Windows installer does beside copying files.

; The folder of the machine policy. Without this any user could lay a policy for all others there, because folders under
; ProgramData let users create files.
!macro customInstall
  SetShellVarContext all
  CreateDirectory "$APPDATA\zongchuang"
  ; SYSTEM and administrators: full; users: read. SIDs, because the names are translated.
  nsExec::ExecToLog 'icacls "$APPDATA\zongchuang" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-32-545:(OI)(CI)RX'
  Pop $0
  CopyFiles /SILENT "$INSTDIR\resources\resources\policy\policy.template.json" "$APPDATA\zongchuang"
!macroend

; Data of the halls (journals, unsent cases) is never removed by an uninstaller.
!macro customUnInstall
!macroend
