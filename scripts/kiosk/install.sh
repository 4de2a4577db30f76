#!/usr/bin/env bash
# Makes this machine a mirror that starts with it, and keeps the version before for the day the new one does not please.
#
#   sudo scripts/kiosk/install.sh               install, or update: this folder as it lies here, with imported generators
#                                               and trained inverters; the settings in /etc/narcissus stay as they are
#   sudo scripts/kiosk/install.sh --settings    … and with this folder's config.yaml; the one before stays as .before
#   sudo scripts/kiosk/install.sh --rollback    back to the version before, and again: forward
#   sudo scripts/kiosk/install.sh --uninstall   take everything away but /etc/narcissus
#   …            --dry-run                      only say what would be done
#   …            --root DIR                     lay the files out under DIR; no packages, no user, no services
#
# A version that does not start, or whose scene does not hang within two minutes, gives way to the one before.
set -euo pipefail
shopt -s nullglob
umask 022 # the service's user must be able to read what root lays out

user=narcissus
display_user=narcissus-display
place=/opt/narcissus
config=/etc/narcissus/config.yaml
unit_folder=/etc/systemd/system
patience=120 # seconds within which the scene that is asked for must hang
units=(narcissus-display.service narcissus.service)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

task=install root="" files_only="" dry="" settings=""
replaced="" # whether this run has put other settings into the place of those that are now in .before
while [ $# -gt 0 ]; do
    case $1 in
        --rollback | --uninstall) task=${1#--} ;;
        --settings) settings=yes ;;
        --dry-run) dry=yes ;;
        --root) files_only=yes root=$(realpath -m -- "${2:?--root needs a folder}"); root=${root%/}; shift ;;
        -h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "install.sh: unknown option $1; see --help" >&2; exit 64 ;;
    esac
    shift
done

say() { printf 'narcissus: %s\n' "$*"; }
complain() { say "$*" >&2; }
fail() { complain "$*"; exit 1; }
run() { if [ "$dry" ]; then printf '  would run: %s\n' "$*"; else "$@"; fi; }
system() { if [ -z "$files_only" ]; then run "$@"; fi; } # what changes the machine itself, not only files
checkout() { git -c "safe.directory=$here" -C "$here" "$@"; }
done_with() { # WHAT [HOW]: what was done, and how it shows where services run
    if [ "$dry" ]; then say "nothing was changed"
    elif [ "$files_only" ]; then say "$1 (files alone, under ${root:-/})"
    else say "$1 ${2:-}"; fi
}

# write FILE: what comes in, if the file does not hold it already
write() {
    local file=$1 text
    text=$(cat; printf x); text=${text%x}
    if [ -f "$file" ] && printf %s "$text" | cmp -s - "$file"; then return; fi
    if [ "$dry" ]; then printf '  would write: %s\n' "$file"; return; fi
    install -d -m 755 "$(dirname "$file")"
    printf %s "$text" >"$file.new"
    chmod 644 "$file.new"
    mv -f "$file.new" "$file"
}

# point LINK VERSION: in one step, so that a power cut leaves the old version or the new; no VERSION: away with it
point() {
    if [ -z "$2" ]; then run rm -f "$root$place/$1"; return; fi
    run ln -sfn "$2" "$root$place/$1.new"
    run mv -fT "$root$place/$1.new" "$root$place/$1"
}
pointed() { readlink "$root$place/$1" || true; }
failed() { [ -e "$root$place/$1/.failed" ]; }

packages() {
    [ -z "$files_only" ] || return 0
    local missing=()
    [ -x /usr/bin/xinit ] || missing+=(xinit x11-xserver-utils)
    [ -x /usr/bin/Xorg ] || missing+=(xserver-xorg)
    command -v make >/dev/null || missing+=(make)
    [ ${#missing[@]} -eq 0 ] || system apt-get install --yes --no-install-recommends "${missing[@]}"
}

accounts() {
    [ -z "$files_only" ] || return 0
    local name group
    for name in "$user" "$display_user"; do
        getent passwd "$name" >/dev/null ||
            system useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$name"
    done
    for group in $(existing video render); do system usermod --append --groups "$group" "$user"; done
}

# existing GROUP…: those of them that this machine has
existing() { for group in "$@"; do if getent group "$group" >/dev/null; then echo "$group"; fi; done; }

# Models that were imported or trained here: no commit holds them. NUL stands between names.
own_models() { checkout ls-files -z --others --exclude-standard -- models; }
tracked() { checkout ls-files -z --cached | while IFS= read -rd '' name; do
    if [ -e "$here/$name" ] || [ -L "$here/$name" ]; then printf '%s\0' "$name"; fi
done; }
uncommitted() { { checkout diff --name-only -z HEAD; own_models; } | tr '\0' '\n'; }

# The commit; with a hash of whatever lies here besides
version() {
    local commit
    commit=$(checkout rev-parse --short=12 HEAD)
    if [ "$(uncommitted)" ]; then
        commit+=-$({ checkout diff --binary HEAD; (cd "$here" && own_models | xargs -0r sha256sum); } | sha256sum | cut -c1-8)
    fi
    echo "$commit"
}

unpack() {
    local version=$1 folder=$root$place/versions/$1
    if [ -e "$folder/.complete" ]; then say "version $version is already here"; return; fi
    say "putting version $version into $folder"
    uncommitted | sed 's/^/narcissus: as it lies here, not committed: /'
    run rm -rf "$folder"
    run install -d -m 755 "$root$place" "$root$place/versions" "$folder"
    if [ -z "$dry" ]; then lay_out "$folder"; fi
    system make --directory "$folder" .venv/ready
    run touch "$folder/.complete"
}

lay_out() {
    local folder=$1
    { tracked; own_models; } | tar --create --directory "$here" --null --verbatim-files-from --files-from - |
        tar --extract --directory "$folder" --no-same-owner
    own_models | tr '\0' '\n' >"$folder/.own_models"
    carry_over "$root$place/$(pointed current)" "$folder"
    chmod -R u+rwX,go+rX,go-w "$folder"
}

# carry_over OLD NEW: models that somebody's own hands brought into OLD and that this folder does not hold any more
carry_over() {
    local name
    [ -e "$1/.own_models" ] || return 0
    while IFS= read -r name; do
        if [ -e "$1/$name" ] && [ ! -e "$2/$name" ]; then
            say "carried over from the version before: $name"
            mkdir -p "$(dirname "$2/$name")"
            cp -p "$1/$name" "$2/$name"
            printf '%s\n' "$name" >>"$2/.own_models"
        fi
    done <"$1/.own_models"
}

take_settings() {
    local file=$root$config
    if [ ! -e "$file" ]; then
        write "$file" <"$here/config.yaml"
    elif cmp -s "$here/config.yaml" "$file"; then
        return
    elif [ "$settings" ]; then
        run cp -p "$file" "$file.before"
        replaced=yes
        write "$file" <"$here/config.yaml"
    else
        say "$file stays as it is, this folder's config.yaml is another; to take that: --settings"
    fi
}

settings_back() { if [ "$replaced" ]; then run mv -f "$root$config.before" "$root$config"; fi; }

# check VERSION: would it run, as its own user, with nobody's home and its own settings? The graphics card is still taken.
check() {
    system systemd-run --quiet --wait --pipe --collect --uid="$user" \
        --property=ProtectSystem=strict --property=ProtectHome=yes --property=TemporaryFileSystem=/tmp \
        --setenv=HOME=/tmp --setenv=PYTHONDONTWRITEBYTECODE=1 --setenv=CUDA_VISIBLE_DEVICES=-1 \
        "$place/$1/.venv/bin/python" "$place/$1/run_mirror.py" --check --config "$config"
}

unit_files() {
    local unit groups display_groups
    groups=$(existing video render | paste -sd ' ')
    display_groups=$(existing video render input tty | paste -sd ' ')
    for unit in "${units[@]}"; do
        sed -e "s|@USER@|$user|g" -e "s|@DISPLAY_USER@|$display_user|g" -e "s|@PLACE@|$place|g" \
            -e "s|@CONFIG@|$config|g" -e "s|@GROUPS@|$groups|g" -e "s|@DISPLAY_GROUPS@|$display_groups|g" \
            "$1/scripts/kiosk/$unit.in" | write "$root$unit_folder/$unit"
    done
}

start() {
    system systemctl daemon-reload &&
        system systemctl enable --quiet "${units[@]}" &&
        system systemctl restart "${units[@]}" # returns with the first picture, which is the stored dream's
}

# What the running mirror has said, its line of status first.
said() {
    systemctl show --property=StatusText --value narcissus.service
    journalctl --quiet --output=cat "_SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value narcissus.service)"
}

# Whether what was asked for hangs: not the stored dream, nor the dream in the place of another scene. Says why not.
hangs() {
    local lines end=$((SECONDS + patience))
    if [ "$dry" ] || [ "$files_only" ]; then return; fi
    while :; do
        lines=$(said | sed 's/^narcissus: //') || true
        if grep -m1 -E '(; instead of it: the (stored )?dream|the stored dream plays)(,|$)' <<<"$lines" >&2; then return 1; fi
        if grep -qE '^the [a-z ]+: on the wall(,|$)' <<<"$lines"; then return; fi
        if grep -qE '^closed: ' <<<"$lines"; then say "it is closed now: the scene hangs when it opens"; return; fi
        if [ $SECONDS -ge $end ]; then complain "no scene hangs after $patience s"; return 1; fi
        sleep 1
    done
}

# attempt VERSION: put it on the wall; where its scene does not hang, the one that hung before comes back.
attempt() {
    local new=$1 old older from=$root$place/$1
    old=$(pointed current) older=$(pointed previous)
    [ -d "$from" ] || from=$here # in a dry run
    point current "$new"
    if [ "$old" ] && [ "$old" != "$new" ]; then
        if ! failed "$old"; then point previous "$old"; elif [ "$older" = "$new" ]; then point previous ""; fi
    fi
    unit_files "$from"
    if start && hangs; then
        run rm -f "$root$place/$new/.failed"
        return
    fi
    complain "version ${new#versions/} does not hang; the reason: journalctl -u narcissus"
    run touch "$root$place/$new/.failed"
    if [ -z "$old" ] || [ "$old" = "$new" ] || failed "$old"; then fail "there is no version to go back to"; fi
    settings_back
    point current "$old"
    if [ "$older" != "$new" ]; then point previous "$older"; else point previous ""; fi
    unit_files "$root$place/$old"
    if start && hangs; then fail "went back: version ${old#versions/} is on the wall again"; fi
    fail "went back to version ${old#versions/}, which hung before, but does not now: journalctl -u narcissus"
}

forget_old() {
    local folder name
    for folder in "$root$place"/versions/*/; do
        name=versions/$(basename "$folder")
        if [ "$name" != "$(pointed current)" ] && [ "$name" != "$(pointed previous)" ]; then run rm -rf "$folder"; fi
    done
}

install_this() {
    local new
    new=versions/$(version)
    packages
    accounts
    unpack "${new#versions/}"
    take_settings
    if ! check "$new"; then
        settings_back
        fail "version ${new#versions/} would not run as $user, see above; nothing was switched"
    fi
    attempt "$new"
    forget_old
    done_with "version ${new#versions/}" "is on the wall"
}

rollback() {
    local before
    before=$(pointed previous)
    [ "$before" ] || fail "there is no version before this one"
    if failed "$before"; then fail "version ${before#versions/} did not hang when it was tried; nothing was switched"; fi
    attempt "$before"
    done_with "version ${before#versions/}" "is on the wall again"
}

uninstall() {
    local unit name
    for unit in "${units[@]}"; do
        if [ -z "$files_only" ] && [ -e "$unit_folder/$unit" ]; then system systemctl disable --now "$unit"; fi
        run rm -f "$root$unit_folder/$unit"
    done
    system systemctl daemon-reload
    run rm -rf "$root$place"
    for name in "$user" "$display_user"; do
        if [ -z "$files_only" ] && getent passwd "$name" >/dev/null; then system userdel "$name"; fi
    done
    done_with "everything is gone but the settings in $(dirname "$config")"
}

[ "$dry" ] || [ "$root" ] || [ "$(id -u)" -eq 0 ] || fail "needs root: sudo $0"
case $task in install) install_this ;; *) "$task" ;; esac
