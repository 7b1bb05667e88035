import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../cluster";
import type { Instance } from "../instance";

const messages = 60;
/** Twenty messages per replica, see stacks: 60 ask for three. */
const replicas = 3;

/**
 * Publishes a few messages and waits until the workload has scaled on them.
 *
 * @throws Error when it has not within `timeoutSeconds`, with what was seen and how to look further.
 */
export async function checkLoop(
    instance: Instance,
    producerPort: number,
    timeoutSeconds = 60,
): Promise<void> {
    const before = await readyReplicas(instance);
    const answer = await fetch(`http://127.0.0.1:${producerPort}/publish/${messages}`, { method: "POST" });
    if (!answer.ok) throw new Error(`the producer answered ${answer.status}: ${await answer.text()}`);
    const published = Date.now();
    for (;;) {
        const ready = await readyReplicas(instance);
        const seconds = ((Date.now() - published) / 1000).toFixed(1);
        if (ready >= replicas) {
            console.log(
                `\n✔ The loop works: ${messages} messages took the consumer from ${before} to ${ready} ready replicas in ${seconds} s.`,
            );
            return;
        }
        if (Date.now() - published > timeoutSeconds * 1000) {
            throw new Error(
                `The loop does not close: ${messages} messages were published, ${ready} of ${replicas} consumers are ready after ${seconds} s.\n` +
                    "Look at: kubectl --namespace queue describe scaledobject,hpa,pods",
            );
        }
        await sleep(200);
    }
}

async function readyReplicas(instance: Instance): Promise<number> {
    const path = "jsonpath={.status.readyReplicas}";
    return Number(
        await kubectl(instance, ["--namespace=queue", "get", "deployment", "consumer", `--output=${path}`]),
    );
}
