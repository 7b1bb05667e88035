import { courseFigures } from "./figures";
import { followLoad } from "./follow";
import { type LoadPlan, planSeconds } from "./load";
import { coursePicture } from "./picture";
import type { Endpoint, Outcome, Scenario, Stage } from "./scenario";

/** A scenario that puts a load on one workload, and looks what its autoscaler makes of it. */
export interface LoadScenario extends Omit<Scenario, "run" | "needs"> {
    readonly needs: Endpoint;
    /** Its pods have `app.kubernetes.io/name` of this name. */
    readonly target: { readonly namespace: string; readonly name: string };
    /** The autoscaler's limits. */
    readonly replicas: { readonly min: number; readonly max: number };
    /** What the autoscaler acts on. */
    readonly demand: { readonly query: string; readonly unit: string; readonly perReplica: number };
    /** The load on its address; `short` as short as shows the same. */
    readonly plan: (url: string, short: boolean) => LoadPlan;
    /** Replicas that the load asks for, for so many seconds before its end. */
    readonly steady: { readonly from: number; readonly to: number; readonly seconds: number };
    /** Seconds from the start of the load until they are wanted for good, and from its end until there are few again. */
    readonly within: { readonly settleSeconds: number; readonly backSeconds: number };
}

/** The scenario of it. */
export function loadScenario(what: LoadScenario): Scenario {
    const { name, title, shows, needs } = what;
    return {
        name,
        title,
        shows,
        needs,
        run: (stage) => runLoadScenario(what, stage),
    };
}

/** Puts the load on, and judges what became of it. */
export async function runLoadScenario(what: LoadScenario, stage: Stage): Promise<Outcome> {
    const plan = what.plan(stage.url(what.needs), stage.short);
    const course = await followLoad(what, plan, stage);
    return {
        startedAt: course.startedAt,
        figures: courseFigures(what, course),
        picture: (subtitle) => coursePicture(what, course, subtitle),
        data: { plan: { ...plan, seconds: planSeconds(plan.arrivals) }, ...course },
    };
}
