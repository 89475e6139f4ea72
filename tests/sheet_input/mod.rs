//! An invented company with invented roofs, for tests and benches of the sheet: a furniture
//! hall with four points of attention, an office, a metal shed; two kinds of explained sources.

use geo::{LineString, MultiPolygon, Polygon};
use jiff::civil::date;
use thermaudit::compare::Verdict;
use thermaudit::raster::{GeoGrid, GeoTransform, Grid};
use thermaudit::report::{
    Building, Compared, Comparison, FlightFacts, Palette, Photo, Purpose, Release, Settings,
    SheetConditions, SheetInput,
};
use thermaudit::score::{
    ClassMode, Hotspot, HotspotKind, Interval, Reason, RoofScore, RoofStatistics,
};
use thermaudit::survey::{
    Company, Conditions, Language, Outline, Review, Ruling, Sharing, Subject,
};

const X0: f64 = 72_000.0;
const Y0: f64 = 181_000.0;
const CELL_M: f64 = 0.15;

/// Local metres, turned by 8.5° as business parks never lie north.
fn turn(x: f64, y: f64) -> (f64, f64) {
    let (sin, cos) = 8.5_f64.to_radians().sin_cos();
    (X0 + x * cos - y * sin, Y0 + x * sin + y * cos)
}

fn back(x: f64, y: f64) -> (f64, f64) {
    let (sin, cos) = 8.5_f64.to_radians().sin_cos();
    let (x, y) = (x - X0, y - Y0);
    (x * cos + y * sin, -x * sin + y * cos)
}

fn shape(points: &[(f64, f64)]) -> MultiPolygon<f64> {
    let ring: Vec<(f64, f64)> = points.iter().map(|(x, y)| turn(*x, *y)).collect();
    Polygon::new(LineString::from(ring), Vec::new()).into()
}

fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> MultiPolygon<f64> {
    shape(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
}

/// Repeatable noise in −1 … 1.
fn noise(col: usize, row: usize) -> f64 {
    let mut h = (col as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (row as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    h ^= h >> 29;
    h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h ^= h >> 32;
    (h % 20_001) as f64 / 10_000.0 - 1.0
}

fn inside(x: f64, y: f64, r: (f64, f64, f64, f64)) -> bool {
    x >= r.0 && x <= r.2 && y >= r.1 && y <= r.3
}

const PATCH: (f64, f64, f64, f64) = (4.0, 3.0, 14.0, 13.9);
const EDGE: (f64, f64, f64, f64) = (32.0, 38.6, 47.0, 39.7);
const JOINT: (f64, f64, f64, f64) = (1.0, 22.4, 47.0, 23.1);
const CORNER: (f64, f64, f64, f64) = (20.6, -19.6, 22.0, -14.6);
const FAN: (f64, f64, f64, f64) = (25.5, 5.0, 26.9, 6.4);
const LIGHTS: [(f64, f64, f64, f64); 4] = [
    (8.0, 28.0, 20.0, 29.6),
    (26.0, 28.0, 38.0, 29.6),
    (8.0, 15.5, 20.0, 17.1),
    (26.0, 15.5, 38.0, 17.1),
];
const PANELS: (f64, f64, f64, f64) = (30.0, 3.0, 43.0, 9.5);

/// °C at local metres: roofs at about −1, ground 2 warmer, neighbours warmer still.
fn celsius(x: f64, y: f64, n: f64) -> f32 {
    let slow = 0.25 * (x / 9.0).sin() * (y / 7.0).cos();
    let mut t = 1.4 + 0.3 * n;
    if inside(x, y, (0.0, 0.0, 48.0, 40.0)) {
        t = -1.0 + slow + 0.18 * n;
    }
    if inside(x, y, (48.0, 2.0, 58.0, 28.0)) {
        t = -0.2 + slow + 0.2 * n;
    }
    if inside(x, y, (2.0, -20.0, 22.0, -7.0)) {
        t = -1.6 + slow + 0.18 * n;
    }
    if inside(x, y, PATCH) {
        t += 2.2 + 0.5 * (x * 2.0).sin();
    }
    if inside(x, y, EDGE) {
        t += 2.9 + 0.6 * (x * 0.9).sin();
    }
    if inside(x, y, JOINT) {
        t += 1.8 + 0.3 * (x * 0.4).sin();
    }
    if inside(x, y, CORNER) {
        t += 2.6;
    }
    if inside(x, y, FAN) {
        t += 8.5;
    }
    if LIGHTS.iter().any(|r| inside(x, y, *r)) {
        t += 4.2;
    }
    if inside(x, y, PANELS) {
        t = -4.5 + 0.3 * n;
    }
    t as f32
}

fn thermal() -> GeoGrid<f32> {
    let (width, height) = (800, 760);
    let transform = GeoTransform {
        x0: X0 - 30.0,
        y0: Y0 + 72.0,
        dx: CELL_M,
        dy: CELL_M,
    };
    let mut data = Vec::with_capacity(width * height);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            let (x, y) = back(x, y);
            data.push(celsius(x, y, noise(col, row)));
        }
    }
    GeoGrid {
        grid: Grid::from_vec(width, height, data).expect("width × height cells"),
        transform,
    }
}

fn statistics(median_c: f64, p95_c: f64) -> RoofStatistics {
    RoofStatistics {
        pixels: 93_211,
        min_c: median_c - 1.62,
        p05_c: median_c - 0.81,
        p10_c: median_c - 0.62,
        p25_c: median_c - 0.31,
        median_c,
        mean_c: median_c + 0.14,
        p75_c: median_c + 0.36,
        p90_c: median_c + 1.21,
        p95_c,
        max_c: 9.73,
        sd_k: 0.72,
        mad_k: 0.44,
        trimmed_c: median_c + 0.03,
    }
}

struct Facts {
    oidn: &'static str,
    name: &'static str,
    area_m2: f64,
    valid: f64,
    class: Option<u8>,
    range: Option<(u8, u8)>,
    reasons: Vec<Reason>,
}

fn building(facts: Facts, polygon: MultiPolygon<f64>, values: Option<(f64, f64)>) -> Building {
    Building {
        outline: Outline {
            name: Some(facts.name.to_owned()),
            height_m: Some(7.5),
            ..Outline::new(facts.oidn, polygon)
        },
        score: RoofScore {
            oidn: facts.oidn.to_owned(),
            area_m2: facts.area_m2,
            observed_fraction: 0.993,
            valid_fraction: facts.valid,
            statistics: values.map(|(m, p)| statistics(m, p)),
            delta_air_k: values.map(|(m, _)| m - 2.38),
            delta_reference_k: values.map(|(m, _)| m + 3.12),
            local_reference_c: values.map(|_| -3.12),
            theta: values.map(|_| 0.213),
            sigma_relative_k: values.map(|_| 0.243),
            u_w_m2k: values.map(|_| Interval {
                value: 0.974,
                low: 0.61,
                high: 1.41,
            }),
            class: facts.class,
            class_range: facts.range,
            class_mode: if facts.class.is_some() {
                ClassMode::Physical
            } else {
                ClassMode::None
            },
            group_size: 58,
            position: Some(0.703),
            grade: Some('B'),
            reasons: facts.reasons,
            emissivity: 0.92,
            indoor_c: 18.0,
            ..RoofScore::default()
        },
        hotspots: Vec::new(),
        rejected: Vec::new(),
        masked: Vec::new(),
        part: thermaudit::report::Part::Whole,
    }
}

/// One warm object on a local rectangle.
fn hotspot(
    id: &str,
    oidn: &str,
    kind: HotspotKind,
    detail: &str,
    severity: u8,
    r: (f64, f64, f64, f64),
    excess_k: f64,
) -> Hotspot {
    let (w, h) = (r.2 - r.0, r.3 - r.1);
    let (x_m, y_m) = turn((r.0 + r.2) / 2.0, (r.1 + r.3) / 2.0);
    Hotspot {
        hotspot_id: id.to_owned(),
        segment_id: String::new(),
        oidn: oidn.to_owned(),
        kind,
        detail: detail.to_owned(),
        probability: 0.83,
        severity,
        area_m2: w * h,
        pixels: (w * h / CELL_M / CELL_M) as u32,
        peak_c: -1.0 + excess_k + 2.62,
        excess_mean_k: excess_k,
        excess_sigma_k: 0.217,
        excess_max_k: excess_k + 2.58,
        background_c: -0.93,
        excess_w: Some(Interval {
            value: 11.3 * excess_k * w * h,
            low: 1.0,
            high: 2.0,
        }),
        grade: 'B',
        deductions: Vec::new(),
        reasons: Vec::new(),
        frames: 6,
        x_m,
        y_m,
        polygon: rectangle(r.0, r.1, r.2, r.3),
        elongation: w.max(h) / w.min(h),
        review: None,
    }
}

fn buildings() -> Vec<Building> {
    let hall = [
        (0.0, 0.0),
        (58.0, 0.0),
        (58.0, 28.0),
        (48.0, 28.0),
        (48.0, 40.0),
        (0.0, 40.0),
    ];
    let reasons = vec![
        Reason {
            code: 3,
            value: Some(5.2),
        },
        Reason {
            code: 20,
            value: Some(18.0),
        },
    ];
    let mut g1 = building(
        Facts {
            oidn: "9990417",
            name: "hal",
            area_m2: 2199.6,
            valid: 0.842,
            class: Some(4),
            range: Some((4, 4)),
            reasons,
        },
        shape(&hall),
        Some((-0.93, 1.12)),
    );
    g1.masked = vec![rectangle(PANELS.0, PANELS.1, PANELS.2, PANELS.3)];
    g1.hotspots = vec![
        hotspot("h1", "9990417", HotspotKind::Insulation, "", 4, PATCH, 2.21),
        hotspot("h2", "9990417", HotspotKind::Edge, "", 3, EDGE, 2.94),
        hotspot("h3", "9990417", HotspotKind::Linear, "", 3, JOINT, 1.82),
        hotspot(
            "h5",
            "9990417",
            HotspotKind::Installation,
            "penetration",
            2,
            FAN,
            8.53,
        ),
    ];
    for (i, r) in LIGHTS.iter().enumerate() {
        let id = format!("h6{i}");
        g1.hotspots.push(hotspot(
            &id,
            "9990417",
            HotspotKind::Rooflight,
            "closed",
            2,
            *r,
            4.21,
        ));
    }
    let reasons = vec![Reason {
        code: 20,
        value: Some(18.0),
    }];
    let mut g2 = building(
        Facts {
            oidn: "9990422",
            name: "kantoor",
            area_m2: 260.1,
            valid: 0.803,
            class: Some(3),
            range: Some((3, 4)),
            reasons,
        },
        rectangle(2.0, -20.0, 22.0, -7.0),
        Some((-1.58, -0.97)),
    );
    g2.hotspots = vec![hotspot(
        "h4",
        "9990422",
        HotspotKind::Edge,
        "",
        2,
        CORNER,
        2.61,
    )];
    let reasons = vec![Reason {
        code: 2,
        value: None,
    }];
    let g3 = building(
        Facts {
            oidn: "9990430",
            name: "loods",
            area_m2: 240.2,
            valid: 0.0,
            class: None,
            range: None,
            reasons,
        },
        rectangle(66.0, 22.0, 80.0, 39.0),
        None,
    );
    vec![g3, g1, g2]
}

/// The whole company in a language.
pub(crate) fn company(language: Language) -> SheetInput {
    SheetInput {
        language,
        company: Company {
            company_id: "wolkenveld".to_owned(),
            name: "Meubelfabriek Wolkenveld nv".to_owned(),
            enterprise_number: "0999887777".to_owned(),
            establishment_number: "2999000131".to_owned(),
            address: "Voorbeeldlaan 12, 8999 Zandbeke".to_owned(),
            sharing: Sharing::Class,
            ..Company::default()
        },
        buildings: buildings(),
        thermal: Some(thermal()),
        neighbours: vec![
            rectangle(-45.0, 50.0, 18.0, 90.0),
            rectangle(30.0, 52.0, 95.0, 85.0),
            rectangle(-60.0, -4.0, -14.0, 42.0),
            rectangle(-60.0, -50.0, -10.0, -12.0),
            rectangle(34.0, -50.0, 90.0, -22.0),
        ],
        photo: None,
        flight: FlightFacts {
            id: "KV-03".to_owned(),
            start: date(2026, 3, 14).at(2, 15, 0, 0),
            end: date(2026, 3, 14).at(4, 5, 0, 0),
            platform: "drone".to_owned(),
            camera: String::new(),
            sensor_px: Some((640, 512)),
            height_m: Some(118.0),
            gsd_m: CELL_M,
            frames: 46,
            purpose: Purpose::HeatLoss,
        },
        conditions: SheetConditions {
            weather: Conditions {
                air_c: Some(2.38),
                humidity_pct: Some(81.0),
                wind_m_s: Some(1.87),
                cloud_okta: None,
                pressure_hpa: Some(1018.0),
                sky_c: None,
            },
            sky_c: Some(-21.2),
            sky_computed: true,
            rain_24h_mm: Some(0.0),
            station: "KMI Beitem".to_owned(),
            station_km: Some(24.0),
            stations: Vec::new(),
            spread: Conditions::default(),
            emissivity: 0.92,
            uncertainty_k: Some(0.57),
            moisture_doubts: Vec::new(),
        },
        scale_c: (-6.0, 8.0),
        palette: Palette::Inferno,
        settings: Settings {
            project: "Ondernemers Kouterveld".to_owned(),
            campaign: "Winter 2026, bedrijventerrein Kouterveld".to_owned(),
            code: "KV-2026-031".to_owned(),
            auditor: "Meetbureau Zilverlijn".to_owned(),
            contact: "info@kouterveld.example".to_owned(),
            text: "Infomoment groepsaankoop op 12 mei 2026. Inschrijven kan tot 30 april bij de vereniging.".to_owned(),
            retain_until: Some(date(2028, 12, 31)),
            sources: vec!["Digitaal Vlaanderen (GRB)".to_owned(), "KMI (CC BY 4.0)".to_owned()],
            ..Settings::default()
        },
        release: Some(Release {
            name: "An Voorbeeld".to_owned(),
            function: String::new(),
            level: "2".to_owned(),
            date: Some(date(2026, 4, 2)),
        }),
        comparison: None,
    }
}

/// The same company with an invented aerial photo.
#[allow(dead_code)]
pub(crate) fn with_photo(language: Language) -> SheetInput {
    let mut input = company(language);
    let (width, height) = (700, 660);
    let transform = GeoTransform {
        x0: X0 - 35.0,
        y0: Y0 + 76.0,
        dx: 0.2,
        dy: 0.2,
    };
    let mut data = Vec::with_capacity(width * height);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            let (x, y) = back(x, y);
            let n = (noise(col, row) * 9.0) as i16;
            let base: i16 = if inside(x, y, PANELS) {
                40
            } else if inside(x, y, (0.0, 0.0, 48.0, 40.0)) || inside(x, y, (48.0, 0.0, 58.0, 28.0))
            {
                95
            } else if inside(x, y, (66.0, 22.0, 80.0, 39.0)) {
                190
            } else if inside(x, y, (2.0, -20.0, 22.0, -7.0)) {
                165
            } else {
                130
            };
            let v = (base + n).clamp(0, 255) as u8;
            data.push([v, v, v.saturating_add(4)]);
        }
    }
    let rgb = Grid::from_vec(width, height, data).expect("width × height cells");
    input.photo = Some(Photo::whole(rgb, transform));
    input
}

/// Its largest building only, shared with others without zones.
#[allow(dead_code)]
pub(crate) fn shared(language: Language) -> SheetInput {
    let mut input = company(language);
    let area = |b: &Building| b.score.area_m2;
    input.buildings.sort_by(|a, b| area(b).total_cmp(&area(a)));
    input.buildings.truncate(1);
    let building = &mut input.buildings[0];
    building.part = thermaudit::report::Part::Shared;
    building.hotspots.clear();
    building.score.reasons.push(thermaudit::score::Reason {
        code: 9,
        value: None,
    });
    input.settings.park = "Kouterveld Noord".to_owned();
    input
}

/// Its largest building only, of which it holds the western half.
#[allow(dead_code)]
pub(crate) fn zone(language: Language) -> SheetInput {
    use geo::{BooleanOps, BoundingRect};
    let mut input = shared(language);
    let whole = company(language);
    let largest = whole
        .buildings
        .iter()
        .max_by(|a, b| a.score.area_m2.total_cmp(&b.score.area_m2));
    let building = &mut input.buildings[0];
    building.part = thermaudit::report::Part::Zone;
    building.score.reasons.pop();
    building.hotspots = largest.expect("buildings").hotspots.clone();
    let all = building.outline.polygon.clone();
    let bounds = all.bounding_rect().expect("an outline");
    let (mut low, mut high) = (bounds.min(), bounds.max());
    high.x = (low.x + high.x) / 2.0;
    let half = MultiPolygon(vec![geo::Rect::new(low, high).to_polygon()]);
    low.x = high.x;
    building.outline.polygon = all.intersection(&half);
    building.score.area_m2 = geo::Area::unsigned_area(&building.outline.polygon);
    building.hotspots.retain(|h| h.x_m < low.x);
    for spot in &mut building.hotspots {
        spot.polygon = spot.polygon.intersection(&half);
    }
    for masked in &mut building.masked {
        *masked = masked.intersection(&half);
    }
    input.neighbours.push(all.difference(&half));
    input
}

/// The company under another name.
#[allow(dead_code)]
pub(crate) fn named(language: Language, name: &str) -> SheetInput {
    let mut input = company(language);
    input.company.name = name.to_owned();
    input
}

/// Only the metal shed.
#[allow(dead_code)]
pub(crate) fn not_assessable(language: Language) -> SheetInput {
    let mut input = company(language);
    input.buildings.truncate(1);
    input.release = None;
    input
}

/// Eleven points, one of low confidence, and a long name.
#[allow(dead_code)]
pub(crate) fn crowded(language: Language) -> SheetInput {
    let mut input = company(language);
    input.company.name =
        "Verenigde Meubel- en Interieurfabrieken Wolkenveld, Zandbeke & Zonen internationaal nv"
            .to_owned();
    let kinds = [
        HotspotKind::Moisture,
        HotspotKind::AirLeak,
        HotspotKind::Unknown,
        HotspotKind::Insulation,
        HotspotKind::Edge,
        HotspotKind::Linear,
        HotspotKind::Insulation,
    ];
    for (i, kind) in kinds.into_iter().enumerate() {
        let x = 3.0 + 6.5 * i as f64;
        let r = (x, 32.0, x + 3.0, 34.2 + 0.4 * i as f64);
        let mut spot = hotspot(
            &format!("x{i}"),
            "9990417",
            kind,
            "",
            2 + (i % 2) as u8,
            r,
            1.4,
        );
        if i == 6 {
            spot.grade = 'D';
        }
        input.buildings[1].hotspots.push(spot);
    }
    input
}

/// Six points and more on the usual three buildings.
#[allow(dead_code)]
pub(crate) fn six_points(language: Language) -> SheetInput {
    let mut input = crowded(language);
    input.company.name = company(language).company.name;
    input
}

/// No warm object at all, class 1.
#[allow(dead_code)]
pub(crate) fn quiet(language: Language) -> SheetInput {
    let mut input = company(language);
    input.buildings.remove(0);
    for building in &mut input.buildings {
        building.hotspots.clear();
        building.score.class = Some(1);
        building.score.class_range = Some((1, 1));
        building.score.reasons.clear();
        building.score.grade = Some('A');
        building.score.position = Some(0.12);
    }
    input
}

/// Relative classes, weather unknown.
#[allow(dead_code)]
pub(crate) fn relative(language: Language) -> SheetInput {
    let mut input = company(language);
    for building in &mut input.buildings {
        building.score.class_mode = ClassMode::Relative;
        building.score.grade = Some('C');
        building.score.position = None;
        building.score.group_size = 34;
        building.score.u_w_m2k = None;
    }
    input.conditions.weather = Conditions::default();
    input.conditions.sky_c = None;
    input.conditions.rain_24h_mm = None;
    input.conditions.station.clear();
    input
}

/// Fourteen buildings.
#[allow(dead_code)]
pub(crate) fn many_buildings(language: Language) -> SheetInput {
    let mut input = company(language);
    for i in 0..11 {
        let (x, y) = (
            f64::from(i % 6) * 16.0 - 10.0,
            -45.0 - 14.0 * f64::from(i / 6),
        );
        let facts = Facts {
            oidn: "9990500",
            name: "box",
            area_m2: 96.0 - f64::from(i),
            valid: 0.9,
            class: Some(1 + (i % 6) as u8),
            range: None,
            reasons: Vec::new(),
        };
        let mut b = building(
            facts,
            rectangle(x, y, x + 12.0, y + 8.0),
            Some((-2.0 + 0.2 * f64::from(i), 0.4)),
        );
        b.outline.oidn = format!("99905{i:02}");
        b.score.oidn = b.outline.oidn.clone();
        input.buildings.push(b);
    }
    input.neighbours.clear();
    input
}

/// A company that no building is linked to.
#[allow(dead_code)]
pub(crate) fn no_building(language: Language) -> SheetInput {
    let mut input = company(language);
    input.buildings.clear();
    input
}

/// A flight that looked for moisture, on an evening after a dull day.
pub fn moisture(language: Language) -> SheetInput {
    let mut input = company(language);
    input.flight.purpose = Purpose::Moisture;
    input.conditions.moisture_doubts = vec![thermaudit::score::moisture::Doubt::NoSun];
    for building in &mut input.buildings {
        let score = &mut building.score;
        (score.class, score.class_range) = (None, None);
        (score.score, score.position, score.u_w_m2k) = (None, None, None);
        (score.delta_reference_k, score.grade) = (None, Some('C'));
        for hotspot in building.hotspots.iter_mut().filter(|h| !h.kind.explained()) {
            hotspot.kind = HotspotKind::Moisture;
            hotspot.detail = "board-stock".into();
            (hotspot.severity, hotspot.grade, hotspot.excess_w) = (3, 'C', None);
        }
    }
    input
}

/// A company that gave its gas price: savings are printed.
pub fn with_price(language: Language) -> SheetInput {
    let mut input = company(language);
    input.company.gas_price_eur_kwh = Some(0.065);
    let energy = &mut input.settings.energy;
    energy.dd_base_c = 16.5;
    "Synergrid 1991–2020".clone_into(&mut energy.dd_source);
    for building in &mut input.buildings {
        // About 60 kWh a year for each m² at U 0.974.
        let kwh = 60.0 * building.score.area_m2 * building.score.valid_fraction;
        building.score.energy_kwh_a = building.score.u_w_m2k.map(|_| Interval {
            value: kwh,
            low: 0.6 * kwh,
            high: 1.45 * kwh,
        });
    }
    input
}

/// Its points and two of its roofs judged by a person.
#[allow(dead_code)]
pub(crate) fn judged(language: Language) -> SheetInput {
    let mut input = company(language);
    let review = |subject: Subject, ruling: Ruling, text: &str| Review {
        subject,
        ruling,
        kind: None,
        severity: None,
        text: text.to_owned(),
        who: "Ann Voorbeeld-Vandenbroucke".to_owned(),
        date: Some(date(2026, 5, 12)),
    };
    let building = &mut input.buildings[1];
    let mut spots = std::mem::take(&mut building.hotspots);
    for (i, spot) in spots.iter_mut().enumerate() {
        let of = Subject::Hotspot(spot.hotspot_id.clone());
        spot.review = match i {
            0 => Some(review(
                of,
                Ruling::Confirm,
                "Boorkern genomen: 4 cm isolatie, droog.",
            )),
            1 => Some(Review {
                kind: Some(HotspotKind::Rooflight),
                severity: Some(1),
                ..review(of, Ruling::Change, "Oude lichtstraat onder de goot.")
            }),
            2 => Some(review(of, Ruling::Reject, "")),
            _ => None,
        };
    }
    (building.rejected, building.hotspots) = spots.into_iter().partition(Hotspot::rejected);
    let of = Subject::Roof(building.score.oidn.clone());
    building.score.review = Some(review(
        of,
        Ruling::Reject,
        "Een derde van de hal staat leeg.",
    ));
    let other = &mut input.buildings[2].score;
    let of = Subject::Roof(other.oidn.clone());
    other.review = Some(review(of, Ruling::Confirm, "Nagekeken in het bouwdossier."));
    input
}

/// Compared with a flight of two years before.
#[allow(dead_code)]
pub(crate) fn compared(language: Language) -> SheetInput {
    let mut input = company(language);
    let now = input.thermal.clone().expect("a map");
    let with = |of: &dyn Fn(f32, f64, f64) -> f32| {
        let mut piece = now.clone();
        for row in 0..piece.grid.height() {
            for col in 0..piece.grid.width() {
                let (x, y) = piece.transform.centre(col, row);
                let (x, y) = back(x, y);
                let value = of(piece.grid.at(col, row), x, y);
                piece.grid.set(col, row, value);
            }
        }
        piece
    };
    // A warmer night; the roof of the hall was worse, a corner of it still is.
    let worse = |x: f64, y: f64| inside(x, y, (0.0, 0.0, 48.0, 40.0)) && !(x > 30.0 && y > 20.0);
    let of = |verdict, before, after, reasons: &[&str]| Compared {
        held: true,
        is_u: true,
        before,
        after,
        interval: before
            .zip(after)
            .map(|(a, b): (f64, f64)| [b - a - 0.4, b - a + 0.4]),
        provable: Some(0.52),
        verdict,
        reasons: reasons.iter().map(ToString::to_string).collect(),
        iou: 0.82,
    };
    input.comparison = Some(Comparison {
        flight_id: "KV-01".to_owned(),
        date: Some(date(2024, 2, 3)),
        before: Some(with(&|c, x, y| {
            c + 2.0 + if worse(x, y) { 1.8 } else { 0.0 }
        })),
        change: Some(with(&|_, x, y| if worse(x, y) { -1.8 } else { 0.1 })),
        buildings: vec![
            of(None, None, None, &["R02-after"]),
            of(Some(Verdict::Improved), Some(1.62), Some(0.974), &[]),
            of(Some(Verdict::NoProvenChange), Some(0.9), Some(0.974), &[]),
        ],
        hotspots: [1, 2, 3],
    });
    input
}
