/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("procedure",
  {
    title: "流程", list: "处理流程", states: "状态", actions: "动作", open: "在办", older: "按旧版办理", pack: "来自", empty: "没有流程。",
    graph: "流程图", graphHelp: "点选一个动作，看由谁办理、条件、计时和证据；数字是现在处于该状态的在办案卷。", all: "全部动作", choose: "请在图中点选一个动作。",
    from: "从", to: "到", same: "状态不变", who: "由谁办理", automatic: "系统自动办理", side: "（{side}）", conditions: "不能办理的情形", auto: "自动", rules: "规则", asks: "须填写",
    proof: "证据", clocks: "计时", unlike: "监管分离：办过以下动作的人不能办理", final: "不可撤销", begins: "从此开始", turn: "轮到", ending: "结束",
    effect: { start: "开始计时", stop: "停止计时", pause: "暂停计时", resume: "继续计时", restart: "重新计时", extend: "延长时限" },
    limits: "时限", stage: "环节", category: "类别", condition: "立案条件", limit: "时限", source: "依据", by: { city: "本市", pack: "流程" }, mode: "模式：{name}",
    defaults: "默认时限与期限", window: "期限", optional: "只在时限表列出的类别计时", escalate: "超期逐级督办", unconfirmed: "待核实",
    separation: "监管分离", separationHelp: "同一案卷上，同一人不得既办左侧动作又办右侧动作。", numbering: "编号",
    versions: "版本", current: "现行版本", cases: "{n} 件在办", keeps: "这些案卷始终按其立案时的版本办理；以下变化只适用于新案卷。", lost: "已无人有权办理：", noCases: "没有在办案卷。",
    part: { state: "状态", action: "动作", clock: "计时", window: "期限", procedure: "流程" }, change: { gone: "删除", new: "新增", changed: "改变" }, back: "全部流程",
  },
  {
    title: "Procedures", list: "Procedures", states: "States", actions: "Actions", open: "Open", older: "On an older version", pack: "From", empty: "There are no procedures.",
    graph: "Graph", graphHelp: "Choose an action to see who does it, its conditions, clocks and proof. Numbers are the open cases that stand in a state now.", all: "All actions", choose: "Choose an action in the graph.",
    from: "From", to: "To", same: "stays", who: "Done by", automatic: "Done by the platform", side: " ({side})", conditions: "Refused where", auto: "auto", rules: "Rules", asks: "Asks for",
    proof: "Proof", clocks: "Clocks", unlike: "Not by somebody who did", final: "Cannot be undone", begins: "Begins here", turn: "Whose turn", ending: "Ends as",
    effect: { start: "starts", stop: "stops", pause: "stands still", resume: "goes on", restart: "starts again", extend: "grows" },
    limits: "Limits", stage: "Stage", category: "Class", condition: "Condition of filing", limit: "Limit", source: "Source", by: { city: "City", pack: "Procedure" }, mode: "Mode: {name}",
    defaults: "Clocks and windows", window: "window", optional: "only for classes that the limits name", escalate: "Goes up the line to", unconfirmed: "to be confirmed",
    separation: "Separation of duties", separationHelp: "On one case nobody does both the action at the left and the one at the right.", numbering: "Numbers",
    versions: "Versions", current: "current", cases: "{n} open cases", keeps: "These cases keep the version they began with; what is otherwise now holds for new cases only.", lost: "Nobody has the right to do:", noCases: "No open cases.",
    part: { state: "State", action: "Action", clock: "Clock", window: "Window", procedure: "Procedure" }, change: { gone: "gone", new: "new", changed: "changed" }, back: "All procedures",
  },
);
