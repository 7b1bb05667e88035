import { setTimeout as sleep } from "node:timers/promises";
import { Observer } from "../scale/observe";
import { asking } from "../verify/dashboards/ask";
import {
    type Change,
    type Course,
    type CourseReading,
    onLoadClock,
    recentLatency,
    sinceLoad,
} from "./course";
import { type Answer, type LoadPlan, planSeconds } from "./load";
import type { LoadScenario } from "./load-scenario";
import type { Stage } from "./scenario";
import { courseView } from "./view";

/** Seconds that a workload may take to come to rest before a load, at least: its last one may have just ended. */
const usualRestSeconds = 300;

const readingMilliseconds = 1000;

/** Seconds for which is still looked when all is over, so that the pictures show it. */
const afterSeconds = 1;

/**
 * Puts the load on the workload, and follows it until its replicas are as few as before.
 *
 * @throws Error where it does not come to rest before the load, or the load cannot be played.
 */
export async function followLoad(what: LoadScenario, plan: LoadPlan, stage: Stage): Promise<Course> {
    await stage.load.prepare();
    const { namespace, name } = what.target;
    const observer = new Observer(stage.kubeconfig);
    await observer.follow(namespace);
    try {
        await comeToRest(what, observer, stage);
        return await follow(what, plan, stage, observer);
    } finally {
        await observer.stop();
        observer.removeAllListeners(name);
    }
}

async function comeToRest(
    { target, replicas: { min }, within }: LoadScenario,
    observer: Observer,
    { say }: Stage,
): Promise<void> {
    const atRest = ({ desired, ready }: { desired: number; ready: number }) =>
        desired === min && ready === min;
    const now = () => {
        const { desired, ready } = observer.replicas(target.name);
        return `${desired} replicas wanted, ${ready} Ready, at rest ${min}`;
    };
    if (atRest(observer.replicas(target.name))) return;
    const restSeconds = Math.max(usualRestSeconds, within.backSeconds);
    say(`Waiting for ${target.namespace}/${target.name} to come to rest: ${now()}.`);
    if ((await observer.until(target.name, atRest, restSeconds * 1000)) === undefined)
        throw new Error(
            `${target.namespace}/${target.name} did not come to rest within ${restSeconds} s: ${now()}. ` +
                `\`make doctor NAME=${target.namespace}/${target.name}\` says what keeps it.`,
        );
}

async function follow(what: LoadScenario, plan: LoadPlan, stage: Stage, observer: Observer): Promise<Course> {
    const { name } = what.target;
    const { min } = what.replicas;
    const begun = Date.now();
    const now = () => (Date.now() - begun) / 1000;
    const answers: Answer[] = [];
    const readings: CourseReading[] = [];
    const changes: Change[] = [{ t: 0, ...observer.replicas(name) }];
    observer.on(name, ({ desired, ready }: Omit<Change, "t">) => {
        const last = changes.at(-1);
        if (last?.desired !== desired || last.ready !== ready) changes.push({ t: now(), desired, ready });
    });

    const ended = new AbortController();
    const view = stage.draw(courseView(what));
    const reading = read();
    try {
        // When k6 has started is known at its end: until then an answer counts from when it is here.
        const onAnswer = (answer: Answer) => answers.push({ ...answer, ...arrived(answer, now()) });
        const result = await stage.load.run(plan, { onAnswer });
        const few = (replicas: { desired: number; ready: number }) =>
            replicas.desired === min && replicas.ready === min;
        await observer.until(name, few, what.within.backSeconds * 1000);
        await sleep(afterSeconds * 1000);
        const offset = (result.startedAt - begun) / 1000;
        return {
            startedAt: new Date(result.startedAt).toISOString(),
            loadEnd: planSeconds(plan.arrivals),
            readings: onLoadClock(readings, offset, result.answers),
            changes: sinceLoad(changes, offset),
            answers: result.answers,
            planned: result.planned,
            late: result.late,
        };
    } finally {
        ended.abort();
        await reading;
        view.end();
    }

    async function read(): Promise<void> {
        const prometheus = asking(stage.prometheusUrl);
        while (!ended.signal.aborted) {
            const asked = Date.now();
            const demand = await prometheus
                .values(what.demand.query)
                .then(([value = Number.NaN]) => (Number.isNaN(value) ? null : value))
                .catch(() => null);
            const t = now();
            const latest = recentLatency(answers, t) ?? { p50: null, p95: null };
            const one = { t, demand, ...observer.replicas(name), ...latest };
            readings.push(one);
            view.add(one);
            const rest = readingMilliseconds - (Date.now() - asked);
            await sleep(Math.max(0, rest), undefined, { signal: ended.signal }).catch(() => undefined);
        }
    }
}

/** An answer on the clock of who follows it, as long as it took. */
function arrived({ due, sent, ended }: Answer, t: number): Pick<Answer, "due" | "sent" | "ended"> {
    return { due: t - (ended - due), sent: t - (ended - sent), ended: t };
}
