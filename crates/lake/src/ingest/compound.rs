//! Compound files, in which old Office keeps its documents: the names of their streams, and one
//! stream. What is damaged in them ends the reading, never the program.

/// Ends of chains and other marks are numbers above this.
const LAST_SECTOR: u32 = 0xffff_fffa;

/// The content of a file that begins as a compound file.
pub(super) struct Compound<'f> {
    bytes: &'f [u8],
    /// Bytes of a sector.
    sector: usize,
    /// The sector behind each.
    next: Vec<u32>,
    entries: Vec<Entry>,
}

/// A stream or folder.
struct Entry {
    name: String,
    start: u32,
    size: usize,
}

/// Streams below this size lie in small sectors of the root's stream.
const SMALL: usize = 4_096;
const SMALL_SECTOR: usize = 64;

impl<'f> Compound<'f> {
    /// Reads the directory; none where it is damaged.
    pub fn read(bytes: &'f [u8]) -> Option<Compound<'f>> {
        let shift = short(bytes, 30)?;
        if ![9, 12].contains(&shift) {
            return None;
        }
        let mut file =
            Compound { bytes, sector: 1 << shift, next: Vec::new(), entries: Vec::new() };
        file.next = file.table_sectors()?.iter().flat_map(|n| longs(file.sector_of(*n))).collect();
        let directory = file.chain(long(bytes, 48)?);
        file.entries = directory.chunks_exact(128).filter_map(Entry::read).collect();
        Some(file)
    }

    /// Whether there is a stream of the name.
    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// The content of a stream.
    pub fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        let mut content = match entry.size < SMALL {
            true => self.small(entry.start)?,
            false => self.chain(entry.start),
        };
        content.truncate(entry.size);
        Some(content)
    }

    /// The sectors of the table that says which sector follows which.
    fn table_sectors(&self) -> Option<Vec<u32>> {
        let mut listed = longs(self.bytes.get(76..512)?).collect::<Vec<u32>>();
        let mut more = long(self.bytes, 68)?;
        while more < LAST_SECTOR && listed.len() <= self.bytes.len() / self.sector {
            let mut list: Vec<u32> = longs(self.sector_of(more)).collect();
            more = list.pop()?;
            listed.append(&mut list);
        }
        listed.retain(|sector| *sector < LAST_SECTOR);
        Some(listed)
    }

    /// The bytes of a sector, fewer where the file is cut off.
    fn sector_of(&self, n: u32) -> &'f [u8] {
        let start = (n as usize + 1).saturating_mul(self.sector).min(self.bytes.len());
        &self.bytes[start..(start + self.sector).min(self.bytes.len())]
    }

    /// The bytes of a chain of sectors.
    fn chain(&self, start: u32) -> Vec<u8> {
        let mut content = Vec::new();
        for n in followed(&self.next, start) {
            content.extend_from_slice(self.sector_of(n));
        }
        content
    }

    /// The bytes of a chain of small sectors.
    fn small(&self, start: u32) -> Option<Vec<u8>> {
        let root = self.chain(self.entries.first()?.start);
        let next: Vec<u32> = longs(&self.chain(long(self.bytes, 60)?)).collect();
        let sector = |n: u32| {
            let start = n as usize * SMALL_SECTOR;
            root.get(start..start + SMALL_SECTOR).unwrap_or_default()
        };
        Some(followed(&next, start).flat_map(sector).copied().collect())
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Option<Entry> {
        let length = usize::from(short(bytes, 64)?).checked_sub(2)?;
        let units = bytes.get(..length.min(64))?.chunks_exact(2);
        let units: Vec<u16> = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        let (start, size) = (long(bytes, 116)?, long(bytes, 120)? as usize);
        Some(Entry { name: String::from_utf16_lossy(&units), start, size })
    }
}

/// A chain of sectors, which ends where it would lead in a circle.
fn followed(next: &[u32], start: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(start), |n| next.get(*n as usize).copied())
        .take_while(|n| *n < LAST_SECTOR)
        .take(next.len())
}

/// The small number at a place.
pub(super) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// The number at a place.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn longs(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]))
}
