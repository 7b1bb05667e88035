import assert from "node:assert/strict";
import { afterFailure, tidied } from "../../local/tidied";

describe("tidying up after work", () => {
    const failing = (why: string) => () => Promise.reject(new Error(why));

    it("comes after it, and leaves its result", async () => {
        const order: string[] = [];
        const work = async () => order.push("work");
        assert.equal(await tidied(work, async () => order.push("tidy")), 1);
        assert.deepEqual(order, ["work", "tidy"]);
    });

    it("comes after work that failed, too", async () => {
        let done = false;
        const tidy = async () => {
            done = true;
        };
        await assert.rejects(tidied(failing("no room"), tidy), /^Error: no room$/);
        assert.ok(done);
    });

    it("is a failure itself where it fails after work that went well", async () => {
        await assert.rejects(
            tidied(async () => 1, failing("still there")),
            /^Error: still there$/,
        );
    });

    it("is told of where it fails after work that failed, whose failure it does not replace", async () => {
        const said: string[] = [];
        const say = (text: string) => said.push(text);
        await assert.rejects(tidied(failing("no room"), failing("still there"), say), /^Error: no room$/);
        await assert.rejects(afterFailure(new Error("no"), failing("twice"), say), /^Error: no$/);
        assert.deepEqual(said, ["still there", "twice"]);
    });
});
