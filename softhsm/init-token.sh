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
if ! command -v softhsm2-util >/dev/null 2>&1; then
  echo "SoftHSM is not installed: apt-get install softhsm2" >&2
  exit 1
fi

mkdir -p "$1"
directory=$(cd "$1" && pwd)
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

# Labels are padded with blanks to 32 characters in the listing.
if softhsm2-util --show-slots | sed -n 's/^ *Label: *//p' | sed 's/ *$//' | grep -Fqx -- "$label"; then
  echo "the token $label is there already" >&2
else
  # softhsm2-util takes PINs as arguments or from a terminal only; as arguments they show in this machine's process
  # list for a moment.
  softhsm2-util --init-token --free --label "$label" --pin "$(cat "$3")" --so-pin "$(cat "$4")" >&2
fi
echo "export SOFTHSM2_CONF=$SOFTHSM2_CONF"
