#!/bin/bash
# Ends when the server has nothing to do any more, which the kubelet waits for before it stops it: Ollama breaks off every
# answer when it is told to stop, and has no count of those that it works on. The kernel has: connections to its port from
# outside the pod, one for each request, since the proxy keeps none open.
#
# Environment: PORT; DRAIN_SECONDS, until all know that this server goes.

sleep "$DRAIN_SECONDS"

# Of the kernel's tables: this port, established (01), and not from within, by IPv4, also within IPv6, or by IPv6.
port=$(printf ':%04X' "$PORT")
within='0100007F|00000000000000000000000001000000'
while cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    grep -E "^ *[0-9]+: [0-9A-F]+$port [0-9A-F]+:[0-9A-F]{4} 01 " |
    grep -qvE "^ *[0-9]+: [0-9A-F]*($within):"; do
    sleep 1
done
