//! Opens an archive that was given as a target: as the volumes of a server where a collector wrote it, as the disk images in it, else as a
//! folder.

use super::{Archive, Format, gzip, images, tar};
use crate::evidence::{Candidate, Evidence, Opened, Resolver, Unopened};
use crate::local::bytes;
use crate::model::ServerPath;
use shellsift_disk::ReadAt;
use std::io;
use std::sync::Arc;

/// The format of a candidate; `None` for what is packed and no archive: one file, compressed.
fn format(kind: &str, bytes: &Arc<dyn ReadAt>) -> io::Result<Option<Format>> {
    Ok(match kind {
        "zip" => Some(Format::Zip),
        "tar" => Some(Format::Tar),
        "7z" => Some(Format::SevenZip),
        _ => {
            let mut head = [0; tar::BLOCK];
            let mut scan = gzip::Scan::new(Arc::clone(bytes), false);
            let count = tar::Forward::read(&mut scan, &mut head)?;
            head.get(..count).is_some_and(Archive::is_tar).then_some(Format::TarGzip)
        }
    })
}

/// Opens an archive, if it is one: `None` for a single file that is compressed.
pub(crate) fn open(candidate: &Candidate<'_>) -> Option<Result<Opened, Unopened>> {
    let named = &candidate.shown_as;
    let opened = bytes(candidate.path, named).and_then(|bytes| Ok((format(candidate.kind.id, &bytes)?, bytes)));
    match opened {
        Ok((None, _)) => None,
        Ok((Some(format), bytes)) => Some(open_as(candidate, format, bytes)),
        Err(error) => Some(Err(failed(candidate, error))),
    }
}

/// What is wrong with the archive says the archive; what the system says is about the file.
fn failed(candidate: &Candidate<'_>, error: io::Error) -> Unopened {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            candidate.kind.refused(candidate.path, &error.to_string())
        }
        _ => Unopened::Failed(error),
    }
}

fn open_as(candidate: &Candidate<'_>, format: Format, bytes: Arc<dyn ReadAt>) -> Result<Opened, Unopened> {
    let analysis_path = candidate.path.display().to_string();
    let root = &candidate.shown_as;
    let archive =
        Archive::open(bytes, format, root.clone(), &analysis_path).map_err(|error| failed(candidate, error))?;
    if let Some(refused) = encrypted(&archive, &analysis_path) {
        return Err(refused);
    }
    let inner: Arc<dyn Evidence> = Arc::new(archive.clone());
    if let Some(collection) = crate::collection::open_within(&inner, root, &analysis_path) {
        return collection.map(Opened::Volumes);
    }
    if is_volume(inner.as_ref(), root) {
        let volume = crate::collection::open_volume(&inner, root, &analysis_path)?;
        return Ok(Opened::Volumes(volume));
    }
    images::of(&archive, candidate).unwrap_or_else(|| Ok(Opened::Files(Box::new(archive))))
}

/// Whether an archive is the root of a volume of a server.
fn is_volume(inner: &dyn Evidence, root: &ServerPath) -> bool {
    let resolver = Resolver::new(inner);
    let has = |names: &str| !resolver.folders_below(root, names).is_empty();
    has(r"Windows\System32") || has(r"inetpub\wwwroot")
}

/// The disk images in an archive, where it is examined as these; `None` for any other archive, and for what cannot be read as one.
pub fn images_in(candidate: &Candidate<'_>) -> Option<Result<Opened, Unopened>> {
    let bytes = bytes(candidate.path, &candidate.shown_as).ok()?;
    let format = format(candidate.kind.id, &bytes).ok()??;
    let (root, analysis_path) = (&candidate.shown_as, candidate.path.display().to_string());
    let archive = Archive::open(bytes, format, root.clone(), &analysis_path).ok()?;
    let images = images::of(&archive, candidate)?;
    let inner: Arc<dyn Evidence> = Arc::new(archive);
    let is_other =
        is_volume(inner.as_ref(), root) || crate::collection::open_within(&inner, root, &analysis_path).is_some();
    (!is_other).then_some(images)
}

/// An archive of which nothing can be read but names.
fn encrypted(archive: &Archive, path: &str) -> Option<Unopened> {
    let some = archive.encrypted(100);
    if some.contains(&archive.inner.root.join("data.zip")) {
        let words = "is an encrypted Velociraptor collection: its content (data.zip) is encrypted; decrypt it and scan the folder: velociraptor \
unzip --dump_dir FOLDER FILE (with --config server.config.yaml where it is encrypted for the server's certificate)";
        return Some(Unopened::Refused(format!("{path} {words}")));
    }
    (!some.is_empty() && archive.is_all_encrypted()).then(|| {
        let words = "is encrypted; unpack it with its password and scan the folder: 7z x -p FILE -oFOLDER";
        Unopened::Refused(format!("{path} {words}"))
    })
}
