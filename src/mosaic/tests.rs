use super::*;
use crate::orient::{CameraModel, Pose};
use crate::raster::GeoTransform;
use crate::rectify::{Relief, bilinear_strict, look};

/// Nadir frame `z` metres up, turned by `yaw`, 0.1 m pixels from 20 m.
pub(super) fn frame(index: usize, x: f64, y: f64, z: f64, yaw: f64) -> OrientedFrame {
    let (s, c) = yaw.sin_cos();
    let (half_x, half_y) = (4.0 * z / 20.0, 3.2 * z / 20.0);
    let reach = half_x.hypot(half_y);
    OrientedFrame {
        index,
        name: format!("frame-{index}"),
        camera: CameraModel::pinhole(80, 64, 200.0),
        pose: Pose {
            centre: [x, y, z],
            rotation: [[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]],
        },
        sigma_xy_m: 0.0,
        sigma_z_m: 0.0,
        ground_z_m: 0.0,
        path_m: z,
        footprint: Bounds {
            x_min: x - reach,
            y_min: y - reach,
            x_max: x + reach,
            y_max: y + reach,
        },
        time_s: index as f64,
    }
}

/// Nine frames over 20 m × 16 m, and pictures that no two share.
fn flight() -> (Vec<OrientedFrame>, Vec<Arc<Grid<f32>>>) {
    let frames: Vec<OrientedFrame> = (0..9)
        .map(|i| {
            let (col, row) = ((i % 3) as f64, (i / 3) as f64);
            frame(
                i,
                103.0 + 4.0 * col,
                203.0 + 3.0 * row,
                20.0 + 0.3 * col,
                0.4 * i as f64,
            )
        })
        .collect();
    let picture = |i: usize| {
        let cells = (0..80 * 64).map(|p| {
            let (col, row) = (p % 80, p / 80);
            280.0 + i as f32 + (col * 7 % 11) as f32 * 0.1 + (row * 5 % 13) as f32 * 0.05
        });
        Arc::new(Grid::from_vec(80, 64, cells.collect()).expect("80 × 64"))
    };
    let pictures = (0..9).map(picture).collect();
    (frames, pictures)
}

/// Flat ground with one house of 4 m.
fn surface() -> GeoGrid<f32> {
    let transform = GeoTransform {
        x0: 80.0,
        y0: 240.0,
        dx: 0.5,
        dy: 0.5,
    };
    let mut grid = Grid::filled(120, 120, 0.0);
    for row in 64..72 {
        for col in 50..60 {
            grid.set(col, row, 4.0);
        }
    }
    GeoGrid { grid, transform }
}

fn options(tile_px: usize, blend: Blend) -> Options {
    Options {
        // Off the surface's and the pictures' own lattices, as any real flight is.
        gsd_m: Some(0.11),
        tile_px,
        blend,
        ..Options::default()
    }
}

const OFFSETS: [f64; 9] = [0.5, -0.25, 1.0, 0.0, 2.0, -1.5, 0.75, 0.1, -0.6];

/// The whole map, tile by tile, as grids of the plan's size.
fn whole(frames: &[OrientedFrame], options: &Options) -> (Plan, MosaicTile) {
    let (_, pictures) = flight();
    let plan = plan(frames, options).expect("a small flight");
    let sources: Vec<Source<'_>> = frames.iter().map(Source::Frame).collect();
    let offsets: Vec<f64> = frames.iter().map(|f| OFFSETS[f.index]).collect();
    let give = |place: usize| {
        let index = frames[place].index;
        Some(Picture::Frame(Arc::clone(&pictures[index])))
    };
    let mut map = MosaicTile {
        kelvin: Grid::filled(plan.width, plan.height, f32::NAN),
        count: Grid::filled(plan.width, plan.height, 0),
        frame: Grid::filled(plan.width, plan.height, NO_FRAME),
        view_deg: Grid::filled(plan.width, plan.height, f32::NAN),
        mixed: Grid::filled(plan.width, plan.height, false),
        mean_k: Grid::filled(plan.width, plan.height, f32::NAN),
        mean_sigma_k: Grid::filled(plan.width, plan.height, f32::NAN),
    };
    for piece in &plan.tiles {
        let done = tile(&plan, piece, &sources, &give, &offsets, &surface(), options);
        for row in 0..piece.window.height {
            for col in 0..piece.window.width {
                let (c, r) = (piece.window.col + col, piece.window.row + row);
                map.kelvin.set(c, r, done.kelvin.at(col, row));
                map.count.set(c, r, done.count.at(col, row));
                map.frame.set(c, r, done.frame.at(col, row));
                map.view_deg.set(c, r, done.view_deg.at(col, row));
                map.mixed.set(c, r, done.mixed.at(col, row));
                map.mean_k.set(c, r, done.mean_k.at(col, row));
                map.mean_sigma_k.set(c, r, done.mean_sigma_k.at(col, row));
            }
        }
    }
    (plan, map)
}

fn bits(grid: &Grid<f32>) -> Vec<u32> {
    grid.data().iter().map(|v| v.to_bits()).collect()
}

#[test]
fn every_value_is_the_levelled_frame_at_the_recorded_index() {
    // R5 of georeferencing.md §13.
    let (frames, pictures) = flight();
    let options = options(64, Blend::BestView);
    let (plan, map) = whole(&frames, &options);
    let surface = surface();
    let relief = Relief::new(&surface, &options.rectify);
    let mut seen = 0;
    for row in 0..plan.height {
        for col in 0..plan.width {
            let index = map.frame.at(col, row);
            if index == NO_FRAME {
                assert!(map.kelvin.at(col, row).is_nan() && map.count.at(col, row) == 0);
                continue;
            }
            let index = index as usize;
            let (x, y) = plan.transform.centre(col, row);
            let at = look(&frames[index], &relief, x, y, &options.rectify).expect("seen");
            let expected = bilinear_strict(&pictures[index], at.u_px, at.v_px);
            let expected = f64::from(expected) - OFFSETS[index];
            // Rounding of f32 at 280 K and of positions 1e-10 px apart.
            assert!((f64::from(map.kelvin.at(col, row)) - expected).abs() < 1e-4);
            assert!((f64::from(map.view_deg.at(col, row)) - at.view_deg).abs() < 1e-4);
            seen += 1;
        }
    }
    assert!(seen > 15_000, "{seen}");
}

#[test]
fn the_count_is_that_of_all_views() {
    let (frames, _) = flight();
    let options = options(128, Blend::BestView);
    let (plan, map) = whole(&frames, &options);
    let surface = surface();
    let relief = Relief::new(&surface, &options.rectify);
    for (col, row) in [(70, 60), (90, 80), (50, 90), (101, 33)] {
        let (x, y) = plan.transform.centre(col, row);
        let seen = |f: &&OrientedFrame| look(f, &relief, x, y, &options.rectify).is_some();
        let views = frames.iter().filter(seen).count();
        assert!(views > 1);
        assert_eq!(usize::from(map.count.at(col, row)), views);
    }
}

#[test]
fn the_order_of_frames_does_not_matter() {
    let (frames, _) = flight();
    let shuffled: Vec<OrientedFrame> = [4, 8, 1, 0, 7, 3, 6, 2, 5]
        .iter()
        .map(|i| frames[*i].clone())
        .collect();
    for blend in [Blend::BestView, Blend::Mean, Blend::Median, Blend::Feather] {
        let (_, a) = whole(&frames, &options(64, blend));
        let (_, b) = whole(&shuffled, &options(64, blend));
        assert_eq!(bits(&a.kelvin), bits(&b.kelvin));
        assert_eq!(bits(&a.mean_k), bits(&b.mean_k));
        assert_eq!(bits(&a.mean_sigma_k), bits(&b.mean_sigma_k));
        assert_eq!((a.frame, a.count), (b.frame, b.count));
        assert_eq!(a.mixed, b.mixed);
    }
}

#[test]
fn the_tile_size_does_not_matter() {
    let (frames, _) = flight();
    let (_, a) = whole(&frames, &options(64, Blend::BestView));
    let (_, b) = whole(&frames, &options(256, Blend::BestView));
    assert_eq!((a.frame, a.count), (b.frame, b.count));
    assert_eq!(a.mixed, b.mixed);
    for (a, b) in [(&a.kelvin, &b.kelvin), (&a.mean_k, &b.mean_k)] {
        for (a, b) in a.data().iter().zip(b.data()) {
            // Positions are summed from other starts: rounding.
            assert!((a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-4);
        }
    }
}

/// How often an edge was marked, and how often it was avoided, in the map of some frames.
fn edges_of(frames: &[OrientedFrame]) -> (usize, usize) {
    let (_, pictures) = flight();
    let options = options(64, Blend::BestView);
    let (plan, map) = whole(frames, &options);
    let surface = surface();
    let target = rectify::Target {
        transform: plan.transform,
        width: plan.width,
        height: plan.height,
    };
    // The rim of the tiles sees a few cells beyond the map.
    let rim = 4;
    let wide = target.widened(rim);
    let views: Vec<rectify::OrthoTile> = frames
        .iter()
        .map(|f| rectify::tile(&pictures[f.index], f, &surface, &wide, &options.rectify))
        .collect();
    let (mut marked, mut avoided) = (0, 0);
    for row in 0..plan.height {
        for col in 0..plan.width {
            let sight = |view: &rectify::OrthoTile| view.sight.at(col + rim, row + rim);
            let any = |wanted| views.iter().any(|view| sight(view) == wanted);
            let (clean, near) = (any(rectify::Sight::Seen), any(rectify::Sight::NearEdge));
            assert_eq!(map.mixed.at(col, row), near && !clean);
            marked += usize::from(near && !clean);
            avoided += usize::from(near && clean);
            if clean {
                let best = map.frame.at(col, row) as usize;
                let place = frames.iter().position(|f| f.index == best);
                assert_eq!(sight(&views[place.expect("a frame")]), rectify::Sight::Seen);
            }
        }
    }
    (marked, avoided)
}

#[test]
fn no_value_mixed_with_an_edge_stands_where_a_clean_view_exists_and_others_are_marked() {
    let (frames, _) = flight();
    let (_, avoided) = edges_of(&frames);
    assert!(avoided > 500, "{avoided}");
    // From the west alone there is no second view beside the house. Not at 45° to its corners:
    // rounding would decide what hides behind them.
    let alone = frame(3, 103.13, 206.07, 20.0, 1.2);
    let (marked, avoided) = edges_of(&[alone]);
    assert!(marked > 20 && avoided == 0, "{marked} {avoided}");
}

#[test]
fn the_mean_trusts_frames_by_the_uncertainty_of_their_level() {
    // Two frames of one place, 280 and 281 K; noise 0.05 K, levels ±0.1 K and unknown (1 K).
    let frames = [
        frame(0, 100.0, 200.0, 20.0, 0.0),
        frame(1, 100.0, 200.0, 20.0, 0.0),
    ];
    let sources: Vec<Source<'_>> = frames.iter().map(Source::Frame).collect();
    let guide = Guide {
        sigma_k: &[0.1, f64::NAN],
        ..Guide::default()
    };
    let options = options(128, Blend::BestView);
    let plan = plan_guided(&sources, &guide, &options).expect("two frames");
    let give = |place: usize| {
        let kelvin = 280.0 + place as f32;
        Some(Picture::Frame(Arc::new(Grid::filled(80, 64, kelvin))))
    };
    let piece = &plan.tiles[0];
    let map = tile(&plan, piece, &sources, &give, &[], &surface(), &options);
    let (w0, w1) = (1.0 / (0.01 + 0.0025), 1.0 / (1.0 + 0.0025));
    let expected = 280.0 + w1 / (w0 + w1);
    let (col, row) = (piece.window.width / 2, piece.window.height / 2);
    assert_eq!(map.count.at(col, row), 2);
    assert!((f64::from(map.mean_k.at(col, row)) - expected).abs() < 1e-4);
    assert!(map.mean_sigma_k.at(col, row) >= (1.0 / (w0 + w1)).sqrt() as f32);
    assert_eq!(map.kelvin.at(col, row), 280.0);
}

#[test]
fn means_taken_on_roofs_alone_are_those_taken_everywhere() {
    let (frames, pictures) = flight();
    let sources: Vec<Source<'_>> = frames.iter().map(Source::Frame).collect();
    let outline = geo::MultiPolygon(vec![
        geo::Rect::new((92.0, 195.0), (104.0, 206.0)).to_polygon(),
    ]);
    let roof = RoofOutline {
        number: 0,
        outline: &outline,
    };
    let guide = Guide {
        roofs: &[roof],
        ..Guide::default()
    };
    let give = |place: usize| Some(Picture::Frame(Arc::clone(&pictures[frames[place].index])));
    let made = |means_on_roofs: bool| {
        let options = Options {
            means_on_roofs,
            ..options(64, Blend::BestView)
        };
        let plan = plan_guided(&sources, &guide, &options).expect("a small flight");
        let surface = surface();
        let tiles = plan.tiles.iter().map(|piece| {
            let map = tile(&plan, piece, &sources, &give, &[], &surface, &options);
            (plan.target(piece), map)
        });
        tiles.collect::<Vec<_>>()
    };
    let (mut on, mut off) = (0, 0);
    for ((target, all), (_, some)) in made(false).iter().zip(&made(true)) {
        assert_eq!(bits(&all.kelvin), bits(&some.kelvin));
        for row in 0..target.height {
            for col in 0..target.width {
                let (x, y) = target.transform.centre(col, row);
                let (mean, sigma) = (some.mean_k.at(col, row), some.mean_sigma_k.at(col, row));
                if (92.0..104.0).contains(&x) && (195.0..206.0).contains(&y) {
                    let due = (all.mean_k.at(col, row), all.mean_sigma_k.at(col, row));
                    assert_eq!(mean.to_bits(), due.0.to_bits());
                    assert_eq!(sigma.to_bits(), due.1.to_bits());
                    on += usize::from(!mean.is_nan());
                } else if mean.is_nan() && sigma.is_nan() {
                    off += usize::from(!all.mean_k.at(col, row).is_nan());
                }
            }
        }
    }
    assert!(on > 500 && off > 5000, "{on} {off}");
}

#[test]
fn regions_are_whole() {
    // Nine frames over a site with one house: neighbours nearly always share their frame. The
    // seams between nine regions of about 60 cells are some 1,000 of 40,000 neighbours.
    let (frames, _) = flight();
    let (plan, map) = whole(&frames, &options(64, Blend::BestView));
    let (mut same, mut other) = (0, 0);
    for row in 0..plan.height {
        for pair in map.frame.row(row).windows(2) {
            match pair[0] == pair[1] {
                true => same += 1,
                false => other += 1,
            }
        }
    }
    assert!(other * 20 < same, "{other} of {same}");
}

#[test]
fn blends_lie_within_the_views() {
    let (frames, _) = flight();
    let (_, best) = whole(&frames, &options(64, Blend::BestView));
    for blend in [Blend::Mean, Blend::Median, Blend::Feather] {
        let (_, map) = whole(&frames, &options(64, blend));
        let cells = map.kelvin.data().iter().zip(best.kelvin.data());
        for ((value, best), count) in cells.zip(map.count.data()) {
            assert_eq!(value.is_nan(), *count == 0);
            assert!(value.is_nan() || (value - best).abs() < 15.0);
            assert!(*count != 1 || value == best);
        }
    }
}

#[test]
fn the_plan_snaps_to_whole_cells_and_finds_the_frames_of_every_tile() {
    let (frames, _) = flight();
    let automatic = Options {
        gsd_m: None,
        ..options(64, Blend::BestView)
    };
    let plan = plan(&frames, &automatic).expect("a small flight");
    // Pixels of 0.1 to 0.103 m; the median frame has 20.3 m / 200 px.
    assert_eq!(plan.gsd_m, 0.1);
    let cells = plan.transform.x0 / 0.1;
    assert!((cells - cells.round()).abs() < 1e-9);
    for tile in &plan.tiles {
        let bounds = plan.target(tile).bounds();
        for (place, frame) in frames.iter().enumerate() {
            if frame.footprint.intersects(&bounds.buffered(-1e-6)) {
                assert!(tile.sources.contains(&place));
            }
        }
    }
    let cells: usize = plan
        .tiles
        .iter()
        .map(|t| t.window.width * t.window.height)
        .sum();
    assert_eq!(cells, plan.width * plan.height);
}

#[test]
fn a_frame_far_away_is_named_instead_of_a_giant_map() {
    let (mut frames, _) = flight();
    frames[4] = frame(4, 90_000.0, 150_000.0, 20.0, 0.0);
    let problem = plan(&frames, &Options::default()).expect_err("too large");
    assert_eq!(problem.file.as_deref(), Some("frame-4"));
    assert!(plan(&[], &Options::default()).is_err());
    let odd = options(100, Blend::BestView);
    let problem = plan(&frames, &odd).expect_err("not a multiple of 16");
    assert_eq!(problem.field.as_deref(), Some("mosaic.tile_px"));
}

#[test]
fn ready_made_tiles_join_without_a_gap_and_keep_their_values() {
    // Two tiles of 0.5 m cells that touch, the second levelled by 1 K.
    let tile_at = |x0: f64, value: f32| GeoGrid {
        grid: Grid::filled(40, 40, value),
        transform: GeoTransform {
            x0,
            y0: 20.0,
            dx: 0.5,
            dy: 0.5,
        },
    };
    let pictures = [
        Arc::new(tile_at(0.0, 280.0)),
        Arc::new(tile_at(20.0, 282.0)),
    ];
    let source = |index: usize| Source::Tile {
        index,
        name: "tile",
        footprint: pictures[index].transform.bounds(40, 40),
        gsd_m: 0.5,
    };
    let sources = [source(0), source(1)];
    let options = Options {
        gsd_m: None,
        ..options(128, Blend::BestView)
    };
    let plan = plan_sources(&sources, &options).expect("two tiles");
    assert_eq!((plan.width, plan.height, plan.gsd_m), (80, 40, 0.5));
    let nothing = GeoGrid {
        grid: Grid::filled(0, 0, 0.0),
        transform: plan.transform,
    };
    let give = |place: usize| Some(Picture::Tile(Arc::clone(&pictures[place])));
    let map = tile(
        &plan,
        &plan.tiles[0],
        &sources,
        &give,
        &[0.0, 1.0],
        &nothing,
        &options,
    );
    for col in 0..80 {
        let expected = if col < 40 { 280.0 } else { 281.0 };
        assert_eq!(map.kelvin.at(col, 7), expected);
        assert_eq!(map.frame.at(col, 7), u32::from(col >= 40));
        assert!(map.view_deg.at(col, 7).is_nan());
    }
}
