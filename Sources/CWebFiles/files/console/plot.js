// A plot over time, drawn as SVG.

import { draw } from '../dom.js';

const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The smallest round number that is not below `value`: 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, … */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ROUND.map((step) => step * power).find((one) => one >= value && Number.isInteger(one));
}

/**
 * Draws `samples` (`{at, value}`, in order; a null value is a time without a measurement) over the last `span` ms. Values hold
 * until the next sample: they are counts, and a slope between two would be invented.
 */
export function plot(svg, samples, { span, now, gap = Infinity }) {
  const { width, height } = svg.getBoundingClientRect();
  if (!width) return;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const top = roundUp(Math.max(1, ...samples.map(({ value }) => value ?? 0)));
  const x = (at) => round(Math.max(0, width - ((now - at) / span) * width));
  const y = (value) => round(height - 0.5 - (value / top) * (height - 14));
  const children = [
    draw('line', { class: 'top', x1: 0, x2: width, y1: y(top), y2: y(top) }),
    draw('line', { class: 'ground', x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }),
    draw('text', { x: 0, y: y(top) - 4 }, String(top)),
  ];
  for (const run of runs(samples, gap, now)) {
    const steps = run.map(({ at, value }, index) =>
      (index ? `H${x(at)}V${y(value)}` : `M${x(at)},${y(value)}`)).join('');
    const end = x(run.end);
    children.push(
      draw('path', { class: 'area', d: `${steps}H${end}V${height}H${x(run[0].at)}Z` }),
      draw('path', { class: 'line', d: `${steps}H${end}` }));
  }
  svg.replaceChildren(...children);
}

/** The stretches without a gap: without a measurement, or while the computer slept. */
function runs(samples, gap, now) {
  const all = [];
  let run = null;
  for (const sample of samples) {
    if (run && (sample.value === null || sample.at - run.at(-1).at > gap)) {
      run.end = Math.min(run.at(-1).at + gap, sample.at);
      run = null;
    }
    if (sample.value === null) continue;
    if (!run) all.push(run = []);
    run.push(sample);
  }
  if (run) run.end = Math.min(run.at(-1).at + gap, now);
  return all;
}

const round = (value) => Math.round(value * 10) / 10;
