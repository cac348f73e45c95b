// SPDX-License-Identifier: Apache-2.0
/**
 * One chart on the page: keeps the library's instance, fits it to its box, and lets go of it when it is gone.
 */
import { type ECharts, type EChartsCoreOption, init } from "echarts";

export interface Chart {
  element: HTMLElement;
  /** @param label  what a screen reader says instead of the drawing */
  show(option: EChartsCoreOption, label: string): void;
  dispose(): void;
}

export function makeChart(): Chart {
  const element = document.createElement("div");
  element.className = "canvas";
  element.setAttribute("role", "img");
  let chart: ECharts | undefined;
  const fit = new ResizeObserver(() => chart?.resize());
  fit.observe(element);
  return {
    element,
    show(option, label) {
      element.setAttribute("aria-label", label);
      // The library measures its box, so it must be on the page first.
      chart ??= init(element, null, { renderer: "canvas" });
      chart.setOption(option, { notMerge: true });
    },
    dispose() {
      fit.disconnect();
      chart?.dispose();
      chart = undefined;
    },
  };
}
