//! Registry hives of Windows, read offline with their logs replayed in memory. Bytes are the attacker's or a bad disk's: every reader
//! here is bounded, and what is damaged is said beside what could be read.
