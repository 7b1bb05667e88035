import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { authority, type Identity, serviceAccountKeys } from "./certificates";
import { network, type Ports } from "./network";
import { operatorStages, stages } from "./simulation";

/**
 * Writes everything under the node's /etc/kubernetes: certificates, one
 * kubeconfig per client, and the files that kubelet, containerd, the network
 * plugin and the API server read. Returns the host's kubeconfig.
 */
export async function writeConfiguration(etc: string, cgroup: string, ports: Ports): Promise<string> {
    await mkdir(join(etc, "cni"), { recursive: true });
    const ca = await authority("kubernetes");
    const frontProxy = await authority("front-proxy");
    const inside = `https://${network.nodeAddress}:${network.apiServerPort}`;
    const client = async (subject: string, server = inside) =>
        kubeconfig(server, ca.certificate, await ca.issue(subject));
    const serviceAccount = serviceAccountKeys();
    const files: Record<string, string> = {
        "ca.crt": ca.certificate,
        "ca.key": ca.key,
        ...pair("apiserver", await ca.issue("CN=kube-apiserver", apiServerNames)),
        ...pair(
            "apiserver-kubelet-client",
            await ca.issue("CN=kube-apiserver-kubelet-client,O=system:masters"),
        ),
        ...pair("kubelet", await ca.issue(`CN=${network.nodeName}`, [network.nodeName, network.nodeAddress])),
        "front-proxy-ca.crt": frontProxy.certificate,
        ...pair("front-proxy-client", await frontProxy.issue("CN=front-proxy-client")),
        "service-account.key": serviceAccount.key,
        "service-account.pub": serviceAccount.publicKey,
        "encryption.yaml": encryption(),
        "controller-manager.kubeconfig": await client("CN=system:kube-controller-manager"),
        "scheduler.kubeconfig": await client("CN=system:kube-scheduler"),
        "proxy.kubeconfig": await client("CN=system:kube-proxy"),
        "kwok.kubeconfig": await client("CN=kwok,O=system:masters"),
        "stages.yaml": stages,
        ...Object.fromEntries(
            Object.entries(operatorStages).map(([operator, own]) => [
                `${operator}-stages.yaml`,
                own.map((stage) => stringify(stage)).join("---\n"),
            ]),
        ),
        "kubelet.kubeconfig": await client(`CN=system:node:${network.nodeName},O=system:nodes`),
        "kubelet.yaml": stringify(kubeletConfiguration(cgroup)),
        "proxy.yaml": stringify(proxyConfiguration),
        "containerd.toml": containerdConfiguration,
        "cni/10-bridge.conflist": JSON.stringify(bridge, null, 4),
        // No name outside the cluster can be resolved: the node has no network but its own.
        "resolv.conf": "",
    };
    // Keys and kubeconfigs are for the owner only.
    for (const [name, content] of Object.entries(files))
        await writeFile(join(etc, name), content, { mode: 0o600 });
    return client("CN=kubernetes-admin,O=system:masters", `https://127.0.0.1:${ports["api-server"]}`);
}

const apiServerNames = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
    network.kubernetesService,
    network.nodeAddress,
    "127.0.0.1",
];

function pair(name: string, identity: Identity): Record<string, string> {
    return { [`${name}.crt`]: identity.certificate, [`${name}.key`]: identity.key };
}

function kubeconfig(server: string, ca: string, identity: Identity): string {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "embedded",
        contexts: [{ name: "embedded", context: { cluster: "embedded", user: "embedded" } }],
        clusters: [{ name: "embedded", cluster: { server, "certificate-authority-data": base64(ca) } }],
        users: [
            {
                name: "embedded",
                user: {
                    "client-certificate-data": base64(identity.certificate),
                    "client-key-data": base64(identity.key),
                },
            },
        ],
    });
}

/** Secrets, generated passwords among them, are encrypted before etcd writes them to disk. */
function encryption(): string {
    const keys = [{ name: "at-start", secret: randomBytes(32).toString("base64") }];
    return stringify({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "EncryptionConfiguration",
        resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys } }, { identity: {} }] }],
    });
}

export function kubeletConfiguration(cgroup: string): object {
    return {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        address: network.nodeAddress,
        authentication: {
            anonymous: { enabled: false },
            webhook: { enabled: true },
            x509: { clientCAFile: "/etc/kubernetes/ca.crt" },
        },
        authorization: { mode: "Webhook" },
        tlsCertFile: "/etc/kubernetes/kubelet.crt",
        tlsPrivateKeyFile: "/etc/kubernetes/kubelet.key",
        containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
        clusterDNS: [network.dnsService],
        clusterDomain: "cluster.local",
        resolvConf: "/etc/kubernetes/resolv.conf",
        // Process 1 need not be systemd, and cgroup v1 will do.
        cgroupDriver: "cgroupfs",
        cgroupRoot: `/${cgroup}`,
        failCgroupV1: false,
        // The node shares the machine with everything else on it: nothing to enforce on the node as a whole.
        enforceNodeAllocatable: [],
        // A negative score needs CAP_SYS_RESOURCE, which may be missing.
        oomScoreAdj: 0,
        // Images come from this machine's disk; there is no registry to spare.
        serializeImagePulls: false,
        registryPullQPS: 0,
        eventRecordQPS: 0,
        // Small ones, which the usual 110 is not about; there are addresses for 254.
        maxPods: 200,
        kubeAPIQPS: 200,
        kubeAPIBurst: 400,
        // The disk is the user's: images imported at start must survive a nearly full one.
        imageGCHighThresholdPercent: 100,
        imageGCLowThresholdPercent: 99,
        evictionHard: { "memory.available": "100Mi", "nodefs.available": "1Gi", "imagefs.available": "1Gi" },
        makeIPTablesUtilChains: false,
        volumePluginDir: "/var/lib/kubelet/volume-plugins", // its default place is read-only here
    };
}

const proxyConfiguration = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clientConnection: { kubeconfig: "/etc/kubernetes/proxy.kubeconfig" },
    clusterCIDR: network.podCidr,
    hostnameOverride: network.nodeName,
    oomScoreAdj: 0,
    // Connection tracking limits belong to the host's kernel, not to a namespace: leave them alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    nftables: { syncPeriod: "30s", minSyncPeriod: "100ms" },
};

// restrict_oom_score_adj: without it, and without CAP_SYS_RESOURCE, every sandbox
// fails with "can't get final child's PID from pipe".
const containerdConfiguration = `version = 2
oom_score = 0
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
restrict_oom_score_adj = true
tolerate_missing_hugetlb_controller = true
disable_apparmor = true
disable_tcp_service = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/etc/kubernetes/cni"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`;

const bridge = {
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
        {
            type: "bridge",
            bridge: "cni0",
            isGateway: true,
            hairpinMode: true, // a pod that calls its own Service
            ipam: {
                type: "host-local",
                ranges: [[{ subnet: network.podCidr }]],
                routes: [{ dst: "0.0.0.0/0" }],
            },
        },
        { type: "portmap", capabilities: { portMappings: true } },
    ],
};
