// What infra/aws/site.py writes into /precache.js when the site is served.
declare const PRECACHE: { version: string; files: string[] };
