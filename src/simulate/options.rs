//! What to simulate: seed, size, sensor, receiver, and their words on the command line.

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
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            scale: Scale::default(),
            flights: 1,
            sensor: Sensor::default(),
            gnss: Gnss::default(),
        }
    }
}
