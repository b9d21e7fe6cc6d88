#!/bin/sh
# Makes the fixtures of StepKeyFilesTest with the real step client; the password is no secret.
set -eu
cd "$(dirname "$0")"
printf 'fixture-password' >password.txt
key() {
  name=$1
  shift
  step crypto keypair "$name.pub" "$name.pem" --password-file password.txt --force "$@"
}
key ec-p256 --kty EC --curve P-256
key ec-p521 --kty EC --curve P-521
key rsa --kty RSA --size 2048
key ed25519 --kty OKP --curve Ed25519
