//! Where each frame was, in the plane.
//!
//! In: fixes of the files and rows of a pose file. Out: project coordinates with their 1σ, and
//! the altitudes as found; what those mean is `heights`' question.

use std::collections::BTreeMap;

use super::Options;
use crate::geo::crs::Crs;
use crate::geo::geoid;
use crate::problem::{Problem, Result};
use crate::survey::{Fix, FrameHeader, GivenPose, Rtk};

/// Position of one frame.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Project coordinates, metres.
    pub(super) x: f64,
    pub(super) y: f64,
    /// ETRS89, degrees.
    pub(super) lon_deg: f64,
    pub(super) lat_deg: f64,
    /// Horizontal 1σ, metres.
    pub(super) sigma_xy_m: f64,
    /// Meridian convergence there, radians.
    pub(super) convergence_rad: f64,
    /// Height and its 1σ from the pose file, metres.
    pub(super) given: Option<(f64, f64)>,
    /// Altitudes as the file has them, metres.
    pub(super) absolute_m: Option<f64>,
    pub(super) relative_m: Option<f64>,
    pub(super) rtk: Rtk,
    /// Vertical 1σ the receiver states, metres.
    pub(super) sigma_vertical_m: Option<f64>,
}

/// 1σ of a pose file that does not state one, metres: positions computed after the flight.
const GIVEN_SIGMA_M: [f64; 2] = [0.1, 0.15];
/// 1σ of a single-point solution, metres (georeferencing.md §3.1).
const SINGLE_SIGMA_M: f64 = 3.0;
/// 1σ of a float solution, metres.
const FLOAT_SIGMA_M: f64 = 0.5;
/// What a fixed solution is never better than, metres.
const FIXED_FLOOR_M: f64 = 0.02;

/// Rows of the pose file by frame.
pub(super) struct GivenPoses<'a> {
    by_path: BTreeMap<&'a str, &'a GivenPose>,
    by_file: BTreeMap<String, &'a GivenPose>,
    /// Rows by what the pictures of one exposure share in their names; `None` where several do.
    by_exposure: BTreeMap<String, Option<&'a GivenPose>>,
}

impl<'a> GivenPoses<'a> {
    /// Of two rows for one frame the first counts.
    pub(super) fn new(poses: &'a [GivenPose]) -> Self {
        let mut by_path = BTreeMap::new();
        let mut by_file = BTreeMap::new();
        let mut by_exposure: BTreeMap<String, Option<&GivenPose>> = BTreeMap::new();
        for pose in poses {
            by_path.entry(pose.file.as_str()).or_insert(pose);
            by_file.entry(file_name(&pose.file)).or_insert(pose);
            let known = by_exposure.entry(exposure(&pose.file));
            known.and_modify(|p| *p = None).or_insert(Some(pose));
        }
        Self {
            by_path,
            by_file,
            by_exposure,
        }
    }

    /// Row of the picture that another camera of the rig took with a frame.
    pub(super) fn beside(&self, name: &str) -> Option<&'a GivenPose> {
        *self.by_exposure.get(&exposure(name))?
    }

    /// Row for a frame: the same path, or the same file name.
    pub(super) fn of(&self, name: &str) -> Option<&'a GivenPose> {
        let same_path = self.by_path.get(name);
        same_path
            .or_else(|| self.by_file.get(&file_name(name)))
            .copied()
    }
}

/// What the pictures of one exposure share in their names: DJI ends the thermal one in `_T` and the
/// visible ones in `_V`, `_W`, `_Z` or `_S`; Autel begins them with `IRX_` and `MAX_`; others write
/// `IR`, `RGB`, `thermal`, `visible`.
fn exposure(path: &str) -> String {
    const KINDS: [&str; 14] = [
        "t", "v", "w", "z", "s", "d", "ir", "irx", "max", "rgb", "vis", "visible", "thermal",
        "flir",
    ];
    let name = file_name(path);
    let stem = name
        .rsplit_once('.')
        .map_or(name.as_str(), |(stem, _)| stem);
    let parts = stem.split(['_', '-']).filter(|part| !KINDS.contains(part));
    parts.collect::<Vec<_>>().join("_")
}

fn file_name(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.to_ascii_lowercase()
}

/// Position of a frame.
///
/// # Errors
/// A [`Problem`] that says what to supply, when neither file nor pose file has one, or when the
/// position cannot be expressed in the project's system.
pub(super) fn place(
    header: &FrameHeader,
    given: Option<&GivenPose>,
    crs: &Crs,
    options: &Options,
) -> Result<Place> {
    let fix = header.fix.filter(|fix| !is_zero(fix));
    let mut place = match (given, fix) {
        (Some(pose), _) => from_given(pose, crs)?,
        (None, Some(fix)) => from_fix(&fix, crs)?,
        (None, None) => {
            return Err(Problem::setting("the frame has no position")
                .in_file(header.name.clone())
                .hint("add a poses.csv or geo.txt with its position to the flight folder"));
        }
    };
    if let Some(fix) = fix {
        place.absolute_m = fix.absolute_m.filter(|v| v.is_finite());
        place.relative_m = fix.relative_m.filter(|v| v.is_finite());
        place.rtk = fix.rtk;
        place.sigma_vertical_m = fix.sigma_vertical_m;
    }
    if given.is_none()
        && let Some(sigma) = options.gnss_sigma_m
    {
        place.sigma_xy_m = sigma;
    }
    place.convergence_rad = crs.convergence_rad(place.x, place.y);
    Ok(place)
}

/// All-zero positions mean that there was none.
fn is_zero(fix: &Fix) -> bool {
    fix.lon_deg == 0.0 && fix.lat_deg == 0.0 || !fix.lon_deg.is_finite() || !fix.lat_deg.is_finite()
}

fn from_fix(fix: &Fix, crs: &Crs) -> Result<Place> {
    let (x, y) = crs.from_lonlat(fix.lon_deg, fix.lat_deg)?;
    let stated = fix.sigma_horizontal_m.filter(|s| *s > 0.0);
    let sigma_xy_m = match fix.rtk {
        Rtk::Fixed => stated.unwrap_or(FIXED_FLOOR_M).max(FIXED_FLOOR_M),
        Rtk::Float => stated.unwrap_or(FLOAT_SIGMA_M).max(FLOAT_SIGMA_M),
        Rtk::Single | Rtk::None => SINGLE_SIGMA_M,
    };
    Ok(Place {
        x,
        y,
        lon_deg: fix.lon_deg,
        lat_deg: fix.lat_deg,
        sigma_xy_m,
        convergence_rad: 0.0,
        given: None,
        absolute_m: None,
        relative_m: None,
        rtk: Rtk::None,
        sigma_vertical_m: None,
    })
}

fn from_given(pose: &GivenPose, crs: &Crs) -> Result<Place> {
    let with_file = |problem: Problem| problem.in_file(pose.file.clone());
    let own = crs.sibling(&pose.crs).map_err(with_file)?;
    let [px, py, height_m] = pose.position;
    let (lon_deg, lat_deg) = own.to_lonlat(px, py).map_err(with_file)?;
    let (x, y) = if own.epsg() == crs.epsg() {
        (px, py)
    } else {
        crs.from_lonlat(lon_deg, lat_deg).map_err(with_file)?
    };
    let [sigma_xy_m, sigma_z_m] = pose.sigma_m.unwrap_or(GIVEN_SIGMA_M);
    let height_m = if !height_m.is_finite() {
        None
    } else if own.is_projected() {
        Some(height_m)
    } else {
        // A geographic position carries the height over the ellipsoid.
        let n = geoid::separation_m(lon_deg, lat_deg).ok_or_else(|| {
            with_file(
                Problem::unsupported(
                    "a height over the ellipsoid is given outside the geoid hBG18 (Belgium)",
                )
                .hint("give positions in the project's coordinate and height system"),
            )
        })?;
        Some(height_m - n)
    };
    Ok(Place {
        x,
        y,
        lon_deg,
        lat_deg,
        sigma_xy_m,
        convergence_rad: 0.0,
        given: height_m.map(|h| (h, sigma_z_m)),
        absolute_m: None,
        relative_m: None,
        rtk: Rtk::None,
        sigma_vertical_m: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_one_exposure_are_told_by_their_names() {
        for (thermal, visible) in [
            (
                "DJI_20230101120000_0001_T.JPG",
                "images/DJI_20230101120000_0001_V.JPG",
            ),
            (
                "DJI_20230101120000_0007_T.JPG",
                "DJI_20230101120000_0007_W.JPG",
            ),
            ("IRX_0042.jpg", "MAX_0042.JPG"),
            ("0042_thermal.tif", "0042_rgb.jpg"),
        ] {
            assert_eq!(exposure(thermal), exposure(visible), "{thermal}");
        }
        assert_ne!(exposure("DJI_0001_T.JPG"), exposure("DJI_0002_V.JPG"));
    }
}
