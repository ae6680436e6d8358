import type { Settings } from "./cutting/settings.ts";

/** What `recursive()` cuts by. */
export const standardSettings: Settings = {
  size: 600,
  overlap: 150,
  fingerprint: 'recursive{"size":600,"overlap":150,"cuts":4}',
};
