import { createRouter, createWebHistory } from "vue-router";
import { asProblem } from "@/state/load";
import { askCity } from "@/state/city";
import { startup } from "@/state/startup";
import { askSession, session } from "@/state/session";

// meta.open: also without an account. meta.bare: a page with a frame of its own (phone, public), outside the shell.
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: { name: "situation" } },
    { path: "/login", name: "login", component: () => import("./pages/login/LoginPage.vue"), meta: { open: true } },
    { path: "/situation", name: "situation", component: () => import("./pages/situation/SituationPage.vue") },
    { path: "/desk", name: "desk", component: () => import("./pages/desk/DeskPage.vue") },
    { path: "/desk/cases/:id(\\d+)", name: "case", component: () => import("./pages/case/CasePage.vue") },
    { path: "/seat", name: "seat", component: () => import("./pages/seat/SeatPage.vue") },
    { path: "/knowledge", name: "knowledge", component: () => import("./pages/knowledge/KnowledgePage.vue") },
    { path: "/plans", name: "plans", component: () => import("./pages/plans/PlansPage.vue") },
    { path: "/things", name: "things", component: () => import("./pages/thing/ThingsPage.vue") },
    { path: "/things/:id(\\d+)", name: "thing", component: () => import("./pages/thing/ThingPage.vue") },
    { path: "/streams/:id(\\d+)", name: "stream", component: () => import("./pages/stream/StreamPage.vue") },
    {
      path: "/city", component: () => import("./pages/city/CityFrame.vue"), children: [
        { path: "", name: "city", component: () => import("./pages/city/CityPage.vue") },
        { path: "rules", name: "rules", component: () => import("./pages/city/RulesPage.vue") },
        { path: "procedures", name: "procedures", component: () => import("./pages/city/ProceduresPage.vue") },
        { path: "procedures/:name", name: "procedure", component: () => import("./pages/city/ProcedurePage.vue") },
        { path: "triage", name: "triage", component: () => import("./pages/city/TriagePage.vue") },
        { path: "devices", name: "devices", component: () => import("./pages/city/DevicesPage.vue") },
        { path: "interfaces", name: "webhooks", component: () => import("./pages/city/WebhooksPage.vue") },
        { path: "responsibilities", name: "responsibilities", component: () => import("./pages/city/ResponsibilitiesPage.vue") },
        { path: "census", name: "census", component: () => import("./pages/city/CensusPage.vue") },
        { path: "upper", name: "upper", component: () => import("./pages/city/UpperPage.vue") },
      ],
    },
    { path: "/topics", name: "topics", component: () => import("./pages/topics/TopicsPage.vue") },
    { path: "/handovers", name: "handovers", component: () => import("./pages/handover/HandoverPage.vue") },
    { path: "/handovers/:id(\\d+)", name: "handover", component: () => import("./pages/handover/SheetPage.vue") },
    { path: "/evaluation", name: "evaluation", component: () => import("./pages/evaluation/EvaluationPage.vue") },
    { path: "/registers", name: "registers", component: () => import("./pages/registers/RegistersPage.vue") },
    { path: "/registers/households/:id(\\d+)", name: "household", component: () => import("./pages/registers/HouseholdPage.vue") },
    { path: "/registers/:name/:id(\\d+)", name: "register-entry", component: () => import("./pages/registers/EntryPage.vue") },
    { path: "/field", name: "field", component: () => import("./pages/field/FieldPage.vue"), meta: { bare: true } },
    { path: "/report", name: "report", component: () => import("./pages/report/ReportPage.vue"), meta: { open: true, bare: true } },
    { path: "/report/progress", name: "track-find", component: () => import("./pages/report/TrackPage.vue"), meta: { open: true, bare: true } },
    { path: "/report/:number", name: "track", component: () => import("./pages/report/TrackPage.vue"), meta: { open: true, bare: true } },
    { path: "/messages", name: "messages", component: () => import("./pages/messages/MessagesPage.vue") },
    { path: "/:rest(.*)*", name: "missing", component: () => import("./pages/MissingPage.vue"), meta: { open: true } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach(async (to) => {
  try {
    await Promise.all([askCity(), askSession()]);
    startup.error = null;
  } catch (error) {
    // The shell shows why nothing can be shown, with a retry.
    startup.error = asProblem(error);
    return true;
  }
  if (!to.meta.open && !session.account) return { name: "login", query: { next: to.fullPath } };
  if (to.name === "login" && session.account) return { name: "situation" };
  return true;
});
