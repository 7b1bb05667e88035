import { checkBytes, checkChoice, checkObjectName, checkWhole, type Problem } from "../../problems";
import { checkAmounts } from "../../workloads/web-server/checks";
import { checkJobName } from "../job-name";
import type { TrainingJobArgs } from "../training-job";
import { mostGpus } from "./job";

/** Examples to learn from, as components/apps/training/digits.py has them. */
export const examples = { mnist: 60000, synthetic: 12000 } as const;

/** Problems with the arguments of a training. */
export function checkTraining(args: TrainingJobArgs): Problem[] {
    const sizes = [
        ...checkWhole("workers", args.workers, 1, 1000),
        ...checkWhole("gpusPerWorker", args.gpusPerWorker, 0, mostGpus),
        ...checkChoice("data", args.data, Object.keys(examples)),
        ...checkWhole("batch", args.batch, 1, 60000),
    ];
    return [
        ...checkJobName("app", args.app),
        ...sizes,
        ...(sizes.length === 0 ? checkBatch(args) : []),
        ...checkSimulated(args),
        ...checkWhole("epochs", args.epochs, 1, 1000000),
        ...checkWhole("steps", args.steps, 1, 1000000000),
        ...checkLength(args),
        ...checkWhole("checkpointEvery", args.checkpointEvery, 1, 1000000000),
        ...checkWhole("logEvery", args.logEvery, 1, 1000000000),
        ...checkBytes("storage.size", args.storage?.size),
        ...checkObjectName("storage.storageClass", args.storage?.storageClass),
        ...checkAmounts("cpu", args.cpu),
        ...checkAmounts("memory", args.memory),
        ...checkWhole("retries", args.retries, 0, 1000),
        ...checkWhole("ttlSeconds", args.ttlSeconds, 0, 31536000),
    ];
}

/** A step takes a batch for each process, and no example twice. */
function checkBatch({
    workers = 2,
    gpusPerWorker = 0,
    data = "mnist",
    batch = 64,
}: TrainingJobArgs): Problem[] {
    const processes = workers * Math.max(1, gpusPerWorker);
    const most = Math.floor(examples[data] / processes);
    return batch <= most
        ? []
        : [
              {
                  property: "batch",
                  given: batch,
                  allowed: `at most ${most}: ${processes} processes share ${examples[data]} examples`,
                  fix: "choose a smaller batch, or fewer workers",
              },
          ];
}

function checkSimulated({ simulated, gpusPerWorker = 0 }: TrainingJobArgs): Problem[] {
    return simulated && gpusPerWorker === 0
        ? [
              {
                  property: "simulated",
                  given: simulated,
                  allowed: "nothing, where a worker has no GPUs",
                  fix: "leave out simulated, or set gpusPerWorker",
              },
          ]
        : [];
}

function checkLength({ epochs, steps }: TrainingJobArgs): Problem[] {
    return epochs !== undefined && steps !== undefined
        ? [
              {
                  property: "epochs",
                  given: epochs,
                  allowed: "nothing, where steps says how long it is",
                  fix: "leave out epochs, or steps",
              },
          ]
        : [];
}
