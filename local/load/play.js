// What k6 runs: one virtual user, whose event loop sends every request when it is due and does not wait for answers. Other
// executors of k6 have a user for each request under way, and drop requests when there are not enough of them. Each answer
// is a line of the log, {"index", "due", "sent", "ended", "status", "error", "value"}, times in seconds since "started".
import http from "k6/http";

const plan = JSON.parse(open(__ENV.PLAN));

export const options = {
    scenarios: {
        load: {
            executor: "per-vu-iterations",
            vus: 1,
            iterations: 1,
            maxDuration: `${plan.mostSeconds}s`,
            gracefulStop: "0s",
        },
    },
    noConnectionReuse: !plan.reuseConnections,
    // Of idle connections, so many are kept.
    batch: 1000,
    batchPerHost: 1000,
    maxRedirects: 0,
    discardResponseBodies: plan.answerFields === undefined,
    systemTags: [],
};

// A moment in which nothing is due yet, so that the first request is not late.
let started;
const time = () => (Date.now() - started) / 1000;

export default function () {
    started = Date.now() + 200;
    console.log(JSON.stringify({ started }));
    if (plan.at !== undefined) sendWhenDue(0);
    else for (const { from } of plan.phases) setTimeout(enter, (from - time()) * 1000);
}

// The clock has whole milliseconds.
function sendWhenDue(first) {
    let next = first;
    for (; next < plan.at.length && plan.at[next] - time() < 0.001; next++) {
        send(plan.at[next], plan.bodies[next] ?? plan.body, next);
    }
    if (next < plan.at.length) setTimeout(() => sendWhenDue(next), (plan.at[next] - time()) * 1000);
}

const clients = new Set();
let asked = 0;

// Clients that are wanted now and are not there.
function enter() {
    for (let index = 0; index < wanted(); index++) {
        if (!clients.has(index)) keepAsking(index);
    }
}

async function keepAsking(index) {
    clients.add(index);
    for (; index < wanted() && asked < plan.mostRequests; asked++) {
        const status = await send(time(), plan.body);
        // Refused at once, it would be asked without a pause.
        if (status === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    clients.delete(index);
}

function wanted() {
    const now = time() + 0.001;
    return plan.phases.find(({ from, until }) => now >= from && now < until)?.clients ?? 0;
}

async function send(due, body, index) {
    const sent = time();
    const params = { headers: plan.headers, timeout: plan.timeoutSeconds * 1000 };
    let status = 0;
    let error;
    let value;
    try {
        const answer = await http.asyncRequest(plan.method, plan.url, body ?? null, params);
        status = answer.status;
        error = answer.error || undefined;
        value = valueIn(answer.body);
    } catch (thrown) {
        error = String(thrown);
    }
    console.log(JSON.stringify({ index, due, sent, ended: time(), status, error, value }));
    return status;
}

function valueIn(text) {
    if (plan.answerFields === undefined) return undefined;
    try {
        const answer = JSON.parse(text);
        const numbers = plan.answerFields
            .map((name) => answer[name])
            .filter((one) => typeof one === "number");
        return numbers.length > 0 ? numbers.reduce((sum, one) => sum + one, 0) : undefined;
    } catch {
        return undefined;
    }
}
