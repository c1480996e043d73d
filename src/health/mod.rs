//! The patch level: which build an installation is, what it lacks, and what it was at a time.
