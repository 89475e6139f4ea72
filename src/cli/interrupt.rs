//! Ctrl-C and SIGTERM.
//!
//! The first raises a flag that the work asks for between two frames, tiles, roofs or sheets, so
//! that everything is put away; the second ends the program where it is. What that leaves is
//! removed by the next run.

use super::EXIT_INTERRUPTED;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Raises the flag at the first request to end.
///
/// # Errors
/// The operating system lets nobody listen; a request then ends the program at once.
pub(super) fn listen(flag: &Arc<AtomicBool>) -> std::io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag raised, the first does not.
        register_conditional_shutdown(signal, i32::from(EXIT_INTERRUPTED), Arc::clone(flag))?;
        register(signal, Arc::clone(flag))?;
    }
    Ok(())
}
