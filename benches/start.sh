#!/bin/sh
# What a request costs as a process of its own, compared to peers: the smallest possible
# program, C, scripts, and whatever else is installed.
#
#   benches/start.sh X86_64_EXECUTABLE [ARM_EXECUTABLE]
#
# The page has 4 KB, its site 1,000 files. Runs of each program alternate with runs of C on
# musl, ROUNDS times (2,000; scripts a twentieth of that). Quote the ratios, since machines
# differ and drift. benches/environments compares what different web servers pass.
#
# Needs gcc (Debian: gcc, libc6-dev). What is missing is left out with a message: musl-tools for
# C on musl, strace for system calls, python3, perl, php-cgi, lua5.4, cgit as peers,
# lighttpd and busybox with apache2-utils for requests per second, and for ARM the board
# that benches/board/setup.sh builds.
set -eu
program=$(realpath "$1")
arm=${2:+$(realpath "$2")}
root=$(realpath "$(dirname "$0")/..")
rounds=${ROUNDS:-2000}
dir=$(mktemp -d /tmp/picosite-start.XXXXXX)
chmod 755 "$dir"
port=${PORT:-18580}
pids=
trap 'kill $pids 2>/dev/null || :; wait; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
cgi=$dir/cgi-bin
mkdir "$dir/site" "$cgi" "$dir/cache"
skip() { echo "left out: $*" >&2; }

# The peers: each says hello, with the query if that is easy.
gcc -O2 -o "$dir/turns" "$root/benches/turns.c"
natives=
case $(uname -m) in
x86_64)
    gcc -nostdlib -static -o "$cgi/floor" "$root/benches/peers/floor-x86_64.s"
    natives="floor=$cgi/floor"
    ;;
*) skip "the floor in assembler: it exists for x86-64 only" ;;
esac
if command -v musl-gcc > /dev/null; then
    musl-gcc -O2 -s -static -o "$cgi/musl" "$root/benches/peers/hello.c"
    natives="$natives C-musl=$cgi/musl"
else
    skip "C on musl (musl-tools): ratios are relative to C on glibc"
fi
gcc -O2 -s -o "$cgi/glibc" "$root/benches/peers/hello.c"
natives="$natives C-glibc=$cgi/glibc"
# What ratios are relative to: NAME=FILE.
against=C-glibc=$cgi/glibc
[ ! -e "$cgi/musl" ] || against=C-musl=$cgi/musl
reference=${against%%=*}
scripts=
script() { # NAME INTERPRETER TEXT
    if ! path=$(command -v "$2"); then
        skip "$1 ($2)"
        return
    fi
    # Avoid pyenv's wrapper, which starts the real one.
    [ "$2" != python3 ] || [ ! -x /usr/bin/python3 ] || path=/usr/bin/python3
    printf '#!%s\n%s\n' "$path" "$3" > "$cgi/$1"
    chmod 755 "$cgi/$1"
    scripts="$scripts $1=$cgi/$1"
}
script sh sh 'printf "Content-Type: text/plain\r\n\r\nhello %s\n" "$QUERY_STRING"'
script perl perl 'print "Content-Type: text/plain\r\n\r\nhello $ENV{QUERY_STRING}\n";'
script python python3 'import os
print("Content-Type: text/plain\r\n\r\nhello " + os.environ.get("QUERY_STRING", ""), end="\n")'
script lua lua 'io.write("Content-Type: text/plain\r\n\r\nhello ", os.getenv("QUERY_STRING") or "", "\n")'
script php php-cgi '<?php echo "hello ", $_SERVER["QUERY_STRING"], "\n";'
if [ -x /usr/lib/cgit/cgit.cgi ]; then
    scripts="$scripts cgit=/usr/lib/cgit/cgit.cgi"
else
    skip "cgit"
fi

# The site. Pictures aren't compressed, so packing them is quick.
i=0
while [ $((i += 1)) -le 1000 ]; do
    head -c 4096 /dev/urandom > "$dir/site/$i.png"
done
{ echo '<!doctype html><title>page</title><pre>' && head -c 4056 "$root/LICENSE-APACHE"; } \
    > "$dir/site/page.html"
env -i "$program" pack "$dir/site" -o "$dir/site.cdb" > /dev/null
env -i "$program" pack "$dir/site" --reuse "$dir/site.cdb" -o "$cgi/picosite" > /dev/null
secret=a:correct-horse
address=$(env -i PICOSITE_SECRET=$secret "$program" sign '200x200/Sea and sky/beacon.jpg')
address=$(echo "$address" | sed 's/%20/ /g')
page() {
    env -i REQUEST_METHOD=GET SERVER_PROTOCOL=HTTP/1.1 GATEWAY_INTERFACE=CGI/1.1 \
        QUERY_STRING=a=1 SCRIPT_NAME=/cgi-bin/x PATH_INFO=/page.html SCRIPT_FILENAME="$cgi/x" \
        REDIRECT_STATUS=200 "$@"
}
thumbnail() {
    page PATH_INFO="$address" PICOSITE_SECRET=$secret PICOSITE_MEMORY=64M \
        PICOSITE_GALLERIES="$root/demo/galleries" PICOSITE_CACHE="$dir/cache" "$@"
}
page "$cgi/picosite" | head -1 | grep -q '200 OK'
page HTTP_IF_NONE_MATCH='*' "$cgi/picosite" | head -1 | grep -q '304'
thumbnail "$cgi/picosite" | head -1 | grep -q '200 OK'

calls() { # REQUEST FILE
    if command -v strace > /dev/null; then
        "$1" strace -f -qq -o "$dir/trace" -- "$2" > /dev/null
        grep -cv 'execve\|+++\|resumed' "$dir/trace" || :
    else
        echo -
    fi
}
row() { printf '%-22s %9s %10s %8s %8s %8s\n' "$@"; }
echo "## $(uname -m): wall time in us, its ratio to $reference, page faults, peak kB, system calls"
row program us ratio faults kB calls
measure() { # ROUNDS REQUEST NAME=FILE
    "$2" "$dir/turns" "$1" "$against" "$3" | tail -1 | while read -r name us ratio faults kb; do
        row "$name" "$us" "$ratio" "$faults" "$kb" "$(calls "$2" "${3#*=}")"
    done
}
not_modified() { page HTTP_IF_NONE_MATCH='*' "$@"; }
for peer in $natives; do measure "$rounds" page "$peer"; done
measure "$rounds" page "page=$cgi/picosite"
measure "$rounds" not_modified "not_modified=$cgi/picosite"
measure "$rounds" thumbnail "thumbnail=$cgi/picosite"
new_thumbnail() { thumbnail PICOSITE_CACHE= "$@"; }
measure $((rounds / 20)) new_thumbnail "new_thumbnail=$cgi/picosite"
for peer in $scripts; do measure $((rounds / 20)) page "$peer"; done

ready() {
    until curl -s -o /dev/null "http://127.0.0.1:$1/"; do sleep 0.1; done
}
# Requests per second of one program. Scripts get a twentieth of the requests.
rate() { # PORT NAME=FILE REQUESTS
    address=http://127.0.0.1:$1/cgi-bin/${2##*/}
    [ "${2%%=*}" != page ] || address=$address/page.html
    ab -q -n "$3" -c 8 "$address" 2> /dev/null |
        awk '/^Failed requests|^Non-2xx/ { bad += $NF } /^Requests per second/ { rate = $4 }
            END { print bad ? 0 : rate }'
}
load() { # PORT
    ready "$1"
    for peer in $natives "page=$cgi/picosite" $scripts; do
        requests=${REQUESTS:-1000}
        case " $scripts " in *" $peer "*) requests=$((requests / 20)) ;; esac
        case $peer in *=$cgi/*) ;; *) continue ;; esac
        # Alternating with the reference; the median of five.
        for _ in 1 2 3 4 5; do
            echo "$(rate "$1" "$against" "${REQUESTS:-1000}") $(rate "$1" "$peer" $requests)"
        done | awk '{ print $2, $2 / $1 }' | sort -g -k 2 | sed -n 3p |
            while read -r rate ratio; do
                printf '%-22s %9.0f %10.3f\n' "${peer%%=*}" "$rate" "$ratio"
            done
    done
}
if ! command -v ab > /dev/null || ! command -v curl > /dev/null; then
    skip "requests per second (apache2-utils, curl)"
else
    if command -v lighttpd > /dev/null; then
        {
            echo "server.bind = \"127.0.0.1\" server.port = $port"
            echo "server.document-root = \"$dir\" server.modules = ( \"mod_cgi\" )"
            echo "\$HTTP[\"url\"] =~ \"^/cgi-bin/\" { cgi.assign = ( \"\" => \"\" ) }"
        } | sed 's/ server\./\nserver./g' > "$dir/lighttpd.conf"
        lighttpd -D -f "$dir/lighttpd.conf" 2> "$dir/lighttpd.log" &
        pids="$pids $!"
        echo "## behind lighttpd: requests per second, and their ratio to $reference"
        load "$port"
    else
        skip "lighttpd"
    fi
    if command -v busybox > /dev/null; then
        busybox httpd -f -p "127.0.0.1:$((port + 1))" -h "$dir" &
        pids="$pids $!"
        echo "## behind busybox httpd: requests per second, and their ratio to $reference"
        load $((port + 1))
    else
        skip "busybox httpd"
    fi
fi

if [ -z "$arm" ]; then
    skip "the board: name the ARM executable as well"
elif ! "$root/benches/board/run.sh" --there; then
    skip "the board: benches/board/setup.sh builds it"
else
    env -i "$program" pack "$dir/site" --reuse "$dir/site.cdb" --onto "$arm" -o "$dir/arm.cgi" \
        > /dev/null
    files=$dir/files
    mkdir -p "$files/bin"
    ln -s "$dir/arm.cgi" "$files/bin/picosite"
    ln -s "$root/demo/galleries" "$files/galleries"
    board() { # CASE PROGRAMS VARIABLE...
        mkdir -p "$files/cases/$1"
        case=$files/cases/$1
        printf '%s\n' 50 C-musl=/bin/C-musl $2 > "$case/programs"
        shift 2
        printf '%s\n' REQUEST_METHOD=GET SERVER_PROTOCOL=HTTP/1.1 GATEWAY_INTERFACE=CGI/1.1 \
            QUERY_STRING=a=1 SCRIPT_NAME=/cgi-bin/x "$@" > "$case/environment"
    }
    board 1 "floor=/bin/floor C-glibc=/bin/C-glibc" PATH_INFO=/page.html
    board 2 page=/bin/picosite PATH_INFO=/page.html
    board 3 not_modified=/bin/picosite PATH_INFO=/page.html 'HTTP_IF_NONE_MATCH=*'
    set -- "PATH_INFO=$address" PICOSITE_SECRET=$secret PICOSITE_GALLERIES=/galleries
    board 4 thumbnail=/bin/picosite "$@" PICOSITE_CACHE=/tmp
    board 5 new_thumbnail=/bin/picosite "$@"
    echo "## ARM926, emulated: time is instructions"
    printf '%-22s %9s %10s %8s %8s\n' program us ratio faults kB
    "$root/benches/board/run.sh" "$files" | awk 'NF == 5 && ($1 != "C-musl" || !seen++) {
        printf "%-22s %9s %10s %8s %8s\n", $1, $2, $3, $4, $5 }'
fi
