//! Words of the columns that choose, in the languages people write them.

use crate::survey::{Certainty, Cover, FindingKind, FindingStatus, View};

pub(super) const KINDS: &[(&str, FindingKind)] = &[
    ("building", FindingKind::Building),
    ("gebouw", FindingKind::Building),
    ("b\u{e2}timent", FindingKind::Building),
    ("batiment", FindingKind::Building),
    ("geb\u{e4}ude", FindingKind::Building),
    ("electrical", FindingKind::Electrical),
    ("elektrisch", FindingKind::Electrical),
    ("\u{e9}lectrique", FindingKind::Electrical),
    ("electrique", FindingKind::Electrical),
    ("mechanical", FindingKind::Mechanical),
    ("mechanisch", FindingKind::Mechanical),
    ("m\u{e9}canique", FindingKind::Mechanical),
    ("steam-trap", FindingKind::SteamTrap),
    ("steam trap", FindingKind::SteamTrap),
    ("condenspot", FindingKind::SteamTrap),
    ("purgeur", FindingKind::SteamTrap),
    ("kondensatableiter", FindingKind::SteamTrap),
    ("pipe", FindingKind::Pipe),
    ("leiding", FindingKind::Pipe),
    ("conduite", FindingKind::Pipe),
    ("rohr", FindingKind::Pipe),
    ("pv", FindingKind::Pv),
    ("zonnepanelen", FindingKind::Pv),
    ("other", FindingKind::Other),
    ("andere", FindingKind::Other),
    ("autre", FindingKind::Other),
    ("sonstige", FindingKind::Other),
];

pub(super) const CERTAINTIES: &[(&str, Certainty)] = &[
    ("likely", Certainty::Likely),
    ("waarschijnlijk", Certainty::Likely),
    ("vermoedelijk", Certainty::Likely),
    ("probable", Certainty::Likely),
    ("wahrscheinlich", Certainty::Likely),
    ("possible", Certainty::Possible),
    ("mogelijk", Certainty::Possible),
    ("m\u{f6}glich", Certainty::Possible),
    ("uncertain", Certainty::Uncertain),
    ("onzeker", Certainty::Uncertain),
    ("incertain", Certainty::Uncertain),
    ("unsicher", Certainty::Uncertain),
];

pub(super) const STATUSES: &[(&str, FindingStatus)] = &[
    ("open", FindingStatus::Open),
    ("ouvert", FindingStatus::Open),
    ("offen", FindingStatus::Open),
    ("checked", FindingStatus::Checked),
    ("nagekeken", FindingStatus::Checked),
    ("v\u{e9}rifi\u{e9}", FindingStatus::Checked),
    ("gepr\u{fc}ft", FindingStatus::Checked),
    ("solved", FindingStatus::Solved),
    ("opgelost", FindingStatus::Solved),
    ("hersteld", FindingStatus::Solved),
    ("r\u{e9}solu", FindingStatus::Solved),
    ("behoben", FindingStatus::Solved),
];

pub(super) const YES_NO: &[(&str, bool)] = &[
    ("yes", true),
    ("ja", true),
    ("oui", true),
    ("no", false),
    ("nee", false),
    ("non", false),
    ("nein", false),
];

pub(super) const COVERS: &[(&str, Cover)] = &[
    ("open", Cover::Open),
    ("window", Cover::Window),
    ("venster", Cover::Window),
    ("ir-venster", Cover::Window),
    ("closed", Cover::Closed),
    ("gesloten", Cover::Closed),
    ("dicht", Cover::Closed),
];

pub(super) const SIDES: &[(&str, bool)] = &[
    ("inside", false),
    ("binnen", false),
    ("int\u{e9}rieur", false),
    ("innen", false),
    ("outside", true),
    ("buiten", true),
    ("ext\u{e9}rieur", true),
    ("au\u{df}en", true),
];

pub(super) const VIEWS: &[(&str, View)] = &[
    ("side-by-side", View::SideBySide),
    ("naast elkaar", View::SideBySide),
    ("blended", View::Blended),
    ("gemengd", View::Blended),
    ("edges", View::Edges),
    ("randen", View::Edges),
    ("picture-in-picture", View::PictureInPicture),
    ("beeld-in-beeld", View::PictureInPicture),
];
