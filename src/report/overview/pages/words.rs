//! Words of the overview's pages, in four languages.

use crate::survey::Language;

/// Name of a text, and the text in Dutch, French, English and German.
type Entry = (&'static str, [&'static str; 4]);

/// A text; the name itself where there is none.
pub(super) fn say(name: &'static str, language: Language) -> &'static str {
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

/// Every text, one a line.
pub(in crate::report::overview) fn all_text() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().flat_map(|(_, texts)| texts.iter().copied())
}

#[rustfmt::skip]
const TEXTS: &[Entry] = &[
    // ------------------------------------------------------------------ head and title
    ("eyebrow_internal", [
        "Overzicht bedrijventerrein · interne versie",
        "Aperçu du parc d’activités · version interne",
        "Business park overview · internal version",
        "Übersicht Gewerbegebiet · interne Fassung",
    ]),
    ("eyebrow_public", [
        "Overzicht bedrijventerrein · publieke versie",
        "Aperçu du parc d’activités · version publique",
        "Business park overview · public version",
        "Übersicht Gewerbegebiet · öffentliche Fassung",
    ]),
    ("title", [
        "overzicht",
        "aperçu",
        "overview",
        "Übersicht",
    ]),
    ("internal", ["intern", "interne", "internal", "intern"]),
    ("public", ["publiek", "public", "public", "öffentlich"]),
    ("flown", [
        "vlucht van {date}, {from}–{to}",
        "vol du {date}, {from}–{to}",
        "flight of {date}, {from}–{to}",
        "Flug vom {date}, {from}–{to}",
    ]),
    ("flown_undated", [
        "vlucht {id}, datum niet gekend",
        "vol {id}, date inconnue",
        "flight {id}, date not known",
        "Flug {id}, Datum unbekannt",
    ]),
    ("version", [
        "Versie van {date}",
        "Version du {date}",
        "Version of {date}",
        "Fassung vom {date}",
    ]),
    ("client", ["Opdrachtgever", "Donneur d’ordre", "Client", "Auftraggeber"]),
    ("contractor", ["Uitvoerder", "Exécutant", "Contractor", "Ausführung"]),
    ("contact", ["Contact", "Contact", "Contact", "Kontakt"]),
    ("headline_internal", [
        "*{n} van de {m}* beoordeelde gebouwen waarvan de klasse gedeeld is, hebben een verhoogde of hogere warmteverliesindicatie (klasse 4–6).",
        "*{n} des {m}* bâtiments évalués dont la classe est partagée ont une indication de déperdition élevée ou plus (classes 4–6).",
        "*{n} of the {m}* assessed buildings whose class is shared have an elevated or higher heat-loss indication (classes 4–6).",
        "*{n} der {m}* bewerteten Gebäude mit freigegebener Klasse haben einen erhöhten oder höheren Wärmeverlusthinweis (Klassen 4–6).",
    ]),
    ("headline_internal_one", [
        "*Eén beoordeeld gebouw* heeft een klasse die met de vereniging gedeeld is: klasse {class}.",
        "*Un seul bâtiment évalué* a une classe partagée avec l’association : classe {class}.",
        "*One assessed building* has a class that is shared with the association: class {class}.",
        "*Ein bewertetes Gebäude* hat eine für die Vereinigung freigegebene Klasse: Klasse {class}.",
    ]),
    ("headline_internal_none", [
        "*Geen enkel beoordeeld gebouw* heeft een klasse die met de vereniging gedeeld is.",
        "*Aucun bâtiment évalué* n’a de classe partagée avec l’association.",
        "*No assessed building* has a class that is shared with the association.",
        "*Kein bewertetes Gebäude* hat eine für die Vereinigung freigegebene Klasse.",
    ]),
    ("headline_public", [
        "*{n} van de {m}* bedrijven met een beoordeeld dak hebben een verhoogde of hogere warmteverliesindicatie (klasse 4–6).",
        "*{n} des {m}* entreprises dont la toiture est évaluée ont une indication de déperdition élevée ou plus (classes 4–6).",
        "*{n} of the {m}* companies with an assessed roof have an elevated or higher heat-loss indication (classes 4–6).",
        "*{n} der {m}* Unternehmen mit bewertetem Dach haben einen erhöhten oder höheren Wärmeverlusthinweis (Klassen 4–6).",
    ]),
    ("headline_took_part", [
        "*{n} van de {m}* bedrijven lieten hun dak vanuit de lucht opnemen.",
        "*{n} des {m}* entreprises ont fait relever leur toiture depuis les airs.",
        "*{n} of the {m}* companies had their roof surveyed from the air.",
        "*{n} der {m}* Unternehmen ließen ihr Dach aus der Luft aufnehmen.",
    ]),
    ("headline_few", [
        "De daken zijn vanuit de lucht opgenomen. *Er nemen te weinig bedrijven deel* om cijfers te vermelden.",
        "Les toitures ont été relevées depuis les airs. *Trop peu d’entreprises participent* pour publier des chiffres.",
        "The roofs were surveyed from the air. *Too few companies take part* to publish figures.",
        "Die Dächer wurden aus der Luft aufgenommen. *Zu wenige Unternehmen nehmen teil*, um Zahlen zu nennen.",
    ]),
    ("lead_area", [
        "Samen {area} dak in klasse 4 tot 6.",
        "Ensemble {area} de toiture en classes 4 à 6.",
        "Together {area} of roof in classes 4 to 6.",
        "Zusammen {area} Dach in den Klassen 4 bis 6.",
    ]),
    ("lead_public", [
        "Cijfers over groepen van minstens {min} bedrijven; geen waarde van één bedrijf.",
        "Chiffres sur des groupes d’au moins {min} entreprises ; aucune valeur d’une seule entreprise.",
        "Figures on groups of at least {min} companies; no value of a single company.",
        "Zahlen über Gruppen von mindestens {min} Unternehmen; kein Wert eines einzelnen Unternehmens.",
    ]),
    ("big_companies", [
        "van {m} bedrijven nemen deel",
        "entreprises sur {m} participent",
        "of {m} companies take part",
        "von {m} Unternehmen nehmen teil",
    ]),
    ("big_buildings", [
        "van {m} gebouwen zijn van hen",
        "bâtiments sur {m} sont les leurs",
        "of {m} buildings are theirs",
        "von {m} Gebäuden sind ihre",
    ]),
    // ------------------------------------------------------------------ maps
    ("map_title", [
        "Klasse per gebouw",
        "Classe par bâtiment",
        "Class per building",
        "Klasse je Gebäude",
    ]),
    ("map_alt_internal", [
        "Kaart van het terrein met {n} gebouwen. {m} daken dragen de kleur en het cijfer van hun klasse, waarvan {k} in klasse 4 tot 6; de andere zijn grijs, gearceerd of gestippeld omlijnd.",
        "Plan du parc avec {n} bâtiments. {m} toitures portent la couleur et le chiffre de leur classe, dont {k} en classes 4 à 6 ; les autres sont grises, hachurées ou en pointillé.",
        "Map of the park with {n} buildings. {m} roofs carry the colour and digit of their class, {k} of them in classes 4 to 6; the others are grey, hatched or outlined with dots.",
        "Karte des Gebiets mit {n} Gebäuden. {m} Dächer tragen Farbe und Ziffer ihrer Klasse, davon {k} in den Klassen 4 bis 6; die anderen sind grau, schraffiert oder punktiert umrandet.",
    ]),
    ("map_alt_public", [
        "Kaart van het terrein met de contouren van {n} gebouwen, alle in dezelfde kleur: deze versie toont geen klasse per gebouw.",
        "Plan du parc avec les emprises de {n} bâtiments, tous de la même couleur : cette version ne montre aucune classe par bâtiment.",
        "Map of the park with the outlines of {n} buildings, all in the same colour: this version shows no class per building.",
        "Karte des Gebiets mit den Umrissen von {n} Gebäuden, alle in derselben Farbe: Diese Fassung zeigt keine Klasse je Gebäude.",
    ]),
    ("no_map", [
        "Er zijn geen gebouwcontouren om te tekenen.",
        "Il n’y a pas d’emprises à dessiner.",
        "There are no building outlines to draw.",
        "Es gibt keine Gebäudeumrisse zu zeichnen.",
    ]),
    ("key_class", ["klasse", "classe", "class", "Klasse"]),
    ("key_not_assessable", [
        "niet beoordeelbaar",
        "non évaluable",
        "not assessable",
        "nicht bewertbar",
    ]),
    ("key_not_shared", [
        "deelnemer, klasse niet gedeeld",
        "participant, classe non partagée",
        "participant, class not shared",
        "Teilnehmer, Klasse nicht freigegeben",
    ]),
    ("key_others", ["geen deelnemer", "non-participant", "not a participant", "kein Teilnehmer"]),
    ("key_panels", ["zonnepanelen", "panneaux photovoltaïques", "solar panels", "Photovoltaikmodule"]),
    ("key_seen", ["gebouw in beeld", "bâtiment couvert", "building seen", "erfasstes Gebäude"]),
    ("key_unseen", [
        "gebouw buiten de vlucht",
        "bâtiment hors du vol",
        "building outside the flight",
        "Gebäude außerhalb des Flugs",
    ]),
    ("key_masked", [
        "afgeschermd of niet beoordeelbaar",
        "masqué ou non évaluable",
        "masked or not assessable",
        "abgedeckt oder nicht bewertbar",
    ]),
    ("thermal_title", [
        "Warmtebeeld in volle resolutie",
        "Image thermique à pleine résolution",
        "Thermal image at full resolution",
        "Wärmebild in voller Auflösung",
    ]),
    ("thermal_note", [
        "oppervlaktetemperatuur, {n} gebouwen van bedrijven die alles delen",
        "température de surface, {n} bâtiments d’entreprises qui partagent tout",
        "surface temperature, {n} buildings of companies that share everything",
        "Oberflächentemperatur, {n} Gebäude von Unternehmen, die alles freigeben",
    ]),
    ("thermal_caption", [
        "Schijnbare temperatuur met één emissiviteit ({e}) voor het hele terrein; de verslagen gebruiken die van elk dak. Vaste schaal voor de hele campagne.",
        "Température apparente avec une seule émissivité ({e}) pour tout le parc ; les rapports utilisent celle de chaque toiture. Échelle fixe pour toute la campagne.",
        "Apparent temperature with one emissivity ({e}) for the whole park; the reports use that of each roof. One fixed scale for the campaign.",
        "Scheinbare Temperatur mit einem Emissionsgrad ({e}) für das ganze Gebiet; die Berichte nutzen den jedes Dachs. Eine feste Skala für die Kampagne.",
    ]),
    ("thermal_alt", [
        "Warmtebeeld van {n} daken van bedrijven die alles delen, van {low} tot {high} °C; alle andere gebouwen zijn vlak grijs afgeschermd.",
        "Image thermique de {n} toitures d’entreprises qui partagent tout, de {low} à {high} °C ; tous les autres bâtiments sont masqués en gris.",
        "Thermal image of {n} roofs of companies that share everything, from {low} to {high} °C; all other buildings are masked in flat grey.",
        "Wärmebild von {n} Dächern von Unternehmen, die alles freigeben, von {low} bis {high} °C; alle anderen Gebäude sind grau abgedeckt.",
    ]),
    ("scale_alt", [
        "Temperatuurschaal van {low} tot {high} °C.",
        "Échelle de température de {low} à {high} °C.",
        "Temperature scale from {low} to {high} °C.",
        "Temperaturskala von {low} bis {high} °C.",
    ]),
    ("thermal_none", [
        "Geen enkel bedrijf deelt zijn warmtebeeld met de vereniging; daarom staat er geen.",
        "Aucune entreprise ne partage son image thermique avec l’association ; il n’y en a donc pas.",
        "No company shares its thermal image with the association; there is none here.",
        "Kein Unternehmen gibt sein Wärmebild für die Vereinigung frei; deshalb steht hier keines.",
    ]),
    ("thermal_gone", [
        "Het warmtebeeld van deze vlucht is niet beschikbaar; de kaart is weggelaten.",
        "L’image thermique de ce vol n’est pas disponible ; le plan est omis.",
        "The thermal image of this flight is not available; the map is left out.",
        "Das Wärmebild dieses Flugs ist nicht verfügbar; die Karte entfällt.",
    ]),
    // ------------------------------------------------------------------ distribution
    ("classes_title", [
        "Verdeling over de klassen",
        "Répartition par classe",
        "Distribution over the classes",
        "Verteilung über die Klassen",
    ]),
    ("col_buildings", ["gebouwen", "bâtiments", "buildings", "Gebäude"]),
    ("col_companies", ["bedrijven", "entreprises", "companies", "Unternehmen"]),
    ("col_area_ha", [
        "dakoppervlakte, ha",
        "surface de toiture, ha",
        "roof area, ha",
        "Dachfläche, ha",
    ]),
    ("col_all", [
        "bedrijven, alle deelnemers",
        "entreprises, tous les participants",
        "companies, all participants",
        "Unternehmen, alle Teilnehmer",
    ]),
    ("withheld", ["niet vermeld", "non publié", "withheld", "nicht angegeben"]),
    ("none_assessable", [
        "*{n} gebouwen niet beoordeelbaar*, {area}: de reden staat in het eigen verslag",
        "*{n} bâtiments non évaluables*, {area} : la raison figure dans leur propre rapport",
        "*{n} buildings not assessable*, {area}: the reason stands in their own report",
        "*{n} Gebäude nicht bewertbar*, {area}: Der Grund steht im eigenen Bericht",
    ]),
    ("one_not_assessable", [
        "*1 gebouw niet beoordeelbaar*, {area}: de reden staat in het eigen verslag",
        "*1 bâtiment non évaluable*, {area} : la raison figure dans son propre rapport",
        "*1 building not assessable*, {area}: the reason stands in its own report",
        "*1 Gebäude nicht bewertbar*, {area}: Der Grund steht im eigenen Bericht",
    ]),
    ("companies_not_assessable", [
        "*{n} bedrijven zonder beoordeelbaar dak*",
        "*{n} entreprises sans toiture évaluable*",
        "*{n} companies without an assessable roof*",
        "*{n} Unternehmen ohne bewertbares Dach*",
    ]),
    ("companies_not_assessable_withheld", [
        "*Bedrijven zonder beoordeelbaar dak*: niet vermeld",
        "*Entreprises sans toiture évaluable* : non publié",
        "*Companies without an assessable roof*: withheld",
        "*Unternehmen ohne bewertbares Dach*: nicht angegeben",
    ]),
    ("classes_note", [
        "De klasse vergelijkt elk dak met een referentie op hetzelfde terrein en dezelfde nacht. Ze is geen energieprestatiecertificaat en geen audit.",
        "La classe compare chaque toiture à une référence du même parc et de la même nuit. Ce n’est ni un certificat de performance énergétique ni un audit.",
        "The class compares each roof with a reference in the same park on the same night. It is neither an energy performance certificate nor an audit.",
        "Die Klasse vergleicht jedes Dach mit einer Referenz im selben Gebiet und in derselben Nacht. Sie ist weder Energieausweis noch Audit.",
    ]),
    ("classes_note_parks", [
        "De klasse vergelijkt elk dak met een referentie uit dezelfde campagne en dezelfde nacht. Ze is geen energieprestatiecertificaat en geen audit.",
        "La classe compare chaque toiture à une référence de la même campagne et de la même nuit. Ce n’est ni un certificat de performance énergétique ni un audit.",
        "The class compares each roof with a reference of the same campaign on the same night. It is neither an energy performance certificate nor an audit.",
        "Die Klasse vergleicht jedes Dach mit einer Referenz derselben Kampagne und derselben Nacht. Sie ist weder Energieausweis noch Audit.",
    ]),
    ("classes_note_internal", [
        "Kaart en balken tellen enkel gebouwen waarvan de klasse met de vereniging gedeeld is. De laatste kolom telt bedrijven; groepen onder {min} en wat ze zou verraden, zijn niet vermeld.",
        "Le plan et les barres ne comptent que les bâtiments dont la classe est partagée avec l’association. La dernière colonne compte les entreprises ; les groupes de moins de {min} et ce qui les trahirait ne sont pas publiés.",
        "Map and bars count only buildings whose class is shared with the association. The last column counts companies; groups under {min} and what would give them away are withheld.",
        "Karte und Balken zählen nur Gebäude, deren Klasse für die Vereinigung freigegeben ist. Die letzte Spalte zählt Unternehmen; Gruppen unter {min} und was sie verriete, sind nicht angegeben.",
    ]),
    ("classes_note_public", [
        "Geteld zijn bedrijven, met de klasse van hun verslag. Groepen onder {min} bedrijven en wat ze zou verraden, zijn niet vermeld. Ook de dakoppervlakte per klasse ontbreekt: uit de grootte van een dak zou zijn klasse kunnen volgen.",
        "Sont comptées les entreprises, avec la classe de leur rapport. Les groupes de moins de {min} entreprises et ce qui les trahirait ne sont pas publiés. La surface par classe manque aussi : la taille d’une toiture pourrait révéler sa classe.",
        "Companies are counted, with the class of their report. Groups under {min} companies and what would give them away are withheld. The roof area per class is left out as well: the size of a roof could tell its class.",
        "Gezählt sind Unternehmen mit der Klasse ihres Berichts. Gruppen unter {min} Unternehmen und was sie verriete, sind nicht angegeben. Auch die Dachfläche je Klasse fehlt: Aus der Größe eines Dachs könnte seine Klasse folgen.",
    ]),
    ("classes_alt", [
        "Balken per klasse: {list}.",
        "Barres par classe : {list}.",
        "Bars per class: {list}.",
        "Balken je Klasse: {list}.",
    ]),
    ("together", ["klasse 4–6", "classes 4–6", "classes 4–6", "Klassen 4–6"]),
    // ------------------------------------------------------------------ key figures
    ("figures_title", ["Kerncijfers", "Chiffres clés", "Key figures", "Kennzahlen"]),
    ("buildings_seen", [
        "Gebouwen in beeld",
        "Bâtiments couverts",
        "Buildings seen",
        "Erfasste Gebäude",
    ]),
    ("of_outlines", ["{n} van {m}", "{n} sur {m}", "{n} of {m}", "{n} von {m}"]),
    ("area_seen", [
        "Hun dakoppervlakte",
        "Leur surface de toiture",
        "Their roof area",
        "Ihre Dachfläche",
    ]),
    ("companies_listed", [
        "Bedrijven op de lijst",
        "Entreprises sur la liste",
        "Companies on the list",
        "Unternehmen auf der Liste",
    ]),
    ("participants", ["Deelnemers", "Participants", "Participants", "Teilnehmer"]),
    ("sharing_class", [
        "Deelnemers die enkel hun klasse delen",
        "Participants partageant leur seule classe",
        "Participants sharing only their class",
        "Teilnehmer, die nur die Klasse freigeben",
    ]),
    ("sharing_full", [
        "Deelnemers die alles delen",
        "Participants partageant tout",
        "Participants sharing everything",
        "Teilnehmer, die alles freigeben",
    ]),
    ("assessed_shared", [
        "Beoordeeld, klasse gedeeld",
        "Évalués, classe partagée",
        "Assessed, class shared",
        "Bewertet, Klasse freigegeben",
    ]),
    ("assessed_companies", [
        "Bedrijven met een beoordeeld dak",
        "Entreprises dont la toiture est évaluée",
        "Companies with an assessed roof",
        "Unternehmen mit bewertetem Dach",
    ]),
    ("median_air", [
        "Mediaan ΔT t.o.v. buitenlucht",
        "Médiane ΔT / air extérieur",
        "Median ΔT over outdoor air",
        "Median ΔT gegen Außenluft",
    ]),
    ("median_basis", [
        "{v} ({n} gebouwen)",
        "{v} ({n} bâtiments)",
        "{v} ({n} buildings)",
        "{v} ({n} Gebäude)",
    ]),
    ("median_public", [
        "{v}, op 0,5 K (minstens {min} bedrijven)",
        "{v}, à 0,5 K près (au moins {min} entreprises)",
        "{v}, to 0.5 K (at least {min} companies)",
        "{v}, auf 0,5 K (mindestens {min} Unternehmen)",
    ]),
    ("points_total", ["Aandachtspunten", "Points d’attention", "Points of attention", "Auffälligkeiten"]),
    ("points_urgent", [
        "Aandachtspunten, prioritair",
        "Points d’attention prioritaires",
        "Points of attention, priority",
        "Auffälligkeiten, vorrangig",
    ]),
    ("count_area", ["{n}, samen {area}", "{n}, ensemble {area}", "{n}, together {area}", "{n}, zusammen {area}"]),
    ("few", ["minder dan {min}", "moins de {min}", "fewer than {min}", "weniger als {min}"]),
    ("parks_title", ["Per terrein", "Par parc", "By park", "Je Gebiet"]),
    ("col_park", ["Terrein", "Parc", "Park", "Gebiet"]),
    // ------------------------------------------------------------------ together
    ("together_title", [
        "Wat het terrein samen kan doen",
        "Ce que le parc peut faire ensemble",
        "What the park can do together",
        "Was das Gebiet gemeinsam tun kann",
    ]),
    ("together_note", [
        "Aantal deelnemende bedrijven met minstens één passend punt op hun dak. Groepen onder {min} bedrijven worden niet getoond.",
        "Nombre d’entreprises participantes ayant au moins un point concerné sur leur toiture. Les groupes de moins de {min} entreprises ne sont pas montrés.",
        "Number of participating companies with at least one matching point on their roof. Groups under {min} companies are not shown.",
        "Anzahl teilnehmender Unternehmen mit mindestens einem passenden Punkt auf dem Dach. Gruppen unter {min} Unternehmen werden nicht gezeigt.",
    ]),
    ("together_note_internal", [
        "Bedrijven: alle deelnemers, niet vermeld onder {min}. Delen: enkel wie alles met de vereniging deelt; de zone is van hen.",
        "Entreprises : tous les participants, non publié sous {min}. Partage : uniquement celles qui partagent tout avec l’association ; la zone est la leur.",
        "Companies: all participants, withheld under {min}. Sharing: only those that share everything with the association; the zone is theirs.",
        "Unternehmen: alle Teilnehmer, unter {min} nicht angegeben. Freigabe: nur wer der Vereinigung alles freigibt; die Zone ist ihre.",
    ]),
    ("together_none", [
        "Voor geen enkele groepsaankoop zijn er genoeg bedrijven om een aantal te vermelden.",
        "Pour aucun achat groupé, il n’y a assez d’entreprises pour publier un nombre.",
        "For no group purchase are there enough companies to publish a number.",
        "Für keinen Sammeleinkauf gibt es genügend Unternehmen, um eine Zahl zu nennen.",
    ]),
    ("col_group", ["Groepsaankoop", "Achat groupé", "Group purchase", "Sammeleinkauf"]),
    ("col_all_companies", ["Bedrijven", "Entreprises", "Companies", "Unternehmen"]),
    ("col_sharing", ["Delen", "Partage", "Sharing", "Freigabe"]),
    ("col_zone", ["Zone, m²", "Zone, m²", "Zone, m²", "Zone, m²"]),
    ("col_first", ["Eerste stap", "Première étape", "First step", "Erster Schritt"]),
    ("group_rooflight", [
        "Lichtkoepels en lichtstraten",
        "Coupoles et lanterneaux",
        "Rooflights",
        "Lichtkuppeln und Lichtbänder",
    ]),
    ("group_edge", ["Dakrand en dakopstand", "Rive et acrotère", "Roof edge and upstand", "Dachrand und Attika"]),
    ("group_insulation", ["Dakisolatie, nazicht", "Isolation, vérification", "Roof insulation, check", "Dachdämmung, Prüfung"]),
    ("group_moisture", ["Vochtmeting", "Mesure d’humidité", "Moisture survey", "Feuchtemessung"]),
    ("group_linear", ["Naden en bouwknopen", "Joints et nœuds", "Joints and details", "Fugen und Anschlüsse"]),
    ("group_air-leak", ["Luchtdichtheid", "Étanchéité à l’air", "Airtightness", "Luftdichtheit"]),
    ("group_pipe", ["Leiding- en kanaalisolatie", "Isolation des conduites", "Pipe and duct insulation", "Rohr- und Kanaldämmung"]),
    ("group_ventilation", [
        "Ventilatie buiten de uren",
        "Ventilation hors horaires",
        "Ventilation out of hours",
        "Lüftung außerhalb der Zeiten",
    ]),
    ("group_process", ["Warmterecuperatie", "Récupération de chaleur", "Heat recovery", "Wärmerückgewinnung"]),
    ("step_rooflight", [
        "vraag één offerte per m²",
        "demander une offre par m²",
        "ask for one offer per m²",
        "ein Angebot je m² einholen",
    ]),
    ("step_edge", [
        "stel één dakdekker aan",
        "désigner un seul couvreur",
        "appoint one roofer",
        "einen Dachdecker beauftragen",
    ]),
    ("step_insulation", [
        "plan dakboringen in één week",
        "planifier les sondages en une semaine",
        "plan roof cores in one week",
        "Bohrungen in einer Woche planen",
    ]),
    ("step_moisture", [
        "plan de metingen op één dag",
        "planifier les mesures en un jour",
        "plan the surveys on one day",
        "Messungen an einem Tag planen",
    ]),
    ("step_linear", [
        "laat een architect meekijken",
        "faire examiner par un architecte",
        "have an architect look along",
        "Architekten hinzuziehen",
    ]),
    ("step_air-leak", [
        "plan een dakronde",
        "planifier une visite des toits",
        "plan a round of the roofs",
        "Dachrundgang planen",
    ]),
    ("step_pipe", [
        "laat alles in één keer opmeten",
        "tout faire métrer en une fois",
        "have all of it measured at once",
        "alles auf einmal aufmessen",
    ]),
    ("step_ventilation", [
        "ga instellingen na, geen aankoop",
        "vérifier les réglages, pas d’achat",
        "check settings, no purchase",
        "Einstellungen prüfen, kein Kauf",
    ]),
    ("step_process", [
        "onderzoek wie warmte kan afnemen",
        "chercher qui peut utiliser la chaleur",
        "find out who can use the heat",
        "klären, wer Wärme abnehmen kann",
    ]),
    ("together_alt", [
        "Balken met het aantal bedrijven per groepsaankoop: {list}.",
        "Barres du nombre d’entreprises par achat groupé : {list}.",
        "Bars of the number of companies per group purchase: {list}.",
        "Balken mit der Anzahl Unternehmen je Sammeleinkauf: {list}.",
    ]),
    ("together_alt_none", [
        "Geen balken: van geen enkele groep wordt een aantal vermeld.",
        "Pas de barres : aucun nombre n’est publié.",
        "No bars: no number is published.",
        "Keine Balken: Es wird keine Anzahl angegeben.",
    ]),
    ("kinds_title", [
        "Aandachtspunten per soort",
        "Points d’attention par type",
        "Points of attention by kind",
        "Auffälligkeiten nach Art",
    ]),
    ("kinds_note", [
        "Van bedrijven die alles delen; verklaarde warmtebronnen apart",
        "Des entreprises qui partagent tout ; sources expliquées à part",
        "Of companies that share everything; explained sources apart",
        "Von Unternehmen, die alles freigeben; erklärte Quellen getrennt",
    ]),
    ("kinds_none", [
        "Geen enkel bedrijf deelt zijn aandachtspunten met de vereniging.",
        "Aucune entreprise ne partage ses points d’attention avec l’association.",
        "No company shares its points of attention with the association.",
        "Kein Unternehmen gibt seine Auffälligkeiten für die Vereinigung frei.",
    ]),
    ("kinds_alt", [
        "Balken met het aantal aandachtspunten per soort: {list}.",
        "Barres du nombre de points d’attention par type : {list}.",
        "Bars of the number of points of attention by kind: {list}.",
        "Balken mit der Anzahl Auffälligkeiten je Art: {list}.",
    ]),
    ("col_number", ["aantal", "nombre", "number", "Anzahl"]),
    ("kind_insulation", ["diffuse dakzone", "zone diffuse", "diffuse zone", "diffuse Dachzone"]),
    ("kind_moisture", ["mogelijk vochtige isolatie", "isolant peut-être humide", "possibly wet insulation", "möglicherweise feuchte Dämmung"]),
    ("kind_linear", ["lineair, naad of bouwknoop", "linéaire, joint ou nœud", "linear, joint or detail", "linear, Fuge oder Anschluss"]),
    ("kind_air-leak", ["mogelijk luchtlek", "fuite d’air possible", "possible air leak", "mögliche Luftleckage"]),
    ("kind_edge", ["dakrand en opstand", "rive et acrotère", "roof edge and upstand", "Dachrand und Attika"]),
    ("kind_unknown", ["niet verklaard", "inexpliqué", "not explained", "nicht erklärt"]),
    ("kind_rooflight", ["lichtkoepel en lichtstraat", "coupole et lanterneau", "rooflight", "Lichtkuppel und Lichtband"]),
    ("kind_installation", ["doorvoer, uitblaas, leiding", "traversée, rejet, conduite", "penetration, exhaust, pipe", "Durchführung, Abluft, Rohr"]),
    ("kind_process", ["proceswarmte", "chaleur de procédé", "process heat", "Prozesswärme"]),
    ("reasons_title", [
        "Niet of beperkt beoordeelbaar",
        "Non évaluable ou limité",
        "Not or only partly assessable",
        "Nicht oder begrenzt bewertbar",
    ]),
    ("reasons_note", [
        "Aantal bedrijven per reden; één dak kan meer redenen hebben",
        "Nombre d’entreprises par raison ; une toiture peut en avoir plusieurs",
        "Number of companies per reason; a roof may have several",
        "Anzahl Unternehmen je Grund; ein Dach kann mehrere haben",
    ]),
    ("reasons_none", [
        "Geen reden komt bij genoeg bedrijven voor om te vermelden.",
        "Aucune raison ne concerne assez d’entreprises pour être publiée.",
        "No reason holds for enough companies to be published.",
        "Kein Grund betrifft genügend Unternehmen, um genannt zu werden.",
    ]),
    ("col_reason", ["reden", "raison", "reason", "Grund"]),
    ("spoils", [
        "Vet: geen klasse. De andere redenen beperken de zekerheid.",
        "En gras : pas de classe. Les autres raisons limitent la certitude.",
        "Bold: no class. The other reasons limit the certainty.",
        "Fett: keine Klasse. Die anderen Gründe begrenzen die Sicherheit.",
    ]),
    ("steps_title", ["Volgende stappen", "Étapes suivantes", "Next steps", "Nächste Schritte"]),
    ("now", ["Nu", "Maintenant", "Now", "Jetzt"]),
    ("then", ["Daarna", "Ensuite", "Then", "Danach"]),
    ("later", ["Volgend stookseizoen", "Prochaine saison de chauffe", "Next heating season", "Nächste Heizperiode"]),
    ("now_internal", [
        "Verstuur de verslagen en vraag de deelnemers naar hun binnentemperatuur. Dat verhoogt de zekerheid zonder nieuwe vlucht.",
        "Envoyez les rapports et demandez aux participants leur température intérieure. Cela augmente la certitude sans nouveau vol.",
        "Send the reports and ask participants for their indoor temperature. That raises the certainty without another flight.",
        "Versenden Sie die Berichte und fragen Sie die Teilnehmer nach ihrer Innentemperatur. Das erhöht die Sicherheit ohne neuen Flug.",
    ]),
    ("now_public", [
        "Lees uw eigen verslag en geef uw binnentemperatuur door. Dat verhoogt de zekerheid zonder nieuwe vlucht.",
        "Lisez votre propre rapport et communiquez votre température intérieure. Cela augmente la certitude sans nouveau vol.",
        "Read your own report and pass on your indoor temperature. That raises the certainty without another flight.",
        "Lesen Sie Ihren eigenen Bericht und geben Sie Ihre Innentemperatur durch. Das erhöht die Sicherheit ohne neuen Flug.",
    ]),
    ("then_group", [
        "Houd een infomoment groepsaankoop. Begin met: {group}.",
        "Organisez une séance d’information sur l’achat groupé. Commencez par : {group}.",
        "Hold a meeting on group purchase. Begin with: {group}.",
        "Halten Sie ein Treffen zum Sammeleinkauf. Beginnen Sie mit: {group}.",
    ]),
    ("then_no_group", [
        "Houd een infomoment en vraag welke bedrijven samen willen aankopen.",
        "Organisez une séance d’information et demandez quelles entreprises veulent acheter ensemble.",
        "Hold a meeting and ask which companies want to buy together.",
        "Halten Sie ein Treffen und fragen Sie, welche Unternehmen gemeinsam einkaufen wollen.",
    ]),
    ("later_text", [
        "Vlieg opnieuw over dezelfde lijnen. Vraag de andere bedrijven tijdig om deel te nemen.",
        "Survolez à nouveau selon les mêmes lignes. Invitez à temps les autres entreprises à participer.",
        "Fly the same lines again. Ask the other companies in time to take part.",
        "Fliegen Sie dieselben Linien erneut. Bitten Sie die anderen Unternehmen rechtzeitig um Teilnahme.",
    ]),
    // ------------------------------------------------------------------ participants
    ("list_title", [
        "Lijst van de deelnemers",
        "Liste des participants",
        "List of participants",
        "Liste der Teilnehmer",
    ]),
    ("list_note", [
        "Hoogste klasse eerst, dan alfabetisch. Wat een bedrijf niet deelt, staat er niet. Vul de laatste kolommen zelf in.",
        "Classe la plus élevée d’abord, puis par ordre alphabétique. Ce qu’une entreprise ne partage pas n’y figure pas. Remplissez vous-même les dernières colonnes.",
        "Highest class first, then alphabetical. What a company does not share is not there. Fill in the last columns yourself.",
        "Höchste Klasse zuerst, dann alphabetisch. Was ein Unternehmen nicht freigibt, steht nicht da. Füllen Sie die letzten Spalten selbst aus.",
    ]),
    ("list_none", [
        "Er nemen geen bedrijven deel.",
        "Aucune entreprise ne participe.",
        "No company takes part.",
        "Es nehmen keine Unternehmen teil.",
    ]),
    ("col_company", ["Bedrijf", "Entreprise", "Company", "Unternehmen"]),
    ("col_class", ["Klasse", "Classe", "Class", "Klasse"]),
    ("col_points", ["Aandachtspunten", "Points d’attention", "Points of attention", "Auffälligkeiten"]),
    ("col_priority", ["Prioriteit", "Priorité", "Priority", "Priorität"]),
    ("col_sent", ["Verslag verzonden op", "Rapport envoyé le", "Report sent on", "Bericht versandt am"]),
    ("col_follow_up", ["Opvolging", "Suivi", "Follow-up", "Nachverfolgung"]),
    ("not_shared", ["niet gedeeld", "non partagé", "not shared", "nicht freigegeben"]),
    ("no_sheet", ["geen verslag", "pas de rapport", "no report", "kein Bericht"]),
    ("no_points", ["geen", "aucun", "none", "keine"]),
    ("invite_title", [
        "Uit te nodigen per groepsaankoop",
        "À inviter par achat groupé",
        "To invite per group purchase",
        "Einzuladen je Sammeleinkauf",
    ]),
    ("invite_note", [
        "Bedrijven die alles met de vereniging delen en minstens één passend punt hebben.",
        "Entreprises qui partagent tout avec l’association et ont au moins un point concerné.",
        "Companies that share everything with the association and have at least one matching point.",
        "Unternehmen, die der Vereinigung alles freigeben und mindestens einen passenden Punkt haben.",
    ]),
    // ------------------------------------------------------------------ quality
    ("quality_title", ["Kwaliteit van de vlucht", "Qualité du vol", "Quality of the flight", "Qualität des Flugs"]),
    ("plot_air", ["Luchttemperatuur, °C", "Température de l’air, °C", "Air temperature, °C", "Lufttemperatur, °C"]),
    ("plot_wind", ["Wind, m/s", "Vent, m/s", "Wind, m/s", "Wind, m/s"]),
    ("plot_alt", [
        "{what}, van {from} tot {to}: laagste {low}, hoogste {high}.",
        "{what}, de {from} à {to} : minimum {low}, maximum {high}.",
        "{what}, from {from} to {to}: lowest {low}, highest {high}.",
        "{what}, von {from} bis {to}: niedrigster Wert {low}, höchster {high}.",
    ]),
    ("plot_limit", ["grens {v} m/s", "limite {v} m/s", "limit {v} m/s", "Grenze {v} m/s"]),
    ("no_weather", [
        "Het weer tijdens de vlucht is niet gekend.",
        "La météo pendant le vol n’est pas connue.",
        "The weather during the flight is not known.",
        "Das Wetter während des Flugs ist nicht bekannt.",
    ]),
    ("resolution", ["Resolutie", "Résolution", "Resolution", "Auflösung"]),
    ("coverage", ["Dekking van de daken", "Couverture des toitures", "Coverage of the roofs", "Abdeckung der Dächer"]),
    ("frames_used", ["Opnamen gebruikt", "Prises de vue utilisées", "Captures used", "Verwendete Aufnahmen"]),
    ("frames_rejected", ["Opnamen afgekeurd", "Prises de vue rejetées", "Captures rejected", "Verworfene Aufnahmen"]),
    ("repeatability", ["Herhaalbaarheid", "Répétabilité", "Repeatability", "Wiederholbarkeit"]),
    ("drift", ["Bijgestuurde drift", "Dérive corrigée", "Drift corrected", "Ausgeglichene Drift"]),
    ("position", ["Ligging", "Position", "Position", "Lage"]),
    ("references", ["Referentiepunten, afwijking", "Points de référence, écart", "Reference targets, difference", "Referenzziele, Abweichung"]),
    ("uncertainty", ["Meetonzekerheid", "Incertitude de mesure", "Measurement uncertainty", "Messunsicherheit"]),
    ("quality_note", [
        "Afgekeurde opnamen zijn niet gebruikt; quality.pdf van de vlucht vermeldt de reden van elke opname.",
        "Les prises de vue rejetées ne sont pas utilisées ; quality.pdf du vol donne la raison de chacune.",
        "Rejected captures are not used; quality.pdf of the flight tells the reason of each.",
        "Verworfene Aufnahmen sind nicht verwendet; quality.pdf des Flugs nennt den Grund jeder Aufnahme.",
    ]),
    ("conditions_title", ["Meetomstandigheden", "Conditions de mesure", "Conditions during measurement", "Messbedingungen"]),
    ("air", ["Luchttemperatuur", "Température de l’air", "Air temperature", "Lufttemperatur"]),
    ("humidity", ["Relatieve vochtigheid", "Humidité relative", "Relative humidity", "Relative Luftfeuchte"]),
    ("wind", ["Windsnelheid", "Vitesse du vent", "Wind speed", "Windgeschwindigkeit"]),
    ("clouds", ["Bewolkingsgraad", "Nébulosité", "Cloud cover", "Bedeckungsgrad"]),
    ("sky", ["Hemeltemperatuur", "Température du ciel", "Sky temperature", "Himmelstemperatur"]),
    ("rain", ["Neerslag, laatste 24 u.", "Précipitations, 24 h", "Rain, last 24 h", "Niederschlag, 24 h"]),
    ("emissivity", ["Emissiviteit van de kaart", "Émissivité de la carte", "Emissivity of the map", "Emissionsgrad der Karte"]),
    ("compare_title", ["Vergelijking met een vorige vlucht", "Comparaison avec un vol précédent", "Comparison with an earlier flight", "Vergleich mit einem früheren Flug"]),
    ("former_none", [
        "Er is nog geen vergelijking met een vroegere vlucht.",
        "Il n’y a pas encore de comparaison avec un vol antérieur.",
        "There is no comparison with an earlier flight yet.",
        "Es gibt noch keinen Vergleich mit einem früheren Flug.",
    ]),
    ("former_dated", [
        "vlucht {id} van {date}",
        "le vol {id} du {date}",
        "flight {id} of {date}",
        "Flug {id} vom {date}",
    ]),
    ("former_text", [
        "Vergeleken met {flight}, herleid naar hetzelfde weer.",
        "Comparé avec {flight}, ramené à la même météo.",
        "Compared with {flight}, normalised for the weather.",
        "Verglichen mit {flight}, auf dasselbe Wetter gebracht.",
    ]),
    ("former_matrix_note", [
        "Gebouwen waarvan de klasse gedeeld wordt en die in beide vluchten van hetzelfde bedrijf waren. „–”: niet beoordeelbaar. Een klasse kan ook door het weer verspringen; het oordeel houdt daar rekening mee.",
        "Bâtiments dont la classe est partagée et qui étaient à la même entreprise lors des deux vols. « – » : non évaluable. Une classe peut aussi changer avec la météo ; l’avis en tient compte.",
        "Buildings whose class is shared and which were the same company’s in both flights. “–”: not assessable. A class may also shift with the weather; the verdict takes that into account.",
        "Gebäude, deren Klasse freigegeben ist und die bei beiden Flügen demselben Unternehmen gehörten. „–“: nicht bewertbar. Eine Klasse kann auch mit dem Wetter wechseln; das Urteil berücksichtigt das.",
    ]),
    ("former_none_shared", [
        "Geen enkel gebouw waarvan de klasse gedeeld wordt, was in beide vluchten van hetzelfde bedrijf.",
        "Aucun bâtiment dont la classe est partagée n’était à la même entreprise lors des deux vols.",
        "No building whose class is shared was the same company’s in both flights.",
        "Kein Gebäude mit freigegebener Klasse gehörte bei beiden Flügen demselben Unternehmen.",
    ]),
    ("former_verdicts", [
        "Oordeel, aantal gebouwen",
        "Avis, nombre de bâtiments",
        "Verdict, number of buildings",
        "Urteil, Anzahl der Gebäude",
    ]),
    ("former_verdicts_note", [
        "Gebouwen van bedrijven die alles delen.",
        "Bâtiments d’entreprises qui partagent tout.",
        "Buildings of companies that share everything.",
        "Gebäude von Unternehmen, die alles freigeben.",
    ]),
    ("former_verdicts_public", [
        "Oordeel, aantal bedrijven",
        "Avis, nombre d’entreprises",
        "Verdict, number of companies",
        "Urteil, Anzahl der Unternehmen",
    ]),
    ("former_verdicts_public_note", [
        "Elk bedrijf telt met zijn grootste beoordeelde dak. Aantallen onder {min} blijven weg.",
        "Chaque entreprise compte par sa plus grande toiture évaluée. Les nombres inférieurs à {min} sont omis.",
        "Each company counts with its largest assessed roof. Numbers below {min} are left out.",
        "Jedes Unternehmen zählt mit seinem größten bewerteten Dach. Anzahlen unter {min} fehlen.",
    ]),
    ("former_verdicts_few", [
        "Te weinig bedrijven om iets te tonen: geen aantal onder {min}.",
        "Trop peu d’entreprises pour montrer un résultat : aucun nombre inférieur à {min}.",
        "Too few companies to show anything: no number below {min}.",
        "Zu wenige Unternehmen, um etwas zu zeigen: keine Anzahl unter {min}.",
    ]),
    ("overlap", [
        "Overlap, opnamen per dak",
        "Recouvrement, vues par toiture",
        "Overlap, captures per roof",
        "Überlappung, Aufnahmen je Dach",
    ]),
    ("rejected", [
        "Afgekeurd: {list}.",
        "Rejetées : {list}.",
        "Rejected: {list}.",
        "Verworfen: {list}.",
    ]),
    ("rejected_oblique", ["{n} te schuin", "{n} trop {n|oblique|obliques}", "{n} too oblique", "{n} zu schräg"]),
    ("rejected_unplaced", ["{n} zonder plaats", "{n} sans position", "{n} without a place", "{n} ohne Lage"]),
    ("rejected_damaged", ["{n} beschadigd", "{n} {n|endommagée|endommagées}", "{n} damaged", "{n} beschädigt"]),
    ("rejected_incomplete", ["{n} onvolledig", "{n} {n|incomplète|incomplètes}", "{n} incomplete", "{n} unvollständig"]),
    ("rejected_other_kind", [
        "{n} geen warmtebeeld dat gelezen kan worden",
        "{n} sans image thermique lisible",
        "{n} no thermal picture that can be read",
        "{n} kein lesbares Wärmebild",
    ]),
    // ------------------------------------------------------------------ method
    ("method_title", ["Methode", "Méthode", "Method", "Methode"]),
    ("method_flight", [
        "*Vlucht.* Een warmtebeeldcamera nam de daken ’s nachts van boven op. De opnamen zijn op de kaart gelegd, onderling op gelijk niveau gebracht en tot één temperatuurkaart samengevoegd.",
        "*Vol.* Une caméra thermique a relevé les toitures de nuit, vues d’en haut. Les prises de vue sont placées sur la carte, mises au même niveau et réunies en une carte de température.",
        "*Flight.* A thermal camera captured the roofs from above at night. The captures were placed on the map, brought to one level and joined into one map of temperature.",
        "*Flug.* Eine Wärmebildkamera nahm die Dächer nachts von oben auf. Die Aufnahmen wurden auf die Karte gelegt, auf ein Niveau gebracht und zu einer Temperaturkarte verbunden.",
    ]),
    ("method_class", [
        "*Klasse.* De mediaan van elk dak wordt vergeleken met een referentie, rekening houdend met lucht, hemel, wind en dakmateriaal. De indicatie loopt van 1 (zeer laag) tot 6 (zeer sterk verhoogd). Een bedrijf met meerdere gebouwen krijgt de klasse van zijn grootste beoordeelde dakoppervlakte.",
        "*Classe.* La médiane de chaque toiture est comparée à une référence, en tenant compte de l’air, du ciel, du vent et du matériau. L’indication va de 1 (très faible) à 6 (extrêmement élevée). Une entreprise de plusieurs bâtiments reçoit la classe de sa plus grande surface de toiture évaluée.",
        "*Class.* The median of each roof is compared with a reference, allowing for air, sky, wind and roof material. The indication runs from 1 (very low) to 6 (very strongly elevated). A company with several buildings gets the class of its largest assessed roof area.",
        "*Klasse.* Der Median jedes Dachs wird mit einer Referenz verglichen, unter Berücksichtigung von Luft, Himmel, Wind und Dachmaterial. Der Hinweis reicht von 1 (sehr gering) bis 6 (sehr stark erhöht). Ein Unternehmen mit mehreren Gebäuden erhält die Klasse seiner größten bewerteten Dachfläche.",
    ]),
    ("method_points", [
        "*Aandachtspunten.* Plaatsen die duidelijk warmer zijn dan het dak eromheen. De aard is _vermoedelijk_; enkel een controle ter plaatse bevestigt ze. Lichtkoepels, doorvoeren en proceswarmte zijn verklaard en tellen niet als isolatieverlies.",
        "*Points d’attention.* Endroits nettement plus chauds que la toiture autour. La nature est _probable_ ; seul un contrôle sur place la confirme. Coupoles, traversées et chaleur de procédé sont expliquées et ne comptent pas comme perte d’isolation.",
        "*Points of attention.* Places clearly warmer than the roof around them. Their nature is _likely_; only a check on site confirms it. Rooflights, penetrations and process heat are explained and do not count as insulation loss.",
        "*Auffälligkeiten.* Stellen, die deutlich wärmer sind als das Dach ringsum. Die Art ist _vermutlich_; nur eine Prüfung vor Ort bestätigt sie. Lichtkuppeln, Durchführungen und Prozesswärme sind erklärt und zählen nicht als Dämmverlust.",
    ]),
    ("method_limits", [
        "*Grenzen.* Niet beoordeelbaar is een resultaat met een reden, geen lage klasse. De kaart meet oppervlakten; zonder kennis van dakopbouw en binnentemperatuur volgt er geen isolatiedikte uit.",
        "*Limites.* Non évaluable est un résultat avec une raison, pas une classe basse. La carte mesure des surfaces ; sans connaître la composition du toit et la température intérieure, aucune épaisseur d’isolant n’en découle.",
        "*Limits.* Not assessable is a result with a reason, not a low class. The map measures surfaces; without knowledge of roof build-up and indoor temperature no insulation thickness follows from it.",
        "*Grenzen.* Nicht bewertbar ist ein Ergebnis mit Grund, keine niedrige Klasse. Die Karte misst Oberflächen; ohne Kenntnis von Dachaufbau und Innentemperatur folgt daraus keine Dämmstärke.",
    ]),
    ("legend_title", ["De klassen", "Les classes", "The classes", "Die Klassen"]),
    ("sources_title", ["Bronvermelding", "Sources", "Sources", "Quellen"]),
    ("sources_text", [
        "Gebouwcontouren, bedrijvenlijst en hoogtegegevens: aangeleverd voor deze campagne. Waar ze uit GRB, DHMV of orthofoto komen: bron Digitaal Vlaanderen. Weer: {weather}; gegevens van het KMI onder CC BY 4.0.",
        "Emprises, liste des entreprises et altimétrie : fournies pour cette campagne. Là où elles proviennent du GRB, du DHMV ou d’orthophotos : source Digitaal Vlaanderen. Météo : {weather} ; données de l’IRM sous CC BY 4.0.",
        "Building outlines, company list and heights: supplied for this campaign. Where they come from GRB, DHMV or orthophotos: source Digitaal Vlaanderen. Weather: {weather}; data of the RMI under CC BY 4.0.",
        "Gebäudeumrisse, Unternehmensliste und Höhendaten: für diese Kampagne geliefert. Wo sie aus GRB, DHMV oder Orthofotos stammen: Quelle Digitaal Vlaanderen. Wetter: {weather}; Daten des KMI unter CC BY 4.0.",
    ]),
    ("weather_given", [
        "door de opdrachtgever opgegeven",
        "indiquée par le donneur d’ordre",
        "given by the client",
        "vom Auftraggeber angegeben",
    ]),
    ("privacy_title", ["Gegevensbescherming", "Protection des données", "Data protection", "Datenschutz"]),
    ("privacy_internal", [
        "Van elk bedrijf staat hier enkel wat het met de vereniging deelt: niets, de klasse of alles. Andere gebouwen zijn niet gekleurd en hun warmtebeeld is afgeschermd. Totalen over alle deelnemers zijn zo gekozen dat er niets over één bedrijf uit volgt. Een bedrijf kan zijn deelname altijd intrekken; dit overzicht wordt dan opnieuw gemaakt.",
        "De chaque entreprise, seul figure ce qu’elle partage avec l’association : rien, la classe ou tout. Les autres bâtiments ne sont pas colorés et leur image thermique est masquée. Les totaux de tous les participants sont choisis pour que rien n’en découle sur une entreprise. Une entreprise peut toujours se retirer ; cet aperçu est alors refait.",
        "Of each company only what it shares with the association stands here: nothing, the class or everything. Other buildings are not coloured and their thermal image is masked. Totals over all participants are chosen so that nothing about one company follows from them. A company may always withdraw; this overview is then made again.",
        "Von jedem Unternehmen steht hier nur, was es der Vereinigung freigibt: nichts, die Klasse oder alles. Andere Gebäude sind nicht gefärbt, ihr Wärmebild ist abgedeckt. Summen über alle Teilnehmer sind so gewählt, dass daraus nichts über ein Unternehmen folgt. Ein Unternehmen kann seine Teilnahme immer widerrufen; diese Übersicht wird dann neu erstellt.",
    ]),
    ("privacy_public", [
        "Dit overzicht noemt geen bedrijf en bevat geen waarde van één gebouw. Aantallen gelden voor minstens {min} bedrijven en zijn zo gekozen dat ook hun verschillen niets verraden. Elk bedrijf kreeg een eigen verslag dat enkel het zelf ziet.",
        "Cet aperçu ne nomme aucune entreprise et ne contient aucune valeur d’un seul bâtiment. Les nombres valent pour au moins {min} entreprises et sont choisis pour que leurs différences ne révèlent rien non plus. Chaque entreprise a reçu un rapport qu’elle seule voit.",
        "This overview names no company and holds no value of a single building. Counts stand for at least {min} companies and are chosen so that their differences tell nothing either. Each company received a report that only it sees.",
        "Diese Übersicht nennt kein Unternehmen und enthält keinen Wert eines einzelnen Gebäudes. Anzahlen gelten für mindestens {min} Unternehmen und sind so gewählt, dass auch ihre Differenzen nichts verraten. Jedes Unternehmen erhielt einen Bericht, den nur es selbst sieht.",
    ]),
    ("retained", ["Bewaard tot {date}.", "Conservé jusqu’au {date}.", "Retained until {date}.", "Aufbewahrt bis {date}."]),
    ("recipients_title", ["Verzendlijst", "Liste de diffusion", "Distribution list", "Verteiler"]),
    ("recipients_internal", [
        "Bestuur van de bedrijvenvereniging; bedrijventerreinmanager; uitvoerder. Niet verder te verspreiden.",
        "Administrateurs de l’association d’entreprises ; gestionnaire du parc ; exécutant. Ne pas diffuser davantage.",
        "Board of the business association; park manager; contractor. Not to be passed on.",
        "Vorstand der Unternehmensvereinigung; Parkmanager; Ausführende. Nicht weiterzugeben.",
    ]),
    ("recipients_public", [
        "Vrij te verspreiden: bedrijven van het terrein, gemeente, pers.",
        "Diffusion libre : entreprises du parc, commune, presse.",
        "Free to pass on: companies of the park, municipality, press.",
        "Frei weiterzugeben: Unternehmen des Gebiets, Gemeinde, Presse.",
    ]),
    ("terms_title", ["Woordenlijst", "Glossaire", "Glossary", "Begriffe"]),
    ("term_1", [
        "*Warmteverliesindicatie*: hoeveel warmte een dak uitstraalt, vergeleken met een referentie.",
        "*Indication de déperdition* : la chaleur qu’une toiture rayonne, comparée à une référence.",
        "*Heat-loss indication*: how much heat a roof emits, compared with a reference.",
        "*Wärmeverlusthinweis*: wie viel Wärme ein Dach abstrahlt, verglichen mit einer Referenz.",
    ]),
    ("term_2", [
        "*Referentiedak*: dak of groep daken van dezelfde nacht waarmee vergeleken wordt.",
        "*Toiture de référence* : toiture ou groupe de toitures de la même nuit servant de comparaison.",
        "*Reference roof*: roof or group of roofs of the same night that is compared with.",
        "*Referenzdach*: Dach oder Gruppe von Dächern derselben Nacht, mit denen verglichen wird.",
    ]),
    ("term_3", [
        "*ΔT*: temperatuurverschil, in kelvin (K).",
        "*ΔT* : écart de température, en kelvins (K).",
        "*ΔT*: temperature difference, in kelvin (K).",
        "*ΔT*: Temperaturdifferenz, in Kelvin (K).",
    ]),
    ("term_4", [
        "*Emissiviteit*: hoe goed een oppervlak warmte uitstraalt; blank metaal doet dat nauwelijks en weerspiegelt de hemel.",
        "*Émissivité* : capacité d’une surface à rayonner ; le métal nu rayonne à peine et reflète le ciel.",
        "*Emissivity*: how well a surface emits heat; bare metal hardly does and mirrors the sky.",
        "*Emissionsgrad*: wie gut eine Oberfläche Wärme abstrahlt; blankes Metall tut es kaum und spiegelt den Himmel.",
    ]),
    // ------------------------------------------------------------------ foot
    ("confidential", [
        "Vertrouwelijk: enkel bestemd voor de bedrijvenvereniging.",
        "Confidentiel : destiné uniquement à l’association d’entreprises.",
        "Confidential: for the business association only.",
        "Vertraulich: nur für die Unternehmensvereinigung bestimmt.",
    ]),
    ("open", [
        "Publieke versie: geen gegevens van afzonderlijke bedrijven.",
        "Version publique : aucune donnée d’entreprises individuelles.",
        "Public version: no data of single companies.",
        "Öffentliche Fassung: keine Daten einzelner Unternehmen.",
    ]),
    ("page", ["pagina", "page", "page", "Seite"]),
    ("of", ["van", "sur", "of", "von"]),
    ("north", ["N", "N", "N", "N"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_four_languages_once_with_the_same_places() {
        let places = |text: &str| -> Vec<String> {
            let parts = text.split('{').skip(1);
            let mut names: Vec<String> = parts
                .filter_map(|p| p.split(['}', '|']).next().map(str::to_owned))
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let mut names: Vec<&str> = TEXTS.iter().map(|(name, _)| *name).collect();
        for (name, texts) in TEXTS {
            for text in texts {
                assert!(!text.trim().is_empty(), "{name}");
                assert_eq!(places(text), places(texts[0]), "{name}: {text}");
                assert_eq!(text.matches('*').count() % 2, 0, "{name}: {text}");
            }
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
