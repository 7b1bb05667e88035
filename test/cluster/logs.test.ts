import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../local/cluster";
import { type LogLine, queryLines } from "../../local/loki";
import { devImages } from "../../stacks/dev-images";
import { local, underTest, until } from "./support";

const namespace = "writers";

/** Writes lines with numbers, so many a second: each at its time, whatever the ones before took. */
const numbers = `
import sys, time
count, rate = int(sys.argv[1]), float(sys.argv[2])
start = time.monotonic()
for number in range(count):
    time.sleep(max(0, start + number / rate - time.monotonic()))
    print(f"line {number:06d}", flush=True)
`;

/** What is not one short line: longer than what the runtime writes at once, a trace of an error, and JSON. */
const odd = `
print("long " + "x" * 40000)
print('Traceback (most recent call last):\\n  File "app.py", line 7, in work\\n    raise ValueError("no")\\n')
print('{"level": "info", "message": "as it is", "nested": {"a": [1, 2]}}')
print("the end", flush=True)
`;

const longest = "x".repeat(40000);

describe("logs on the dev stack", () => {
    let lokiUrl: string;

    before(async () => {
        ({ lokiUrl } = JSON.parse((await local("outputs")).stdout));
        await kubectl(underTest, ["create", "namespace", namespace]);
    });

    after(async () => {
        await kubectl(underTest, ["delete", "namespace", namespace]);
    });

    it("are found by namespace and pod, seconds after they were written", async () => {
        const count = 600;
        await write("steady", numbers, count, 20);
        const delays = await follow("steady", count, 90);
        const sorted = [...delays.values()].sort((a, b) => a - b);
        const share = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] as number;
        console.log(
            `      searchable after ${seconds(share(0.5))} (half of ${count} lines), ${seconds(share(0.95))} (95 %), ${seconds(share(1))} (all)`,
        );
        assert.equal(delays.size, count);
        assert.ok(share(0.95) < 5000, `${share(0.95)} ms`);
        const [line] = await linesOf("steady", "line 000000");
        // With when the collector read it, which Loki adds.
        const {
            pod,
            container,
            node,
            log_iostream: stream,
            observed_timestamp: _,
            ...others
        } = line?.labels ?? {};
        assert.deepEqual([pod, container, node, stream], ["steady", "writer", "embedded", "stdout"]);
        assert.deepEqual(others, { namespace, app: "steady" });
    });

    it("are printed by the command that searches them", async () => {
        const search = ["--namespace", namespace, "--pod", "stea", "--match", "line 000599"];
        const { stdout } = await local("logs", ...search);
        assert.match(stdout, /^\d{4}-\S+Z steady\/writer line 000599$/);
    });

    it("are whole where the runtime has cut them, together where they belong together, and else as they were", async () => {
        await write("odd", odd);
        await until("the last line", 30, async () =>
            (await linesOf("odd", "the end")).length > 0 ? true : undefined,
        );
        const texts = (await linesOf("odd")).map(({ text }) => text);
        assert.deepEqual(
            texts.map((text) => text.replace(longest, "…")),
            [
                "long …",
                'Traceback (most recent call last):\n  File "app.py", line 7, in work\n    raise ValueError("no")\n',
                '{"level": "info", "message": "as it is", "nested": {"a": [1, 2]}}',
                "the end",
            ],
        );
    });

    it("are all there, once, though the collector was deleted and came back", async () => {
        const count = 2000;
        await write("restless", numbers, count, 50);
        await until("the first lines", 30, async () =>
            (await linesOf("restless")).length > 100 ? true : undefined,
        );
        const deleted = Date.now();
        const collectors = ["--namespace=log-collectors", "--selector=app.kubernetes.io/name=log-collector"];
        await kubectl(underTest, ["delete", "pod", ...collectors]);
        await kubectl(underTest, [
            "--namespace=log-collectors",
            "rollout",
            "status",
            "daemonset/log-collector",
        ]);
        console.log(`      without a collector for ${seconds(Date.now() - deleted)}`);
        await assertAll("restless", count, 90);
    });

    it("are all there, once, when one pod writes a thousand a second", async () => {
        const count = 20_000;
        await write("busy", numbers, count, 1000);
        await assertAll("busy", count, 120);
    });

    /** A pod that runs a program in Python, whose container is called `writer`. */
    async function write(name: string, program: string, ...args: number[]): Promise<void> {
        const pod = {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name, namespace, labels: { "app.kubernetes.io/name": name } },
            spec: {
                restartPolicy: "Never",
                containers: [
                    {
                        name: "writer",
                        image: devImages.python,
                        imagePullPolicy: "IfNotPresent",
                        command: ["python3", "-c", program, ...args.map(String)],
                    },
                ],
            },
        };
        await kubectl(underTest, ["apply", "--filename=-"], JSON.stringify(pod));
    }

    function linesOf(pod: string, match = "", from = Date.now() - 300_000, to = Date.now() + 1000) {
        const query = `{namespace="${namespace}",pod="${pod}"} |= "${match}"`;
        return queryLines(lokiUrl, { query, from, to, limit: 5000 });
    }

    /** How long each line took until a search had it, in milliseconds; of as many lines. */
    async function follow(pod: string, count: number, mostSeconds: number): Promise<Map<bigint, number>> {
        const delays = new Map<bigint, number>();
        await until(`${count} lines of ${pod}`, mostSeconds, async () => {
            const lines = await linesOf(pod, "", Date.now() - 20_000);
            const now = Date.now();
            for (const { time } of lines)
                if (!delays.has(time)) delays.set(time, now - Number(time / 1_000_000n));
            return delays.size >= count ? true : undefined;
        });
        return delays;
    }

    /** Fails unless every number is there, and none twice, some seconds after the last one. */
    async function assertAll(pod: string, count: number, mostSeconds: number): Promise<void> {
        const last = `line ${String(count - 1).padStart(6, "0")}`;
        await until(`the last line of ${pod}`, mostSeconds, async () =>
            (await linesOf(pod, last)).length > 0 ? true : undefined,
        );
        // What the collector has kept of before may come after the last one.
        await sleep(5000);
        const lines = await everyLine(pod);
        const texts = new Set(lines.map(({ text }) => text));
        const missing = Array.from({ length: count }, (_, i) => i).filter(
            (number) => !texts.has(`line ${String(number).padStart(6, "0")}`),
        );
        console.log(
            `      ${lines.length} lines, ${missing.length} lost, ${lines.length - texts.size} twice`,
        );
        assert.deepEqual(missing, []);
        assert.equal(lines.length, count);
    }

    /** All lines of a pod, by the second: an answer has five thousand at most. */
    async function everyLine(pod: string): Promise<LogLine[]> {
        const started = await kubectl(underTest, [
            `--namespace=${namespace}`,
            "get",
            "pod",
            pod,
            "--output=jsonpath={.status.startTime}",
        ]);
        const found: LogLine[] = [];
        for (let from = Date.parse(started); from < Date.now(); from += 1000)
            found.push(...(await linesOf(pod, "", from, from + 1000)));
        return found;
    }
});

function seconds(milliseconds: number): string {
    return `${(milliseconds / 1000).toFixed(1)} s`;
}
