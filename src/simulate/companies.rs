//! Who sits in which building, who takes part, and the tables that say so.
//!
//! Every park has a company with several buildings, two adjoining halls of different companies, a
//! building shared by two, companies that do not take part and one that withdrew.

use super::building::Use;
use super::names;
use super::park::{Park, stream};
use super::random::Rng;
use super::shape::Rect;

/// One company site.
pub(super) struct Firm {
    pub id: String,
    name: String,
    enterprise_number: String,
    parcel: usize,
    pub language: &'static str,
    /// yes, no or withdrawn.
    pub participates: &'static str,
    /// Buildings (positions in the park) it has to itself.
    pub buildings: Vec<usize>,
    /// A part of a shared building: building, share, rectangle in the building's axes.
    pub part: Option<(usize, f64, Rect)>,
}

/// Everyone in the park.
pub(super) struct Firms {
    pub list: Vec<Firm>,
}

impl Firms {
    /// Hands out the buildings.
    pub(super) fn settle(park: &Park) -> Self {
        let mut rng = Rng::new(park.seed, &[stream::COMPANIES]);
        let shared = shared_building(park);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut several = several_buildings(park, shared);
        groups.push(several.clone());
        several.extend(shared);
        for index in 0..park.buildings.len() {
            if several.contains(&index) {
                continue;
            }
            // In larger parks three in ten buildings belong to a neighbour's company.
            let plain = park.buildings[index].usage == Use::Heated;
            let joins = park.buildings.len() > 40 && groups.len() > 1 && plain && rng.chance(0.3);
            match groups.last_mut() {
                Some(last) if joins && last.len() < 4 => last.push(index),
                _ => groups.push(vec![index]),
            }
        }
        let mut list: Vec<Firm> = Vec::new();
        let mut parts = shared.map_or_else(Vec::new, |index| halves(park, index));
        let count = groups.len() + parts.len();
        let numbers = names::enterprise_numbers(count, &mut rng);
        for (index, number) in numbers.into_iter().enumerate() {
            let buildings = groups.get(index).cloned().unwrap_or_default();
            let part = if index < groups.len() {
                None
            } else {
                parts.pop()
            };
            let home = buildings
                .first()
                .copied()
                .or(part.map(|p| p.0))
                .unwrap_or(0);
            list.push(Firm {
                id: format!("B{:04}", index + 1),
                name: names::company(index),
                enterprise_number: number,
                parcel: park.buildings[home].parcel,
                language: if index % 13 == 3 { "en" } else { "nl" },
                participates: "yes",
                buildings,
                part,
            });
        }
        consent(&mut list, &mut rng);
        Self { list }
    }

    /// `companies.csv`.
    pub(super) fn table(&self, park: &Park) -> String {
        let mut rows = String::from(
            "company_id,name,enterprise_number,street,house_number,postcode,municipality,language,\
             participates,buildings,indoor_c,heated,gas_price_eur_kwh,share_with_association,\
             consent_date,consent_by,contact_email\n",
        );
        for (index, firm) in self.list.iter().enumerate() {
            let mut rng = Rng::new(park.seed, &[stream::COMPANIES, index as u64 + 1]);
            let cells = firm.cells(park, &mut rng);
            rows.push_str(&cells.join(","));
            rows.push('\n');
        }
        rows
    }

    /// `links.csv`: the parts of shared buildings.
    pub(super) fn links(&self, park: &Park) -> String {
        let mut rows = String::from("company_id,oidn,share,zone\n");
        for firm in &self.list {
            if let Some((index, share, rect)) = firm.part {
                let building = &park.buildings[index];
                let ring = super::outlines::map_ring(park, building, &rect.corners());
                let text: Vec<String> = ring
                    .iter()
                    .chain(ring.first())
                    .map(|p| format!("{:.3} {:.3}", p[0], p[1]))
                    .collect();
                rows.push_str(&format!(
                    "{},{},{share:.2},\"POLYGON (({}))\"\n",
                    firm.id,
                    building.oidn,
                    text.join(", ")
                ));
            }
        }
        rows
    }
}

impl Firm {
    fn cells(&self, park: &Park, rng: &mut Rng) -> Vec<String> {
        let oidns: Vec<&str> = self
            .buildings
            .iter()
            .map(|b| park.buildings[*b].oidn.as_str())
            .collect();
        let home = self.buildings.first().copied().or(self.part.map(|p| p.0));
        let home = home.map(|index| &park.buildings[index]);
        let heated = home.map_or("", |b| match b.usage {
            Use::Heated => "yes",
            Use::Unheated | Use::ColdStore => "no",
        });
        let tells_indoor = rng.chance(0.5) && self.buildings.len() == 1;
        let indoor = home
            .filter(|b| tells_indoor && b.usage == Use::Heated)
            .map_or_else(String::new, |b| format!("{:.1}", b.indoor_c));
        let (price, share) = (rng.range(0.055, 0.085), rng.below(3));
        let takes_part = self.participates == "yes";
        let consent = if takes_part { "2024-11-15" } else { "" };
        let mail: String = self
            .name
            .chars()
            .take_while(|c| *c != ' ')
            .collect::<String>()
            .to_lowercase();
        vec![
            self.id.clone(),
            self.name.clone(),
            self.enterprise_number.clone(),
            names::street(park.layout.street(self.parcel)),
            format!("{}", 2 + 2 * self.parcel),
            names::MUNICIPALITY.0.into(),
            names::MUNICIPALITY.1.into(),
            self.language.into(),
            self.participates.into(),
            oidns.join(";"),
            indoor,
            heated.into(),
            if takes_part && rng.chance(0.7) {
                format!("{price:.3}")
            } else {
                String::new()
            },
            ["no", "class", "full"][if takes_part { share } else { 0 }].into(),
            consent.into(),
            if takes_part {
                "zaakvoerder".into()
            } else {
                String::new()
            },
            format!("energie@{mail}.example"),
        ]
    }
}

/// A heated rectangular building that two companies share.
fn shared_building(park: &Park) -> Option<usize> {
    park.buildings.iter().position(|b| {
        b.usage == Use::Heated && b.rects.len() == 1 && b.told_u.is_none() && b.parcel % 6 == 0
    })
}

fn halves(park: &Park, index: usize) -> Vec<(usize, f64, Rect)> {
    let r = park.buildings[index].rects[0];
    let middle = r.u0 + 0.6 * r.width();
    vec![
        (index, 0.40, Rect::new(middle, r.u1, r.v0, r.v1)),
        (index, 0.60, Rect::new(r.u0, middle, r.v0, r.v1)),
    ]
}

/// Three heated buildings of one company, the roof of known U among them; in no pair of adjoining
/// halls, so that those keep different owners.
fn several_buildings(park: &Park, shared: Option<usize>) -> Vec<usize> {
    let reference = park.buildings.iter().position(|b| b.reference);
    let fit = |index: &usize| {
        let b = &park.buildings[*index];
        b.usage == Use::Heated && b.parcel % 6 != 4 && Some(*index) != shared
    };
    let others = (0..park.buildings.len()).filter(fit);
    let mut all: Vec<usize> = reference.into_iter().filter(|r| fit(r)).collect();
    for index in others {
        if all.len() < 3 && !all.contains(&index) {
            all.push(index);
        }
    }
    all
}

/// Three in four take part, one withdrew; the first (several buildings), the last two (shared
/// building) and those of another language do, so that every park shows their sheets.
fn consent(list: &mut [Firm], rng: &mut Rng) {
    let count = list.len();
    if count < 6 {
        return;
    }
    let mut order: Vec<usize> = (1..count - 2)
        .filter(|i| list[*i].language == "nl")
        .collect();
    rng.shuffle(&mut order);
    let away = (count as f64 * 0.25).round() as usize;
    for (rank, index) in order.into_iter().take(away.max(2)).enumerate() {
        list[index].participates = if rank == 0 { "withdrawn" } else { "no" };
    }
}

#[cfg(test)]
mod tests {
    use super::super::park::tests::options;
    use super::*;

    #[test]
    fn every_building_belongs_to_someone_and_all_special_cases_occur() {
        for seed in 0..10 {
            let park = Park::generate(&options(seed, 1));
            let firms = Firms::settle(&park);
            let owned: usize = firms.list.iter().map(|f| f.buildings.len()).sum();
            assert_eq!(
                owned + 1,
                park.buildings.len(),
                "all but the shared one, once"
            );
            assert!(firms.list.iter().any(|f| f.buildings.len() >= 2));
            assert_eq!(firms.list.iter().filter(|f| f.part.is_some()).count(), 2);
            let says = |word: &str| firms.list.iter().filter(|f| f.participates == word).count();
            assert_eq!(says("withdrawn"), 1);
            let share = says("yes") as f64 / firms.list.len() as f64;
            assert!((0.65..=0.85).contains(&share), "{share}");
        }
    }

    #[test]
    fn every_row_of_the_company_table_has_the_columns_of_its_head() {
        let park = Park::generate(&options(2, 1));
        let table = Firms::settle(&park).table(&park);
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        assert_eq!(reader.headers().expect("a head").len(), 17);
        assert!(reader.records().all(|row| row.is_ok()));
    }
}
