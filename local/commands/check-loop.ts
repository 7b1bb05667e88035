import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../cluster";
import type { Instance } from "../instance";

const messages = 60;

/**
 * Publishes a few messages and waits until the workload has scaled on them, to
 * as many replicas as its ScaledObject says.
 *
 * @throws Error when it has not within `timeoutSeconds`, with what was seen and how to look further.
 */
export async function checkLoop(
    instance: Instance,
    producerPort: number,
    timeoutSeconds = 60,
): Promise<void> {
    const wanted = await wantedReplicas(instance);
    const before = await readyReplicas(instance);
    const answer = await fetch(`http://127.0.0.1:${producerPort}/publish/${messages}`, { method: "POST" });
    if (!answer.ok) throw new Error(`the producer answered ${answer.status}: ${await answer.text()}`);
    const published = Date.now();
    for (;;) {
        const ready = await readyReplicas(instance);
        const seconds = ((Date.now() - published) / 1000).toFixed(1);
        if (ready >= wanted) {
            console.log(
                `\n✔ The loop works: ${messages} messages took the consumer from ${before} to ${ready} ready replicas in ${seconds} s.`,
            );
            return;
        }
        if (Date.now() - published > timeoutSeconds * 1000) {
            throw new Error(
                `The loop does not close: ${messages} messages were published, and ${ready} of ${wanted} consumers are ready after ${seconds} s.\n` +
                    "Look at: kubectl --namespace queue describe scaledobject,hpa,pods",
            );
        }
        await sleep(200);
    }
}

async function wantedReplicas(instance: Instance): Promise<number> {
    const path = "jsonpath={.spec.maxReplicaCount} {.spec.triggers[0].metadata.listLength}";
    const [most = 1, perReplica = 1] = (await get(instance, "scaledobject/consumer", path))
        .split(" ")
        .map(Number);
    return Math.min(most, Math.ceil(messages / perReplica));
}

async function readyReplicas(instance: Instance): Promise<number> {
    return Number(await get(instance, "deployment/consumer", "jsonpath={.status.readyReplicas}"));
}

function get(instance: Instance, object: string, path: string): Promise<string> {
    return kubectl(instance, ["--namespace=queue", "get", object, `--output=${path}`]);
}
