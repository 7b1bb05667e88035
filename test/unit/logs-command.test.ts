import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { logQuery, milliseconds, searchProblems, shown } from "../../local/commands/logs";
import { linesOf, queryLines } from "../../local/loki";

const answer = {
    data: {
        result: [
            {
                stream: { namespace: "queue", pod: "consumer-1", container: "consumer" },
                values: [
                    ["1700000000000000003", "third"],
                    ["1700000000000000001", '{"message": "first"}'],
                ] as const,
            },
            {
                stream: { namespace: "queue", pod: "consumer-2", container: "consumer" },
                values: [["1700000000000000002", "second"]] as const,
            },
        ],
    },
};

describe("make logs", () => {
    it("asks for a namespace, pods whose names begin so, and a text, whatever is in it", () => {
        assert.equal(logQuery({ namespace: "queue", since: "10m" }), '{namespace="queue"}');
        assert.equal(
            logQuery({ namespace: "queue", pod: "consumer-7.x", since: "10m", match: 'a "b" \\d' }),
            '{namespace="queue",pod=~"consumer-7\\\\.x.*"} |= "a \\"b\\" \\\\d"',
        );
    });

    it("refuses at once all that is wrong, by the names that are given to make", () => {
        assert.deepEqual(searchProblems({ namespace: "queue", pod: "consumer", since: "90s" }), []);
        const wrong = searchProblems({ namespace: "", pod: 'a"}', since: "ten" });
        assert.deepEqual(
            wrong.map(({ property }) => property),
            ["NS", "POD", "SINCE"],
        );
        for (const { allowed, fix } of wrong) assert.ok(allowed && fix);
    });

    it("reads times", () => {
        assert.deepEqual(
            ["500ms", "90s", "10m", "2h", "1d"].map(milliseconds),
            [500, 90_000, 600_000, 7_200_000, 86_400_000],
        );
    });

    it("puts the lines of all pods in their order, to the nanosecond, and leaves JSON as it is", () => {
        const lines = linesOf(answer);
        assert.deepEqual(
            lines.map(({ text }) => text),
            ['{"message": "first"}', "second", "third"],
        );
        assert.equal(
            shown(lines[0] ?? assert.fail()),
            '2023-11-14T22:13:20.000Z consumer-1/consumer {"message": "first"}',
        );
    });

    describe("with a Loki", () => {
        let server: Server;
        let url: string;
        let asked: URLSearchParams | undefined;
        let status = 200;

        before(async () => {
            server = createServer((request, response) => {
                asked = new URL(request.url ?? "", "http://loki").searchParams;
                response.writeHead(status).end(status === 200 ? JSON.stringify(answer) : "parse error\n");
            }).listen(0, "127.0.0.1");
            await new Promise((resolve) => server.once("listening", resolve));
            url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        });

        after(() => server.close());

        it("asks for the last lines of a time", async () => {
            const lines = await queryLines(url, { query: "{a}", from: 1500, to: 2500, limit: 7 });
            assert.equal(lines.length, 3);
            assert.deepEqual(Object.fromEntries(asked ?? []), {
                query: "{a}",
                start: "1500000000",
                end: "2500000000",
                limit: "7",
                direction: "backward",
            });
        });

        it("says what Loki says when it refuses", async () => {
            status = 400;
            const refused = queryLines(url, { query: "{", from: 0, limit: 1 });
            await assert.rejects(refused, /^Error: Loki answered 400: parse error$/);
        });
    });
});
