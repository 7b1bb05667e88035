import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { network } from "./network";
import { operatorStages } from "./simulation";

/** Folders of finished artifacts as the node sees them, below /opt. */
export interface Programs {
    readonly kubernetes: string;
    readonly etcd: string;
    /** Simulates nodes and pods in place of a kubelet, which is then not started. */
    readonly kwok?: string | undefined;
}

/** What whoever starts a cluster may choose of its programs. */
export interface NodeSettings {
    /**
     * How often the controller-manager looks at every autoscaler. Kubernetes' default is 15s; here seconds of reaction are
     * what is shown and measured. @default "1s"
     */
    readonly hpaSyncPeriod: string;
}

export const defaultSettings: NodeSettings = { hpaSyncPeriod: "1s" };

/**
 * Writes one runit service per program of the node: a folder with a `run`
 * script. They start together; each waits for, or is restarted until, the one
 * it needs. Read them to see how a Kubernetes node is put together.
 */
export async function writeServices(dir: string, programs: Programs, settings: NodeSettings): Promise<void> {
    for (const [name, command] of Object.entries(commands(programs, settings))) {
        await mkdir(join(dir, name), { recursive: true });
        await writeFile(join(dir, name, "run"), runScript(name, command));
        await chmod(join(dir, name, "run"), 0o755);
    }
}

export function runScript(name: string, command: readonly string[]): string {
    return `#!/bin/sh\nexec ${command.join(" \\\n    ")} >>/var/log/${name}.log 2>&1\n`;
}

/** Each program with its arguments, by the name of its service. */
export function commands(
    programs: Programs,
    settings: NodeSettings = defaultSettings,
): Record<string, string[]> {
    return programs.kwok === undefined
        ? { ...controlPlane(programs, settings, []), ...nodePrograms(programs) }
        : {
              ...controlPlane(programs, settings, withoutWebhooks),
              kwok: simulator(programs.kwok),
              ...Object.fromEntries(
                  Object.keys(operatorStages).map((operator, index) => [
                      `kwok-${operator}`,
                      operatorSimulator(programs.kwok as string, operator, 10248 + index),
                  ]),
              ),
          };
}

const etc = "/etc/kubernetes";

/** No simulated pod answers, so every call of a webhook would fail, and with it what it is asked about. */
const withoutWebhooks = [
    "--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
] as const;

function simulator(kwok: string): string[] {
    const stages = simulatedStages.map((stage) => `--config=/opt/${kwok}/stage/${stage}`);
    return [
        `/opt/${kwok}/kwok`,
        `--kubeconfig=${etc}/kwok.kubeconfig`,
        ...stages,
        `--config=${etc}/stages.yaml`,
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        "--node-lease-duration-seconds=40",
        `--cidr=${network.podCidr}`,
        "--server-address=127.0.0.1:10247",
    ];
}

/** Does for custom resources what their operators' simulated pods do not. Tries each second until their kinds are there. */
function operatorSimulator(kwok: string, operator: string, port: number): string[] {
    const program = [
        `exec /opt/${kwok}/kwok`,
        `--kubeconfig=${etc}/kwok.kubeconfig`,
        `--config=${etc}/${operator}-stages.yaml`,
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=none",
        `--server-address=127.0.0.1:${port}`,
    ];
    return ["/bin/sh -c 'sleep 1;", ...program, "'"];
}

/** KWOK's own: a node is Ready, a pod on it runs at once, that of a Job completes, a claim gets a volume, what is deleted goes. */
const simulatedStages = [
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-complete.yaml",
    "pod/fast/pod-delete.yaml",
    "volume/fast/pvc-provision.yaml",
    "volume/fast/pvc-delete.yaml",
    "volume/fast/pv-bind.yaml",
    "volume/fast/pv-delete.yaml",
];

function nodePrograms(programs: Programs): Record<string, string[]> {
    return {
        containerd: ["/usr/bin/containerd", `--config=${etc}/containerd.toml`, "--log-level=warn"],
        kubelet: [
            `/opt/${programs.kubernetes}/kubelet`,
            `--config=${etc}/kubelet.yaml`,
            `--kubeconfig=${etc}/kubelet.kubeconfig`,
            `--hostname-override=${network.nodeName}`,
            `--node-ip=${network.nodeAddress}`,
        ],
        "kube-proxy": [`/opt/${programs.kubernetes}/kube-proxy`, `--config=${etc}/proxy.yaml`],
    };
}

/** Lets a HorizontalPodAutoscaler have no replicas, where its metric is not that of its pods. Alpha in this version. */
const scaleToZero = "--feature-gates=HPAScaleToZero=true";

function controlPlane(
    programs: Programs,
    settings: NodeSettings,
    apiServerFlags: readonly string[],
): Record<string, string[]> {
    const kubernetes = (program: string, ...flags: string[]) => [
        `/opt/${programs.kubernetes}/${program}`,
        ...flags,
    ];
    return {
        etcd: [
            `/opt/${programs.etcd}/etcd`,
            "--data-dir=/var/lib/etcd",
            "--listen-client-urls=http://127.0.0.1:2379",
            "--advertise-client-urls=http://127.0.0.1:2379",
            "--listen-peer-urls=http://127.0.0.1:2380",
            // The data lives as long as the node does, so a power cut has nothing to spoil.
            "--unsafe-no-fsync",
            "--log-level=warn",
        ],
        "kube-apiserver": kubernetes(
            "kube-apiserver",
            `--advertise-address=${network.nodeAddress}`,
            `--secure-port=${network.apiServerPort}`,
            `--service-cluster-ip-range=${network.serviceCidr}`,
            "--etcd-servers=http://127.0.0.1:2379",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            "--anonymous-auth=true",
            `--client-ca-file=${etc}/ca.crt`,
            `--tls-cert-file=${etc}/apiserver.crt`,
            `--tls-private-key-file=${etc}/apiserver.key`,
            `--kubelet-certificate-authority=${etc}/ca.crt`,
            `--kubelet-client-certificate=${etc}/apiserver-kubelet-client.crt`,
            `--kubelet-client-key=${etc}/apiserver-kubelet-client.key`,
            "--kubelet-preferred-address-types=InternalIP",
            `--requestheader-client-ca-file=${etc}/front-proxy-ca.crt`,
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            `--proxy-client-cert-file=${etc}/front-proxy-client.crt`,
            `--proxy-client-key-file=${etc}/front-proxy-client.key`,
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            `--service-account-key-file=${etc}/service-account.pub`,
            `--service-account-signing-key-file=${etc}/service-account.key`,
            `--encryption-provider-config=${etc}/encryption.yaml`,
            "--profiling=false",
            scaleToZero,
            ...apiServerFlags,
        ),
        "kube-controller-manager": kubernetes(
            "kube-controller-manager",
            `--kubeconfig=${etc}/controller-manager.kubeconfig`,
            `--authentication-kubeconfig=${etc}/controller-manager.kubeconfig`,
            `--authorization-kubeconfig=${etc}/controller-manager.kubeconfig`,
            "--controllers=*,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller",
            `--root-ca-file=${etc}/ca.crt`,
            `--cluster-signing-cert-file=${etc}/ca.crt`,
            `--cluster-signing-key-file=${etc}/ca.key`,
            `--service-account-private-key-file=${etc}/service-account.key`,
            "--use-service-account-credentials=true",
            // One of each: nobody to elect, and no lease to write every two seconds.
            "--leader-elect=false",
            `--horizontal-pod-autoscaler-sync-period=${settings.hpaSyncPeriod}`,
            scaleToZero,
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            "--profiling=false",
        ),
        "kube-scheduler": kubernetes(
            "kube-scheduler",
            `--kubeconfig=${etc}/scheduler.kubeconfig`,
            `--authentication-kubeconfig=${etc}/scheduler.kubeconfig`,
            `--authorization-kubeconfig=${etc}/scheduler.kubeconfig`,
            "--leader-elect=false",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
            "--profiling=false",
        ),
    };
}
