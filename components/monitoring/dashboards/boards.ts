import { type Board, feasible, type Measured } from "./board";
import { clusterBoard } from "./cluster";
import { gpuBoard } from "./gpu";
import { logsBoard } from "./logs";
import { monitoringBoard } from "./monitoring";
import { queueBoard } from "./queue";
import { servingBoard } from "./serving";
import { workloadBoard } from "./workload";

/** Every dashboard with every panel, one for each concern. */
export const boards: readonly Board[] = [
    clusterBoard,
    workloadBoard,
    queueBoard,
    servingBoard,
    gpuBoard,
    logsBoard,
    monitoringBoard,
];

/** The dashboards, and of them the panels, that can show something of what is measured. */
export function feasibleBoards(measured: Measured): Board[] {
    return boards.flatMap((board) => feasible(board, measured) ?? []);
}
