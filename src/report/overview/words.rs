//! Words of the overviews: what columns and keys mean, in four languages.

use crate::report::words;
use crate::survey::Language;

/// Column or key, and its meaning in Dutch, French, English and German.
type Entry = (&'static str, [&'static str; 4]);

const MEANINGS: &[Entry] = &[
    (
        "oidn",
        [
            "sleutel van het gebouw (GRB)",
            "clé du bâtiment (GRB)",
            "key of the building (GRB)",
            "Schlüssel des Gebäudes (GRB)",
        ],
    ),
    (
        "oidns",
        [
            "gebouwen van het bedrijf",
            "bâtiments de l'entreprise",
            "buildings of the company",
            "Gebäude des Unternehmens",
        ],
    ),
    (
        "company_id",
        [
            "sleutel van het bedrijf",
            "clé de l'entreprise",
            "key of the company",
            "Schlüssel des Unternehmens",
        ],
    ),
    (
        "name",
        [
            "naam van het bedrijf",
            "nom de l'entreprise",
            "name of the company",
            "Name des Unternehmens",
        ],
    ),
    (
        "park_id",
        [
            "bedrijventerrein",
            "parc d'activités économiques",
            "business park",
            "Gewerbegebiet",
        ],
    ),
    (
        "park",
        [
            "naam van het bedrijventerrein",
            "nom du parc",
            "name of the park",
            "Name des Gewerbegebiets",
        ],
    ),
    (
        "occupancy",
        [
            "alleen (sole), gedeeld (shared) of eigen deel (zone-…)",
            "seul (sole), partagé (shared) ou partie propre (zone-…)",
            "sole, shared, or a part of its own (zone-…)",
            "allein (sole), geteilt (shared) oder eigener Teil (zone-…)",
        ],
    ),
    (
        "class",
        [
            "warmteverliesindicatie, 1 zeer laag tot 6 zeer sterk verhoogd; leeg: niet beoordeelbaar of niet gedeeld",
            "indication de déperdition, 1 très faible à 6 extrêmement élevée ; vide : non évaluable ou non partagée",
            "heat-loss indication, 1 very low to 6 very strongly elevated; empty: not assessable or not shared",
            "Wärmeverlusthinweis, 1 sehr gering bis 6 sehr stark erhöht; leer: nicht bewertbar oder nicht freigegeben",
        ],
    ),
    (
        "class_lo",
        [
            "laagste klasse van het interval (68 %)",
            "classe inférieure de l'intervalle (68 %)",
            "lower class of the interval (68 %)",
            "untere Klasse des Intervalls (68 %)",
        ],
    ),
    (
        "class_hi",
        [
            "hoogste klasse van het interval (68 %)",
            "classe supérieure de l'intervalle (68 %)",
            "upper class of the interval (68 %)",
            "obere Klasse des Intervalls (68 %)",
        ],
    ),
    (
        "class_mode",
        [
            "physical: volgens U-waarde; relative: vergeleken met de daken van de vlucht",
            "physical : selon la valeur U ; relative : comparé aux toitures du vol",
            "physical: by U-value; relative: compared with the roofs of the flight",
            "physical: nach U-Wert; relative: im Vergleich mit den Dächern des Flugs",
        ],
    ),
    (
        "indication",
        [
            "klasse in woorden",
            "classe en mots",
            "class in words",
            "Klasse in Worten",
        ],
    ),
    (
        "companies",
        [
            "aantal bedrijven",
            "nombre d'entreprises",
            "number of companies",
            "Anzahl der Unternehmen",
        ],
    ),
    (
        "companies_counted",
        [
            "getelde bedrijven",
            "entreprises comptées",
            "companies counted",
            "gezählte Unternehmen",
        ],
    ),
    (
        "buildings_in_flight",
        [
            "gebouwen in beeld",
            "bâtiments couverts par le vol",
            "buildings seen by the flight",
            "vom Flug erfasste Gebäude",
        ],
    ),
    (
        "verdicts_applied",
        [
            "oordelen van de auditeur die in deze vlucht gelden",
            "avis de l'auditeur appliqués à ce vol",
            "verdicts of the auditor that hold in this flight",
            "Urteile des Auditors, die in diesem Flug gelten",
        ],
    ),
    (
        "verdicts_vanished",
        [
            "oordelen over een aandachtspunt dat deze vlucht niet meer toont",
            "avis sur un point d'attention que ce vol ne montre plus",
            "verdicts about a point of attention that this flight does not show any more",
            "Urteile über eine Auffälligkeit, die dieser Flug nicht mehr zeigt",
        ],
    ),
    (
        "verdicts_other_flight",
        [
            "oordelen over daken of aandachtspunten van een andere vlucht",
            "avis sur des toitures ou points d'attention d'un autre vol",
            "verdicts about roofs or points of attention of another flight",
            "Urteile über Dächer oder Auffälligkeiten eines anderen Flugs",
        ],
    ),
    (
        "min_cell",
        [
            "kleinste aantal bedrijven dat vermeld wordt",
            "plus petit nombre d'entreprises publié",
            "smallest number of companies that is published",
            "kleinste veröffentlichte Anzahl von Unternehmen",
        ],
    ),
    (
        "area_m2",
        ["oppervlakte, m²", "surface, m²", "area, m²", "Fläche, m²"],
    ),
    (
        "observed_fraction",
        [
            "deel van het dak in beeld, 0–1",
            "part de la toiture couverte, 0–1",
            "share of the roof that was seen, 0–1",
            "erfasster Anteil des Dachs, 0–1",
        ],
    ),
    (
        "valid_fraction",
        [
            "deel van het dak beoordeeld, 0–1",
            "part de la toiture évaluée, 0–1",
            "share of the roof that was assessed, 0–1",
            "bewerteter Anteil des Dachs, 0–1",
        ],
    ),
    (
        "t_median_c",
        [
            "mediaan van de daktemperatuur, °C",
            "médiane de la température de toiture, °C",
            "median of the roof temperature, °C",
            "Median der Dachtemperatur, °C",
        ],
    ),
    (
        "t_p95_c",
        [
            "95e percentiel van de daktemperatuur, °C",
            "95e percentile de la température de toiture, °C",
            "95th percentile of the roof temperature, °C",
            "95. Perzentil der Dachtemperatur, °C",
        ],
    ),
    (
        "delta_air_k",
        [
            "mediaan boven de buitenlucht, K",
            "médiane au-dessus de l'air extérieur, K",
            "median above the outdoor air, K",
            "Median über der Außenluft, K",
        ],
    ),
    (
        "delta_reference_k",
        [
            "mediaan boven het referentiedak, K",
            "médiane au-dessus de la toiture de référence, K",
            "median above the reference roof, K",
            "Median über dem Referenzdach, K",
        ],
    ),
    (
        "u_w_m2k",
        [
            "geschatte U-waarde, W/m²K",
            "valeur U estimée, W/m²K",
            "estimated U-value, W/m²K",
            "geschätzter U-Wert, W/m²K",
        ],
    ),
    (
        "heat_loss_w",
        [
            "warmteverlies van het dak tijdens de vlucht, W",
            "déperdition de la toiture pendant le vol, W",
            "heat loss of the roof during the flight, W",
            "Wärmeverlust des Dachs während des Flugs, W",
        ],
    ),
    (
        "material_group",
        [
            "daken waarmee vergeleken is: dit materiaal, of alle (all) van de vlucht",
            "toitures comparées : ce matériau, ou toutes (all) celles du vol",
            "roofs compared with: this material, or all of the flight",
            "verglichene Dächer: dieses Material oder alle (all) des Flugs",
        ],
    ),
    (
        "group_size",
        [
            "aantal vergeleken daken van de vlucht",
            "nombre de toitures comparées du vol",
            "number of roofs of the flight compared with",
            "Anzahl der verglichenen Dächer des Flugs",
        ],
    ),
    (
        "score",
        [
            "score 0–100",
            "score 0–100",
            "score 0–100",
            "Punktzahl 0–100",
        ],
    ),
    (
        "grade",
        [
            "betrouwbaarheid: A hoog, B goed, C beperkt, D laag",
            "fiabilité : A élevée, B bonne, C limitée, D faible",
            "confidence: A high, B good, C limited, D low",
            "Zuverlässigkeit: A hoch, B gut, C eingeschränkt, D gering",
        ],
    ),
    (
        "reasons",
        [
            "codes van de beperkingen",
            "codes des limites",
            "codes of the limitations",
            "Codes der Einschränkungen",
        ],
    ),
    (
        "reason",
        [
            "code van de beperking",
            "code de la limite",
            "code of the limitation",
            "Code der Einschränkung",
        ],
    ),
    (
        "hotspot_count",
        [
            "aantal aandachtspunten; leeg op een gedeeld gebouw",
            "nombre de points d'attention ; vide pour un bâtiment partagé",
            "number of points of attention; empty on a shared building",
            "Anzahl der Auffälligkeiten; leer bei gemeinsam genutztem Gebäude",
        ],
    ),
    (
        "hotspot_id",
        [
            "sleutel van de warme zone",
            "clé de la zone chaude",
            "key of the warm zone",
            "Schlüssel der warmen Zone",
        ],
    ),
    (
        "kind",
        [
            "vermoedelijke aard",
            "nature probable",
            "likely nature",
            "vermutliche Art",
        ],
    ),
    (
        "detail",
        [
            "nadere aard",
            "précision",
            "detail of the kind",
            "nähere Art",
        ],
    ),
    (
        "severity",
        [
            "ernst 1–5",
            "gravité 1–5",
            "severity 1–5",
            "Schweregrad 1–5",
        ],
    ),
    (
        "urgency",
        [
            "prioriteit 1–4",
            "priorité 1–4",
            "priority 1–4",
            "Priorität 1–4",
        ],
    ),
    (
        "excess_mean_k",
        [
            "gemiddeld boven de omgeving, K",
            "moyenne au-dessus de l'environnement, K",
            "mean above its surroundings, K",
            "Mittel über der Umgebung, K",
        ],
    ),
    (
        "excess_w",
        [
            "extra warmtestroom, W",
            "flux de chaleur supplémentaire, W",
            "excess heat flow, W",
            "zusätzlicher Wärmestrom, W",
        ],
    ),
    (
        "share_with_association",
        [
            "wat de vereniging mag zien: no niets, class de klasse, full alles",
            "ce que l'association peut voir : no rien, class la classe, full tout",
            "what the association may see: no nothing, class the class, full everything",
            "was die Vereinigung sehen darf: no nichts, class die Klasse, full alles",
        ],
    ),
    (
        "sheet",
        [
            "of er een verslag is",
            "si un rapport existe",
            "whether there is a report",
            "ob es einen Bericht gibt",
        ],
    ),
    ("campaign", ["campagne", "campagne", "campaign", "Kampagne"]),
    ("flight_id", ["vlucht", "vol", "flight", "Flug"]),
    (
        "start_local",
        [
            "eerste opname, lokale tijd",
            "première prise de vue, heure locale",
            "first exposure, local time",
            "erste Aufnahme, Ortszeit",
        ],
    ),
    (
        "end_local",
        [
            "laatste opname, lokale tijd",
            "dernière prise de vue, heure locale",
            "last exposure, local time",
            "letzte Aufnahme, Ortszeit",
        ],
    ),
    (
        "air_c",
        [
            "luchttemperatuur, °C",
            "température de l'air, °C",
            "air temperature, °C",
            "Lufttemperatur, °C",
        ],
    ),
    (
        "humidity_pct",
        [
            "relatieve vochtigheid, %",
            "humidité relative, %",
            "relative humidity, %",
            "relative Luftfeuchte, %",
        ],
    ),
    (
        "wind_m_s",
        [
            "windsnelheid, m/s",
            "vitesse du vent, m/s",
            "wind speed, m/s",
            "Windgeschwindigkeit, m/s",
        ],
    ),
    (
        "cloud_okta",
        [
            "bewolkingsgraad, achtsten",
            "nébulosité, octas",
            "cloud cover, oktas",
            "Bedeckungsgrad, Achtel",
        ],
    ),
    (
        "sky_c",
        [
            "hemeltemperatuur, °C",
            "température du ciel, °C",
            "sky temperature, °C",
            "Himmelstemperatur, °C",
        ],
    ),
    (
        "rain_24h_mm",
        [
            "neerslag van de laatste 24 u., mm",
            "précipitations des dernières 24 h, mm",
            "rain of the last 24 hours, mm",
            "Niederschlag der letzten 24 Stunden, mm",
        ],
    ),
    (
        "emissivity",
        [
            "emissiviteit van de kaart",
            "émissivité de la carte",
            "emissivity of the map",
            "Emissionsgrad der Karte",
        ],
    ),
    (
        "uncertainty_k",
        [
            "meetonzekerheid van een temperatuur (95 %), K",
            "incertitude d'une température (95 %), K",
            "uncertainty of a temperature (95 %), K",
            "Messunsicherheit einer Temperatur (95 %), K",
        ],
    ),
    (
        "gsd_m",
        [
            "celgrootte van de kaart, m",
            "taille des cellules de la carte, m",
            "cell size of the map, m",
            "Zellgröße der Karte, m",
        ],
    ),
];

const WITHHELD: [&str; 4] = [
    "niet vermeld: te weinig bedrijven",
    "non publié : trop peu d'entreprises",
    "withheld: too few companies",
    "nicht angegeben: zu wenige Unternehmen",
];

const KNOWN_ONLY: [&str; 4] = [
    "enkel bedrijven die hun klasse met de vereniging delen",
    "uniquement les entreprises qui partagent leur classe avec l'association",
    "only companies that share their class with the association",
    "nur Unternehmen, die ihre Klasse der Vereinigung freigeben",
];

fn at(language: Language) -> usize {
    match language {
        Language::Nl => 0,
        Language::Fr => 1,
        Language::En => 2,
        Language::De => 3,
    }
}

/// What a column or key means; `None` for one that needs no words.
pub(super) fn meaning(name: &str, language: Language) -> Option<&'static str> {
    let entry = MEANINGS.iter().find(|(n, _)| *n == name)?;
    entry.1.get(at(language)).copied()
}

/// Stands in the place of a count that is not published.
pub(super) fn withheld(language: Language) -> &'static str {
    WITHHELD[at(language)]
}

/// Who is counted where not all are.
pub(super) fn known_only(language: Language) -> &'static str {
    KNOWN_ONLY[at(language)]
}

/// The word of a class, from 0; the last is "not assessable".
pub(super) fn class(index: usize, language: Language) -> &'static str {
    let words = words::of(language);
    let word = words.class_words.get(index);
    word.copied().unwrap_or(words.not_assessable)
}

/// A reason in two or three words.
pub(super) fn reason(code: u8, language: Language) -> &'static str {
    let words = words::of(language);
    let index = usize::from(code).checked_sub(1);
    let word = index.and_then(|i| words.reasons_short.get(i));
    word.copied().unwrap_or_default()
}

/// Every word and column name of the overviews, one a line.
pub fn all_text() -> Vec<&'static str> {
    let meanings = MEANINGS
        .iter()
        .flat_map(|(name, texts)| std::iter::once(*name).chain(texts.iter().copied()));
    let fixed = [
        "overview",
        "classes",
        "points",
        "buildings",
        "hotspots",
        "conditions",
    ];
    let more = [
        "dictionary",
        "key",
        "value",
        "column",
        "meaning",
        "sheet",
        "yes",
        "no",
        "full",
    ];
    meanings
        .chain(WITHHELD)
        .chain(KNOWN_ONLY)
        .chain(fixed)
        .chain(more)
        .chain(super::pages::all_text())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_is_there_in_four_languages_once() {
        let mut names: Vec<&str> = MEANINGS.iter().map(|(name, _)| *name).collect();
        assert!(
            MEANINGS
                .iter()
                .all(|(_, t)| t.iter().all(|t| !t.is_empty()))
        );
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
