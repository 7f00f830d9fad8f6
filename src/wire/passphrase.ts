/** The passphrase of direct mode, as calls carry it. @module */

/** The metadata key of the passphrase, which is plain text. */
export const PASSPHRASE_KEY = "x-jumpstarter-passphrase";
