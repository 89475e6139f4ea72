//! What a thermographer meets in a business park; each scene draws, measures and notes one case.

mod bearing;
mod breaker;
mod busbar;
mod ceiling;
mod contactor;
mod door;
mod fuses;
mod hatch;
mod joint;
mod leak;
mod pv;
mod trap;
mod valve;

use super::shot::{Setting, Shot};
use crate::simulate::random::Rng;

/// A case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Joint,
    Door,
    Hatch,
    Breaker,
    Leak,
    Ceiling,
    Fuses,
    Contactor,
    Busbar,
    Bearing,
    Trap,
    Valve,
    Pv,
}

impl Kind {
    /// In the order in which companies get them.
    pub(super) const ALL: [Self; 13] = [
        Self::Joint,
        Self::Door,
        Self::Hatch,
        Self::Breaker,
        Self::Leak,
        Self::Ceiling,
        Self::Fuses,
        Self::Contactor,
        Self::Busbar,
        Self::Bearing,
        Self::Trap,
        Self::Valve,
        Self::Pv,
    ];

    /// Pictures it takes.
    pub(super) fn pictures(self) -> usize {
        match self {
            Self::Leak | Self::Bearing => 2,
            _ => 1,
        }
    }

    /// First letter of its findings' ids.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Joint | Self::Door | Self::Hatch | Self::Leak | Self::Ceiling => 'B',
            Self::Breaker | Self::Fuses | Self::Contactor | Self::Busbar => 'E',
            Self::Bearing | Self::Trap | Self::Valve => 'M',
            Self::Pv => 'P',
        }
    }

    /// The pictures of a case; the last has the finding.
    pub(super) fn shoot(self, setting: &Setting, rng: &mut Rng) -> Vec<Shot> {
        match self {
            Self::Joint => vec![joint::shoot(setting, rng)],
            Self::Door => vec![door::shoot(setting, rng)],
            Self::Hatch => vec![hatch::shoot(setting, rng)],
            Self::Breaker => vec![breaker::shoot(setting, rng)],
            Self::Leak => leak::shoot(setting, rng),
            Self::Ceiling => vec![ceiling::shoot(setting, rng)],
            Self::Fuses => vec![fuses::shoot(setting, rng)],
            Self::Contactor => vec![contactor::shoot(setting, rng)],
            Self::Busbar => vec![busbar::shoot(setting, rng)],
            Self::Bearing => bearing::shoot(setting, rng),
            Self::Trap => vec![trap::shoot(setting, rng)],
            Self::Valve => vec![valve::shoot(setting, rng)],
            Self::Pv => vec![pv::shoot(setting, rng)],
        }
    }
}
