#!/bin/bash
# Says whether the model answers: it is loaded, or else it answers now, with one token, for which it is loaded.
#
# A server with a loaded model is ready without a question. A question would wait with all others for a slot, and a server
# that is well and busy would be taken out. Asking is left to the start, and to a model that has gone from memory.
# The image has no program that speaks HTTP; bash does.
#
# Environment: MODEL, PORT.

ask() {
    exec 3<>"/dev/tcp/127.0.0.1/$PORT" || exit 1
    printf '%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
    cat <&3
    exec 3>&-
}

ask GET /api/ps "" | grep -qF -e "\"model\":\"$MODEL\"" -e "\"model\":\"$MODEL:latest\"" && exit 0
ask POST /api/generate "{\"model\":\"$MODEL\",\"prompt\":\"Hello\",\"stream\":false,\"options\":{\"num_predict\":1}}" |
    grep -qF '"done":true'
