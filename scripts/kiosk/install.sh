#!/usr/bin/env bash
# Makes this machine a mirror that starts with it, and keeps the version before for the day the new one does not please.
#
#   sudo scripts/kiosk/install.sh               install, or update to the commit that is checked out
#   sudo scripts/kiosk/install.sh --rollback    back to the version before, and again: forward
#   sudo scripts/kiosk/install.sh --uninstall   take everything away but /etc/narcissus
#   …            --dry-run                      only say what would be done
#   …            --root DIR                     lay the files out under DIR; no packages, no user, no services
set -euo pipefail
shopt -s nullglob

user=narcissus
place=/opt/narcissus
config=/etc/narcissus/config.yaml
units=(narcissus-display.service narcissus.service)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

task=install root="" dry=""
while [ $# -gt 0 ]; do
    case $1 in
        --rollback | --uninstall) task=${1#--} ;;
        --dry-run) dry=yes ;;
        --root) root=${2:?--root needs a folder}; root=${root%/}; shift ;;
        -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "install.sh: unknown option $1; see --help" >&2; exit 64 ;;
    esac
    shift
done

say() { printf 'narcissus: %s\n' "$*"; }
done_with() { [ "$dry" ] && say "nothing was changed" || say "$*"; }
fail() { say "$*" >&2; exit 1; }
run() { if [ "$dry" ]; then printf '  would run: %s\n' "$*"; else "$@"; fi; }
system() { if [ -z "$root" ]; then run "$@"; fi; } # what changes the machine itself, not only files

# write FILE: what comes in, if the file does not hold it already
write() {
    local file=$1 text
    text=$(cat; printf x); text=${text%x}
    if [ -f "$file" ] && printf %s "$text" | cmp -s - "$file"; then return; fi
    if [ "$dry" ]; then printf '  would write: %s\n' "$file"; return; fi
    mkdir -p "$(dirname "$file")"
    printf %s "$text" >"$file.new"
    chmod 644 "$file.new"
    mv -f "$file.new" "$file"
}

# point LINK VERSION: in one step, so that a power cut leaves the old version or the new
point() { run ln -sfn "$2" "$root$place/$1.new" && run mv -fT "$root$place/$1.new" "$root$place/$1"; }
pointed() { readlink "$root$place/$1" || true; }

packages() {
    [ -z "$root" ] || return 0
    local missing=()
    [ -x /usr/bin/xinit ] || missing+=(xinit x11-xserver-utils)
    [ -x /usr/bin/Xorg ] || missing+=(xserver-xorg)
    command -v make >/dev/null || missing+=(make)
    [ ${#missing[@]} -eq 0 ] || system apt-get install --yes --no-install-recommends "${missing[@]}"
}

account() {
    [ -z "$root" ] || return 0
    getent passwd "$user" >/dev/null ||
        system useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$user"
    for group in $(groups_here); do system usermod --append --groups "$group" "$user"; done
}

groups_here() { for group in video render; do if getent group "$group" >/dev/null; then echo "$group"; fi; done; }

version() { git -c "safe.directory=$here" -C "$here" rev-parse --short=12 HEAD; }

unpack() {
    local version=$1 folder=$root$place/versions/$1
    if [ -e "$folder/.complete" ]; then say "version $version is already here"; return; fi
    say "putting version $version into $folder"
    run rm -rf "$folder"
    run mkdir -p "$folder"
    if [ -z "$dry" ]; then git -c "safe.directory=$here" -C "$here" archive HEAD | tar -x -C "$folder"; fi
    system make --directory "$folder" .venv/ready
    run touch "$folder/.complete"
}

unit_files() {
    local unit groups
    groups=$(groups_here | paste -sd ' ')
    for unit in "${units[@]}"; do
        sed -e "s|@USER@|$user|g" -e "s|@PLACE@|$place|g" -e "s|@CONFIG@|$config|g" -e "s|@GROUPS@|$groups|g" \
            "$1/scripts/kiosk/$unit.in" | write "$root/etc/systemd/system/$unit"
    done
}

start() {
    system systemctl daemon-reload
    system systemctl enable --quiet "${units[@]}"
    system systemctl restart "${units[@]}" # returns when the first picture is on the wall
}

forget_old() {
    local folder name
    for folder in "$root$place"/versions/*/; do
        name=versions/$(basename "$folder")
        if [ "$name" != "$(pointed current)" ] && [ "$name" != "$(pointed previous)" ]; then run rm -rf "$folder"; fi
    done
}

switch_to() {
    local new=$1 old
    old=$(pointed current)
    point current "$new"
    if [ "$old" ] && [ "$old" != "$new" ]; then point previous "$old"; fi
}

install() {
    local new before
    new=versions/$(version)
    before=$(pointed current)
    packages
    account
    unpack "${new#versions/}"
    if [ ! -e "$root$config" ]; then write "$root$config" <"$here/config.yaml"; fi
    switch_to "$new"
    unit_files "$here"
    if start; then
        forget_old
        done_with "version ${new#versions/} is on the wall"
    elif [ "$before" ] && [ "$before" != "$new" ]; then
        say "version ${new#versions/} does not start; going back (the reason: journalctl -u narcissus)" >&2
        rollback
        exit 1
    else
        fail "it does not start; the reason: journalctl -u narcissus"
    fi
}

rollback() {
    local before
    before=$(pointed previous)
    [ "$before" ] || fail "there is no version before this one"
    switch_to "$before"
    unit_files "$root$place/$before"
    start
    done_with "version ${before#versions/} is on the wall again"
}

uninstall() {
    local unit
    for unit in "${units[@]}"; do
        if [ -z "$root" ] && [ -e "/etc/systemd/system/$unit" ]; then system systemctl disable --now "$unit"; fi
        run rm -f "$root/etc/systemd/system/$unit"
    done
    system systemctl daemon-reload
    run rm -rf "$root$place"
    if [ -z "$root" ] && getent passwd "$user" >/dev/null; then system userdel "$user"; fi
    done_with "everything is gone but the settings in $(dirname "$config")"
}

[ "$dry" ] || [ "$root" ] || [ "$(id -u)" -eq 0 ] || fail "needs root: sudo $0"
"$task"
