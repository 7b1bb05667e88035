import assert from "node:assert/strict";
import { simulatedGpuState } from "../../components";
import { kubectl } from "../../local/cluster";
import { local, underTest, until } from "./support";

/** An error after which a GPU goes on: memory that the program on it does not own. */
const said = simulatedGpuState({ xid: 31 });

/** Until the exporter has seen it, it is scraped, and rules are evaluated again, every 15 s. */
const seconds = 60;

describe("alerts on the GPUs of the dev stack", () => {
    let prometheusUrl: string;

    before(async () => {
        ({ prometheusUrl } = JSON.parse((await local("outputs")).stdout));
    });

    it("fire while the node has an error of its GPUs, for each of them, and then no more", async () => {
        assert.deepEqual(await firing(), []);
        const annotate = (...changes: string[]) =>
            kubectl(underTest, ["annotate", "node", "embedded", ...changes]);
        try {
            await annotate(...Object.entries(said).map(([key, value]) => `${key}=${value}`));
            const gpus = await until("GpuXidError of the node's GPUs", seconds, async () => {
                const found = await firing();
                return found.length > 0 ? found : undefined;
            });
            assert.deepEqual(gpus, ["0", "1", "2", "3", "4", "5", "6", "7"]);
        } finally {
            await annotate(...Object.keys(said).map((key) => `${key}-`));
        }
        await until("the end of GpuXidError", seconds, async () =>
            (await firing()).length === 0 ? true : undefined,
        );
    });

    /** The GPUs of which Prometheus has the alert. */
    async function firing(): Promise<string[]> {
        const query = 'ALERTS{alertname="GpuXidError",alertstate="firing",node="embedded"}';
        const answer = await fetch(`${prometheusUrl}/api/v1/query?${new URLSearchParams({ query })}`);
        assert.equal(answer.status, 200);
        const { data } = (await answer.json()) as { data: { result: { metric: { gpu: string } }[] } };
        return data.result.map(({ metric }) => metric.gpu).sort();
    }
});
