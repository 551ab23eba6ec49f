/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

/** The page of the model that triage suggests with. */
words("learning",
  {
    title: "智能分拨", what: "模型按诉求文字建议类别；默认由人决定。以下准确率都是在它没有学过的、较晚的已结案卷上检验的。", basis: "依据", model: "模型版本", none: "尚无",
    learntFrom: "学习的已结案卷", until: "最后一件结案于", classes: "可建议的类别", words: "预置词语", measuredOn: "检验的案卷", right: "首选正确", coverage: "给出建议的比例", covered: "给出建议时正确",
    abstain: "低于此置信度不给建议", acceptance: "人员采纳建议", acceptanceOf: "{share}（{n} 件带建议的案卷中 {accepted} 件保留了所建议的类别）", noAcceptance: "还没有带建议的案卷",
    automatic: "自动派单", automaticWhat: "只有本市设置中列出、且检验件数和准确率下限都达到要求的类别，才由系统派单；特急、保密、有危险用语和已有人处理的从不自动派单，派单员可随时收回。",
    off: "本市未对任何类别启用自动派单，全部由人员派单。", done: "已生效", refused: "未生效", wanted: "要求准确率下限", threshold: "置信度门槛", why: "原因", status: "状态",
    precision: "各类别的准确率", category: "类别", n: "建议件数", share: "准确率", interval: "95 % 区间", auto: "自动派单", empty: "尚未检验：已结案卷不足。", least: "至少检验 {n} 件", cases: "{n} 件",
  },
  {
    title: "Triage", what: "The model suggests classes from the words of a complaint; people decide unless a city says otherwise. All precisions are measured on later closed cases that it had not learnt from.", basis: "Basis", model: "Model", none: "none yet",
    learntFrom: "Closed cases learnt from", until: "The last of them closed", classes: "Classes it may suggest", words: "Words written beforehand", measuredOn: "Cases measured on", right: "First choice right", coverage: "Share with a suggestion", covered: "Right where it suggests",
    abstain: "No suggestion below a confidence of", acceptance: "Suggestions people kept", acceptanceOf: "{share} ({accepted} of {n} cases opened with a suggestion kept its class)", noAcceptance: "No case was opened with a suggestion yet",
    automatic: "Automatic dispatch", automaticWhat: "The platform dispatches only classes that the city's settings list and that reach the number of measured cases and the lower end of precision it asks for; never what is critical, confidential, speaks of danger or was touched by a person. A dispatcher may take it back.",
    off: "This city turned automatic dispatch on for no class: people dispatch everything.", done: "in force", refused: "not in force", wanted: "Lower end asked for", threshold: "From a confidence of", why: "Why", status: "Status",
    precision: "Precision by class", category: "Class", n: "Suggestions", share: "Precision", interval: "95 % interval", auto: "Automatic dispatch", empty: "Nothing measured yet: too few closed cases.", least: "at least {n} measured", cases: "{n} cases",
  },
);
