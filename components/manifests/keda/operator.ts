import type { apps, core, rbac } from "@pulumi/kubernetes/types/input";
import { appLabel, containerSecurity, podSecurity, resources } from "../../conventions";
import type { Images } from "../../images";
import { certificates, podNamespace } from "./certificates";

/** Name of the operator's Deployment, Service and account; the certificates that it makes are for this name. */
export const operatorApp = "keda-operator";

/** The operator's Deployment: it polls the event sources and scales from and to zero. */
export function kedaOperatorSpec(images: Images): apps.v1.DeploymentSpec {
    return {
        replicas: 1,
        // One at a time and no leader election: the operator exits once to load its first certificates, and a
        // successor would wait 15 s for the lease that it left behind.
        strategy: { type: "Recreate" },
        selector: { matchLabels: appLabel(operatorApp) },
        template: {
            metadata: { labels: appLabel(operatorApp) },
            spec: {
                serviceAccountName: operatorApp,
                automountServiceAccountToken: true,
                terminationGracePeriodSeconds: 10,
                securityContext: podSecurity,
                containers: [operatorContainer(images)],
                // The operator writes this Secret itself, at its first start.
                volumes: [
                    { name: "certificates", secret: { secretName: certificates.secret, optional: true } },
                ],
            },
        },
    };
}

function operatorContainer(images: Images): core.v1.Container {
    return {
        name: operatorApp,
        image: images.keda,
        imagePullPolicy: "IfNotPresent",
        args: [
            "--zap-log-level=info",
            "--zap-encoder=console",
            "--zap-time-encoding=rfc3339",
            "--enable-cert-rotation=true",
            // No admission webhooks are installed, so there is no configuration of theirs to keep the CA in.
            "--enable-webhook-patching=false",
        ],
        env: [podNamespace, { name: "WATCH_NAMESPACE", value: "" }],
        ports: [
            { name: "metrics", containerPort: 8080 },
            { name: "grpc", containerPort: 9666 },
        ],
        readinessProbe: {
            httpGet: { path: "/readyz", port: 8081 },
            initialDelaySeconds: 1,
            periodSeconds: 2,
        },
        livenessProbe: { httpGet: { path: "/healthz", port: 8081 }, initialDelaySeconds: 25 },
        resources: resources(["50m", "1"], ["128Mi", "1000Mi"]),
        securityContext: containerSecurity,
        volumeMounts: [{ name: "certificates", mountPath: certificates.path, readOnly: true }],
    };
}

const read = ["get", "list", "watch"];
const manage = [...read, "create", "delete", "patch", "update"];
const adjust = [...read, "patch", "update"];

/**
 * Rights of KEDA's own manifest without those that nothing here needs: reading every object of every kind
 * (targets are Deployments and StatefulSets), limit ranges, webhook configurations, leases, and writing to any APIService but its own.
 * Secrets stay readable: a TriggerAuthentication names them in the namespace of its workload.
 */
export const kedaClusterRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["configmaps", "pods", "secrets", "services"], verbs: read },
    { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["list", "watch"] },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
    { apiGroups: ["apps"], resources: ["deployments", "replicasets", "statefulsets"], verbs: read },
    { apiGroups: ["apps"], resources: ["deployments/scale", "statefulsets/scale"], verbs: adjust },
    { apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: read },
    {
        apiGroups: ["apiregistration.k8s.io"],
        resources: ["apiservices"],
        resourceNames: [certificates.apiService],
        verbs: ["patch", "update"],
    },
    { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: manage },
    { apiGroups: ["batch"], resources: ["jobs"], verbs: manage },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
    {
        apiGroups: ["eventing.keda.sh"],
        resources: [
            "cloudeventsources",
            "cloudeventsources/status",
            "clustercloudeventsources",
            "clustercloudeventsources/status",
        ],
        verbs: adjust,
    },
    {
        apiGroups: ["keda.sh"],
        resources: [
            "clustertriggerauthentications",
            "clustertriggerauthentications/status",
            "scaledjobs",
            "scaledjobs/finalizers",
            "scaledjobs/status",
            "scaledobjects",
            "scaledobjects/finalizers",
            "scaledobjects/status",
            "triggerauthentications",
            "triggerauthentications/status",
        ],
        verbs: adjust,
    },
];

/** Rights in its own namespace: the Secret with its certificates. */
export const kedaNamespaceRules: rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: [certificates.secret],
        verbs: ["patch", "update"],
    },
];
