/** Of ECharts, what a chart of flows needs. Loaded only where one is shown. */
import { SankeyChart } from "echarts/charts";
import { TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([SankeyChart, TooltipComponent, CanvasRenderer]);

export const chartAt = (at: HTMLElement): ECharts => init(at);
