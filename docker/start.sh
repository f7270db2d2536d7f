#!/usr/bin/env bash
# docker/start.sh [serve | worker | ready | secrets FOLDER | any command of jiebang]
#
# What the image runs. serve and worker wait for the store (START_SECONDS, 180), bring its schema up
# to date and give way to the program, which then gets the signals itself. ready is the health check.
# secrets writes a password of Neo4j, once. Writes in /tmp and the volume alone.
set -euo pipefail
umask 077

port=${PORT:-8000}
if [[ -n ${JIEBANG_SECRET_FILE:-} ]]; then
  JIEBANG_SECRET=$(<"$JIEBANG_SECRET_FILE")
  export JIEBANG_SECRET
fi
[[ -z ${TMPDIR:-} ]] || mkdir -p "$TMPDIR"

# Bash as the first process ignores the signals it has no trap for, and a trap waits for what runs in
# the foreground: so what takes long runs beside it.
patiently() { "$@" & wait $!; }

prepare() {
  local told='' before='' until=$((SECONDS + ${START_SECONDS:-180})) answer
  answer=$(mktemp)
  trap 'kill $(jobs -p) 2>/dev/null; exit 143' TERM INT
  until patiently jiebang store migrate >"$answer" 2>&1; do
    told=$(<"$answer")
    [[ $told == "$before" ]] || printf '%s\n' "$told" >&2
    before=$told
    [[ $told =~ store_(unavailable|locked) ]] || exit 4
    ((SECONDS < until)) || { echo "等了 ${START_SECONDS:-180} 秒，库仍不可用（START_SECONDS）。" >&2; exit 4; }
    patiently sleep 1
  done
  rm "$answer"
  trap - TERM INT
}

write_secrets() {
  local folder=${1:?用法：start.sh secrets 文件夹} password
  [[ ! -e $folder/neo4j_password ]] || return 0
  password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
  # Neo4j runs as another user, and only it and the service see this folder.
  umask 022
  printf 'neo4j/%s\n' "$password" >"$folder/neo4j_auth"
  printf '%s\n' "$password" >"$folder/.neo4j_password"
  mv "$folder/.neo4j_password" "$folder/neo4j_password"
}

case ${1:-serve} in
  serve)
    prepare
    # --insecure, for there are no accounts yet: a container must listen on all of its addresses, and
    # docker-compose.yml lets none but this machine reach them.
    exec jiebang serve --host 0.0.0.0 --port "$port" --insecure "${@:2}"
    ;;
  worker)
    prepare
    exec jiebang worker "${@:2}"
    ;;
  ready)
    exec python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/readyz', timeout=4)"
    ;;
  secrets) write_secrets "${@:2}" ;;
  *) exec jiebang "$@" ;;
esac
