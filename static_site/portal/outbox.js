// Submissions made without a network: they wait on this device and go out when it is back.
import { both } from "/shared/page.js";

export const texts = both({});
