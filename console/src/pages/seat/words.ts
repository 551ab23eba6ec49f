import { words } from "@/words/area";

export const seat = words(
  {
    title: "坐席", call: "来电", number: "来电号码", ring: "接听", lookup: "只查询", end: "结束通话", talking: "通话中", unknown: "首次来电，没有历史工单。",
    caller: "来电人", shared: "此号码登记过 {names}", orders: "在办工单", past: "历史工单", nonePast: "没有历史工单。", missedHere: "有 {n} 个未接来电待回拨",
    urge: "催办", urged: "已记在工单 {number} 上，未另立工单", urgeNote: "催办内容", missed: "未接来电", returnCall: "回拨", noMissed: "没有未接来电。",
    order: "登记诉求", demand: "诉求类型", class: "归口分类", classHint: "输入名称或编码查找", classNone: "没有这一分类。", text: "诉求内容", textHint: "时间、地点、经过、要求",
    where: "发生地址", pick: "在地图上选点", hideMap: "收起地图", picked: "已选点", clear: "清除", name: "诉求人", urgent: "紧急", anonymous: "匿名", confidential: "保密",
    always: "举报一律保密，承办单位看不到来电人。", suggest: "系统建议", because: "依据：{words}", use: "采用", unsure: "把握不够，仅供参考", alike: "可能重复", join: "并入",
    joined: "已登记并并入 {number}", knowledge: "知识库", knowledgeHint: "边听边查", noneFound: "没有找到。", answerWith: "用此答复", unit: "主办单位", choose: "请选择", answer: "答复内容",
    article: "依据条目：{title}", passOn: "受理", dispatch: "派单", direct: "直接答复办结", transfer: "转接", decline: "不予受理", channel: "应走渠道", tells: "告知来电人",
    done: "已登记工单 {number}", missing: "还缺：{list}", mine: "待我办理", myCalls: "本人接听的工单", noneMine: "没有等您办理的工单。", noneCalls: "还没有。",
    visit: "回访", visits: "待回访", noneVisits: "没有待回访的工单。", reached: "是否联系上", yes: "是", no: "否", contacted: "承办单位联系过您吗", solved: "问题解决了吗",
    satisfaction: "满意程度", satisfied: "满意", basic: "基本满意", dissatisfied: "不满意", said: "诉求人原话", showNumber: "查看号码（留痕）", reopened: "未解决，已转二次办理",
    visited: "回访已记录", notReached: "未联系上，已记录", keys: "F2 来电号码 · F4 诉求内容 · F8 知识库 · Ctrl+Enter 受理", last: "最近", save: "提交", draft: "草稿保存在本机，提交或退出后清除。",
    noDesk: "本市没有热线。请在 city.yaml 的 packs 中加入热线包。",
  },
  {
    title: "Call desk", call: "Call", number: "Caller's number", ring: "Answer", lookup: "Look up only", end: "End the call", talking: "In a call", unknown: "First call, no earlier orders.",
    caller: "Caller", shared: "Known under this number: {names}", orders: "Open orders", past: "Earlier orders", nonePast: "No earlier orders.", missedHere: "{n} missed calls to return",
    urge: "Urge", urged: "Noted on order {number}; no new one was made", urgeNote: "Message", missed: "Missed calls", returnCall: "Call back", noMissed: "No missed calls.",
    order: "The matter", demand: "Type", class: "Class", classHint: "Find by name or code", classNone: "There is no such class.", text: "What it is about", textHint: "When, where, what happened, what is wanted",
    where: "Address", pick: "Point on the map", hideMap: "Hide the map", picked: "Point chosen", clear: "Clear", name: "Caller's name", urgent: "Urgent", anonymous: "Anonymous", confidential: "Confidential",
    always: "A report of a wrong is always confidential: the unit never sees who called.", suggest: "Suggested", because: "Because of: {words}", use: "Use", unsure: "Not sure enough, for orientation only", alike: "Perhaps the same", join: "Join",
    joined: "Recorded and joined to {number}", knowledge: "Knowledge base", knowledgeHint: "Search while you listen", noneFound: "Nothing found.", answerWith: "Answer with this", unit: "Leading unit", choose: "Choose", answer: "Answer",
    article: "From the article: {title}", passOn: "Accept", dispatch: "Dispatch", direct: "Answer and close", transfer: "Put through", decline: "Not accepted", channel: "The right channel", tells: "Tell the caller",
    done: "Order {number} recorded", missing: "Still missing: {list}", mine: "Waiting for me", myCalls: "Orders of my calls", noneMine: "No orders wait for you.", noneCalls: "None yet.",
    visit: "Call back", visits: "To be called back", noneVisits: "Nothing to call back about.", reached: "Was the caller reached", yes: "Yes", no: "No", contacted: "Did the unit contact you", solved: "Is it solved",
    satisfaction: "Satisfaction", satisfied: "Satisfied", basic: "Basically satisfied", dissatisfied: "Not satisfied", said: "The caller's words", showNumber: "Show the number (a receipt is kept)", reopened: "Not solved: it is handled again",
    visited: "The call-back is recorded", notReached: "Not reached; recorded", keys: "F2 number · F4 matter · F8 knowledge base · Ctrl+Enter accept", last: "Latest", save: "Save", draft: "The draft stays on this machine until it is sent or you sign out.",
    noDesk: "This city has no hotline. Add a hotline pack to `packs` in city.yaml.",
  },
);
