#!/usr/bin/env bash
# Chromium without a window: it looks up no names, asks nobody but SERVER, opens no spare lines, and trusts whom AUTHORITY (a PEM file, or `nobody`) says.
#
#   chromium.sh SERVER AUTHORITY [--dump-dom] URL     with --dump-dom it ends when it has the page
set -e
server=$1 authority=$2
shift 2
export HOME=$PWD/home
nss=$HOME/.pki/nssdb
mkdir -p "$nss" "$HOME/profile/Default"
certutil -N -d "sql:$nss" --empty-password
[ "$authority" = nobody ] || certutil -A -d "sql:$nss" -n lab -t C,, -i "$authority"
# "Never" in its settings of pages to be loaded ahead. Otherwise a second line opens beside each first one, and which of them asks is chance.
echo '{"net": {"network_prediction_options": 2}}' >"$HOME/profile/Default/Preferences"
# A new network has an address that becomes valid only after a second or two. To Chromium it is another network then, and it drops what it has begun.
until [ -n "$(ip -6 address show dev eth0 scope link -tentative)" ]; do sleep 0.1; done
# It complains that there is no D-Bus, and its own script of something else; of the rest only the words are kept, which are what a user sees.
exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync --disable-default-apps --disable-extensions --user-data-dir="$HOME/profile" \
    --host-resolver-rules="MAP server.lab $server, MAP * ~NOTFOUND" "$@" \
    2> >(exec sed -uE '/dbus|unexpected operator/d; s/^\[[^]]*\] (Page load failed: )?//')
