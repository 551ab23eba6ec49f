/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("registers",
  {
    title: "台账", households: "住户", entries: "{n} 条", all: "全部台账", search: "完整姓名", searchHomes: "编码开头，或完整姓名、电话、地址", code: "地址编码", place: "网格", visited: "最近走访", empty: "没有符合条件的记录。",
    export: "导出 CSV", purpose: "导出用途（随查阅凭证留存）", purposeShort: "请写明用途，至少四个字。", import: "导入表格", importHint: "粘贴 CSV：首列 code（地址编码），其余列用字段名；新住户另加 place（社区编码）。空格不改动。",
    preview: "先看结果", save: "确认导入", row: "行", state: "结果", reason: "原因", states: { new: "新登记", changed: "有改动", same: "无改动", wrong: "有误" }, saved: "已导入 {n} 行。", notSaved: "有误的行改好后才能导入，任何一行都没有写入。",
    history: "历史", version: "第 {n} 版", since: "自 {time}", retired: "{time} 移出", visitOf: "走访 {n}", field: "字段", usedBy: "所属台账", source: "来源", who: "适用", everybody: "全部", receipt: "查看个人信息已留下查阅凭证。", hidden: "已脱敏",
    by: "走访人", filled: "填入", kinds: { visit: "走访", import: "导入", first: "初次登记" }, never: "未走访", members: "人数", head: "户主", more: "再显示一些", back: "返回台账", sentOffline: "手机记于 {time}",
  },
  {
    title: "Registers", households: "Households", entries: "{n} entries", all: "All registers", search: "A whole name", searchHomes: "Start of a code, or a whole name, phone or address", code: "Address code", place: "Grid", visited: "Last visit", empty: "Nothing matches.",
    export: "Export CSV", purpose: "What the table is for (kept with the receipt)", purposeShort: "Say what it is for, in four characters or more.", import: "Take in a table", importHint: "Paste CSV: first column code (of the address), the others by field name; for new dwellings also place (code of the community). Empty cells change nothing.",
    preview: "Show first", save: "Take in", row: "Row", state: "Result", reason: "Reason", states: { new: "new", changed: "changed", same: "same", wrong: "wrong" }, saved: "{n} rows taken in.", notSaved: "Mend the wrong rows first; nothing was written.",
    history: "History", version: "Version {n}", since: "since {time}", retired: "left {time}", visitOf: "Visit {n}", field: "Field", usedBy: "Used by", source: "Asked for by", who: "Holds", everybody: "everybody", receipt: "Reading personal data has left a receipt.", hidden: "masked",
    by: "Visitor", filled: "Filled", kinds: { visit: "visit", import: "import", first: "first entry" }, never: "never visited", members: "People", head: "Head", more: "Show more", back: "Back to the registers", sentOffline: "noted on the phone {time}",
  },
);
