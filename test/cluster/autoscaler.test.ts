import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { benchDeployment } from "../../local/scale/deployment";
import { Drive } from "../../local/scale/drive";
import { furtherSubjects } from "../../local/scale/further-subjects";
import { Observer } from "../../local/scale/observe";
import { allSubjects, namespaceOf, type Subject } from "../../local/scale/subjects";
import { addressesOf } from "../../local/scale/surroundings";
import { runnerDeployer } from "../../local/verify/deployer";
import { underTest } from "./support";

/** Every signal, on every back end that reads it differently. */
const subjects = [...allSubjects(1).filter(({ settings }) => settings === "ours"), ...furtherSubjects];

/** Seconds for which replicas have to stay as they are while the demand does. */
const holdSeconds = 15;

/** What is measured over a time, and not counted, wavers: one replica more or less is right. */
const slackOf = ({ demand }: Subject) => (demand === "rate" ? 1 : 0);

/** What was seen of one autoscaler: replicas after more demand, each that it had while that stayed, and after it went. */
interface Course {
    up: number;
    held: number[];
    down: number;
}

describe("autoscalers on the dev stack", () => {
    const courses = new Map<string, Course>();
    const deployer = runnerDeployer("");
    const deployment = benchDeployment(underTest, subjects);
    let drive: Drive;
    let observer: Observer;

    before(async () => {
        const { failures } = await deployer.up(deployment);
        assert.deepEqual(failures, []);
        observer = new Observer(underTest.kubeconfig);
        await observer.follow(namespaceOf.ours);
        drive = await Drive.start(underTest);
        const { order } = await addressesOf(underTest, ["ours"]);
        const started = performance.now();
        await Promise.all(
            subjects.map(async (subject) =>
                courses.set(
                    subject.name,
                    await course(subject, (amount) => drive.set(order(subject, amount))),
                ),
            ),
        );
        console.log(`      all signals at once took ${((performance.now() - started) / 1000).toFixed(0)} s`);
    });

    after(async () => {
        drive?.stop();
        await observer?.stop();
        const { failures } = await deployer.destroy(deployment);
        assert.deepEqual(failures, []);
    });

    async function course(subject: Subject, set: (amount: number) => Promise<void>): Promise<Course> {
        const { name, base, goal, from, to } = subject;
        const now = () => observer.replicas(name).desired;
        await set(from);
        // Others begin at one in any case; from zero it has to go there first.
        if (base === 0) await observer.until(name, ({ desired }) => desired === 0, 180_000);
        await set(to);
        // The first value comes once Prometheus has read the rules: the kubelet hands them over each minute or so.
        await observer.until(name, ({ desired }) => desired >= goal, 180_000);
        const up = now();
        const held = [up];
        const look = ({ desired }: { desired: number }) => held.push(desired);
        observer.on(name, look);
        await sleep(holdSeconds * 1000);
        observer.off(name, look);
        await set(from);
        await observer.until(name, ({ desired }) => desired === base, 120_000);
        return { up, held, down: now() };
    }

    for (const subject of subjects) {
        const { name, title, backend, base, goal } = subject;
        it(`${title}, ${backend}: scales up, holds, and scales down`, () => {
            const { up, held, down } = courses.get(name) ?? assert.fail("it was not tried");
            const slack = slackOf(subject);
            assert.ok(Math.abs(up - goal) <= slack, `went to ${up} replicas, and ${goal} are wanted`);
            const strayed = held.filter((replicas) => Math.abs(replicas - goal) > slack);
            assert.deepEqual(strayed, [], `had ${held} replicas while the demand stayed`);
            assert.equal(down, base);
        });
    }

    it("gives the same replicas on prometheus-adapter and KEDA", () => {
        const pairs = subjects
            .filter(({ backend }) => backend === "prometheus-adapter")
            .map((subject) => ({
                subject,
                same: subjects.find(({ title, backend }) => backend === "keda" && title === subject.title),
            }));
        assert.ok(pairs.length >= 6, `only ${pairs.length} signals are on both`);
        for (const { subject, same } of pairs) {
            const last = (name = "") =>
                courses.get(name)?.held.at(-1) ?? assert.fail(`${name} was not tried`);
            const apart = Math.abs(last(subject.name) - last(same?.name));
            assert.ok(apart <= slackOf(subject), `${subject.title}: ${apart} replicas apart`);
        }
    });
});
