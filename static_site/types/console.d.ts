// What the staff's console works with: what its views share and are given.
import type { components } from "./api";
import type { Client } from "../console/model/client.js";
import type { Answer, Call, Child, Language, Voice } from "./page";

// The API's answers, by the names that the console has for them.

type Json = components["schemas"];

export type Contract = Json["ContractJson"];
export type Outcome = Json["OutcomeJson"] & Partial<Json["CheckJson"]>;
export type Reason = Json["ReasonJson"];
export type Rights = Json["RightsJson"];
export type Round = Json["RoundJson"];
export type RoundPage = Json["RoundPageJson"];
export type Mail = Json["MailJson"];
export type CalledContact = Json["CalledContactJson"];
export type CalledMachine = Json["CalledMachineJson"];
export type ShownMachine = Json["ListedMachineJson"];
export type ShownReading = Json["ListedReadingJson"];
export type PastReading = Json["PastReadingJson"];
export type Photo = Json["PhotoJson"];
export type ReleasePage = Json["ReleasePageJson"];
export type ProtocolLine = Json["ReportLineJson"];
export type Problem = Json["ReportedProblemJson"];
export type MailAnswer = Json["MailAnswerJson"];
export type AnsweredMachine = Json["AnsweredMachineJson"];
export type EstimatedMachine = Json["EstimatedMachineJson"];
export type Estimate = Json["EstimateJson"];
export type UnreachableAddress = Json["UnreachableAddressJson"];
export type Correction = Json["CorrectionJson"];
export type Owed = Json["OwedJson"];
export type Successor = Json["SuccessorJson"];
export type HelpPage = Json["HelpPageJson"];
export type HelpRow = Json["HelpRowJson"];
export type HelpPicture = Json["HelpPictureJson"];
export type HelpText = Json["HelpTextJson"];
export type Shipped = Json["ShippedHelpJson"];
export type StoredTolerances = Json["TolerancesJson"];
export type Backtest = Json["BacktestJson"];
export type Hint = Json["HintJson"];
export type Kind = Json["MeterKind"];

/** What every run says of itself. */
export type Run = Pick<Json["ExportJson"], "id" | "by" | "created_at" | "state" | "problem_text" | "restartable"> & { dry_run?: boolean };

// What the console's own modules hand to each other.

export type Group = "read" | "remind" | "release" | "admin";

/** Where to log in: what /staff/config.json says. */
export interface Config {
  region: string;
  client_id: string;
  login_url?: string;
  hosted_ui?: string;
  cognito_endpoint?: string;
  password_flow?: boolean;
}

/** What Cognito answers to a login: a token, or what it asks for next. */
export interface LoginAnswer {
  AuthenticationResult?: { RefreshToken: string };
  ChallengeName: string;
  Session: string;
  ChallengeParameters?: Record<string, string>;
}

/** What the login asks for next. */
export interface Challenge {
  name: string;
  session: string;
  username: string;
  email: string;
}

/** What the views share; see console.js. */
export interface Context {
  t: Voice;
  config: Config;
  call: Call;
  may(group: Group): boolean;
  go(place: string): void;
  redraw(): HTMLElement;
  words(error: unknown): string;
  signedOut(): void;
  /** The rows of the portfolio; the worker behind it starts with the first use. */
  model(): Client;
}

/** What the address says to a view; `stopped` ends with it. */
export interface Place {
  id: string;
  query: URLSearchParams;
  stopped: AbortSignal;
}

export type View = (context: Context, node: HTMLElement, place: Place) => HTMLElement;

export interface Column<Row> {
  label: string;
  cell(row: Row): Child;
  number?: boolean;
}

/** Rows chosen by hand. */
export interface Choice<Row> {
  name(row: Row): string;
  has(row: Row): boolean;
  set(row: Row, chosen: boolean): void;
  rows(): Row[];
  readonly size: number;
}

/** A label and its number. */
export type Figure = [string, string | number | null | undefined];

export interface Table<Row> {
  element: HTMLElement;
  append(rows: Row[]): void;
}

/** An answer that may go on. */
export interface Part {
  next_cursor?: string | null;
}

export interface List<Row, Path extends string> {
  path: Path;
  query?: Record<string, string>;
  rows(answer: Answer<"GET", Path>): Row[];
  caption: string;
  columns: Column<Row>[];
  choice?: Choice<Row> | null;
  empty: string;
  stopped: AbortSignal;
}

export interface Filter {
  name: string;
  label: string;
  type?: string;
  options?: [string, string][];
  /** What else may be written there than what the field is called after. */
  hint?: string;
  /** Values by what they are called, for a text that somebody writes. */
  suggest?(text: string): Promise<[value: string, name: string][]>;
}

/** Who started a run, or what. */
export type Started = Pick<Run, "id" | "state" | "problem_text" | "restartable"> & { stopped?: Round["stopped"] };

/** The limits as a person left them in this tab, and what was stored then. */
export interface Unsaved {
  stored: StoredTolerances;
  entries: Entry[];
}

/** A page of instructions as a person left it in this tab, and what was stored then. */
export interface UnsavedHelp {
  stored: HelpPage;
  languages: HelpTexts;
}

/** What a person chose to ask or to release; the API's own form. */
export interface Selection {
  filter?: Record<string, string>;
  ids?: string[];
  versions?: Record<string, number>;
  snapshot?: string;
}

/** A question in a dialog: what is asked, what is done about it, and what follows. */
export interface Question<Result> {
  title: string;
  content: Child;
  go: string;
  act(): Promise<Result>;
  done(result: Result): void;
  /** Shows the newer state, where somebody else was faster. */
  renew?(): void;
  /** What differs in the newer state. */
  newer?(): Promise<Child>;
}

/** An answer in parts: where the next one is, and the lists that grow by it. */
export interface Offer<Page extends Part & { state?: string }> {
  answer: Page;
  path: string;
  lists: (keyof Page)[];
  draw(page: Page): void;
  stopped: AbortSignal;
}

/** A reading beside its machine: a row of the list of readings. */
export type ReadingRow = ShownReading & { machine: ShownMachine; machine_id: string; version: number };

// The limits of the check.

export type Limit = "ceiling" | "width" | "quiet_pages";
export type Level = "dealer" | "families" | "kinds" | "contracts";
export type Setting = { [Name in Limit]?: number | null };

export interface Tolerances {
  dealer: Setting;
  families: Record<string, Setting>;
  kinds: Record<string, Setting>;
  contracts: Record<string, Setting>;
}

/** The limits of one level and name, as text fields hold them. */
export interface Entry {
  level: Level;
  name: string;
  texts: Record<Limit, string>;
}

/** A wrong field; without `limit` the whole entry is meant. */
export interface EntryFault {
  entry: Entry;
  limit: Limit | null;
  why: string;
}

/** A limit that two people have changed; undefined: removed. */
export interface Conflict {
  level: Level;
  name: string;
  limit: Limit;
  mine: number | undefined;
  theirs: number | undefined;
}

export interface Joined {
  tolerances: Tolerances;
  conflicts: Conflict[];
  taken: number;
}

/** A field that is wrong, and why. */
export interface Marked {
  input: HTMLInputElement;
  words: string;
}

/** The fields of all limits; see plausibility.js. */
export interface Editor {
  element: HTMLElement;
  entries(): Entry[];
  show(entries: Entry[]): void;
  field(level: Level, name: string, limit: Limit): HTMLInputElement | undefined;
  mark(faults: (Pick<EntryFault, "entry" | "limit"> & { words: string })[]): Marked[];
}

// Pages that explain how to read a counter.

export type HelpTexts = Record<Language, HelpText | null>;

/** A field of such a page, with room for its fault. */
export interface HelpField {
  input: HTMLInputElement | HTMLTextAreaElement;
  wrong: HTMLElement;
  help: HTMLElement | undefined;
  element: HTMLElement;
}

/** The fields of an own text in one language. */
export interface HelpInputs {
  title: HTMLInputElement;
  steps: HTMLTextAreaElement;
  pictures: HTMLElement;
  meters: Record<Kind, HelpField>;
  parts: Record<string, HelpField>;
}

export interface LanguageOptions {
  without: Shipped;
  name(from: string): string;
  pictures: HelpPicture[];
  editable: boolean;
  changed(): void;
}

/** The fields of one language; see help_fields.js. */
export interface LanguageFields {
  element: HTMLElement;
  text(): HelpText | null;
  show(text: HelpText | null): void;
  clear(): void;
  fail(part: string, words: string): void;
  first(): HTMLElement | null;
}

/** Two people wrote the same language: what the other one wrote, to be taken. */
export interface Meanwhile {
  conflicts: { language: Language; theirs: HelpText | null }[];
  without: Record<Language, Shipped>;
  pictures: HelpPicture[];
  take(language: Language, theirs: HelpText | null): void;
}
