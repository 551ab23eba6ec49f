/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("knowledge",
  {
    title: "知识库", find: "标题、内容或关键词", write: "新增条目", holds: "在用", drafts: "草稿", all: "全部", corrections: "纠错", none: "没有条目。", pick: "选择一条查看。",
    unit: "责任单位", class: "分类", since: "生效", until: "失效", forever: "长期", edition: "第 {n} 版", by: "撰写 {name}", approvedBy: "审核 {name}", keywords: "关键词", source: "依据",
    state: { draft: "草稿", approved: "已发布", withdrawn: "已撤下" }, revises: "修订已发布条目", edit: "修改", revise: "修订", approve: "审核通过", withdraw: "撤下", drop: "放弃草稿",
    approved: "已发布", withdrawn: "已撤下", written: "草稿已保存，待他人审核", wrong: "内容过时或有误", say: "哪里不对", send: "提交", sent: "已转责任单位",
    name: "标题", text: "内容", keywordsHint: "用顿号或空格分开", classHint: "分类编码，可只写前几位", save: "保存草稿", editions: "历史版本", noCorrections: "没有待处理的纠错。",
    done: "已修正", dropped: "不采纳", answer: "处理说明", answered: "已处理", choose: "请选择", notOwn: "须由他人审核。", expired: "不在有效期内",
  },
  {
    title: "Knowledge base", find: "Title, text or keyword", write: "New article", holds: "In use", drafts: "Drafts", all: "All", corrections: "Corrections", none: "No articles.", pick: "Choose one to read.",
    unit: "Kept by", class: "Class", since: "From", until: "Until", forever: "no end", edition: "Edition {n}", by: "written by {name}", approvedBy: "approved by {name}", keywords: "Keywords", source: "Basis",
    state: { draft: "Draft", approved: "Approved", withdrawn: "Withdrawn" }, revises: "Revises an approved article", edit: "Edit", revise: "Revise", approve: "Approve", withdraw: "Withdraw", drop: "Drop the draft",
    approved: "Approved", withdrawn: "Withdrawn", written: "The draft is saved; somebody else approves it", wrong: "Wrong or out of date", say: "What is wrong", send: "Send", sent: "Sent to the unit that keeps it",
    name: "Title", text: "Text", keywordsHint: "Separated by commas or spaces", classHint: "Code of the class, or its beginning", save: "Save the draft", editions: "Earlier editions", noCorrections: "No corrections are waiting.",
    done: "Corrected", dropped: "Not taken up", answer: "What was done", answered: "Answered", choose: "Choose", notOwn: "Somebody else approves it.", expired: "Not in force now",
  },
);
