//! Invented names: companies, streets, enterprise numbers that were never issued.

use super::random::Rng;

const FIRST: [&str; 24] = [
    "Zandoor",
    "Brelvik",
    "Morgaant",
    "Ostrevel",
    "Duinhart",
    "Kelvaro",
    "Palmeris",
    "Wervink",
    "Lorquin",
    "Handzaam",
    "Grimbos",
    "Tarvelde",
    "Noordhals",
    "Velmaar",
    "Quistel",
    "Ravenak",
    "Sparrewal",
    "Ulmenhof",
    "Vlakveer",
    "Wilderik",
    "Ysbrand",
    "Zeelmans",
    "Akkerwind",
    "Bovendam",
];

const TRADE: [&str; 20] = [
    "Metaalwerken",
    "Koeltechniek",
    "Schrijnwerkerij",
    "Logistiek",
    "Weverij",
    "Diepvries",
    "Carrosserie",
    "Drukkerij",
    "Bouwmaterialen",
    "Verpakking",
    "Zuivel",
    "Machinebouw",
    "Kunststoffen",
    "Groothandel",
    "Textielveredeling",
    "Elektrotechniek",
    "Houthandel",
    "Bakkerij",
    "Dakwerken",
    "Voeders",
];

const STREETS: [&str; 16] = [
    "Proefakkerstraat",
    "Voorbeeldlaan",
    "Meetlatstraat",
    "Ijkstraat",
    "Schetsweg",
    "Modelstraat",
    "Testbaan",
    "Rekenweg",
    "Stralingsstraat",
    "Kelvinstraat",
    "Graadmeterlaan",
    "Toetsstraat",
    "Ontwerpstraat",
    "Nulpuntweg",
    "Rasterlaan",
    "Spiegelstraat",
];

/// Invented municipality; its postcode is not in use.
pub(super) const MUNICIPALITY: (&str, &str) = ("8999", "Voorbeke");

/// Name of the `index`-th company; each name occurs once for up to 480 companies, then a number
/// follows.
pub(super) fn company(index: usize) -> String {
    let (first, trade) = (FIRST.len(), TRADE.len());
    // 127 and 480 share no divisor: all pairs come by before one repeats.
    let turn = (index * 127) % (first * trade);
    let form = if index.is_multiple_of(3) { "BV" } else { "NV" };
    let number = match index / (first * trade) {
        0 => String::new(),
        n => format!(" {}", n + 1),
    };
    format!(
        "{} {}{number} {form}",
        FIRST[turn / trade],
        TRADE[turn % trade]
    )
}

/// Street by number of the block.
pub(super) fn street(index: usize) -> String {
    match index / STREETS.len() {
        0 => STREETS[index].to_owned(),
        n => format!("{} {}", STREETS[index % STREETS.len()], n + 1),
    }
}

/// Enterprise numbers from 19…: outside what has been issued, each valid modulo 97. `count` of
/// them, ascending, all different.
pub(super) fn enterprise_numbers(count: usize, rng: &mut Rng) -> Vec<String> {
    let room = 900_000 / count.max(1);
    (0..count)
        .map(|i| {
            let base = 19_050_000 + i * room + rng.below(room);
            format!("{base:08}{:02}", 97 - base % 97)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enterprise_numbers_are_valid_modulo_97_and_not_issued() {
        for number in enterprise_numbers(50, &mut Rng::new(1, &[])) {
            assert_eq!(number.len(), 10);
            let digits: u64 = number.parse().expect("ten digits");
            assert_eq!(97 - (digits / 100) % 97, digits % 100);
            assert!(number.starts_with("19"));
        }
    }

    #[test]
    fn two_thousand_company_names_are_all_different() {
        let mut names: Vec<String> = (0..2_000).map(company).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 2_000);
    }
}
