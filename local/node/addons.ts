import type { KubernetesObject } from "@kubernetes/client-node";
import { endpoints, network, type Ports } from "./network";

const labels = { "k8s-app": "kube-dns" };

const corefile = `.:1053 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    # As kubeadm has it: who follows a headless Service by its name is not to follow what it was half a minute ago.
    cache 30 {
        disable success cluster.local
        disable denial cluster.local
    }
}
`;

/**
 * What belongs to the cluster and not to the program: name resolution, and
 * where the node's ports are reached on the host, for recipes to read.
 */
export function addons(ports: Ports): KubernetesObject[] {
    const inSystem = { namespace: "kube-system" };
    const manifests: (KubernetesObject & Record<string, unknown>)[] = [
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "local-endpoints", namespace: "kube-public" },
            data: Object.fromEntries(
                Object.entries(endpoints).map(([name, { nodePort }]) => [
                    String(nodePort),
                    `http://127.0.0.1:${ports[name as keyof Ports]}`,
                ]),
            ),
        },
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "coredns", ...inSystem } },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRole",
            metadata: { name: "system:coredns" },
            rules: [
                { apiGroups: [""], resources: ["services", "namespaces"], verbs: ["list", "watch"] },
                { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
            ],
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: "system:coredns" },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
            subjects: [{ kind: "ServiceAccount", name: "coredns", ...inSystem }],
        },
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "coredns", ...inSystem },
            data: { Corefile: corefile },
        },
        {
            apiVersion: "v1",
            kind: "Service",
            metadata: { name: "kube-dns", ...inSystem, labels },
            spec: {
                clusterIP: network.dnsService,
                selector: labels,
                ports: [
                    { name: "dns", port: 53, targetPort: 1053, protocol: "UDP" },
                    { name: "dns-tcp", port: 53, targetPort: 1053, protocol: "TCP" },
                    { name: "metrics", port: 9153 },
                ],
            },
        },
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "coredns", ...inSystem, labels },
            spec: {
                replicas: 1,
                selector: { matchLabels: labels },
                template: { metadata: { labels }, spec: corednsPod },
            },
        },
    ];
    return manifests;
}

const corednsPod = {
    serviceAccountName: "coredns",
    priorityClassName: "system-cluster-critical",
    dnsPolicy: "Default",
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
        {
            name: "coredns",
            image: "localhost/coredns:local",
            imagePullPolicy: "IfNotPresent",
            // An unprivileged port: no capability needed to listen on it.
            args: ["-conf", "/etc/coredns/Corefile"],
            resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { memory: "128Mi" } },
            securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
            },
            readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 2 },
            livenessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 30 },
            volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
        },
    ],
    volumes: [{ name: "config", configMap: { name: "coredns" } }],
};
