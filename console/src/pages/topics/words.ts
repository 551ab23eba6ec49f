/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("topics",
  {
    title: "热点", what: "近 180 天内文字相近、类别相同、位置相邻的诉求归为一个热点；热度随时间衰减，三天减半。只计入您可以查看的案卷。",
    heat: "热度", n: "{n} 件", week: "近 7 日 {n} 件，平常 {usual} 件", growth: "增长 ×{n}", repeats: "重复来电 {n} %", cells: "涉及 {n} 个网格",
    parts: "热度的构成", formula: "热度 = 衰减件数 × 增长 × 重复来电 × 扩散", count: "衰减件数 {n}", words: "常用词", daily: "近 30 日每日件数：{list}",
    empty: "目前没有两件以上相近的诉求。", open: "立为每月一题", note: "立题理由", confirm: "立题", opened: "已立题：{number}", project: "已立题",
    cases: "案卷", map: "热点地图", projects: "每月一题专项", none: "还没有专项。从一个热点立题即可开始。",
    before: "立题前", after: "立题后", perWeek: "{n} 件/周", ratio: "前后之比", interval: "95 % 区间 {low}–{high}", early: "立题不足一周或此前没有诉求，尚不能比较。",
    fell: "明显下降", rose: "明显上升", unclear: "变化尚不明确", goal: "目标：减少 {n} %", caveat: "简单前后对比（泊松计数），未扣除季节和其他原因。", week_of: "{day} 起一周：{n} 件",
    effect: "每周诉求量", start: "立题", select: "查看热点 {name}", colon: "：", linked: "相关案卷",
  },
  {
    title: "Hot topics", what: "Complaints of the last 180 days with like words, the same class and places near each other are one topic; heat halves in three days. Only cases you may read count.",
    heat: "heat", n: "{n} cases", week: "{n} in 7 days, usually {usual}", growth: "growth ×{n}", repeats: "{n} % repeat callers", cells: "{n} grids",
    parts: "What the heat is made of", formula: "heat = faded count × growth × repeat callers × spread", count: "faded count {n}", words: "common words", daily: "Cases of each of the last 30 days: {list}",
    empty: "No two cases are alike at present.", open: "Make it a root-cause project", note: "Why this topic", confirm: "Open the project", opened: "Project opened: {number}", project: "has a project",
    cases: "Cases", map: "Map of topics", projects: "Root-cause projects", none: "There is no project yet. Open one from a topic.",
    before: "before", after: "after", perWeek: "{n} a week", ratio: "after : before", interval: "95 % interval {low}–{high}", early: "Less than a week, or no complaints before: nothing to compare yet.",
    fell: "clearly fewer", rose: "clearly more", unclear: "no clear change yet", goal: "goal: {n} % fewer", caveat: "A plain before and after (Poisson counts); seasons and other causes are not taken out.", week_of: "week of {day}: {n}",
    effect: "Complaints a week", start: "project begins", select: "Show the topic {name}", colon: ": ", linked: "Cases behind it",
  },
);

words("triage",
  {
    title: "分类建议", original: "诉求原文（含个人信息，查看已留痕）", because: "依据词语", take: "采用", taken: "已采用", others: "也可能是", unit: "责任单位", basis: "依据 {text}", place: "识别到的位置",
    use: "用这个位置", urgent: "建议紧急程度：{level}", urgentWords: "因为提到 {list}", setUrgent: "标为紧急", demand: "诉求类型：{name}", alike: "说的可能是同一件事",
    like: "相似度 {n} %", abstain: "把握不够，不给建议；请人工选择类别。", cold: "按预置词语建议，尚未从已结案卷学习", learnt: "按本市已结案卷学习的模型 {id}", sure: "{level}（{n} %）",
    kinds: { crossing: "路口", thing: "设施或建筑", road: "道路", area: "区域" },
  },
  {
    title: "Suggestion", original: "The caller's own words (personal details; a receipt was kept)", because: "because of", take: "Take it", taken: "Taken", others: "or perhaps", unit: "Unit in charge", basis: "by {text}", place: "Places in the text",
    use: "Use this place", urgent: "Suggested urgency: {level}", urgentWords: "as it says {list}", setUrgent: "Mark as urgent", demand: "Demand: {name}", alike: "Perhaps about the same",
    like: "{n} % alike", abstain: "Not sure enough to suggest a class; please choose one.", cold: "by written words; nothing learnt from closed cases yet", learnt: "model {id}, learnt from the city's closed cases", sure: "{level} ({n} %)",
    kinds: { crossing: "crossing", thing: "facility or building", road: "road", area: "area" },
  },
);
