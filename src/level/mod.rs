//! (level)
