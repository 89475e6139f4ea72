//! What to simulate: seed, size, sensor, receiver, building stock, night, and their words on the
//! command line.

/// Size of the park.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// 14 buildings, about 100 small frames: samples and tests.
    #[default]
    Tiny,
    /// About 50 buildings.
    Small,
    /// About 400 buildings, frames of 640 × 512.
    Medium,
    /// About 3000 buildings and thousands of frames.
    Large,
}

/// What carries the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sensor {
    /// Radiometric JPEG frames of a multicopter.
    #[default]
    Drone,
    /// Georeferenced 16-bit tiles of an aircraft, 0.5 m.
    Aircraft,
}

/// Receiver of a drone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gnss {
    /// Carrier-phase corrections: 2 cm and 0.05°.
    #[default]
    Rtk,
    /// Metres and a degree, absolute altitude tens of metres off.
    Consumer,
}

/// How well the roofs of the park are insulated, and how much of it the analysis cannot know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stock {
    /// U spread evenly over its logarithm from 0.15 to 2.5 W/m²K; the true convection and sky are
    /// those of the weather, the camera has no offset: for samples and for tests of everything
    /// but the size of U.
    #[default]
    Sample,
    /// U lognormal, median 0.70, 10th percentile 0.25 W/m²K (scoring.md §6).
    Mixed,
    /// Median 1.5, 10th percentile 0.70 W/m²K.
    Old,
    /// Median 0.35, 10th percentile 0.18 W/m²K.
    Good,
}

/// Nights to fly on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nights {
    /// Dry and nearly calm.
    #[default]
    Fair,
    /// Damp, clear and still: what lies below the dew point takes up dew or frost.
    Frost,
    /// Rain before and during the flight; every roof is wet.
    Wet,
    /// More wind than any comparison bears.
    Windy,
}

impl Stock {
    /// Word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Mixed => "mixed",
            Self::Old => "old",
            Self::Good => "good",
        }
    }

    /// Median and 10th percentile of U, W/m²K, of the park table in scoring.md §6.
    pub(super) fn u_spread(self) -> Option<(f64, f64)> {
        match self {
            Self::Sample => None,
            Self::Mixed => Some((0.70, 0.25)),
            Self::Old => Some((1.5, 0.70)),
            Self::Good => Some((0.35, 0.18)),
        }
    }
}

impl Nights {
    /// Word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fair => "fair",
            Self::Frost => "frost",
            Self::Wet => "wet",
            Self::Windy => "windy",
        }
    }
}

impl Scale {
    /// Word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// From the word on the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Tiny, Self::Small, Self::Medium, Self::Large]
            .into_iter()
            .find(|scale| scale.name() == name)
    }
}

impl Sensor {
    /// Word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drone => "drone",
            Self::Aircraft => "aircraft",
        }
    }

    /// From the word on the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Drone, Self::Aircraft]
            .into_iter()
            .find(|sensor| sensor.name() == name)
    }
}

impl Gnss {
    /// Word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rtk => "rtk",
            Self::Consumer => "consumer",
        }
    }

    /// From the word on the command line.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rtk, Self::Consumer]
            .into_iter()
            .find(|gnss| gnss.name() == name)
    }
}

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Everything drawn follows from it.
    pub seed: u64,
    /// Size of the park.
    pub scale: Scale,
    /// Number of flights, one winter apart, 1–20.
    pub flights: u32,
    /// What carries the camera.
    pub sensor: Sensor,
    /// Receiver of the drone; an aircraft's tiles are georeferenced already.
    pub gnss: Gnss,
    /// How well the roofs are insulated.
    pub stock: Stock,
    /// Weather of all flights.
    pub nights: Nights,
    /// Number of inspections on site, one year apart, 0–5.
    pub visits: u32,
    /// Thermograms of the first inspection; `None` as many as suit the scale. Every later one has
    /// one more.
    pub pictures: Option<usize>,
}

impl Options {
    /// Thermograms of the first inspection and the companies they are taken at.
    pub(super) fn inspected(&self) -> (usize, usize) {
        let (pictures, companies) = match self.scale {
            Scale::Tiny => (15, 4),
            Scale::Small => (40, 6),
            Scale::Medium | Scale::Large => (200, 12),
        };
        (self.pictures.unwrap_or(pictures), companies)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            scale: Scale::default(),
            flights: 1,
            sensor: Sensor::default(),
            gnss: Gnss::default(),
            stock: Stock::default(),
            nights: Nights::default(),
            visits: 1,
            pictures: None,
        }
    }
}
