#!/bin/bash
# What the kubelet asks of the server:
#
#   probe.sh start   ends well when the model is loaded, or else has answered with one token; until then it goes on trying
#   probe.sh ready   whether the model is loaded
#   probe.sh alive   whether the server answers at all; a model that has gone from memory is loaded again
#
# A server with a loaded model is ready without a question. A question would wait with all others for a slot, and a server
# that is well and busy would be taken out. And whoever gives up on a load ends it, so loads are asked for by those alone
# who have all the time that there is for one: `start`, and `alive`, which the kubelet takes for a server that hangs when
# that time is over.
# The image has no program that speaks HTTP; bash does.
#
# Environment: MODEL, PORT.

ask() {
    exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return 1
    printf '%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
    cat <&3
    exec 3>&-
}
export -f ask

# What is answered at once or not at all.
soon() {
    timeout 5 bash -c 'ask GET "$1" ""' soon "$1"
}

loaded() {
    grep -qF -e "\"model\":\"$MODEL\"" -e "\"model\":\"$MODEL:latest\"" <<<"$1"
}

answers() {
    ask POST /api/generate "{\"model\":\"$MODEL\",\"prompt\":\"Hello\",\"stream\":false,\"options\":{\"num_predict\":1}}" |
        grep -qF '"done":true'
}

case $1 in
start)
    until loaded "$(soon /api/ps)" || answers; do
        sleep 1
    done
    ;;
ready)
    loaded "$(soon /api/ps)"
    ;;
alive)
    # Three times, as one that fails is not asked again: it may have taken all the time there is.
    soon / >/dev/null || { sleep 5 && soon / >/dev/null; } || { sleep 5 && soon / >/dev/null; } || exit 1
    # A server that loads, for a client, may not answer this; `ready` takes it out.
    models=$(soon /api/ps) || exit 0
    # Without a prompt it is loaded and nothing is asked of it: a question would wait for a slot.
    loaded "$models" || ask POST /api/generate "{\"model\":\"$MODEL\",\"stream\":false}" >/dev/null
    ;;
*)
    echo "probe.sh: was given \"$1\"; allowed: start, ready, alive"
    exit 2
    ;;
esac
