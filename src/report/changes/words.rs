//! Words of the overview of two flights, in four languages.

use crate::survey::Language;

/// Name of a text, and the text in Dutch, French, English and German.
type Entry = (&'static str, [&'static str; 4]);

/// A text; the name itself where there is none.
pub(in crate::report) fn say(name: &'static str, language: Language) -> &'static str {
    let found = TEXTS.iter().find(|(n, _)| *n == name);
    found.map_or(name, |(_, texts)| texts[at(language)])
}

fn at(language: Language) -> usize {
    match language {
        Language::Nl => 0,
        Language::Fr => 1,
        Language::En => 2,
        Language::De => 3,
    }
}

const TEXTS: &[Entry] = &[
    (
        "eyebrow",
        [
            "Vergelijking van twee vluchten · intern",
            "Comparaison de deux vols · interne",
            "Comparison of two flights · internal",
            "Vergleich zweier Flüge · intern",
        ],
    ),
    (
        "headline",
        [
            "*{n} van de {m}* vergeleken gebouwen {n|is|zijn} verbeterd, *{w}* verslechterd.",
            "*{n} des {m}* bâtiments comparés {n|s’est amélioré|se sont améliorés}, *{w}* {w|s’est détérioré|se sont détériorés}.",
            "*{n} of the {m}* compared buildings {n|has|have} improved, *{w}* {w|has|have} worsened.",
            "*{n} der {m}* verglichenen Gebäude {n|hat|haben} sich verbessert, *{w}* verschlechtert.",
        ],
    ),
    (
        "headline_none",
        [
            "*Geen enkel gebouw* kon tussen deze twee vluchten vergeleken worden.",
            "*Aucun bâtiment* n’a pu être comparé entre ces deux vols.",
            "*No building* could be compared between these two flights.",
            "*Kein Gebäude* konnte zwischen diesen beiden Flügen verglichen werden.",
        ],
    ),
    (
        "between",
        [
            "{a} tegenover {b}",
            "{a} par rapport à {b}",
            "{a} against {b}",
            "{a} gegenüber {b}",
        ],
    ),
    (
        "verdicts_title",
        [
            "Oordeel per gebouw",
            "Avis par bâtiment",
            "Verdict per building",
            "Urteil je Gebäude",
        ],
    ),
    (
        "verdicts_note",
        [
            "{n} {n|gebouw|gebouwen} in een of beide vluchten, herleid naar hetzelfde weer",
            "{n} {n|bâtiment|bâtiments} dans un vol ou les deux, {n|ramené|ramenés} à la même météo",
            "{n} {n|building|buildings} in one or both flights, normalised for the weather",
            "{n} Gebäude in einem oder beiden Flügen, auf dasselbe Wetter gebracht",
        ],
    ),
    (
        "improved",
        ["verbeterd", "amélioré", "improved", "verbessert"],
    ),
    (
        "no-proven-change",
        [
            "geen aangetoonde verandering",
            "aucun changement démontré",
            "no proven change",
            "keine nachgewiesene Veränderung",
        ],
    ),
    (
        "worse",
        ["verslechterd", "détérioré", "worsened", "verschlechtert"],
    ),
    (
        "not-comparable",
        [
            "niet vergelijkbaar",
            "non comparable",
            "not comparable",
            "nicht vergleichbar",
        ],
    ),
    (
        "provable",
        [
            "Een verandering telt pas boven de kleinste aantoonbare verandering (mediaan: {x} W/m²K).",
            "Un changement ne compte qu’au-delà du plus petit changement démontrable (médiane : {x} W/m²K).",
            "A change counts only above the smallest provable change (median: {x} W/m²K).",
            "Eine Veränderung zählt erst über der kleinsten nachweisbaren Veränderung (Median: {x} W/m²K).",
        ],
    ),
    (
        "matrix_title",
        [
            "Klasse vroeger en nu, aantal gebouwen",
            "Classe avant et maintenant, nombre de bâtiments",
            "Class before and now, number of buildings",
            "Klasse vorher und jetzt, Anzahl der Gebäude",
        ],
    ),
    (
        "matrix_note",
        [
            "Rijen: {a}; kolommen: {b}. „–”: niet beoordeelbaar. Een klasse kan ook door het weer verspringen; het oordeel hierboven houdt daar rekening mee.",
            "Lignes : {a} ; colonnes : {b}. « – » : non évaluable. Une classe peut aussi changer avec la météo ; l’avis ci-dessus en tient compte.",
            "Rows: {a}; columns: {b}. “–”: not assessable. A class may also shift with the weather; the verdict above takes that into account.",
            "Zeilen: {a}; Spalten: {b}. „–“: nicht bewertbar. Eine Klasse kann auch mit dem Wetter wechseln; das Urteil oben berücksichtigt das.",
        ],
    ),
    ("before", ["vroeger", "avant", "before", "vorher"]),
    ("now", ["nu", "maintenant", "now", "jetzt"]),
    (
        "hotspots_title",
        [
            "Aandachtspunten en warmtebronnen",
            "Points d’attention et sources de chaleur",
            "Points of attention and heat sources",
            "Auffälligkeiten und Wärmequellen",
        ],
    ),
    ("spots_new", ["nieuw", "nouveaux", "new", "neu"]),
    (
        "spots_gone",
        ["verdwenen", "disparus", "gone", "verschwunden"],
    ),
    (
        "spots_persisting",
        ["gebleven", "maintenus", "persisting", "geblieben"],
    ),
    (
        "spots_unknown",
        [
            "niet te zeggen",
            "indéterminés",
            "cannot be told",
            "nicht zu sagen",
        ],
    ),
    (
        "buildings_title",
        ["Gebouwen", "Bâtiments", "Buildings", "Gebäude"],
    ),
    (
        "in_both",
        [
            "in beide vluchten",
            "dans les deux vols",
            "in both flights",
            "in beiden Flügen",
        ],
    ),
    (
        "built",
        [
            "nieuw of nu pas in beeld",
            "nouveaux ou seulement couverts maintenant",
            "new, or seen only now",
            "neu oder erst jetzt erfasst",
        ],
    ),
    (
        "demolished",
        [
            "gesloopt of niet meer in beeld",
            "démolis ou plus couverts",
            "demolished, or not seen any more",
            "abgerissen oder nicht mehr erfasst",
        ],
    ),
    (
        "renumbered",
        [
            "onder een andere sleutel teruggevonden",
            "retrouvés sous une autre clé",
            "found again under another key",
            "unter anderem Schlüssel wiedergefunden",
        ],
    ),
    (
        "nights_title",
        [
            "De twee nachten",
            "Les deux nuits",
            "The two nights",
            "Die beiden Nächte",
        ],
    ),
    ("flight", ["Vlucht", "Vol", "Flight", "Flug"]),
    (
        "start",
        [
            "Begin (lokaal)",
            "Début (local)",
            "Start (local)",
            "Beginn (lokal)",
        ],
    ),
    (
        "quality",
        [
            "Kwaliteit als gescoord",
            "Qualité retenue",
            "Quality as scored",
            "Qualität laut Bewertung",
        ],
    ),
    ("air", ["Lucht", "Air", "Air", "Luft"]),
    (
        "humidity",
        ["Vochtigheid", "Humidité", "Humidity", "Feuchte"],
    ),
    ("wind", ["Wind", "Vent", "Wind", "Wind"]),
    (
        "clouds",
        ["Bewolking", "Nébulosité", "Cloud cover", "Bedeckung"],
    ),
    ("sky", ["Hemel", "Ciel", "Sky", "Himmel"]),
    (
        "rain",
        [
            "Neerslag 24 u.",
            "Pluie 24 h",
            "Rain 24 h",
            "Niederschlag 24 h",
        ],
    ),
    (
        "sunset",
        [
            "Uren na zonsondergang",
            "Heures après le coucher du soleil",
            "Hours after sunset",
            "Stunden nach Sonnenuntergang",
        ],
    ),
    (
        "companies_title",
        [
            "Bedrijven die kwamen, gingen of verhuisden",
            "Entreprises arrivées, parties ou déménagées",
            "Companies that came, left or moved",
            "Unternehmen, die kamen, gingen oder umzogen",
        ],
    ),
    (
        "came",
        [
            "nieuw in de lijst",
            "nouvelles",
            "new in the list",
            "neu in der Liste",
        ],
    ),
    (
        "left",
        [
            "niet meer in de lijst",
            "parties",
            "no longer in the list",
            "nicht mehr in der Liste",
        ],
    ),
    (
        "withdrew",
        [
            "deelname ingetrokken",
            "participation retirée",
            "withdrawn",
            "Teilnahme widerrufen",
        ],
    ),
    (
        "joined",
        [
            "neemt nu deel",
            "participe maintenant",
            "takes part now",
            "nimmt jetzt teil",
        ],
    ),
    ("moved", ["verhuisd", "déménagée", "moved", "umgezogen"]),
    (
        "changed-buildings",
        [
            "andere gebouwen",
            "autres bâtiments",
            "other buildings",
            "andere Gebäude",
        ],
    ),
    (
        "more",
        [
            "en nog {n}",
            "et encore {n}",
            "and {n} more",
            "und {n} weitere",
        ],
    ),
    (
        "companies_none",
        [
            "Niemand: de lijst is dezelfde gebleven.",
            "Aucune : la liste est restée la même.",
            "None: the list has stayed the same.",
            "Keine: die Liste ist dieselbe geblieben.",
        ],
    ),
    (
        "trend_title",
        [
            "Verloop over {n} vluchten",
            "Évolution sur {n} vols",
            "Trend over {n} flights",
            "Verlauf über {n} Flüge",
        ],
    ),
    (
        "trend_note",
        [
            "U herleid naar de eerste vlucht: mediaan van {n} {n|gebouw|gebouwen}, streep van het 10e tot het 90e percentiel. Van {known} {known|gebouw|gebouwen} is het verloop gekend: {down} {down|daalt|dalen}, {up} {up|stijgt|stijgen}, bij {none} is geen verloop aangetoond (95 %, verbeterd voor het aantal gebouwen).",
            "U ramené au premier vol : médiane de {n} {n|bâtiment|bâtiments}, trait du 10e au 90e percentile. L’évolution de {known} {known|bâtiment|bâtiments} est connue : {down} {down|baisse|baissent}, {up} {up|monte|montent}, pour {none} aucune évolution n’est démontrée (95 %, corrigé pour le nombre de bâtiments).",
            "U normalised to the first flight: median of {n} {n|building|buildings}, bar from the 10th to the 90th percentile. The trend of {known} {known|building|buildings} is known: {down} {down|falls|fall}, {up} {up|rises|rise}, for {none} no trend is proven (95 %, adjusted for the number of buildings).",
            "U auf den ersten Flug normiert: Median von {n} {n|Gebäude|Gebäuden}, Strich vom 10. bis zum 90. Perzentil. Von {known} {known|Gebäude|Gebäuden} ist der Verlauf bekannt: {down} {down|sinkt|sinken}, {up} {up|steigt|steigen}, bei {none} ist kein Verlauf nachgewiesen (95 %, berichtigt für die Anzahl der Gebäude).",
        ],
    ),
    (
        "trend_middle",
        [
            "Mediaan van de helling: {x} ± {u} W/m²K per jaar.",
            "Médiane de la pente : {x} ± {u} W/m²K par an.",
            "Median slope: {x} ± {u} W/m²K a year.",
            "Median der Steigung: {x} ± {u} W/m²K pro Jahr.",
        ],
    ),
    (
        "warnings_title",
        ["Te weten", "À savoir", "To know", "Zu beachten"],
    ),
    (
        "breakdown",
        [
            "{p} van de vergeleken daken lijkt veranderd. Vanaf 29 % kan de lijn door de ongewijzigde daken, die het weer uit de cijfers haalt, zelf verschuiven: kijk de oordelen na met een dak waarvan u weet dat het niet veranderde.",
            "{p} des toitures comparées semblent avoir changé. À partir de 29 %, la droite par les toitures inchangées, qui retire la météo des chiffres, peut elle-même se déplacer : vérifiez les avis avec une toiture dont vous savez qu’elle n’a pas changé.",
            "{p} of the compared roofs seem to have changed. From 29 % on, the line through the unchanged roofs, which takes the weather out of the figures, may itself shift: check the verdicts against a roof you know has not changed.",
            "{p} der verglichenen Dächer scheinen verändert. Ab 29 % kann sich die Gerade durch die unveränderten Dächer, die das Wetter aus den Zahlen nimmt, selbst verschieben: prüfen Sie die Urteile an einem Dach, von dem Sie wissen, dass es unverändert ist.",
        ],
    ),
    (
        "too_few",
        [
            "Minder dan acht daken konden vergeleken worden: het weer van de andere nacht zit nog in de cijfers en in hun onzekerheid.",
            "Moins de huit toitures ont pu être comparées : la météo de l’autre nuit reste dans les chiffres et leur incertitude.",
            "Fewer than eight roofs could be compared: the other night’s weather is still in the figures and their uncertainty.",
            "Weniger als acht Dächer konnten verglichen werden: das Wetter der anderen Nacht steckt noch in den Zahlen und ihrer Unsicherheit.",
        ],
    ),
    (
        "spoilt",
        [
            "Vlucht {id} is niet van kwaliteit A tot C; er kan niets mee vergeleken worden.",
            "Le vol {id} n’est pas de qualité A à C ; rien ne peut lui être comparé.",
            "Flight {id} is not of quality A to C; nothing can be compared with it.",
            "Flug {id} ist nicht von Qualität A bis C; damit lässt sich nichts vergleichen.",
        ],
    ),
    (
        "no_registration",
        [
            "Te weinig daken tonen hoe de twee kaarten ten opzichte van elkaar liggen; ze zijn genomen zoals ze zijn.",
            "Trop peu de toitures montrent comment les deux cartes se situent l’une par rapport à l’autre ; elles sont prises telles quelles.",
            "Too few roofs show how the two maps lie to each other; they are taken as they are.",
            "Zu wenige Dächer zeigen, wie die beiden Karten zueinander liegen; sie sind genommen, wie sie sind.",
        ],
    ),
    (
        "confidential",
        [
            "Intern: voor wie de vluchten verwerkt. Dezelfde cijfers staan per gebouw in changes.gpkg en changes.json.",
            "Interne : pour qui traite les vols. Les mêmes chiffres figurent par bâtiment dans changes.gpkg et changes.json.",
            "Internal: for whoever processes the flights. The same figures stand per building in changes.gpkg and changes.json.",
            "Intern: für die Verarbeitung der Flüge. Dieselben Zahlen stehen je Gebäude in changes.gpkg und changes.json.",
        ],
    ),
    ("page", ["pagina", "page", "page", "Seite"]),
    ("of", ["van", "sur", "of", "von"]),
    (
        "bar_alt",
        [
            "{a} verbeterd, {b} zonder aangetoonde verandering, {c} verslechterd, {d} niet vergelijkbaar.",
            "{a} améliorés, {b} sans changement démontré, {c} détériorés, {d} non comparables.",
            "{a} improved, {b} without proven change, {c} worsened, {d} not comparable.",
            "{a} verbessert, {b} ohne nachgewiesene Veränderung, {c} verschlechtert, {d} nicht vergleichbar.",
        ],
    ),
    (
        "trend_alt",
        [
            "Verloop van de mediaan van U over {n} vluchten, van {a} tot {b} W/m²K.",
            "Évolution de la médiane de U sur {n} vols, de {a} à {b} W/m²K.",
            "Median of U over {n} flights, from {a} to {b} W/m²K.",
            "Verlauf des Medians von U über {n} Flüge, von {a} bis {b} W/m²K.",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_the_same_places_for_values_in_four_languages() {
        let places = |text: &str| {
            let mut found: Vec<&str> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0))
                // Words that go with a number are each language's own.
                .filter(|place| !place.contains('|'))
                .collect();
            found.sort_unstable();
            found.join(",")
        };
        for (name, texts) in TEXTS {
            for text in texts {
                assert_eq!(places(text), places(texts[0]), "{name}");
            }
        }
    }
}
