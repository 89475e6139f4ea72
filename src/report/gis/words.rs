//! Words of layers and legends.

use crate::survey::Language;

/// Titles and legends of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    pub(super) buildings: &'static str,
    pub(super) hotspots: &'static str,
    pub(super) coldspots: &'static str,
    pub(super) frames: &'static str,
    pub(super) roof_segments: &'static str,
    pub(super) mosaic: &'static str,
    pub(super) uncertainty: &'static str,
    pub(super) coverage: &'static str,
    pub(super) urgency: &'static str,
    pub(super) explained: &'static str,
    pub(super) rejected: &'static str,
    pub(super) used: &'static str,
    pub(super) skipped: &'static str,
    pub(super) unplaced: &'static str,
    pub(super) new: &'static str,
    pub(super) persisting: &'static str,
    pub(super) gone: &'static str,
    /// Plane, parapet, rooflight, installation, panels, metal, puddle, tree, not explained.
    pub(super) parts: [&'static str; 9],
}

pub(super) fn of(language: Language) -> &'static Texts {
    match language {
        Language::Nl => &NL,
        Language::Fr => &FR,
        Language::En => &EN,
        Language::De => &DE,
    }
}

/// Every word printed here.
pub fn all_text() -> Vec<&'static str> {
    [&NL, &FR, &EN, &DE]
        .into_iter()
        .flat_map(Texts::list)
        .collect()
}

impl Texts {
    fn list(&self) -> Vec<&'static str> {
        let mut list = vec![
            self.buildings,
            self.hotspots,
            self.coldspots,
            self.frames,
            self.roof_segments,
            self.mosaic,
            self.uncertainty,
            self.coverage,
            self.urgency,
            self.explained,
            self.rejected,
            self.used,
            self.skipped,
            self.unplaced,
            self.new,
            self.persisting,
            self.gone,
        ];
        list.extend(self.parts);
        list
    }
}

static NL: Texts = Texts {
    buildings: "Gebouwen: warmteverliesindicatie",
    hotspots: "Aandachtspunten",
    coldspots: "Koude plekken",
    frames: "Opnamen",
    roof_segments: "Dakdelen",
    mosaic: "Oppervlaktetemperatuur (°C)",
    uncertainty: "Meetonzekerheid, 1σ (K)",
    coverage: "Aantal opnamen",
    urgency: "prioriteit",
    explained: "verklaarde warmtebron",
    rejected: "door de auditeur verworpen",
    used: "gebruikt",
    skipped: "overgeslagen",
    unplaced: "zonder plaats",
    new: "nieuw",
    persisting: "nog aanwezig",
    gone: "verdwenen",
    parts: [
        "dakvlak",
        "dakopstand",
        "lichtkoepel of lichtstraat",
        "installatie",
        "zonnepanelen",
        "spiegelend metaal",
        "mogelijk water",
        "boom of schaduw van een boom",
        "niet verklaard",
    ],
};

static FR: Texts = Texts {
    buildings: "Bâtiments : indication de déperdition",
    hotspots: "Points d'attention",
    coldspots: "Points froids",
    frames: "Prises de vue",
    roof_segments: "Parties de toiture",
    mosaic: "Température de surface (°C)",
    uncertainty: "Incertitude de mesure, 1σ (K)",
    coverage: "Nombre de prises de vue",
    urgency: "priorité",
    explained: "source de chaleur expliquée",
    rejected: "rejeté par l'auditeur",
    used: "utilisée",
    skipped: "écartée",
    unplaced: "sans position",
    new: "nouveau",
    persisting: "toujours présent",
    gone: "disparu",
    parts: [
        "pan de toiture",
        "acrotère",
        "coupole ou lanterneau",
        "installation",
        "panneaux photovoltaïques",
        "métal réfléchissant",
        "eau possible",
        "arbre ou ombre d'un arbre",
        "non expliqué",
    ],
};

static EN: Texts = Texts {
    buildings: "Buildings: heat-loss indication",
    hotspots: "Points of attention",
    coldspots: "Cold spots",
    frames: "Captures",
    roof_segments: "Roof parts",
    mosaic: "Surface temperature (°C)",
    uncertainty: "Measurement uncertainty, 1σ (K)",
    coverage: "Number of captures",
    urgency: "priority",
    explained: "explained heat source",
    rejected: "rejected by the auditor",
    used: "used",
    skipped: "skipped",
    unplaced: "without place",
    new: "new",
    persisting: "still there",
    gone: "gone",
    parts: [
        "roof plane",
        "parapet",
        "rooflight",
        "installation",
        "solar panels",
        "mirroring metal",
        "possibly water",
        "tree or shadow of a tree",
        "not explained",
    ],
};

static DE: Texts = Texts {
    buildings: "Gebäude: Wärmeverlusthinweis",
    hotspots: "Auffälligkeiten",
    coldspots: "Kalte Stellen",
    frames: "Aufnahmen",
    roof_segments: "Dachteile",
    mosaic: "Oberflächentemperatur (°C)",
    uncertainty: "Messunsicherheit, 1σ (K)",
    coverage: "Anzahl der Aufnahmen",
    urgency: "Priorität",
    explained: "erklärte Wärmequelle",
    rejected: "vom Prüfer verworfen",
    used: "verwendet",
    skipped: "ausgelassen",
    unplaced: "ohne Lage",
    new: "neu",
    persisting: "weiterhin vorhanden",
    gone: "verschwunden",
    parts: [
        "Dachfläche",
        "Attika",
        "Lichtkuppel oder Lichtband",
        "Installation",
        "Photovoltaikmodule",
        "spiegelndes Metall",
        "möglicherweise Wasser",
        "Baum oder Schatten eines Baums",
        "nicht erklärt",
    ],
};
