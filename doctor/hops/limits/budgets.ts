import { conditionOf } from "../../chain/pod-health";
import { selectorText, selects } from "../../chain/selectors";
import { broken, type Judgement, ok } from "../../judgement";
import { valueOr } from "../../read/answer";
import type { Budget } from "../../read/objects-around";
import type { Snapshot } from "../../snapshot";

/** Disruption budgets let pods of the target move: what never does holds up drains and every scale-down of nodes. */
export function judgeBudgets({ subject, target, around }: Snapshot): Judgement {
    const labels = target.object.ok ? target.object.value.spec?.template?.metadata?.labels : undefined;
    const own = valueOr(around.budgets, []).filter(({ spec }) => selects(spec.selector, labels));
    const { namespace } = subject;
    if (own.length > 1) {
        const names = own.map(({ metadata }) => metadata.name).join(", ");
        return broken(
            `several PodDisruptionBudgets select the same pods, so none of these can be evicted: ${names}`,
            `Delete all but one: \`kubectl -n ${namespace} get pdb\`.`,
            own.map(describe),
        );
    }
    const [budget] = own;
    if (!budget) return ok([]);
    const name = `PodDisruptionBudget ${namespace}/${budget.metadata.name}`;
    const failed = conditionOf(budget.status?.conditions, "DisruptionAllowed");
    if (failed?.reason === "SyncFailed") {
        return broken(
            `${name} cannot be worked out: ${failed.message}`,
            "Use maxUnavailable, or a target with a scale.",
            describe(budget),
        );
    }
    const most = subject.hpa?.spec.maxReplicas ?? subject.scaledObject?.spec.maxReplicaCount;
    if (neverAllows(budget, most)) {
        return broken(
            `${name} never lets a pod go, so nodes cannot be drained or scaled down`,
            "Set maxUnavailable to 1 in its place.",
            describe(budget),
        );
    }
    const tight = budget.status?.disruptionsAllowed === 0 && (budget.status.expectedPods ?? 0) > 0;
    return ok(describe(budget), tight ? [`${name} allows no disruption now`] : []);
}

/** Whether no number of healthy pods would ever be enough for one to go. */
function neverAllows({ spec }: Budget, most: number | undefined): boolean {
    const { minAvailable, maxUnavailable } = spec;
    if (maxUnavailable !== undefined) return Number.parseInt(String(maxUnavailable), 10) === 0;
    if (typeof minAvailable === "string" && minAvailable.endsWith("%"))
        return Number.parseInt(minAvailable, 10) >= 100;
    return most !== undefined && most > 1 && Number(minAvailable) >= most;
}

function describe({ metadata, spec, status }: Budget): string {
    const rule =
        spec.maxUnavailable !== undefined
            ? `maxUnavailable ${spec.maxUnavailable}`
            : `minAvailable ${spec.minAvailable}`;
    return `PodDisruptionBudget ${metadata.name} (${selectorText(spec.selector)}): ${rule}, ${status?.disruptionsAllowed ?? 0} may go now`;
}
