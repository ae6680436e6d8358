/** `recursive().fingerprint`, without what cuts: the first call that writes brings that. */
export const standardFingerprint = 'recursive{"size":600,"overlap":150,"cuts":2}';
