#!/usr/bin/env bash
# Lays the free stand-ins for the official fonts in a folder, with their licences and a fontconfig file that maps the official names to them.
# usage: reports/fonts/fetch.sh [DIR]      (default: ~/.cache/pingan-office/fonts; nothing is fetched where they are there already)
# needs: apt-get and dpkg-deb (Debian) with its lists up to date, npm, tar
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
into="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/pingan-office/fonts}"

mkdir -p "$into"
cp "$here/fonts.conf" "$into/fonts.conf"
right() { (cd "$into" && sha256sum --check --quiet "$here/SHA256SUMS"); }
if right > /dev/null 2>&1; then
    exit 0
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
# The packages are taken apart, not installed: the first one would bring TeX along.
apt-get download -qq -o APT::Sandbox::User=root texlive-lang-chinese
dpkg-deb --fsys-tarfile texlive-lang-chinese_*.deb | tar -x --wildcards '*/fandol/*'
npm pack --silent @expo-google-fonts/noto-serif-sc@0.4.3 @embedpdf/fonts-sc@1.0.0 > /dev/null
for package in *.tgz; do
    mkdir "${package%.tgz}"
    tar -xzf "$package" -C "${package%.tgz}"
done

find . -type f \( -name 'FandolFang-Regular.otf' -o -name 'FandolKai-Regular.otf' \) -exec cp {} "$into/" \;
find . -type f -path '*fandol*' -name 'COPYING.gz' -exec gunzip -c {} \; > "$into/LICENCE-Fandol.txt"
cp expo-*/package/400Regular/NotoSerifSC_400Regular.ttf expo-*/package/900Black/NotoSerifSC_900Black.ttf "$into/"
cp expo-*/package/LICENSE_FONT "$into/LICENCE-NotoSerifSC.txt"
cp embedpdf-*/package/fonts/NotoSansHans-Regular.otf "$into/"
cp embedpdf-*/package/LICENSE "$into/LICENCE-NotoSansSC.txt"
right || { echo "the packages hold other files than SHA256SUMS says; look what changed in them and mend $0" >&2; exit 1; }
