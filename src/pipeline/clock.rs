//! The present moment. It decides what is said, never what stands in a result of a run.

use jiff::Timestamp;
use jiff::civil::Date;
use std::time::SystemTime;

/// Now.
#[allow(clippy::disallowed_methods)] // Whether a date has passed is a question to the clock.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// Now, as file systems count.
#[allow(clippy::disallowed_methods)] // The age of a file decides what of it is trusted and kept.
pub(super) fn system_now() -> SystemTime {
    SystemTime::now()
}

/// Today, UTC.
pub(super) fn today() -> Date {
    now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}
