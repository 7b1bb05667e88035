/** What the configuration is made of; durations in HAProxy's notation. */
export interface HaproxyArgs {
    /** Name of the backend: `proxy` of its series. */
    readonly backend: string;
    /** Name under which the cluster's DNS has one address for each ready server. */
    readonly serversName: string;
    readonly serverPort: number;
    readonly slots: number;
    readonly maxServers: number;
    readonly maxQueue: number;
    readonly queueTimeout: string;
    readonly retryAfterSeconds: number;
}

export const proxyPort = 8080;
export const proxyMetricsPort = 9000;

/**
 * The configuration of HAProxy, 2.6 and 3.x.
 *
 * A request passes two stages, within one process: `<backend>`, where it is counted, and `<backend>-queue`, where it
 * waits for a slot of any server. With no server at all HAProxy would answer 503 at once; so the queue has one more,
 * `hold`, which leads back into the queue. The first request that comes while there is no other server takes its only
 * slot, by being sent to `hold` and waiting a second time, and from then on `hold` is full and all wait in turn. As
 * soon as there is a server they go there: `hold` is a backup. The detour of that one request is why there are two
 * stages: counts of the first are those of requests, at any number of servers.
 *
 * An idle server that is never to be used (with `maxqueue` below zero) would do in 2.6; 3.x then hangs, because it takes
 * a queue before idle servers for one that it has to try again at once.
 */
export function haproxyCfg(args: HaproxyArgs): string {
    return [global(args), defaults(args), resolvers, counted(args), queue(args), metrics(args)].join("\n");
}

/** Connections that may be open at a time: those that wait and those that are served, and some to be refused. */
export function mostConnections({ maxQueue, maxServers, slots }: HaproxyArgs): number {
    return maxQueue + maxServers * slots + 500;
}

function global(args: HaproxyArgs): string {
    return `global
    # One thread: one queue, in the order of arrival, and a bound that is never passed.
    nbthread 1
    maxconn ${3 * mostConnections(args)}
    # The hook of the pod has waited already, for as long as there was anything to do.
    hard-stop-after 10s
    lua-load /etc/haproxy/drain.lua
    set-var proc.draining bool(false)
    log stdout format raw local0 notice
`;
}

function defaults({ queueTimeout }: HaproxyArgs): string {
    return `defaults
    mode http
    log global
    option dontlog-normal
    # Nobody waits any more: out of the queue, and no work for a server.
    option abortonclose
    # An answer may take long, and be silent for long.
    timeout client 1h
    timeout server 1h
    timeout http-request 30s
    timeout http-keep-alive 60s
    timeout connect 2s
    timeout queue ${queueTimeout}
    # Only where no connection came about, so that no request is done twice: a server that went a moment ago.
    retries 30
    retry-on conn-failure
    option redispatch 1
`;
}

/** How names are looked up: four times a second, and an old answer rather than none. */
export const resolvers = `resolvers cluster
    parse-resolv-conf
    accepted_payload_size 8192
    resolve_retries 2
    timeout resolve 250ms
    timeout retry 500ms
    hold valid 250ms
    hold nx 0s
    hold obsolete 0s
    # Without DNS the servers stay those that they were.
    hold timeout 24h
    hold refused 24h
    hold other 24h
`;

function counted(args: HaproxyArgs): string {
    const { backend } = args;
    return `frontend ${backend}
    bind :${proxyPort}
    maxconn ${mostConnections(args)}
    option forwardfor
    http-after-response set-header Connection close if { var(proc.draining) -m bool }
    default_backend ${backend}

backend ${backend}
    # The wait in the queue, and then the server's time.
    timeout server 3h
    server queue abns@${backend}-queue
`;
}

function queue(args: HaproxyArgs): string {
    const { backend, serversName, serverPort, slots, maxServers, maxQueue, retryAfterSeconds } = args;
    const refusal = `status 503 content-type text/plain`;
    const retryAfter = `hdr Retry-After ${retryAfterSeconds}`;
    return `frontend ${backend}-queue
    bind abns@${backend}-queue
    http-request return ${refusal} string "The queue is full.\\n" ${retryAfter} if { queue(${backend}-queue) ge ${maxQueue} }
    default_backend ${backend}-queue

# The way back of the one request at hold.
frontend ${backend}-held
    bind abns@${backend}-held
    default_backend ${backend}-queue

backend ${backend}-queue
    balance leastconn
    # A connection for each request: none is left to a server that goes.
    option http-server-close
    # For hold, behind which a request waits once more: an hour, and an hour for the server.
    timeout server 2h
    http-error ${refusal} string "No server was free in time.\\n" ${retryAfter}
    # Else the first backup would take more than it has slots.
    option allbackups
    # A server that takes no connection is out at once, and in again with its next check: those that wait go on waiting.
    default-server check inter 1s fastinter 250ms downinter 250ms fall 2 rise 1
    default-server observe layer4 error-limit 1 on-error mark-down
    default-server maxconn ${slots} resolvers cluster resolve-prefer ipv4 init-addr none
    server-template server 1-${maxServers} ${serversName}:${serverPort}
    server hold abns@${backend}-held backup no-check maxconn 1
`;
}

function metrics({ backend }: HaproxyArgs): string {
    return `frontend ${backend}-metrics
    bind :${proxyMetricsPort}
    option dontlog-normal
    monitor-uri /healthz
    http-request use-service lua.drain if { path /drain }
    # Without the servers of the template that no pod has taken.
    http-request set-query scope=frontend&scope=backend&scope=server&no-maint if { path /metrics }
    http-request use-service prometheus-exporter if { path /metrics }
`;
}
