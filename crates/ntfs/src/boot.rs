//! The boot sector: sizes, and where the `$MFT` lies. Source: Microsoft, "How NTFS works" (BIOS parameter block), and the
//! documentation of libfsntfs; BitLocker and ReFS by their signatures (libbde, libfsrefs).

use crate::error::Unopened;
use shellsift_disk::numbers::{u16_at, u64_at};
use shellsift_disk::{ReadAt, read_exact_at};

/// Sizes and places of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Boot {
    pub(crate) sector: u32,
    pub(crate) cluster: u64,
    pub(crate) record: usize,
    /// Clusters, as the sectors say.
    pub(crate) clusters: u64,
    pub(crate) mft: u64,
    pub(crate) mirror: u64,
    pub(crate) serial: u64,
}

/// Reads the boot sector, or the copy in the last sector of the volume where the first one is damaged. The second value says so.
pub(crate) fn read(source: &dyn ReadAt) -> Result<(Boot, bool), Unopened> {
    let mut sector = [0; 512];
    let first = match read_exact_at(source, &mut sector, 0) {
        Ok(()) => parse(&sector),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(Unopened::NotNtfs),
        Err(error) => Err(error.into()),
    };
    if let Err(Unopened::NotNtfs | Unopened::Damaged(_) | Unopened::Io(_)) = first {
        // A window onto a partition ends with the copy; a bare volume may have been cut to the sectors it counts, without it.
        for back in [512, 4096] {
            let copy = source.len().checked_sub(back).map(|at| read_exact_at(source, &mut sector, at));
            if let (Some(Ok(())), Ok(boot)) = (copy, parse(&sector)) {
                return Ok((boot, true));
            }
        }
    }
    first.map(|boot| (boot, false))
}

/// A size that is a number of clusters, or a power of two where it is negative.
fn sized(stored: u8, cluster: u64) -> Option<u64> {
    match i8::from_le_bytes([stored]) {
        power @ ..=-1 => 1_u64.checked_shl(u32::from(power.unsigned_abs())),
        count => cluster.checked_mul(u64::try_from(count).ok()?),
    }
}

fn parse(sector: &[u8; 512]) -> Result<Boot, Unopened> {
    let name = sector.get(3..11).unwrap_or_default();
    match name {
        b"NTFS    " => {}
        b"-FVE-FS-" => return Err(Unopened::BitLocker),
        b"ReFS\0\0\0\0" => return Err(Unopened::Refs),
        _ => return Err(Unopened::NotNtfs),
    }
    let sizes = (|| {
        let of_sector = u32::from(u16_at(sector, 11)?);
        let per_cluster = match *sector.get(13)? {
            count @ 1..=128 => u64::from(count),
            // 2 to the power of 256 less the value: clusters above 64 KiB
            power @ 244..=255 => 1 << (256 - u32::from(power)),
            _ => return None,
        };
        let cluster = u64::from(of_sector) * per_cluster;
        let record = sized(*sector.get(64)?, cluster)?;
        let sound = of_sector.is_power_of_two()
            && (256..=4096).contains(&of_sector)
            && cluster.is_power_of_two()
            && cluster <= 2 << 20
            && record.is_power_of_two()
            && (512..=65536).contains(&record);
        let serial = u64_at(sector, 72)?;
        sound.then_some(Boot {
            sector: of_sector,
            cluster,
            record: usize::try_from(record).ok()?,
            clusters: u64_at(sector, 40)? / per_cluster,
            mft: u64_at(sector, 48)?,
            mirror: u64_at(sector, 56)?,
            serial,
        })
    })();
    sizes.ok_or(Unopened::Damaged("its boot sector has impossible sizes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A boot sector of a volume of 2^20 sectors.
    fn sector(of_sector: u16, per_cluster: u8, record: u8) -> [u8; 512] {
        let mut sector = [0; 512];
        sector[3..11].copy_from_slice(b"NTFS    ");
        sector[11..13].copy_from_slice(&of_sector.to_le_bytes());
        sector[13] = per_cluster;
        sector[40..48].copy_from_slice(&(1_u64 << 20).to_le_bytes());
        sector[64] = record;
        sector
    }

    #[test]
    fn sizes_are_counts_or_powers() {
        let sizes = |of_sector, per_cluster, record| {
            parse(&sector(of_sector, per_cluster, record)).ok().map(|boot| (boot.cluster, boot.record, boot.clusters))
        };
        assert_eq!(sizes(512, 8, 0xF6), Some((4096, 1024, 1 << 17)));
        assert_eq!(sizes(512, 128, 0xF6), Some((65536, 1024, 1 << 13)));
        assert_eq!(sizes(512, 0xF4, 0xF6), Some((2 << 20, 1024, 256)), "2 MiB, as newer Windows can have");
        assert_eq!(sizes(4096, 1, 1), Some((4096, 4096, 1 << 20)));
        for (of_sector, per_cluster, record) in [
            (0, 8, 0xF6),
            (512, 0, 0xF6),
            (512, 200, 0xF6),
            (512, 3, 0xF6),
            (513, 8, 0xF6),
            (512, 8, 0),
            (512, 8, 0x80),
        ] {
            assert_eq!(sizes(of_sector, per_cluster, record), None, "{of_sector} {per_cluster} {record}");
        }
    }

    #[test]
    fn the_copy_is_read_where_the_first_one_is_gone() {
        let mut disk = vec![0; 8192];
        assert!(matches!(read(&disk), Err(Unopened::NotNtfs)));
        disk[8192 - 512..].copy_from_slice(&sector(512, 8, 0xF6));
        assert!(read(&disk).expect("the copy").1);
        disk[..512].copy_from_slice(&sector(512, 1, 0xF6));
        let (boot, from_copy) = read(&disk).expect("both");
        assert_eq!((boot.cluster, from_copy), (512, false));
    }
}
