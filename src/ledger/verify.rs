//! Verification: re-derives a ledger from its raw entries, trusting nothing in it but the
//! fingerprints that the caller compares.
