//! The association's workbook: of every company what it allows, nothing of the others.

use super::{Cell, Facts, Member, RoofFacts, Scope, Table, conditions, dictionary};
use crate::report::overview::Holding;
use crate::survey::Sharing;

/// The tables of the association's workbook of a park or of the campaign.
pub fn internal(facts: &Facts, members: &[Member<'_>], scope: &Scope<'_>) -> Vec<Table> {
    let mut tables = vec![
        buildings(members, scope),
        hotspots(members, scope),
        companies(members, scope),
        conditions_and_verdicts(facts, scope),
    ];
    tables.push(dictionary(&tables, scope.language));
    tables
}

/// The conditions of the flight, and how many of the auditor's verdicts it could use: numbers only,
/// for an id would tell of a company's roof.
fn conditions_and_verdicts(facts: &Facts, scope: &Scope<'_>) -> Table {
    let mut table = conditions(facts, scope);
    if let Some(reviews) = facts.reviews.as_ref().filter(|_| scope.park.is_none()) {
        for (key, n) in [
            ("verdicts_applied", reviews.applied),
            ("verdicts_vanished", reviews.vanished),
            ("verdicts_other_flight", reviews.elsewhere),
        ] {
            table.rows.push(vec![Cell::text(key), Cell::whole(Some(n))]);
        }
    }
    table
}

/// What may be seen of a roof: of one that several hold what each of them allows.
pub(super) fn visible(
    holding: &Holding<'_>,
    owner: &Member<'_>,
    members: &[Member<'_>],
) -> Sharing {
    let rank = |s: Sharing| match s {
        Sharing::No => 0,
        Sharing::Class => 1,
        Sharing::Full => 2,
    };
    let others = members
        .iter()
        .filter(|m| holding.shared && holding.tenants.contains(&m.company.company_id));
    others
        .map(|m| m.visible)
        .fold(owner.visible, |a, b| if rank(b) < rank(a) { b } else { a })
}

fn buildings(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let mut rows = Vec::new();
    for member in members {
        for holding in member.holdings.iter().filter(|h| scope.holds(h.park)) {
            let full = match visible(holding, member, members) {
                Sharing::No => continue,
                Sharing::Class => false,
                Sharing::Full => true,
            };
            rows.push(building(member, holding, full, scope));
        }
    }
    Table {
        name: "buildings",
        columns: vec![
            "oidn",
            "company_id",
            "park_id",
            "occupancy",
            "class",
            "class_lo",
            "class_hi",
            "class_mode",
            "area_m2",
            "observed_fraction",
            "valid_fraction",
            "t_median_c",
            "t_p95_c",
            "delta_air_k",
            "delta_reference_k",
            "u_w_m2k",
            "heat_loss_w",
            "material_group",
            "group_size",
            "score",
            "grade",
            "reasons",
            "hotspot_count",
        ],
        rows,
    }
}

fn digit(class: Option<u8>) -> Cell {
    Cell::whole(class.map(usize::from))
}

fn building(
    member: &Member<'_>,
    holding: &Holding<'_>,
    full: bool,
    scope: &Scope<'_>,
) -> Vec<Cell> {
    let roof: &RoofFacts = holding.roof;
    let number = |value: Option<f64>, decimals| Cell::number(value.filter(|_| full), decimals);
    let text = |text: String| if full { Cell::text(text) } else { Cell::Empty };
    let reasons: Vec<String> = roof.reasons.iter().map(|c| format!("R{c:02}")).collect();
    // Those of a shared roof are nobody's.
    let spots = (!holding.shared).then_some(holding.spots.len() as f64);
    vec![
        Cell::text(roof.oidn.as_str()),
        Cell::text(member.company.company_id.as_str()),
        Cell::text(scope.park_id(holding.park)),
        Cell::text(holding.occupancy),
        digit(roof.class),
        digit(roof.class_lo.filter(|_| full)),
        digit(roof.class_hi.filter(|_| full)),
        text(roof.class_mode.clone()),
        number(Some(roof.area_m2), 1),
        number(Some(roof.observed_fraction), 2),
        number(Some(roof.valid_fraction), 2),
        number(roof.t_median_c, 1),
        number(roof.t_p95_c, 1),
        number(roof.delta_air_k, 1),
        number(roof.delta_reference_k, 1),
        number(roof.u_w_m2k, 2),
        number(roof.heat_loss_w, 0),
        text(roof.material_group.clone()),
        number(Some(f64::from(roof.group_size)), 0),
        number(roof.score, 0),
        text(roof.grade.map(String::from).unwrap_or_default()),
        text(reasons.join(";")),
        number(spots, 0),
    ]
}

fn hotspots(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let mut rows = Vec::new();
    for member in members.iter().filter(|m| m.visible == Sharing::Full) {
        for holding in member.holdings.iter().filter(|h| scope.holds(h.park)) {
            for spot in &holding.spots {
                rows.push(vec![
                    Cell::text(spot.hotspot_id.as_str()),
                    Cell::text(spot.oidn.as_str()),
                    Cell::text(member.company.company_id.as_str()),
                    Cell::text(scope.park_id(holding.park)),
                    Cell::text(spot.kind.as_str()),
                    Cell::text(spot.detail.as_str()),
                    Cell::whole(Some(usize::from(spot.severity))),
                    Cell::whole(Some(usize::from(spot.urgency))),
                    Cell::number(Some(spot.area_m2), 1),
                    Cell::number(Some(spot.excess_mean_k), 1),
                    Cell::number(spot.excess_w, 0),
                    Cell::text(spot.grade.to_string()),
                ]);
            }
        }
    }
    Table {
        name: "hotspots",
        columns: vec![
            "hotspot_id",
            "oidn",
            "company_id",
            "park_id",
            "kind",
            "detail",
            "severity",
            "urgency",
            "area_m2",
            "excess_mean_k",
            "excess_w",
            "grade",
        ],
        rows,
    }
}

/// Companies that take part, with what they allow. A company's class and number of points may be seen if it
/// allows it and, on a roof that several hold, all of them do.
fn companies(members: &[Member<'_>], scope: &Scope<'_>) -> Table {
    let taking_part = members.iter().filter(|m| {
        let part = m.company.participates == crate::survey::Participation::Yes;
        part && scope.holds(m.park)
    });
    let rows = taking_part.map(|m| {
        let seen = |least: Sharing| m.sees(members, least);
        let oidns: Vec<&str> = m.holdings.iter().map(|h| h.roof.oidn.as_str()).collect();
        let class = m.class().filter(|_| seen(Sharing::Class));
        let full = seen(Sharing::Full);
        vec![
            Cell::text(m.company.company_id.as_str()),
            Cell::text(m.company.name.as_str()),
            Cell::text(scope.park_id(m.park)),
            Cell::text(match m.visible {
                Sharing::No => "no",
                Sharing::Class => "class",
                Sharing::Full => "full",
            }),
            Cell::text(if m.sheet { "yes" } else { "no" }),
            digit(class),
            if full {
                Cell::text(oidns.join(";"))
            } else {
                Cell::Empty
            },
            Cell::whole(Some(m.points().count()).filter(|_| full)),
        ]
    });
    Table {
        name: "companies",
        columns: vec![
            "company_id",
            "name",
            "park_id",
            "share_with_association",
            "sheet",
            "class",
            "oidns",
            "hotspot_count",
        ],
        rows: rows.collect(),
    }
}

impl Member<'_> {
    /// Whether the association may see as much as `least` of all the company holds.
    pub fn sees(&self, members: &[Member<'_>], least: Sharing) -> bool {
        let enough = |s: Sharing| s == Sharing::Full || s == least;
        let mut holdings = self.holdings.iter();
        enough(self.visible) && holdings.all(|h| enough(visible(h, self, members)))
    }
}
