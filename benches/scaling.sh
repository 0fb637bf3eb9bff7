#!/bin/sh
# Two copies of picosite behind lighttpd, with a cache in front of both: nginx, then Varnish.
# Prints requests per second with and without the cache, and how many of 5,000 requests for
# 1,000 pages (Zipf-distributed) the cache answered. docs/scaling.md has the configurations.
#
# Needs lighttpd, nginx, varnish, curl and ab (Debian: apache2-utils). Everything listens on
# 127.0.0.1 and uses a temporary folder.
#
#   benches/scaling.sh target/x86_64-unknown-linux-musl/release/picosite
set -eu
program=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
conf=$root/tests/servers/conf
dir=$(mktemp -d /tmp/picosite-scaling.XXXXXX)
# Four free ports from here on; set PORT if they are not.
port=${PORT:-18480}
pids=
trap 'kill $pids 2>/dev/null; wait; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

mkdir "$dir/site" "$dir/cgi-bin" "$dir/cache"
for page in $(seq 1000); do
    { echo "<!doctype html><title>$page</title><pre>"; head -c 3500 "$root/LICENSE-APACHE"; } \
        > "$dir/site/$page.html"
done
"$program" pack "$dir/site" -o "$dir/site.cdb" > /dev/null
cp "$program" "$dir/cgi-bin/site.cgi"

ready() {
    until curl -sf -o /dev/null "http://127.0.0.1:$1/1"; do sleep 0.1; done
}
for copy in 1 2; do
    {
        echo "server.bind = \"127.0.0.1\""
        echo "server.port = $((port + copy))"
        echo "server.document-root = \"$dir\""
        echo "server.modules = ( \"mod_setenv\" )"
        echo "setenv.add-environment = ( \"PICOSITE_SITE\" => \"$dir/site.cdb\" )"
        sed "s|/usr/lib/cgi-bin|$dir/cgi-bin|" "$conf/lighttpd-root.conf"
    } > "$dir/lighttpd$copy.conf"
    lighttpd -D -f "$dir/lighttpd$copy.conf" 2> "$dir/lighttpd$copy.log" &
    pids="$pids $!"
done
addresses() {
    sed "s|10.0.0.11:80|127.0.0.1:$((port + 1))|; s|10.0.0.12:80|127.0.0.1:$((port + 2))|" |
        sed "s|\"10.0.0.11\"; .port = \"80\"|\"127.0.0.1\"; .port = \"$((port + 1))\"|" |
        sed "s|\"10.0.0.12\"; .port = \"80\"|\"127.0.0.1\"; .port = \"$((port + 2))\"|"
}
ready $((port + 1))
ready $((port + 2))

{
    # As root it would switch to a user who cannot enter the folder.
    [ "$(id -u)" != 0 ] || echo "user root;"
    echo "daemon off; worker_processes 1; pid $dir/nginx.pid; error_log $dir/nginx.log;"
    echo "events {} http {"
    echo "log_format status '\$upstream_cache_status'; access_log $dir/access.log status;"
    for kind in client_body fastcgi proxy scgi uwsgi; do echo "${kind}_temp_path $dir/temp;"; done
    addresses < "$conf/nginx-front.conf" |
        sed "s|listen 80|listen 127.0.0.1:$port|; s|/var/cache/nginx|$dir/cache|"
    echo "}"
} > "$dir/nginx.conf"
nginx -e "$dir/nginx.log" -c "$dir/nginx.conf" &
pids="$pids $!"
ready "$port"

# Seeded, so that every run requests the same pages.
awk 'BEGIN {
    srand(1)
    for (n = 1; n <= 1000; n++) sum += 1 / n
    for (visit = 0; visit < 5000; visit++) {
        draw = rand() * sum
        for (n = 1; (draw -= 1 / n) > 0; n++);
        print n
    }
}' > "$dir/visits"
visit() {
    sed "s|.*|url = \"http://127.0.0.1:$1/&\"\noutput = /dev/null|" "$dir/visits" |
        curl -s --parallel --parallel-max 16 --config - 2> /dev/null
}
per_second() {
    ab -q -n "$2" -c 16 -H 'Accept-Encoding: br' "http://127.0.0.1:$1/1" 2> /dev/null |
        awk '/^Failed requests|^Non-2xx/ { failed += $NF } /^Requests per second/ { rate = $4 }
            END { printf "%d requests per second, %d failed\n", rate, failed }'
}
hits() {
    sort "$1" | uniq -c | awk '{ all += $1; n[$2] = $1 } END {
        printf "%.1f %% of %d requests answered by the cache\n", 100 * n["HIT"] / all, all }'
}

printf 'one copy, no cache:  '
per_second $((port + 1)) 3000
printf 'nginx in front:      '
per_second "$port" 30000
: > "$dir/access.log"
visit "$port"
printf 'nginx in front:      '
hits "$dir/access.log"

addresses < "$conf/varnish.vcl" > "$dir/varnish.vcl"
varnishd -F -j none -n "$dir/varnish" -a "127.0.0.1:$((port + 3))" -f "$dir/varnish.vcl" \
    > "$dir/varnish.log" 2>&1 &
pids="$pids $!"
ready $((port + 3))
printf 'Varnish in front:    '
per_second $((port + 3)) 30000
count() { varnishstat -n "$dir/varnish" -1 -f "MAIN.$1" | awk '{ print $2 }'; }
before_hit=$(count cache_hit) before_miss=$(count cache_miss)
visit $((port + 3))
# Its threads report their counts with a delay.
for _ in $(seq 50); do
    hit=$(($(count cache_hit) - before_hit)) miss=$(($(count cache_miss) - before_miss))
    [ $((hit + miss)) -lt 5000 ] || break
    sleep 0.1
done
printf 'Varnish in front:    '
awk "BEGIN { printf \"%.1f %% of %d requests answered by the cache\n\", 100 * $hit / ($hit + $miss), $hit + $miss }"
