import {
    proxyMetricsPort,
    proxyPort,
    resolvers,
} from "../../components/workloads/queueing-proxy/haproxy-cfg";

export interface ChoosingProxy {
    /** HAProxy's way to choose. */
    readonly balance: string;
    /** Name under which the cluster's DNS has one address for each ready server. */
    readonly serversName: string;
    readonly serverPort: number;
    readonly servers: number;
}

/**
 * An HAProxy as most are: it chooses a server as soon as a request comes, and has no limit for each. It is there to be
 * compared with QueueingProxy, whose checks, timeouts and connections it has.
 */
export function choosingCfg({ balance, serversName, serverPort, servers }: ChoosingProxy): string {
    return `global
    nbthread 1
    maxconn 8000
    log stdout format raw local0 notice

defaults
    mode http
    log global
    option dontlog-normal
    timeout client 1h
    timeout server 1h
    timeout http-request 30s
    timeout connect 2s
    retries 30
    retry-on conn-failure
    option redispatch 1

${resolvers}
frontend requests
    bind :${proxyPort}
    default_backend servers

backend servers
    balance ${balance}
    option http-server-close
    default-server check inter 1s fastinter 250ms downinter 250ms fall 2 rise 1
    default-server resolvers cluster resolve-prefer ipv4 init-addr none
    # As many points on the ring as that: random draws would meet one server more often than another.
    server-template server 1-${servers} ${serversName}:${serverPort} weight 100

frontend metrics
    bind :${proxyMetricsPort}
    option dontlog-normal
    monitor-uri /healthz
    http-request use-service prometheus-exporter if { path /metrics }
`;
}
