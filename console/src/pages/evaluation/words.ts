/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("evaluation",
  {
    title: "评价", sheets: "评价对象", period: "时段", from: "自", to: "至", thisMonth: "本月", lastMonth: "上月", week: "近 7 日", year: "本年",
    export: "导出", print: "打印", name: "名称", empty: "这个时段没有可评价的对象。请换一个时段。", none: "没有您可以查看的评价表。",
    own: "您只看到本人的一行；查看全部需要评价权限。", unranked: "按名称排列，不作排名。", sorted: "按「{name}」排列", unsort: "恢复按名称",
    unconfirmed: "待核实", grade: "{grade} 级 {word}", grades: { A: "优", B: "良", C: "中", D: "较差", E: "差" },
    dash: "“—” 表示分母为零，无从评价，不计作零分。", definition: "定义", source: "来源", settings: "参数", parts: "构成", weight: "权重 {n} %",
    counts: "计数", cases: "案卷", casesOf: "{name}：{n} 件", excused: "申诉成立后调整的案卷", more: "再看一些", noCases: "没有案卷。", close: "收起",
    like: { title: "附近可能已有同一问题的案卷", anyway: "不是同一问题，另立一案", join: "并入后由主案一并处置；本案的编号、时限和答复保留。", failed: "已登记，但未能并案：{why}" },
    target: "目标 {n}", what: "这些数字是什么", toggle: "查看 {name} 的 {figure}",
  },
  {
    title: "Evaluation", sheets: "What is evaluated", period: "Period", from: "From", to: "To", thisMonth: "This month", lastMonth: "Last month", week: "Last 7 days", year: "This year",
    export: "Export", print: "Print", name: "Name", empty: "Nothing can be evaluated in this period. Choose another.", none: "There is no sheet that you may see.",
    own: "You see your own row; seeing all needs the right to evaluate.", unranked: "In order of name, without a ranking.", sorted: "In order of “{name}”", unsort: "Back to names",
    unconfirmed: "to be confirmed", grade: "Grade {grade}, {word}", grades: { A: "excellent", B: "good", C: "fair", D: "poor", E: "bad" },
    dash: "“—” means that nothing can be judged (the denominator is zero); it is never zero points.", definition: "Definition", source: "Source", settings: "Settings", parts: "Made of", weight: "weight {n} %",
    counts: "Counts", cases: "Cases", casesOf: "{name}: {n} cases", excused: "Cases changed by an accepted objection", more: "Some more", noCases: "No cases.", close: "Close",
    like: { title: "This may have been reported already", anyway: "Not the same: open a case of its own", join: "Joined, it is handled with the main case and keeps its own number, clock and answer.", failed: "It is registered, but could not be joined: {why}" },
    target: "target {n}", what: "What these numbers are", toggle: "Look at {figure} of {name}",
  },
);
