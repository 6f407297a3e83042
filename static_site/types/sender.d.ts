// The sender's domain.
import type { components } from "./api";

type Json = components["schemas"];

export type Sender = Json["SenderJson"];
export type SenderRecord = Json["SenderRecordJson"];
