//! The promise: the memory of a whole run is bounded by its tiles and jobs, not by the number of frames
//! (georeferencing.md §11, M2).
//!
//! `THERMAUDIT_FRAMES=10000 cargo test --release --test maps -- large_map --ignored --nocapture`: frames are
//! made for the run, small ones of 160 × 128 pixels, drifting by kelvin; the program reads, levels and
//! maps them as a user would, and its memory is watched.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use crate::simulated_flight;

use serde_json::Value;
use simulated_flight::{HEIGHT_M, small_picture, truth};
use std::fmt::Write;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use thermaudit::orient::pose::to_omega_phi_kappa;
use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::Gray16;

/// The field's origin in the project's system.
const ORIGIN: [f64; 2] = [46_000.0, 190_000.0];
const FLIGHT: &str = "2026-01-15";
/// What the run is allowed for decoded frames, and what it may take in all, MiB.
const ALLOWED_MIB: u32 = 512;
const MOST_MIB: f64 = 4096.0;

fn project(folder: &Path, count: usize) {
    let frames = folder.join("flights").join(FLIGHT);
    std::fs::create_dir_all(&frames).expect("made");
    std::fs::write(
        folder.join("audit.toml"),
        "[project]\nname = \"Large\"\ncrs = \"EPSG:31370\"\nlanguage = \"nl\"\n",
    )
    .expect("written");
    std::fs::write(
        frames.join("flight.toml"),
        format!(
            "[flight]\nplanned_agl_m = {HEIGHT_M}\nstart = \"2026-01-15T21:00:00+01:00\"\n\
             [orient]\nadjust = \"off\"\noutline_control = \"off\"\n\
             [crs]\ntakeoff_height_m = 0.0\n\
             [radiometry]\ntiff_scale = 0.01\ntiff_offset_c = -100.0\n\
             [[camera]]\nfocal_px = 190.0\n"
        ),
    )
    .expect("written");
    let mut poses = "file,x,y,z,crs,omega_deg,phi_deg,kappa_deg\n".to_owned();
    for frame in truth(count) {
        let name = format!("{:05}.tif", frame.index);
        // Half a kelvin up and down every 40 frames or so.
        let drift = 0.5 * (frame.index as f64 / 7.0).sin();
        let kelvin = small_picture(&frame);
        let counts: Vec<u16> = kelvin
            .data()
            .iter()
            .map(|k| ((f64::from(*k) + drift - 273.15 + 100.0) * 100.0).round() as u16)
            .collect();
        let file = File::create(frames.join(&name)).expect("made");
        let mut encoder = TiffEncoder::new(file).expect("an encoder");
        encoder
            .write_image::<Gray16>(kelvin.width() as u32, kelvin.height() as u32, &counts)
            .expect("written");
        let [x, y, z] = frame.pose.centre;
        let [omega, phi, kappa] = to_omega_phi_kappa(&frame.pose.rotation);
        writeln!(
            poses,
            "{name},{},{},{z},EPSG:31370,{omega},{phi},{kappa}",
            ORIGIN[0] + x,
            ORIGIN[1] + y
        )
        .expect("text");
    }
    std::fs::write(frames.join("poses.csv"), poses).expect("written");
}

/// Most memory of a process so far, MiB.
fn peak_mib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

#[test]
#[ignore = "minutes; figures for benches/RESULTS.md"]
fn a_map_of_as_many_frames_as_asked_for_takes_no_more_memory() {
    let asked = std::env::var("THERMAUDIT_FRAMES").ok();
    let count = asked.and_then(|n| n.parse().ok()).unwrap_or(2_500);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("park");
    project(&folder, count);
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_thermaudit"))
        .args(["-q", "run", folder.to_str().expect("a plain path")])
        .args([
            "--until",
            "mosaic",
            "--max-memory",
            &format!("{ALLOWED_MIB}M"),
        ])
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let mut most: f64 = 0.0;
    let status = loop {
        most = most.max(peak_mib(child.id()).unwrap_or(0.0));
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    let seconds = started.elapsed().as_secs_f64();
    assert!(status.code().is_some_and(|c| c < 2), "{status:?}");
    let text = std::fs::read_to_string(folder.join("results").join(FLIGHT).join("run.json"));
    let record: Value = serde_json::from_str(&text.expect("a record")).expect("JSON");
    println!(
        "{count} frames: {seconds:.0} s, at most {most:.0} MiB; levels {} K to {} K; {} × {} cells; {}",
        record["levelling"]["disagreement_before_k"],
        record["levelling"]["disagreement_after_k"],
        record["mosaic"]["width"],
        record["mosaic"]["height"],
        record["timings"]
    );
    assert!(record["mosaic"]["sources"] == count);
    assert!(most < MOST_MIB, "{most}");
}
