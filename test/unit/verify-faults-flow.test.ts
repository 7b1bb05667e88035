import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Flow, levels } from "../../local/verify/faults/flow";

describe("the flow of messages under a fault", () => {
    let counters: { queued: number; published: number; consumed: number };
    let refusing: boolean;
    let server: Server;
    let flow: Flow;

    beforeEach(async () => {
        counters = { queued: 0, published: 0, consumed: 0 };
        refusing = false;
        server = createServer((request, response) => {
            const [, verb, count] = (request.url ?? "").split("/");
            if (refusing) response.writeHead(503);
            else if (verb === "publish") {
                counters.published += Number(count);
                counters.queued += Number(count);
            }
            response.end(JSON.stringify(verb === "publish" ? {} : counters));
        });
        await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
        flow = new Flow(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 40);
    });
    afterEach(async () => {
        await flow.stop();
        server.close();
    });

    const consume = (messages: number) => {
        counters.queued -= messages;
        counters.consumed += messages;
    };

    it("publishes nothing until it is asked to, then fills the queue and keeps it full", async () => {
        await sleep(150);
        assert.equal(counters.published, 0);
        flow.level = "calm";
        await sleep(150);
        assert.equal(counters.queued, levels.calm);
        consume(20);
        await sleep(200);
        assert.equal(counters.queued, levels.calm);
    });

    it("knows how low the queue was, without the time before it was full", async () => {
        flow.level = "calm";
        await sleep(150);
        consume(30);
        await sleep(200);
        assert.equal(flow.lowest, levels.calm - 30);
    });

    it("goes on after the producer did not answer", async () => {
        refusing = true;
        flow.level = "calm";
        await sleep(150);
        refusing = false;
        await sleep(200);
        assert.equal(counters.queued, levels.calm);
    });

    it("is drained when every message is counted, and not while a consumer still holds one", async () => {
        flow.level = "calm";
        await sleep(150);
        const draining = flow.drain(20);
        let drained = false;
        void draining.then(() => {
            drained = true;
        });
        counters.queued = 0;
        counters.consumed = levels.calm - 1;
        await sleep(400);
        assert.equal(drained, false);
        counters.consumed++;
        assert.deepEqual(await draining, { queued: 0, published: levels.calm, consumed: levels.calm });
    });

    it("gives up on messages that never come back, and tells how many", async () => {
        flow.level = "calm";
        await sleep(150);
        counters.queued = 0;
        counters.consumed = 50;
        const { published, consumed } = await flow.drain(0.1);
        assert.deepEqual([published, consumed], [levels.calm, 50]);
    });
});
