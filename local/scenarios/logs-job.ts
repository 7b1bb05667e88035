import { containerSecurity, podSecurity, resources } from "../../components/conventions";
import { devImages } from "../../stacks/dev-images";

/** Made for a run, and removed after it; its lines stay in the store for as long as all others. */
export const linesNamespace = "log-lines";

/** What is written: by each of so many pods so many lines a second. */
export interface LinesPlan {
    readonly pods: number;
    readonly perSecond: number;
    readonly seconds: number;
}

/** Of all pods together. */
export function plannedLines({ pods, perSecond, seconds }: LinesPlan): number {
    return pods * perSecond * seconds;
}

/** Numbered lines, each at its time, whatever the ones before took. */
export const linesProgram = `
import sys, time
count, rate = int(sys.argv[1]), float(sys.argv[2])
start = time.monotonic()
for number in range(count):
    time.sleep(max(0, start + number / rate - time.monotonic()))
    print(f"line {number:06d}", flush=True)
`;

/** A Job whose pods write them. */
export function linesJob(name: string, { pods, perSecond, seconds }: LinesPlan) {
    const args = [perSecond * seconds, perSecond].map(String);
    return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name, namespace: linesNamespace },
        spec: {
            parallelism: pods,
            completions: pods,
            backoffLimit: 0,
            template: {
                metadata: { labels: { "app.kubernetes.io/name": "log-lines" } },
                spec: {
                    restartPolicy: "Never",
                    automountServiceAccountToken: false,
                    securityContext: podSecurity,
                    containers: [
                        {
                            name: "writer",
                            image: devImages.python,
                            imagePullPolicy: "IfNotPresent",
                            command: ["python3", "-c", linesProgram, ...args],
                            securityContext: containerSecurity,
                            resources: resources(["10m", "200m"], ["16Mi", "64Mi"]),
                        },
                    ],
                },
            },
        },
    };
}
