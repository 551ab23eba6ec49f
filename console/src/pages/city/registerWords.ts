/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("register",
  {
    duties: "权责清单", census: "部件普查", search: "类别、区域、部门或依据", kind: "对象", anyKind: "全部对象", past: "含已失效", export: "导出", bring: "导入",
    code: "类别", place: "区域", unit: "处置部门", basis: "依据", since: "起", until: "止", history: "变更", historyOf: "{code} × {place} 的变更", inForce: "有效",
    byCase: "会商案卷 {number}", n: "共 {n} 行", shown: "只列出前 {n} 行，请缩小范围。", empty: "没有符合条件的行。",
    fromFile: "清单尚未入库，现按城市文件夹的 responsibilities.csv 派单。请导入一次。",
    kinds: { component: "部件", matter: "事项", hotline: "热线", service: "服务", other: "其他", "*": "全部" },
    file: "选择 CSV 文件", paste: "或在此粘贴表格", head: "列：kind, code, place, organisation, basis（或 类型、类别代码、区域、处置部门、依据）。先预览，确认后才写入。",
    whole: "这是完整清单：表中没有的行自今日起失效（会商确定的除外）", preview: "预览变更", apply: "确认导入", applied: "已导入",
    changes: { new: "新增", changed: "变更", ended: "失效", same: "不变", refused: "拒绝" }, line: "第 {n} 行", nothing: "没有变更。", cancel: "收起",
    total: "现存 {n} 件", classes: "按小类", grids: "按单元网格", fields: "字段完整度", required: "必填", filled: "已填", source: "表格依据：",
    noThings: "还没有普查部件。用命令 hutong import components 导入 CSV 或 GeoJSON。", type: "类型",
  },
  {
    duties: "Responsibilities", census: "Component census", search: "Class, place, unit or basis", kind: "Of", anyKind: "Everything", past: "Also those that ended", export: "Export", bring: "Import",
    code: "Class", place: "Place", unit: "Unit", basis: "Basis", since: "Since", until: "Until", history: "History", historyOf: "History of {code} × {place}", inForce: "in force",
    byCase: "decided in case {number}", n: "{n} rows", shown: "Only the first {n} are listed; narrow the search.", empty: "No rows match.",
    fromFile: "The list is not stored yet; cases are routed by responsibilities.csv of the city's folder. Import it once.",
    kinds: { component: "components", matter: "matters", hotline: "hotline", service: "services", other: "other", "*": "all" },
    file: "Choose a CSV file", paste: "Or paste the table here", head: "Columns: kind, code, place, organisation, basis. It is previewed first and written only when you confirm.",
    whole: "It is the complete list: rows that are not in it end today (but for what a meeting decided)", preview: "Preview", apply: "Take it in", applied: "Taken in",
    changes: { new: "new", changed: "changed", ended: "ended", same: "the same", refused: "refused" }, line: "line {n}", nothing: "Nothing changes.", cancel: "Close",
    total: "{n} in place", classes: "By class", grids: "By unit grid", fields: "How complete the fields are", required: "mandatory", filled: "filled", source: "Table after ",
    noThings: "Nothing has been surveyed yet. Take a CSV or GeoJSON in with the command hutong import components.", type: "Type",
  },
);
