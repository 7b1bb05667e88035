import { createLogUpdate } from "log-update";
import { type ChartView, chartText, type Reading } from "./chart";

export interface LiveView<R extends Reading> {
    add(reading: R): void;
    /** Draws the last state, which then stays on the screen. */
    end(): void;
}

/** Drawing takes a few milliseconds of the process that measures: often enough for the eye, not more. */
const REDRAW_MILLISECONDS = 400;

/** The chart, redrawn in place, on a terminal; elsewhere one line of text per second. */
export function liveView<R extends Reading>(
    view: ChartView<R>,
    stream: NodeJS.WriteStream,
    color: boolean,
): LiveView<R> {
    return stream.isTTY ? drawing(view, stream, color) : lines(view, stream);
}

function drawing<R extends Reading>(
    view: ChartView<R>,
    stream: NodeJS.WriteStream,
    color: boolean,
): LiveView<R> {
    const update = createLogUpdate(stream);
    const readings: R[] = [];
    let timer: NodeJS.Timeout | undefined;
    const draw = () => {
        timer = undefined;
        update(chartText(view, readings, { columns: stream.columns, rows: stream.rows, color }));
    };
    return {
        add(reading) {
            readings.push(reading);
            timer ??= setTimeout(draw, REDRAW_MILLISECONDS);
        },
        end() {
            clearTimeout(timer);
            draw();
            update.done();
        },
    };
}

function lines<R extends Reading>({ status }: ChartView<R>, stream: NodeJS.WritableStream): LiveView<R> {
    let second = -1;
    let last: R | undefined;
    return {
        add(reading) {
            last = reading;
            if (Math.floor(reading.t) > second) {
                second = Math.floor(reading.t);
                last = undefined;
                stream.write(`${status(reading)}\n`);
            }
        },
        end() {
            if (last) {
                stream.write(`${status(last)}\n`);
            }
        },
    };
}
