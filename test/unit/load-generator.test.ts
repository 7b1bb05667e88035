import assert from "node:assert/strict";
import {
    LoadGenerator,
    type LoadGeneratorArgs,
    loadGeneratorOpenings,
    validateLoadGenerator,
} from "../../components/workloads/load-generator";
import { deadlineSeconds } from "../../components/workloads/load-generator/job";
import { object, type Recording, record } from "./support/mocks";
import { missingResources, violations } from "./support/restricted";

const least = { namespace: "shop", url: "http://web.shop.svc", rate: 5 };
const wrong = (args: object) =>
    validateLoadGenerator({ ...least, ...args } as LoadGeneratorArgs).map(({ property }) => property);

describe("LoadGenerator", () => {
    it("accepts the defaults and the bounds", () => {
        assert.deepEqual(wrong({}), []);
        assert.deepEqual(wrong({ rate: 0.01, seconds: 1, connections: 1, timeoutSeconds: 0.1, run: 1 }), []);
        assert.deepEqual(wrong({ rate: 500, seconds: 2000, connections: 1000, timeoutSeconds: 600 }), []);
    });

    it("refuses what is out of range, all at once", () => {
        const given = {
            app: "L",
            url: "https://a",
            method: "PUT",
            rate: 0,
            seconds: 3601,
            connections: 1.5,
            run: -1,
        };
        assert.deepEqual(wrong({ ...given, timeoutSeconds: 601 }), [
            "app",
            "url",
            "method",
            "rate",
            "seconds",
            "connections",
            "timeoutSeconds",
            "run",
        ]);
        assert.deepEqual(wrong({ rate: undefined }), ["rate"]);
    });

    it("refuses more than a million requests", () => {
        const [problem] = validateLoadGenerator({ ...least, rate: 500, seconds: 2001 });
        assert.deepEqual(
            [problem?.property, problem?.allowed],
            ["seconds", "at most 2000 with a rate of 500: a million requests"],
        );
    });

    for (const url of ["", "web.shop.svc", "ftp://web", "http://me:secret@web", "//web"]) {
        it(`refuses the address "${url}"`, () => assert.deepEqual(wrong({ url }), ["url"]));
    }

    it("lets its pods out, and nothing in", () => {
        assert.deepEqual(loadGeneratorOpenings("burst"), [
            {
                name: "burst-out",
                pods: { "app.kubernetes.io/name": "burst" },
                direction: "egress",
                peer: "anywhere",
            },
        ]);
        assert.deepEqual(loadGeneratorOpenings("burst", { namespace: "shop" })[0]?.peer, {
            namespace: "shop",
        });
    });

    describe("resources", () => {
        const nameOf = async (args: object) => {
            let generator: LoadGenerator | undefined;
            await record(() => {
                generator = new LoadGenerator("l", { ...least, ...args });
            });
            return generator?.jobName ?? "";
        };
        let recording: Recording;
        let jobName = "";
        before(async () => {
            recording = await record(() => {
                jobName = new LoadGenerator("l", { ...least, app: "burst", seconds: 30 }).jobName;
            });
        });

        it("are a Job that runs once, ends in time, and that nothing waits for", () => {
            const { metadata, spec } = object(recording, "Job", jobName).inputs;
            assert.match(jobName, /^burst-[0-9a-f]{10}$/);
            assert.deepEqual(metadata.annotations, { "pulumi.com/skipAwait": "true" });
            assert.equal(spec.backoffLimit, 0);
            assert.equal(spec.template.spec.restartPolicy, "Never");
            // Its own time, that of late requests, that of the last answer, and five minutes for its image.
            assert.equal(spec.activeDeadlineSeconds, 30 + 60 + 60 + 300);
            assert.equal(deadlineSeconds({ seconds: 3600, timeoutSeconds: 0.3 }), 3901);
        });

        it("keep to the restricted level, with requests and limits", () => {
            const pod = object(recording, "Job", jobName).inputs.spec.template.spec;
            assert.deepEqual(violations(pod), []);
            assert.deepEqual(missingResources(pod.containers[0]), []);
            assert.equal(pod.automountServiceAccountToken, false);
        });

        it("are another Job where another load is asked for, or the same once more", async () => {
            const usual = await nameOf({});
            assert.equal(await nameOf({ rate: 5, seconds: 60, run: 1 }), usual);
            const names = [usual];
            for (const args of [{ rate: 6 }, { seconds: 61 }, { run: 2 }, { method: "POST" }]) {
                names.push(await nameOf(args));
            }
            assert.equal(new Set(names).size, 5);
        });
    });
});
