/**
 * Addresses inside the node's own network namespace. They are the same in every
 * instance, because no two instances share a network, and none is on the host.
 */
export const network = {
    nodeName: "embedded",
    /** Neither loopback nor link-local: either would leave the `kubernetes` Service without endpoints. */
    nodeAddress: "10.250.0.1",
    podCidr: "10.244.0.0/24",
    serviceCidr: "10.96.0.0/16",
    kubernetesService: "10.96.0.1",
    dnsService: "10.96.0.10",
    apiServerPort: 6443,
} as const;

/** What is forwarded from 127.0.0.1 of the host, by the port that users of the original program expect. */
export const endpoints = {
    "api-server": { usualPort: 6443, nodePort: network.apiServerPort },
    prometheus: { usualPort: 9090, nodePort: 30090 },
    alertmanager: { usualPort: 9093, nodePort: 30093 },
    producer: { usualPort: 8080, nodePort: 30080 },
    podinfo: { usualPort: 9898, nodePort: 30898 },
    hash: { usualPort: 8000, nodePort: 30800 },
    llm: { usualPort: 11434, nodePort: 30434 },
    gpu: { usualPort: 8001, nodePort: 30801 },
    loki: { usualPort: 3100, nodePort: 30310 },
} as const;

export type EndpointName = keyof typeof endpoints;
/** Host port per endpoint. */
export type Ports = Readonly<Record<EndpointName, number>>;
