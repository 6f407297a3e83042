// Days: the business day (Europe/Berlin), as the server told it last and never the device's own, and what is counted from it.

const ZONE = "Europe/Berlin";
const days = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone: ZONE }); // writes a day as ISO does
let told = "";

/** The business day, as ISO text; it comes with each token, so it is known before anything is drawn. */
export const today = () => told;

/** Takes over what the server said with a token. @param {string} day */
export function todayIs(day) {
  told = day;
}

/** The business day of a moment; a day stays what it is. @param {string} at */
export const dayAt = (at) => (at.length > 10 ? days.format(new Date(at)) : at);

/** The last day of the month in which `day` lies, as ISO text. @param {string} day */
export function endOfMonth(day) {
  const [year, month] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/**
 * Whole days from one date to another, negative when it is past.
 * @param {string} from
 * @param {string} to
 */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
