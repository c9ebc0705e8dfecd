#!/bin/sh
# Links magmad as `cc` would, with the functions that cold-functions.txt names in a section of their own, behind all
# others. The kernel maps a program 64 kB at a time: so an idle agent has in memory what it runs and little else.
# Does nothing of the kind without nm, which comes with the compiler's own package (binutils).
set -eu
list=$(dirname "$0")/cold-functions.txt
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
: >"$folder/names"; : >"$folder/readable"
for argument in "$@"; do
    case $argument in *.rcgu.o)
        nm -p --defined-only "$argument" >>"$folder/names" && nm -pC --defined-only "$argument" >>"$folder/readable" ;;
    esac
done
{
    echo 'SECTIONS { .text.cold : {'
    paste -d ' ' "$folder/names" "$folder/readable" | awk -v list="$list" '
        BEGIN { while ((getline line <list) > 0) if (line != "" && line !~ /^#/) cold[line] = length(line) }
        $2 ~ /^[tT]$/ {
            symbol = $3
            sub(/^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* /, "")
            for (prefix in cold)
                if (substr($0, 1, cold[prefix]) == prefix) {
                    print "*(.text." symbol " .text.unlikely." symbol ")"
                    break
                }
        }'
    echo '} } INSERT AFTER .text;'
} >"$folder/cold.ld"
cc "$@" -Wl,-T,"$folder/cold.ld"
