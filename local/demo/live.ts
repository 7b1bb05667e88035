import { createLogUpdate } from "log-update";
import { chartText, statusLine } from "./chart";
import type { Sample } from "./queue-result";

export interface LiveView {
    add(sample: Sample): void;
    /** Draws the last state, which then stays on the screen. */
    end(): void;
}

/** Drawing takes a few milliseconds of the process that measures: often enough for the eye, not more. */
const REDRAW_MILLISECONDS = 400;

/** The chart, redrawn in place, on a terminal; elsewhere one line of text per second. */
export function liveView(stream: NodeJS.WriteStream, color: boolean): LiveView {
    return stream.isTTY ? drawing(stream, color) : lines(stream);
}

function drawing(stream: NodeJS.WriteStream, color: boolean): LiveView {
    const update = createLogUpdate(stream);
    const samples: Sample[] = [];
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
        timer = undefined;
        update(chartText(samples, { columns: stream.columns, rows: stream.rows, color }));
    };
    return {
        add(sample) {
            samples.push(sample);
            timer ??= setTimeout(draw, REDRAW_MILLISECONDS);
        },
        end() {
            clearTimeout(timer);
            draw();
            update.done();
        },
    };
}

function lines(stream: NodeJS.WritableStream): LiveView {
    let second = -1;
    let last: Sample | undefined;
    return {
        add(sample) {
            last = sample;
            if (Math.floor(sample.t) > second) {
                second = Math.floor(sample.t);
                last = undefined;
                stream.write(`${statusLine(sample)}\n`);
            }
        },
        end() {
            if (last) {
                stream.write(`${statusLine(last)}\n`);
            }
        },
    };
}
