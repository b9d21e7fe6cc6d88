#!/bin/sh
# Makes a SoftHSM token: a directory of tokens, its softhsm2.conf, and one initialised token in it.
#
#   softhsm/init-token.sh DIRECTORY LABEL PIN_FILE SO_PIN_FILE
#
# PINs are read from files, and made at random (0600) where a file is missing. A token with the label is left as it is,
# so this may be run again. Prints the line that makes the token visible to a process.
set -eu
umask 077

if [ $# -ne 4 ]; then
  echo "usage: $0 DIRECTORY LABEL PIN_FILE SO_PIN_FILE" >&2
  exit 2
fi
module=
for file in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so \
  /usr/local/lib/softhsm/libsofthsm2.so; do
  if [ -z "$module" ] && [ -e "$file" ]; then
    module=$file
  fi
done
if [ -z "$module" ] || ! command -v softhsm2-util >/dev/null 2>&1; then
  echo "SoftHSM (its library libsofthsm2.so and softhsm2-util) is not installed: apt-get install softhsm2 opensc" >&2
  exit 1
fi

case $1 in
  /*) directory=$1 ;;
  *) directory=$PWD/$1 ;;
esac
newline='
'
case $directory in
  *=* | *'#'* | *"$newline"*)
    echo "softhsm2.conf can name no folder with = or # or a line end in its path; the token needs another one than $directory" >&2
    exit 2
    ;;
esac
mkdir -p -- "$1"
directory=$(CDPATH= cd -- "$1" && pwd)
label=$2
mkdir -p "$directory/tokens"
SOFTHSM2_CONF="$directory/softhsm2.conf"
export SOFTHSM2_CONF
if [ ! -f "$SOFTHSM2_CONF" ]; then
  printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n' \
    "$directory/tokens" >"$SOFTHSM2_CONF"
fi

for file in "$3" "$4"; do
  if [ ! -s "$file" ]; then
    od -An -N12 -tx1 /dev/urandom | tr -d ' \n' >"$file"
  fi
done

# Whether the token with the label has its PIN: yes, no, or nothing when there is no such token. The listing pads labels
# with blanks to 32 characters.
has_pin=$(softhsm2-util --show-slots | label=$label awk '
  /^ *User PIN init/ { pin = $NF }
  /^ *Label:/ { sub(/^ *Label: */, ""); sub(/ *$/, ""); if ($0 == ENVIRON["label"]) print pin }')
set_pin() {
  CHANCERY_PIN=$(cat "$1")
  CHANCERY_SO_PIN=$(cat "$2")
  export CHANCERY_PIN CHANCERY_SO_PIN
  pkcs11-tool --module "$module" --token-label "$label" --login --login-type so --so-pin env:CHANCERY_SO_PIN \
    --init-pin --pin env:CHANCERY_PIN >&2
}
if [ "$has_pin" = yes ]; then
  echo "the token $label is there already" >&2
elif [ "$has_pin" = no ]; then
  echo "the token $label has no PIN yet: its making was broken off" >&2
  set_pin "$3" "$4"
elif ! command -v pkcs11-tool >/dev/null 2>&1; then
  echo "pkcs11-tool is not installed (apt-get install opensc): softhsm2-util gets the PINs as arguments, which other" \
    "users of this machine can read while it runs" >&2
  softhsm2-util --init-token --free --label "$label" --pin "$(cat "$3")" --so-pin "$(cat "$4")" >&2
else
  # By its slot, since a tool left to choose may take a token that is in use. PINs go by environment: a process's
  # arguments are for everybody on the machine to read, and softhsm2-util takes them no other way.
  slot=$(pkcs11-tool --module "$module" --list-slots |
    sed -n '/^Slot /{s/.*(\(0x[0-9a-f]*\)).*/\1/;h;};/token state: *uninitialized/{g;p;q;}')
  if [ -z "$slot" ]; then
    echo "no free slot in $directory" >&2
    exit 1
  fi
  CHANCERY_SO_PIN=$(cat "$4")
  export CHANCERY_SO_PIN
  pkcs11-tool --module "$module" --slot "$slot" --init-token --label "$label" --so-pin env:CHANCERY_SO_PIN >&2
  set_pin "$3" "$4"
fi
# In single quotes, so that a shell takes any path as it is.
printf "export SOFTHSM2_CONF='%s'\n" "$(printf '%s' "$SOFTHSM2_CONF" | sed "s/'/'\\\\''/g")"
