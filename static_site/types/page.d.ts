// What both pages share (static_site/shared/page.js): texts, elements, the way to the API.
import type { components, paths } from "./api";

export type { Refused } from "../shared/page.js";

export type Language = "de" | "en";

/** A text, or a pair [one, other] that is chosen by `count`. */
export type Text = string | string[];
export type Dictionary = Record<string, Text>;
export type Texts = Record<Language, Dictionary>;

/** What is filled into a text. */
export type Values = Record<string, unknown>;

/** The voice of a page: its texts, numbers and dates in one language. */
export interface Voice {
  (key: string, values?: Values): string;
  language: Language;
  knows(key: string): boolean;
  number(value: number | null | undefined): string;
  date(iso: string | null | undefined): string;
  time(iso: string | null | undefined): string;
}

/** What an element may hold: nodes, texts, lists of them; what is not there is left out. */
export type Child = Node | string | number | false | null | undefined | Child[];

export type Attribute = string | number | boolean | null | undefined;
export type Listeners = { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => unknown };
export type Props = { on?: Listeners } & { [attribute: string]: Attribute | Listeners };

/** What a refusal carries (RFC 9457); an answer of the gateway itself has `message` only. */
export type Facts = Partial<components["schemas"]["ProblemDetails"]> & { message?: string; [more: string]: unknown };

// The API, as static_site/api/openapi.json describes it.

export interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  key?: string;
  type?: string;
  signal?: AbortSignal;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Plain<Path extends string> = Path extends `${infer Before}?${string}` ? Before : Path;
type Filled<Path extends string> = Path extends `${infer Before}{${string}}${infer After}` ? `${Before}${string}${Filled<After>}` : Path;

/** The routes that an address may mean; a route's own words go before a name. */
type Route<Path extends string> = Plain<Path> extends keyof paths
  ? Plain<Path>
  : { [Known in keyof paths]: Plain<Path> extends Filled<Known> ? Known : never }[keyof paths];

type Json<Response> = Response extends { content: { "application/json": infer Content } } ? Content : never;
type Good = 200 | 201 | 202;
type Content<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses]: Status extends Good ? Json<Responses[Status]> : never }[keyof Responses]
  : never;

type Known<Verb extends Method, Path extends string> = { [Each in Route<Path>]: Content<paths[Each][Lowercase<Verb> & keyof paths[Each]]> }[Route<Path>];

/** What the API answers under a method and an address; `unknown` where the address is not known before it runs. */
export type Answer<Verb extends Method, Path extends string> = [Known<Verb, Path>] extends [never] ? unknown : Known<Verb, Path>;

/** The one door to the API. With `file` the whole response comes instead of its JSON. */
export interface Call {
  (method: Method, path: string, options: Options & { file: true }): Promise<Response>;
  <Verb extends Method, Path extends string>(method: Verb, path: Path, options?: Options): Promise<Answer<Verb, Path>>;
}

/** What the device keeps under a prefix. */
export interface Shelf<Kept> {
  ids(): string[];
  get(id: string): Kept | null;
  put(id: string, value: Kept): boolean;
  drop(id: string): void;
  clear(): void;
}
