# Outlives the AppHost by two seconds at most. It reads, one a line, "+ PID SIGNAL" (a child started) and "- PID" (it
# ended). The end of the input means that the AppHost is gone, however it went: then this ends the children that are left.
exec >/dev/null 2>&1
trap '' INT TERM HUP QUIT
PATH="$PATH:/usr/bin:/bin"
children=
while read -r op pid signal; do
  case $op in
    +) children="$children $pid:$signal" ;;
    -) rest=
       for child in $children; do [ "${child%%:*}" = "$pid" ] || rest="$rest $child"; done
       children=$rest ;;
  esac
done
for child in $children; do kill -"${child##*:}" "${child%%:*}"; done
tries=0
while [ $tries -lt 20 ]; do
  alive=
  for child in $children; do kill -0 "${child%%:*}" && alive=1; done
  [ -z "$alive" ] && break
  sleep 0.1 || break
  tries=$((tries + 1))
done
# Each child leads its own session, so this reaches what it started as well.
for child in $children; do kill -9 "${child%%:*}"; kill -9 -- "-${child%%:*}"; done
