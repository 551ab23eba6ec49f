/** ECharts with what only history charts need. */
import { LineChart, ScatterChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as historyEngine from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

historyEngine.use([
  LineChart, ScatterChart, DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer,
]);

export { historyEngine };
