# shellcheck shell=bash disable=SC2154
# The sessions of office.pcap, in order. Sourced by record.sh, whose in_client,
# SERVER_IP, NS_CLIENT and work it uses. Each session has a client port of its
# own, so that its row in sessions.tsv names its flow.

port=41000

# note APP SERVER_PORT attack|- WHAT
note() { printf '%s\t%s\t%s\t%s\t%s\n' "$port" "$2" "$1" "$3" "$4" >>"$work/sessions.tsv"; }

# http WHAT CURL-ARGUMENT...
http() {
	note http 80 - "$1"
	shift
	request "$@"
}

request() {
	in_client curl -s --local-port "$port" --max-time 20 \
		--resolve "shop.example:80:$SERVER_IP" --resolve "shop.example:443:$SERVER_IP" \
		--resolve "shop.example:8080:$SERVER_IP" "$@" >/dev/null || true
	port=$((port + 1))
}

# tls WHAT CURL-ARGUMENT...
tls() {
	note tls 443 - "$1"
	shift
	request --cacert "$work/cert.pem" "$@"
}

# sql attack|- WHAT STATEMENTS: the client chooses its port from a range of one.
sql() {
	note sql 3306 "$1" "$2"
	set_knob "$NS_CLIENT" net/ipv4/ip_local_port_range "$port $port"
	in_client mariadb --no-defaults --skip-ssl --host="$SERVER_IP" --port=3306 \
		--user=app --database=shop -e "$3" >/dev/null
	set_knob "$NS_CLIENT" net/ipv4/ip_local_port_range '32768 60999'
	port=$((port + 1))
}

site=http://shop.example
head -c 1 /dev/zero | tr '\0' 'y' >"$work/one"
head -c 5000 /dev/urandom | base64 -w 0 >"$work/form"
head -c 100000 /dev/urandom >"$work/upload"

http 'GET of a page' "$site/"
http 'GET with a body of 1 byte' "$site/one.txt"
http 'four requests on one connection' "$site/" "$site/one.txt" "$site/missing" "$site/items.json"
tls 'TLS 1.3, GET of a page' https://shop.example/
sql - 'a query with one row' "SELECT name, price FROM items WHERE id = 2"
http 'HEAD' -I "$site/items.json"
http 'POST with a body of 1 byte' --data-binary "@$work/one" "$site/submit"
http 'POST of a form' --data-urlencode 'comment=It'\''s a trade union, and I select it' "$site/submit"
http 'POST of 6.7 KB' --data-binary "@$work/form" "$site/submit"

note http 80 attack 'GET with SQL injection in its query (UNION SELECT)'
request "$site/item?id=1%27%20UNION%20SELECT%20password%20FROM%20users--"

tls 'TLS 1.2, four requests on one connection' --tls-max 1.2 \
	https://shop.example/ https://shop.example/one.txt https://shop.example/missing https://shop.example/items.json
http 'a download of 120 KB' "$site/picture.jpg"
http 'POST of 100 KB' --data-binary "@$work/upload" "$site/submit"
sql - 'three queries, one with OR' \
	"SELECT COUNT(*) FROM users; SELECT * FROM items WHERE price < 10 OR stock = 0; UPDATE items SET stock = stock - 1 WHERE id = 4"
http 'a compressed answer, sent in chunks' --compressed "$site/items.json"
http 'HTTP/1.0' -0 "$site/"

sql attack 'SQL injection: a condition that is always true' "SELECT * FROM users WHERE name='' OR '1'='1'"

# Two downloads at a time, so that flows lie interleaved in the capture.
http 'a download of 40 KB beside another' --limit-rate 200k "$site/manual.pdf" &
beside=$!
port=$((port + 1))
tls 'TLS 1.3, a download of 40 KB beside another' --limit-rate 200k https://shop.example/manual.pdf
wait "$beside"

sql - 'a result of some KB' "SELECT a.name, b.name FROM items a, items b LIMIT 400"
http 'a download that the client gives up' --max-time 0.4 --limit-rate 20k "$site/picture.jpg"

note other 8080 - 'HTTP on a port that the stack does not match'
request http://shop.example:8080/
