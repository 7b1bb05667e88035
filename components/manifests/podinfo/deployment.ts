import type { apps, core } from "@pulumi/kubernetes/types/input";
import { softAntiAffinity } from "../../anti-affinity";
import { appLabel, containerSecurity, environment, resources } from "../../conventions";
import type { Images } from "../../images";
import { httpPort, podinfoApp, podinfoSecurity } from "../../workloads/podinfo/values";
import type { PodinfoManifestsArgs } from "../podinfo";

/** Where it answers what it does not count: its metrics, and whether it lives. */
export const podinfoMetricsPort = 9797;

/** Seconds for which a pod that is told to stop finishes its requests: its own limit of 30 for one, after 3 of waiting. */
const shutdownSeconds = 35;

/** The Deployment; without `replicas` where those belong to an autoscaler. */
export function podinfoSpec(
    args: Pick<PodinfoManifestsArgs, "replicas" | "autoscaled">,
    images: Images,
): apps.v1.DeploymentSpec {
    const replicas = args.replicas ?? 1;
    return {
        ...(args.autoscaled ? {} : { replicas }),
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
        selector: { matchLabels: appLabel(podinfoApp) },
        template: {
            metadata: { labels: appLabel(podinfoApp) },
            spec: {
                serviceAccountName: podinfoApp,
                automountServiceAccountToken: false,
                // Its Service's PODINFO_PORT would be taken for the port to listen on.
                enableServiceLinks: false,
                terminationGracePeriodSeconds: shutdownSeconds + 5,
                securityContext: podinfoSecurity,
                ...((args.autoscaled || replicas > 1) && {
                    affinity: softAntiAffinity(appLabel(podinfoApp)),
                }),
                containers: [container(images)],
                // What POST /store keeps.
                volumes: [{ name: "data", emptyDir: { sizeLimit: "64Mi" } }],
            },
        },
    };
}

function container(images: Images): core.v1.Container {
    return {
        name: podinfoApp,
        image: images.podinfo,
        imagePullPolicy: "IfNotPresent",
        // By its environment and not by flags: images have the program, and its pages beside it, in different places.
        env: environment(settings),
        ports: [
            { name: "http", containerPort: httpPort },
            { name: "metrics", containerPort: podinfoMetricsPort },
        ],
        // Counted, and once: the counter is there before the first client, whose request would else not be an increase.
        startupProbe: {
            httpGet: { path: "/readyz", port: "http" },
            periodSeconds: 1,
            failureThreshold: 60,
        },
        // Not counted, or a pod at rest would seem to have some requests each minute.
        readinessProbe: { tcpSocket: { port: "http" }, periodSeconds: 2 },
        livenessProbe: { httpGet: { path: "/healthz", port: "metrics" }, periodSeconds: 10 },
        resources: resources(["50m", "1"], ["32Mi", "128Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [{ name: "data", mountPath: "/data" }],
    };
}

const settings = {
    PODINFO_PORT: httpPort,
    PODINFO_PORT_METRICS: podinfoMetricsPort,
    PODINFO_SERVER_SHUTDOWN_TIMEOUT: `${shutdownSeconds}s`,
};
