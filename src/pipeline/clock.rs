//! The present day. It decides what is said, never what stands in a result of a run.

use jiff::civil::Date;

/// Today, UTC.
#[allow(clippy::disallowed_methods)] // Whether a date has passed is a question to the clock.
pub(super) fn today() -> Date {
    let now = jiff::Timestamp::now();
    now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}
