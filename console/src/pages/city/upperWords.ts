/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("upper",
  {
    title: "上级平台", none: "本市没有上级平台。请在 upper.yaml 中写明。", byFile: "只收文件", asked: "最近取单 {at}", never: "启动以来尚未取单",
    taken: "启动以来收 {n} 张", refused: "退回 {n} 张", trouble: "最近一次未成：{why}", reports: "上报", empty: "没有符合条件的上报。",
    states: { waiting: "待报", sent: "已报", failed: "未报成", dropped: "已撤销，不报" }, all: "全部",
    events: {
      taken: "已接收", not_taken: "不能接收", signed: "签收", returned: "退单", contacted: "首次联系", extension_asked: "申请延期", answered: "答复",
      finished: "办结", word_refused: "不能照办",
    },
    number: "上级编号", event: "内容", order: "工单", at: "时间", state: "状态", facts: "所报", retry: "重报", retried: "将重新上报", tries: "试过 {n} 次", search: "上级编号",
  },
  {
    title: "Upper platforms", none: "This city has no upper platform. Name it in upper.yaml.", byFile: "by file only", asked: "last asked {at}", never: "not asked since the start",
    taken: "{n} orders since the start", refused: "{n} refused", trouble: "the last attempt failed: {why}", reports: "Reports", empty: "No reports match.",
    states: { waiting: "Waiting", sent: "Told", failed: "Failed", dropped: "Undone, not told" }, all: "All",
    events: {
      taken: "taken in", not_taken: "cannot be taken", signed: "signed for", returned: "returned", contacted: "first contact", extension_asked: "extension asked", answered: "replied",
      finished: "completed", word_refused: "cannot be followed",
    },
    number: "Their number", event: "What", order: "Order", at: "Time", state: "State", facts: "Told", retry: "Tell again", retried: "It will be told again", tries: "tried {n} times", search: "Their number",
  },
);
