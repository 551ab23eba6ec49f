/** Words of these pages: they come with whatever says them. */
import { words } from "@/words/area";

words("handover",
  {
    title: "交接班", all: "全部岗位", desks: "岗位", shift: "班次", desk: "岗位", state: "状态", open: "在办", overdue: "超期", given: "交班人", taken: "接班人",
    none: "还没有交接班单。换班时（{shifts}）平台自动起草。", noShifts: "本市未设班次。请在 city.yaml 的 shifts 中写明换班时刻。", early: "提前交班", earlyDone: "已起草本班交接班单",
    sheet: "{desk}交接班单", print: "打印", drafted: "起草于 {at}", late: "平台当时未运行，内容以起草时刻为准。", standing: "在办案卷", nothing: "没有在办案卷。",
    judge: "待研判预警", done: "本班办理", notes: "交班人补充", notesHint: "需要下一班留意的事", save: "保存补充", saved: "已保存", sign: "签字交班", take: "确认接班",
    remark: "接班意见（可不填）", signedBy: "交班：{name} {at}", takenBy: "接班：{name} {at}", locked: "双方已签字，不能再改。", willSign: "签字后不能再补充，由下一班确认。",
    willTake: "确认后本单归档，不能再改。", wait: "等待下一班的人确认。", more: "更早的", empty: "无", listed: "{n} 件", notShown: "另有 {n} 件不在您可查看的范围或已超出列出的数目。", back: "全部交接班单",
  },
  {
    title: "Handover", all: "All desks", desks: "Desks", shift: "Shift", desk: "Desk", state: "State", open: "Open", overdue: "Overdue", given: "Handed over by", taken: "Taken over by",
    none: "There is no sheet yet. The platform drafts one when the shift changes ({shifts}).", noShifts: "The city has no shifts. Name the times in `shifts` of city.yaml.", early: "Hand over early", earlyDone: "The sheet of this shift is drafted",
    sheet: "Handover sheet: {desk}", print: "Print", drafted: "drafted {at}", late: "The platform was down then; the content is of the time it was drafted.", standing: "Open cases", nothing: "No open cases.",
    judge: "Warnings to judge", done: "Done in the shift", notes: "Notes of the one who goes", notesHint: "What the next shift should look after", save: "Save notes", saved: "Saved", sign: "Sign and hand over", take: "Confirm",
    remark: "Remark (optional)", signedBy: "Handed over: {name} {at}", takenBy: "Taken over: {name} {at}", locked: "Both have signed; nothing changes any more.", willSign: "After signing nothing can be added; the next shift confirms it.",
    willTake: "After that the sheet is filed and cannot be changed.", wait: "The next shift has to confirm it.", more: "Earlier ones", empty: "None", listed: "{n}", notShown: "{n} more are beyond what you may see or what is listed.", back: "All sheets",
  },
);
