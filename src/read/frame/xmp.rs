//! Values of XMP packets: what drones write of position, attitude and scale.
//!
//! In: packets (RDF/XML). Out: values by vocabulary and name. Writers use attributes or elements,
//! a leading "+", and one old firmware a misspelt name; a packet that is not well-formed is a
//! warning, never a reason to lose a frame.

use super::limits::{MAX_XML, xml};
use roxmltree::Node;

const STANDARD: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// Digest of the extension, its full length and this piece's offset.
const EXTENSION_HEAD: usize = 32 + 4 + 4;

/// Vocabularies whose names we look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// `http://www.dji.com/drone-dji/1.0/`
    Drone,
    /// FLIR's scale and band, by DJI or FLIR itself.
    Flir,
    /// `http://pix4d.com/camera/1.0`, also used by MicaSense, Parrot and FLIR.
    Camera,
    /// `http://ns.adobe.com/xap/1.0/`
    Basic,
}

impl Vocabulary {
    fn from_uri(uri: &str) -> Option<Self> {
        let uri = uri.to_ascii_lowercase();
        if uri.contains("drone-dji") {
            Some(Vocabulary::Drone)
        } else if uri.contains("flir") {
            Some(Vocabulary::Flir)
        } else if uri.contains("pix4d.com/camera") {
            Some(Vocabulary::Camera)
        } else if uri == "http://ns.adobe.com/xap/1.0/" {
            Some(Vocabulary::Basic)
        } else {
            None
        }
    }
}

/// Packets as found in a file.
#[derive(Debug, Default)]
pub(super) struct Packets<'a> {
    standard: Vec<&'a [u8]>,
    /// Offset and bytes of each piece of the extension.
    extension: Vec<(u32, &'a [u8])>,
    /// Bytes in all of them.
    length: usize,
    /// Whether some were left out.
    skipped: bool,
}

impl<'a> Packets<'a> {
    /// The one packet of a TIFF tag.
    pub(super) fn single(packet: &'a [u8]) -> Self {
        Self {
            standard: vec![packet],
            extension: Vec::new(),
            length: packet.len(),
            skipped: false,
        }
    }

    /// Adds a JPEG segment, when it is XMP and not beyond all measure.
    pub(super) fn add_segment(&mut self, payload: &'a [u8]) {
        let is_xmp = payload.starts_with(STANDARD) || payload.starts_with(EXTENSION);
        if is_xmp && self.length + payload.len() > MAX_XML {
            self.skipped = true;
            return;
        }
        if let Some(packet) = payload.strip_prefix(STANDARD) {
            self.length += packet.len();
            self.standard.push(packet);
        } else if let Some(piece) = payload.strip_prefix(EXTENSION)
            && let (Some(offset), Some(data)) =
                (piece.get(36..EXTENSION_HEAD), piece.get(EXTENSION_HEAD..))
            && let Ok(offset) = offset.try_into()
        {
            self.length += data.len();
            self.extension.push((u32::from_be_bytes(offset), data));
        }
    }

    /// The packets as whole documents, as far as they are well-formed.
    pub(super) fn documents(mut self) -> Vec<Vec<u8>> {
        let good = |packet: &[u8]| Values::default().collect(packet).is_ok();
        let mut all: Vec<Vec<u8>> = match self.standard.iter().all(|p| good(p)) {
            true => self.standard.iter().map(|p| p.to_vec()).collect(),
            false => vec![self.standard.concat()],
        };
        self.extension.sort_by_key(|(offset, _)| *offset);
        let pieces: Vec<&[u8]> = self.extension.iter().map(|(_, data)| *data).collect();
        all.push(pieces.concat());
        all.retain(|packet| !packet.is_empty() && good(packet));
        all
    }

    /// Reads all packets; what cannot be read becomes a warning.
    pub(super) fn read(mut self, warnings: &mut Vec<String>) -> Values {
        let mut values = Values::default();
        if self.skipped {
            warnings.push(format!("XMP beyond {MAX_XML} bytes is not looked at"));
        }
        let whole = self.standard.iter().all(|p| values.collect(p).is_ok());
        // Some writers cut one packet over several segments without saying so.
        if !whole && values.collect(&self.standard.concat()).is_err() {
            warnings.push(
                "XMP is not well-formed: attitude and relative height in it are not used".into(),
            );
        }
        if !self.extension.is_empty() {
            self.extension.sort_by_key(|(offset, _)| *offset);
            let pieces: Vec<&[u8]> = self.extension.iter().map(|(_, data)| *data).collect();
            if values.collect(&pieces.concat()).is_err() {
                warnings.push("the extended part of XMP is not well-formed and not used".into());
            }
        }
        values
    }
}

/// Values by vocabulary and name; the first one wins.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<(Vocabulary, String, String)>);

impl Values {
    /// A value as text, without surrounding blanks.
    pub(super) fn text(&self, vocabulary: Vocabulary, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(v, n, _)| *v == vocabulary && n.eq_ignore_ascii_case(name))
            .map(|(_, _, value)| value.as_str())
    }

    /// A finite number; a leading "+" is allowed.
    pub(super) fn number(&self, vocabulary: Vocabulary, name: &str) -> Option<f64> {
        let text = self.text(vocabulary, name)?;
        let number: f64 = text.strip_prefix('+').unwrap_or(text).trim().parse().ok()?;
        number.is_finite().then_some(number)
    }

    fn collect(&mut self, packet: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(packet);
        let Some(text) = proper(&text) else {
            return Ok(());
        };
        let document = xml(text)?;
        for node in document.descendants().filter(Node::is_element) {
            for attribute in node.attributes() {
                self.add(attribute.namespace(), attribute.name(), attribute.value());
            }
            if let Some(value) = own_text(&node) {
                self.add(node.tag_name().namespace(), node.tag_name().name(), value);
            }
        }
        Ok(())
    }

    fn add(&mut self, uri: Option<&str>, name: &str, value: &str) {
        let value = value.trim();
        if let Some(vocabulary) = uri.and_then(Vocabulary::from_uri)
            && !value.is_empty()
        {
            self.0.push((vocabulary, name.to_owned(), value.to_owned()));
        }
    }
}

/// The XML proper: padding, a byte-order mark or zero bytes stand around it.
pub(super) fn proper(packet: &str) -> Option<&str> {
    let (start, end) = (packet.find('<')?, packet.rfind('>')?);
    packet.get(start..=end)
}

/// Text of a simple element, or of the first item of a list in it.
fn own_text<'a>(node: &Node<'a, '_>) -> Option<&'a str> {
    let plain = node.text().filter(|t| !t.trim().is_empty());
    plain.or_else(|| {
        let list = node.first_element_child()?;
        matches!(list.tag_name().name(), "Seq" | "Bag" | "Alt")
            .then(|| list.first_element_child())
            .flatten()?
            .text()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTRIBUTES: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" xmlns:FLIR="http://www.dji.com/FLIR/1.0/"
 drone-dji:RelativeAltitude="+12.795" drone-dji:GimbalRollDegree="nan">
<drone-dji:FlightYawDegree>-79.30</drone-dji:FlightYawDegree>
<FLIR:BandName><rdf:Seq><rdf:li>LWIR</rdf:li></rdf:Seq></FLIR:BandName>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>   "#;

    fn read(packet: &[u8]) -> (Values, Vec<String>) {
        let mut warnings = Vec::new();
        (Packets::single(packet).read(&mut warnings), warnings)
    }

    #[test]
    fn attributes_elements_and_lists_are_read() {
        let (values, warnings) = read(ATTRIBUTES.as_bytes());
        assert!(warnings.is_empty(), "{warnings:?}");
        let drone = |name| values.number(Vocabulary::Drone, name);
        assert_eq!(drone("RelativeAltitude"), Some(12.795));
        assert_eq!(drone("FlightYawDegree"), Some(-79.3));
        assert_eq!(drone("GimbalRollDegree"), None);
        assert_eq!(values.text(Vocabulary::Flir, "BandName"), Some("LWIR"));
    }

    #[test]
    fn a_packet_cut_over_two_segments_is_joined() {
        let (head, tail) = ATTRIBUTES.as_bytes().split_at(300);
        let segments = [[STANDARD, head].concat(), [STANDARD, tail].concat()];
        let mut packets = Packets::default();
        segments.iter().for_each(|s| packets.add_segment(s));
        let mut warnings = Vec::new();
        let values = packets.read(&mut warnings);
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(
            values.number(Vocabulary::Drone, "RelativeAltitude"),
            Some(12.795)
        );
    }

    #[test]
    fn a_damaged_packet_is_a_warning() {
        let (values, warnings) = read(b"<x:xmpmeta><rdf:Description drone-dji:Gim");
        assert_eq!(values.number(Vocabulary::Drone, "GimbalYawDegree"), None);
        assert_eq!(warnings.len(), 1);
    }
}
