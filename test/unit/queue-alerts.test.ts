import { queueRules } from "../../components/workloads/redis-queue/rules";
import { type AlertCase, itAlerts } from "./support/alert-cases";
import type { FiringAlert, Samples, Stretch } from "./support/promtool";

const rules = queueRules({ namespace: "queue", list: "padok" });
const ofQueue = { namespace: "queue", key: "padok" };
const inNamespace = { namespace: "queue" };
const fires = (alert: string, labels: Readonly<Record<string, string>>): FiringAlert => ({ alert, labels });

const exporter = 'namespace="queue",job="redis-exporter",pod="redis-exporter-0"';
const consumer = (pod: string) =>
    `consumer_messages_consumed_total{namespace="queue",job="consumer",pod="${pod}"}`;

/** [what, messages in the list, what two consumers have consumed, other series, [seconds, alerts that fire]…] */
type Case = readonly [
    what: string,
    list: readonly Stretch[],
    consumed: readonly Stretch[],
    more: { readonly up?: readonly Stretch[]; readonly redis?: readonly Stretch[] },
    ...expected: (readonly [at: number, ...FiringAlert[]])[],
];

const whole = 1800;
const stuck = fires("QueueConsumersStuck", ofQueue);
const growing = fires("QueueNotDraining", ofQueue);

const cases: readonly Case[] = [
    ["messages come and are worked off", [["0+0", whole]], [["0+15", whole]], {}, [whole - 15]],
    ["the queue is empty, and nothing is consumed", [[0, whole]], [["900+0", whole]], {}, [whole - 15]],
    ["a long queue shrinks", [["5000-15", whole]], [["0+15", whole]], {}, [whole - 15]],
    ["the queue grows", [["100+5", whole]], [["0+15", whole]], {}, [240], [whole - 15, growing]],
    [
        "it shrinks by hand, and consumers take nothing",
        [["5000-1", whole]],
        [
            ["0+15", 600],
            ["600+0", whole - 600],
        ],
        {},
        [660],
        [whole - 15, stuck],
    ],
    [
        "there are no consumers",
        [["5000-1", whole]],
        [
            ["0+15", 300],
            ["stale", whole - 300],
        ],
        {},
        [whole - 15],
    ],
    [
        "redis is down",
        [
            ["0+0", 600],
            ["stale", whole - 600],
        ],
        [["0+0", whole]],
        {
            redis: [
                [1, 600],
                [0, whole - 600],
            ],
        },
        [630],
        [720, fires("RedisDown", inNamespace)],
    ],
    [
        "the exporter is down",
        [
            ["0+0", 600],
            ["stale", whole - 600],
        ],
        [["0+0", whole]],
        {
            up: [
                [1, 600],
                [0, whole - 600],
            ],
            redis: [
                [1, 600],
                ["stale", whole - 600],
            ],
        },
        [630],
        [720, fires("RedisExporterDown", inNamespace)],
    ],
    [
        "the exporter is gone",
        [
            ["0+0", 600],
            ["stale", whole - 600],
        ],
        [["0+0", whole]],
        {
            up: [
                [1, 600],
                ["stale", whole - 600],
            ],
            redis: [
                [1, 600],
                ["stale", whole - 600],
            ],
        },
        [720, fires("RedisExporterDown", inNamespace)],
    ],
];

describe("alerts on a queue", function () {
    this.timeout(30_000);
    const measured = cases.map(([what, list, consumed, { up, redis }, ...expected]): AlertCase => {
        const samples: Samples = {
            [`up{${exporter}}`]: up ?? [[1, whole]],
            [`redis_up{${exporter}}`]: redis ?? [[1, whole]],
            [`redis_key_size{${exporter},db="db0",key="padok"}`]: list,
            [consumer("consumer-0")]: consumed,
            [consumer("consumer-1")]: consumed,
        };
        return [what, samples, ...expected];
    });
    itAlerts({ queue: rules }, measured, 15, ["redis_items_in_queue"]);
});
