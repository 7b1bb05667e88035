import { amountOf } from "../../autoscaling/autoscaler/quantity";
import { checkWhole, type Problem } from "../../problems";
import type { HashServerArgs } from "../hash-server";
import { checkAmounts } from "../web-server/checks";
import { hashBytes, hashResources } from "./pod";

/** Bytes that the program takes without a hash. */
const programBytes = 20 * 2 ** 20;

/** The most that the program accepts for a hash. */
const mostBytes = 2 ** 30;

/** Problems with what a hash costs: scrypt's own rules, and whether it fits into a pod. */
export function checkCost(args: HashServerArgs): Problem[] {
    const { n, r, p, slots, memory } = args;
    const found = [
        ...checkPowerOfTwo(n),
        ...checkWhole("r", r, 1, 64),
        ...checkWhole("p", p, 1, 1024),
        ...checkWhole("slots", slots, 1, 1000),
        ...checkAmounts("memory", memory),
    ];
    return found.length > 0 ? found : checkFits(args);
}

function checkPowerOfTwo(given: number | undefined): Problem[] {
    const right =
        given === undefined || (Number.isInteger(Math.log2(given)) && given >= 2 && given <= 2 ** 20);
    return right
        ? []
        : [
              {
                  property: "n",
                  given,
                  allowed: "a power of two from 2 to 1048576",
                  fix: "choose one such as 16384; the time of a hash is in proportion to it, and so is its memory",
              },
          ];
}

function checkFits(args: HashServerArgs): Problem[] {
    const { n = 16384, r = 5, slots = 1 } = args;
    const each = hashBytes(args);
    if (each > mostBytes) {
        return [
            {
                property: "r",
                given: r,
                allowed: `at most ${Math.floor(mostBytes / 128 / n)} with n ${n}: 1 GiB for a hash`,
                fix: "lower r or n; p makes a hash longer and no larger",
            },
        ];
    }
    const { memory } = hashResources(args).limits as { memory: string };
    const needed = slots * each + programBytes;
    return (amountOf(memory) ?? 0) >= needed
        ? []
        : [
              {
                  property: "memory[1]",
                  given: memory,
                  allowed: `at least ${Math.ceil(needed / 2 ** 20)}Mi: each of the slots takes 128 * n * r bytes`,
                  fix: "raise it, or lower n, r or slots",
              },
          ];
}
