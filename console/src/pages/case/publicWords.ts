/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("publicSide",
  {
    title: "市民反馈",
    also: "{n} 位邻居也反映",
    said: "报案人评价",
    texts: "已发进度通知（{n} 条）",
    channel: { sms: "短信", email: "邮件", webhook: "推送", console: "站内" },
    state: { sent: "已发送", waiting: "待发送", failed: "发送失败" },
  },
  {
    title: "From the public",
    also: "{n} neighbour also reported it | {n} neighbours also reported it",
    said: "The reporter's verdict",
    texts: "Progress messages ({n})",
    channel: { sms: "SMS", email: "E-mail", webhook: "Webhook", console: "Console" },
    state: { sent: "Sent", waiting: "Waiting", failed: "Failed" },
  },
);
