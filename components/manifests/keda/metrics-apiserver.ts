import type { apps, core } from "@pulumi/kubernetes/types/input";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { certificates, podNamespace } from "./certificates";

/** Name of the Deployment, Service and account; the certificates that the operator makes are for this name. */
export const metricsApiserverApp = "keda-metrics-apiserver";

/** The Deployment of the external metrics API: HorizontalPodAutoscalers ask it, it asks the operator. */
export function kedaMetricsApiserverSpec(images: Images): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        selector: { matchLabels: appLabel(metricsApiserverApp) },
        template: {
            metadata: { labels: appLabel(metricsApiserverApp) },
            spec: {
                serviceAccountName: metricsApiserverApp,
                automountServiceAccountToken: true,
                securityContext: podSecurity,
                containers: [metricsApiserverContainer(images)],
                volumes: [
                    { name: "tmp", emptyDir: {} },
                    {
                        name: "certificates",
                        // Named one by one: the Secret exists, empty, before the operator has filled it, and the
                        // pod has to wait until it has.
                        secret: {
                            secretName: certificates.secret,
                            items: ["ca.crt", "tls.crt", "tls.key"].map((key) => ({ key, path: key })),
                        },
                    },
                ],
            },
        },
    };
}

function metricsApiserverContainer(images: Images): core.v1.Container {
    const { path } = certificates;
    return {
        name: metricsApiserverApp,
        image: images.kedaMetricsApiserver,
        imagePullPolicy: "IfNotPresent",
        args: [
            "--secure-port=6443",
            "--zap-log-level=error",
            `--client-ca-file=${path}/ca.crt`,
            `--tls-cert-file=${path}/tls.crt`,
            `--tls-private-key-file=${path}/tls.key`,
            `--cert-dir=${path}`,
        ],
        env: [podNamespace, { name: "WATCH_NAMESPACE", value: "" }],
        ports: [
            { name: "https", containerPort: 6443 },
            { name: "metrics", containerPort: 8080 },
        ],
        readinessProbe: {
            httpGet: { path: "/readyz", port: "https", scheme: "HTTPS" },
            initialDelaySeconds: 1,
            periodSeconds: 2,
        },
        livenessProbe: {
            httpGet: { path: "/healthz", port: "https", scheme: "HTTPS" },
            initialDelaySeconds: 15,
        },
        resources: resources(["20m", "1"], ["64Mi", "512Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            { name: "certificates", mountPath: path, readOnly: true },
        ],
    };
}
