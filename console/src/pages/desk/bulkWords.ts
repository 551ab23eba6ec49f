/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("bulk",
  {
    title: "批量办理", select: "选择 {number}", selectAll: "全选本页", chosen: "已选 {n} 件", most: "一次最多 {n} 件", clear: "取消选择", choose: "选择动作",
    none: "所选案卷没有可一并办理的动作（需要照片的动作请逐件办理）。", loading: "正在查找可一并办理的动作…", fits: "{label}（{n} 件可办）", some: "其中 {n} 件现在不能这样办理，将逐件说明原因。",
    final: "办理后不可撤销。", send: "办理 {n} 件", busy: "正在办理…", result: "{done} 件已办理，{refused} 件未办理", done: "已办理，现为「{state}」", close: "关闭结果", need: "请填写：{name}", x: "选择或取消",
  },
  {
    title: "Act on many", select: "Select {number}", selectAll: "Select all shown", chosen: "{n} selected", most: "at most {n} at once", clear: "Clear selection", choose: "Choose an action",
    none: "Nothing can be done on these cases together (what needs photos is done case by case).", loading: "Looking for what can be done on all…", fits: "{label} ({n} of them)", some: "{n} of them cannot be handled like this now; each will say why.",
    final: "This cannot be undone.", send: "Do it on {n}", busy: "Working…", result: "{done} done, {refused} not done", done: "Done, now “{state}”", close: "Close results", need: "Please give: {name}", x: "Select or clear",
  },
);
