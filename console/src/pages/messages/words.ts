/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("messages",
  {
    title: "消息",
    unread: "{n} 条未读",
    all: "全部",
    onlyUnread: "只看未读",
    readAll: "全部标为已读",
    empty: "还没有消息。督办、催办、到期提醒和升级会出现在这里。",
    emptyUnread: "没有未读消息。",
    open: "打开案卷",
    new: "未读",
    more: "更多",
    kinds: {
      told: "通知", warn: "即将到期", overdue: "已超期", escalated: "升级", review: "复核", call: "叫应",
    },
  },
  {
    title: "Messages",
    unread: "{n} unread",
    all: "All",
    onlyUnread: "Unread only",
    readAll: "Mark all as read",
    empty: "No messages yet. Instructions, reminders, deadlines and escalations appear here.",
    emptyUnread: "Nothing unread.",
    open: "Open the case",
    new: "Unread",
    more: "More",
    kinds: {
      told: "Notice", warn: "Nearly due", overdue: "Overdue", escalated: "Escalated", review: "Review", call: "Call",
    },
  },
);
