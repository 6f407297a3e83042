// The views by their addresses. Each is loaded when it is first needed, the others some seconds later.
/** @import { View } from "../types/console" */

const stock = async () => (await import("./stock/stock.js")).stockView;

/**
 * Path of a view -> [list view, view of one].
 * @type {Record<string, () => Promise<[View, View | null]>>}
 */
export const VIEWS = {
  today: async () => [(await import("./today/today.js")).todayView, null],
  statistics: async () => [(await import("./statistics/statistics.js")).statisticsView, null],
  stock: async () => [await stock(), await stock()],
  companies: async () => [await stock(), (await import("./customer/customer.js")).customerView],
  machines: async () => [await stock(), (await import("./machine/machine.js")).machineView],
  view: async () => [await stock(), (await import("./view/view.js")).contactView],
  readiness: async () => [
    (await import("./request/readiness.js")).readinessView, (await import("./request/outcome.js")).outcomeView,
  ],
  sending: async () => {
    const { newestRound, roundView } = await import("./request/round.js");
    return [newestRound(true), roundView];
  },
  deliveries: async () => {
    const { newestRound, roundView } = await import("./request/round.js");
    return [newestRound(false), roundView];
  },
  answers: async () => [(await import("./answers/answers.js")).answersView, null],
  "phone-list": async () => [(await import("./request/calls.js")).callsView, null],
  rounds: async () => [(await import("./request/rounds.js")).roundsView, (await import("./request/round.js")).roundView],
  review: async () => [(await import("./review/review.js")).reviewView, null],
  readings: async () => [(await import("./readings.js")).readingsView, null],
  releases: async () => {
    const { releasesView, releaseView } = await import("./releases.js");
    return [releasesView, releaseView];
  },
  imports: async () => [
    (await import("./exchange/imports.js")).importsView, (await import("./exchange/import.js")).importView,
  ],
  exports: async () => [
    (await import("./exchange/exports.js")).exportsView, (await import("./exchange/export.js")).exportView,
  ],
  addresses: async () => [(await import("./addresses/addresses.js")).addressesView, null],
  corrections: async () => [(await import("./corrections/corrections.js")).correctionsView, null],
  problems: async () => [(await import("./problems.js")).problemsView, null],
  successors: async () => [(await import("./successors.js")).successorsView, null],
  estimates: async () => [(await import("./estimates.js")).estimatesView, null],
  plausibility: async () => [(await import("./plausibility.js")).plausibilityView, null],
  schedule: async () => [(await import("./schedule/schedule.js")).scheduleView, null],
  help: async () => {
    const { helpPagesView, helpPageView } = await import("./help.js");
    return [helpPagesView, helpPageView];
  },
  words: async () => {
    const { wordsView, wordView } = await import("./words/words.js");
    return [wordsView, wordView];
  },
  look: async () => [(await import("./look/look.js")).lookView, null],
  sender: async () => [(await import("./sender/sender.js")).senderView, null],
  journal: async () => [(await import("./journal/journal.js")).journalView, null],
  people: async () => [(await import("./people/people.js")).peopleView, null],
  erasures: async () => [(await import("./people/erasures.js")).erasuresView, null],
};

const LATER = 3000; // milliseconds: the first view's rows come before

/** Loads what was not needed yet: from then on a place opens at once, whatever the network does. */
export function loadTheRest() {
  setTimeout(() => Promise.allSettled(Object.values(VIEWS).map((view) => view())), LATER);
}
